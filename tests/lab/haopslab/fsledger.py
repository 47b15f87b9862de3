# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers on a (network) file system that keep books of what was synced, and the audit of these books.

    fsledger.py FOLDER BOOKS WRITERS INTERVAL-MS

Runs in a client. Each writer has a file in FOLDER with records of a fixed size, number N at N times
that size: it writes one, calls fsync, and when that returns 0 notes it in BOOKS. What is noted must be
in the file for ever. A record that met an error is written again at the same place, so that
repeating it harms nothing. Talks as reporter.py wants; ends with its stdin. On its own it needs nothing of
the package; the pure half (record, parse, audit) is used by the tests, too.
"""
from __future__ import annotations

import errno
import json
import os
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field

RECORD_BYTES = 64
_END_S = 5.0


def record(writer: int, seq: int) -> bytes:
    """What a writer writes as its number `seq`; one of 64 bytes, all of them of meaning."""
    head = f"writer {writer} record {seq} ".encode()
    filler = (b"%08x " % zlib.crc32(head)) * RECORD_BYTES
    return (head + filler)[:RECORD_BYTES - 1] + b"\n"


# Books -------------------------------------------------------------------------------------------


@dataclass
class Books:
    """(writer, number) to the wall-clock time of its acknowledgement; errors as (time, errno)."""
    acked: dict[tuple[int, int], float] = field(default_factory=dict)
    errors: list[tuple[float, int]] = field(default_factory=list)

    def gap(self, begin: float) -> float:
        """The longest time without any acknowledgement that ended after `begin`, in seconds."""
        times = sorted(self.acked.values())
        return max((b - a for a, b in zip(times, times[1:]) if b > begin), default=0.0)


def parse(texts: dict[int, str]) -> Books:
    """Lines "A SEQ TIME" and "E SEQ TIME ERRNO" of each writer. A last one without its end is none."""
    found = Books()
    for writer, text in texts.items():
        for line in text.splitlines(keepends=True):
            words = line.split()
            if line.endswith("\n") and words[0] == "A":
                found.acked[writer, int(words[1])] = float(words[2])
            elif line.endswith("\n"):
                found.errors.append((float(words[2]), int(words[3])))
    return found


def audit(found: Books, files: dict[int, bytes]) -> list[str]:
    """What was acknowledged and is not there as it was written; empty is good."""
    findings = []
    for writer in sorted({writer for writer, _ in found.acked}):
        data = files.get(writer, b"")
        lost = [seq for owner, seq in found.acked if owner == writer
                and data[seq * RECORD_BYTES:(seq + 1) * RECORD_BYTES] != record(writer, seq)]
        if lost:
            findings.append(f"writer {writer}: {len(lost)} acknowledged records are not there, "
                            f"the first is {min(lost)}")
    return findings


# The program -------------------------------------------------------------------------------------


class Writer(threading.Thread):
    """One file and one book."""

    def __init__(self, folder: str, books: str, number: int, interval: float):
        super().__init__(daemon=True)
        self._path = f"{folder}/writer-{number}"
        self._book = open(f"{books}/book-{number}", "a", encoding="ascii", buffering=1)
        self._number = number
        self._interval = interval
        self.acked = self.errors = 0
        self.last_ack = 0.0
        self.last_errno = 0
        self.is_ending = threading.Event()

    def run(self) -> None:
        """Write until told to end."""
        file, seq = -1, 0
        while not self.is_ending.wait(self._interval):
            try:
                if file < 0:
                    file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)
                os.pwrite(file, record(self._number, seq), seq * RECORD_BYTES)
                os.fsync(file)
            except OSError as error:
                file = self._failed(file, seq, error)
                continue
            self.last_ack = time.time()
            self._book.write(f"A {seq} {self.last_ack:.6f}\n")
            self.acked += 1
            seq += 1

    def _failed(self, file: int, seq: int, error: OSError) -> int:
        self.errors += 1
        self.last_errno = error.errno or errno.EIO
        self._book.write(f"E {seq} {time.time():.6f} {self.last_errno}\n")
        if file >= 0:
            try:
                os.close(file)
            except OSError:
                pass  # it tells the same error again
        return -1


def report(writers: list[Writer]) -> dict:
    """The state of all."""
    return {"acked": sum(w.acked for w in writers), "errors": sum(w.errors for w in writers),
            "last_ack": max(w.last_ack for w in writers),
            "last_errno": max(w.last_errno for w in writers)}


def main(folder: str, books: str, writers: str, interval_ms: str) -> None:
    """Run until the end of stdin; a writer that hangs in the kernel then is left to its machine."""
    os.makedirs(books, exist_ok=True)
    running = [Writer(folder, books, number, float(interval_ms) / 1000)
               for number in range(1, int(writers) + 1)]
    for writer in running:
        writer.start()
    for _ in sys.stdin:
        print(json.dumps(report(running)), flush=True)
    for writer in running:
        writer.is_ending.set()
    for writer in running:
        writer.join(_END_S)
    print(json.dumps(report(running)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
