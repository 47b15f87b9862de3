# SPDX-License-Identifier: GPL-2.0-or-later
"""The handle of a running prober (prober.py), for tests and the command."""
from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from .reporter import Reporter, clock
from .wait import wait_until

if TYPE_CHECKING:
    from .machine import Machine

PROGRAM = "/run/lab/py/haopslab/prober.py"
ASK_EVERY = 0.05


class Prober(Reporter):
    """Entered, it has had a first answer (unless wait_first=False). See outages.report for the
    contents of `report`; all lengths are in seconds."""

    def __init__(self, machine: "Machine", mode: str, target: str, *, interval_ms: float = 10,
                 timeout_ms: float = 300, wait_first: bool = True, first_timeout: float = 10):
        super().__init__(f"the prober of {target}")
        self._machine = machine
        self._argv = ["/usr/bin/python3", PROGRAM, mode, target,
                      "--interval", str(interval_ms), "--timeout", str(timeout_ms)]
        self._first_timeout = first_timeout if wait_first else 0
        self.target = target

    def _start(self) -> subprocess.Popen:
        return self._machine.popen(self._argv, **self._pipes)

    def _after_start(self) -> None:
        if not self._first_timeout:
            self.now()
            return
        wait_until(f"a first answer from {self.target}", lambda: (
            self.now()["ok"] > 0, f"{self.report['failed']} failures"),
            self._first_timeout, ASK_EVERY)

    def outages(self) -> list[dict]:
        """All outages so far: start, end (wall-clock), seconds, failed. A service that did not
        answer yet when the prober started counts as one."""
        return self.report["outages"]

    def outage_seconds(self) -> float:
        """Sum of all outages that have ended."""
        return sum(o["seconds"] or 0 for o in self.outages())

    def wait_outage(self, timeout: float = 30) -> dict:
        """Until an outage has begun; returns it."""
        wait_until(f"an outage of {self.target}", lambda: (
            bool(self.now()["outages"]), f"{self.report['ok']} answers"), timeout, ASK_EVERY)
        return self.report["outages"][-1]

    def wait_recovered(self, outages: int = 1, timeout: float = 60) -> list[dict]:
        """Until at least that many outages have begun and none lasts; returns all."""
        def recovered() -> tuple[bool, object]:
            found = self.now()["outages"]
            return (len(found) >= outages and all(o["end"] for o in found)), found
        wait_until(f"{self.target} to answer again", recovered, timeout, ASK_EVERY)
        return self.report["outages"]

    def text(self) -> str:
        """The report for a reader."""
        report = self.report
        lines = [f"{report['target']}: {report['sent']} asked, {report['ok']} answered, "
                 f"{report['failed']} failed; "
                 f"slowest answer {report['slowest_answer'] * 1000:.1f} ms"]
        for served in report["served"]:
            lines.append(f"  {clock(served['first'])} - {clock(served['last'])}  "
                         f"{served['who'] or 'somebody'} answered {served['count']} times")
        for outage in report["outages"]:
            length = "lasts" if outage["seconds"] is None else f"{outage['seconds']:.3f} s"
            lines.append(f"  {clock(outage['start'])} - {clock(outage['end'])}  "
                         f"no answer: {length}")
        return "\n".join([lines[0], *sorted(lines[1:])])
