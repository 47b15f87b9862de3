# SPDX-License-Identifier: GPL-2.0-or-later
"""Filesystem on real file systems: start, monitor, stop, what is mounted from where, and whom a stop ends."""

import re
import time

import fslab
import pytest
from fslab import MOUNT
from netlab import wait_until


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


def record(box):
    """The lines of the watch record, or None."""
    path = box.path("/run/haops/watch-fs")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else None


def test_start_monitor_stop(box, disk):
    assert box.probe(disk).code == 7
    assert box.call("monitor", disk).code == 7
    result = box.must("start", disk)
    assert f"{disk['device']} mounted on {MOUNT}" in result.err
    assert [found[2] for found in box.mounts()] == [disk["device"]]
    for level in (0, 10, 20):
        result = box.level(level, disk)
        assert (result.code, result.err) == (0, ""), result
    assert (box.must("start", disk).err, box.probe(disk).code) == ("", 0)
    box.must("reload-agent", disk)
    box.must("stop", disk)
    assert not box.is_mounted() and not box.holders_of_device(disk["device"])
    assert box.must("stop", disk).err == ""
    assert box.call("monitor", disk).code == 7
    assert box.call("reload-agent", disk).code == 1


def test_twenty_times(box, disk):
    for _ in range(20):
        box.must("start", disk)
        assert box.call("monitor", disk).code == 0
        box.path(f"{MOUNT}/file").write_text("x" * 100000, encoding="ascii")
        box.must("stop", disk)
        assert not box.is_mounted() and not box.holders_of_device(disk["device"])
    box.must("start", disk)
    assert box.path(f"{MOUNT}/file").read_text(encoding="ascii") == "x" * 100000


def test_notes_of_mount_are_taken_back(box, disk):
    """mount(8) keeps what the kernel does not; the kernel alone unmounts."""
    box.run("mkdir", "-p", "/run/mount")
    params = {**disk, "directory": "/srv/with blank", "options": "_netdev,noatime"}
    for _ in range(2):
        box.must("start", params)
        assert "TARGET=/srv/with\\040blank" in box.path("/run/mount/utab").read_text(encoding="ascii")
        box.must("stop", params)
        assert box.path("/run/mount/utab").read_text(encoding="ascii") == ""


def test_watch_record(box, disk):
    box.must("start", disk)
    mount_id = next(line.split()[0] for line in box.path("/proc/1/mountinfo").read_text(encoding="utf-8").splitlines()
                    if line.split()[4] == MOUNT)
    lines = ["haops-watch 1", "resource fs", "provider haops", "agent Filesystem", "pacemaker 1", "netns -", "lease 0",
             f"mount {mount_id} {MOUNT}", "end"]
    assert record(box) == lines
    box.run("rm", "/run/haops/watch-fs")
    assert box.probe(disk).code == 0
    assert record(box) is None
    assert box.call("monitor", disk).code == 0
    assert record(box) == lines
    box.must("stop", disk)
    assert record(box) is None


def test_monitor_makes_no_process_and_touches_no_path(box, disk):
    box.must("start", disk)
    assert box.call("monitor", disk).code == 0
    result, made = box.trace("monitor", disk)
    assert (result.code, made) == (0, [])
    box.strace(["-qq", "-o", "/run/box/strace"], "monitor", disk)
    assert "/srv" not in box.path("/run/box/strace").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["tmpfs", "bind", "bind,ro", "loop", "uuid", "label", "options", "auto", "ext3,ext4"])
