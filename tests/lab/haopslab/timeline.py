# SPDX-License-Identifier: GPL-2.0-or-later
"""One text, in order of time, of everything that happened in a lab.

Sources: the nodes' corosync, pacemaker (agents' output included) and system logs; the prober's
and the observer's events; the lab's own actions. All clocks are the host's.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Iterable, Iterator

if TYPE_CHECKING:
    from .cluster import Cluster

_STAMP = re.compile(r"^([A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d)(\.\d+)? (.*)$")
_OWN_NAME = re.compile(r"^(\[\d+\] )?n\d+ (corosync )?")
_TEXT_LOGS = ("corosync", "pacemaker", "haopsd", "syslog", "kernel")
_NOISE = re.compile(r"\t(info|debug): |^(info|debug)    \[|has no active links")


@dataclass(frozen=True)
class Event:
    """One line. `time` is wall-clock seconds."""
    time: float
    machine: str
    source: str
    text: str


def parse_log(lines: Iterable[str], machine: str, source: str, year: int) -> Iterator[Event]:
    """Lines that begin with "Nov 22 18:43:46.123"; lines without a stamp belong to the one
    before and keep its time."""
    last = 0.0
    for line in lines:
        match = _STAMP.match(line)
        if match:
            whole = time.strptime(f"{year} {match[1]}", "%Y %b %d %H:%M:%S")
            last = time.mktime(whole) + float(match[2] or 0)
        text = match[3] if match else line.rstrip("\n")
        text = _OWN_NAME.sub("", text)
        if last and text:
            yield Event(last, machine, source, text)


def parse_jsonl(lines: Iterable[str], machine: str, source: str) -> Iterator[Event]:
    """One JSON object per line, with "wall", "what" and details."""
    for line in lines:
        try:
            data = json.loads(line)
        except ValueError:
            continue  # the last line of a writer that was killed
        wall, what = data.pop("wall"), data.pop("what")
        data.pop("mono", None)
        details = " ".join(f"{k}={v}" for k, v in data.items() if v not in ("", None, []))
        yield Event(wall, machine, source, f"{what} {details}".strip())


def _read(path: str) -> list[str]:
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.readlines()


def collect(cluster: "Cluster", since: float = 0, verbose: bool = False) -> list[Event]:
    """All events of a lab. `since`: only of the last so many seconds. Without `verbose` lines
    of level info and debug are left out."""
    year = time.localtime().tm_year
    base = cluster.link.status()["state_dir"]
    events: list[Event] = []
    for name in ("actions", "observer"):
        path = cluster.link.host_path(f"{base}/{name}.jsonl")
        source = {"actions": "lab", "observer": "wire"}[name]
        events += parse_jsonl(_read(path), "-", source)
    for machine in cluster.machines():
        for name, path in machine.log_paths().items():
            if name in _TEXT_LOGS:
                events += parse_log(_read(path), machine.name, name, year)
            elif name == "probe":
                events += parse_jsonl(_read(path), machine.name, name)
    after = time.time() - since if since else 0
    # A stable sort: lines of one file keep their order within one millisecond.
    return sorted((e for e in events if e.time >= after and (verbose or not _is_noise(e))),
                  key=lambda event: event.time)


def _is_noise(event: Event) -> bool:
    return event.source in _TEXT_LOGS and bool(_NOISE.search(event.text))


def to_text(events: list[Event]) -> str:
    """One line per event: time of day, machine, source, text."""
    lines = []
    for event in events:
        stamp = time.strftime("%H:%M:%S", time.localtime(event.time))
        lines.append(f"{stamp}.{int(event.time % 1 * 1000):03d} {event.machine:7} "
                     f"{event.source:9} {event.text}")
    return "\n".join(lines)


def to_json(events: list[Event]) -> str:
    """The same as a JSON list."""
    return json.dumps([asdict(event) for event in events], indent=1)


def save(cluster: "Cluster", folder: str) -> str:
    """Keep all logs, the timeline and the status in a folder; returns its path."""
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/timeline.txt", "w", encoding="utf-8") as out:
        out.write(to_text(collect(cluster, verbose=True)) + "\n")
    status = cluster.link.status()
    with open(f"{folder}/status.json", "w", encoding="utf-8") as out:
        json.dump(status, out, indent=1)
    for machine in cluster.machines():
        for name, path in machine.log_paths().items():
            shutil.copyfile(path, f"{folder}/{machine.name}-{name}.log")
    for name in ("keeper.log", "actions.jsonl", "observer.jsonl"):
        path = cluster.link.host_path(f"{status['state_dir']}/{name}")
        if os.path.exists(path):
            shutil.copyfile(path, f"{folder}/{name}")
    return folder
