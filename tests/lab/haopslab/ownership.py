# SPDX-License-Identifier: GPL-2.0-or-later
"""Who owned an address, judged from single answers on the wire. Pure.

Each answer belongs to exactly one question (the question's number comes back in it), so two
answers to one question are two owners at the instant of that question.
"""
from __future__ import annotations

from dataclasses import dataclass, field

RETURN_WINDOW = 2.0
START_WINDOW = 0.5   # a start adds the address, then announces it: within that time


@dataclass(frozen=True)
class Answer:
    """`question` is the number and `asked` the time of the question that it answers."""
    question: int
    asked: float
    who: str


@dataclass(frozen=True)
class Announcement:
    """A gratuitous ARP or an unsolicited neighbour advertisement."""
    time: float
    who: str


@dataclass
class History:
    """All that was seen of one address, in order of arrival."""
    answers: list[Answer] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)


@dataclass
class Violation:
    """A proof that two machines owned the address at the same time."""
    kind: str
    time: float
    who: list[str]
    text: str


def owners(history: History) -> list[dict]:
    """Runs of questions answered by the same machine."""
    runs: list[dict] = []
    for answer in sorted(history.answers, key=lambda a: a.asked):
        if runs and runs[-1]["who"] == answer.who:
            runs[-1]["last"], runs[-1]["count"] = answer.asked, runs[-1]["count"] + 1
        else:
            runs.append({"who": answer.who, "first": answer.asked, "last": answer.asked,
                         "count": 1})
    return runs


def find_doubles(history: History) -> list[Violation]:
    """One question, two machines that answered."""
    by_question: dict[int, set[str]] = {}
    asked: dict[int, float] = {}
    for answer in history.answers:
        by_question.setdefault(answer.question, set()).add(answer.who)
        asked[answer.question] = answer.asked
    return [Violation("double", asked[number], sorted(who),
                      f"question {number} was answered by {' and '.join(sorted(who))}")
            for number, who in by_question.items() if len(who) > 1]


def _is_start(history: History, who: str, after: float, answer: float) -> bool:
    """Whether a machine that answers (again) has just taken the address: it then announces it."""
    return any(a.who == who and after < a.time <= answer + START_WINDOW
               for a in history.announcements)


def find_returns(history: History, window: float = RETURN_WINDOW) -> list[Violation]:
    """A, then B, then A again within the window, without A having announced it anew: it never
    gave it away."""
    runs = owners(history)
    found = []
    for before, between, after in zip(runs, runs[1:], runs[2:]):
        if (before["who"] == after["who"] and after["first"] - before["last"] < window
                and not _is_start(history, after["who"], between["last"], after["first"])):
            found.append(Violation("interleaved", between["first"],
                                   sorted({before["who"], between["who"]}),
                                   f"{before['who']} answered before and after "
                                   f"{between['who']}"))
    return found


def find_stale(history: History) -> list[Violation]:
    """Somebody answers a question that was asked after another had announced the address, and does
    not announce it in turn."""
    found = []
    notices = sorted(history.announcements, key=lambda a: a.time)
    position, latest = 0, None
    for answer in sorted(history.answers, key=lambda a: a.asked):
        while position < len(notices) and notices[position].time <= answer.asked:
            latest, position = notices[position], position + 1
        if (latest is not None and latest.who != answer.who
                and not _is_start(history, answer.who, latest.time, answer.asked)):
            found.append(Violation("stale", answer.asked, sorted({answer.who, latest.who}),
                                   f"{answer.who} answered after {latest.who} had announced"))
    return found


def violations(history: History) -> list[Violation]:
    """All proofs, in order of time."""
    found = find_doubles(history) + find_returns(history) + find_stale(history)
    return sorted(found, key=lambda v: v.time)
