# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting with a deadline: the only place in the lab where time may pass without an event.

Everything else waits on descriptors (pidfd, inotify, sockets). A wait that ends without success
always says what it waited for and what it saw last.
"""
from __future__ import annotations

import os
import select
import time
from typing import Callable, Iterator, TypeVar

from . import syscalls

T = TypeVar("T")


_patience = 1.0


def be_patient(factor: float) -> None:
    """A lab with slow machines (emulated ones) has been met: from now on every deadline of this
    process is longer by that factor. It is a bound and no pause, so nothing else gets slower."""
    global _patience
    _patience = max(_patience, factor)


def patient(seconds: float) -> float:
    """A deadline for a machine at full speed as one for what was met."""
    return seconds * _patience


def _rest(took: float) -> float:
    """A slow machine that is asked without a pause does little else than answer."""
    return 2 * took if _patience > 1 else 0


class LabError(Exception):
    """Something a user of the lab can act on; the text says what to do."""


class WaitTimeout(LabError):
    """A deadline passed. `what` names the awaited state, `last` the state seen last."""

    def __init__(self, what: str, timeout: float, last: object):
        super().__init__(f"waited {timeout:g} s for {what}; last seen: {last}")
        self.what = what
        self.last = last


class LogWatch:
    """Wakes when one of the watched files changes: the event that lets a state be asked anew."""

    def __init__(self, paths: list[str]):
        self._fd = syscalls.inotify_init()
        for path in paths:
            if os.path.exists(path):
                syscalls.inotify_add(self._fd, path, syscalls.IN_MODIFY | syscalls.IN_CLOSE_WRITE)

    def wait(self, timeout: float) -> bool:
        """True if something changed before the timeout."""
        ready = select.select([self._fd], [], [], max(timeout, 0))[0]
        if ready:
            syscalls.inotify_drain(self._fd)
        return bool(ready)

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> "LogWatch":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def wait_until(what: str, predicate: Callable[[], tuple[T, object]], timeout: float,
               interval: float = 0.02, watch: LogWatch | None = None) -> T:
    """Evaluate `predicate` until its first result is true, and return that.

    The predicate returns (result, what it saw); the second goes into the error. With `watch` the
    predicate is asked again when a watched file changed (not more often than `interval`), and
    once per second in any case; without, every `interval` seconds.
    """
    timeout = patient(timeout)
    deadline = time.monotonic() + timeout
    while True:
        begin = time.monotonic()
        result, seen = predicate()
        if result:
            return result
        left = deadline - time.monotonic()
        if left <= 0:
            raise WaitTimeout(what, timeout, seen)
        time.sleep(min(max(interval, _rest(time.monotonic() - begin)), left))
        if watch is not None:
            watch.wait(min(1.0, deadline - time.monotonic()))


def wait_pidfd(pidfd: int, timeout: float) -> bool:
    """True when the process behind a pidfd has ended before the timeout."""
    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    return bool(poller.poll(int(timeout * 1000)))


def pace(interval: float, count: int) -> Iterator[int]:
    """0, 1, 2, ...: one each `interval` seconds, on a grid that does not drift."""
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number * interval - time.monotonic()))
        yield number
