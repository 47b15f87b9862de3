# SPDX-License-Identifier: GPL-2.0-or-later
"""Two file servers on one pair of machines: two mirrored disks, each with a file system, an export and an address that
move together; and one NFS server on each node, which both use that are there.

    with storagepair.start("name") as pair:
        with pair.mounted(pair.groups[0]) as mount: ...
        pair.move(pair.groups[1], "n1")
"""
from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import ContextManager

from . import cibtext, storage, storageconf
from .cluster import Cluster
from .storageconf import TIMEOUT_S, WITNESS, Share

_SECTORS = storage.DISK_MB * 2048
_META = {"notify": "true", "clone-max": 2, "interleave": "true"}


@dataclass(frozen=True)
class Group:
    """What moves together; where it is served rather."""
    number: int
    home: str

    @property
    def share(self) -> Share:
        return Share(f"share{self.number}", f"/dev/drbd{self.number}", f"/srv/share{self.number}")

    @property
    def address(self) -> str:
        return f"10.77.0.10{self.number}"

    @property
    def fsid(self) -> int:
        """One of them is the root of NFSv4: the machines' own root can be exported to nobody."""
        return 0 if self.number == 1 else self.number

    @property
    def clone(self) -> str:
        return f"ms{self.number}"

    @property
    def vip(self) -> str:
        return f"vip{self.number}"


GROUPS = (Group(1, "n1"), Group(2, "n2"))


# Pacemaker ---------------------------------------------------------------------------------------


def _primitive(name: str, kind: str, params: dict[str, object], *recurring: str) -> str:
    """One of our resources."""
    actions = ("start", "stop", "promote", "demote", "notify") if kind == "drbd" else ("start", "stop")
    operations = "".join(cibtext.op(name, action, TIMEOUT_S) for action in actions)
    return f"""<primitive id="{name}" class="ocf" provider="haops" type="{kind}">
      <instance_attributes id="{name}-p">{cibtext.pairs(name, params)}</instance_attributes>
      <operations>{operations}{"".join(recurring)}</operations></primitive>"""


def _monitor(name: str, interval: int, role: str = "") -> str:
    return cibtext.op(name, "monitor", TIMEOUT_S, interval, role)


def _resources(group: Group) -> str:
    """The disk, and the group on it."""
    number, share = group.number, group.share
    disk, fs, export = f"disk{number}", f"fs{number}", f"export{number}"
    mirror = _primitive(disk, "drbd", {"drbd_resource": share.resource}, _monitor(disk, 10, "Promoted"),
                        _monitor(disk, 20, "Unpromoted"))
    parts = [
        _primitive(fs, "Filesystem", {"device": share.device, "directory": share.folder, "fstype": "xfs"},
                   _monitor(fs, 20)),
        _primitive(export, "exportfs", {
            "clientspec": storageconf.CLIENTS, "directory": share.export, "fsid": group.fsid,
            "options": "rw,sync,no_subtree_check", "unlock_ip": group.address}, _monitor(export, 10)),
        _primitive(group.vip, "IPaddr2", {"ip": group.address, "cidr_netmask": 24}, _monitor(group.vip, 5))]
    meta = cibtext.pairs(group.clone, {**_META, "promotable": "true", "promoted-max": 1})
    return f"""<clone id="{group.clone}"><meta_attributes id="{group.clone}-m">{meta}</meta_attributes>
      {mirror}</clone><group id="files{number}">{"".join(parts)}</group>"""


def _constraints(group: Group) -> str:
    """Where the disk is Primary and the server runs; at home, if nothing speaks against it."""
    name, clone = f"files{group.number}", group.clone
    nowhere = "".join(f"""<rsc_location id="{rsc}-not-{WITNESS}" rsc="{rsc}" node="{WITNESS}" score="-INFINITY"
      resource-discovery="never"/>""" for rsc in (name, clone))
    return f"""<rsc_colocation id="{name}-where" rsc="{name}" rsc-role="Started" with-rsc="{clone}"
        with-rsc-role="Promoted" score="INFINITY"/>
      <rsc_order id="{name}-when" first="{clone}" first-action="promote" then="{name}" then-action="start"/>
      <rsc_colocation id="{name}-server" rsc="{name}" with-rsc="servers" score="INFINITY"/>
      <rsc_order id="{name}-after" first="servers" then="{name}"/>
      <rsc_location id="{clone}-home" rsc="{clone}"><rule id="{clone}-home-rule" role="Promoted" score="50">
        <expression id="{clone}-home-node" attribute="#uname" operation="eq" value="{group.home}"/></rule></rsc_location>
      {nowhere}"""


