# SPDX-License-Identifier: GPL-2.0-or-later
"""From a replica to a primary, how commits wait, and who acknowledges."""

import pytest
from driver import repoint_args
from servers import wait_until

WAITING = ["SET GLOBAL rpl_semi_sync_master_wait_point='AFTER_SYNC', "
           "GLOBAL rpl_semi_sync_master_timeout=18446744073709551615, "
           "GLOBAL rpl_semi_sync_master_wait_no_slave=ON",
           "SET GLOBAL rpl_semi_sync_master_enabled=ON"]


def is_waiting(server):
    """Whether a commit waits for an acknowledgement."""
    return any("semi-sync ACK" in row[6] for row in server.sql("SHOW PROCESSLIST"))


def test_order(pair, driver):
    """Writing comes last."""
    _, replica = pair
    driver.ok(replica, "drain")
    result = driver.ok(replica, "promote", "safe")
    assert result["statements"] == ["STOP SLAVE", "RESET SLAVE ALL",
                                    "SET GLOBAL rpl_semi_sync_slave_enabled=OFF", *WAITING,
                                    "SET GLOBAL read_only=OFF"]
    assert driver.ok(replica, "promote", "safe")["statements"] == []
    status = driver.ok(replica, "status")
    assert (status["writable"], status["waits"], status["acks"], status["replica"]) == (1, 1, 0, 0)


def test_not_drained(pair, driver):
    """What still receives, or has not applied all, is refused."""
    primary, replica = pair
    result = driver(replica, "promote", "safe")
    assert result["result"] == "EBUSY" and result["statements"] == []
    replica.sql("STOP SLAVE SQL_THREAD")
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    replica.sql("STOP SLAVE IO_THREAD")
    result = driver(replica, "promote", "safe")
    assert result["result"] == "EBUSY" and result["statements"] == []
    assert replica.one("SELECT @@read_only") == "1"


def test_strict(make, driver):
    """The order of transactions is checked from then on."""
    server = make(1, "--gtid-strict-mode=0")
    assert "SET GLOBAL gtid_strict_mode=ON" in driver.ok(server, "promote", "async")["statements"]
    assert server.one("SELECT @@gtid_strict_mode") == "1"


def test_asynchronous(pair, driver):
    """Commits that wait for nobody."""
    _, replica = pair
    replica.sql("SET GLOBAL rpl_semi_sync_master_enabled=ON")
    driver.ok(replica, "drain")
    driver.ok(replica, "promote", "async")
    assert driver.ok(replica, "status")["waits"] == 0
    replica.sql("INSERT INTO test.t (v) VALUES ('a')")


def test_safe_waits(make, driver):
    """With nobody there a commit waits until somebody is."""
    primary, replica = make(2)
    driver.ok(primary, "promote", "safe")
    client = primary.session("INSERT INTO test.t (v) VALUES ('a')", "SELECT 'acknowledged'")
    wait_until("the commit waits", lambda: is_waiting(primary))
    driver.ok(replica, *repoint_args(primary))
    wait_until("it is applied", lambda: replica.one("SELECT COUNT(*) FROM test.t") == "1")
    assert is_waiting(primary)
    driver.ok(replica, "acks", "on")
    # What a replica had before it acknowledged is acknowledged with the next transaction only.
    primary.sql("INSERT INTO test.t (v) VALUES ('b')")
    assert client.stdout.readline() == "acknowledged\n"


def test_durability(make, driver):
    """Switched at run time, also after it fell back by itself."""
    server = make()
    driver.ok(server, "promote", "async")
    assert driver.ok(server, "durability", "async")["statements"] == []
    assert driver.ok(server, "durability", "safe")["statements"] == WAITING
    assert driver.ok(server, "durability", "safe")["statements"] == []
    server.sql("SET GLOBAL rpl_semi_sync_master_timeout=50; INSERT INTO test.t (v) VALUES ('a')")
    status = driver.ok(server, "status")
    assert (status["waits"], status["unacked"]) == (0, 1)
    result = driver.ok(server, "durability", "safe")
    assert result["statements"] == [WAITING[0], "SET GLOBAL rpl_semi_sync_master_enabled=OFF", WAITING[1]]
    assert driver.ok(server, "status")["waits"] == 1
    assert driver.ok(server, "durability", "async")["statements"] == \
        ["SET GLOBAL rpl_semi_sync_master_enabled=OFF"]


