# SPDX-License-Identifier: GPL-2.0-or-later
"""A box for Filesystem: disks on loop devices, processes that hold something, a device that hangs."""

import contextlib
import os
import pathlib
import subprocess
import uuid

import boxlab
from netlab import wait_until

MOUNT = "/srv/d"


class Box(boxlab.Box):
    """Namespaces with an empty /srv, and the agent run in them."""

    def __init__(self, agents):
        super().__init__(agents, "Filesystem", ("/srv",), instance="fs")
        self.loops = []
        self.path("/srv/img").mkdir()

    def disk(self, name="a", megabytes=32, folder="/srv/img", fstype="ext4"):
        """A loop device with a new file system, and the parameters that mount it."""
        image = f"{folder}/{name}"
        self.run("truncate", "-s", f"{megabytes}M", image)
        device = self.loop(image)
        if fstype:
            self.run(f"mkfs.{fstype}", "-q", device)
        return {"device": device, "directory": MOUNT, "fstype": fstype or "ext4"}

    def loop(self, image):
        """A loop device on a file of the box, gone when the box is."""
        device = self.run("losetup", "-f", "--show", image).stdout.strip()
        self.loops.append(device)
        return device

    def mounts(self, path=None):
        """[mount point, device number, source] of what is mounted on path or below (/srv), in order."""
        lines = self.path(f"/proc/{1}/mountinfo").read_text(encoding="utf-8").splitlines()
        found = []
        for line in lines:
            fields = line.split()
            point = fields[4].replace("\\040", " ")
            if point.startswith("/srv/") and path in (None, point):
                found.append((point, fields[2], fields[fields.index("-") + 2]))
        return found

    def is_mounted(self, path=MOUNT):
        """Whether something is mounted on path."""
        return bool(self.mounts(path))

    def hold(self, script, python=False):
        """A process that does script and stays: its number in the box."""
        if python:
            argv = ["python3", "-c", f"{script}\nimport os, time\nprint(os.getpid(), flush=True)\ntime.sleep(1000)"]
        else:
            argv = ["sh", "-c", f"{script}\necho $$\nexec sleep 1000"]
        process = self.spawn(*argv)
        return int(process.stdout.readline())

    def lives(self, pid):
        """Whether a process of the box is there and no zombie."""
        try:
            stat = self.path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return stat.rpartition(")")[2].split()[0] not in "ZX"

    def must(self, action, params, **kwargs):
        """Runs an action that is to succeed."""
        result = self.call(action, params, **kwargs)
        assert result.code == 0, result
        return result

    def holders_of_device(self, device):
        """Whether somebody has the device for himself, as a mounted file system has."""
        try:
            os.close(os.open(device, os.O_RDONLY | os.O_EXCL))
        except OSError:
            return True
        return False

    @contextlib.contextmanager
    def hanging(self, lower):
        """Within, all that is written to images on the file system at lower waits, in state D."""
        self.run("fsfreeze", "-f", lower)
        try:
            yield
        finally:
            self.run("fsfreeze", "-u", lower)

    def close(self):
        try:
            super().close()
        finally:
            for device in self.loops:
                subprocess.run(["losetup", "-d", device], check=False, capture_output=True)


@contextlib.contextmanager
def hanging_disk(box):
    """(parameters of a disk, context manager in which it hangs)."""
    lower = {**box.disk("lower", 96), "directory": "/srv/low"}
    box.run("mkdir", "-p", "/srv/low")
    box.run("mount", lower["device"], "/srv/low")
    params = box.disk("upper", 48, "/srv/low")
    box.run("sync")
    yield params, lambda: box.hanging("/srv/low")


def label():
    """A UUID that no other disk of this host has."""
    return str(uuid.uuid4())


def wait_ended(box, pid):
    """Waits until a process of the box is gone."""
    wait_until(lambda: not box.lives(pid), f"process {pid} gone")


def is_there(path):
    """Whether a device or file of the host is there."""
    return pathlib.Path(path).exists()
