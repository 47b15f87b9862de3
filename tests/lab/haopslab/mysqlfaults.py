# SPDX-License-Identifier: GPL-2.0-or-later
"""What can happen to a MySQL cluster, each as a context manager that strikes, and undoes.

    with PRIMARY_KILLED.strike(database, ledger, rng) as struck: ...      # it lasts
                                                                          # it is undone
`suffer` (mysqltrial.py) does that under load, waits for what has to happen, and audits. Random
choices come from `rng`, so that a run can be repeated.
"""
from __future__ import annotations

import contextlib
import enum
import random
import signal
import subprocess
from dataclasses import dataclass, field
from typing import Callable, ContextManager, Iterator

from . import mysqlconf
from .ledger import Ledger
from .mysql import Database, SqlError, monotonic
from .wait import LabError, wait_until

MYSQLD = "mariadbd"
KILLED = "commits wait for a replica, and none acknowledges"
SERVICE_RING = 0    # replication, writers; the other ring is the cluster's alone


class Expect(enum.Enum):
    """What has to happen while a fault lasts."""
    MOVED = "another node is primary, and acknowledges"
    STAYS = "the primary goes on"
    RECOVERS = "somebody acknowledges again"
    BLOCKED = "nobody is writable, nobody acknowledges"
    ANYTHING = "it may go on or not"


@dataclass
class Struck:
    """A fault that lasts."""
    at: float                       # on the monotonic clock
    primary: str                    # who it was
    expect: Expect
    excluded: set[str] = field(default_factory=set)     # nodes whose data has diverged by it
    may_diverge: set[str] = field(default_factory=set)  # and such where it may have


@dataclass(frozen=True)
class Fault:
    """`needs_reset`: it leaves data behind that only a repair ends. `for_stock`: the stock agents
    get over it, too. `is_long`: not among the few that are tried always; bench/mysql-faults picks
    from all of them."""
    name: str
    strike: Callable[[Database, Ledger, random.Random], ContextManager[Struck]]
    needs_reset: bool = False
    for_stock: bool = False
    is_long: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, **flags: bool):
    """Makes a generator function a fault."""
    def add(function):
        FAULTS[name] = Fault(name, contextlib.contextmanager(function), **flags)
        return FAULTS[name]
    return add


def another(database: Database, rng: random.Random, *besides: str) -> str:
    """A node, any of them but those."""
    return rng.choice([name for name in database.names() if name not in besides])


def until_safe_is(database: Database, *names: str, timeout: float = 30) -> None:
    """Until the cluster's memory has exactly these nodes in the safe set. The stock agents have no
    such thing."""
    def seen() -> tuple[bool, object]:
        memory = database.memory()
        return set(memory.get("safe", "").split()) == set(names), memory
    if database.agent.is_ours():
        wait_until(f"the safe set to be {' '.join(names)}", seen, timeout, 0.1)


def until_replica_is_at(database: Database, name: str, position: str, timeout: float = 20) -> None:
    """Until a replica has applied a position."""
    found = database.value(name, f"MASTER_GTID_WAIT('{position}', {timeout:g})")
    if found != "0":
        raise LabError(f"{name} did not reach {position} within {timeout} s")


# The primary -------------------------------------------------------------------------------------


@fault("primary killed", for_stock=True)
def primary_killed(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """kill -9 of the server; its node is well."""
    primary = database.primary()
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGKILL)
    yield Struck(at, primary, Expect.RECOVERS)


