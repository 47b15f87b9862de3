# SPDX-License-Identifier: GPL-2.0-or-later
"""Cluster: what tests and the `lab` command use. Everything else is behind it.

    with Cluster(nodes=3, cib=xml) as cluster:      # up ... down
        node = cluster.wait_resource("vip")
        with cluster.prober_http("http://10.77.0.100/") as prober:
            cluster.node(node).kill()
            cluster.wait_resource("vip", not_on=node)
            prober.wait_recovered()
        print(prober.report["outages"])
        cluster.restore(); cluster.audit()
"""
from __future__ import annotations

import os
import re
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from . import corosync, fencing, link, pacemaker, qemu, spec
from .audit import hardware_findings, ring_findings, view_findings
from .crm import Crm
from .link import LabLink
from .machine import Machine
from .observer import Observer
from .probing import Prober
from .wait import LabError, LogWatch, wait_until

KNET_BACKOFF = 10  # answers after which a link has the timeout that it is configured to have
HAOPSD_CONF = "/etc/haops/haopsd.conf"
HAOPSD = ["/usr/sbin/haopsd", "--config", HAOPSD_CONF]


@dataclass
class Options:
    """How a cluster is to be; see LabSpec for the staged install (agents_dir, lib_dirs, ...)."""
    nodes: int = 3
    name: str = "lab"
    rings: int = 2
    cluster_rings: list[int] | None = None                  # those that corosync uses; None: all
    cib: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    corosync: corosync.CorosyncConfig | None = None         # None: what fits the kinds of nodes
    fencing: bool = True
    stonith: bool = True
    agents_dir: str = ""
    lib_dirs: list[str] = field(default_factory=list)
    bin_dirs: list[str] = field(default_factory=list)
    binds: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    disk_mb: int = 128
    kind: str = "namespace"             # of the nodes
    kinds: dict[str, str] = field(default_factory=dict)     # of single machines, "client" included
    raw_disks: list[int] = field(default_factory=list)      # of virtual nodes, MB: /dev/vdb, ...
    memory_mb: int = 1024               # of virtual machines
    drivers: list[str] = field(default_factory=list)    # files with kinds of one's own (node.py)
    extra_services: list[spec.ServiceSpec] = field(default_factory=list)
    boot_commands: list[list[str]] = field(default_factory=list)    # of nodes of `kind`, before corosync
    has_pacemaker: bool = True
    tmpfs: dict[str, int] = field(default_factory=dict)
    volumes: dict[str, int] = field(default_factory=dict)
    haopsd_conf: str | None = None      # None: no haopsd (see stage.haopsd_options)