def test_acks(pair, driver):
    """The receiver is started again, the applier never."""
    primary, replica = pair
    result = driver.ok(replica, "acks", "off")
    assert result["statements"] == ["SET GLOBAL rpl_semi_sync_slave_enabled=OFF", "STOP SLAVE IO_THREAD",
                                    "START SLAVE IO_THREAD"]
    wait_until("nobody acknowledges", lambda: driver.ok(primary, "status")["ackers"] == 0)
    assert driver.ok(replica, "status")["acks"] == 0
    driver.ok(replica, "acks", "on")
    assert driver.ok(replica, "acks", "on")["statements"] == []
    wait_until("it is counted", lambda: driver.ok(primary, "status")["ackers"] == 1)
    replica.sql("STOP SLAVE SQL_THREAD")
    result = driver(replica, "acks", "off")
    assert result["result"] == "EBUSY" and result["statements"] == []
    replica.sql("STOP SLAVE")
    assert driver.ok(replica, "acks", "off")["statements"] == ["SET GLOBAL rpl_semi_sync_slave_enabled=OFF"]
    assert replica.threads() == ("No", "No")


def test_acks_without_source(pair, driver):
    """A receiver that looks for its source asks for it when it finds it."""
    primary, replica = pair
    driver.ok(replica, "acks", "off")
    primary.kill()
    wait_until("it lost its source", lambda: replica.threads()[0] == "Connecting")
    assert driver.ok(replica, "acks", "on")["statements"] == ["SET GLOBAL rpl_semi_sync_slave_enabled=ON"]
    primary.start()
    wait_until("it is back", lambda: replica.threads()[0] == "Yes")
    assert driver.ok(replica, "status")["acks"] == 1
    wait_until("it acknowledges", lambda: driver.ok(primary, "status")["ackers"] == 1)


@pytest.mark.parametrize("durability", ["safe"])
def test_killed_anywhere(make, driver, durability):
    """Ended after any of its statements, and called again: the same end."""
    primary, replica = make(2)
    driver.ok(primary, "promote", "async")
    after, is_killed = 0, True
    while is_killed:
        after += 1
        driver.ok(replica, "acks", "on")
        driver.ok(replica, *repoint_args(primary))
        replica.sql("SET GLOBAL rpl_semi_sync_master_wait_point=AFTER_COMMIT")
        primary.sql("INSERT INTO test.t (v) VALUES ('a')")
        driver.ok(replica, "drain")
        is_killed = driver.is_killed(replica, "promote", durability, after=after)
        writable = replica.one("SELECT @@read_only") == "0"
        assert not writable or driver.ok(replica, "status")["waits"]
        driver.ok(replica, "promote", durability)
        status = driver.ok(replica, "status")
        assert (status["writable"], status["waits"], status["acks"], status["replica"]) == (1, 1, 0, 0)
        assert int(replica.one("SELECT COUNT(*) FROM test.t")) == after
        driver.ok(replica, "demote")
    assert after > 6


def test_acks_killed_anywhere(pair, driver):
    """Ended after any of its statements, and called again: the receiver runs, and acknowledges."""
    _, replica = pair
    wanted, after, is_killed = "off", 0, True
    while is_killed:
        after += 1
        is_killed = driver.is_killed(replica, "acks", wanted, after=after)
        driver.ok(replica, "acks", wanted)
        wait_until("both threads run", lambda: replica.threads() == ("Yes", "Yes"))
        assert driver.ok(replica, "status")["acks"] == (wanted == "on")
        wanted = "on" if wanted == "off" else "off"
    assert after == 4
