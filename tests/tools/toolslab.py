# SPDX-License-Identifier: GPL-2.0-or-later
"""A haopsd with a canned status, its real IPC around it, and haops run against it, in namespaces of their own."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

PROGRAMS = ("haops", "haopsd-ipc", "tests/tools/fake-haopsd")
SHM_BYTES = 64 << 20
NOBODY = 65534


def wait_until(condition, what, seconds=10.0):
    """Waits until condition() is true, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


class Place:
    """Network, /dev/shm and /run of their own; they end with the process that holds them."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="haops-tools-"))
        os.chmod(self.folder, 0o755)
        for name in PROGRAMS:
            shutil.copy2(build / name, self.folder)
        script = (f"mount -t tmpfs -o size={SHM_BYTES},mode=1777 tmpfs /dev/shm && mount -t tmpfs tmpfs /run && "
                  "echo ready && exec sleep infinity")
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", script],
                                       stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n"
        self.shm = pathlib.Path(f"/proc/{self.holder.pid}/root/dev/shm")

    def close(self):
        """Ends it."""
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        shutil.rmtree(self.folder)

    def command(self, *args, user=None, group=None, groups=()):
        """A command line that runs in this place as some user; without one as root."""
        line = ["nsenter", "--target", str(self.holder.pid), "--net", "--mount", "--"]
        if user is not None:
            line += ["setpriv", f"--reuid={user}", f"--regid={group if group is not None else user}"]
            line += [f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups"]
        return [*line, *map(str, args)]

    def haops(self, *args, timeout=20, env=None, **user):
        """Runs haops to its end."""
        return subprocess.run(self.command(self.folder / "haops", *args, **user), capture_output=True, timeout=timeout,
                              check=False, env={"PATH": os.environ["PATH"], "TZ": "UTC", **(env or {})})


class Daemon:
    """fake-haopsd, and the helper that it has."""

    def __init__(self, place, status, descriptors=1024):
        self.place = place
        self.lines = []
        self.process = subprocess.Popen(
            place.command("prlimit", f"--nofile={descriptors}:{descriptors}", place.folder / "fake-haopsd", place.folder / "haopsd-ipc", status),
            stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        wait_until(lambda: "ready\n" in self.lines, "fake-haopsd is ready")
        wait_until(lambda: place.haops("hbstatus").returncode != 3, "the helper serves")

    def _read(self):
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def pid(self):
        """The process of the daemon; nsenter becomes it."""
        return self.process.pid

    def helper(self):
        """The process of the helper; None while there is none."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        alive = [int(pid) for pid in children
                 if pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"]
        return alive[0] if alive else None

    def has_event(self, text):
        """Whether it told something with this text."""
        return any(line.startswith("event") and text in line for line in self.lines)

    def idle_descriptors(self, pid):
        """How many descriptors a process has once no client is connected any more."""
        wait_until(lambda: not list(self.place.shm.glob("qb-*")), "all clients are gone")
        return self.descriptors(pid)

    def descriptors(self, pid):
        """How many descriptors a process has."""
        return len(os.listdir(f"/proc/{pid}/fd"))

    def resident_kib(self, pid):
        """Resident memory of a process."""
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def close(self):
        """Ends it in order, and sees that it leaves nothing."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
        helper = self.helper() if self.process.poll() is None else None
        if helper:
            os.kill(helper, signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)
        self.reader.join(10)
        self.process.stdout.close()
        if helper:
            wait_until(lambda: not is_running(helper), "the helper has ended")
        wait_until(lambda: not list(self.place.shm.glob("qb-*")), "/dev/shm is empty")


def is_running(pid):
    """Whether a process is there, and no zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