class Cluster:
    """A lab with a cluster in it. Ends with the process that called `up`, whatever ends that,
    unless `disown` was called."""

    def __init__(self, link_: LabLink | None = None, **options: object):
        self.options = Options(**options)
        self._link = link_
        self._guard: subprocess.Popen | None = None
        self.crm = Crm(self.nodes)

    # Life ----------------------------------------------------------------------------------------

    @classmethod
    def attach(cls, name: str = "lab") -> "Cluster":
        """The handle of a lab that runs already."""
        return cls(LabLink(name), name=name)

    def up(self, timeout: float = 60) -> "Cluster":
        """Start all machines and wait for quorum, a DC and all nodes online."""
        try:
            self.start()
            for machine in self.nodes():
                machine.wait_booted(timeout)
            self.crm.wait_formed(self.node_names(), timeout)
        except BaseException:
            self.down()
            raise
        return self

    def start(self) -> None:
        """Start the lab and power its machines on; waits for nothing."""
        self._link, self._guard = link.start(_lab_spec(self.options))
        for name in self.link.status()["machines"]:
            self.link.call("boot", name=name)

    def down(self) -> None:
        """End everything; nothing is left when it returns."""
        if self._link is not None:
            self._link.down()
            self._link = None
        if self._guard is not None:
            self._guard.wait(20)
            self._guard = None

    def disown(self) -> None:
        """Let the lab outlive this process."""
        self.link.call("disown")

    def __enter__(self) -> "Cluster":
        return self if self._link else self.up()

    def __exit__(self, *_exc: object) -> None:
        self.down()

    # Parts ---------------------------------------------------------------------------------------

    @property
    def link(self) -> LabLink:
        if self._link is None:
            raise LabError("this lab is not up")
        return self._link

    def machines(self, role: str = "") -> list[Machine]:
        """All machines, or those of one role ("node", "host")."""
        found = self.link.status()["machines"]
        return [Machine(self.link, n) for n, m in found.items() if role in ("", m["role"])]

    def nodes(self) -> list[Machine]:
        return self.machines("node")

    def node_names(self) -> list[str]:
        return [node.name for node in self.nodes()]

    def node(self, name: str) -> Machine:
        """Any machine by name."""
        machine = Machine(self.link, name)
        machine.state()
        return machine

    @property
    def client(self) -> Machine:
        return self.node(spec.CLIENT)

    def host(self, name: str) -> Machine:
        """A plain machine on the service network, added if it is not there yet."""
        self.link.call("host_add", name=name)
        machine = Machine(self.link, name)
        machine.wait_booted()
        return machine

    def web_server(self, name: str, port: int = 80) -> Machine:
        """A plain machine with a small web server that tells its name (X-Node, body)."""
        host = self.host(name)
        host.start_service("web", [link.PYTHON, "/run/lab/py/haopslab/webserver.py",
                                   name, str(port)])
        return host

    # Cluster -------------------------------------------------------------------------------------

    def load_cib(self, xml: str, settle: float = 60) -> None:
        """Replace the running cluster's configuration by this one (a <cib>, a <configuration>,
        or sections), keeping the lab's properties and fencing; waits until it is in force."""
        lab = spec.LabSpec.from_json(self.link.status()["spec"])
        self.crm.load(_configuration(lab, xml))
        self.crm.wait_settled(settle)

    def cib_replace(self, xml: str, scope: str = "resources") -> None:
        """cibadmin --replace of a section, without any help."""
        self.crm.replace(xml, scope)

    def wait_resource(self, resource: str, on: str | None = None, state: str = "Started",
                      timeout: float = 30, not_on: str | None = None) -> str:
        """See Crm.wait_resource."""
        return self.crm.wait_resource(resource, state, on, not_on, timeout)

    def where(self, resource: str, role: str = "") -> list[str]:
        """Nodes on which the resource is active now."""
        return self.crm.view().where(resource, role)

    # Faults that concern no single machine -------------------------------------------------------

    def switch_off(self, ring: int) -> None:
        self.link.call("switch_power", ring=ring, is_on=False)

    def switch_on(self, ring: int, learning: float = 0) -> None:
        """`learning`: seconds during which ports have carrier but forward nothing."""
        self.link.call("switch_power", ring=ring, is_on=True, learning=learning)

    def note(self, text: str, **details: object) -> None:
        """Put a line into the timeline."""
        self.link.call("note", what=text, **details)

    # Watching ------------------------------------------------------------------------------------

    def prober_http(self, url: str, **options: object) -> Prober:
        """A visitor: one new connection and GET each 10 ms. A context manager."""
        return Prober(self.client, "http", url, **options)

    def prober_ping(self, address: str, **options: object) -> Prober:
        """One ICMP echo each 10 ms. A context manager."""
        return Prober(self.client, "ping", address, **options)

    def observer(self, *addresses: str) -> Observer:
        """Watches on the service network's wire who answers for the addresses."""
        return Observer(self.link, list(addresses))

    # After a fault -------------------------------------------------------------------------------

    def restore(self, timeout: float = 120) -> None:
        """Undo all faults, power everything on, forget failures, wait until all is well.

        A node is powered on only after the cluster has dealt with its loss: one that is back
        before the fencing device's answer was read makes that fencing fail. And what a fault
        began may end in a node being fenced even now, so this goes on until all is whole.
        Failures are forgotten once nothing is left to do: what Pacemaker 2.1 forgets while it
        starts it, it no longer knows how to start ("No such device"), and counts that for ever.
        """
        self.link.call("heal_all")
        deadline = time.monotonic() + timeout

        def whole() -> tuple[bool, object]:
            left = deadline - time.monotonic()
            self._power_on_all(left)
            self.wait_rings(left)
            self.crm.wait_settled(left)
            if self.crm.view().failures:
                self.crm.cleanup()
                self.crm.wait_settled(left)
            findings = self._findings(allow_failures=False)
            return not findings, findings
        wait_until("the cluster to be whole again", whole, timeout)

    def _power_on_all(self, timeout: float) -> None:
        self.crm.wait_lost([n.name for n in self.nodes() if not n.is_on()], timeout)
        self.link.call("boot_all")
        for machine in self.machines():
            machine.wait_booted(timeout)
        view = self.crm.wait_formed(self.node_names(), timeout)
        for node in view.nodes.values():
            if node.standby:
                self.crm.standby(node.name, False)

    def wait_rings(self, timeout: float = 30) -> None:
        """Until every node has every link to every other (knet takes a while to trust one)."""
        nodes = self.nodes()

        def seen() -> tuple[bool, object]:
            findings = [f for node in nodes for f in ring_findings(node)]
            return not findings, findings
        paths = [p for node in nodes for name, p in node.log_paths().items()
                 if name == "corosync"]
        with LogWatch(paths) as watch:
            wait_until("all rings to be connected", seen, timeout, 0.05, watch)

    def wait_rings_trusted(self, timeout: float = 60) -> None:
        """Until a ring that fails is given up before the token is lost with it. knet multiplies a
        new link's ping timeout, by ten at first and by one after ten answers."""
        self.wait_rings(timeout)
        first = self._link_answers()
        if not first:
            raise LabError("corosync tells of no link")

        def seen() -> tuple[bool, object]:
            now = self._link_answers()
            return all(count - first.get(link_, count) > KNET_BACKOFF for link_, count in now.items()), now
        wait_until("answers over each link of corosync", seen, timeout, 0.3)

    def _link_answers(self) -> dict[tuple[str, str], int]:
        """{(node, link to a peer): answers that came over it}"""
        found = {}
        for node in self.nodes():
            text = node.run(["/usr/sbin/corosync-cmapctl", "-m", "stats", "stats.knet."]).stdout
            counts = re.findall(r"^stats\.knet\.(\S+)\.rx_pong_packets .*= (\d+)$", text, re.MULTILINE)
            found |= {(node.name, link_): int(count) for link_, count in counts if int(count)}
        return found

    def _findings(self, allow_failures: bool, view: pacemaker.View | None = None) -> list[str]:
        """What keeps it from being whole, all of it at one moment."""
        findings = hardware_findings(self.link.status())
        findings += view_findings(view or self.crm.view(), self.node_names(), allow_failures)
        return findings + [f for node in self.nodes() if node.is_on() for f in ring_findings(node)]

    def audit(self, allow_failures: bool = False) -> pacemaker.View:
        """Assert that the cluster is whole: all nodes online and clean, quorum, rings up,
        nothing failed, blocked or orphaned. Raises LabError with all findings."""
        view = self.crm.view()
        findings = self._findings(allow_failures, view)
        if findings:
            raise LabError("the cluster is not whole: " + "; ".join(findings))
        return view