def test_kinds(box, kind):
    disk = box.disk()
    if kind == "tmpfs":
        params = {"device": "tmpfs", "directory": MOUNT, "fstype": "tmpfs", "options": "size=1m"}
    elif kind.startswith("bind"):
        box.run("mkdir", "/srv/from")
        box.write("/srv/from/file", "here")
        params = {"device": "/srv/from", "directory": MOUNT, "fstype": "none", "options": kind}
    elif kind == "loop":
        box.run("losetup", "-d", disk["device"])
        params = {"device": "/srv/img/a", "directory": MOUNT, "fstype": "ext4", "options": "loop"}
    elif kind in ("auto", "ext3,ext4"):
        params = {**disk, "fstype": kind}
    elif kind == "options":
        params = {**disk, "options": "noatime,ro"}
    else:
        name = fslab.label()
        box.run("tune2fs", "-U", name, "-L", name[:16], disk["device"])
        params = {**disk, "device": f"-U {name}" if kind == "uuid" else f"-L {name[:16]}"}
    box.must("start", params)
    for level in (0, 10) if "ro" in kind or kind == "options" else (0, 10, 20):
        assert box.level(level, params).code == 0
    options = box.run("findmnt", "-n", "-o", "OPTIONS", MOUNT).stdout
    assert ("ro" in options.split(",")) == (kind in ("bind,ro", "options"))
    if kind.startswith("bind"):
        assert box.path(f"{MOUNT}/file").read_text(encoding="ascii") == "here"
    box.must("stop", params)
    assert not box.is_mounted()
    assert box.call("monitor", params).code == 7


@pytest.mark.parametrize("directory", ["/srv/d/", "//srv//./d", "/srv/link", "/srv/up/../d", "/srv/with blank"])
def test_names_of_the_mount_point(box, disk, directory):
    """RA#1204: a symbolic link as mount point made stop fail."""
    box.run("mkdir", "-p", MOUNT, "/srv/up")
    box.run("ln", "-s", MOUNT, "/srv/link")
    params = {**disk, "directory": directory}
    box.must("start", params)
    assert box.is_mounted("/srv/with blank" if "blank" in directory else MOUNT)
    assert (box.call("monitor", params).code, box.level(20, params).code) == (0, 0)
    box.must("stop", params)
    assert box.mounts() == []
    assert box.call("monitor", params).code == 7


HOLDERS = {
    "cwd": (f"cd {MOUNT}/sub", False),
    "fd": (f"exec 9<{MOUNT}/file", False),
    "removed": (f"exec 9>{MOUNT}/gone; rm {MOUNT}/gone", False),
    "root": (f"import os\nos.chroot('{MOUNT}')", True),
    "exe": (f"import os\nif os.fork():\n  os._exit(0)\nos.execv('{MOUNT}/sh', ['sh', '-c', 'echo $$; read x < /run/box/fifo'])",
            True),
    "map": (f"import ctypes, os\nc = ctypes.CDLL(None)\nc.mmap.restype = ctypes.c_void_p\n"
            f"fd = os.open('{MOUNT}/file', os.O_RDWR)\n"
            f"assert c.mmap(None, ctypes.c_size_t(4096), 1, 1, fd, ctypes.c_size_t(0)) not in (None, 2**64 - 1)\nos.close(fd)",
            True),
    "socket": (f"import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('{MOUNT}/socket')", True),
    "thread": (f"import ctypes, os, threading, time\ndef run():\n  assert ctypes.CDLL(None).unshare(0x200) == 0\n"
               f"  os.chdir('{MOUNT}')\n  ready.set()\n  time.sleep(1000)\nready = threading.Event()\n"
               f"threading.Thread(target=run, daemon=True).start()\nready.wait()", True),
    "namespace": ("", None),
}


@pytest.mark.parametrize("how", HOLDERS)
def test_holder_is_ended_and_nobody_else(box, how):
    """RA#1944, RA#1304, RA#1426: fuser ended whoever used the device, or did not find who used the mount."""
    disk = box.disk()
    box.run("mount", "--make-shared", "/srv")
    box.must("start", disk)
    box.run("sh", "-c", f"mkdir {MOUNT}/sub; head -c 9999 /dev/zero > {MOUNT}/file; cp /bin/sh {MOUNT}/sh; mkfifo /run/box/fifo")
    other = {**box.disk("b"), "directory": "/srv/d2"}
    box.must("start", other, instance="other")
    innocents = [box.hold("cd /srv/d2"), box.hold("exec 9</srv/img/a"), box.hold("cd /srv")]
    script, is_python = HOLDERS[how]
    if how == "namespace":
        holder = box.spawn("unshare", "-m", "--propagation", "slave", "sh", "-c", f"cd {MOUNT}; echo $$; exec sleep 1000")
        holder = int(holder.stdout.readline())
    else:
        holder = box.hold(script, is_python)
    result = box.must("stop", disk)
    assert f"SIGTERM to process {holder} " in result.err and result.err.count("SIG") == 1, result
    fslab.wait_ended(box, holder)
    assert not box.is_mounted() and not box.holders_of_device(disk["device"])
    assert all(box.lives(pid) for pid in innocents)
    assert box.is_mounted("/srv/d2")


