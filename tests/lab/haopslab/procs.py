# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds processes of one pid namespace through the host's /proc, and signals them by pidfd.

A name alone never selects a process: it must live in the pid namespace given, checked again
after the pidfd was opened, so a recycled pid cannot be hit.
"""
from __future__ import annotations

import os
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """`host_pid` as /proc shows it; `pid` in the keeper's pid namespace, for pidfd_open."""
    host_pid: int
    pid: int


def pid_namespace(host_pid: int | str) -> str:
    """Identity of the pid namespace a process lives in; empty when it is gone."""
    try:
        return os.readlink(f"/proc/{host_pid}/ns/pid")
    except OSError:
        return ""


def _names(host_pid: int) -> set[str]:
    """The names a process may be asked for: comm, and program of the command line."""
    try:
        with open(f"/proc/{host_pid}/comm", encoding="utf-8", errors="replace") as file:
            names = {file.read().strip()}
        with open(f"/proc/{host_pid}/cmdline", "rb") as file:
            argv0 = file.read().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return set()
    # A daemon may set a title: "nginx: master process ..." is found as "nginx".
    return names | {os.path.basename(argv0), os.path.basename(argv0).split(":")[0]}


def ns_pids(host_pid: int | str) -> list[int]:
    """The pids of a process from the outermost namespace inwards: host, keeper, machine."""
    try:
        with open(f"/proc/{host_pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("NSpid:"):
                    return [int(word) for word in line.split()[1:]]
    except OSError:
        pass
    return []


def find(namespace: str, name: str = "") -> list[Process]:
    """All processes of the namespace, or those with that program name."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or pid_namespace(entry) != namespace:
            continue
        if name and name not in _names(int(entry)):
            continue
        pids = ns_pids(entry)
        if pids:  # one only: we are in a machine, whose pid namespace is the outermost
            found.append(Process(pids[0], pids[min(1, len(pids) - 1)]))
    return found


def send(process: Process, namespace: str, signum: signal.Signals) -> bool:
    """Signal one process if it still is the one that was found."""
    try:
        pidfd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        if pid_namespace(process.host_pid) != namespace:
            return False
        signal.pidfd_send_signal(pidfd, signum)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(pidfd)
