# SPDX-License-Identifier: GPL-2.0-or-later
"""The file system that a namespace machine sees.

Root is the host's. /etc, /var, /srv, /usr/local, the folders of daemons (/usr/sbin, /usr/libexec)
and that of OCF agents are overlays whose upper layer is the machine's own disk: a size-limited tmpfs that belongs to the lab, outlives the
machine's power cycles like a disk, and can be filled without hurting the host. Folders that hold
state of a cluster start empty. /run, /dev, /dev/shm, /proc and /sys are the machine's own. A
volume is a second disk, for one folder.
"""
from __future__ import annotations

import os
import shutil
import stat

from . import syscalls
from .spec import LabSpec
from .wait import LabError

OVERLAYS = ("/etc", "/var", "/srv", "/usr/local", "/usr/lib/ocf/resource.d", "/usr/sbin",
            "/usr/libexec")
FRESH = ("/etc/corosync", "/var/log", "/var/lib/corosync", "/var/lib/pacemaker",
         "/var/lib/nginx", "/var/lib/mysql", "/var/tmp")
AGENTS_TARGET = "/usr/lib/ocf/resource.d/haops"
PACKAGE_TARGET = "/run/lab/py"
PACKAGE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8),
            "urandom": (1, 9), "tty": (5, 0), "fuse": (10, 229)}


def copy_owner(source: str, target: str) -> None:
    info = os.stat(source)
    os.chown(target, info.st_uid, info.st_gid)
    os.chmod(target, stat.S_IMODE(info.st_mode))


def skeleton(source: str, target: str) -> None:
    """Copy folders with owner and mode, but no file."""
    os.makedirs(target, exist_ok=True)
    copy_owner(source, target)
    for entry in os.scandir(source):
        if entry.is_dir(follow_symlinks=False):
            skeleton(entry.path, os.path.join(target, entry.name))


def _layer(disk: str, layer: str, top: str) -> str:
    return f"{disk}/{layer}/{top[1:].replace('/', '_')}"


def disk_path(disk: str, path: str) -> str:
    """Where a file written by the machine under one of the overlays lies on its disk."""
    for top in OVERLAYS:
        if path == top or path.startswith(top + "/"):
            return _layer(disk, "up", top) + path[len(top):]
    raise LabError(f"{path} is not on the machine's own disk (which has {', '.join(OVERLAYS)})")


def format_disk(disk: str, size_mb: int) -> None:
    """Make the disk and put the layers on it: done once in a machine's life."""
    os.makedirs(disk, exist_ok=True)
    syscalls.mount("labdisk", disk, "tmpfs", syscalls.MS_NOSUID, f"size={size_mb}m,mode=755")
    os.makedirs(f"{disk}/tmp")
    for top in OVERLAYS:
        if os.path.isdir(top):
            os.makedirs(disk_path(disk, top))
            os.makedirs(_layer(disk, "work", top))
            copy_owner(top, disk_path(disk, top))
    for path in FRESH:
        if os.path.isdir(path):
            _make_parents(disk, path)
            skeleton(path, disk_path(disk, path))
            os.setxattr(disk_path(disk, path), "trusted.overlay.opaque", b"y")


def _make_parents(disk: str, path: str) -> None:
    """Create the upper layer's folders above `path` with the host's owner and mode."""
    parent = os.path.dirname(path)
    if not os.path.isdir(disk_path(disk, parent)):
        _make_parents(disk, parent)
        os.mkdir(disk_path(disk, parent))
        if os.path.isdir(parent):
            copy_owner(parent, disk_path(disk, parent))


def write_disk_file(disk: str, path: str, text: str, owner: str = "") -> None:
    """Put a file on a machine's disk from outside; "user:group" makes it 0600 for that user."""
    _make_parents(disk, path)
    target = disk_path(disk, path)
    with open(target, "w", encoding="utf-8") as out:
        out.write(text)
    if owner:
        user, group = owner.split(":")
        shutil.chown(target, user, group)
        os.chmod(target, 0o600)


def _mount_overlays(disk: str) -> None:
    for top in OVERLAYS:
        if os.path.isdir(top):
            upper, work = _layer(disk, "up", top), _layer(disk, "work", top)
            syscalls.mount("overlay", top, "overlay", 0,
                           f"lowerdir={top},upperdir={upper},workdir={work}")


