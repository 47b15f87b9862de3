# SPDX-License-Identifier: GPL-2.0-or-later
"""Applying all that was received, in every state in which a replica can be found."""

from driver import repoint_args
from servers import wait_until


def rows(server):
    """How many rows there are."""
    return int(server.one("SELECT COUNT(*) FROM test.t"))


def leave_unapplied(primary, replica, count=30):
    """The replica has received that many transactions and applied none of them."""
    replica.sql("STOP SLAVE SQL_THREAD")
    primary.sql("INSERT INTO test.t (v) VALUES ('a');" * count)
    wanted = primary.one("SELECT @@gtid_binlog_pos")
    wait_until("all is received", lambda: replica.replica()["Gtid_IO_Pos"] == wanted)


def test_running(pair, driver):
    """The usual case: nothing more comes in, the applier goes on running."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a');" * 20)
    result = driver.ok(replica, "drain")
    assert result["statements"] == ["STOP SLAVE IO_THREAD"]
    assert rows(replica) == 20 and replica.threads() == ("No", "Yes")
    assert driver.ok(replica, "drain")["statements"] == []


def test_applier_stopped(pair, driver):
    """The trap: a primary that is gone, an applier that stopped. Nothing is thrown away."""
    primary, replica = pair
    leave_unapplied(primary, replica)
    primary.kill()
    result = driver.ok(replica, "drain")
    assert result["statements"] == ["START SLAVE SQL_THREAD", "STOP SLAVE IO_THREAD"]
    assert result["applied"] == 30 and rows(replica) == 30


def test_both_stopped(pair, driver):
    """Starting a thread would throw the rest away: refused, and left alone."""
    primary, replica = pair
    leave_unapplied(primary, replica)
    replica.sql("STOP SLAVE")
    for operation in (("drain",), ("stop",), ("promote", "safe")):
        result = driver(replica, *operation)
        assert result["result"] == "EBUSY" and result["statements"] == []
    assert "30 transactions" in driver(replica, "drain")["error"]
    assert rows(replica) == 0 and replica.replica()["Gtid_IO_Pos"] == "0-1-30"


def test_restarted(pair, driver):
    """After a restart only the relay log tells whether something is left."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    driver.ok(replica, "stop")
    replica.kill()
    replica.start()
    assert driver.ok(replica, "drain")["statements"] == []
    assert replica.replica()["Gtid_IO_Pos"] == ""
    driver.ok(replica, "acks", "on")
    driver.ok(replica, *repoint_args(primary))
    leave_unapplied(primary, replica, 3)
    replica.kill()
    replica.start()
    result = driver(replica, "drain")
    assert result["result"] == "EBUSY" and "3 transactions" in result["error"]
    assert rows(replica) == 1


def test_error(pair, driver):
    """The applier cannot go on."""
    primary, replica = pair
    replica.sql("SET sql_log_bin=0; INSERT INTO test.t (id, v) VALUES (1, 'errant')")
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("it stopped", lambda: replica.threads()[1] == "No")
    for operation in (("drain",), ("drain",), ("stop",)):
        result = driver(replica, *operation)
        assert result["result"] == "EBADMSG" and "Duplicate entry" in result["error"]


def test_no_replica(make, driver):
    """There is nothing to drain."""
    server = make()
    assert driver(server, "drain")["result"] == "ENODATA"
    assert driver(server, "stop")["result"] == "ENODATA"


def test_no_gtid(pair, driver):
    """What is left cannot be told."""
    _, replica = pair
    replica.sql("STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID=no")
    assert driver(replica, "drain")["result"] == "EBUSY"
    assert driver(replica, "promote", "safe")["result"] == "EBUSY"


def test_stalled(pair, driver):
    """An applier that does not move on, and later does."""
    primary, replica = pair
    reader = replica.session("LOCK TABLES test.t READ", "SELECT 'locked'")
    reader.stdout.readline()
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    result = driver(replica, "drain", 400, timeout_ms=8000)
    assert result["result"] == "ETIMEDOUT" and 400 <= result["took_ms"] < 3000
    result = driver(replica, "drain", timeout_ms=2500)
    assert result["result"] == "ETIMEDOUT" and "1 transactions" in result["error"] and result["told"] >= 1
    assert replica.threads() == ("No", "Yes")
    reader.stdin.write("UNLOCK TABLES;\n")
    reader.stdin.flush()
    assert driver.ok(replica, "drain")["statements"] == []
    assert rows(replica) == 1


def test_long_transaction(pair, driver):
    """One that takes longer than the limit for a stall moves on all the time."""
    primary, replica = pair
    replica.sql("STOP SLAVE SQL_THREAD; SET sql_log_bin=0; SET GLOBAL read_only=0;"
                "CREATE TRIGGER test.slow BEFORE INSERT ON test.t FOR EACH ROW SET @slept=SLEEP(0.1);"
                "SET GLOBAL slave_run_triggers_for_rbr=YES; SET GLOBAL read_only=1")
    primary.sql("INSERT INTO test.t (v) VALUES " + ",".join(["('a')"] * 18))
    result = driver.ok(replica, "drain", 700)
    assert result["took_ms"] > 1500 and rows(replica) == 18


def test_waits_for_itself(pair, driver):
    """A replica that is set to wait for acknowledgements never applies anything."""
    primary, replica = pair
    replica.sql("SET GLOBAL rpl_semi_sync_master_timeout=18446744073709551615;"
                "SET GLOBAL rpl_semi_sync_master_enabled=ON")
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("the applier waits",
               lambda: "semi-sync" in replica.replica()["Slave_SQL_Running_State"])
    driver.ok(replica, "drain", timeout_ms=3000)
    assert rows(replica) == 1


def test_stop(pair, driver):
    """Both threads end, with nothing left, and the source stays known."""
    primary, replica = pair
    leave_unapplied(primary, replica)
    result = driver.ok(replica, "stop")
    assert result["statements"] == ["START SLAVE SQL_THREAD", "STOP SLAVE IO_THREAD", "STOP SLAVE"]
    assert rows(replica) == 30 and replica.threads() == ("No", "No")
    assert driver.ok(replica, "stop")["statements"] == []
    assert driver.ok(replica, "status")["source_port"] == primary.port


def test_killed_anywhere(make, driver):
    """Ended after any of its statements, and called again: the same end."""
    primary, replica = make(2)
    driver.ok(primary, "promote", "async")
    for after in (1, 2, 3, 4):
        driver.ok(replica, *repoint_args(primary))
        before = rows(primary)
        wait_until("all is applied", lambda: rows(replica) == rows(primary))
        leave_unapplied(primary, replica, 5)
        is_killed = driver.is_killed(replica, "stop", after=after)
        driver.ok(replica, "stop")
        assert rows(replica) == before + 5 and replica.threads() == ("No", "No")
    assert after == 4 and not is_killed