def _lab_spec(options: Options) -> spec.LabSpec:
    """Nodes n1..., and the client; each node with its corosync.conf, CIB and hosts file."""
    _check(options)
    names = [f"n{i}" for i in range(1, options.nodes + 1)]
    nodes = [_node(options, name, i) for i, name in enumerate(names, start=1)]
    client = spec.host_spec(spec.CLIENT, spec.CLIENT_NUMBER,
                            kind=options.kinds.get(spec.CLIENT, "namespace"))
    lab = spec.LabSpec(
        name=options.name, rings=options.rings, disk_mb=options.disk_mb, env=options.env,
        agents_dir=options.agents_dir, lib_dirs=options.lib_dirs, bin_dirs=options.bin_dirs,
        binds=options.binds, tmpfs=options.tmpfs, volumes=options.volumes, fencing=options.fencing,
        stonith=options.stonith, properties=options.properties, drivers=options.drivers,
        machines=[*nodes, client])
    _put_files(lab, options)
    return lab


def _node(options: Options, name: str, number: int) -> spec.MachineSpec:
    """One node, which may be of another kind than the others."""
    kind = options.kinds.get(name, options.kind)
    boot = [spec.ServiceSpec(f"boot{i}", argv, once=True)
            for i, argv in enumerate(options.boot_commands) if kind == options.kind]
    return spec.MachineSpec(name, spec.NODE_BASE + number, list(range(options.rings)), kind, "node",
                            [*boot, *_services(options), *options.extra_services],
                            raw_disks=options.raw_disks)