def test_bind_mount_is_unmounted_alone(box, disk):
    """RA#1304: stop of a bind mount ended all users of the file system that it shows."""
    box.run("mkdir", MOUNT, "/srv/b")
    box.run("mount", disk["device"], MOUNT)
    box.run("mkdir", f"{MOUNT}/sub")
    bind = {"device": f"{MOUNT}/sub", "directory": "/srv/b", "fstype": "none", "options": "bind"}
    box.must("start", bind)
    innocents = [box.hold(f"cd {MOUNT}/sub"), box.hold(f"exec 9>{MOUNT}/sub/x")]
    holder = box.hold("exec 9>/srv/b/y")
    box.must("stop", bind)
    assert not box.is_mounted("/srv/b") and box.is_mounted(MOUNT)
    assert not box.lives(holder) and all(box.lives(pid) for pid in innocents)


def test_what_is_mounted_below_and_copies_go_too(box, disk):
    box.must("start", disk)
    box.run("sh", "-c", f"mkdir -p {MOUNT}/sub/t /srv/copy /srv/c2 && mount -t tmpfs none {MOUNT}/sub/t && "
                        f"mkdir {MOUNT}/sub/t/deep && mount -t tmpfs none {MOUNT}/sub/t/deep && "
                        f"mount --bind {MOUNT}/sub /srv/copy && mount -t tmpfs none {MOUNT}")
    for action in ("monitor", "start"):
        result = box.call(action, disk)
        assert result.code == 1 and "mounted over it" in result.reason, result
    assert box.probe(disk).code == 1
    holders = [box.hold("cd /srv/copy"), box.hold(f"cd {MOUNT}")]
    innocent = box.hold("cd /srv/c2")
    box.must("stop", disk)
    assert box.mounts() == [] and not box.holders_of_device(disk["device"])
    assert not any(box.lives(pid) for pid in holders) and box.lives(innocent)


def test_device_whose_name_begins_alike(box):
    """The stock agent unmounts /dev/loop10 with /dev/loop1: it looks for a part of the name."""
    disks = {}
    for number in range(12):
        disk = box.disk(f"n{number}", 1, fstype=None)
        disks[disk["device"]] = disk
    short = next(device for device in disks if any(other != device and other.startswith(device) for other in disks))
    longer = next(device for device in disks if device != short and device.startswith(short))
    for device, directory in ((short, "/srv/d"), (longer, "/srv/e")):
        box.run("mkfs.ext4", "-q", device)
        box.must("start", {**disks[device], "directory": directory}, instance=directory[5:])
    innocent = box.hold("cd /srv/e")
    box.must("stop", disks[short])
    assert not box.is_mounted("/srv/d") and box.is_mounted("/srv/e") and box.lives(innocent)


def test_term_then_kill(box, disk):
    box.must("start", disk)
    stubborn = box.hold(f"trap '' TERM; cd {MOUNT}")
    begin = time.monotonic()
    result = box.must("stop", disk, meta={"timeout": 6000})
    assert 2 < time.monotonic() - begin < 5.7
    assert result.err.count(f"SIGTERM to process {stubborn} ") == 1 and f"SIGKILL to process {stubborn} " in result.err
    assert not box.is_mounted() and not box.lives(stubborn)


def test_holder_that_takes_its_time_is_not_killed(box, disk):
    """A database has the half of the timeout to end."""
    box.must("start", disk)
    script = f"cd {MOUNT}; trap 'sleep 1.5; echo x >{MOUNT}/ended; exit 0' TERM; echo $$; while :; do read x </run/box/fifo; done"
    box.run("mkfifo", "/run/box/fifo")
    holder = box.spawn("sh", "-c", script)
    holder.stdout.readline()
    result = box.must("stop", disk, meta={"timeout": 20000})
    assert "SIGKILL" not in result.err and "sleep" in result.err or "SIGTERM" in result.err
    box.must("start", disk)
    assert box.path(f"{MOUNT}/ended").exists()


