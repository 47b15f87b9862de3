# SPDX-License-Identifier: GPL-2.0-or-later
"""The handle of a measuring program (gridloop.py) that runs somewhere in the lab."""
from __future__ import annotations

import json
import subprocess
import threading
import time

from .wait import LabError


class Reporter:
    """A context manager; `report` is the last report, and final once it is left."""

    def __init__(self, what: str):
        self.what = what
        self.report: dict = {}
        self._process: subprocess.Popen | None = None

    def _start(self) -> subprocess.Popen:
        """Start the program with pipes for stdin and stdout (see _pipes)."""
        raise NotImplementedError

    # A session of its own: Ctrl-C is for the program that watches; this one ends with its stdin.
    _pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1,
              "start_new_session": True}

    def _after_start(self) -> None:
        self.now()

    def __enter__(self):
        self._process = self._start()
        try:
            self._after_start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def now(self) -> dict:
        """The report so far."""
        try:
            self._process.stdin.write("report\n")
        except BrokenPipeError:
            pass  # what it said last is still in the pipe, or it ended: see below
        line = self._process.stdout.readline()
        if not line:
            raise LabError(f"{self.what} ended (was its machine killed?)")
        self.report = json.loads(line)
        return self.report

    def stop(self) -> dict:
        """End it; the report is complete."""
        process, self._process = self._process, None
        if process is not None:
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass  # it died with its machine: the last report stands
            for line in process.stdout:
                self.report = json.loads(line)
            process.stdout.close()
            process.wait(10)
        return self.report

    @staticmethod
    def sleep_until_interrupt(seconds: float = 0) -> None:
        """For use by hand: let it run until Ctrl-C, or for a time."""
        try:
            threading.Event().wait(seconds or None)
        except KeyboardInterrupt:
            pass


def clock(wall: float | None) -> str:
    """Time of day with milliseconds."""
    if wall is None:
        return "(still)     "
    return time.strftime("%H:%M:%S", time.localtime(wall)) + f".{int(wall % 1 * 1000):03d}"
