# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/decisions/0008-mysql-failover.md says, seen on a cluster: memory, safe set, readers,
secrets. Nothing here is promised by the stock agents."""
import random
import re
import signal

import pytest
from haopslab import mysql, mysqlconf, mysqlfaults
from haopslab.wait import LabError, pace, wait_until

SECRETS = (mysqlconf.REPL_PASSWORD, mysqlconf.APP_PASSWORD)


@pytest.fixture(autouse=True)
def only_ours(request):
    """No stock agent has these."""
    if request.config.getoption("--mysql-agent") != "haops":
        pytest.skip("of ocf:haops:mysql only")


def safe(database):
    """The safe set."""
    return set(database.memory().get("safe", "").split())


def wait_safe(database, names, timeout=30):
    wait_until(f"the safe set to be {sorted(names)}", lambda: (
        safe(database) == set(names), database.memory()), timeout, 0.1)


def last_primary(database):
    """(epoch, node, position) of the memory."""
    epoch, node, *position = database.memory()["primary"].split()
    return int(epoch), node, position[0] if position else ""


def test_memory_of_a_move(database):
    """Each promotion is one epoch, by name, with the position at which it began."""
    before = last_primary(database)
    assert before[1] == database.primary()
    target = database.replicas()[0]
    with database.ledger() as ledger:
        ledger.wait_acked(100)
        database.move(target)
        ledger.wait_acked_by_other(before[1])
    database.unmove()
    database.wait_healthy()
    epoch, node, position = last_primary(database)
    assert (epoch, node) == (before[0] + 1, target)
    assert position and position != before[2]
    assert not ledger.audit().findings()
    wait_safe(database, database.names())


def test_safe_set_follows_a_replica(database):
    """It shrinks by a replica that is down, and grows before that one may acknowledge again."""
    replica = database.replicas()[0]
    wait_safe(database, database.names())
    with database.ledger() as ledger:
        database.node(replica).kill()
        wait_safe(database, set(database.names()) - {replica})
        ledger.wait_acked(100)
        database.cluster.restore()
        database.wait_sql(replica)

        def grown():
            acks = database.value(replica, "@@rpl_semi_sync_slave_enabled") == "1"
            if acks and replica not in safe(database):
                raise LabError(f"{replica} acknowledges before the safe set has it")
            return acks, database.memory()
        wait_until(f"{replica} to acknowledge", grown, 30, 0.05)
    database.wait_healthy()
    assert not ledger.audit().findings()


def test_replicas_are_closed_and_wait_for_nobody(database):
    """Read-only from the first instant, and their appliers wait for no acknowledgement."""
    for name in database.replicas():
        command = database.node(name).run(["/usr/bin/ps", "-C", "mariadbd", "-o", "args="]).stdout
        assert "read" in command and "only" in command, command
        assert database.value(name, "@@rpl_semi_sync_master_enabled") == "0"
    primary = database.primary()
    assert database.sql(primary, "SELECT @@rpl_semi_sync_master_enabled, "
                        "@@rpl_semi_sync_master_wait_point, @@rpl_semi_sync_master_wait_no_slave;"
                        ) == [["1", "AFTER_SYNC", "1"]]
    assert int(database.value(primary, "@@rpl_semi_sync_master_timeout")) > 10 ** 15


def watched(database):
    """What haopsd is told that each server has to be."""
    records = {name: database.node(name).run(["/usr/bin/cat", "/run/haops/watch-db"], check=False).stdout
               for name in database.names()}
    return {name: re.findall(r"^database (\w+)", text, re.M) for name, text in records.items()}


def wait_watched(database):
    primary = database.primary()
    wait_until("the records to name the roles", lambda: (watched(database) == {
        name: ["primary" if name == primary else "replica"] for name in database.names()}, watched(database)), 30, 0.2)
    return primary


def test_haopsd_is_told_who_has_to_be_writable(database):
    """Before and after moves, during which it reports nothing: a record goes before its role does."""
    for _ in range(2):
        primary = wait_watched(database)
        database.move(database.replicas()[0])
        database.unmove()
        database.wait_healthy()
        assert wait_watched(database) != primary
    for name in database.names():
        log = database.node(name).run(["/usr/bin/cat", "/var/log/syslog"]).stdout
        assert not re.search(r"haopsd.*: database ", log), log


def test_stopped_receiver_is_noticed_before_a_monitor_is_due(database):
    """haopsd sees it, and Pacemaker runs the monitor, which starts it; the server is not restarted."""
    slow = mysql.Database(database.cluster, database.agent, monitor_s=60)
    replica = database.replicas()[0]
    node = database.node(replica)
    try:
        database.cluster.load_cib(slow.cib())
        wait_watched(database)
        server = node.pids("mariadbd")
        began = mysql.monotonic()
        database.sql(replica, "STOP SLAVE IO_THREAD;")
        wait_until("its receiver to run again", lambda: (
            database.replication(replica)["Slave_IO_Running"] == "Yes", ""), 20, 0.05)
        print(f"\nits receiver ran again after {mysql.monotonic() - began:.1f} s")
        database.cluster.crm.wait_settled()
        assert node.pids("mariadbd") == server, "its server was restarted"
        assert not [f for f in database.cluster.crm.view().failures if f.node == replica]
    finally:
        database.cluster.load_cib(database.cib())


# One parent for all of them, as Pacemaker's executor is. The first looks at everything. Then a look of haopsd is waited
# for that began after it, or that there is none for longer than one counts. Both files begin with their times.
MONITORS = f"""
at() {{ head -n 1 /run/haops/mysql-$1-{mysqlconf.RESOURCE} | cut -d " " -f 1; }}
now() {{ awk '{{ printf "%d", $1 * 1000 }}' /proc/uptime; }}
is_ready() {{
    case $1 in
    seen) [ "$(at seen)" -ge "$(at calm)" ] ;;
    unseen) [ $(($(now) - $(at seen))) -gt 3000 ] ;;
    esac
}}
agent=/usr/lib/ocf/resource.d/haops/mysql
begin=$(now)
$agent monitor
[ "$(at calm)" -ge "$begin" ] || echo "not ready"
for i in $(seq 60); do is_ready $0 && break; sleep 0.1; done
is_ready $0 || echo "not ready"
strace -qq -f -e trace=connect -e signal=none -o /tmp/connects -p $$ &
for i in $(seq 200); do grep -q "TracerPid:.*[1-9]" /proc/$$/status && break; sleep 0.05; done
grep -q "TracerPid:.*[1-9]" /proc/$$/status || echo "not ready"
$agent monitor
echo "code $?"
kill $!
"""


def monitor_twice(database, name, waited="seen"):
    """(exit code, connections made) of the second of two monitors in a row."""
    node = database.node(name)
    env = [f"{key}={value}" for key, value in database.monitor_environment(name).items()]
    done = node.run(["/usr/bin/env", *env, "/bin/sh", "-c", MONITORS, waited], timeout=60)
    assert "not ready" not in done.stdout, f"haopsd's looks are not {waited}, or strace does not trace"
    connects = node.run(["/bin/grep", "-c", "mysqld.sock", "/tmp/connects"], check=False).stdout
    return int(re.search(r"code (\d+)", done.stdout).group(1)), int(connects)


@pytest.fixture
def unpolled(database):
    """No monitor of Pacemaker's own comes in between."""
    rare = mysql.Database(database.cluster, database.agent, monitor_s=600)
    database.cluster.load_cib(rare.cib())
    wait_watched(database)
    database.cluster.crm.wait_settled()
    yield database
    database.cluster.load_cib(database.cib())


