# SPDX-License-Identifier: GPL-2.0-or-later
"""One failover of a virtual address, by a cluster (with our agent or the stock one) or by keepalived.

Each run has machines of its own, freshly made, and leaves nothing. See README.md for what is measured how.
"""

import contextlib
import os
import time

from haopslab import frames, link, procs, proxy, spec, stages, timeline
from haopslab.cluster import Cluster
from haopslab.wirewatch import attach_filter

import forks
import netns

VIP = proxy.VIP4
QUIET_BEFORE_S = 1.0  # the client is served that long before the fault
# Pacemaker 2.1's controller sleeps for a second if its own CIB updates are not through when it is
# about to ask the scheduler ("Re-asking for the CIB" in its debug log).
CONTROLLER_PAUSE_S = 1.0
LOGS = "build/logs/bench-failover"

CIB = """
<resources>
  <primitive id="vip" class="ocf" provider="{provider}" type="IPaddr2">
    <instance_attributes id="vip-params">
      <nvpair id="vip-ip" name="ip" value="{vip}"/>
      <nvpair id="vip-cidr_netmask" name="cidr_netmask" value="24"/>
    </instance_attributes>
    <operations>
      <op id="vip-start" name="start" interval="0s" timeout="20s"/>
      <op id="vip-stop" name="stop" interval="0s" timeout="20s"/>
      <op id="vip-monitor" name="monitor" interval="10s" timeout="20s"/>
    </operations>
  </primitive>
</resources>
<constraints>
  <rsc_location id="vip-first" rsc="vip" node="{holder}" score="100"/>
</constraints>
"""

KEEPALIVED = """
vrrp_instance vip {{
	interface eth0
	state {state}
	{version}
	virtual_router_id 51
	priority {priority}
	advert_int {advert}
	virtual_ipaddress {{
		{vip}/24
	}}
}}
"""


class PowerCut:
    """Cuts a machine's power while the client asks; keeps what the kernel saw of it."""

    def __init__(self, cluster, victim):
        self._cluster = cluster
        self._victim = victim
        self.visit = {}
        self.fault = 0.0
        self.frames = []

    def run(self):
        """Until the client is served again."""
        with self._cluster.prober_ping(VIP):
            pass  # a first answer: what the address' first start took is no outage
        switch = self._cluster.link.status()["switches"][0]["prefix"][2]
        with netns.packet_socket(switch) as wire:
            attach_filter(wire)
            with self._cluster.prober_ping(VIP) as prober:
                prober.sleep_until_interrupt(QUIET_BEFORE_S)
                prober.now()
                if prober.report["outages"]:
                    raise RuntimeError(f"no steady answers before the fault: {prober.text()}")
                self.fault = time.time()
                self._cluster.node(self._victim).kill()
                prober.wait_recovered()
            self.visit = prober.report
            self.frames = netns.waiting(wire)

    def outage(self):
        """What the client saw; seconds."""
        found = stages.first_answer(self.visit, self.fault)
        return {"outage": found["answered"] - found["start"], "failed": found["failed"],
                "outages": len(self.visit["outages"]), "max_slip": self.visit["max_slip"]}

    def announced(self, machine):
        """When the first announcement of that machine after the fault was on the wire."""
        mac = spec.mac(0, machine)
        for at, frame in self.frames:
            claim = frames.read_claim(frame)
            if (at / 1e9 > self.fault and claim is not None and claim.cookie is None
                    and (claim.address, claim.mac) == (VIP, mac)):
                return at / 1e9
        raise RuntimeError(f"{mac} did not announce {VIP}")


# The cluster -------------------------------------------------------------------------------------


def cluster_run(name, provider, number):
    """One failover of the cluster's address; in each third run the node is the DC as well."""
    # Both have the staged build in their nodes: the provider is the only difference.
    with Cluster(name=name, nodes=3, **proxy.stage_options()) as cluster, saved_on_error(cluster):
        dc = cluster.crm.view().dc
        holder = dc if number % 3 == 0 else next(n for n in cluster.node_names() if n != dc)
        cluster.load_cib(CIB.format(provider=provider, vip=VIP, holder=holder))
        cluster.wait_resource("vip", on=holder)
        executors = {node.name: executor(node) for node in cluster.nodes() if node.name != holder}
        cut = PowerCut(cluster, holder)
        with forks.Forks() as forked:
            cut.run()
            taker = cluster.wait_resource("vip", not_on=holder)
            forked_at = forked.of(executors[taker])
        events = timeline.collect(cluster, verbose=True)
        found = stages.analyse(events, cut.visit, ("vip",))
        return {"was_dc": holder == dc} | cut.outage() | times(found, cut, forked_at)


