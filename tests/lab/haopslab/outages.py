# SPDX-License-Identifier: GPL-2.0-or-later
"""What a visitor saw, computed from single requests. Pure.

Resolution is the interval of the requests (10 ms): an outage may be up to one interval longer
than the service's, at either end, and a gap shorter than an interval may go unseen.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Sample:
    """One finished request; times in seconds on the monotonic clock."""
    sent: float
    done: float
    ok: bool
    who: str = ""


@dataclass
class Outage:
    """From the last answer before to the sending of the first answered request after.

    `end` and `seconds` are None while it lasts, as is `answered`, when that first answer came: a
    request may have waited, for a neighbour's address say, before it was answered. `failed` counts
    the requests lost in it.
    """
    start: float
    end: float | None = None
    seconds: float | None = None
    failed: int = 0
    answered: float | None = None


@dataclass
class Served:
    """A run of answers by the same server."""
    who: str
    first: float
    last: float
    count: int


def find_outages(samples: list[Sample]) -> list[Outage]:
    """All runs of failed requests, in order of sending."""
    found: list[Outage] = []
    current: Outage | None = None
    last_ok: float | None = None
    for sample in sorted(samples, key=lambda s: s.sent):
        if sample.ok:
            if current is not None:
                # An answer to an earlier request may come after this one was sent.
                current.start = min(current.start, sample.sent)
                current.end, current.seconds = sample.sent, sample.sent - current.start
                current.answered = sample.done
                current = None
            last_ok = sample.done if last_ok is None else max(last_ok, sample.done)
        else:
            if current is None:
                current = Outage(start=sample.sent if last_ok is None else last_ok)
                found.append(current)
            current.failed += 1
    return found


def find_served(samples: list[Sample]) -> list[Served]:
    """Who answered, from when to when, in order of the answers."""
    found: list[Served] = []
    for sample in sorted((s for s in samples if s.ok), key=lambda s: s.done):
        if found and found[-1].who == sample.who:
            found[-1].last, found[-1].count = sample.done, found[-1].count + 1
        else:
            found.append(Served(sample.who, sample.done, sample.done, 1))
    return found


def longest_silence(samples: list[Sample]) -> float:
    """Longest time between two answers; shows a stall that delayed requests but lost none."""
    answers = sorted(s.done for s in samples if s.ok)
    return max((b - a for a, b in zip(answers, answers[1:])), default=0.0)


def report(samples: list[Sample], wall_offset: float) -> dict:
    """Everything as JSON-able data; times become wall-clock by adding the offset."""
    def wall(value: float | None) -> float | None:
        return None if value is None else round(value + wall_offset, 6)
    outages = [asdict(o) | {"start": wall(o.start), "end": wall(o.end),
                            "answered": wall(o.answered)} for o in find_outages(samples)]
    served = [asdict(s) | {"first": wall(s.first), "last": wall(s.last)}
              for s in find_served(samples)]
    good = [s for s in samples if s.ok]
    return {
        "sent": len(samples), "ok": len(good), "failed": len(samples) - len(good),
        "outages": outages, "served": served,
        "longest_silence": longest_silence(samples),
        "slowest_answer": max((s.done - s.sent for s in good), default=0.0),
        "last_ok": samples[-1].ok if samples else False,
    }
