# SPDX-License-Identifier: GPL-2.0-or-later
"""A cluster of three nodes with MariaDB under Pacemaker; which agent manages it is an option.

    with mysql.start("name", "mysql") as database:
        with database.ledger() as ledger:          # writers that keep books (ledger.py)
            database.node(database.primary()).signal("mariadbd", signal.SIGKILL)
            database.wait_primary(not_on=...)
        database.wait_healthy()
        print(ledger.audit())
"""
from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from typing import Iterator

from . import mysqlconf, stage
from .cluster import Cluster
from .ledger import Ledger
from .machine import Machine
from .mysqlconf import Agent
from .wait import LabError, wait_until
from .writable import Watch

VOLUME_MB = 512     # data, binary logs and relay logs of a long run under load
SEED = "/srv/mysql-seed.tar"
PROGRAMS = "/usr/libexec/haops-test"
BUILT = ("mysql-ledger", "mysql-writable")
SQL_TIMEOUT_S = 10
MEMORY = f"haops-mysql-{mysqlconf.RESOURCE}"    # property set in the CIB


class SqlError(LabError):
    """A statement failed, or the server did not answer."""


class Database:
    """The cluster as its users and its operator see it."""

    def __init__(self, cluster: Cluster, agent: Agent, monitor_s: float):
        self.cluster = cluster
        self.agent = agent
        self.monitor_s = monitor_s
        self._runs = 0

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.cluster.down()

    # Asking --------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        return self.cluster.node_names()

    def node(self, name: str) -> Machine:
        return self.cluster.node(name)

    def sql(self, name: str, text: str, timeout: float = SQL_TIMEOUT_S) -> list[list[str]]:
        """Rows that root's statements on a node's server return, as text; NULL is "NULL"."""
        done = self.node(name).run(self.client_command(timeout), stdin=text, check=False,
                                   timeout=timeout + 10)
        if done.returncode:
            raise SqlError(f"{name}: {text.strip()[:120]}: "
                           f"{done.stderr.strip() or f'no answer within {timeout} s'}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    @staticmethod
    def client_command(timeout: float = SQL_TIMEOUT_S) -> list[str]:
        """The client as root in a node, that ends in any case; statements on stdin."""
        return ["/usr/bin/timeout", "-k", "1", f"{timeout:g}", "/usr/bin/mariadb", "--no-defaults",
                "-S", mysqlconf.SOCKET, "-N", "-B", "--connect-timeout=3"]

    def value(self, name: str, expression: str) -> str:
        """One value."""
        return self.sql(name, f"SELECT {expression};")[0][0]

    def is_running(self, name: str) -> bool:
        """Whether a node's server is there, whatever it does."""
        node = self.node(name)
        return node.is_on() and bool(node.pids("mariadbd"))

    def replication(self, name: str) -> dict[str, str]:
        """SHOW SLAVE STATUS by column names; {} if it replicates from nobody."""
        words = [word for word in self.client_command() if word not in ("-N", "-B")]
        done = self.node(name).run([*words, "-E"], stdin="SHOW SLAVE STATUS;", check=False)
        if done.returncode:
            raise SqlError(f"{name}: SHOW SLAVE STATUS: {done.stderr.strip()}")
        pairs = [line.partition(":") for line in done.stdout.splitlines() if ":" in line]
        return {key.strip(): value.strip() for key, _, value in pairs}

    def promoted(self) -> list[str]:
        """Where Pacemaker has it promoted."""
        return self.cluster.where(mysqlconf.RESOURCE, "Promoted")

    def primary(self) -> str:
        """The one that is promoted."""
        found = self.promoted()
        if len(found) != 1:
            raise LabError(f"promoted on {found or 'no node'}: {self.cluster.crm.view()}")
        return found[0]

    def replicas(self) -> list[str]:
        """The others."""
        primary = self.primary()
        return [name for name in self.names() if name != primary]

    def memory(self) -> dict[str, str]:
        """What our agent remembers in the CIB."""
        done = self.cluster.crm.run([
            "/usr/sbin/cibadmin", "--query", "--xpath",
            f"//cluster_property_set[@id='{MEMORY}']"], check=False)
        if done.returncode:
            return {}
        return {pair.get("name"): pair.get("value")
                for pair in ET.fromstring(done.stdout).iter("nvpair")}

    def findings(self, nodes: list[str] | None = None) -> list[str]:
        """What keeps it from being whole: one primary, and all others (of `nodes`, if given) have
        what it has."""
        promoted = self.promoted()
        if len(promoted) != 1:
            return [f"promoted on {promoted or 'no node'}"]
        replicas = [name for name in nodes or self.names() if name != promoted[0]]
        try:
            position = self.value(promoted[0], "@@gtid_binlog_pos")
            return [*(text for name in replicas
                      for text in self._replica_findings(name, promoted[0], position)),
                    *self._safety_findings([*replicas, promoted[0]])]
        except LabError as error:
            return [str(error)]

    def _safety_findings(self, names: list[str]) -> Iterator[str]:
        """What our agent has not settled yet: who may have an acknowledged write."""
        if self.agent.is_ours():
            missing = sorted(set(names) - set(self.memory().get("safe", "").split()))
            if missing:
                yield f"{' '.join(missing)} not in the safe set"
            for name in names[:-1]:
                if self.value(name, "@@rpl_semi_sync_slave_enabled") != "1":
                    yield f"{name} does not acknowledge"

    def _replica_findings(self, name: str, primary: str, position: str) -> Iterator[str]:
        status = self.replication(name)
        threads = [status.get(f"Slave_{kind}_Running", "none") for kind in ("IO", "SQL")]
        if threads != ["Yes", "Yes"] or status.get("Master_Host") not in self._names_of(primary):
            errors = " ".join(status.get(f"Last_{kind}_Error", "") for kind in ("IO", "SQL"))
            yield (f"{name} replicates from {status.get('Master_Host', 'nobody')}, threads "
                   f"{'/'.join(threads)} {errors.strip()}")
        here = self.value(name, "@@gtid_binlog_pos")
        if here != position:
            yield f"{name} is at {here or 'nothing'}, {primary} at {position or 'nothing'}"
        if self.value(name, "@@read_only") != "1":
            yield f"{name} is writable"

    def _names_of(self, name: str) -> tuple[str, str]:
        return name, self.node(name).ip

    # Waiting -------------------------------------------------------------------------------------

    def wait_primary(self, on: str | None = None, not_on: str | None = None,
                     timeout: float = 90) -> str:
        """Until Pacemaker has one promoted there; returns the node."""
        return self.cluster.wait_resource(mysqlconf.RESOURCE, on=on, state="Promoted",
                                          timeout=timeout, not_on=not_on)

    def wait_healthy(self, timeout: float = 90, nodes: list[str] | None = None) -> None:
        """Until there is one primary with its address, and the others (of `nodes`, if given) have
        all that it has. Nobody may write meanwhile."""
        def seen() -> tuple[bool, object]:
            findings = self.findings(nodes)
            return not findings, findings
        wait_until("a whole MySQL cluster", seen, timeout, 0.2)
        self.cluster.wait_resource(mysqlconf.WRITER, on=self.primary(), timeout=timeout)

    def wait_sql(self, name: str, timeout: float = 30) -> None:
        """Until a node's server answers."""
        def seen() -> tuple[bool, object]:
            try:
                return self.sql(name, "SELECT 1;", 3) == [["1"]], ""
            except LabError as error:
                return False, error
        wait_until(f"{name}'s server to answer", seen, timeout, 0.1)

    def restore(self, timeout: float = 120) -> None:
        """Undo the lab's faults, and wait until all is whole."""
        self.cluster.restore(timeout)
        self.wait_healthy(timeout)

    # Working -------------------------------------------------------------------------------------

    def ledger(self, **options: object) -> Ledger:
        """Writers on the address, with a table of their own. A context manager."""
        self._runs += 1
        return Ledger(self, self._runs, **options)

    def watch(self) -> Watch:
        """Who is writable, every 10 ms. A context manager."""
        self._runs += 1
        return Watch(self, self._runs)

    def move(self, to: str, timeout: float = 90) -> None:
        """A planned switchover."""
        self.cluster.crm.run(["/usr/sbin/crm_resource", "--move", "-r", mysqlconf.CLONE, "-N", to,
                              "--promoted"])
        self.wait_primary(on=to, timeout=timeout)

    def unmove(self) -> None:
        """Forget that it was moved."""
        self.cluster.crm.unmove(mysqlconf.CLONE)

    def purge(self) -> None:
        """Drop what earlier ledgers wrote, and binary logs that everybody has: disks are small.
        For a whole cluster that nobody writes to."""
        primary = self.primary()
        tables = self.sql(primary, f"SHOW TABLES IN {mysqlconf.SCHEMA};")
        self.sql(primary, "".join(f"DROP TABLE {mysqlconf.SCHEMA}.{row[0]};" for row in tables))
        self.wait_healthy()
        for name in self.names():
            self.sql(name, "FLUSH BINARY LOGS;")
            newest = self.sql(name, "SHOW BINARY LOGS;")[-1][0]
            self.sql(name, f"PURGE BINARY LOGS TO '{newest}';")

    # Life ----------------------------------------------------------------------------------------

    def reset(self, timeout: float = 120) -> None:
        """Everything as on the first day: the seed on all nodes, no memory, no failures."""
        self.cluster.restore(timeout)
        self._target_role("Stopped")
        self.cluster.crm.wait("all servers to be stopped", lambda view: not view.where(
            mysqlconf.RESOURCE), timeout)
        for name in self.names():
            unpack_seed(self.node(name))
        self.forget()
        self.cluster.crm.cleanup()
        self.cluster.load_cib(self.cib())
        self.wait_healthy(timeout)

    def forget(self) -> None:
        """Take out of the CIB what the agents remember there."""
        for name in (MEMORY, "mysql_replication"):
            self.cluster.crm.run(["/usr/sbin/cibadmin", "--delete", "--xml-text",
                                  f'<cluster_property_set id="{name}"/>'], check=False)

    def monitor_environment(self, name: str) -> dict[str, str]:
        """What Pacemaker's executor gives to a recurring monitor of the clone on a node."""
        meta = {"on_node": name, "promotable": "true", "promoted_max": "1", "master_max": "1", "clone_max": "3",
                "notify": "true", "interval": "10000", "timeout": "20000", "name": "monitor"}
        return {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": mysqlconf.RESOURCE,
                "OCF_RESOURCE_TYPE": "mysql", "OCF_RESOURCE_PROVIDER": self.agent.provider,
                "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1", "OCF_RESKEY_crm_feature_set": "3.16.2",
                "HA_RSCTMP": "/run/resource-agents", "HA_LOGFILE": "/dev/null", "HA_LOGFACILITY": "none",
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                **{f"OCF_RESKEY_{key}": value for key, value in self.agent.params.items()},
                **{f"OCF_RESKEY_CRM_meta_{key}": value for key, value in meta.items()}}

    def cib(self) -> str:
        return mysqlconf.cib(self.agent, self.monitor_s)

    def _target_role(self, role: str) -> None:
        self.cluster.crm.run(["/usr/sbin/crm_resource", "-r", mysqlconf.CLONE, "--meta",
                              "--set-parameter", "target-role", "--parameter-value", role])


# Making it ---------------------------------------------------------------------------------------


def programs_folder() -> str:
    """The build folder with the ledger's programs, which are made if there is a Makefile."""
    named = os.environ.get("HAOPS_BUILD", os.path.join(stage.TREE, "build"))
    build = os.path.join(named, "main")
    folder = os.path.join(build, "tests", "mysql-ledger")
    if os.path.exists(os.path.join(build, "Makefile")):
        subprocess.run(["make", "-s", "-C", build,
                        *[f"tests/mysql-ledger/{name}" for name in BUILT]],
                       check=True, stdout=subprocess.DEVNULL)
    if not all(os.path.exists(os.path.join(folder, name)) for name in BUILT):
        raise LabError(f"no {' and '.join(BUILT)} in {folder}: configure in {build} first")
    return folder


def options_of(agent: Agent) -> dict[str, object]:
    """Options of Cluster for an agent. Our agents come with haopsd."""
    folder = programs_folder()
    binds = {f"{PROGRAMS}/{name}": os.path.join(folder, name) for name in BUILT}
    options = stage.haopsd_options() if agent.is_ours() else {}
    if agent.is_ours() and not os.path.exists(os.path.join(options["agents_dir"], agent.type)):
        raise LabError(f"no agent {agent.type} in {options['agents_dir']}")
    return {**options, "binds": {**options.get("binds", {}), **binds},
            "volumes": {mysqlconf.DATADIR: VOLUME_MB}, "disk_mb": 256}


def start(name: str, agent: str | Agent = "haops", monitor_s: float = 10,
          **options: object) -> Database:
    """Three nodes with the same data, one of them promoted. The caller ends it."""
    chosen = mysqlconf.AGENTS[agent] if isinstance(agent, str) else agent
    cluster = Cluster(**{"name": name, "nodes": 3, **options_of(chosen), **options}).up()
    try:
        database = Database(cluster, chosen, monitor_s)
        prepare(cluster, chosen)
        cluster.load_cib(database.cib(), settle=120)
        database.wait_primary()
        database.wait_healthy()
    except BaseException:
        with contextlib.suppress(LabError, OSError):
            keep_logs(cluster)
        cluster.down()
        raise
    return database


def keep_logs(cluster: Cluster) -> None:
    """For a cluster that did not come up."""
    from . import timeline  # pylint: disable=import-outside-toplevel
    base = os.environ.get("HAOPS_LAB_LOGS")
    if base:
        timeline.save(cluster, os.path.join(base, "mysql-start"))


def prepare(cluster: Cluster, agent: Agent) -> None:
    """Data, configuration and passwords on each machine, before Pacemaker knows of it."""
    nodes = cluster.nodes()
    for number, node in enumerate(nodes, start=1):
        node.write(mysqlconf.CONFIG, mysqlconf.my_cnf(number, agent.my_cnf))
        node.run(["/usr/bin/install", "-d", "-o", "mysql", "-g", "mysql", "/run/mysqld",
                  "/var/log/mysql"])
    make_seed(nodes[0], agent)
    source = nodes[0].root() + SEED
    for node in nodes:
        if node.name != nodes[0].name:
            shutil.copyfile(source, node.root() + SEED)
        unpack_seed(node)
    for user, password in ((mysqlconf.APP_USER, mysqlconf.APP_PASSWORD),
                           (mysqlconf.WATCH_USER, mysqlconf.WATCH_PASSWORD)):
        cluster.client.write(f"/etc/mysql-{user}.password", password + "\n", 0o600)


def make_seed(node: Machine, agent: Agent) -> None:
    """A fresh data folder with accounts, as an archive on the node's disk."""
    empty(node)
    node.write("/etc/mysql/accounts.sql", mysqlconf.accounts_sql(), 0o644)
    node.run(["/usr/bin/mariadb-install-db", f"--defaults-file={mysqlconf.CONFIG}", "--user=mysql",
              f"--datadir={mysqlconf.DATADIR}", "--skip-test-db", "--skip-log-bin",
              "--auth-root-authentication-method=socket", "--extra-file=/etc/mysql/accounts.sql"])
    if agent.has_first_transaction:
        add_first_transaction(node)
    node.run(["/usr/bin/tar", "-C", mysqlconf.DATADIR, "-cf", SEED, "."])


def add_first_transaction(node: Machine) -> None:
    """One transaction, which all nodes then have in their logs and as their position."""
    server = node.popen([mysqlconf.SERVER, f"--defaults-file={mysqlconf.CONFIG}",
                         "--skip-networking", f"--socket={mysqlconf.SOCKET}"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text = ("CREATE TABLE ledger.first (id INT); "
            "SET GLOBAL gtid_slave_pos = @@gtid_binlog_pos; SHUTDOWN;")

    def seen() -> tuple[bool, object]:
        done = node.run(Database.client_command(), stdin=text, check=False)
        return done.returncode == 0, done.stderr.strip()
    wait_until("the first transaction", seen, 30, 0.1)
    server.wait(30)


def empty(node: Machine) -> None:
    node.run(["/usr/bin/find", mysqlconf.DATADIR, "-mindepth", "1", "-delete"])


def unpack_seed(node: Machine) -> None:
    """The seed as the node's data; its server must not run."""
    empty(node)
    node.run(["/usr/bin/tar", "-C", mysqlconf.DATADIR, "-xpf", SEED])
    node.run(["/usr/bin/chown", "mysql:mysql", mysqlconf.DATADIR])


def monotonic() -> float:
    """The clock of the books."""
    return time.monotonic()
