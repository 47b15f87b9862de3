# SPDX-License-Identifier: GPL-2.0-or-later
"""Making a server replicate from another, and every way in which that fails."""

import signal

import pytest
from driver import WRONG_FILE, repoint_args
from servers import wait_until


def follows(replica, source):
    """Whether the replica has all of its source."""
    return replica.one("SELECT @@gtid_slave_pos") == source.one("SELECT @@gtid_binlog_pos")


def test_again(pair, driver):
    """What replicates from that source already is left alone."""
    primary, replica = pair
    assert driver.ok(replica, *repoint_args(primary))["statements"] == []


def test_writable(pair, driver):
    """A primary is demoted first."""
    primary, replica = pair
    result = driver(primary, *repoint_args(replica))
    assert result["result"] == "EPERM" and result["statements"] == []


@pytest.mark.parametrize("version", [None, "10.6.21-MariaDB-log"])
def test_roles_swapped(pair, driver, version):
    """A primary that becomes a replica takes its own transactions along."""
    primary, replica = pair
    options = ("--pretend", version) if version else ()
    for i in range(3):
        primary.sql(f"INSERT INTO test.t (v) VALUES ('{i}')")
        driver.ok(primary, "demote")
        driver.ok(replica, "drain")
        driver.ok(replica, "promote", "safe")
        result = driver.ok(primary, *repoint_args(replica), options=options)
        assert result["statements"][0] == "SET GLOBAL rpl_semi_sync_master_enabled=OFF"
        assert ("MASTER_DEMOTE_TO_SLAVE=1" in result["statements"][-2]) == (version is None)
        driver.ok(primary, "acks", "on")
        primary, replica = replica, primary
    primary.sql("INSERT INTO test.t (v) VALUES ('last')")
    wait_until("the replica has it", lambda: replica.one("SELECT COUNT(*) FROM test.t") == "4")


def test_third(make, driver):
    """A replica whose source is replaced: what it received and did not apply is fetched again."""
    first, second, third = make(3)
    driver.ok(first, "promote", "async")
    for server in (second, third):
        driver.ok(server, *repoint_args(first))
    third.sql("STOP SLAVE SQL_THREAD")
    first.sql("INSERT INTO test.t (v) VALUES ('a');" * 5)
    first.kill()
    driver.ok(second, "drain")
    driver.ok(second, "promote", "async")
    driver.ok(third, *repoint_args(second))
    second.sql("INSERT INTO test.t (v) VALUES ('b')")
    wait_until("it follows", lambda: follows(third, second))
    assert third.one("SELECT COUNT(*) FROM test.t") == "6"


@pytest.mark.parametrize("strict", [0, 1])
def test_errant(pair, driver, strict):
    """A transaction that the new source does not have."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("it is applied", lambda: follows(replica, primary))
    replica.sql(f"SET GLOBAL gtid_strict_mode={strict}; STOP SLAVE; INSERT INTO test.t (id, v) VALUES (9, 'errant')")
    for _ in range(5):
        result = driver(replica, *repoint_args(primary))
        assert result["result"] == "ESTALE", result
    assert replica.one("SELECT @@gtid_strict_mode") == "1"


def test_crashed_primary(pair, driver):
    """The tail of a primary that nobody acknowledged: its number was given to another transaction."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("it is applied", lambda: follows(replica, primary))
    driver.ok(replica, "acks", "off")
    replica.sql("STOP SLAVE")
    primary.session("INSERT INTO test.t (v) VALUES ('tail')")
    wait_until("it is in the log", lambda: primary.one("SELECT @@gtid_binlog_pos") == "0-1-2")
    primary.kill()
    driver.ok(replica, "promote", "async")
    replica.sql("INSERT INTO test.t (v) VALUES ('new');" * 3)
    primary.start()
    assert driver(primary, *repoint_args(replica))["result"] == "ESTALE"


def test_purged(pair, driver):
    """What is needed is gone."""
    primary, replica = pair
    replica.sql("STOP SLAVE")
    driver.ok(primary, "durability", "async")
    primary.sql("INSERT INTO test.t (v) VALUES ('a'); FLUSH LOGS; INSERT INTO test.t (v) VALUES ('b');"
                "FLUSH LOGS; INSERT INTO test.t (v) VALUES ('c'); PURGE BINARY LOGS TO 'bin.000003'")
    for _ in range(5):
        result = driver(replica, *repoint_args(primary))
        assert result["result"] == "ESTALE", result


def test_refused(pair, driver):
    """A source that refuses the account, and then does not."""
    primary, replica = pair
    replica.sql("STOP SLAVE; RESET SLAVE ALL")
    result = driver(replica, *repoint_args(primary, WRONG_FILE))
    assert result["result"] == "EACCES" and "Access denied" in result["error"]
    driver.ok(replica, *repoint_args(primary))
    primary.sql("REVOKE REPLICATION SLAVE ON *.* FROM repl")
    replica.sql("STOP SLAVE")
    assert driver(replica, *repoint_args(primary))["result"] == "EACCES"


def test_down(pair, driver):
    """A source that is not there; the receiver goes on trying."""
    primary, replica = pair
    replica.sql("STOP SLAVE")
    primary.kill()
    assert driver(replica, *repoint_args(primary))["result"] == "ECONNREFUSED"
    primary.start()
    wait_until("it found it", lambda: replica.threads() == ("Yes", "Yes"))


def test_hung(pair, driver):
    """A source that accepts and says nothing."""
    primary, replica = pair
    replica.sql("STOP SLAVE")
    primary.process.send_signal(signal.SIGSTOP)
    result = driver(replica, *repoint_args(primary), timeout_ms=700)
    primary.process.send_signal(signal.SIGCONT)
    assert result["result"] == "ECONNREFUSED" and result["took_ms"] > 400


def test_applier_fails(pair, driver):
    """Data that does not fit."""
    primary, replica = pair
    replica.sql("STOP SLAVE; SET sql_log_bin=0; INSERT INTO test.t (id, v) VALUES (1, 'errant')")
    driver.ok(primary, "durability", "async")
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    first = driver(replica, *repoint_args(primary))["result"]
    wait_until("the applier stopped", lambda: replica.threads()[1] == "No")
    assert first in ("OK", "EBADMSG")
    call = driver.begin(replica, "status")
    assert driver.end(call)["applier_errno"] == 1062


def test_own_number(make, driver):
    """A source with the same server_id says so, and is no other history."""
    primary, replica = make(2)
    driver.ok(primary, "promote", "async")
    replica.sql("SET GLOBAL server_id=1")
    result = driver(replica, *repoint_args(primary))
    assert result["result"] == "EIO" and "server" in result["error"]


def test_killed_anywhere(make, driver):
    """Ended after any of its statements, and called again: the same end."""
    first, second = make(2)
    driver.ok(first, "promote", "safe")
    driver.ok(first, "demote")
    driver.ok(second, "promote", "async")
    after, is_killed = 0, True
    while is_killed:
        after += 1
        first.sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL gtid_strict_mode=0, "
                  "GLOBAL rpl_semi_sync_master_enabled=1")
        is_killed = driver.is_killed(first, *repoint_args(second), after=after)
        driver.ok(first, *repoint_args(second))
        second.sql("INSERT INTO test.t (v) VALUES ('a')")
        wait_until("it follows", lambda: follows(first, second))
        assert first.sql("SELECT @@gtid_strict_mode, @@rpl_semi_sync_master_enabled, @@read_only") == \
            [["1", "0", "1"]]
    assert after == 5
