# SPDX-License-Identifier: GPL-2.0-or-later
"""A cluster of two virtual machines that serves files from DRBD by NFS, a node that only votes, and a client that
mounts them: examples/nfs-on-drbd.

    with storage.start("name", "haops") as files:            # or "stock", or storageconf.Agents
        with files.mounted(version="3") as mount:
            with files.ledger(mount) as ledger:
                server = files.server()
                files.cluster.node(server).kill()
                files.wait_served(not_on=server)
                ledger.wait_acked(10)
            assert not ledger.audit()
        files.wait_healthy()

Rings: 0 clients and cluster, 1 DRBD alone, 2 cluster and management boards. So a node's replication
link is `node.cut(1)`, its cluster links are `node.cut(0)` and `node.cut(2)`.
"""
from __future__ import annotations

import contextlib
import os
import re
import subprocess
from dataclasses import dataclass
from typing import Callable, ContextManager, Iterator

from . import fsledger, spec, stage, storageconf
from .cluster import Cluster
from .machine import Machine
from .reporter import Reporter
from .storageconf import Agents
from .wait import LabError, wait_until

DISK_MB = 320
_SECTORS = DISK_MB * 2048
_PROGRAM = "/run/lab/py/haopslab/fsledger.py"
BOOT_MODULES = [
    ["/usr/sbin/modprobe", "-a", "dm_mod", "drbd", "nfsd"],
    ["/usr/bin/mkdir", "-p", "/var/lib/nfs/rpc_pipefs", "/var/lib/nfs/v4recovery", "/run/rpcbind"],
]
_BOOT = [
    *BOOT_MODULES,
    ["/usr/sbin/dmsetup", "create", storageconf.BACKING, "--table",
     storageconf.linear_table(_SECTORS)],
    ["/usr/bin/mkdir", "-p", os.path.dirname(storageconf.VOLUME)],
    ["/usr/bin/ln", "-sf", f"/dev/mapper/{storageconf.BACKING}", storageconf.VOLUME],
    ["/usr/sbin/rpcbind", "-w"],
]


def client_kind() -> str:
    """A namespace where this host's own kernel can mount NFS, else a machine with one that can."""
    with open("/proc/filesystems", encoding="ascii") as file:
        return "namespace" if "\tnfs4\n" in file.read() else "virtual"


class BackingDisk:
    """The device under DRBD on one node. What is done here ends with the node's power."""

    def __init__(self, node: Machine):
        self._node = node

    def _dmsetup(self, *words: str) -> None:
        self._node.run(["/usr/sbin/dmsetup", *words])

    def _replace(self, table: str) -> None:
        self._dmsetup("load", storageconf.BACKING, "--table", table)
        # Without noflush it would wait for what waits for it.
        self._dmsetup("suspend", "--noflush", "--nolockfs", storageconf.BACKING)
        self._dmsetup("resume", storageconf.BACKING)

    def hang(self) -> None:
        """Whatever is asked of it from now on waits."""
        self._dmsetup("suspend", "--noflush", "--nolockfs", storageconf.BACKING)

    def go_on(self) -> None:
        self._dmsetup("resume", storageconf.BACKING)

    def fail(self) -> None:
        """Whatever is asked of it from now on is an error."""
        self._replace(storageconf.error_table(_SECTORS))

    def mend(self) -> None:
        self._replace(storageconf.linear_table(_SECTORS))


@dataclass(frozen=True)
class DrbdState:
    """One node's words on the resource; empty where it has none."""
    role: str = ""
    disk: str = ""
    connection: str = ""
    peer_role: str = ""
    peer_disk: str = ""

    def is_whole(self) -> bool:
        return (self.connection, self.disk, self.peer_disk) == (
            "Connected", "UpToDate", "UpToDate")


