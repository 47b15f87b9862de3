# SPDX-License-Identifier: GPL-2.0-or-later
"""A cluster of two virtual machines that runs MariaDB on a disk that DRBD mirrors, and a node that only votes:
examples/mysql-on-drbd. Writers in the client keep books (ledger.py).

    with dbdisk.start("name") as database:
        with database.ledger(writers=2) as ledger:
            server = database.primary()
            database.node(server).kill()
            database.wait_primary(not_on=server)
            ledger.wait_acked(10)
        assert not ledger.audit([database.primary()]).lost
"""
from __future__ import annotations

import base64
import gzip
import os
import xml.etree.ElementTree as ET

from . import mysql, mysqlconf, spec, stage, storage, storageconf
from .cluster import Cluster
from .ledger import Ledger
from .machine import Machine
from .wait import LabError

EXAMPLE = os.path.join(stage.TREE, "examples", "mysql-on-drbd")
RESOURCE, DEVICE, VOLUME = "mysql", "/dev/drbd0", "/dev/vg0/mysql"
DISK, CLONE, GROUP, SERVER, ADDRESS = "disk", "ms-disk", "mysql", "db", "vip"
SEED = "/srv/seed.b64"
SQL_TIMEOUT_S = 60      # of an emulated machine
_BOOT = [
    ["/usr/sbin/modprobe", "-a", "drbd"],
    ["/usr/bin/mkdir", "-p", os.path.dirname(VOLUME)],
    ["/usr/bin/ln", "-sf", storageconf.RAW_DISK, VOLUME],
    ["/usr/bin/install", "-d", "-o", "mysql", "-g", "mysql", "/run/mysqld", "/var/log/mysql"],
]
# What is smaller in a machine of 1 GB whose disk has 320 MB.
_SMALL = {"innodb_log_file_size = 512M": "innodb_log_file_size = 8M\ninnodb_buffer_pool_size = 32M\n"
                                         "innodb_use_native_aio = 0\nperformance_schema = 0\nuser = mysql"}
_PATIENT = {"\tnet {": "\tnet {\n\t\tping-timeout 50;"}     # with an emulated peer


def example(name: str, changes: dict[str, str] | None = None) -> str:
    """The text of one of the example's files, with what the lab changes."""
    with open(os.path.join(EXAMPLE, name), encoding="utf-8") as file:
        text = file.read()
    for old, new in (changes or {}).items():
        if old not in text:
            raise ValueError(f"{old} is no longer in the example's {name}")
        text = text.replace(old, new)
    return text


def cib() -> str:
    """The example's configuration, patient with emulated machines."""
    root = ET.fromstring(example("cib.xml").encode())
    for operation in root.iter("op"):
        seconds = int(operation.get("timeout").rstrip("s"))
        operation.set("timeout", f"{max(seconds, storageconf.TIMEOUT_S)}s")
    return ET.tostring(root, encoding="unicode")


class Database:
    """The cluster as its users and its operator see it; a ledger can be kept on it."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self._runs = 0

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cluster.down()

    def node(self, name: str) -> Machine:
        return self.cluster.node(name)

    def nodes(self) -> list[Machine]:
        """The two that have the disk."""
        return [node for node in self.cluster.nodes() if node.name != storageconf.WITNESS]

    def primary(self) -> str:
        """The node where the whole group runs."""
        found = self.cluster.where(ADDRESS)
        if len(found) != 1:
            raise LabError(f"the address is on {found or 'no node'}: {self.cluster.crm.view()}")
        return found[0]

    def other(self) -> str:
        """The node that has the other disk."""
        primary = self.primary()
        return next(node.name for node in self.nodes() if node.name != primary)

    def wait_primary(self, not_on: str | None = None, timeout: float = 180) -> str:
        """Until the group runs somewhere (else): the node."""
        return self.cluster.wait_resource(ADDRESS, not_on=not_on, timeout=timeout)

    def wait_healthy(self, timeout: float = 240) -> None:
        """All nodes in the cluster, both disks UpToDate, the group runs, nothing failed."""
        self.cluster.restore(timeout)
        storage.wait_drbd(self.nodes(), "two disks that are UpToDate", storage.DrbdState.is_whole,
                          timeout, RESOURCE)
        self.wait_primary(timeout=timeout)

    def sql(self, name: str, text: str, timeout: float = SQL_TIMEOUT_S) -> list[list[str]]:
        """Rows that root's statements on a node return, as text."""
        done = self.node(name).run(mysql.Database.client_command(timeout), stdin=text, timeout=timeout + 10)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def ledger(self, **options: object) -> Ledger:
        """Writers on the address. A context manager."""
        self._runs += 1
        return Ledger(self, self._runs, **options)


