# SPDX-License-Identifier: GPL-2.0-or-later
"""A failover in steps, and how long each stage of it took. Pure: events in, data out.

    events = timeline.collect(cluster, verbose=True)
    result = stages.analyse(events, prober.report, resources=("vip4", "nginx"))
    result["stages"]  ->  {"detection": 2.08, "fencing": 0.2, "transition": 1.2, "agent": 0.03, ...}

The stages follow each other without a gap, and their sum is the time from the fault to the first
answer. The logs of corosync and Pacemaker have steps of a timer tick (4 ms), and their stamps are
never late: a step may have happened up to that much after the time that is given.
"""
from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Iterable

from .timeline import Event

# In order. A failover by a fault has them all; a planned move has neither of the first two.
STAGES = ("detection", "fencing", "transition", "agent", "first_answer")

_FAULT = re.compile(r"^(power off|cut) target=(\S+)(?!.* by=bmc)")
_PATTERNS = (  # key, source, text
    ("token", "corosync", re.compile(r"A processor failed, .*: (token timed out \(\d+ms\))")),
    ("lost", "corosync", re.compile(r"A new membership \(\S+\) was formed\. Members left: (.+)")),
    ("quorum", "pacemaker", re.compile(r"pacemaker-controld.*Quorum (retained|acquired|lost)")),
    ("dc", "pacemaker", re.compile(r"State transition (S_ELECTION) -> S_INTEGRATION")),
    ("fence_asked", "pacemaker", re.compile(r"Requesting fencing \(\w+\) of node (\S+)")),
    ("fence_done", "pacemaker",
     re.compile(r"Operation '\w+' \[\d+\] targeting \S+ using (\S+) returned 0")),
    ("fenced", "pacemaker",
     re.compile(r"controld.*Peer \S+ was terminated \(\w+\) by (\S+) on behalf of .*: OK")),
    ("start", "pacemaker", re.compile(r"executing - rsc:(\S+) action:start ")),
    ("started", "pacemaker",
     re.compile(r"\s(\S+) start \(call \d+.*\) exited with status 0 .*"
                r"\(execution time ([\dhms.]+)")),
    ("failed", "pacemaker",
     re.compile(r"\s(\S+) start \(call \d+.*\) exited with status ([1-9]\d*) ")),
    ("announces", "wire", re.compile(r"^\S+ announces address=(\S+)")),
    ("answers", "wire", re.compile(r"^\S+ answers address=(\S+)")),
)


@dataclass
class Step:
    """Something that happened: `what` is the resource, device or address that the key is about;
    `seconds` is counted from the fault."""
    key: str
    seconds: float
    machine: str
    what: str = ""
    took_ms: int = -1


@dataclass
class Failover:
    """What `find` made of the events."""
    node: str                       # the machine that the fault hit
    fault: str                      # "power off" or "cut"
    time: float                     # of the fault, wall-clock
    steps: list[Step] = field(default_factory=list)

    def first(self, key: str, what: str = "") -> Step | None:
        return next((s for s in self.steps if s.key == key and what in ("", s.what)), None)

    def all(self, key: str) -> list[Step]:
        return [s for s in self.steps if s.key == key]


def find(events: Iterable[Event], resources: Iterable[str], since: float = 0) -> Failover:
    """The failover after the last fault that the lab made (not before `since`, wall-clock)."""
    events, resources = list(events), tuple(resources)
    faults = [e for e in events if e.source == "lab" and e.time >= since and _FAULT.match(e.text)]
    if not faults:
        raise ValueError("the events have no power off and no cut made by the lab")
    last = faults[-1]
    # Cutting all cables of a machine is one event per cable: the first one counts.
    same = [f for f in faults if f.text.split()[:2] == last.text.split()[:2]
            and f.time > last.time - 0.5]
    fault, node = _FAULT.match(last.text).groups()
    failover = Failover(node, fault, same[0].time)
    for event in events:
        if event.time >= failover.time - 0.004 and event.machine != node:
            step = _step(event, failover)
            if step is not None and _is_wanted(step, failover, resources):
                failover.steps.append(step)
    return failover


def milliseconds(text: str) -> int:
    """Pacemaker's way to write a time: "29ms", "1.128s", "1m2s"."""
    units = {"h": 3600000, "m": 60000, "s": 1000, "ms": 1}
    return round(sum(float(number) * units[unit]
                     for number, unit in re.findall(r"([\d.]+)(ms|[hms])", text)))


def _step(event: Event, failover: Failover) -> Step | None:
    for key, source, pattern in _PATTERNS:
        match = pattern.search(event.text) if event.source == source else None
        if match:
            machine = event.text.split()[0] if source == "wire" else event.machine
            took = milliseconds(match[2]) if key == "started" else -1
            seconds = round(max(0.0, event.time - failover.time), 6)
            return Step(key, seconds, machine, match[1], took)
    return None


def _is_wanted(step: Step, failover: Failover, resources: tuple[str, ...]) -> bool:
    if step.key in ("start", "started", "failed"):
        return step.what in resources
    if step.key == "fence_asked":
        return step.what == failover.node
    return not (step.key in ("announces", "answers") and step.machine == failover.node)


def first_answer(visit: dict, fault: float) -> dict | None:
    """The outage of a prober's report that the fault caused; None if there was none, or if it
    lasts."""
    return next((o for o in visit["outages"] if o["end"] is not None and o["answered"] > fault),
                None)


def stage_times(failover: Failover, answered: float) -> dict[str, float | None]:
    """Seconds per stage, `answered` being the seconds from the fault to the first answer. A stage
    that left no trace is None, and the next one has its time."""
    lost, asked, fenced = (failover.first(k) for k in ("lost", "fence_asked", "fenced"))
    times: dict[str, float | None] = dict.fromkeys(STAGES)
    end = 0.0
    if lost is not None:
        times["detection"] = end = lost.seconds
    waited = 0.0                    # Pacemaker's own time
    if asked is not None and fenced is not None:
        waited, times["fencing"] = asked.seconds - end, fenced.seconds - asked.seconds
        end = fenced.seconds
    agent, agents_seen = 0.0, False
    for step in failover.all("started"):
        stop = min(step.seconds, answered)
        begin = max(end, min(step.seconds - step.took_ms / 1000, stop))
        if begin >= answered:
            continue
        waited, agent, end, agents_seen = waited + begin - end, agent + stop - begin, stop, True
    if agents_seen:
        times["transition"], times["agent"] = waited, agent
    times["first_answer"] = answered - end
    return {name: None if value is None else round(value, 6) for name, value in times.items()}


def analyse(events: Iterable[Event], visit: dict, resources: Iterable[str],
            since: float = 0) -> dict:
    """All about the last failover: whom it hit, its steps, stages, and what the visitor saw.

    `visit` is a prober's report. Times are seconds from the fault, unless they are called wall.
    `missing` names the stages without a trace.
    """
    failover = find(events, resources, since)
    outage = first_answer(visit, failover.time)
    answered = outage["answered"] - failover.time if outage else None
    times = stage_times(failover, answered) if outage else dict.fromkeys(STAGES)
    starts = failover.all("started")
    return {
        "node": failover.node, "fault": failover.fault, "wall": failover.time,
        "taker": starts[-1].machine if starts else "",
        "answered": answered,
        "outage": outage["answered"] - outage["start"] if outage else None,
        "asked": visit["sent"], "failed": outage["failed"] if outage else 0,
        "stages": times,
        "missing": [name for name, value in times.items() if value is None],
        "agents": {step.what: step.took_ms for step in starts},
        "steps": [asdict(step) for step in failover.steps],
    }