def parse_events(text: str, resource: str = storageconf.RESOURCE) -> DrbdState:
    """The output of `drbdsetup events2 --now`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split()
        values = dict(word.split(":", 1) for word in words[2:] if ":" in word)
        if words[:1] != ["exists"] or values.get("name") != resource:
            continue
        kind = words[1]
        names = {"resource": {"role": "role"}, "device": {"disk": "disk"},
                 "connection": {"connection": "connection", "role": "peer_role"},
                 "peer-device": {"peer-disk": "peer_disk"}}.get(kind, {})
        found |= {field: values[key] for key, field in names.items() if key in values}
    return DrbdState(**found)


def drbd_state(node: Machine, resource: str = storageconf.RESOURCE) -> DrbdState:
    """What the node's kernel says of the resource."""
    done = node.run(["/usr/sbin/drbdsetup", "events2", "--now", resource], check=False)
    return parse_events(done.stdout, resource)


def wait_drbd(nodes: list[Machine], what: str, predicate: Callable[[DrbdState], bool],
              timeout: float = 60, resource: str = storageconf.RESOURCE) -> None:
    """Until all these nodes' states are as wanted."""
    def seen() -> tuple[bool, object]:
        states = {node.name: drbd_state(node, resource) for node in nodes}
        return all(predicate(state) for state in states.values()), states
    wait_until(what, seen, timeout, 0.2)


class Mount:
    """The export as the client has it mounted."""

    def __init__(self, client: Machine, folder: str, version: str):
        self.client = client
        self.folder = folder
        self.version = version


@contextlib.contextmanager
def mounted(client: Machine, source: str, version: str) -> Iterator[Mount]:
    """An export, ADDRESS:PATH, mounted in a client; left, it is unmounted, by force if need be."""
    folder = "/mnt/" + re.sub(r"[^0-9a-z]+", "-", f"{source}-{version}")
    client.run(["/usr/bin/mkdir", "-p", folder, "/run/rpcbind"])
    if not client.pids("rpcbind"):  # locks of version 3
        client.run(["/usr/sbin/rpcbind", "-w"])
    client.run(["/usr/bin/mount", "-t", "nfs", "-o", f"vers={version},hard", source, folder],
               timeout=120)
    try:
        yield Mount(client, folder, version)
    finally:
        if client.is_on():
            client.run(["/usr/bin/umount", "-f", "-l", folder], check=False)


class Ledger(Reporter):
    """Writers in the client (fsledger.py). Entered, there is an acknowledgement; left, the books are
    complete."""

    def __init__(self, mount: Mount, number: int, writers: int, interval_ms: int):
        super().__init__("the ledger")
        self._mount = mount
        self._writers = writers
        self._interval_ms = interval_ms
        self._folder = f"{mount.folder}/ledger-{number}"
        self._books = f"/var/log/ledger/{number}"

    def _start(self) -> subprocess.Popen:
        client = self._mount.client
        client.run(["/usr/bin/mkdir", "-p", self._folder])
        return client.popen(["/usr/bin/python3", "-I", "-B", _PROGRAM, self._folder, self._books,
                             str(self._writers), str(self._interval_ms)], **self._pipes)

    def _after_start(self) -> None:
        self.wait_acked(1)

    def wait_acked(self, more: int = 20, timeout: float = 60) -> None:
        """Until so many more records were acknowledged."""
        goal = self.now()["acked"] + more
        wait_until(f"{more} acknowledged records", lambda: (
            self.now()["acked"] >= goal, self.report), timeout, 0.1)

    def wait_acked_after(self, at: float, timeout: float = 120) -> None:
        """Until a record was acknowledged after that time (wall clock)."""
        wait_until("an acknowledged record after the fault", lambda: (
            self.now()["last_ack"] > at, self.report), timeout, 0.1)

    def books(self) -> fsledger.Books:
        """What the writers wrote down."""
        return fsledger.parse({number: self._mount.client.read(f"{self._books}/book-{number}")
                               for number in range(1, self._writers + 1)})

    def audit(self) -> list[str]:
        """What was acknowledged and is not there, as the server has it now. The client forgets what
        it knows of the files first."""
        if self._process is not None:
            raise LabError("the ledger is audited after its writers have ended")
        client = self._mount.client
        client.run(["/usr/sbin/sysctl", "-q", "-w", "vm.drop_caches=3"])
        files = {}
        for number in range(1, self._writers + 1):
            done = client.run(["/usr/bin/cat", f"{self._folder}/writer-{number}"], timeout=60)
            files[number] = done.stdout.encode()
        return fsledger.audit(self.books(), files)


