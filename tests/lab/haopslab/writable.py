# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is open for writing (tests/mysql-ledger/writable.c), and proofs that two were at once.

A server was asked at `sent` and answered at `done`: it was writable, or not, at some instant
between. It counts as writable from one such answer to the next only if they are close together, so
that nothing can have closed and opened it between. One that is frozen does not answer: nothing is
known of it.
"""
from __future__ import annotations

import bisect
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator

from . import mysqlconf
from .reporter import Reporter
from .wait import LabError

if TYPE_CHECKING:
    from .mysql import Database

PROGRAM = "/usr/libexec/haops-test/mysql-writable"
CLOSE_S = 0.1


@dataclass(frozen=True)
class Answer:
    """Times in seconds on the monotonic clock. `read_only` None: no answer."""
    sent: float
    done: float
    read_only: bool | None


@dataclass(frozen=True)
class Overlap:
    """`other` was writable before and after `node` said that it is."""
    time: float
    node: str
    other: str

    def __str__(self) -> str:
        return f"{self.node} and {self.other} were writable at {self.time:.3f}"


def parse(text: str) -> list[Answer]:
    """A file of mysql-writable."""
    answers = []
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            sent, done, value = line.split()
            is_known = int(value) >= 0
            answers.append(Answer(int(sent) / 1e6, int(done) / 1e6,
                                  bool(int(value)) if is_known else None))
    return answers


def overlaps(seen: dict[str, list[Answer]]) -> list[Overlap]:
    """All proofs, in order of time."""
    found = []
    for node, answers in seen.items():
        for other, theirs in seen.items():
            if other != node:
                found += _pair(node, answers, other, theirs)
    return sorted(found, key=lambda overlap: overlap.time)


def _pair(node: str, answers: list[Answer], other: str, theirs: list[Answer]) -> Iterator[Overlap]:
    ends = [answer.done for answer in theirs]
    for answer in answers:
        if answer.read_only is False and _is_writable_around(theirs, ends, answer):
            yield Overlap(answer.sent, node, other)


def _is_writable_around(theirs: list[Answer], ends: list[float], answer: Answer) -> bool:
    """Whether an answer before, one after, and all between say writable, close together."""
    first = bisect.bisect_right(ends, answer.sent) - 1  # the last that came before it was asked
    if first < 0:
        return False
    last = first
    while last < len(theirs) and theirs[last].sent < answer.done:
        last += 1
    if last >= len(theirs):
        return False
    around = theirs[first:last + 1]
    return (all(each.read_only is False for each in around)
            and all(b.sent - a.done <= CLOSE_S and b.done - b.sent <= CLOSE_S
                    for a, b in zip(around, around[1:])))


def spans(answers: list[Answer]) -> list[tuple[float, float]]:
    """From when to when a server said that it is writable, answer by answer."""
    found: list[tuple[float, float]] = []
    is_open = False
    for answer in answers:
        if answer.read_only is False:
            if is_open:
                found[-1] = found[-1][0], answer.done
            else:
                found.append((answer.sent, answer.done))
        is_open = answer.read_only is False
    return found


class Watch(Reporter):
    """Entered, every server that runs has answered; left, what was seen is complete."""

    def __init__(self, database: "Database", number: int):
        super().__init__("the observer of writable servers")
        self._database = database
        self._folder = f"/var/log/ledger/{number}"

    def _start(self) -> subprocess.Popen:
        database = self._database
        client = database.cluster.client
        client.run(["/usr/bin/mkdir", "-p", self._folder])
        return client.popen([
            PROGRAM, "--user", mysqlconf.WATCH_USER,
            "--password-file", f"/etc/mysql-{mysqlconf.WATCH_USER}.password",
            "--folder", self._folder,
            *[f"{name}={database.node(name).state()['ipv4'][0]}" for name in database.names()]],
            **self._pipes)

    def answers(self) -> dict[str, list[Answer]]:
        """What each server said."""
        root = self._database.cluster.client.root() + self._folder
        seen = {}
        for name in self._database.names():
            with open(f"{root}/{name}", encoding="ascii") as file:
                seen[name] = parse(file.read())
        return seen

    def overlaps(self) -> list[Overlap]:
        """Proofs of two writable servers at one instant."""
        return overlaps(self.answers())

    def assert_single(self) -> None:
        """Raise if ever two were writable, or if none was seen to be."""
        seen = self.answers()
        found = overlaps(seen)
        if found:
            raise LabError(f"{len(found)} times two writable servers: "
                           + "; ".join(map(str, found[:5])))
        if not any(spans(answers) for answers in seen.values()):
            raise LabError("no server was ever writable: nothing is proved")
