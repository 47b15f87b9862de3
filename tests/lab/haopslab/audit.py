# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps a cluster from being whole, as a list of sentences; an empty list is good."""
from __future__ import annotations

from typing import TYPE_CHECKING

from . import pacemaker

if TYPE_CHECKING:
    from .machine import Machine


_FAULTS = {"cut": "cut", "frozen": "frozen", "filled": "filled",
           "filled_folders": "filled in a folder", "hogs": "kept busy"}


def hardware_findings(status: dict) -> list[str]:
    """Faults that the lab itself has made, and machines that are not on."""
    findings = [f"switch{s['ring']} is off" for s in status["switches"] if not s["on"]]
    findings += [f"switch{s['ring']} loses packets" for s in status["switches"] if s["loss"]]
    for name, machine in status["machines"].items():
        if machine["power"] != "on":
            findings.append(f"{name} is {machine['power']} {machine['reason']}".strip())
        findings += [f"{name} is {word}" for field, word in _FAULTS.items() if machine[field]]
    return findings


def view_findings(view: pacemaker.View, names: list[str], allow_failures: bool) -> list[str]:
    """What the cluster itself complains about."""
    findings = [] if view.quorate else ["no quorum"]
    for name in names:
        node = view.nodes.get(name)
        if node is None or not node.is_whole():
            findings.append(f"node {node if node else name + ' unknown'}")
    for resource in view.resources:
        words = [w for w in ("failed", "blocked", "orphaned") if getattr(resource, w)]
        findings += [f"{resource.id} is {' '.join(words)}"] if words else []
    return findings + ([] if allow_failures else [str(f) for f in view.failures])


def ring_findings(node: Machine) -> list[str]:
    """corosync-cfgtool -s says "connected" for each link to each peer."""
    text = node.run(["/usr/sbin/corosync-cfgtool", "-s"]).stdout
    return [f"{node.name}: ring {line.strip()}" for line in text.splitlines()
            if "nodeid:" in line and "disconnected" in line]
