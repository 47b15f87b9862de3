# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios of haopsd share: its cluster, what it says of itself, and what it must never
do, checked after each test."""
import contextlib
import dataclasses
import re
import time

from haopslab import Cluster, CorosyncConfig, stage, timeline
from haopslab.wait import LabError, wait_until

TOKEN_MS = 1000
DETECTION_S = 2.2  # token + consensus
KEEPALIVE_S, WARNTIME_S, DEADTIME_S, CONVERGENCE_S = 0.2, 0.6, 3.0, 10.0
# What a busy machine of two cores adds to a moment: three nodes of a cluster share them.
TOLERANCE_S = 0.3
VIP, VIP_PREFIX = "10.77.0.100", 24
PING_TARGET = "10.77.0.254"  # the switch of ring 0
CONF = f"""# for tests: a second where people would have ten
keepalive {KEEPALIVE_S * 1000:.0f}ms
warntime {WARNTIME_S * 1000:.0f}ms
deadtime {DEADTIME_S:.0f}
initdead 10
convergence_time {CONVERGENCE_S:.0f}
ping {PING_TARGET}
deadping 1
ping_dampen 0
disk_interval 1
"""
NGINX_CONF = """worker_processes 1;
events {}
http { server { listen 8080; location / { return 200 "ok"; } } }
"""
# No node is fenced: a haopsd that has to live through a fault must not be ended by the remedy. The
# polls are so far apart that what is restored sooner was reported by haopsd.
POLL_S = 60
CIB = f"""
<resources>
  <primitive id="vip" class="ocf" provider="haops" type="IPaddr2">
    <instance_attributes id="vip-params">
      <nvpair id="vip-ip" name="ip" value="{VIP}"/>
      <nvpair id="vip-prefix" name="cidr_netmask" value="{VIP_PREFIX}"/>
    </instance_attributes>
    <operations><op id="vip-monitor" name="monitor" interval="{POLL_S}s" timeout="20s"/></operations>
  </primitive>
  <primitive id="web" class="ocf" provider="haops" type="nginx">
    <instance_attributes id="web-params">
      <nvpair id="web-config" name="configfile" value="/etc/nginx/nginx.conf"/>
    </instance_attributes>
    <operations><op id="web-monitor" name="monitor" interval="{POLL_S}s" timeout="20s"/></operations>
  </primitive>
</resources>
<constraints>
  <rsc_location id="vip-reachable" rsc="vip">
    <rule id="vip-reachable-rule" score="-INFINITY" boolean-op="or">
      <expression id="vip-reachable-1" attribute="pingd" operation="lt" value="1" type="number"/>
    </rule>
  </rsc_location>
</constraints>
<rsc_defaults><meta_attributes id="defaults">
  <nvpair id="stick" name="resource-stickiness" value="100"/>