class FileServer:
    """The cluster as its users and its operator see it."""

    def __init__(self, cluster: Cluster, agents: Agents):
        self.cluster = cluster
        self.agents = agents
        self._runs = 0

    def __enter__(self) -> "FileServer":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cluster.down()

    # Servers ------------------------------------------------------------------------------------

    def server(self) -> str:
        """The node that has the last resource of the group, the address."""
        found = self.cluster.where(storageconf.ADDRESS)
        if len(found) != 1:
            raise LabError(f"the address is on {found or 'no node'}: {self.cluster.crm.view()}")
        return found[0]

    def servers(self) -> list[Machine]:
        """The two nodes that have the disk."""
        return [node for node in self.cluster.nodes() if node.name != storageconf.WITNESS]

    def other(self) -> str:
        """The node that serves nothing."""
        server = self.server()
        return next(node.name for node in self.servers() if node.name != server)

    def wait_served(self, not_on: str | None = None, timeout: float = 120) -> str:
        """Until the address is somewhere (else): the node."""
        return self.cluster.wait_resource(storageconf.ADDRESS, not_on=not_on, timeout=timeout)

    def drbd(self, name: str) -> DrbdState:
        """What a node's kernel says of the resource."""
        return drbd_state(self.cluster.node(name))

    def backing(self, name: str) -> BackingDisk:
        return BackingDisk(self.cluster.node(name))

    def wait_replicated(self, timeout: float = 120) -> None:
        """Until both nodes say that both disks are UpToDate."""
        wait_drbd(self.servers(), "two disks that are UpToDate", DrbdState.is_whole, timeout)

    def wait_healthy(self, timeout: float = 120) -> None:
        """Both nodes in the cluster, both disks UpToDate, files served, nothing failed."""
        self.cluster.restore(timeout)
        self.wait_replicated(timeout)
        self.wait_served(timeout=timeout)

    def cut_replication(self, name: str) -> None:
        """Pull the cable that only DRBD uses."""
        self.cluster.node(name).cut(storageconf.REPLICATION_RING)

    def heal_replication(self, name: str) -> None:
        self.cluster.node(name).heal(storageconf.REPLICATION_RING)

    # Client -------------------------------------------------------------------------------------

    def mounted(self, version: str = "4.2") -> ContextManager[Mount]:
        """The export mounted in the client."""
        path = storageconf.EXPORT if version.startswith("3") else "/"
        return mounted(self.cluster.client, f"{storageconf.VIP}:{path}", version)

    def ledger(self, mount: Mount, writers: int = 2, interval_ms: int = 20) -> Ledger:
        """Writers in the client. A context manager."""
        self._runs += 1
        return Ledger(mount, self._runs, writers, interval_ms)


# Making it ---------------------------------------------------------------------------------------


def options_of(agents: Agents) -> dict[str, object]:
    """Options of Cluster."""
    options = stage.haopsd_options() if "haops:" in str(agents.by_resource()) else {}
    kinds = {spec.CLIENT: client_kind(), storageconf.WITNESS: "namespace"}
    # The third is there at once, and has quorum with the first machine: the other one is still booting.
    return {"nodes": 3, "kind": "virtual", "kinds": kinds, "properties": {"startup-fencing": "false"},
            "rings": storageconf.RINGS, "cluster_rings": storageconf.CLUSTER_RINGS,
            "raw_disks": [DISK_MB], "boot_commands": _BOOT, **options}


