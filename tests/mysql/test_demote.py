# SPDX-License-Identifier: GPL-2.0-or-later
"""Closing a server for writing, whoever holds it up."""

import pytest
from driver import repoint_args
from servers import ROOT, wait_until

HOLDERS = {
    "nobody": (),
    "a reader": ("SELECT SLEEP(60)",),
    "a long statement": ("INSERT INTO test.t (v) SELECT SLEEP(60)",),
    "an idle transaction": ("BEGIN", "INSERT INTO test.t (v) VALUES ('idle')"),
    "a locked table": ("LOCK TABLES test.t WRITE",),
    "a global lock": ("FLUSH TABLES WITH READ LOCK",),
    "a waiting commit": ("INSERT INTO test.t (v) VALUES ('unacknowledged')",),
}


def clients(server):
    """Sessions of clients, but for the one that asks."""
    return [row for row in server.sql("SHOW PROCESSLIST")
            if row[1] != "system user" and row[4] != "Binlog Dump" and "PROCESSLIST" not in row[7]]


def is_there(server, holder):
    """Whether the session has come as far as it will."""
    sessions = clients(server)
    if holder == "a waiting commit":
        return any("semi-sync ACK" in row[6] for row in sessions)
    if "SLEEP" in "".join(HOLDERS[holder]):
        return any("SLEEP" in row[7] for row in sessions)
    return True


@pytest.mark.parametrize("holder", HOLDERS)
def test_held_up(pair, driver, holder):
    """Whoever holds it up is killed, and told so; nobody is told a success that is none."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('before')")
    if holder == "a waiting commit":
        driver.ok(replica, "acks", "off")
    client = None
    if HOLDERS[holder]:
        client = primary.session("SELECT 'begins'", *HOLDERS[holder], *(
            ("SELECT 'has'",) if "SLEEP" not in HOLDERS[holder][-1] and holder != "a waiting commit" else ()))
        assert client.stdout.readline() == "begins\n"
        if "SLEEP" not in HOLDERS[holder][-1] and holder != "a waiting commit":
            assert client.stdout.readline() == "has\n"
    wait_until(f"{holder} is there", lambda: is_there(primary, holder))
    result = driver.ok(primary, "demote")
    assert result["killed"] >= bool(client) and not clients(primary)
    assert "rpl_semi" not in "".join(result["statements"])
    assert primary.sql("SELECT @@read_only, @@gtid_binlog_pos, @@rpl_semi_sync_master_enabled") == \
        [["1", result["position"], "1"]]
    if client:
        out = client.communicate("SELECT 'alive';\n", timeout=20)[0]
        assert "alive" not in out and "ERROR 2013" in out or "ERROR 2006" in out, out
    rows = primary.sql("SELECT v FROM test.t")
    assert rows == ([["before"]] if holder != "a waiting commit" else [["before"], ["unacknowledged"]])
    wait_until("the replica still follows",
               lambda: replica.one("SELECT @@gtid_slave_pos") == result["position"])
    assert driver.ok(primary, "demote")["statements"] == []


def test_busy(pair, driver):
    """Many clients that write, and connect again when they are thrown out."""
    primary, replica = pair
    script = ("while :; do mariadb --no-defaults --user=app --password=app --host=127.0.0.1 "
              f"--port={primary.port} -e \"INSERT INTO test.t (v) VALUES ('a'); SELECT SLEEP(0.01)\" test "
              ">/dev/null 2>&1; done")
    writers = [primary.box.start("sh", "-c", script) for _ in range(6)]
    try:
        wait_until("they write", lambda: int(primary.one("SELECT COUNT(*) FROM test.t")) > 20)
        result = driver.ok(primary, "demote")
        assert primary.one("SELECT @@gtid_binlog_pos") == result["position"]
        assert driver.ok(primary, "status")["logged"] == result["position"]
        wait_until("the replica has it all",
                   lambda: replica.one("SELECT @@gtid_slave_pos") == result["position"])
        assert primary.one("SELECT COUNT(*) FROM test.t") == replica.one("SELECT COUNT(*) FROM test.t")
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


def test_events(pair, driver):
    """Events with the rights of an administrator write to read-only servers."""
    primary, _ = pair
    primary.sql("SET GLOBAL event_scheduler=ON; CREATE EVENT test.e ON SCHEDULE EVERY 1 SECOND DO "
                "INSERT INTO test.t (v) VALUES (SLEEP(3))")
    wait_until("an event runs", lambda: any(row[4] == "Connect" for row in primary.sql("SHOW PROCESSLIST")))
    result = driver.ok(primary, "demote")
    assert "SET GLOBAL event_scheduler=OFF" in result["statements"] and not clients(primary)
    assert primary.one("SELECT @@event_scheduler") == "OFF"


def test_full_disk(box, make, driver):
    """A commit that waits for somebody to free space."""
    small = ROOT / "small"
    box.run("mkdir", "-p", small)
    box.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small)
    try:
        server = make(1, f"--log-bin={small}/bin")
        driver.ok(server, "promote", "async")
        box.run("sh", "-c", f"cat /dev/zero >{small}/full", check=False)
        server.session("INSERT INTO test.t (v) VALUES (REPEAT('a', 200));" * 100)
        wait_until("a commit waits for space",
                   lambda: any("free space" in row[6] for row in clients(server)))
        assert driver.ok(server, "status", timeout_ms=500)["writable"] == 1
        driver.ok(server, "demote")
        assert not clients(server) and server.one("SELECT @@read_only") == "1"
        server.close()
    finally:
        box.run("umount", "-l", small)


def test_not_possible(box, make, driver):
    """A statement that cannot be ended: the server has to be."""
    server = make()
    driver.ok(server, "promote", "async")
    box.run("sh", "-c", f"mkfifo {ROOT}/fifo && chmod 666 {ROOT}/fifo")
    server.session(f"INSERT INTO test.t (v) SELECT LOAD_FILE('{ROOT}/fifo')")
    wait_until("it reads", lambda: any("LOAD_FILE" in row[7] for row in clients(server)))
    result = driver(server, "demote", timeout_ms=2600)
    assert result["result"] == "ETIMEDOUT" and result["took_ms"] > 1500
    assert server.one("SELECT @@read_only") == "0"


def test_killed_anywhere(pair, driver):
    """Ended after any of its statements, and called again: the same end."""
    primary, replica = pair
    after, is_killed = 0, True
    while is_killed:
        after += 1
        driver.ok(primary, "promote", "safe")
        primary.sql("INSERT INTO test.t (v) VALUES ('a'); SET GLOBAL event_scheduler=ON")
        client = primary.session("LOCK TABLES test.t READ", "SELECT 'locked'")
        client.stdout.readline()
        is_killed = driver.is_killed(primary, "demote", after=after)
        result = driver.ok(primary, "demote")
        assert not clients(primary) and primary.one("SELECT @@read_only") == "1"
        assert result["position"] == f"0-1-{after}"
    assert after >= 4
    driver.ok(replica, *repoint_args(primary))
