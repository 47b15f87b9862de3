# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for what a lab may have left behind. It only looks: the kernel does the removing
(see keeper.py), and a finding here is a bug."""
from __future__ import annotations

import os
from dataclasses import dataclass, field

from . import rpc

_KINDS = ("pid", "net", "mnt", "ipc", "uts")
_MOUNT_SOURCES = ("haopslab", "labdisk", "labrun", "labdev", "labshm")


@dataclass
class Footprint:
    """The identity of a lab: namespaces that exist only because of it, and its processes.

    The namespaces are held open, since the kernel gives the number of one that is gone to the
    next that is made, which may be another lab's.
    """
    name: str
    namespaces: dict[str, int] = field(default_factory=dict)
    processes: set[tuple[int, str]] = field(default_factory=set)

    def close(self) -> None:
        for fd in self.namespaces.values():
            os.close(fd)
        self.namespaces.clear()


def _start_time(pid: int) -> str:
    """Field 22 of stat: with the pid it identifies a process for ever. Empty for a zombie, which
    is nothing but a status that its parent (a lab's owner) has not collected yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except (OSError, IndexError):
        return ""


def _namespaces(pid: int | str) -> set[str]:
    found = set()
    for kind in _KINDS:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
        except OSError:
            pass  # it has just ended
    return found


def _hold(lab: Footprint, pid: int, not_these: set[str]) -> None:
    for kind in _KINDS:
        try:
            fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
        except OSError:
            continue  # it has just ended
        link = os.readlink(f"/proc/self/fd/{fd}")
        if link in not_these or link in lab.namespaces:
            os.close(fd)
        else:
            lab.namespaces[link] = fd


def descendants(pid: int) -> list[int]:
    """All processes below one, in its pid namespace or in one below that."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return children + [grand for child in children for grand in descendants(child)]


def footprint(name: str, guard_pid: int) -> Footprint:
    """What the lab whose guard has that pid consists of at this moment."""
    own = _namespaces("self")
    lab = Footprint(name)
    for pid in [guard_pid, *descendants(guard_pid)]:
        _hold(lab, pid, own)
        lab.processes.add((pid, _start_time(pid)))
    return lab


def find(lab: Footprint) -> list[str]:
    """Everything of it that still exists, in words; empty is good."""
    found = [f"process {pid}" for pid, start in sorted(lab.processes)
             if start and _start_time(pid) == start]
    for entry in os.listdir("/proc"):
        if entry.isdigit() and _namespaces(entry) & lab.namespaces.keys():
            found.append(f"process {entry} in a namespace of the lab")
    if lab.name in rpc.running_labs():
        found.append(f"socket of lab {lab.name}")
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        found += [f"mount {line.split()[1]}" for line in mounts
                  if line.split()[0] in _MOUNT_SOURCES]
    if os.path.exists(f"/run/haops-lab/{lab.name}"):
        found.append(f"/run/haops-lab/{lab.name}")
    return found
