# SPDX-License-Identifier: GPL-2.0-or-later
"""The books of tests/mysql-ledger: what they say, and what they say of the servers. Pure.

A write is acknowledged (A), refused or unknown (E, or S alone). An acknowledged one has to be on
every server; an unknown one may be on all or none; one that the server refused must be on none.
"""
from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Iterator

# Errors after which the row is certainly not there: read-only, no such table, access denied.
REFUSALS = {1290, 1146, 1142, 1044, 1045}
Key = tuple[int, int]  # writer, number


@dataclass(frozen=True)
class Row:
    """One row of a server."""
    writer: int
    seq: int
    crc: int


@dataclass
class Books:
    """All writers' books. Times in seconds on the monotonic clock."""
    sent: dict[Key, float] = field(default_factory=dict)
    acked: dict[Key, tuple[float, str]] = field(default_factory=dict)   # when, by whom
    errors: dict[Key, tuple[float, int]] = field(default_factory=dict)
    connected: list[tuple[float, str]] = field(default_factory=list)
    refused: list[tuple[float, int]] = field(default_factory=list)      # connections

    def acks(self) -> list[tuple[float, str]]:
        """Times of all acknowledgements, in order, with who gave them."""
        return sorted(self.acked.values())


def parse(texts: dict[int, str]) -> Books:
    """Reads {writer: its book}. A last line without its end does not count."""
    books = Books()
    for writer, text in texts.items():
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):
                _take(books, writer, line.split())
    return books


def _take(books: Books, writer: int, words: list[str]) -> None:
    kind, seq, at, detail = words[0], int(words[1]), float(words[2]) / 1000, words[3]
    if kind == "S":
        books.sent[writer, seq] = at
    elif kind == "A":
        books.acked[writer, seq] = at, detail
    elif kind == "E":
        books.errors[writer, seq] = at, int(detail)
    elif kind == "C":
        books.connected.append((at, detail))
    elif kind == "F":
        books.refused.append((at, int(detail)))
    else:
        raise ValueError(f"a book of another kind: {words}")


def payload_crc(writer: int, seq: int, size: int) -> int:
    """CRC32 of what the writer wrote (see make_payload in ledger.c)."""
    unit = f"w{writer}s{seq}."
    return zlib.crc32((unit * (size // len(unit) + 1))[:size].encode())


# Gaps --------------------------------------------------------------------------------------------


@dataclass
class Gap:
    """The silence that a fault made, in seconds."""
    last_before: float      # last acknowledgement before it
    first_after: float      # first one after it
    by: str                 # who gave that
    since_fault: float      # from the fault to first_after

    @property
    def seconds(self) -> float:
        return self.first_after - self.last_before


def find_gap(books: Books, fault: float, by_other_than: str = "") -> Gap | None:
    """The gap of a fault at that time: until somebody else acknowledges, if a name is given, or
    the longest silence that begins after the fault. None while it lasts."""
    acks = books.acks()
    if by_other_than:
        after = next((a for a in acks if a[0] > fault and a[1] != by_other_than), None)
        before = [a for a in acks if after is None or a[0] < after[0]]
    else:
        pairs = [(b[0] - a[0], a, b) for a, b in zip(acks, acks[1:]) if b[0] > fault]
        longest = max(pairs, default=None)
        before, after = ([longest[1]], longest[2]) if longest else ([], None)
    if after is None or not before:
        return None
    return Gap(before[-1][0], after[0], after[1], after[0] - fault)


# Audit -------------------------------------------------------------------------------------------


@dataclass
class Audit:
    """The books against the servers. Everything but the counts is a finding."""
    sent: int
    acked: int
    unknown: int
    unknown_there: int = 0
    lost: dict[str, list[Key]] = field(default_factory=dict)
    twice: dict[str, list[Key]] = field(default_factory=dict)
    refused_there: dict[str, list[Key]] = field(default_factory=dict)
    changed: dict[str, list[Key]] = field(default_factory=dict)
    strange: dict[str, list[Key]] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)

    def lost_count(self) -> int:
        """Acknowledged writes that a server lacks, of all servers together."""
        return len({key for keys in self.lost.values() for key in keys})

    def findings(self) -> list[str]:
        """Sentences; none is good."""
        texts = {"lost": "acknowledged writes are missing", "twice": "rows are there twice",
                 "refused_there": "writes that were refused are there",
                 "changed": "rows are not as they were written",
                 "strange": "rows were never sent"}
        found = [f"{node}: {len(keys)} {text}, the first: writer {keys[0][0]}, number {keys[0][1]}"
                 for name, text in texts.items() for node, keys in getattr(self, name).items()]
        if len(set(self.checksums.values())) > 1:
            found.append(f"the servers' checksums differ: {self.checksums}")
        return found

    def __str__(self) -> str:
        counts = f"{self.acked} acknowledged, {self.unknown} unknown ({self.unknown_there} there)"
        return "; ".join([counts, *(self.findings() or ["none lost"])])


def audit(books: Books, rows: dict[str, list[Row]], checksums: dict[str, str],
          payload_bytes: int) -> Audit:
    """Compares."""
    unknown = {key for key in books.sent if key not in books.acked
               and not _is_refused(books, key)}
    result = Audit(len(books.sent), len(books.acked), len(unknown), checksums=dict(checksums))
    there: set[Key] = set()
    for node, found in rows.items():
        keys = [(row.writer, row.seq) for row in found]
        there |= set(keys)
        _note(result.lost, node, sorted(set(books.acked) - set(keys)))
        _note(result.twice, node, sorted(_doubles(keys)))
        _note(result.refused_there, node,
              sorted(key for key in set(keys) if _is_refused(books, key)))
        _note(result.strange, node, sorted(set(keys) - set(books.sent)))
        _note(result.changed, node, sorted(
            (row.writer, row.seq) for row in found
            if row.crc != payload_crc(row.writer, row.seq, payload_bytes)))
    result.unknown_there = len(unknown & there)
    return result


def _is_refused(books: Books, key: Key) -> bool:
    return key in books.errors and books.errors[key][1] in REFUSALS


def _doubles(keys: list[Key]) -> Iterator[Key]:
    seen: set[Key] = set()
    for key in keys:
        if key in seen:
            yield key
        seen.add(key)


def _note(target: dict[str, list[Key]], node: str, keys: list[Key]) -> None:
    if keys:
        target[node] = keys