def _mount_dev() -> None:
    """Own device nodes: no watchdog, disk or /dev/log of the host is within reach."""
    syscalls.mount("labdev", "/dev", "tmpfs", syscalls.MS_NOSUID, "size=1m,mode=755")
    for name, (major, minor) in _DEVICES.items():
        os.mknod(f"/dev/{name}", stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(f"/dev/{name}", 0o666)
    for name in ("pts", "shm", "net"):
        os.mkdir(f"/dev/{name}")
    os.mknod("/dev/net/tun", stat.S_IFCHR | 0o600, os.makedev(10, 200))
    syscalls.mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620")
    syscalls.mount("labshm", "/dev/shm", "tmpfs", syscalls.MS_NOSUID, "size=512m,mode=1777")
    os.symlink("pts/ptmx", "/dev/ptmx")
    _link_streams("/dev")


def _link_streams(dev: str) -> None:
    links = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
             "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
    for name, target in links.items():
        os.symlink(target, f"{dev}/{name}")


def _run_skeleton() -> None:
    os.makedirs("/run/crm", exist_ok=True)
    shutil.chown("/run/crm", "hacluster", "haclient")
    os.chmod("/run/crm", 0o750)
    for path in ("/run/lock", "/run/resource-agents", "/run/lab"):
        os.makedirs(path, exist_ok=True)


def _bind_into(source: str, target: str) -> None:
    if not os.path.exists(source):
        raise LabError(f"{source} is to appear as {target} in the machine, but does not exist")
    if not os.path.exists(target):
        try:
            if os.path.isdir(source):
                os.makedirs(target)
            else:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                open(target, "x", encoding="utf-8").close()
        except OSError as error:
            raise LabError(f"cannot make {target} in the machine: {error}") from error
    syscalls.bind(source, target, readonly=True)


def lab_binds(lab: LabSpec) -> dict[str, str]:
    """What of the host is to be seen in a machine, and where: target to source."""
    binds = {PACKAGE_TARGET: PACKAGE_DIR, **lab.binds}
    if lab.agents_dir:
        binds[AGENTS_TARGET] = lab.agents_dir
    for kind, folders in (("lib", lab.lib_dirs), ("bin", lab.bin_dirs)):
        binds |= {f"/run/lab/{kind}/{i}": path for i, path in enumerate(folders)}
    return binds


def fill(path: str) -> None:
    """Make a file take all the room of its file system, to the last byte."""
    with open(path, "ab", buffering=0) as out:
        chunk = 1 << 26
        while chunk >= 1 << 16:
            try:
                os.posix_fallocate(out.fileno(), os.fstat(out.fileno()).st_size, chunk)
            except OSError:
                chunk >>= 1
        block = b"\0" * (1 << 16)
        while block:
            try:
                out.write(block)
            except OSError:
                block = block[:len(block) // 2]


def _mount_small(sizes: dict[str, int]) -> None:
    """Folders below /run with a file system of their own, so that a test can fill them."""
    for folder, size_kb in sizes.items():
        os.makedirs(folder, exist_ok=True)
        syscalls.mount("labsmall", folder, "tmpfs", syscalls.MS_NOSUID,
                       f"size={size_kb}k,mode=755")


def format_volume(path: str, size_mb: int) -> None:
    """Make a file system that a machine mounts at each boot: done once in its life."""
    os.makedirs(path)
    syscalls.mount("labvolume", path, "tmpfs", syscalls.MS_NOSUID, f"size={size_mb}m,mode=755")


def _mount_volumes(volumes: dict[str, str]) -> None:
    for target, source in volumes.items():
        os.makedirs(target, exist_ok=True)
        syscalls.bind(source, target)


def enter_private_root(disk: str, binds: dict[str, str], tmpfs: dict[str, int],
                       volumes: dict[str, str]) -> None:
    """Build the machine's view. The caller is in a new mount and pid namespace.

    `binds` maps target to source; sources are the host's, also those below /tmp. A target that
    does not exist can only be made below an overlay or /run: nothing is written on the host.
    `volumes` maps target to a file system of format_volume().
    """
    syscalls.make_private()
    _mount_overlays(disk)
    _mount_volumes(volumes)
    sources = {target: os.open(source, os.O_PATH) for target, source in binds.items()}
    tmp = os.open(f"{disk}/tmp", os.O_PATH)  # the disk is below the /run that is hidden next
    syscalls.mount("labrun", "/run", "tmpfs", syscalls.MS_NOSUID, "size=64m,mode=755")
    _run_skeleton()
    _mount_small(tmpfs)
    for target, fd in sources.items():
        writable_top = target.startswith(("/run/", *(top + "/" for top in OVERLAYS)))
        if not os.path.exists(target) and not writable_top:
            raise LabError(f"{target} does not exist, and would have to be made on the host")
        _bind_into(f"/proc/self/fd/{fd}", target)
        os.close(fd)
    syscalls.bind(f"/proc/self/fd/{tmp}", "/tmp")
    os.close(tmp)
    os.chmod("/tmp", 0o1777)
    _mount_dev()
    syscalls.mount("proc", "/proc", "proc")
    syscalls.mount("sysfs", "/sys", "sysfs")


# Virtual machines --------------------------------------------------------------------------------

LOG_TAG = "log"     # of the folder on the host that is a virtual machine's /var/log


def enter_machine_root(binds: dict[str, str], tmpfs: dict[str, int],
                       volumes: dict[str, str]) -> None:
    """The same for the init of a virtual machine, whose root is an overlay on its own disk as a
    whole, and which has /proc, /sys and /dev. `volumes` maps target to block device."""
    sources = {target: os.open(source, os.O_PATH) for target, source in binds.items()}
    for target, size, mode in (("/run", "64m", "755"), ("/tmp", "64m", "1777")):
        syscalls.mount("labrun", target, "tmpfs", syscalls.MS_NOSUID, f"size={size},mode={mode}")
    _run_skeleton()
    os.makedirs("/run/drbd")
    _mount_small(tmpfs)
    for target, device in volumes.items():
        os.makedirs(target, exist_ok=True)
        syscalls.mount(device, target, "ext4")
    syscalls.mount(LOG_TAG, "/var/log", "9p", 0, "trans=virtio,version=9p2000.L,cache=none")
    for target, fd in sources.items():
        _bind_into(f"/proc/self/fd/{fd}", target)
        os.close(fd)
    for name in ("pts", "shm"):
        os.makedirs(f"/dev/{name}", exist_ok=True)
    syscalls.mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666,mode=620")
    syscalls.mount("labshm", "/dev/shm", "tmpfs", syscalls.MS_NOSUID, "mode=1777")
    syscalls.mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
    _link_streams("/dev")