def test_monitors_rest_on_what_haopsd_saw(unpolled):
    """Nobody logs in while haopsd does; where it does not look, a monitor logs in itself."""
    primary, replica = unpolled.primary(), unpolled.replicas()[0]
    assert monitor_twice(unpolled, primary) == (8, 0)
    assert monitor_twice(unpolled, replica) == (0, 0)
    node = unpolled.node(replica)
    node.signal("haopsd-mysql", signal.SIGSTOP)
    try:
        assert monitor_twice(unpolled, replica, "unseen") == (0, 1)
    finally:
        node.signal("haopsd-mysql", signal.SIGCONT)
    assert monitor_twice(unpolled, replica) == (0, 0)


def test_readers_leave_a_replica_that_does_not_apply(database):
    """The readers' address is at a replica, and goes when its applier has failed for good."""
    primary = database.primary()
    reader = database.cluster.wait_resource(mysqlconf.READER, not_on=primary)
    database.sql(primary, f"CREATE TABLE {mysqlconf.SCHEMA}.torn (id INT PRIMARY KEY);")
    mysqlfaults.until_replica_is_at(database, reader, database.value(primary, "@@gtid_binlog_pos"))
    database.sql(reader, f"SET sql_log_bin = 0; INSERT INTO {mysqlconf.SCHEMA}.torn VALUES (1);")
    database.sql(primary, f"INSERT INTO {mysqlconf.SCHEMA}.torn VALUES (1);")
    try:
        database.cluster.wait_resource(mysqlconf.READER, not_on=reader)
        assert database.is_running(reader), "its server was stopped: nobody can look"
    finally:
        database.sql(reader, f"SET sql_log_bin = 0; DELETE FROM {mysqlconf.SCHEMA}.torn;")
        database.sql(reader, "START SLAVE;")


