# SPDX-License-Identifier: GPL-2.0-or-later
"""Connecting, and what a server says of itself."""

import signal
import socket as sockets
import time

import pytest
from driver import PASSWORD_FILE, WRONG_FILE, repoint_args
from servers import ROOT, wait_until

REPLICATION_USER = ("--user", "repl", "--password-file", PASSWORD_FILE)


def test_primary_and_replica(pair, driver):
    """Both sides of a pair, by an administrator and by the replication account."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    primary.sql("INSERT INTO test.t (v) VALUES ('b')")
    above = driver.ok(primary, "status")
    assert 0 <= time.time() - above["instance"] < 60
    assert above["flavor"] == 0 and above["version"] >= 100500
    assert (above["writable"], above["read_only"], above["waits"], above["ackers"]) == (1, 0, 1, 1)
    assert (above["replica"], above["lag_s"], above["logged"], above["received"]) == (0, -1, "0-1-2", "")
    below = driver.ok(replica, "status", options=REPLICATION_USER, by_tcp=True)
    assert (below["writable"], below["read_only"], below["acks"], below["waits"]) == (0, 1, 1, 0)
    assert (below["receiver"], below["applier"], below["source_port"]) == ("running", "running", primary.port)
    assert (below["received"], below["all"], below["uses_gtid"]) == ("0-1-2", "0-1-2", 1)


def test_nothing_listens(make, driver):
    """A server that does not run."""
    server = make()
    server.kill()
    assert driver(server, "status")["result"] == "ECONNREFUSED"
    assert driver(server, "status", options=REPLICATION_USER, by_tcp=True)["result"] == "ECONNREFUSED"
    server.box.run("rm", "-f", server.socket)
    assert driver(server, "status")["result"] == "ECONNREFUSED"


def test_account(make, driver):
    """Accounts that may not connect, or not ask."""
    server = make()
    wrong = ("--user", "repl", "--password-file", WRONG_FILE)
    assert driver(server, "connect", options=wrong, by_tcp=True)["result"] == "EACCES"
    assert driver(server, "connect", options=("--user", "nobody"), by_tcp=True)["result"] == "EACCES"
    server.sql("CREATE USER weak")
    assert driver(server, "status", options=("--user", "weak"), by_tcp=True)["result"] == "EACCES"
    server.sql("GRANT SLAVE MONITOR ON *.* TO weak")
    driver.ok(server, "status", options=("--user", "weak"), by_tcp=True)
    for operation in (("promote", "async"), ("demote",)):
        server.sql(f"SET GLOBAL read_only={int(operation[0] == 'promote')}")
        assert driver(server, *operation, options=("--user", "weak"), by_tcp=True)["result"] == "EACCES"


def test_too_many_connections(make, driver):
    """No connection is left."""
    server = make(1, "--max-connections=10")
    for _ in range(10):
        server.session("SELECT 'there'").stdout.readline()
    result = driver(server, "connect", options=REPLICATION_USER, by_tcp=True)
    assert result["result"] == "EUSERS"


@pytest.mark.parametrize("by_tcp", [False, True])
def test_hung_server(make, driver, by_tcp):
    """A server that accepts and says nothing costs the deadline."""
    server = make()
    call = driver.begin(server, "status", timeout_ms=400)
    server.process.send_signal(signal.SIGSTOP)
    options = REPLICATION_USER if by_tcp else ()
    result = driver(server, "status", timeout_ms=300, options=options, by_tcp=by_tcp)
    assert result["result"] == "ETIMEDOUT" and result["took_ms"] >= 300
    result = driver.end(call, 400)
    assert result["result"] == "ETIMEDOUT" and result["took_ms"] >= 400
    server.process.send_signal(signal.SIGCONT)
    driver.ok(server, "status")


def test_several_at_once(make, driver):
    """One hangs, one does not run: neither keeps the others from being heard, or costs its time twice."""
    first, second, hung, dead = make(4)
    dead.kill()
    hung.process.send_signal(signal.SIGSTOP)
    ports = [server.port for server in (hung, first, dead, hung, second)]
    result = driver(first, "ask", *ports, timeout_ms=600, options=REPLICATION_USER, by_tcp=True)
    hung.process.send_signal(signal.SIGCONT)
    assert [a["result"] for a in result["answers"]] == ["ETIMEDOUT", "OK", "ECONNREFUSED", "ETIMEDOUT", "OK"]
    assert [a["server_id"] for a in result["answers"]] == [0, 1, 0, 0, 2]
    assert all(bool(a["reason"]) == (a["result"] != "OK") for a in result["answers"])


def test_full_queue(box, driver):
    """A hung server whose queue of connections is full."""
    class Hung:
        """As much of a server as a call needs."""
        socket = f"/proc/{box.holder.pid}/root{ROOT}/hung"

    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(Hung.socket)
        listener.listen(0)
        waiting = []
        try:
            while True:
                waiting.append(sockets.socket(sockets.AF_UNIX))
                waiting[-1].setblocking(False)
                waiting[-1].connect(Hung.socket)
        except BlockingIOError:
            pass
        result = driver(Hung, "connect", timeout_ms=300)
        for client in waiting:
            client.close()
    box.run("rm", ROOT / "hung")
    assert result["result"] == "ETIMEDOUT" and result["took_ms"] >= 300


def test_lost_connection(make, driver):
    """The server ends the connection."""
    server = make()
    call = driver.begin(server, "status")
    for row in server.sql("SHOW PROCESSLIST"):
        if row[4] == "Sleep":
            server.sql(f"KILL {row[0]}")
    assert driver.end(call)["result"] == "EIO"


def test_old_server(make, driver):
    """What is too old is connected to, and not asked."""
    server = make()
    result = driver(server, "status", options=("--pretend", "5.5.5-10.4.30-MariaDB-log"))
    assert result["result"] == "ENOTSUP" and "10.4.30" in result["error"]
    assert "SHOW" not in result["log"]


def test_received_before_a_restart(pair, driver):
    """After a restart MariaDB tells nothing of what was received: the relay log does."""
    primary, replica = pair
    replica.sql("STOP SLAVE SQL_THREAD")
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    primary.sql("CREATE TABLE test.u (id INT) ENGINE=Aria")
    primary.sql("INSERT INTO test.u VALUES (1)")
    replica.kill()
    replica.start()
    primary.kill()
    status = driver.ok(replica, "status")
    assert (status["received"], status["applied"], status["all"]) == ("0-1-3", "", "0-1-3")
    assert replica.replica()["Gtid_IO_Pos"] == ""


def test_received_before_another_source(pair, driver):
    """After CHANGE MASTER it tells of what was thrown away."""
    primary, replica = pair
    primary.sql("INSERT INTO test.t (v) VALUES ('a')")
    wait_until("it is applied", lambda: replica.one("SELECT @@gtid_slave_pos") == "0-1-1")
    replica.sql("STOP SLAVE SQL_THREAD")
    primary.sql("INSERT INTO test.t (v) VALUES ('b')")
    wait_until("it is received", lambda: driver.ok(replica, "status")["received"] == "0-1-2")
    replica.sql("STOP SLAVE IO_THREAD")
    assert driver.ok(replica, "status")["received"] == "0-1-2"
    replica.sql("CHANGE MASTER TO MASTER_PORT=3999")
    assert replica.replica()["Gtid_IO_Pos"] == "0-1-2"
    status = driver.ok(replica, "status")
    assert (status["received"], status["all"]) == ("", "0-1-1")


def test_sources(pair, driver):
    """More than one source is told, and not managed."""
    primary, replica = pair
    replica.sql("CHANGE MASTER 'other' TO MASTER_HOST='127.0.0.1', MASTER_PORT=3999")
    assert driver.ok(replica, "status")["sources"] == 2
    assert driver(replica, "drain")["result"] == "EBUSY"
    assert driver(replica, "promote", "safe")["result"] == "ENOTSUP"
    assert driver(replica, *repoint_args(primary))["result"] == "EIO"