def executor(node):
    """The host's number of the process that runs a node's agents."""
    namespace = procs.pid_namespace(node.state()["prefix"][2])
    return procs.find(namespace, "pacemaker-execd")[0].host_pid


def times(found, cut, forked_at):
    """The stages, in seconds, one after the other; and what the agent took to the announcement.

    "agent" ends with the announcement or, if that comes first, with the answer to the client.
    """
    if found["missing"]:
        raise RuntimeError(f"no trace of {', '.join(found['missing'])} in the logs")
    asked = next(s for s in found["steps"] if s["key"] == "start" and s["machine"] == found["taker"])
    # The executor's line is older than the fork that it is about, and its clock stands up to 4 ms.
    began = next((at for at in forked_at if at >= found["wall"] + asked["seconds"]), None)
    start = asked["seconds"] if began is None else began - found["wall"]
    announced = cut.announced(spec.NODE_BASE + int(found["taker"][1:])) - found["wall"]
    before = found["stages"]["detection"] + found["stages"]["fencing"]
    shown = min(announced, found["answered"])
    return {
        "paused": start - before >= CONTROLLER_PAUSE_S,
        "stages": {"detection": found["stages"]["detection"], "fencing": found["stages"]["fencing"],
                   "transition": start - before, "agent": shown - start,
                   "first_answer": found["answered"] - shown},
        "agent_to_announcement": announced - start, "start_seen_by": "log" if began is None else "kernel",
        "executor_to_announcement": announced - asked["seconds"],
        "agent_execution": found["agents"]["vip"] / 1000}


# keepalived --------------------------------------------------------------------------------------


class Hosts(Cluster):
    """A client and two machines that run nothing but keepalived."""

    def __init__(self, name, advert):
        super().__init__(name=name, rings=1)
        self._advert = advert

    def start(self):
        """Instead of the cluster's machines: ours."""
        machines = [spec.host_spec(spec.CLIENT, spec.CLIENT_NUMBER)]
        for number, state, priority in ((1, "MASTER", 150), (2, "BACKUP", 100)):
            host = spec.host_spec(f"k{number}", spec.HOST_BASE + number, [spec.ServiceSpec(
                "keepalived", ["/usr/sbin/keepalived", "--vrrp", "--dont-fork", "--log-console"])])
            # Adverts of less than a second need version 3 of the protocol.
            version = "version 3" if self._advert < 1 else ""
            host.files = {"/etc/keepalived/keepalived.conf": KEEPALIVED.format(
                state=state, priority=priority, advert=self._advert, version=version, vip=VIP)}
            machines.append(host)
        self._link, self._guard = link.start(spec.LabSpec(
            name=self.options.name, rings=1, machines=machines, fencing=False))
        for machine in machines:
            self.link.call("boot", name=machine.name)

    def up(self, timeout=60):
        """Without a cluster there is none to wait for."""
        try:
            self.start()
            for machine in self.machines():
                machine.wait_booted(timeout)
        except BaseException:
            self.down()
            raise
        return self


def keepalived_run(name, advert):
    """One failover of keepalived's address from its master to the other machine."""
    with Hosts(name, advert) as hosts, saved_on_error(hosts):
        cut = PowerCut(hosts, "k1")
        cut.run()
        announced = cut.announced(spec.HOST_BASE + 2) - cut.fault
        return cut.outage() | {"announced": announced}


@contextlib.contextmanager
def saved_on_error(cluster):
    """Keeps the logs of a run that fails; those of the last one stay."""
    try:
        yield
    except Exception as error:
        folder = timeline.save(cluster, os.path.join(proxy.TREE, LOGS))
        raise RuntimeError(f"{type(error).__name__}: {error}; logs: {folder}") from error