def test_stopped_holder(box, disk):
    box.must("start", disk)
    # A child of the box: nsenter(1) would stop with its own.
    shell = box.spawn("sh", "-c", f"(cd {MOUNT} && echo 0 && exec sleep 1000) & echo $!; wait")
    holder = max(int(shell.stdout.readline()), int(shell.stdout.readline()))
    box.kill(holder, 19)
    begin = time.monotonic()
    box.must("stop", disk)
    assert time.monotonic() - begin < 5 and not box.is_mounted()


def test_fast_stop(box, disk):
    params = {**disk, "fast_stop": "yes"}
    box.must("start", params)
    box.hold(f"trap '' TERM; cd {MOUNT}")
    begin = time.monotonic()
    box.must("stop", params, meta={"timeout": 60000})
    assert 2.5 < time.monotonic() - begin < 5
    assert not box.is_mounted()


def test_force_unmount_false_ends_nobody(box, disk):
    params = {**disk, "force_unmount": "false"}
    box.must("start", params)
    holder = box.hold(f"cd {MOUNT}")
    begin = time.monotonic()
    result = box.call("stop", params, {"timeout": 3000})
    assert result.code == 1 and time.monotonic() - begin < 3, result
    assert f"process {holder} (sleep, cwd) uses it" in result.reason and "force_unmount" in result.reason
    assert box.lives(holder) and box.is_mounted()
    stop = box.spawn(box.agent.program, "stop", env=box.environment(params))
    box.kill(holder)
    assert stop.wait(10) == 0 and not box.is_mounted()


def test_busy_by_nobody_says_what_to_look_for(box, disk):
    box.must("start", disk)
    box.run("sh", "-c", f"truncate -s 8M {MOUNT}/image")
    loop = box.loop(f"{MOUNT}/image")
    result = box.call("stop", disk, {"timeout": 2000})
    assert result.code == 1 and "no process uses it: look for" in result.reason, result
    box.run("losetup", "-d", loop)
    box.must("stop", disk)


@pytest.mark.parametrize("hold", [f"exec 9>{MOUNT}/file", f"cd {MOUNT}"])
def test_lazily_unmounted_is_not_stopped(box, disk, hold):
    """What umount -l took from sight is still there, and written to."""
    box.must("start", disk)
    holder = box.hold(hold)
    box.run("umount", "-l", MOUNT)
    assert not box.is_mounted() and box.holders_of_device(disk["device"])
    begin = time.monotonic()
    result = box.call("stop", {**disk, "force_unmount": "false"}, {"timeout": 2000})
    assert result.code == 1 and f"{disk['device']} is busy: process {holder} (sleep, {'cwd' if 'cd' in hold else 'fd'}) uses it" in result.reason, result
    assert time.monotonic() - begin < 2 and box.lives(holder)
    result = box.must("stop", disk)
    assert f"SIGTERM to process {holder} " in result.err and not box.holders_of_device(disk["device"])
    assert not box.lives(holder)


@pytest.mark.parametrize("is_busy", [False, True])
def test_mounted_in_another_namespace_only(box, disk, is_busy):
    """The device is free only when no namespace shows it: a container's copy goes, too."""
    box.must("start", disk)
    script = f"cd {MOUNT if is_busy else '/'}; echo $$; exec sleep 1000"
    other = int(box.spawn("unshare", "-m", "--propagation", "private", "sh", "-c", script).stdout.readline())
    box.must("stop", disk)
    assert not box.is_mounted() and not box.holders_of_device(disk["device"])
    assert box.lives(other) != is_busy


def test_other_mounts_of_a_device_in_other_namespaces_stay_for_a_bind_mount(box, disk):
    box.run("mkdir", MOUNT, "/srv/b")
    box.run("mount", disk["device"], MOUNT)
    bind = {"device": MOUNT, "directory": "/srv/b", "fstype": "none", "options": "bind"}
    box.must("start", bind)
    other = int(box.spawn("unshare", "-m", "--propagation", "private", "sh", "-c",
                          "cd /srv/b; echo $$; exec sleep 1000").stdout.readline())
    box.must("stop", bind)
    assert box.is_mounted(MOUNT) and not box.is_mounted("/srv/b") and box.lives(other)


