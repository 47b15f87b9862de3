# SPDX-License-Identifier: GPL-2.0-or-later
"""The live Pacemaker of a cluster: ask it, change its configuration, wait for a state.

Waits are driven by events: the nodes' pacemaker.log is watched, and a state is asked for again
when something was written there (crm_mon costs some 40 ms, too much to poll with).
"""
from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Callable

from . import pacemaker
from .wait import LabError, LogWatch, WaitTimeout, wait_until

if TYPE_CHECKING:
    from .machine import Machine

QUERY_TIMEOUT = 5.0
QUERY_INTERVAL = 0.05


class Crm:
    """Pacemaker as seen from whichever node answers."""

    def __init__(self, nodes: Callable[[], list["Machine"]]):
        self._nodes = nodes

    def _candidates(self) -> list["Machine"]:
        """Nodes that are on; those without a fault first."""
        states = [(node, node.state()) for node in self._nodes()]
        alive = [(bool(s["cut"]) + bool(s["frozen"]), node) for node, s in states
                 if s["power"] == "on"]
        return [node for _, node in sorted(alive, key=lambda pair: pair[0])]

    def run(self, argv: list[str], *, stdin: str | None = None, check: bool = True,
            timeout: float = 60) -> subprocess.CompletedProcess:
        """Run a cluster command on the first healthy node."""
        nodes = self._candidates()
        if not nodes:
            raise LabError(f"no node is on to run {argv[0]}")
        return nodes[0].run(argv, stdin=stdin, check=check, timeout=timeout)

    def view(self) -> pacemaker.View:
        """The status by a node that has quorum, or by any that answers; empty if none does."""
        last = pacemaker.View()
        for node in self._candidates():
            try:
                done = node.run(["/usr/sbin/crm_mon", "-1", "--output-as=xml", "--inactive"],
                                check=False, timeout=QUERY_TIMEOUT)
                view = pacemaker.parse_view(done.stdout)
            except (LabError, ET.ParseError):
                continue  # this one cannot tell; the next may
            if view.quorate:
                return view
            last = view if view.nodes else last
        return last

    def wait(self, what: str, predicate: Callable[[pacemaker.View], bool],
             timeout: float) -> pacemaker.View:
        """Until the predicate holds for the cluster's status, which is returned."""
        def seen() -> tuple[pacemaker.View | None, object]:
            view = self.view()
            return (view if predicate(view) else None), view
        with self._watch() as watch:
            return wait_until(what, seen, timeout, QUERY_INTERVAL, watch)

    def _watch(self) -> LogWatch:
        """Both logs: corosync's tells of quorum before Pacemaker writes anything."""
        return LogWatch([path for node in self._nodes()
                         for name, path in node.log_paths().items()
                         if name in ("pacemaker", "corosync")])

    # Named waits --------------------------------------------------------------------------------

    def wait_formed(self, names: list[str], timeout: float) -> pacemaker.View:
        """Quorum, a DC, and exactly these nodes online and not pending."""
        def formed(view: pacemaker.View) -> bool:
            up = {n.name for n in view.nodes.values()
                  if n.online and not n.pending and not n.unclean}
            return view.quorate and bool(view.dc) and up == set(names)
        return self.wait(f"a quorate cluster of {'+'.join(names)}", formed, timeout)

    def wait_resource(self, resource: str, state: str = "Started", on: str | None = None,
                      not_on: str | None = None, timeout: float = 30) -> str:
        """Until the resource is in `state` ("Started", "Stopped", "Promoted", "Unpromoted"),
        alone where it should be. Returns the node (empty for Stopped)."""
        def fits(view: pacemaker.View) -> bool:
            if state == "Stopped":
                return not view.where(resource)
            nodes = view.where(resource, state)
            return bool(nodes) and (on is None or on in nodes) and not_on not in nodes
        place = f" on {on}" if on else f" not on {not_on}" if not_on else ""
        view = self.wait(f"{resource} {state}{place}", fits, timeout)
        return on or next(iter(view.where(resource, state)), "")

    def wait_lost(self, names: list[str], timeout: float = 60) -> None:
        """Until these nodes are offline for the cluster, and fenced if it fences. A cluster
        without quorum can do neither, so it is not waited for."""
        def lost(view: pacemaker.View) -> bool:
            nodes = [view.nodes[name] for name in names if name in view.nodes]
            return not view.quorate or not any(n.online or n.unclean for n in nodes)
        if names:
            self.wait(f"the loss of {'+'.join(names)} to be dealt with", lost, timeout)

    def wait_settled(self, timeout: float = 60) -> None:
        """Until the scheduler, asked anew, has nothing to do and the DC is idle."""
        def seen() -> tuple[bool, object]:
            plan = self.run(["/usr/sbin/crm_simulate", "-L", "--output-as=xml"], check=False)
            try:
                todo = _planned(plan.stdout)
            except ET.ParseError:
                return False, plan.stderr.strip()
            return not todo and self._dc_idle(), todo or "DC busy"
        with self._watch() as watch:
            wait_until("the cluster to have nothing left to do", seen, timeout,
                       QUERY_INTERVAL, watch)

    def _dc_idle(self) -> bool:
        dc = self.view().dc
        return bool(dc) and "S_IDLE" in self.run(["/usr/sbin/crmadmin", "-S", dc],
                                                 check=False).stdout

    # Configuration ------------------------------------------------------------------------------

    def replace(self, xml: str, scope: str) -> None:
        """cibadmin --replace of one section, as it is."""
        self.run(["/usr/sbin/cibadmin", "--replace", "--scope", scope, "--xml-pipe"], stdin=xml)

    def load(self, wanted: ET.Element) -> None:
        """Bring the running cluster to this configuration (see pacemaker.merge_live)."""
        live = self.run(["/usr/sbin/cibadmin", "--query", "--scope", "configuration"]).stdout
        self.replace(pacemaker.merge_live(live, wanted), "configuration")

    def cleanup(self) -> None:
        """Forget failures and the history of fencing."""
        self.run(["/usr/sbin/crm_resource", "--cleanup"], check=False)
        self.run(["/usr/sbin/stonith_admin", "--cleanup", "--history", "*"], check=False)

    def standby(self, node: str, is_standby: bool = True) -> None:
        """Put a node into standby, or take it out."""
        action = ["-v", "on"] if is_standby else ["-D"]
        self.run(["/usr/sbin/crm_attribute", "-N", node, "-n", "standby", "-l", "forever",
                  *action])

    def move(self, resource: str, node: str) -> None:
        """Ask for a planned move (a location constraint; `unmove` removes it)."""
        self.run(["/usr/sbin/crm_resource", "--move", "-r", resource, "-N", node])

    def unmove(self, resource: str) -> None:
        self.run(["/usr/sbin/crm_resource", "--clear", "-r", resource])


def _planned(xml: str) -> list[str]:
    """Actions that `crm_simulate -L` would take."""
    actions = ET.fromstring(xml).find("actions")
    if actions is None:
        return []
    return [" ".join(filter(None, (a.tag, a.get("resource"), a.get("node") or a.get("source"),
                                   a.get("action")))) for a in actions]


__all__ = ["Crm", "WaitTimeout"]
