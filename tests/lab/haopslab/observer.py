# SPDX-License-Identifier: GPL-2.0-or-later
"""The handle of the observer on the wire (wirewatch.py)."""
from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from . import spec
from .reporter import Reporter, clock
from .switch import BRIDGE
from .wait import LabError

if TYPE_CHECKING:
    from .link import LabLink

_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wirewatch.py")


class Observer(Reporter):
    """Proves (or refutes) that at no instant two machines answered for an address."""

    def __init__(self, link: "LabLink", addresses: list[str], ring: int = 0):
        super().__init__("the observer")
        self._link = link
        self._addresses = addresses
        self._ring = ring

    def _start(self) -> subprocess.Popen:
        status = self._link.status()
        argv = status["switches"][self._ring]["prefix"] + [
            "/usr/bin/python3", "-B", _PROGRAM, BRIDGE,
            spec.ipv4(self._ring, spec.OBSERVER_NUMBER),
            f"{status['state_dir']}/observer.jsonl", *self._addresses]
        return subprocess.Popen(argv, env=self._link.env(), **self._pipes)

    def violations(self) -> list[dict]:
        """All proofs of two owners: kind, time, who, text."""
        return [{"address": address, **violation}
                for address, seen in self.report["addresses"].items()
                for violation in seen["violations"]]

    def owners(self, address: str) -> list[dict]:
        """Who answered for an address, run by run: who, first, last, count."""
        return self.report["addresses"][address]["owners"]

    def assert_single(self) -> None:
        """Raise if ever two machines answered, or if nothing was seen at all."""
        found = self.violations()
        if found:
            raise LabError(f"{len(found)} times two owners: "
                           + "; ".join(f"{clock(v['time'])} {v['address']}: {v['text']}"
                                       for v in found[:5]))
        silent = [a for a, seen in self.report["addresses"].items() if not seen["answers"]]
        if silent:
            raise LabError(f"nobody ever answered for {', '.join(silent)}: nothing is proved")

    def text(self) -> str:
        """The report for a reader."""
        lines = [f"{self.report['questions']} questions"]
        for address, seen in self.report["addresses"].items():
            lines.append(f"{address}: {seen['answers']} answers, "
                         f"{len(seen['announcements'])} announcements, "
                         f"{len(seen['violations'])} violations")
            lines += [f"  {clock(r['first'])} - {clock(r['last'])}  {r['who']} "
                      f"({r['count']} answers)" for r in seen["owners"]]
            lines += [f"  {clock(v['time'])}  {v['kind']}: {v['text']}"
                      for v in seen["violations"]]
        return "\n".join(lines)
