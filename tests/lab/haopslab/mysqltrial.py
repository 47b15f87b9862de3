# SPDX-License-Identifier: GPL-2.0-or-later
"""A fault under load: strikes, waits for what has to happen, undoes, audits."""
from __future__ import annotations

import contextlib
import random
import time
from dataclasses import dataclass, field

from . import books
from .ledger import Ledger
from .mysql import Database, monotonic
from .mysqlfaults import Expect, Fault, Struck
from .wait import LabError

MONITOR_S = 2       # so that a test does not wait for the next one
BEFORE_ACKS = 200
STEADY_S = 8        # for a fault that moves nothing: writing has to go on for so long
BLOCKED_S = 12      # longer than a monitor, and than a start that is tried again
TIMEOUT_S = 120


@dataclass
class Outcome:
    """What one fault came to."""
    fault: str
    primary: str
    successor: str = ""
    gap: books.Gap | None = None
    audit: books.Audit | None = None
    overlaps: list[str] = field(default_factory=list)
    seconds: float = 0

    def findings(self) -> list[str]:
        """What is not as promised."""
        return [*(self.audit.findings() if self.audit else []), *self.overlaps[:3]]

    def __str__(self) -> str:
        gap = f"{self.gap.seconds:.3f} s without a write" if self.gap else "no gap"
        return (f"{self.fault}: {self.primary} > {self.successor}, {gap}; {self.audit}; "
                + ("; ".join(self.overlaps[:3]) or "one writable at a time")
                + f" ({self.seconds:.0f} s)")


def suffer(database: Database, fault: Fault, rng: random.Random | None = None,
           **ledger_options: object) -> Outcome:
    """One fault of a whole cluster, which is whole again afterwards."""
    rng = rng or random.Random(fault.name)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        watch = stack.enter_context(database.watch())
        ledger = stack.enter_context(database.ledger(**ledger_options))
        ledger.wait_acked(BEFORE_ACKS)
        database.cluster.note(f"fault: {fault.name}", primary=database.primary())
        with fault.strike(database, ledger, rng) as struck:
            wait_for_consequence(database, ledger, struck)
        outcome = Outcome(fault.name, struck.primary)
        database.cluster.note(f"fault undone: {fault.name}")
        database.cluster.restore(TIMEOUT_S)
        ledger.wait_acked(BEFORE_ACKS, TIMEOUT_S)
    judge(database, ledger, struck, outcome)
    outcome.overlaps = [str(overlap) for overlap in watch.overlaps()]
    if fault.needs_reset:
        database.reset()
    outcome.seconds = time.monotonic() - began
    return outcome


def wait_for_consequence(database: Database, ledger: Ledger, struck: Struck) -> None:
    """What has to happen while the fault lasts."""
    if struck.expect is Expect.MOVED:
        database.wait_primary(not_on=struck.primary, timeout=TIMEOUT_S)
        ledger.wait_acked_by_other(struck.primary, TIMEOUT_S)
    elif struck.expect is Expect.RECOVERS:
        ledger.wait_acked_after(struck.at, BEFORE_ACKS, TIMEOUT_S)
    elif struck.expect is Expect.STAYS:
        end = monotonic() + STEADY_S
        while monotonic() < end:
            ledger.wait_acked(50, TIMEOUT_S)
        if database.primary() != struck.primary:
            raise LabError(f"it moved to {database.primary()} for nothing")
    else:
        watch_standstill(database, ledger, struck.expect is Expect.BLOCKED)


def watch_standstill(database: Database, ledger: Ledger, is_blocked: bool) -> None:
    """Lets time pass, in which nobody may be writable if so. Pacemaker is not asked: a promotion
    that was refused is one to it, for a moment."""
    before = ledger.acked()
    end = monotonic() + BLOCKED_S
    while monotonic() < end:
        writable = [name for name in database.names() if is_writable(database, name)]
        if is_blocked and (ledger.acked() != before or writable):
            raise LabError(f"{ledger.acked() - before} writes were acknowledged, writable: "
                           f"{writable}; nobody should have been")
        ledger.sleep_until_interrupt(0.5)


def is_writable(database: Database, name: str) -> bool:
    """Whether a node's server says so; one that does not answer is not."""
    try:
        return database.value(name, "@@read_only") == "0"
    except LabError:
        return False


def judge(database: Database, ledger: Ledger, struck: Struck, outcome: Outcome) -> None:
    """The books, when all that is whole has caught up."""
    memory = database.memory()
    excluded = struck.excluded | {n for n in struck.may_diverge if f"bad-{n}" in memory}
    nodes = [name for name in database.names() if name not in excluded]
    database.wait_healthy(TIMEOUT_S, nodes)
    if database.agent.is_ours():
        for name in excluded:
            if not database.findings([name]):
                raise LabError(f"{name} has diverged, and nobody says so")
    outcome.audit = ledger.audit(nodes)
    book = ledger.books()
    outcome.successor = book.acks()[-1][1]
    moved = outcome.successor != struck.primary
    outcome.gap = books.find_gap(book, struck.at, struck.primary if moved else "")
