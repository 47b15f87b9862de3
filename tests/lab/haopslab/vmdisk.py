# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks of a virtual machine: raw files in a file system of the lab.

The first one (/dev/vda) is ext4 and holds what the machine writes: the upper layer of its root. It is
made with all files in it by mke2fs, without being mounted. What a machine has synced is on it after a
power cut; what was still in its memory is not.
"""
from __future__ import annotations

import os
import shutil
import stat
import subprocess

from . import mounts, syscalls
from .wait import LabError

_SLACK_MB = 64  # log files, console


def make_store(folder: str, sizes_mb: list[int]) -> None:
    """The file system for disks of these sizes and the logs. Files in it are sparse, so it takes the
    memory of what was written."""
    os.makedirs(folder)
    syscalls.mount("labdisk", folder, "tmpfs", syscalls.MS_NOSUID,
                   f"size={sum(sizes_mb) + _SLACK_MB}m,mode=755")


def make_raw(path: str, size_mb: int) -> None:
    """An empty disk."""
    with open(path, "xb") as out:
        out.truncate(size_mb << 20)


def make_ext4(path: str, size_mb: int, tree: str = "") -> None:
    """A disk with a file system, and what is below `tree` in it."""
    make_raw(path, size_mb)
    argv = ["/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-E", "lazy_itable_init=1"]
    done = subprocess.run(argv + (["-d", tree] if tree else []) + [path], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"no file system could be made on {path}: {done.stderr.strip()}")


def make_system(path: str, size_mb: int, files: dict[str, str], owned: dict[str, str]) -> None:
    """The first disk, with these files; folders that hold a cluster's state are empty on it."""
    tree = f"{path}.tree"
    os.makedirs(f"{tree}/up")
    os.makedirs(f"{tree}/work")
    mounts.copy_owner("/", f"{tree}/up")
    for folder in mounts.FRESH:
        if os.path.isdir(folder):
            _empty(f"{tree}/up", folder)
    for name, text in files.items():
        _write(f"{tree}/up", name, text, owned.get(name, ""))
    make_ext4(path, size_mb, tree)
    shutil.rmtree(tree)


def make_logs(folder: str) -> None:
    """What becomes the machine's /var/log: the host's folders, with no file in them."""
    mounts.skeleton("/var/log", folder)


def _parents(top: str, path: str) -> None:
    """Folders above `path` with the host's owner and mode."""
    parent = os.path.dirname(path)
    if parent != "/" and not os.path.isdir(top + parent):
        _parents(top, parent)
        os.mkdir(top + parent)
        if os.path.isdir(parent):
            mounts.copy_owner(parent, top + parent)


def _empty(top: str, folder: str) -> None:
    _parents(top, folder)
    mounts.skeleton(folder, top + folder)
    os.setxattr(top + folder, "trusted.overlay.opaque", b"y")


def _write(top: str, path: str, text: str, owner: str) -> None:
    _parents(top, path)
    with open(top + path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(top + path, stat.S_IRUSR | stat.S_IWUSR | (0 if owner else 0o044))
    if owner:
        shutil.chown(top + path, *owner.split(":"))
