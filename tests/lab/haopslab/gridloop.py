# SPDX-License-Identifier: GPL-2.0-or-later
"""Main loop of the measuring programs (prober, wire watch): acts on a fixed grid of time, serves
descriptors in between, and prints a JSON report for each line on stdin and at its end."""
from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import sys
import time


class GridLoop:
    """Derive, and fill in on_slot, report, and if something may be in flight, the other two."""

    def __init__(self, interval: float, selector: selectors.BaseSelector):
        self.interval = interval
        self.selector = selector
        self.wall = time.time() - time.monotonic()
        self._is_ending = False
        self._max_slip = 0.0
        self._skipped = 0

    def on_slot(self, now: float) -> None:
        """It is time for the next request."""
        raise NotImplementedError

    def report(self) -> dict:
        """What was seen so far."""
        raise NotImplementedError

    def on_turn(self, now: float) -> None:
        """Called each time round."""

    def in_flight_until(self) -> float | None:
        """When the oldest thing in flight is given up; None if there is none."""
        return None

    def run(self) -> None:
        """Until stdin ends, and nothing is in flight any more."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # by hand: Ctrl-C is for the command above
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._on_stdin)
        due = time.monotonic()
        while not self._is_ending or self.in_flight_until() is not None:
            now = time.monotonic()
            if now >= due and not self._is_ending:
                due = self._slot(now, due)
            self.on_turn(now)
            for key, _mask in self.selector.select(self._pause(due)):
                key.data(key.fileobj)
        self._print_report()

    def _pause(self, due: float) -> float:
        if self._is_ending:
            due = self.in_flight_until() or 0
        return max(0.0, due - time.monotonic())

    def _slot(self, now: float, due: float) -> float:
        """Act, and return when the next slot is due. Slots missed for want of CPU are skipped
        and counted, as a burst afterwards would tell nothing."""
        self._max_slip = max(self._max_slip, now - due)
        self.on_slot(now)
        due += self.interval
        while due < now - self.interval:
            due += self.interval
            self._skipped += 1
        return due

    def _on_stdin(self, fileobj: int) -> None:
        data = os.read(fileobj, 4096)
        for _ in range(data.count(b"\n")):
            self._print_report()
        if not data:
            self.selector.unregister(fileobj)
            self._is_ending = True

    def _print_report(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        quality = {"interval": self.interval, "max_slip": self._max_slip,
                   "skipped": self._skipped, "cpu_seconds": usage.ru_utime + usage.ru_stime}
        print(json.dumps(self.report() | quality), flush=True)


class EventLog:
    """Appends one JSON object per line, for the timeline."""

    def __init__(self, path: str, wall: float):
        self._file = open(path, "a", encoding="utf-8", buffering=1)
        self._wall = wall

    def write(self, mono: float, what: str, **details: object) -> None:
        """One event at a monotonic time."""
        line = {"wall": mono + self._wall, "mono": mono, "what": what, **details}
        try:
            self._file.write(json.dumps(line) + "\n")
        except OSError:
            pass  # a full disk is a fault that a scenario may be making