def test_another_device_is_mounted(box, disk):
    """RA#1935, RA#2138, RA#2159: what is mounted there was never compared with the device."""
    other = box.disk("b")
    box.must("start", other)
    for result in (box.call("monitor", disk), box.probe(disk), box.call("start", disk)):
        assert result.code == 1 and other["device"] in result.reason, result
    # Maybe ours under its old number: a stop leaves nothing at the mount point.
    box.must("stop", disk)
    assert not box.is_mounted() and not box.holders_of_device(other["device"])


def test_renamed_device(box, disk):
    """The name of the device leads to another disk after it came back: still ours, and never "stopped"."""
    other = box.disk("b")
    box.run("ln", "-s", disk["device"], "/run/box/disk")
    params = {**disk, "device": "/run/box/disk"}
    box.must("start", params)
    assert box.call("monitor", params).code == 0
    box.run("ln", "-sf", other["device"], "/run/box/disk")
    assert (box.call("monitor", params).code, box.probe(params).code) == (1, 1)
    box.must("stop", params)
    assert not box.is_mounted() and not box.holders_of_device(disk["device"])


@pytest.mark.parametrize("how", ["mount --move /srv/up/d /srv/moved", "mv /srv/up /srv/renamed"])
def test_moved_mount_is_ours(box, disk, how):
    """The mount is elsewhere now, and its device in use: never "not running"."""
    params = {**disk, "directory": "/srv/up/d"}
    box.must("start", params)
    box.run("mkdir", "/srv/moved")
    box.run("sh", "-c", how)
    assert not box.is_mounted("/srv/up/d") and box.mounts()
    for result in (box.call("monitor", params), box.probe(params), box.call("start", params)):
        assert result.code == 1 and box.mounts()[0][0] in result.reason, result
    holder = box.hold(f"cd {box.mounts()[0][0]}")
    box.must("stop", params)
    assert not box.mounts() and not box.holders_of_device(disk["device"]) and not box.lives(holder)


def test_id_of_a_mount_that_is_gone_is_nobody_s(box, disk):
    """The kernel gives ids away again: another mount with it is not taken for ours."""
    box.must("start", disk)
    lines = box.path("/run/haops/watch-fs").read_text(encoding="ascii")
    box.must("stop", disk)
    box.run("mkdir", "-p", "/srv/e")
    box.run("mount", "-t", "tmpfs", "none", "/srv/e")
    other = next(line.split()[0] for line in box.path("/proc/1/mountinfo").read_text(encoding="utf-8").splitlines()
                 if line.split()[4] == "/srv/e")
    box.write("/run/haops/watch-fs", re.sub(r"(?m)^mount \d+ ", f"mount {other} ", lines))
    assert (box.probe(disk).code, box.call("monitor", disk).code) == (7, 7)
    box.must("stop", disk)
    assert box.is_mounted("/srv/e")


def test_foreign_file_system_is_left_alone(box, disk):
    box.run("mkdir", MOUNT)
    box.run("mount", "-t", "tmpfs", "none", MOUNT)
    innocent = box.hold(f"cd {MOUNT}")
    assert (box.probe(disk).code, box.call("monitor", disk).code, box.call("start", disk).code) == (7, 1, 1)
    assert "left alone" in box.must("stop", disk).err
    assert box.is_mounted() and box.lives(innocent)


def fill(box):
    """Leaves no block: what ext4 keeps back from buffered writes is had by direct ones."""
    box.run("sh", "-c", f"cat /dev/zero > {MOUNT}/fill; sync; dd if=/dev/zero of={MOUNT}/fill2 bs=1k oflag=direct", check=False)


def test_full_file_system(box):
    """No room is no reason to move: it would be as full elsewhere. What is there can be written."""
    disk = box.disk("small", 2)
    box.must("start", disk)
    fill(box)
    result = box.level(20, disk)
    assert result.code == 0 and "is full" in result.err, result
    box.run("sh", "-c", f"rm {MOUNT}/fill*")
    assert (box.level(20, disk).code, box.level(20, disk).err) == (0, "")
    fill(box)
    result = box.level(20, disk)
    assert (result.code, result.err) == (0, ""), result
    box.must("stop", disk)
    box.must("start", disk)
    box.must("stop", disk)


