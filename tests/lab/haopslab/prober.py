# SPDX-License-Identifier: GPL-2.0-or-later
"""The visitor: a program run in the client's network that asks every 10 ms and never stops.

    prober.py http URL | ping ADDRESS  [--interval MS] [--timeout MS] [--log FILE]

It uses ordinary sockets, so the client's kernel resolves and caches neighbours as any client's
does: a missing gratuitous ARP shows as an outage. http: a new TCP connection and GET each time,
non-blocking, as many in flight as the time-out allows; ping: ICMP echo. A request that got no
answer within the time-out has failed. The line "report" on stdin is answered by one JSON line;
end of file ends it with a last one.
"""
from __future__ import annotations

import argparse
import os
import sys
import time
from collections import deque

if __package__ in (None, ""):
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
from haopslab import outages, probe_http, probe_icmp  # noqa: E402
from haopslab.gridloop import EventLog, GridLoop  # noqa: E402


class ProberLoop(GridLoop):
    """Sends on the grid, collects answers, expires requests, writes transitions."""

    def __init__(self, probe: object, interval: float, timeout: float, log_path: str):
        super().__init__(interval, probe.selector)
        self._probe = probe
        self._timeout = timeout
        self._log = EventLog(log_path, self.wall)
        self._samples: list[outages.Sample] = []
        self._open: deque[tuple[float, object]] = deque()
        self._last: outages.Sample | None = None
        probe.on_done = self._finish

    def on_slot(self, now: float) -> None:
        self._open.append((now, self._probe.send(now)))

    def in_flight_until(self) -> float | None:
        return self._open[0][0] + self._timeout if self._open else None

    def on_turn(self, now: float) -> None:
        """Give up what is too old, and forget what is done."""
        while self._open and (self._open[0][0] < now - self._timeout
                              or self._probe.is_done(self._open[0][1])):
            sent, request = self._open.popleft()
            if not self._probe.is_done(request):
                self._probe.abandon(request)
                self._finish(sent, False, "")

    def _finish(self, sent: float, is_ok: bool, who: str) -> None:
        sample = outages.Sample(sent, time.monotonic(), is_ok, who)
        self._samples.append(sample)
        if not is_ok and self._last is not None and self._last.ok and sent < self._last.sent:
            return  # given up only now, but a later request was answered before
        last, self._last = self._last, sample
        if last is None or last.ok != is_ok:
            when = sent if is_ok or last is None else last.done
            self._write(when, f"answers by {who}" if is_ok else "no answer since here")
        elif is_ok and last.who != who:
            self._write(sample.done, f"answers now by {who}")

    def _write(self, mono: float, what: str) -> None:
        self._log.write(mono, what, target=self._probe.target)

    def report(self) -> dict:
        samples = sorted(self._samples, key=lambda sample: sample.sent)
        return outages.report(samples, self.wall) | {
            "target": self._probe.target, "timeout": self._timeout}


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("http", "ping"))
    parser.add_argument("target")
    parser.add_argument("--interval", type=float, default=10, help="milliseconds")
    parser.add_argument("--timeout", type=float, default=300, help="milliseconds")
    parser.add_argument("--log", default="/var/log/probe.jsonl")
    words = parser.parse_args()
    make = probe_http.HttpProbe if words.mode == "http" else probe_icmp.IcmpProbe
    ProberLoop(make(words.target), words.interval / 1000, words.timeout / 1000, words.log).run()


if __name__ == "__main__":
    main()
