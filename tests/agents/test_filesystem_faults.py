# SPDX-License-Identifier: GPL-2.0-or-later
"""Filesystem with devices that hang, paths that hang, an agent that is killed, and wrong parameters."""

import collections
import re
import time

import fslab
import pytest
from fslab import MOUNT

AUTOFS = """
import ctypes, os
os.setsid()
os.makedirs('/srv/auto')
read, write = os.pipe()
options = f'fd={write},pgrp={os.getpgrp()},minproto=5,maxproto=5,indirect'
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mount(b'auto', b'/srv/auto', b'autofs', 0, options.encode()) == 0, os.strerror(ctypes.get_errno())
"""


@pytest.fixture
def box(agents):
    """A box for Filesystem."""
    made = fslab.Box(agents)
    yield made
    made.close()


@pytest.fixture
def disk(box):
    """Parameters of a disk."""
    return box.disk()


def timed(box, action, params, timeout_ms, **kwargs):
    """(result, seconds) of an action, which is to end within its timeout."""
    begin = time.monotonic()
    result = box.call(action, params, {"timeout": timeout_ms}, **kwargs)
    took = time.monotonic() - begin
    assert took < timeout_ms / 1000, (took, result)
    return result, took


def test_device_that_hangs(box):
    """RA#423: nothing waits longer than its timeout, and no monitor of depth 0 at all."""
    with fslab.hanging_disk(box) as (disk, hanging):
        box.must("start", disk)
        box.path(f"{MOUNT}/dirty").write_bytes(b"x" * 4000000)
        with hanging():
            result, took = timed(box, "monitor", disk, 3000)
            assert result.code == 0 and took < 1
            result, took = timed(box, "monitor", disk, 3000, extra={"OCF_CHECK_LEVEL": "20"})
            assert result.code == 1 and "no answer in time" in result.reason
            result, took = timed(box, "stop", disk, 3000)
            assert result.code == 1 and "does not answer" in result.reason, result
            result, took = timed(box, "stop", disk, 3000)
            assert result.code == 1, result
        box.must("stop", disk)
        assert not box.is_mounted() and not box.holders_of_device(disk["device"])


def test_unmount_that_hangs_is_not_stopped_though_the_table_says_so(box):
    """The mount goes from the table before the file system is written: that comes back, or the node is fenced."""
    with fslab.hanging_disk(box) as (disk, hanging):
        box.must("start", disk)
        box.path(f"{MOUNT}/dirty").write_bytes(b"x" * 4000000)
        with hanging():
            result, _ = timed(box, "stop", disk, 3000)
            assert result.code == 1 and f"umount of {MOUNT} does not return" in result.reason, result
            result, _ = timed(box, "stop", disk, 3000)
            assert result.code == 1, result
            assert not box.is_mounted() and "still in use" in result.reason, result
        box.must("stop", disk)
        assert not box.holders_of_device(disk["device"])
        box.must("start", disk)
        assert box.path(f"{MOUNT}/dirty").stat().st_size == 4000000


def test_mount_that_hangs(box):
    with fslab.hanging_disk(box) as (disk, hanging):
        with hanging():
            result, _ = timed(box, "start", {**disk, "fstype": "ext4"}, 3000)
            assert result.code == 1 and "did not end in time" in result.reason, result
            result, _ = timed(box, "stop", disk, 3000)
            # As long as the kernel is at it, it may still become mounted.
            assert result.code == 1, result
        box.must("stop", disk)
        assert not box.is_mounted() and not box.holders_of_device(disk["device"])


def test_mount_point_that_hangs(box, disk):
    """Where nothing can be looked at, the table alone tells what it can, in time."""
    box.hold(AUTOFS, True)
    params = {**disk, "directory": "/srv/auto/x/d"}
    result, took = timed(box, "monitor", params, 3000)
    assert result.code == 7 and took < 2, result
    result, _ = timed(box, "stop", params, 3000)
    assert result.code == 0, result
    result, _ = timed(box, "start", params, 3000)
    assert result.code == 1, result
    box.run("mkdir", "/srv/e")
    box.run("mount", disk["device"], "/srv/e")
    for action in ("monitor", "stop", "start"):
        result, _ = timed(box, action, params, 3000)
        assert result.code == 1 and "unknown whether" in result.reason and "/srv/e" in result.reason, result
    assert box.is_mounted("/srv/e")


def test_mount_point_that_cannot_be_read(box, disk):
    """RA#1325: a link that could not be read made stop succeed with the file system mounted."""
    box.must("start", disk)
    box.run("ln", "-s", "loop", "/srv/loop")
    params = {**disk, "directory": "/srv/loop/d"}
    for action in ("stop", "monitor", "start"):
        result = box.call(action, params)
        assert result.code == 1 and "unknown whether /srv/loop/d" in result.reason, result
    assert box.probe(params).code == 1
    assert box.is_mounted()
    box.must("stop", disk)
    assert (box.call("stop", params).code, box.probe(params).code) == (0, 7)


def test_dead_mounts_of_others_are_no_obstacle(box, disk):
    """Who looks for holders follows no link: what it leads to may hang."""
    box.must("start", disk)
    dead = box.hold(AUTOFS + "os.chdir('/srv/auto')\n", True)
    stuck = box.spawn("sh", "-c", "echo x; exec cat /srv/auto/never")
    stuck.stdout.readline()
    holder = box.hold(f"cd {MOUNT}")
    begin = time.monotonic()
    result = box.must("stop", disk)
    assert time.monotonic() - begin < 3 and f"process {holder} " in result.err, result
    assert box.lives(dead) and stuck.poll() is None


