# SPDX-License-Identifier: GPL-2.0-or-later
"""What was to be reached, and what was: figures of haopsd out of what bench/haopsd, bench/lease and bench/haopsd-soak
have measured. Pure: data in, figures out."""

from dataclasses import dataclass

MEMBERS = 64
FEW = 3


@dataclass(frozen=True)
class Figure:
    """One value; the bound is the most that it may be, None if there is none."""
    name: str
    value: float
    bound: float | None
    unit: str = ""
    digits: int = 0
    note: str = ""

    def is_met(self):
        """Whether it is within its bound."""
        return self.bound is None or self.value <= self.bound

    def reached(self):
        """The value as text."""
        return f"{self.value:.{self.digits}f} {self.unit}".rstrip()

    def limit(self):
        """The bound as text."""
        return "-" if self.bound is None else f"{self.bound:g} {self.unit}".rstrip()

    def line(self):
        """For a reader."""
        verdict = "" if self.bound is None else f", {'met' if self.is_met() else 'NOT MET'}"
        note = f" ({self.note})" if self.note else ""
        return f"{self.name}: {self.reached()}, to be at most {self.limit()}{verdict}{note}"

    def row(self):
        """Of a table in Markdown."""
        note = f" ({self.note})" if self.note else ""
        return f"| {self.name}{note} | {self.reached()} | {self.limit()} |"


def reaction(result):
    """Medians, of the slower kind."""
    def worst(key):
        return max(result[kind][key]["median"] for kind in ("address", "process")) * 1000
    yield Figure("from a loss to Pacemaker's having its report, median", worst("reported"), 5, "ms", 1)
    yield Figure("from a loss to the service's return, median", worst("restored"), 150, "ms")


def footprint(result):
    """Of the node that it costs most. The bound for memory is on what haopsd and its helpers add to a node that
    runs Corosync and Pacemaker: files that those have mapped are in memory anyway."""
    cpu, resident, added = (max(node[key] for node in result.values()) for key in ("cpu", "resident", "added"))
    yield Figure("CPU time of a node of three, 5 heartbeats a second each, of a core", cpu * 100, 0.5, "%", 2)
    yield Figure("memory that haopsd and its helpers add to a node", added / 1024, 16, "MB", 1,
                 f"resident with the libraries that Pacemaker has in memory anyway: {resident / 1024:.1f} MB")


def stopped(result):
    """From SIGSTOP to the verdict."""
    limit = (result["deadtime_ms"] + result["keepalive_ms"]) / 1000
    yield Figure("a haopsd that is stopped is taken for silent, worst", result["seen"]["most"], limit, "s", 2,
                 f"deadtime {result['deadtime_ms'] / 1000:g} s + keepalive {result['keepalive_ms'] / 1000:g} s")


def message_cpu_s(result):
    """What one message costs on its way through Corosync: by real daemons at two rates."""
    slow, fast = result["200"], result["20"]
    return (fast["cpu"] - slow["cpu"]) / (fast["messages"] - slow["messages"])


def core_growth_kb(result):
    """What the core has resident for many members more than for the few of the real daemons."""
    return result["core"]["resident_kb"][-1] - result["few"]["resident_kb"][-1]


def simulated(result):
    """Computed: real daemons of three members, and what more members add to that."""
    slow = result["200"]
    more = MEMBERS * 1000 / 200 - slow["messages"]
    memory = max(result[key]["resident"] for key in ("200", "20")) + core_growth_kb(result)
    yield Figure(f"CPU time of a node of {MEMBERS}, 5 heartbeats a second each, of a core",
                 (slow["cpu"] + message_cpu_s(result) * more) * 100, 3, "%", 2,
                 f"computed; a message costs {message_cpu_s(result) * 1e6:.0f} µs")
    yield Figure(f"memory of a node of {MEMBERS}, resident", memory / 1024, 32, "MB", 1,
                 f"computed: that of a real node of {FEW}, and {core_growth_kb(result)} kB by which {MEMBERS} members "
                 "let the core grow")
    yield Figure(f"wrong verdicts in {result['core']['messages']:,} messages of {MEMBERS} simulated members",
                 result["core"]["bad"], 0)


def lease(result):
    """Of all faults after which the address is to go."""
    gone = [outcome["gone"] for outcome in result["outcomes"] if outcome["gone"] is not None and not outcome["stays"]]
    if gone:
        yield Figure("a leased address is gone after a fault of its owner, worst", max(gone),
                     result["lease_s"] + result["allowance_s"], "s", 2, f"{len(gone)} faults, lease {result['lease_s']} s")
        yield Figure("instants with two owners", sum(len(outcome["violations"]) for outcome in result["outcomes"]), 0)
    if result["pauses"]:
        yield Figure("a machine paused until another had the address goes on with it, worst", max(result["pauses"]) * 1000,
                     None, "ms", 0, f"{len(result['pauses'])} pauses that its clocks show; one that they hide: up to "
                     f"{result['lease_s']} s + {result['kernel_late_s']} s, not measured")


def soak(result):
    """Under full CPU load."""
    what = f"{result['minutes']:g} min, {result['messages']:,} messages"
    yield Figure("nodes declared dead under full CPU load", len(result["dead"]), 0, note=what)
    yield Figure("growth of memory meanwhile", result["growth_kb"], result["growth_max_kb"], "kB")


def figures(data):
    """All that is in what the programs wrote."""
    for part, make in (("reaction", reaction), ("footprint", footprint), ("stopped", stopped), ("simulated", simulated)):
        if part in data.get("haopsd", {}):
            yield from make(data["haopsd"][part])
    for part, make in (("lease", lease), ("soak", soak)):
        if part in data:
            yield from make(data[part])