def cib() -> str:
    """All of it."""
    server = _primitive("nfsd", "nfsserver", {"lease_time": 10, "grace_time": 10}, _monitor("nfsd", 10))
    meta = cibtext.pairs("servers", {"clone-max": 2, "interleave": "true"})
    return f"""<resources>
      <clone id="servers"><meta_attributes id="servers-m">{meta}</meta_attributes>{server}</clone>
      {"".join(_resources(group) for group in GROUPS)}
    </resources>
    <constraints>
      <rsc_location id="servers-not-{WITNESS}" rsc="servers" node="{WITNESS}" score="-INFINITY"
        resource-discovery="never"/>
      {"".join(_constraints(group) for group in GROUPS)}
    </constraints>
    <rsc_defaults><meta_attributes id="defaults">
      {cibtext.pairs("defaults", {"resource-stickiness": 100})}
    </meta_attributes></rsc_defaults>"""


# Machines ----------------------------------------------------------------------------------------


def _backing(group: Group) -> str:
    return f"vg0-{group.share.resource}"


def _boot() -> list[list[str]]:
    """The raw disk in two halves, and what a server of files needs."""
    disks = [["/usr/sbin/dmsetup", "create", _backing(group), "--table",
              storageconf.linear_table(_SECTORS, index * _SECTORS)] for index, group in enumerate(GROUPS)]
    return [*storage.BOOT_MODULES, *disks, ["/usr/sbin/rpcbind", "-w"]]


def _drbd_conf(group: Group) -> str:
    """The example's resource for another disk, device and port."""
    text = storageconf.drbd_conf(storageconf.OUTDATE_PEER)
    for old, new in (("resource nfs {", f"resource {group.share.resource} {{"),
                     (storageconf.DEVICE, group.share.device),
                     (storageconf.VOLUME, f"/dev/mapper/{_backing(group)}"), (":7788", f":779{group.number}")):
        if old not in text:
            raise ValueError(f"{old} is no longer in the example's nfs.res")
        text = text.replace(old, new)
    return text


def _prepare(cluster: Cluster) -> None:
    """Both disks of both groups, as storage.prepare() does with one."""
    nodes = [cluster.node(group.home) for group in GROUPS]
    for node in nodes:
        node.write("/etc/drbd.conf", storageconf.GLOBAL_CONF)
        for group in GROUPS:
            node.write(f"/etc/drbd.d/{group.share.resource}.res", _drbd_conf(group))
    for group in GROUPS:
        for node in nodes:
            storage.bring_up(node, group.share.resource)
        storage.make_file_system(nodes, group.share)


class Pair:
    """The cluster as its users and its operator see it."""

    groups = GROUPS

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self._runs = 0

    def __enter__(self) -> "Pair":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cluster.down()

    def server(self, group: Group) -> str:
        """Who serves a group."""
        return self.cluster.wait_resource(group.vip)

    def wait_served(self, group: Group, on: str, timeout: float = 120) -> None:
        self.cluster.wait_resource(group.vip, on=on, timeout=timeout)

    def wait_whole(self, timeout: float = 240) -> None:
        """Nobody is missing, all disks are UpToDate, and both groups are served."""
        self.cluster.restore(timeout)
        nodes = [self.cluster.node(group.home) for group in GROUPS]
        for group in GROUPS:
            storage.wait_drbd(nodes, f"both disks of {group.share.resource}", storage.DrbdState.is_whole, timeout,
                              group.share.resource)
            self.server(group)

    def move(self, group: Group, to: str) -> None:
        """A planned move. It stays there."""
        other = next(each.home for each in GROUPS if each.home != to)
        crm = self.cluster.crm
        crm.run(["crm_resource", "--ban", "-r", group.clone, "--promoted", "-N", other])
        self.wait_served(group, to)
        crm.run(["crm_resource", "--clear", "-r", group.clone])

    def mounted(self, group: Group) -> ContextManager[storage.Mount]:
        """A group's export in the client: by NFSv4.2 the first, by NFSv3 the other."""
        path, version = ("/", "4.2") if group.fsid == 0 else (group.share.export, "3")
        return storage.mounted(self.cluster.client, f"{group.address}:{path}", version)

    def ledger(self, mount: storage.Mount) -> storage.Ledger:
        """Writers in the client."""
        self._runs += 1
        return storage.Ledger(mount, self._runs, 2, 20)


def start(name: str) -> Pair:
    """Both groups at home. The caller ends it."""
    options = {**storage.options_of(storageconf.HAOPS), "raw_disks": [2 * storage.DISK_MB], "boot_commands": _boot()}
    cluster = Cluster(name=name, **options).up(timeout=120)
    try:
        pair = Pair(cluster)
        _prepare(cluster)
        cluster.load_cib(cib(), settle=180)
        for group in GROUPS:
            pair.wait_served(group, group.home)
        pair.wait_whole()
    except BaseException:
        with contextlib.suppress(Exception):
            storage.keep_logs(cluster)
        cluster.down()
        raise
    return pair