def _make_seed(witness: Machine) -> str:
    """A fresh data folder with accounts, made where no processor is emulated: text for unpack()."""
    witness.write(mysqlconf.CONFIG, mysqlconf.my_cnf(1))
    agent = mysqlconf.AGENTS["haops"]
    witness.run(["/usr/bin/install", "-d", "-o", "mysql", "-g", "mysql", mysqlconf.DATADIR, "/run/mysqld"])
    mysql.make_seed(witness, agent)
    with open(witness.root() + mysql.SEED, "rb") as file:
        return base64.b64encode(gzip.compress(file.read())).decode("ascii")


def _fill_disk(nodes: list[Machine], seed: str) -> None:
    """As the example's README has it; afterwards DRBD is down, for Pacemaker to start."""
    storage.make_equal(nodes, RESOURCE)
    first, folder = nodes[0], mysqlconf.DATADIR
    first.run(["/usr/sbin/drbdadm", "primary", RESOURCE])
    first.run(["/usr/sbin/mkfs.xfs", "-q", DEVICE], timeout=120)
    first.run(["/usr/bin/mkdir", "-p", folder])
    first.run(["/usr/bin/mount", "-t", "xfs", DEVICE, folder])
    first.write(SEED, seed)
    first.run(["/bin/sh", "-c", f"base64 -d {SEED} | tar -C {folder} -xpzf -"], timeout=300)
    first.run(["/usr/bin/chown", "mysql:mysql", folder])
    first.run(["/usr/bin/umount", folder], timeout=120)
    for node in nodes:
        node.run(["/usr/bin/mkdir", "-p", folder])
        node.run(["/usr/sbin/drbdadm", "down", RESOURCE])


def _prepare(database: Database) -> None:
    seed = _make_seed(database.node(storageconf.WITNESS))
    for node in database.nodes():
        node.write("/etc/drbd.conf", storageconf.GLOBAL_CONF)
        node.write(f"/etc/drbd.d/{RESOURCE}.res", example("mysql.res", _PATIENT))
        node.write(mysqlconf.CONFIG, example("my.cnf", _SMALL))
        storage.bring_up(node, RESOURCE)
    _fill_disk(database.nodes(), seed)
    database.cluster.client.write(f"/etc/mysql-{mysqlconf.APP_USER}.password",
                                  mysqlconf.APP_PASSWORD + "\n", 0o600)


def start(name: str) -> Database:
    """Two nodes with the same disk, one of them running the server. The caller ends it."""
    options = stage.haopsd_options()
    folder = mysql.programs_folder()
    binds = {f"{mysql.PROGRAMS}/{program}": os.path.join(folder, program) for program in mysql.BUILT}
    kinds = {spec.CLIENT: "namespace", storageconf.WITNESS: "namespace"}
    cluster = Cluster(**{**options, "name": name, "nodes": 3, "kind": "virtual", "kinds": kinds,
                         "properties": {"startup-fencing": "false"}, "raw_disks": [storage.DISK_MB],
                         "disk_mb": 256, "boot_commands": _BOOT,
                         "binds": {**options.get("binds", {}), **binds}}).up(timeout=120)
    try:
        database = Database(cluster)
        _prepare(database)
        cluster.load_cib(cib(), settle=300)
        database.wait_primary()
        database.wait_healthy()
    except BaseException:
        storage.keep_logs(cluster)
        cluster.down()
        raise
    return database
