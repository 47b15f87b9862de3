# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversation of haops and haopsd: who may, and that nobody can block or grow the daemon, whatever he does."""

import contextlib
import errno
import grp
import json
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import time

import pytest
from toolslab import NOBODY, is_running, wait_until

HACLIENT = grp.getgrnam("haclient").gr_gid
HACLUSTER = pwd.getpwnam("hacluster").pw_uid
RAW = pathlib.Path(__file__).with_name("rawclient.py")
DEADLINE_S = 5


def raw(place, name, **user):
    """Runs rawclient.py, and returns what it prints."""
    code = RAW.read_text(encoding="utf-8")
    done = subprocess.run(place.command(sys.executable, "-c", code, name, **user), capture_output=True, timeout=90,
                          check=False, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextlib.contextmanager
def holding(place, **user):
    """A process with a hundred connections that say nothing."""
    code = RAW.read_text(encoding="utf-8")
    with subprocess.Popen(place.command(sys.executable, "-c", code, "hold", **user), stdout=subprocess.PIPE) as holder:
        try:
            assert json.loads(holder.stdout.readline())["held"] > 10
            yield
        finally:
            holder.kill()


@contextlib.contextmanager
def stopped(*pids):
    """Processes stopped for a while."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def healthy(place, seconds=DEADLINE_S):
    """Status works, for root."""
    done = wait_until(lambda: (lambda d: d if d.returncode == 0 else None)(place.haops("status")), "status", seconds)
    assert b"all is well" in done.stdout


class TestPermission:
    """Root, and whoever has group haclient; others are told that they may not."""

    def test_root(self, place, daemon):
        daemon()
        assert place.haops("status").returncode == 0
        assert place.haops("reload").returncode == 0
        assert place.haops("set", "deadtime", "15").returncode == 0

    @pytest.mark.parametrize("user", [{"user": NOBODY}, {"user": NOBODY, "groups": (4, 5, 1234)},
                                      {"user": 12345, "group": 0}, {"user": 12345, "group": HACLIENT + 1}],
                             ids=["nobody", "other-groups", "group-of-root", "other-group"])
    def test_others_are_refused(self, place, daemon, user):
        fake = daemon()
        done = place.haops("status", **user)
        assert done.returncode == 4
        assert b"only root and the members of group haclient" in done.stderr
        assert raw(place, "connect", **user) == {"error": "EACCES"}
        wait_until(lambda: fake.has_event(f"of user {user['user']} was refused"), "the refusal is told")

    @pytest.mark.parametrize("user", [{"user": NOBODY, "groups": (HACLIENT,)},
                                      {"user": NOBODY, "groups": (*range(2000, 2300), HACLIENT)},
                                      {"user": 12345, "group": HACLIENT}, {"user": HACLUSTER, "group": HACLIENT}],
                             ids=["supplementary", "many-groups", "primary", "hacluster"])
    def test_members_may_ask_but_not_change(self, place, daemon, user):
        daemon()
        assert place.haops("status", **user).returncode == 0
        for command in (["reload"], ["set", "deadtime", "15"]):
            done = place.haops(*command, **user)
            assert done.returncode == 4
            assert b"only root" in done.stderr

    def test_a_login_shell_of_a_member(self, place, daemon):
        """As su(1) gives the groups of /etc/group."""
        daemon()
        done = subprocess.run(place.command("su", "-s", "/bin/sh", "-c", f"{place.folder}/haops hbstatus", "hacluster"),
                              capture_output=True, timeout=20, check=False)
        assert done.returncode == 0, done

    def test_memory_of_roots_connection_is_roots(self, place, daemon):
        """A member must not be able to write a request into it."""
        daemon()
        with subprocess.Popen(place.command(place.folder / "haops", "--watch=1", "status"), stdout=subprocess.PIPE) as watch:
            assert watch.stdout.readline()
            folders = list(place.shm.glob("qb-*"))
            assert len(folders) == 1
            for path in (*folders, *folders[0].iterdir()):
                status = path.stat()
                assert status.st_gid != HACLIENT and status.st_mode & 0o007 == 0
                assert path.is_dir() or status.st_mode & 0o077 == 0
            watch.terminate()


class TestAbsent:
    """haops ends in time and says what is the matter."""

    def check(self, place, text):
        """Unknown, said within the deadline; the same for scripts and in JSON."""
        begin = time.monotonic()
        done = place.haops("status")
        assert time.monotonic() - begin < DEADLINE_S
        assert (done.returncode, done.stdout) == (3, b"")
        assert text in done.stderr
        told = json.loads(place.haops("--json", "status").stdout)
        assert told["health"] == "unknown" and text.decode() in told["problems"][0]["text"]
        assert place.haops("is-active", "beta").returncode == 3

    def test_not_running(self, place):
        self.check(place, b"does not run")

    def test_daemon_stopped(self, place, daemon):
        fake = daemon()
        with stopped(fake.pid):
            self.check(place, b"stopped or overloaded")
        healthy(place)

    def test_helper_stopped(self, place, daemon):
        fake = daemon()
        with stopped(fake.helper()):
            self.check(place, b"stopped or overloaded")
        healthy(place)

    def test_stopped_under_a_watcher(self, place, daemon):
        """--watch goes on, says so, and comes back."""
        fake = daemon()
        with subprocess.Popen(place.command(place.folder / "haops", "--watch=1", "--json", "status"),
                              stdout=subprocess.PIPE) as watch:
            def next_health():
                return json.loads(watch.stdout.readline())["health"]
            assert next_health() == "ok"
            with stopped(fake.pid):
                wait_until(lambda: next_health() == "unknown", "unknown is shown", 20)
            wait_until(lambda: next_health() == "ok", "it is back", 20)
            watch.terminate()

    def test_a_strangers_process_has_the_name(self, place):
        """Somebody else than root or hacluster answers: not believed."""
        code = """
import socket, struct, sys
s = socket.socket(socket.AF_UNIX); s.bind(b"\\0haopsd".ljust(108, b"\\0")); s.listen()
print("ready", flush=True)
c = s.accept()[0]; c.recv(100)
c.sendall(struct.pack("<i4xi4xi4x", -1, 12328, 0) + struct.pack("<i4xI4xQ", 1, 33072, 0).ljust(12328 - 24, b"\\0"))
c.recv(1)
"""
        with subprocess.Popen(place.command(sys.executable, "-c", code, user=NOBODY), stdout=subprocess.PIPE) as stranger:
            assert stranger.stdout.readline() == b"ready\n"
            done = place.haops("status")
            assert done.returncode in (3, 4) and done.stdout == b""
            stranger.kill()


class TestLoad:
    """Many, dying, and silent clients."""

    def test_twenty_at_once(self, place, daemon):
        daemon("large")
        running = [subprocess.Popen(place.command(place.folder / "haops", "--json", "status"), stdout=subprocess.PIPE)
                   for _ in range(20)]
        for one in running:
            out = one.communicate(timeout=20)[0]
            assert one.returncode == 2
            assert json.loads(out)["watched_total"] == 1000

    def test_sixteen_places(self, place, daemon):
        daemon()
        assert raw(place, "full") == {"errors": [0] * 16, "more": errno.EBUSY, "again": 0}
        healthy(place)

    def test_killed_in_the_middle(self, place, daemon):
        fake = daemon("large")
        helper = fake.helper()
        assert place.haops("status").returncode == 2
        descriptors = fake.idle_descriptors(helper), fake.descriptors(fake.pid)
        for number in range(60):
            with subprocess.Popen(place.command(place.folder / "haops", "status"), stdout=subprocess.DEVNULL) as client:
                time.sleep(0.0007 * (number % 20))
                client.kill()
        wait_until(lambda: (fake.descriptors(helper), fake.descriptors(fake.pid)) == descriptors, "nothing is left open")
        wait_until(lambda: not list(place.shm.glob("qb-*")), "nothing is left in /dev/shm")
        assert fake.helper() == helper
        assert place.haops("status").returncode == 2

    def test_memory_is_flat(self, place, daemon):
        fake = daemon("large")
        helper = fake.helper()
        for _ in range(30):
            place.haops("status")
        before = fake.resident_kib(fake.pid), fake.resident_kib(helper)
        for _ in range(150):
            place.haops("status")
        after = fake.resident_kib(fake.pid), fake.resident_kib(helper)
        assert max(b - a for a, b in zip(before, after)) < 1024, (before, after)

    @pytest.mark.parametrize("user", [{"user": NOBODY}, {"user": NOBODY, "groups": (HACLIENT,)}], ids=["stranger", "member"])
    def test_silent_connections(self, place, daemon, user):
        """A hundred connections that never say who they are do not keep root out, nor stay."""
        fake = daemon()
        helper = fake.helper()
        before = fake.idle_descriptors(helper)
        with holding(place, **user):
            assert fake.descriptors(helper) <= before + 12
            healthy(place)
            wait_until(lambda: fake.descriptors(helper) == before, "they are ended", 30)

    def test_descriptors_run_out(self, place, daemon):
        """A helper without a free descriptor neither ends nor spins."""
        fake = daemon(descriptors=12)
        helper = fake.helper()
        with holding(place):
            wait_until(lambda: fake.descriptors(helper) >= 12, "none is left")
            begin = cpu_seconds(helper)
            place.haops("hbstatus")
            assert cpu_seconds(helper) - begin < 0.5
        healthy(place)
        assert fake.helper() == helper


def cpu_seconds(pid):
    """Processor time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class TestWrong:
    """Requests that no haops makes."""

    def test_answers(self, place, daemon):
        daemon()
        told = raw(place, "verbs")
        assert told["status"] == [0, ""]
        assert told["protocol"][0] == -errno.EPROTONOSUPPORT and "protocol" in told["protocol"][1]
        assert told["verb"][0] == told["verb0"][0] == -errno.EOPNOTSUPP
        assert told["offset"][0] == -errno.EINVAL
        assert told["short"][0] == told["liar"][0] == told["negative"][0] == -errno.EBADMSG
        assert told["unterminated"][0] == -errno.EINVAL
        healthy(place)

    def test_outdate(self, place, daemon):
        daemon()
        told = raw(place, "outdate")
        assert told["now"][:2] == [5, "unreachable"]
        assert told["later"][:2] == [4, "outdated"]
        assert told["unknown"][:2] == [-errno.ENOENT, "there is no node nobody"]
        assert told["nothing"][0] == -errno.EINVAL
        assert told["never"][0] == -errno.ETIMEDOUT
        healthy(place)

    @pytest.mark.parametrize("name", ["impatient", "deaf", "greedy", "rubbish"])
    def test_bad_manners(self, place, daemon, name):
        fake = daemon("healthy")
        helper = fake.helper()
        before = fake.idle_descriptors(helper)
        memory = fake.resident_kib(helper)
        told = raw(place, name, user=NOBODY, groups=(HACLIENT,)) if name != "impatient" else raw(place, name)
        if name == "impatient":
            assert told["receive"] < 0
        if name == "greedy":
            assert 0 not in told["raw"] and told["polite"] == errno.EMSGSIZE
        healthy(place)
        assert fake.helper() == helper
        wait_until(lambda: fake.descriptors(helper) == before, "nothing is left open")
        assert fake.resident_kib(helper) < memory + 4096

    def test_strangers_rubbish(self, place, daemon):
        fake = daemon()
        helper = fake.helper()
        raw(place, "rubbish", user=NOBODY)
        raw(place, "greedy", user=NOBODY)
        healthy(place)
        assert fake.helper() == helper


class TestHelper:
    """The helper's end is not the daemon's."""

    def test_killed(self, place, daemon):
        """With clients: another one comes, and what the first left in /dev/shm goes."""
        fake = daemon()
        helper = fake.helper()
        watch = subprocess.Popen(place.command(place.folder / "haops", "--watch=1", "status"), stdout=subprocess.DEVNULL)
        wait_until(lambda: list(place.shm.glob("qb-*")), "the client is there")
        watch.send_signal(signal.SIGSTOP)
        os.kill(helper, signal.SIGKILL)
        watch.kill()
        watch.wait()
        assert list(place.shm.glob("qb-*"))
        wait_until(lambda: fake.helper() not in (None, helper), "another helper")
        healthy(place)
        wait_until(lambda: not list(place.shm.glob("qb-*")), "nothing is left in /dev/shm")
        assert fake.has_event("has ended")

    def test_hanging(self, place, daemon):
        """One that does not answer pings is replaced."""
        fake = daemon()
        helper = fake.helper()
        os.kill(helper, signal.SIGSTOP)
        wait_until(lambda: fake.helper() not in (None, helper), "another helper", 40)
        assert not is_running(helper)
        healthy(place)

    def test_daemon_killed(self, place, daemon):
        """The helper ends with it, also one that is stopped, and leaves nothing."""
        fake = daemon()
        helper = fake.helper()
        os.kill(fake.pid, signal.SIGKILL)
        fake.process.wait(5)
        wait_until(lambda: not is_running(helper), "the helper has ended")
        assert place.haops("status").returncode == 3

    def test_helper_cannot_be_started(self, place, daemon):
        fake = daemon()
        program = place.folder / "haopsd-ipc"
        program.rename(place.folder / "elsewhere")
        try:
            os.kill(fake.helper(), signal.SIGKILL)
            wait_until(lambda: fake.has_event("cannot be started (No such file"), "it is told")
        finally:
            (place.folder / "elsewhere").rename(program)
        wait_until(fake.helper, "another helper", 40)
        healthy(place)

    def test_restarted_at_once(self, place, daemon):
        """A new haopsd takes over the name of the one that ends."""
        first = daemon()
        first.process.terminate()
        second = daemon()
        healthy(place)
        assert not second.has_event("haopsd-ipc")

    def test_shm_is_full(self, place, daemon):
        daemon()
        filler = place.shm / "filler"
        with open(filler, "wb") as out:
            with contextlib.suppress(OSError):
                while True:
                    out.write(bytes(1 << 20))
        try:
            done = place.haops("status")
            assert done.returncode == 3
            assert b"/dev/shm is full" in done.stderr
        finally:
            filler.unlink()
        healthy(place)
