# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration of the file-server cluster as text: DRBD's resource, Pacemaker's part. Pure.

One DRBD resource over a device-mapper device over the machine's raw disk; on it, where it is primary, a
file system, the NFS server with its state on that file system, an export, an address.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace

from . import cibtext, spec

RESOURCE, DEVICE, MINOR = "r0", "/dev/drbd0", 0
BACKING = "r0disk"                          # device mapper's name
RAW_DISK = "/dev/vdb"
PORT = 7788
MOUNT, EXPORT, STATE = "/srv/nfs", "/srv/nfs/export", "/srv/nfs/.state"
VIP = "10.77.0.100"
CLIENTS = "10.77.0.0/24"
CONFIG = f"/etc/drbd.d/{RESOURCE}.res"
DRBD, CLONE, GROUP = "drbd", "drbd-clone", "files"
FILESYSTEM, SERVER, EXPORTED, ADDRESS = "fs", "nfsd", "export", "ip"
CLUSTER_RINGS, REPLICATION_RING, RINGS = [0, 2], 1, 3


@dataclass(frozen=True)
class Agents:
    """Who manages each part: PROVIDER:TYPE, and what it is told beyond what all are."""
    drbd: str = "linbit:drbd"
    filesystem: str = "heartbeat:Filesystem"
    nfsserver: str = "heartbeat:nfsserver"
    exportfs: str = "heartbeat:exportfs"
    address: str = "heartbeat:IPaddr2"
    params: dict[str, dict[str, object]] = field(default_factory=dict)  # by resource

    def with_haops(self, *parts: str) -> "Agents":
        """The same with ours for these parts (all, if none is named)."""
        known = {"drbd": "drbd", "filesystem": "Filesystem", "nfsserver": "nfsserver",
                 "exportfs": "exportfs", "address": "IPaddr2"}
        return replace(self, **{part: f"haops:{known[part]}" for part in parts or known})

    def uses_haops(self) -> bool:
        return any(name.startswith("haops:") for name in (
            self.drbd, self.filesystem, self.nfsserver, self.exportfs, self.address))


# Without systemd the stock agent of the NFS server goes by the distribution's init script.
STOCK = Agents(params={SERVER: {"nfs_init_script": "/etc/init.d/nfs-kernel-server"}})
AGENTS = {"stock": STOCK, "haops": Agents().with_haops()}


# DRBD --------------------------------------------------------------------------------------------

STOCK_HANDLERS = {"fence-peer": "/usr/lib/drbd/crm-fence-peer.sh",
                  "after-resync-target": "/usr/lib/drbd/crm-unfence-peer.sh"}


@dataclass(frozen=True)
class Replication:
    """Options of the resource, as DRBD 8.4 has them."""
    fencing: str = "resource-and-stonith"
    handlers: dict[str, str] = field(default_factory=lambda: dict(STOCK_HANDLERS))
    net: dict[str, object] = field(default_factory=dict)
    disk: dict[str, object] = field(default_factory=dict)


def _section(name: str, values: dict[str, object], quote: bool = False) -> str:
    lines = "".join(f'    {key} {f"{chr(34)}{value}{chr(34)}" if quote else value};\n'
                    for key, value in values.items())
    return f"  {name} {{\n{lines}  }}\n"


def drbd_conf(nodes: list[tuple[str, int]], options: Replication) -> str:
    """The resource for these (name, number)."""
    net = {"protocol": "C", "ping-timeout": 50, "after-sb-0pri": "disconnect",
           "after-sb-1pri": "disconnect", "after-sb-2pri": "disconnect", **options.net}
    disk = {"fencing": options.fencing, "on-io-error": "detach", **options.disk}
    hosts = "".join(f"  on {name} {{\n    address {spec.ipv4(REPLICATION_RING, number)}:{PORT};\n"
                    "  }\n" for name, number in nodes)
    return (f"resource {RESOURCE} {{\n  device {DEVICE};\n  disk /dev/mapper/{BACKING};\n"
            "  meta-disk internal;\n" + _section("net", net) + _section("disk", disk)
            + _section("handlers", options.handlers, quote=True) + hosts + "}\n")


# The init script of Debian starts no server that has nothing in this file.
EXPORTS = "/run/lock 127.0.0.1(ro,no_subtree_check,fsid=99)\n"
GLOBAL_CONF = "global { usage-count no; }\ninclude \"drbd.d/*.res\";\n"


def linear_table(sectors: int) -> str:
    return f"0 {sectors} linear {RAW_DISK} 0"


def error_table(sectors: int) -> str:
    return f"0 {sectors} error"


# Pacemaker ---------------------------------------------------------------------------------------


def _primitive(name: str, agent: str, params: dict[str, object], operations: str) -> str:
    provider, kind = agent.split(":")
    return f"""<primitive id="{name}" class="ocf" provider="{provider}" type="{kind}">
      <instance_attributes id="{name}-params">{cibtext.pairs(name, params)}</instance_attributes>
      <operations>{operations}</operations></primitive>"""


def _drbd(agents: Agents, timeout: float, monitor: float) -> str:
    operations = "".join(cibtext.op(DRBD, name, timeout)
                         for name in ("start", "stop", "promote", "demote", "notify"))
    # Two recurring operations of a resource must not have the same interval.
    operations += cibtext.op(DRBD, "monitor", timeout, monitor, "Promoted")
    operations += cibtext.op(DRBD, "monitor", timeout, monitor + 1, "Unpromoted")
    meta = {"promotable": "true", "notify": "true", "interleave": "true", "clone-max": 2,
            "promoted-max": 1}
    params = {"drbd_resource": RESOURCE, **agents.params.get(DRBD, {})}
    return (f'<clone id="{CLONE}"><meta_attributes id="{CLONE}-meta">{cibtext.pairs(CLONE, meta)}'
            f"</meta_attributes>{_primitive(DRBD, agents.drbd, params, operations)}</clone>")


def _group(agents: Agents, timeout: float, monitor: float) -> str:
    parts = {
        FILESYSTEM: (agents.filesystem, {"device": DEVICE, "directory": MOUNT, "fstype": "xfs"}),
        SERVER: (agents.nfsserver, {"nfs_shared_infodir": STATE, "nfs_ip": VIP}),
        EXPORTED: (agents.exportfs, {"clientspec": CLIENTS, "directory": EXPORT, "fsid": 0,
                                     "options": "rw,sync,no_root_squash"}),
        ADDRESS: (agents.address, {"ip": VIP, "cidr_netmask": 24}),
    }
    text = ""
    for name, (agent, params) in parts.items():
        operations = cibtext.op(name, "start", timeout) + cibtext.op(name, "stop", timeout)
        operations += cibtext.op(name, "monitor", timeout, monitor)
        text += _primitive(name, agent, {**params, **agents.params.get(name, {})}, operations)
    return f'<group id="{GROUP}">{text}</group>'


def cib(agents: Agents, timeout_s: float = 120, monitor_s: float = 20) -> str:
    """The replicated disk, and with its primary the group of the rest."""
    return f"""<resources>
  {_drbd(agents, timeout_s, monitor_s)}
  {_group(agents, timeout_s, monitor_s)}
</resources>
<constraints>
  <rsc_colocation id="files-where" rsc="{GROUP}" with-rsc="{CLONE}" with-rsc-role="Promoted"
    score="INFINITY"/>
  <rsc_order id="files-when" first="{CLONE}" first-action="promote" then="{GROUP}"
    then-action="start"/>
</constraints>
<rsc_defaults><meta_attributes id="defaults">{cibtext.pairs("defaults", {"resource-stickiness": 100})}
</meta_attributes></rsc_defaults>"""