def handlers_of(agents: Agents) -> dict[str, str]:
    """Handlers of DRBD: ours with our agent."""
    return storageconf.OUTDATE_PEER if agents.drbd.startswith("haops:") \
        else storageconf.CRM_FENCE_PEER


def start(name: str, agents: str | Agents = "haops", handlers: dict[str, str] | None = None,
          **options: object) -> FileServer:
    """Two nodes with the same empty file system, one of them serving it. The caller ends it."""
    chosen = storageconf.AGENTS[agents] if isinstance(agents, str) else agents
    cluster = Cluster(**{"name": name, **options_of(chosen), **options}).up(timeout=120)
    try:
        files = FileServer(cluster, chosen)
        for machine in [*files.servers(), cluster.client]:
            machine.run(["/bin/sh", "-c", f"echo '{storageconf.VIP_HOST}' >>/etc/hosts"])
        prepare(files.servers(), handlers_of(chosen) if handlers is None else handlers)
        cluster.load_cib(storageconf.cib(chosen), settle=120)
        files.wait_served()
        files.wait_replicated()
    except BaseException:
        with contextlib.suppress(LabError, OSError):
            keep_logs(cluster)
        cluster.down()
        raise
    return files


def keep_logs(cluster: Cluster) -> None:
    """For a cluster that did not come up."""
    from . import timeline  # pylint: disable=import-outside-toplevel
    base = os.environ.get("HAOPS_LAB_LOGS")
    if base:
        timeline.save(cluster, os.path.join(base, "storage-start"))


def prepare(nodes: list[Machine], handlers: dict[str, str]) -> None:
    """Both disks the same, with a file system on DRBD; then DRBD is down, for Pacemaker to start."""
    text = storageconf.drbd_conf(handlers)
    for node in nodes:
        node.write("/etc/drbd.conf", storageconf.GLOBAL_CONF)
        node.write(storageconf.CONFIG, text)
        node.write("/etc/exports", storageconf.EXPORTS)
        node.write("/etc/nfs.conf.d/lab.conf", storageconf.NFS_CONF)
        bring_up(node)
    make_file_system(nodes)


def make_file_system(nodes: list[Machine], share: storageconf.Share = storageconf.MAIN) -> None:
    """The same on both disks; then DRBD is down."""
    make_equal(nodes, share.resource)
    first = nodes[0]
    first.run(["/usr/sbin/drbdadm", "primary", share.resource])
    first.run(["/usr/sbin/mkfs.xfs", "-q", share.device], timeout=120)
    first.run(["/usr/bin/mkdir", "-p", share.folder])
    first.run(["/usr/bin/mount", "-t", "xfs", share.device, share.folder])
    first.run(["/usr/bin/mkdir", "-p", share.export, share.state])
    first.run(["/usr/bin/chmod", "1777", share.export])     # root of a client is nobody here
    first.run(["/usr/bin/umount", share.folder])
    for node in nodes:
        node.run(["/usr/bin/mkdir", "-p", share.folder])
        node.run(["/usr/sbin/drbdadm", "down", share.resource])


def bring_up(node: Machine, resource: str = storageconf.RESOURCE) -> None:
    """Meta-data and a device, connected."""
    node.run(["/usr/sbin/drbdadm", "create-md", "--force", resource])
    node.run(["/usr/sbin/drbdadm", "up", resource])


def make_equal(nodes: list[Machine], resource: str = storageconf.RESOURCE) -> None:
    """Both disks are all zero, so nothing needs to be copied."""
    wait_drbd(nodes, "DRBD to be connected", lambda state: state.connection == "Connected",
              resource=resource)
    nodes[0].run(["/usr/sbin/drbdadm", "--", "--clear-bitmap", "new-current-uuid", f"{resource}/0"])
    wait_drbd(nodes, "two disks that are UpToDate", DrbdState.is_whole, resource=resource)