def test_read_only_by_remount_is_seen_at_depth_10(box, disk):
    box.must("start", disk)
    box.run("mount", "-o", "remount,ro", MOUNT)
    assert box.level(0, disk).code == 0
    assert box.level(20, disk).code == 1
    box.must("stop", disk)


def test_status_file_is_the_stock_agent_s(box, disk):
    box.must("start", disk)
    host = box.run("uname", "-n").stdout.strip()
    for params, file in ((disk, f".Filesystem_status/fs_{host}"), ({**disk, "statusfile_prefix": "plain-"}, f"plain-fs_{host}")):
        assert box.level(20, params).code == 0
        assert box.path(f"{MOUNT}/{file}").read_bytes() == b"fs\n".ljust(4096, b"\0")
    assert box.call("monitor", disk, extra={"OCF_CHECK_LEVEL": "20", "OCF_RESKEY_CRM_meta_clone": "1"}).code == 0
    assert box.path(f"{MOUNT}/.Filesystem_status/fs_1_{host}").exists()
    box.must("stop", disk, extra={"OCF_CHECK_LEVEL": "20"})
    box.must("start", disk)
    assert not box.path(f"{MOUNT}/.Filesystem_status/fs_{host}").exists()
    assert box.path(f"{MOUNT}/.Filesystem_status/fs_1_{host}").exists()


def test_eighty_mounts_come_and_go(box, disk):
    """RA#1337: a table that changed while it was read told that nothing is mounted."""
    box.must("start", disk)
    script = ("i=0; while [ -e /run/box/go ]; do i=$(((i + 1) % 80)); mkdir -p /srv/t$i; mount -t tmpfs none /srv/t$i; "
              "umount /srv/t$(((i + 40) % 80)) 2>/dev/null; done")
    box.write("/run/box/go", "")
    noise = box.spawn("sh", "-c", script)
    codes = [box.call("monitor", disk).code for _ in range(200)]
    box.run("rm", "/run/box/go")
    noise.wait(20)
    assert set(codes) == {0}


def test_something_below_the_mount_point_keeps_start_from_hiding_it(box, disk):
    box.run("mkdir", "-p", f"{MOUNT}/below")
    box.run("mount", "-t", "tmpfs", "none", f"{MOUNT}/below")
    result = box.call("start", disk)
    assert result.code == 1 and f"{MOUNT}/below is mounted below" in result.reason, result


def test_run_by_hand_within_the_mount(box, disk):
    box.must("start", disk)
    done = box.run("sh", "-c", f"cd {MOUNT} && exec {box.agent.program} stop", check=False, env=box.environment(disk))
    assert done.returncode == 0 and not box.is_mounted()


def test_fsck(box):
    disk = box.disk()
    forced = {**disk, "run_fsck": "force"}
    assert "checking" in box.must("start", forced).err
    box.must("stop", forced)
    assert "checking" not in box.must("start", disk).err
    box.must("stop", disk)
    box.run("dd", "if=/dev/zero", f"of={disk['device']}", "bs=1024", "count=200", "seek=1", "conv=fsync")
    result = box.call("start", forced)
    assert result.code == 1 and "fsck of" in result.reason, result
    result = box.call("start", disk)
    assert result.code == 1 and "mount of" in result.reason and not box.is_mounted(), result


def test_ten_at_once(box):
    """RA#1907, RA#1917: stops of ten file systems got in each other's way."""
    disks = [{**box.disk(f"d{i}", 4), "directory": f"/srv/d{i}"} for i in range(10)]
    for i, disk in enumerate(disks):
        box.must("start", disk, instance=f"d{i}")
    holders = [box.hold(f"cd /srv/d{i}") for i in range(10)]
    stops = [box.spawn(box.agent.program, "stop", env=box.environment(disk, instance=f"d{i}"))
             for i, disk in enumerate(disks)]
    assert [stop.wait(20) for stop in stops] == [0] * 10
    assert box.mounts() == []
    wait_until(lambda: not any(box.lives(pid) for pid in holders), "holders gone")
