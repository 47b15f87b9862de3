# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:mysql, plain: servers that hang, agents that are killed, disks that are full. Each action ends in its time."""

import collections
import pathlib
import re
import shutil
import signal
import subprocess
import time

import mysqllab
import pytest
from mysqllab import DATADIR, LOG, PID, SOCKET
from netlab import wait_until

# What is worth a kill of its own: processes, files, sockets. Reading /proc repeats itself.
KILL_AT = ("clone", "clone3", "fork", "vfork", "fchown", "chown", "mkdir", "renameat", "unlinkat", "write", "socket",
           "bind", "connect", "recvmsg", "poll", "ppoll", "pidfd_open", "pidfd_send_signal", "waitid", "wait4", "mmap")


@pytest.fixture(name="data", scope="module")
def fixture_data():
    """A fresh database to be copied."""
    with mysqllab.template() as made:
        yield made


@pytest.fixture
def box(agents, data):
    """A box with a database in it."""
    made = mysqllab.Box(agents, data)
    yield made
    made.close()


def must(box, action, seconds=20, limit=None):
    """Runs an action that succeeds, within its timeout."""
    begin = time.monotonic()
    done = box.call(action, box.params, {"timeout": seconds * 1000})
    assert done.code == 0, done
    assert time.monotonic() - begin < (limit or seconds), f"{action} took too long"
    return done


def fails_in_time(box, action, seconds, *words):
    """Runs an action that fails before its timeout, with these words in its reason."""
    begin = time.monotonic()
    done = box.call(action, box.params, {"timeout": seconds * 1000})
    took = time.monotonic() - begin
    assert done.code == 1 and all(word in done.reason for word in words), done
    assert took < seconds, took
    return took


def is_clean(box):
    """Nothing runs, and nothing is left that says so."""
    return box.servers() == [] and not box.path(PID).exists() and not box.path(SOCKET).exists() \
        and not box.path("/run/haops/watch-db").exists()


def test_client_library_is_missing(box):
    """A monitor says what it misses, and is well again when it is back; a stop does without."""
    library = next(pathlib.Path("/usr/lib").glob("**/libmariadb.so.3")).resolve()
    must(box, "start")
    box.write("/run/box/none", "")
    box.run("mount", "--bind", "/run/box/none", library)
    fails_in_time(box, "monitor", 20, "libmariadb.so.3")
    box.run("umount", library)
    must(box, "monitor")
    box.run("mount", "--bind", "/run/box/none", library)
    must(box, "stop")
    assert is_clean(box)


def test_hung_server(box):
    must(box, "start")
    box.kill(box.server, signal.SIGSTOP)
    assert fails_in_time(box, "monitor", 4, "does not answer") > 2
    assert 9 < fails_in_time(box, "monitor", 60, "does not answer") < 20    # Pacemaker can do nothing meanwhile
    fails_in_time(box, "start", 4, "does not answer")
    assert box.probe(box.params).code == 1
    must(box, "stop", 10)
    assert is_clean(box)


def test_stop_of_a_server_that_is_just_starting(box):
    """MariaDB 10.11 takes a SIGTERM at the wrong moment for ever: that costs 10 s, not the whole timeout."""
    must(box, "start")
    must(box, "stop")
    for _ in range(4):
        box.path(LOG).unlink()
        other = box.spawn("mariadbd", "--defaults-file=/run/box/my.cnf", f"--datadir={DATADIR}", f"--socket={SOCKET}",
                          f"--pid-file={PID}", f"--log-error={LOG}", "--user=mysql")
        wait_until(lambda: box.path(LOG).exists() and "socket created" in box.path(LOG).read_text(encoding="utf-8"),
                   "a server that is about to be ready", 20)
        must(box, "stop", 60, 20)
        assert is_clean(box)
        other.communicate(timeout=10)


def test_disk_full(box):
    """A commit waits for room in the binary log for ever, and so does the end of the server."""
    box.path("/var/lib/binlog").mkdir()
    box.run("mount", "-t", "tmpfs", "-o", "size=1M,uid=mysql,mode=700", "none", "/var/lib/binlog")
    box.config("log_bin=/var/lib/binlog/bin\nbinlog_format=ROW\nmax_allowed_packet=16M")
    must(box, "start")
    box.sql("CREATE DATABASE d; CREATE TABLE d.t (a LONGBLOB)")
    client = box.spawn("mariadb", "--no-defaults", f"-S{SOCKET}", "-uroot", "-e",
                       "INSERT INTO d.t VALUES (REPEAT('x', 3000000))")
    wait_until(lambda: "No space left" in box.path(LOG).read_text(encoding="utf-8")
               or "Disk is full" in box.path(LOG).read_text(encoding="utf-8"), "a full disk", 20)
    assert box.call("monitor", box.params).code == 0
    done = must(box, "stop", 12)
    assert "SIGKILL" in done.err
    assert is_clean(box)
    client.communicate(timeout=10)
    box.run("umount", "/var/lib/binlog")
    box.run("chown", "mysql", "/var/lib/binlog")
    must(box, "start")
    must(box, "stop")


