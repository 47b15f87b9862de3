# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel of virtual machines, and the small first root that finds them the real one.

The kernel is the distribution's own package with its modules. The initramfs is a cpio archive made
here: busybox, the few modules that reach disk, network and the host's files, and a script. It makes
the machine's root: the host's root (9p, read only) below an overlay on the machine's own disk.
"""
from __future__ import annotations

import os
import re
import stat
import subprocess

from .wait import LabError

BUSYBOX = "/usr/bin/busybox"
_MODULES = ("crc32c_generic", "virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_net", "virtio_blk", "ext4",
            "virtio_console")
_PACKAGES = "install packages linux-image-amd64 and busybox-static"

_INIT = """#!/bin/busybox sh
say() { echo "lab: $*" >/dev/console; }
try() { "$@" || { say "failed: $*"; exec /bin/busybox poweroff -f; }; }
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
# What this processor does not have (crc32c-intel) is not needed: what is, is missed below.
while read -r module; do insmod "/modules/$module" 2>/dev/null; done </modules/order
p9=trans=virtio,version=9p2000.L,msize=512000
try mount -t 9p -o "$p9,cache=loose,ro" host /host
try mount -t ext4 /dev/vda /disk
try mount -t overlay -o lowerdir=/host,upperdir=/disk/up,workdir=/disk/work overlay /root
for top in dev proc sys; do mount --move /$top /root/$top; done
program=$(sed -n 's/.*lab\\.init=\\([^ ]*\\).*/\\1/p' /root/proc/cmdline)
exec switch_root /root /usr/bin/python3 -I -S -B "$program" </root/dev/console >/root/dev/console 2>&1
"""


def _numbers(version: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d+", version)]


def kernel_version() -> str:
    """The newest kernel of the distribution that is there with its modules."""
    found = [entry for entry in (os.listdir("/lib/modules") if os.path.isdir("/lib/modules") else [])
             if os.path.exists(f"/boot/vmlinuz-{entry}")
             and os.path.exists(f"/lib/modules/{entry}/modules.dep")]
    if not found:
        raise LabError(f"there is no kernel for virtual machines: {_PACKAGES}")
    return max(found, key=_numbers)


def kernel(version: str) -> str:
    return f"/boot/vmlinuz-{version}"


def module_files(version: str) -> list[str]:
    """What is to be loaded, in order."""
    files: list[str] = []
    for name in _MODULES:
        done = subprocess.run(["/usr/sbin/modprobe", "-S", version, "--show-depends", name],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"kernel {version} has no module {name}: {done.stderr.strip()}")
        words = [line.split() for line in done.stdout.splitlines()]
        files += [w[1] for w in words if w[0] == "insmod" and w[1] not in files]
    return files


# cpio --------------------------------------------------------------------------------------------


def _entry(number: int, name: str, mode: int, data: bytes = b"") -> bytes:
    """One file of a "newc" archive. The only device that is needed is the console."""
    device = (5, 1) if stat.S_ISCHR(mode) else (0, 0)
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % value for value in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def archive(files: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive of path to (mode, data). Parents come first."""
    entries = [_entry(number, name, mode, data)
               for number, (name, (mode, data)) in enumerate(files.items(), start=1)]
    return b"".join(entries) + _entry(0, "TRAILER!!!", 0)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}: {_PACKAGES}") from error


def make(version: str, path: str) -> None:
    """Write the initramfs for that kernel."""
    folder, program = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755
    files = {name: (folder, b"") for name in
             ("bin", "dev", "proc", "sys", "host", "disk", "root", "modules")}
    files["dev/console"] = (stat.S_IFCHR | 0o600, b"")
    files["bin/busybox"] = (program, _read(BUSYBOX))
    files["init"] = (program, _INIT.encode())
    modules = module_files(version)
    for module in modules:
        files[f"modules/{os.path.basename(module)}"] = (stat.S_IFREG | 0o644, _read(module))
    order = "".join(os.path.basename(module) + "\n" for module in modules)
    files["modules/order"] = (stat.S_IFREG | 0o644, order.encode())
    with open(path, "wb") as out:
        out.write(archive(files))