def test_two_domains(database):
    """A session that writes in a domain of its own: what it was told is there after the primary is lost, like all the rest."""
    primary = database.primary()
    table = f"{mysqlconf.SCHEMA}.other"
    database.sql(primary, f"SET SESSION gtid_domain_id = 7; CREATE TABLE {table} (id INT PRIMARY KEY);")
    with database.watch() as watch, database.ledger() as ledger:
        for number in range(20):
            ledger.wait_acked(10)
            database.sql(primary, f"SET SESSION gtid_domain_id = 7; INSERT INTO {table} VALUES ({number});")
        at = mysql.monotonic()
        database.node(primary).signal(mysqlfaults.MYSQLD, signal.SIGKILL)
        ledger.wait_acked_after(at, 200)
    database.wait_healthy(120)
    assert not ledger.audit().findings()
    watch.assert_single()
    for name in database.names():
        assert database.value(name, f"(SELECT COUNT(*) FROM {table})") == "20", name
        assert {part.split("-")[0] for part in database.value(name, "@@gtid_binlog_pos").split(",")} == {"0", "7"}


def test_no_secret_is_shown(database):
    """Not in arguments, not in a server's environment, not in a log, after all that can go wrong."""
    with database.ledger() as ledger, mysqlfaults.FAULTS["planned switchover"].strike(
            database, ledger, random.Random(1)):
        ledger.wait_acked(50)
    # Pacemaker's own log of a changed configuration has it; who may read that may read the CIB.
    script = ("cat /proc/[0-9]*/cmdline; for p in $(pidof mariadbd); do cat /proc/$p/environ; done; "
              "cat /var/log/mysql/* /var/log/syslog; "
              "grep -v cib_perform_op /var/log/pacemaker/pacemaker.log")
    found = []
    for node in database.cluster.nodes():
        text = node.run(["/bin/sh", "-c", f"({script}) 2>/dev/null"], check=False).stdout
        assert "mariadbd" in text and "mysql(db)" in text
        found += [f"{node.name}: ...{text[max(0, text.index(s) - 200):text.index(s) + 50]}..."
                  for s in SECRETS if s in text]
    assert not found, found
    database.wait_healthy()


def is_closed(database, name):
    """Nobody can write to its server, which may be down."""
    try:
        return int(database.value(name, "@@read_only")) == 1
    except LabError:
        return True


@pytest.mark.long
def test_operator_accepts_a_loss(database):
    """Two of three are lost for good. Nothing is promoted until the operator says so, once."""
    primary = database.primary()
    left, lost = database.replicas()
    with database.ledger() as ledger:
        database.sql(left, "STOP SLAVE IO_THREAD;")
        ledger.wait_acked(100)
        number = {name: i for i, name in enumerate(database.names(), start=1)}
        for name in (primary, lost):    # their servers end, and do not start again
            database.node(name).write(mysqlconf.CONFIG, mysqlconf.my_cnf(
                number[name], {"no_such_variable": 1}))
            database.node(name).signal("mariadbd", 9)
        # A promotion that was refused is "Promoted" to Pacemaker for a moment: the server is asked.
        for _ in pace(0.2, 15):
            assert is_closed(database, left)
        epoch = last_primary(database)[0]
        database.cluster.crm.run([
            "/usr/sbin/crm_attribute", "--type", "crm_config", "--set-name",
            mysql.MEMORY, "--name", "allow-stale", "--update", str(epoch)])
        wait_until("it to take writes", lambda: (not is_closed(database, left), ""), 90, 0.2)
        assert "allow-stale" not in database.memory() or last_primary(database)[0] > epoch
        for name in (primary, lost):
            database.node(name).write(mysqlconf.CONFIG, mysqlconf.my_cnf(number[name]))
    database.reset()
