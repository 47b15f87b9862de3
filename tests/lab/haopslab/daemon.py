# SPDX-License-Identifier: GPL-2.0-or-later
"""What `haops status --json` says, as an object. Pure."""
from __future__ import annotations

import datetime


def wall(text: str) -> float:
    """A time of the JSON form as seconds since 1970."""
    return datetime.datetime.fromisoformat(text).timestamp()


class Status:
    """One answer of a haopsd. `data` is all of it."""

    def __init__(self, data: dict):
        self.data = data
        self.time = wall(data["time"])
        self.nodes = {node["name"]: node for node in data["nodes"]}
        for node in self.nodes.values():
            node["began"] = self.time - (node["since_ms"] or 0) / 1000
        self.states = {name: node["state"] for name, node in self.nodes.items()}
        # What it has against itself, by name: "paused", "converging", ...
        self.own = sorted(name for name, value in data["own"].items() if value is True)
        self.is_quorate = data["cluster"]["quorum"]["quorate"]
        self.is_up = data["cluster"]["state"] == "up"
        self.trouble = data["cluster"]["trouble"]
        self.reports = data["pacemaker"]["reports"]
        self.held = data["pacemaker"]["reports_held"]
        self.pauses = data["own"]["pauses"]
        self.last_pause_ms = data["own"]["last_pause_ms"]
        self.disk_age_ms = data["own"]["disk_age_ms"]
        self.watched = {entry["name"]: entry for entry in data["watched"]}
        self.events = [{**event, "wall": wall(event["time"])} for event in data["events"]]
        self.pings = {ping["name"]: ping["up"] for ping in data["pings"]}

    def is_well(self, names: list[str] | None = None) -> bool:
        """All of these nodes (all it knows, if none are given) are active, it is in a quorate
        cluster, and has nothing against itself."""
        known = set(names) == set(self.states) if names is not None else bool(self.states)
        return (known and set(self.states.values()) == {"active"} and not self.own
                and self.is_quorate and self.is_up)

    def __str__(self) -> str:
        nodes = ", ".join(f"{name}={state}" for name, state in self.states.items())
        return (f"{self.data['node'] or 'unnamed'}: {self.data['cluster']['state']}, "
                f"{'quorate' if self.is_quorate else 'no quorum'}; {nodes}; "
                f"own: {' '.join(self.own) or 'well'}; reports {self.reports}, held {self.held}"
                + (f"; {self.trouble}" if self.trouble else ""))
