# SPDX-License-Identifier: GPL-2.0-or-later
"""haopsd without Corosync, Pacemaker and its helpers: start, end, settings, what a service manager
hears, what is missing on the machine. What it does in a cluster: tests/scenarios."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HAOPS_BUILD", TREE / "build")) / "main"
HAOPSD = BUILD / "haopsd" / "haopsd"
WAIT_S = 10


class Daemon:
    """A haopsd in a network of its own, with a service manager's socket."""

    def __init__(self, folder, *options, conf="", limits=(), env=None):
        self.folder = folder
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        path = folder / f"notify-{time.monotonic_ns()}"
        self.manager.bind(str(path))
        self.conf = folder / "haopsd.conf"
        self.conf.write_text(conf, encoding="utf-8")
        self.heard = []
        self.log = ""
        command = ["unshare", "--net", "--ipc", *limits, HAOPSD, "--foreground", "--config", self.conf]
        if "--run-dir" not in options:
            command += ["--run-dir", folder / "run"]
        self.process = subprocess.Popen(
            [*command, *options], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env={**os.environ, "NOTIFY_SOCKET": str(path), **(env or {})})
        os.set_blocking(self.process.stderr.fileno(), False)

    def take(self):
        """Reads what came."""
        try:
            self.log += os.read(self.process.stderr.fileno(), 65536).decode()
        except BlockingIOError:
            pass
        try:
            while True:
                self.heard += self.manager.recv(4096).decode().split("\n")
        except BlockingIOError:
            pass

    def wait(self, what, predicate):
        """Until it is so; what was said is in the failure."""
        deadline = time.monotonic() + WAIT_S
        while True:
            self.take()
            if predicate():
                return
            assert time.monotonic() < deadline, f"{what}: {self.heard}\n{self.log}"
            select.select([self.manager, self.process.stderr], [], [], 0.05)

    def wait_log(self, pattern):
        """Until the log has it."""
        self.wait(pattern, lambda: re.search(pattern, self.log))

    def wait_heard(self, word):
        """Until the service manager heard it."""
        self.wait(word, lambda: word in self.heard)

    def end(self, number=signal.SIGTERM):
        """Its exit status, and how long that took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(WAIT_S)
        took = time.monotonic() - begin
        self.take()
        return status, took

    def close(self):
        """Whatever became of it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(WAIT_S)
        self.process.stderr.close()
        self.manager.close()


@pytest.fixture(name="daemon")
def fixture_daemon(tmp_path):
    """Starts one: daemon(option..., conf=, limits=, env=)."""
    if not HAOPSD.exists():
        pytest.fail(f"no {HAOPSD}: run make, or set HAOPS_BUILD")
    made = []

    def start(*options, **more):
        made.append(Daemon(tmp_path, *options, **more))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_ready_reloaded_ended(daemon):
    one = daemon()
    one.wait_heard("READY=1")
    one.heard.clear()
    one.process.send_signal(signal.SIGHUP)
    one.wait_heard("READY=1")
    at = one.heard.index("RELOADING=1")
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", one.heard[at + 1])
    one.wait_log("settings read again")
    status, took = one.end()
    assert status == 0 and took < 2, (status, took)
    assert "STOPPING=1" in one.heard


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_by_signal(daemon, number):
    one = daemon()
    one.wait_heard("READY=1")
    status, took = one.end(number)
    assert status == 0 and took < 2, (status, took)


def test_no_corosync_is_told(daemon):
    one = daemon()
    one.wait("STATUS", lambda: any(re.match("STATUS=.*[Cc]orosync", line) for line in one.heard))
    one.wait_log("not in the cluster")
    assert one.process.poll() is None


def test_watchdog(daemon):
    one = daemon(env={"WATCHDOG_USEC": "300000"})
    one.wait("two signs of life", lambda: one.heard.count("WATCHDOG=1") >= 2)


def test_one_per_run_directory(daemon):
    one = daemon()
    one.wait_heard("READY=1")
    other = daemon()
    assert other.process.wait(WAIT_S) == 1
    other.wait_log(f"runs already, as process {one.process.pid}:")
    assert one.process.poll() is None


def test_killed_leaves_no_lock(daemon):
    one = daemon()
    one.wait_heard("READY=1")
    assert one.end(signal.SIGKILL)[0] == -signal.SIGKILL
    daemon().wait_heard("READY=1")


def test_wrong_settings(daemon):
    one = daemon(conf="keepalive 1\nnonsense 2\n")
    assert one.process.wait(WAIT_S) == 1
    one.wait_log("haopsd.conf: line 2: nonsense")
    assert "READY=1" not in one.heard


def test_wrong_settings_at_reload(daemon):
    one = daemon(conf="keepalive 1\n")
    one.wait_heard("READY=1")
    one.conf.write_text("deadtime 1\n", encoding="utf-8")
    one.process.send_signal(signal.SIGHUP)
    one.wait_log("line 1: deadtime: .* the old settings stay")
    one.conf.write_text("deadtime 10\n", encoding="utf-8")
    one.process.send_signal(signal.SIGHUP)
    one.wait_log("settings read again")


def test_paused(daemon):
    one = daemon()
    one.wait_heard("READY=1")
    one.process.send_signal(signal.SIGSTOP)
    time.sleep(2.2)  # what is tested is that this time passes
    one.process.send_signal(signal.SIGCONT)
    one.wait_log("stood still for 2.[0-9] s")


def test_run_directory_cannot_be_made(daemon):
    one = daemon("--run-dir", "/proc/haops")
    one.wait_heard("READY=1")
    one.wait_log("/proc/haops.*going on without the lock")
    assert one.end()[0] == 0


def test_helpers_missing_are_told_once_in_a_while(daemon):
    one = daemon()
    one.wait_log("haopsd-pacemaker")
    one.wait_log("haopsd-ipc")
    assert one.process.poll() is None


@pytest.mark.parametrize("count", [12, 16, 20, 24, 32])
def test_few_descriptors(daemon, count):
    """It runs, or says why it cannot; and does not turn round and round."""
    one = daemon(limits=("prlimit", f"--nofile={count}:{count}"))
    one.wait("start or end", lambda: "READY=1" in one.heard or one.process.poll() is not None)
    if one.process.poll() is not None:
        assert one.process.returncode == 1, one.log
        assert "cannot start" in one.log
        return
    begin = cpu_ticks(one.process.pid)
    time.sleep(1)  # what is tested is what it does in that time
    assert cpu_ticks(one.process.pid) - begin <= 10, one.log
    assert one.end()[0] == 0


def cpu_ticks(pid):
    """Hundredths of a second of CPU that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@pytest.mark.parametrize("words, status, text", [
    (["--version"], 0, "haopsd "), (["--help"], 0, "--check-config"), (["--nonsense"], 2, "--nonsense"),
    (["--check-config", "--config", "/nowhere"], 1, "/nowhere cannot be read"),
])
def test_command_line(words, status, text):
    done = subprocess.run([HAOPSD, *words], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode == status
    assert text in done.stdout + done.stderr