def points(box, action, disk):
    """[(system call, number)] of a whole action, to kill it at."""
    result = box.strace(["-qq", "-o", "/run/box/calls"], action, disk)
    assert result.returncode == 0, result
    counts = collections.Counter()
    found = []
    for line in box.path("/run/box/calls").read_text(encoding="utf-8", errors="replace").splitlines():
        match = re.match(r"(\w+)\(", line)
        if match and match.group(1) != "execve":
            counts[match.group(1)] += 1
            found.append((match.group(1), counts[match.group(1)]))
    return found


@pytest.mark.parametrize("action", ["start", "stop"])
def test_killed_at_any_instant(box, disk, action):
    """Whatever a killed agent left, the next stop takes away, and the next start mounts."""
    if action == "stop":
        box.must("start", disk)
    todo = points(box, action, disk)
    box.must("stop", disk)
    # The loader and the reading of the environment are the same for all agents.
    first = next(i for i, (call, _) in enumerate(todo) if call in ("chdir", "unlink", "unlinkat"))
    killed = 0
    for call, number in todo[first:]:
        if action == "stop":
            box.must("start", disk)
        done = box.strace(["-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"],
                          action, disk)
        killed += done.returncode not in (0, 1)
        box.must("stop", disk)
        assert not box.is_mounted() and not box.holders_of_device(disk["device"]), (call, number)
    assert killed > len(todo[first:]) * 0.9
    box.must("start", disk)
    assert box.call("monitor", disk).code == 0


WRONG = [
    ({"directory": "mnt/d"}, 6, "directory"),
    ({"directory": "/"}, 6, "root directory"),
    ({"directory": "/./"}, 6, "root directory"),
    ({"directory": None}, 6, "directory is required"),
    ({"device": None}, 6, "device is required"),
    ({"device": "--bind"}, 6, "device"),
    ({"device": "-U"}, 6, "device"),
    ({"fstype": None}, 6, "fstype is required"),
    ({"fstype": "-o"}, 6, "fstype"),
    ({"options": "ro -o bind"}, 6, "options"),
    ({"options": "remount,ro"}, 6, "options"),
    ({"options": "a\nb"}, 6, "options"),
    ({"run_fsck": "maybe"}, 6, "run_fsck"),
    ({"fast_stop": "perhaps"}, 6, "fast_stop"),
    ({"force_unmount": "move"}, 6, "force_unmount"),
    ({"statusfile_prefix": "../../x"}, 6, "statusfile_prefix"),
    ({"device": "server:/a", "fstype": "none", "options": "bind"}, 6, "device"),
    ({"device": "/dev/none"}, 5, "/dev/none"),
    ({"device": "/dev/null"}, 5, "no block device"),
    ({"device": "/srv/img"}, 5, "no block device"),
    ({"fstype": "suchfs"}, 5, "suchfs"),
    ({"fstype": "xfs"}, 1, "mount of"),
    ({"options": "nonsense"}, 1, "mount of"),
    ({"directory": "/srv/img/a"}, 5, "mount point"),
    ({"directory": "/proc/x"}, 5, "mount point"),
]


@pytest.mark.parametrize("index", range(len(WRONG)))
def test_wrong_parameters(box, disk, index):
    """A clear reason, and nothing changed: RA#1370 (a code of a probe that stopped all nodes)."""
    change, code, word = WRONG[index]
    params = {**disk, **change}
    result = box.call("start", params)
    assert (result.code, word in result.reason) == (code, True), result
    assert box.mounts() == [] and not box.path("/run/haops/watch-fs").exists()
    assert (box.probe(params).code, box.call("stop", params).code) == (7, 0)
    assert box.call("monitor", params).code in (7, 1)


def test_clones(box, disk):
    """Two nodes that write to a local file system destroy it."""
    clone = {"extra": {"OCF_RESKEY_CRM_meta_clone": "0", "OCF_RESKEY_CRM_meta_clone_max": "2"}}
    result = box.call("start", disk, **clone)
    assert result.code == 6 and "would destroy it" in result.reason and not box.is_mounted(), result
    assert box.call("start", {**disk, "options": "ro"}, **clone).code == 6
    assert box.call("monitor", disk, **clone).code == 7
    result = box.must("start", {**disk, "force_clones": "true"}, **clone)
    assert "allowed by force_clones" in result.err
    box.must("stop", {**disk, "force_clones": "true"}, **clone)
    tmpfs = {"device": "none", "directory": MOUNT, "fstype": "tmpfs"}
    assert box.must("start", tmpfs, **clone).err.count("clone") == 0


def test_validation_looks_at_no_host(box):
    """RA#2057: pcs validates on a node that has none of it."""
    params = {"device": "/dev/nowhere", "directory": "/srv/nowhere", "fstype": "suchfs"}
    result = box.call("validate-all", params)
    assert (result.code, result.err) == (0, ""), result
    assert box.call("validate-all", params, extra={"OCF_CHECK_LEVEL": "10"}).code == 0


def test_password_is_in_no_log(box):
    params = {"device": "//server.invalid/a", "directory": MOUNT, "fstype": "cifs", "options": "user=a,password=hush"}
    result = box.call("start", params, {"timeout": 3000})
    assert result.code != 0 and "hush" not in result.err and "credentials" in result.err, result