def test_full_run_directory(box):
    """State files and watch records are hints."""
    box.path("/run/haops").mkdir(mode=0o700)
    box.run("mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "none", "/run/haops")
    box.run("dd", "if=/dev/zero", "of=/run/haops/x", "bs=4k", "count=1", check=False)
    must(box, "start")
    must(box, "monitor")
    must(box, "stop")
    assert box.servers() == []


def test_full_data_directory(agents, data):
    box = mysqllab.Box(agents)
    try:
        box.run("mount", "-t", "tmpfs", "-o", "size=40M", "none", DATADIR)
        box.fill(data)
        box.run("sh", "-c", f"cat /dev/zero >{DATADIR}/fill", check=False)
        box.run("chown", "-R", "mysql:mysql", DATADIR)
        done = box.call("start", box.params, {"timeout": 20000})
        assert done.code == 1 and "does not start" in done.reason, done
        assert box.call("stop", box.params).code == 0
        box.path(f"{DATADIR}/fill").unlink()
        must(box, "start")
        must(box, "stop")
    finally:
        box.close()


def test_recovery_longer_than_the_timeout(box):
    """A start whose time is up leaves a server on its way; the next one waits for that one."""
    box.write("/run/box/init.sql", "SELECT SLEEP(7);\n")
    box.config("init_file=/run/box/init.sql")
    fails_in_time(box, "start", 4, "does not answer")
    pid = box.server
    must(box, "start", 30)
    assert box.server == pid
    must(box, "stop")


# Agents that are killed ------------------------------------------------------------------------


def points(box, action):
    """[(system call, how many times)] of a whole action of the agent's own process."""
    done = box.strace(["-qq", "-o", "/run/box/calls"], action, box.params)
    assert done.returncode == 0, done
    lines = box.path("/run/box/calls").read_text(encoding="utf-8", errors="replace").splitlines()
    counts = collections.Counter(m.group(1) for m in (re.match(r"(\w+)\(", line) for line in lines) if m)
    return [(call, number) for call in KILL_AT for number in range(1, counts[call] + 1) if call != "mmap" or number == 1]


def kill_at(box, action, point):
    """Runs an action that is killed when it enters that system call for the number-th time."""
    call, number = point
    return box.strace(["-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                       f"inject={call}:signal=KILL:when={number}"], action, box.params)


def thinned(todo, most):
    """Some of them, evenly."""
    step = max(1, len(todo) // most)
    return todo[::step]


def test_killed_in_start(box):
    todo = points(box, "start")
    must(box, "stop")
    assert len(todo) > 30
    killed = 0
    for point in thinned(todo, 40):
        killed += kill_at(box, "start", point).returncode != 0
        must(box, "stop")
        assert box.servers() == [], point
        assert is_clean(box), point
    assert killed > 20
    must(box, "start")
    must(box, "monitor")


def test_killed_in_stop(box):
    must(box, "start")
    todo = points(box, "stop")
    killed = 0
    for point in thinned(todo, 15):
        must(box, "start")
        killed += kill_at(box, "stop", point).returncode != 0
        must(box, "stop")
        assert is_clean(box), point
    assert killed > 5


def test_start_over_a_killed_start(box):
    todo = points(box, "start")
    must(box, "stop")
    for point in thinned([point for point in todo if point[0] != "mmap"], 12):
        kill_at(box, "start", point)
        must(box, "start")
        assert len(box.servers()) == 1, point
        must(box, "monitor")
        must(box, "stop")


def test_killed_between_fork_and_exec(box):
    """The server to be is still a copy of the agent, in a session of its own: stop finds it."""
    tracer = subprocess.Popen(
        box.command(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=setgroups", "-e",
                     "inject=setgroups:delay_enter=5000000", str(box.agent.program), "start"]),
        env=box.environment(box.params), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # The agent, and its child on the way to become the server.
    wait_until(lambda: len(box.processes("mysql")) == 2, "the child")
    agent, child = sorted(box.processes("mysql"))
    box.kill(agent)
    wait_until(lambda: agent not in box.processes("mysql"), "the end of the agent")
    assert child in box.processes("mysql")
    must(box, "stop")
    assert box.processes("mysql") == {}
    tracer.wait(20)
    assert is_clean(box)


def test_killed_while_a_database_is_made(agents):
    """The script goes on without the agent; stop ends it and its server."""
    box = mysqllab.Box(agents)
    try:
        params = {**box.params, "enable_creation": "1"}
        agent = subprocess.Popen(box.command([str(box.agent.program), "start"]), env=box.environment(params),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(box.servers, "the bootstrap server")
        box.kill(next(iter(box.processes("mysql"))))
        agent.wait(10)
        assert box.call("stop", params).code == 0
        assert box.servers() == []
        assert box.run("pgrep", "-f", "install-db", check=False).stdout == ""
    finally:
        box.close()


def test_process_group_killed_as_the_cluster_does(box):
    """Pacemaker kills the group of an agent that overran its timeout."""
    for _ in range(3):
        agent = subprocess.Popen(box.command(["setsid", str(box.agent.program), "start"]),
                                 env=box.environment(box.params), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        wait_until(lambda: box.servers() or agent.poll() is not None, "the server")
        box.run("pkill", "-KILL", "-x", "mysql", check=False)
        agent.wait(10)
        must(box, "stop")
        assert is_clean(box)


def test_haopsd_is_told_of_the_server(box):
    """The record names the server that runs, also after it was replaced by hand."""
    must(box, "start")
    first = box.path("/run/haops/watch-db").read_text(encoding="utf-8")
    assert f"process {box.server} " in first
    box.kill_and_wait(box.server)
    other = box.spawn("mariadbd", "--defaults-file=/run/box/my.cnf", f"--datadir={DATADIR}", f"--socket={SOCKET}",
                      f"--pid-file={PID}", "--user=mysql")
    wait_until(lambda: box.call("monitor", box.params).code == 0, "the other server", 30)
    assert f"process {box.server} " in box.path("/run/haops/watch-db").read_text(encoding="utf-8")
    must(box, "stop")
    other.communicate(timeout=10)
    shutil.rmtree(box.path("/run/haops"), ignore_errors=True)
