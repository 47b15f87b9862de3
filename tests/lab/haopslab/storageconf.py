# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration of the file-server cluster: that of examples/nfs-on-drbd, with what the lab adds to it. Pure.

One DRBD resource over a device-mapper device over the machine's raw disk; on it, where it is primary, a
file system, the NFS server with its state on that file system, an export, an address.
"""
from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace

from .stage import TREE

EXAMPLE = os.path.join(TREE, "examples", "nfs-on-drbd")
RESOURCE, DEVICE = "nfs", "/dev/drbd0"
BACKING, VOLUME = "vg0-nfs", "/dev/vg0/nfs"     # device mapper's name, and where LVM would show it
RAW_DISK = "/dev/vdb"
MOUNT, EXPORT = "/srv/nfs", "/srv/nfs/export"
VIP = "10.77.0.100"
CLIENTS = "10.77.0.0/24"
CONFIG = f"/etc/drbd.d/{RESOURCE}.res"
DRBD, CLONE, GROUP = "disk", "ms-disk", "files"
FILESYSTEM, SERVER, EXPORTED, ADDRESS = "fs", "nfsd", "export", "vip"
WITNESS = "n3"                                  # it only votes
CLUSTER_RINGS, REPLICATION_RING, RINGS = [0, 2], 1, 3


def example(name: str) -> str:
    """The text of one of the example's files."""
    with open(os.path.join(EXAMPLE, name), encoding="utf-8") as file:
        return file.read()


@dataclass(frozen=True)
class Agents:
    """Who manages each part: PROVIDER:TYPE, and what it is told beyond what the example says."""
    drbd: str = "linbit:drbd"
    filesystem: str = "heartbeat:Filesystem"
    nfsserver: str = "heartbeat:nfsserver"
    exportfs: str = "heartbeat:exportfs"
    address: str = "heartbeat:IPaddr2"
    params: dict[str, dict[str, str]] = field(default_factory=dict)     # by resource

    def with_haops(self, *parts: str) -> "Agents":
        """The same with ours for these parts (all, if none is named)."""
        known = {"drbd": "drbd", "filesystem": "Filesystem", "nfsserver": "nfsserver",
                 "exportfs": "exportfs", "address": "IPaddr2"}
        return replace(self, **{part: f"haops:{known[part]}" for part in parts or known})

    def by_resource(self) -> dict[str, str]:
        return {DRBD: self.drbd, FILESYSTEM: self.filesystem, SERVER: self.nfsserver,
                EXPORTED: self.exportfs, ADDRESS: self.address}


# Without systemd the stock agent of the NFS server goes by the distribution's init script.
STOCK = Agents(params={SERVER: {"nfs_init_script": "/etc/init.d/nfs-kernel-server"}})
HAOPS = Agents().with_haops()
AGENTS = {"stock": STOCK, "haops": HAOPS}
TIMEOUT_S = 120     # of all operations: an emulated machine beside others takes its time
OURS_ONLY = {SERVER: ["lease_time", "grace_time"], EXPORTED: ["unlock_ip"]}


# DRBD --------------------------------------------------------------------------------------------

OUTDATE_PEER = {"fence-peer": "/usr/sbin/haops-outdate-peer"}       # as the example has it
CRM_FENCE_PEER = {"fence-peer": "/usr/lib/drbd/crm-fence-peer.sh",
                  "after-resync-target": "/usr/lib/drbd/crm-unfence-peer.sh"}


@dataclass(frozen=True)
class Share:
    """A mirrored disk and the file system on it; its clients see only `export`."""
    resource: str = RESOURCE
    device: str = DEVICE
    folder: str = MOUNT

    @property
    def export(self) -> str:
        return f"{self.folder}/export"

    @property
    def state(self) -> str:
        return f"{self.folder}/.state"


MAIN = Share()


def drbd_conf(handlers: dict[str, str]) -> str:
    """The example's resource with these handlers (none: no fencing), and with more patience for an emulated peer."""
    text = example("nfs.res")
    ours = f'fence-peer "{OUTDATE_PEER["fence-peer"]}";'
    for old in (ours, "\tnet {", "fencing resource-and-stonith;"):
        if old not in text:
            raise ValueError(f"{old} is no longer in the example's nfs.res")
    text = text.replace(ours, " ".join(f'{name} "{path}";' for name, path in handlers.items()))
    text = text.replace("\tnet {", "\tnet {\n\t\tping-timeout 50;")
    return text if handlers else text.replace("fencing resource-and-stonith;", "fencing dont-care;")


# The init script of Debian starts no server that has nothing in this file.
EXPORTS = "/run/lock 127.0.0.1(ro,no_subtree_check,fsid=99)\n"
# What the example tells our agent the stock one has from here.
NFS_CONF = "[nfsd]\ngrace-time=10\nlease-time=10\n"
# sm-notify tells clients of an address by its name, which they have to know, too.
VIP_HOST = f"{VIP} files"
GLOBAL_CONF = "global { usage-count no; }\ninclude \"drbd.d/*.res\";\n"


def linear_table(sectors: int, first: int = 0) -> str:
    return f"0 {sectors} linear {RAW_DISK} {first}"


def error_table(sectors: int) -> str:
    return f"0 {sectors} error"


# Pacemaker ---------------------------------------------------------------------------------------


def _parameters(primitive: ET.Element, name: str, agents: Agents) -> None:
    """What the agent does not know is left out, what the lab wants is added."""
    pairs = primitive.find("instance_attributes")
    provider = primitive.get("provider")
    wanted = agents.params.get(name, {})
    for pair in list(pairs):
        is_unknown = provider != "haops" and pair.get("name") in OURS_ONLY.get(name, [])
        if is_unknown or pair.get("name") in wanted:
            pairs.remove(pair)
    for key, value in wanted.items():
        ET.SubElement(pairs, "nvpair", id=f"{name}-lab-{key}", name=key, value=value)


def _with(agents: Agents) -> ET.Element:
    """The example's configuration with these agents."""
    root = ET.fromstring(example("cib.xml").encode())
    for name, agent in agents.by_resource().items():
        primitive = root.find(f".//primitive[@id='{name}']")
        provider, kind = agent.split(":")
        primitive.set("provider", provider)
        primitive.set("type", kind)
        _parameters(primitive, name, agents)
    for operation in root.iter("op"):
        operation.set("timeout", f"{TIMEOUT_S}s")
    return root


def cib(agents: Agents) -> str:
    """The same as text."""
    return ET.tostring(_with(agents), encoding="unicode")


def command(agents: Agents, resource: str, node: str, timeout_ms: int = 60000) -> tuple[str, dict[str, str]]:
    """The agent of a resource and its environment, as Pacemaker's executor would run it on that node."""
    meta = {"timeout": str(timeout_ms), "on_node": node}
    if resource == DRBD:
        meta |= {"clone": "0", "clone_max": "2", "notify": "true"}
    pairs = {pair.get("name"): pair.get("value") for pair in _with(agents).findall(
        f".//primitive[@id='{resource}']/instance_attributes/nvpair")}
    return "/usr/lib/ocf/resource.d/" + agents.by_resource()[resource].replace(":", "/"), {
        "OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": resource, "OCF_RA_VERSION_MAJOR": "1",
        "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        **{f"OCF_RESKEY_{name}": value for name, value in pairs.items()},
        **{f"OCF_RESKEY_CRM_meta_{name}": value for name, value in meta.items()}}
