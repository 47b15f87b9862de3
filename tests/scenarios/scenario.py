# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios share: watching as a visitor and on the wire, and reading the node's state."""
import contextlib
import subprocess

from haopslab import proxy, stages, timeline
from haopslab.wait import wait_until

SHORT = 0.05  # an outage that is no more than a few requests at the instant of a move


class Scenario:
    """A cluster, and what was measured on it in one test."""

    def __init__(self, cluster, name, is_stock):
        self.cluster = cluster
        self.is_stock = is_stock
        self.row = {"scenario": name}
        self.visitor = None
        self.observer = None

    @contextlib.contextmanager
    def watched(self):
        """A visitor asks, and an observer listens on the wire; at the end nobody may have seen
        two owners, and the visitor must be served. Yields the visitor."""
        with self.cluster.observer(proxy.VIP4, proxy.VIP6) as self.observer, \
                self.cluster.prober_http(proxy.URL4) as self.visitor:
            yield self.visitor
        report = self.visitor.report
        ended = [o["seconds"] for o in report["outages"] if o["seconds"] is not None]
        self.row |= {
            "outages": len(report["outages"]), "longest": max(ended, default=0.0),
            "failed": report["failed"], "asked": report["sent"],
            "served_by": [run["who"] for run in report["served"]],
            "violations": self.observer.violations()}
        self.observer.assert_single()
        assert report["last_ok"], "the visitor is not served at the end"

    def active(self):
        """The node that has the proxy."""
        nodes = self.cluster.where("nginx")
        assert len(nodes) == 1, f"nginx runs on {nodes or 'no node'}"
        return self.cluster.node(nodes[0])

    def others(self, node):
        return [n for n in self.cluster.nodes() if n.name != node.name]

    def wait_moved(self, node, to=None, timeout=60):
        """Until the whole group runs on one other node; returns that."""
        def moved(view):
            places = [view.where(name, "Started") for name in proxy.RESOURCES]
            return (len(places[0]) == 1 and places.count(places[0]) == len(places)
                    and places[0][0] != node.name and to in (None, places[0][0]))
        target = f"on {to}" if to else f"not on {node.name}"
        self.cluster.crm.wait(f"the whole proxy {target}", moved, timeout)
        return self.active()

    def steps(self):
        """The stages of the last failover; also into the row."""
        events = timeline.collect(self.cluster, verbose=True)
        result = stages.analyse(events, self.visitor.report, proxy.RESOURCES)
        self.row["stages"] = result["stages"]
        return result

    def events(self, text, since=0):
        """Lines of all logs that contain a text."""
        return [e for e in timeline.collect(self.cluster, since, verbose=True) if text in e.text]

    def filter_switch(self, ring, rules):
        """Loads nftables rules into a switch."""
        prefix = self.cluster.link.status()["switches"][ring]["prefix"]
        subprocess.run([*prefix, "/usr/sbin/nft", "-f", "-"], input=rules, text=True, check=True)

    def boots(self):
        """How often each node was powered on: tells whether one was fenced or crashed."""
        return {node.name: node.state()["boots"] for node in self.cluster.nodes()}

    def failures(self):
        """What the cluster remembers as failed, as text."""
        return [str(f) for f in self.cluster.crm.view().failures]

    def wait_failure(self, text, timeout=30):
        """Until a failed operation with that text in it is known."""
        return wait_until(f"a failure with {text!r}", lambda: (
            next((f for f in self.failures() if text in f), None), self.failures()), timeout, 0.2)


def nginx_pids(node):
    """{pid: parent} of all nginx processes of a node, by its own numbers."""
    lines = node.run(["/usr/bin/ps", "-C", "nginx", "-o", "pid=,ppid="], check=False).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in lines.splitlines())}


def nginx_master(node):
    """The master's pid, which is the parent of other nginx processes."""
    pids = nginx_pids(node)
    masters = [pid for pid in pids if pids[pid] not in pids and pid in pids.values()]
    assert len(masters) == 1, f"masters on {node.name}: {masters} of {pids}"
    return masters[0]


def has_address(node, address):
    """Whether a node has an address on any interface."""
    text = node.run(["/usr/sbin/ip", "-o", "addr", "show"]).stdout
    return f" {address}/" in text