</meta_attributes></rsc_defaults>
"""
RSS_MAX_KB = 16384
PAUSED = ("corosync", "haopsd", "haopsd-pacemaker", "haopsd-disk", "haopsd-ipc")
SILENT = r" is silent: "  # haopsd's words for "in the membership, but dead in work"
# A crash by any name.
CRASH = re.compile(r"haopsd.*(segfault|general protection|trap |assert|sanitizer|corrupt|"
                   r"SIGSEGV|SIGABRT|dumped)", re.I)


def start(name, **options):
    """The cluster, with everything started."""
    cluster = Cluster(**{
        "name": name, "fencing": False, "stonith": False,
        "corosync": CorosyncConfig(token=TOKEN_MS), **stage.haopsd_options(conf=CONF), **options})
    cluster.up()
    try:
        for node in cluster.nodes():
            node.write("/etc/nginx/nginx.conf", NGINX_CONF)
        cluster.load_cib(CIB)
        cluster.wait_resource("vip")
        cluster.wait_resource("web")
    except BaseException:
        cluster.down()
        raise
    return cluster


@dataclasses.dataclass
class Size:
    """What a process holds."""
    pid: str
    rss_kb: int
    fds: int
    threads: int


class Daemons:
    """The cluster, seen by its haopsd."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.began = time.time()
        self.before = {}
        self.restarted = set()       # nodes whose haopsd may be another one at the end
        self.reports = 0             # reports to Pacemaker that this test is to cause,
        self.optional = 0            # of which Pacemaker may find so many first by itself
        self.counted = 0             # reports of haopsds that this test has ended
        self.failures = set()        # resources that may have failed

    # What it says ---------------------------------------------------------------------------------

    def end_restarted(self, node):
        """Ends a haopsd; what it reported in this test counts on."""
        pid, _, made = self.before[node]
        self.counted += self.status(node).reports - (made if self.main_pid(node) == pid else 0)
        self.cluster.node(node).stop_service("haopsd")

    def start_anew(self, node):
        """Another haopsd on a node: one that has told nothing yet. What a peer does again and again is
        told in one sentence after a while, and former tests may have used that up."""
        self.restarted.add(node)
        self.end_restarted(node)
        self.cluster.node(node).start_service("haopsd")
        self.cluster.node(node).wait_service("haopsd")
        self.wait_well()

    def status(self, node):
        """What its haopsd says."""
        return self.cluster.node(node).haopsd_status()

    def peer(self, node, peer):
        """What one node says of another."""
        return self.status(node).nodes.get(peer, {"name": peer, "state": "absent"})

    def states(self, node):
        """{node: state} as one node has it; itself included."""
        return self.status(node).states

    def wait_state(self, node, peer, states, timeout=10):
        """Until a node has one of these states of another; returns the peer, with the wall-clock
        time since when as "began"."""
        states = (states,) if isinstance(states, str) else states

        def seen():
            found = self.peer(node, peer)
            return (found if found["state"] in states else None), found
        return wait_until(f"{node} to have {peer} as {'/'.join(states)}", seen, timeout, 0.05)

    def wait_well(self, timeout=60):
        """Until every haopsd has every node as active, and nothing against itself."""
        names = self.cluster.node_names()

        def seen():
            try:
                bad = [str(s) for s in map(self.status, names) if not s.is_well(names)]
            except LabError as error:
                return False, error  # it is just being started
            return not bad, bad
        wait_until("every haopsd to be well", seen, timeout, 0.1)

    def log(self, pattern, node=None, since=None):
        """Lines of haopsd and its helpers that match, oldest first, of this test."""
        since = self.began if since is None else since
        wanted = re.compile(pattern)
        return [e for e in timeline.collect(self.cluster, verbose=True)
                if e.source in ("haopsd", "syslog") and "haopsd" in e.text and e.time >= since
                and node in (None, e.machine) and wanted.search(e.text)]

    def wait_log(self, pattern, node=None, timeout=10, since=None):
        """Until such a line is there; returns the first."""
        return wait_until(f"a line of haopsd with {pattern!r}", lambda: (
            next(iter(self.log(pattern, node, since)), None),
            [e.text for e in self.log("", node, since)][-5:]), timeout, 0.1)

    # A node that stands still -------------------------------------------------------------------------

    def pause(self, node, seconds):
        """What can judge others stands still, Corosync, haopsd and its helpers, as when a machine is
        paused as a whole. When it goes on."""
        machine, began = self.cluster.node(node), time.time()
        for part in PAUSED:
            machine.freeze(part)
        wait_until(f"{seconds} s to pass", lambda: (time.time() >= began + seconds, ""), seconds + 2, 0.02)
        resumed = time.time()
        for part in PAUSED:
            machine.thaw(part)
        return resumed

    def blames_itself(self, node, resumed):
        """Of its own pause it speaks first, nobody else is lost, and nothing of its own is believed to be
        proven before the others are in its ring again, or had the time to be."""
        done = self.wait_log("has recovered from standing still", node, 20, resumed).text
        told = [e.text for e in self.log("", node, resumed)]
        assert "stood still" in told[0], told
        assert not [text for text in told if " is lost: " in text], told
        seconds, unit, nodes = re.search(r"still, ([\d.]+) (m?s) after .*nodes in it: (\d+)", done).groups()
        took = float(seconds) / (1000 if unit == "ms" else 1)
        assert int(nodes) == len(self.cluster.nodes()) or took >= DETECTION_S, done

    # What it is -----------------------------------------------------------------------------------

    def size(self, node):
        """What haopsd holds on a node."""
        machine = self.cluster.node(node)
        pid = machine.pids("haopsd")[-1]
        text = machine.read(f"/proc/{pid}/status")
        found = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", text, re.M))
        fds = machine.run(["/usr/bin/ls", f"/proc/{pid}/fd"]).stdout.split()
        # One for each process that it watches, which may be another node's next time.
        watched = sum(w["objects"] for w in self.status(node).watched.values()
                      if w["agent"] == "nginx")
        return Size(pid, int(found["VmRSS"]), len(fds) - watched, int(found["Threads"]))

    def main_pid(self, node):
        """The service's process."""
        return self.cluster.node(node).state()["services"].get("haopsd")

    def has_address(self, node, address=VIP):
        """Whether the kernel of a node has the address."""
        text = self.cluster.node(node).run(["/usr/sbin/ip", "-o", "addr", "show"]).stdout
        return f" {address}/" in text

    # Before and after -----------------------------------------------------------------------------

    def begin(self):
        """Everything is well; what is held is remembered."""
        self.wait_well()
        for node in self.cluster.node_names():
            self.before[node] = (self.main_pid(node), self.size(node),
                                 self.status(node).reports)
        self.began = time.time()

    def end(self):
        """Nothing broke, nothing grew, and Pacemaker was told only what was so."""
        self.no_false_failures()
        self.cluster.restore()
        self.wait_well()
        reports = self.counted
        for node, (pid, size, made) in self.before.items():
            state, now = self.cluster.node(node).state(), self.size(node)
            statuses = state["ended"].get("haopsd", [])
            crashes = [s for s in statuses if s & 0x7f not in (0, 9)]
            assert not crashes, f"haopsd on {node} ended by a signal: {crashes}"
            if node in self.restarted:
                reports += self.status(node).reports
                continue
            assert self.main_pid(node) == pid, f"haopsd on {node} is another process"
            reports += self.status(node).reports - made
            # libcpg's buffers are a megabyte each: some are new after the first reconnection.
            # What repeats may not grow: test_corosync_killed_again_and_again.
            assert now.rss_kb <= min(size.rss_kb + 4096, RSS_MAX_KB), f"{node}: {size} -> {now}"
            self.wait_fds(node, size.fds)
        assert self.reports - self.optional <= reports <= self.reports, (
            f"{reports} reports to Pacemaker, {self.reports} expected")
        told = self.failing_times() if self.failures else {}
        for resource in self.failures:
            assert len(told.get(resource, [])) <= self.reports
        crash = [e.text for e in timeline.collect(self.cluster, verbose=True)
                 if e.time >= self.began and CRASH.search(e.text)]
        assert not crash, crash

    def wait_fds(self, node, before):
        """Until no more descriptors are open than before; a question under way may hold some."""
        wait_until(f"haopsd on {node} to have {before} descriptors or less", lambda: (
            self.size(node).fds <= before, self.size(node)), 10, 0.2)

    def no_false_failures(self):
        """What failed, by Pacemaker, is what the test made fail."""
        found = [str(f) for f in self.cluster.crm.view().failures
                 if f.operation.split("_")[0] not in self.failures]
        assert not found, f"failed, as Pacemaker was told, but was not made to: {found}"

    def expect_loss(self, resource, reports=1, optional=0):
        """It is about to be lost by the test's doing."""
        self.failures.add(resource)
        self.reports += reports
        self.optional += optional

    def failings(self, resource):
        """How often Pacemaker's controllers were told that it failed. (Not the fail count: 2.1.5 may
        count one failure twice, that of crm_resource --fail, too.)"""
        return len(self.failing_times().get(resource, []))

    def failing_times(self):
        """And when: {resource: [time]}."""
        found = {}
        for event in timeline.collect(self.cluster, verbose=True):
            match = event.source == "pacemaker" and re.search(r"Failing resource (\S+)\.\.\.", event.text)
            if match and event.time >= self.began:
                found.setdefault(match[1], []).append(event.time)
        return found

    @contextlib.contextmanager
    def quiet(self, allowed=()):
        """Nobody may be declared silent meanwhile, but these."""
        since = time.time()
        yield
        bad = [e.text for e in self.log(SILENT, since=since)
               if not any(f"{name} is silent" in e.text for name in allowed)]
        assert not bad, bad
        for node in self.cluster.node_names():
            said = {p: s for p, s in self.states(node).items() if s == "silent"}
            assert not set(said) - set(allowed), (node, said)