def _services(options: Options) -> list[spec.ServiceSpec]:
    """What the nodes run, in order, after what they are booted with."""
    services = []
    services.append(spec.ServiceSpec("corosync", ["/usr/sbin/corosync", "-f"], ready_socket="cmap"))
    if options.haopsd_conf is not None:
        services.append(spec.ServiceSpec("haopsd", HAOPSD, notifies=True, log=spec.HAOPSD_LOG))
    if options.has_pacemaker:
        services.append(spec.ServiceSpec("pacemakerd", ["/usr/sbin/pacemakerd"]))
    return services


def _corosync(options: Options, lab: spec.LabSpec) -> corosync.CorosyncConfig:
    """The user's, or times that machines of these kinds keep."""
    are_slow = any(node.kind == "virtual" for node in lab.nodes())
    default = corosync.CorosyncConfig(token=qemu.TOKEN_MS[qemu.accelerator()]) if are_slow \
        else corosync.CorosyncConfig()
    return options.corosync or default


def _check(options: Options) -> None:
    """Refuse what cannot work, before anything is started."""
    if not 1 <= options.nodes <= 30:
        raise LabError(f"a lab has at least one node and at most 30, not {options.nodes}")
    if not 1 <= options.rings <= 8:
        raise LabError(f"corosync has one to eight rings, not {options.rings}")
    folders = [*options.lib_dirs, *options.bin_dirs, *options.binds.values()]
    for path in folders + options.drivers + [options.agents_dir] * bool(options.agents_dir):
        if not os.path.isabs(path) or not os.path.exists(path):
            raise LabError(f"{path} is to be seen in the lab, but is no absolute path of "
                           "something that exists")


def _configuration(lab: spec.LabSpec, xml: str) -> ET.Element:
    """What the user wants, with the lab's properties and fencing resources."""
    has_stonith = lab.fencing and lab.stonith
    properties = {"stonith-enabled": "true" if has_stonith else "false", **lab.properties}
    return pacemaker.compose(xml, properties, fencing.stonith_xml(lab) if has_stonith else "")


def _put_files(lab: spec.LabSpec, options: Options) -> None:
    cib = pacemaker.seed_cib(_configuration(lab, options.cib))
    hosts = "127.0.0.1 localhost\n::1 localhost\n" + "".join(
        f"{spec.ipv4(0, m.number)} {m.name}\n" for m in lab.machines)
    for machine in lab.machines:
        machine.memory_mb = options.memory_mb
        machine.files = {"/etc/hosts": hosts, "/etc/hostname": machine.name + "\n"}
    for node in lab.nodes():
        node.files["/etc/corosync/corosync.conf"] = corosync.render(
            _corosync(options, lab), lab.nodes(), options.name, options.cluster_rings)
        node.files["/var/lib/pacemaker/cib/cib.xml"] = cib
        if options.haopsd_conf is not None:
            node.files[HAOPSD_CONF] = options.haopsd_conf
        node.owned = {"/var/lib/pacemaker/cib/cib.xml": "hacluster:haclient"}