@fault("primary's power cut", for_stock=True)
def primary_power(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    primary = database.primary()
    at = monotonic()
    database.node(primary).kill()
    yield Struck(at, primary, Expect.MOVED)


@fault("primary ended by somebody", for_stock=True, is_long=True)
def primary_ended(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """SIGTERM behind Pacemaker's back: what waits for an acknowledgement is committed."""
    primary = database.primary()
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGTERM)
    yield Struck(at, primary, Expect.RECOVERS)


@fault("primary frozen")
def primary_frozen(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """It goes on after another one has taken over, if it is still there."""
    primary = database.primary()
    node = database.node(primary)
    at = monotonic()
    node.freeze(MYSQLD)
    try:
        yield Struck(at, primary, Expect.MOVED)
    finally:
        with contextlib.suppress(LabError):
            node.thaw(MYSQLD)


@fault("primary's disk full", needs_reset=True, is_long=True)
def disk_full(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """The binary log cannot grow; MariaDB waits for somebody to free space. A commit that is killed
    while it waits may stay behind on that node alone."""
    primary = database.primary()
    node = database.node(primary)
    at = monotonic()
    node.fill_folder(mysqlconf.DATADIR)
    try:
        yield Struck(at, primary, Expect.MOVED, may_diverge={primary})
    finally:
        node.unfill_folders()


@fault("too many connections", is_long=True)
def too_many_connections(database: Database, _ledger: Ledger, _rng: random.Random
                         ) -> Iterator[Struck]:
    """No place for anybody who is not there yet: that is no reason to move."""
    primary = database.primary()
    at = monotonic()
    database.sql(primary, "SET GLOBAL max_connections = 20;")
    crowd = database.ledger(writers=48, interval_ms=1000, waits=False)
    try:
        with crowd:
            yield Struck(at, primary, Expect.STAYS)
    finally:
        database.sql(primary, "SET GLOBAL max_connections = 512;")


@fault("DDL without acknowledgement at a crash", needs_reset=True, is_long=True)
def unacked_ddl(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """A table is in the binary log of a primary that was cut off, and nowhere else. It cannot be
    taken out again: that node has diverged."""
    primary = database.primary()
    node = database.node(primary)
    at = monotonic()
    node.cut(SERVICE_RING)
    with hanging(database, primary, f"CREATE TABLE {mysqlconf.SCHEMA}.unacked (id INT);"):
        wait_until("the DDL to wait for an acknowledgement", lambda: (
            has_session(database, primary, "%CREATE TABLE%unacked%", "Waiting for semi-sync ACK%"),
            ""), 10, 0.1)
        node.kill()
    node.heal()
    yield Struck(at, primary, Expect.MOVED, {primary})


def has_session(database: Database, name: str, statement: str, state: str = "%") -> bool:
    """Whether somebody's statement is under way."""
    return database.value(name, "COUNT(*) FROM information_schema.processlist WHERE id <> "
                          f"connection_id() AND info LIKE '{statement}' AND state LIKE '{state}'"
                          ) != "0"


@contextlib.contextmanager
def hanging(database: Database, name: str, text: str) -> Iterator[subprocess.Popen]:
    """A client of root that may never get an answer; it ends with the block."""
    child = database.node(name).popen(database.client_command(60), stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.stdin.write(text + "\n")
        child.stdin.close()
        yield child
    finally:
        child.kill()
        child.wait()


@fault("promotion killed", is_long=True)
def promotion_killed(database: Database, _ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """The agent is killed in the middle of it, wherever that is; it has to be taken up again."""
    primary = database.primary()
    after_ms = round(rng.uniform(0, 30), 1)
    with contextlib.ExitStack() as stack:
        for name in database.replicas():
            stack.enter_context(killing(database, name, "promote", after_ms))
        at = monotonic()
        database.node(primary).kill()
        yield Struck(at, primary, Expect.MOVED)


@contextlib.contextmanager
def killing(database: Database, name: str, action: str, after_ms: float) -> Iterator[None]:
    """The next such action of the agent on a node is killed so long after its start."""
    child = database.node(name).popen(
        ["/usr/bin/python3", "/run/lab/py/haopslab/killaction.py", database.agent.type, action,
         f"{after_ms:g}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        child.stdout.readline()
        yield
    finally:
        child.stdin.close()
        said = child.stdout.readline().strip()
        database.cluster.note(f"{action} on {name}: {said or 'its node died'}")
        child.stdout.close()
        child.wait(10)


@fault("successor killed at once", is_long=True)
def successor_killed(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """The next primary's server dies as soon as it is one."""
    primary = database.primary()
    at = monotonic()
    database.node(primary).kill()
    successor = database.wait_primary(not_on=primary)
    database.node(successor).signal(MYSQLD, signal.SIGKILL)
    yield Struck(at, primary, Expect.MOVED)


# Replicas ----------------------------------------------------------------------------------------


@fault("replica frozen", for_stock=True, is_long=True)
def replica_frozen(database: Database, _ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """The other one acknowledges; nobody may wait for this one."""
    primary = database.primary()
    node = database.node(another(database, rng, primary))
    at = monotonic()
    node.freeze(MYSQLD)
    try:
        yield Struck(at, primary, Expect.STAYS)
    finally:
        with contextlib.suppress(LabError):
            node.thaw(MYSQLD)


@fault("primary and best replica die together")
def two_die(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """The one that is left lacks what both had, and has to wait for one of them."""
    primary = database.primary()
    best = another(database, rng, primary)
    left = another(database, rng, primary, best)
    database.sql(left, "STOP SLAVE IO_THREAD;")
    ledger.wait_acked(200)
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGKILL)
    database.node(best).signal(MYSQLD, signal.SIGKILL)
    yield Struck(at, primary, Expect.RECOVERS)


@fault("only candidate has a stopped applier", is_long=True)
def applier_stopped(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """It has received all and applied little. Starting it in the wrong order throws that away."""
    primary = database.primary()
    candidate = another(database, rng, primary)
    third = another(database, rng, primary, candidate)
    database.node(third).kill()
    database.cluster.crm.wait_lost([third])
    until_safe_is(database, primary, candidate)
    database.sql(candidate, "STOP SLAVE SQL_THREAD;")
    ledger.wait_acked(300)
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGKILL)
    yield Struck(at, primary, Expect.RECOVERS)


@fault("replicas in a long transaction")
def long_transaction(database: Database, ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """What is acknowledged meanwhile is received and not applied: it has to be, before writing."""
    primary = database.primary()
    table = f"{mysqlconf.SCHEMA}.slow"
    database.sql(primary, f"CREATE TABLE IF NOT EXISTS {table} (id INT, n INT);")
    # Written as a statement, so that the replicas, and only they, take that long. (Not by server_id:
    # an applier has that of the event.)
    database.sql(primary, f"SET SESSION binlog_format = STATEMENT; INSERT INTO {table} "
                 f"SELECT 1, IF(@@hostname = '{primary}', 0, SLEEP(15));")
    for name in database.replicas():
        wait_until(f"{name} to be in the long transaction", lambda n=name: (
            has_session(database, n, f"%{table}%SLEEP%"), ""), 10, 0.05)
    ledger.wait_acked(300)
    at = monotonic()
    database.node(primary).kill()
    yield Struck(at, primary, Expect.MOVED)


@fault("delayed replica", is_long=True)
def delayed_replica(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """It may not be the next primary, and what it acknowledged may not be thrown away."""
    primary = database.primary()
    replica = another(database, rng, primary)
    set_delay(database, replica, 20)
    try:
        ledger.wait_acked(300)
        at = monotonic()
        database.node(primary).kill()
        yield Struck(at, primary, Expect.MOVED)
    finally:
        set_delay(database, replica, 0)


def set_delay(database: Database, name: str, seconds: int) -> None:
    """MASTER_DELAY, which cannot be changed while it replicates."""
    if database.replication(name):
        database.sql(name, f"STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = {seconds}; START SLAVE;")


@fault("row of its own on a replica", needs_reset=True)
def errant_row(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """Root writes to a read-only replica: it has diverged, and takes part in nothing any more."""
    primary = database.primary()
    replica = another(database, rng, primary)
    table = f"{mysqlconf.SCHEMA}.errant"
    database.sql(primary, f"CREATE TABLE IF NOT EXISTS {table} (id INT);")
    until_replica_is_at(database, replica, database.value(primary, "@@gtid_binlog_pos"))
    database.sql(replica, f"INSERT INTO {table} VALUES (1);")
    ledger.wait_acked(100)
    if database.agent.is_ours():
        wait_until(f"{replica} to be marked as bad", lambda: (
            f"bad-{replica}" in database.memory(), database.memory()), 30, 0.1)
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGKILL)
    yield Struck(at, primary, Expect.RECOVERS, {replica})


@fault("binary logs purged", needs_reset=True, is_long=True)
def purged(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """A replica was away for longer than the primary keeps its logs."""
    primary = database.primary()
    replica = another(database, rng, primary)
    at = monotonic()
    database.cluster.crm.standby(replica)
    wait_until(f"{replica}'s server to end", lambda: (
        not database.is_running(replica), ""), 60, 0.1)
    ledger.wait_acked(100)
    for name in database.names():
        if name != replica:
            database.sql(name, "FLUSH BINARY LOGS;")
            newest = database.sql(name, "SHOW BINARY LOGS;")[-1][0]
            wait_until(f"{name}'s older logs to be purged", lambda n=name, log=newest: (
                is_purged(database, n, log), ""), 10, 0.1)
    database.cluster.crm.standby(replica, False)
    database.wait_sql(replica)
    yield Struck(at, primary, Expect.STAYS, {replica})


def is_purged(database: Database, name: str, newest: str) -> bool:
    """Purges all logs before that one; a replica that just reads one holds it back."""
    database.sql(name, f"PURGE BINARY LOGS TO '{newest}';")
    return database.sql(name, "SHOW BINARY LOGS;")[0][0] == newest


# The network -------------------------------------------------------------------------------------


def cut_off(name: str, who: str, ring: int | str, **flags: bool) -> Fault:
    """The cables of the primary, or of a replica."""
    @fault(name, **flags)
    def strike(database: Database, _ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
        primary = database.primary()
        victim = primary if who == "primary" else another(database, rng, primary)
        node = database.node(victim)
        expect = Expect.STAYS
        if who == "primary":
            # The cluster does not notice a network that it does not use.
            expect = Expect.MOVED if ring == "all" else Expect.ANYTHING
        at = monotonic()
        node.cut(ring)
        try:
            yield Struck(at, primary, expect)
        finally:
            node.heal()
    return strike


@fault("primary in standby with writes of its own")
def standby_ahead(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """Its binary log has commits that still wait for a replica, and none will ever have them. They
    are no reason to make it anew: nobody was told that they are there."""
    primary = database.primary()
    set_repl_password(database, primary, "another one")     # so that no monitor brings them back
    for name in database.replicas():
        database.sql(name, "STOP SLAVE IO_THREAD;")
    at = monotonic()
    wait_until("commits to wait for a replica", lambda: (
        is_waiting(database, primary), ""), 5, 0.01)
    log = database.node(primary).log_paths()["pacemaker"]
    killed = read_text(log).count(KILLED)
    database.cluster.crm.standby(primary)
    try:
        if database.agent.is_ours():
            wait_until("its server to be killed", lambda: (read_text(log).count(KILLED) > killed, ""), 30, 0.1)
        yield Struck(at, primary, Expect.MOVED)
    finally:
        database.cluster.crm.standby(primary, False)
        database.wait_sql(primary, 60)
        set_repl_password(database, primary, mysqlconf.REPL_PASSWORD)


def set_repl_password(database: Database, name: str, password: str) -> None:
    """On one server, for connections to come; no other one hears of it."""
    database.sql(name, "SET SESSION sql_log_bin = 0; "
                 f"ALTER USER '{mysqlconf.REPL_USER}'@'%' IDENTIFIED BY '{password}';")


def read_text(path: str) -> str:
    """A machine's log so far."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def is_waiting(database: Database, name: str) -> bool:
    """Whether commits of a primary wait for an acknowledgement at this moment."""
    rows = database.sql(name, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_wait_sessions';")
    return rows[0][1] != "0"


PRIMARY_CUT_OFF = cut_off("primary cut off", "primary", "all")
PRIMARY_WITHOUT_SERVICE = cut_off("primary without its service network", "primary", SERVICE_RING,
                                  is_long=True)
REPLICA_CUT_OFF = cut_off("replica cut off", "replica", "all", is_long=True)
REPLICA_WITHOUT_SERVICE = cut_off("replica without its service network", "replica", SERVICE_RING,
                                  is_long=True)


# The cluster -------------------------------------------------------------------------------------


@fault("planned switchover", for_stock=True)
def switchover(database: Database, _ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    primary = database.primary()
    target = another(database, rng, primary)
    at = monotonic()
    database.move(target)
    try:
        yield Struck(at, primary, Expect.MOVED)
    finally:
        database.unmove()


@fault("all nodes' power cut")
def all_power(database: Database, _ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """They come back in any order. Nothing may be cut off anybody's log: what one has and no other
    may have been acknowledged."""
    primary = database.primary()
    names = database.names()
    at = monotonic()
    for name in rng.sample(names, len(names)):
        database.node(name).kill()
    for name in rng.sample(names, len(names)):
        database.node(name).boot(wait=False)
    yield Struck(at, primary, Expect.RECOVERS)


@fault("all down, the stale one is back first", is_long=True)
def stale_first(database: Database, ledger: Ledger, rng: random.Random) -> Iterator[Struck]:
    """One went down early. After the others went down, too, it comes back with one that has all
    but does not start: it has quorum, and has to wait."""
    primary = database.primary()
    stale = another(database, rng, primary)
    other = another(database, rng, primary, stale)
    database.node(stale).kill()
    database.cluster.crm.wait_lost([stale])
    until_safe_is(database, primary, other)
    ledger.wait_acked(200)
    number = database.names().index(other) + 1
    database.node(other).write(mysqlconf.CONFIG, mysqlconf.my_cnf(
        number, {**database.agent.my_cnf, "no_such_variable": 1}))
    at = monotonic()
    for name in (primary, other):
        database.node(name).kill()
    try:
        for name in (stale, other):
            database.node(name).boot()
        database.wait_sql(stale, 60)
        yield Struck(at, primary, Expect.BLOCKED)
    finally:
        database.node(other).write(mysqlconf.CONFIG,
                                   mysqlconf.my_cnf(number, database.agent.my_cnf))


def is_closed(database: Database, name: str) -> bool:
    """Whether a node's server takes no writes, since it is read-only or does not run."""
    try:
        return not database.is_running(name) or database.value(name, "@@read_only") == "1"
    except LabError:
        return not database.is_running(name)


@fault("configuration wiped", needs_reset=True, is_long=True)
def cib_wiped(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """The memory is gone with it. Data on all nodes, and no word on who has most: the operator
    has to name one."""
    primary = database.primary()
    at = monotonic()
    database.cluster.crm.run(["/usr/sbin/cibadmin", "--erase", "--force"])
    # Pacemaker stops them as orphans, or forgets what ran where before it does: then they go on,
    # closed by the last monitor, and it may be busy with that for as long as there is nothing else.
    wait_until("no server to take writes", lambda: (
        all(is_closed(database, name) for name in database.names()), ""), 90, 0.2)
    # A controller that has just become the DC may miss the end of a monitor that it had cancelled; it
    # goes on after that action's timeout and cluster-delay (60 s).
    database.cluster.load_cib(database.cib(), settle=180)
    for name in database.names():
        database.wait_sql(name, 60)
    try:
        yield Struck(at, primary, Expect.BLOCKED)
    finally:
        named = mysqlconf.with_params(database.agent, initial_primary=primary)
        database.cluster.load_cib(mysqlconf.cib(named, database.monitor_s))
        database.wait_primary(on=primary)


@fault("replication password changed", is_long=True)
def password_changed(database: Database, _ledger: Ledger, _rng: random.Random) -> Iterator[Struck]:
    """Somebody changed it in the database only. Nobody can ask anybody any more."""
    primary = database.primary()
    set_password(database, primary, "another-secret", 1)
    for name in database.replicas():
        until_replica_is_at(database, name, database.value(primary, "@@gtid_binlog_pos"))
    at = monotonic()
    database.node(primary).signal(MYSQLD, signal.SIGKILL)
    try:
        yield Struck(at, primary, Expect.ANYTHING)
    finally:
        for name in database.names():
            with contextlib.suppress(SqlError):     # where no server runs there is nothing to do
                set_password(database, name, mysqlconf.REPL_PASSWORD, 0)


def set_password(database: Database, name: str, password: str, is_logged: int) -> None:
    """Of the replication account."""
    database.sql(name, f"SET SESSION sql_log_bin = {is_logged}; "
                 f"ALTER USER '{mysqlconf.REPL_USER}'@'%' IDENTIFIED BY '{password}';")
