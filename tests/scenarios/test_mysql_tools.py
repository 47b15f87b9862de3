# SPDX-License-Identifier: GPL-2.0-or-later
"""haops mysql and haops switchover mysql on a cluster: a move under load, moves that fail and are undone, a diverged
node that comes back, a loss that is accepted."""
import json
import re
import shutil
import signal
import statistics
import subprocess

import pytest
from haopslab import mysqlconf
from haopslab.wait import LabError, wait_until

HAOPS = "/usr/sbin/haops"
# What a client that connects anew and tries again gets over: read-only, server ends, session ended, nobody there, gone.
RETRIABLE = {1290, 1053, 1927, 2002, 2003, 2006, 2013}


@pytest.fixture(autouse=True)
def only_ours(request):
    """No stock agent has these."""
    if request.config.getoption("--mysql-agent") != "haops":
        pytest.skip("of ocf:haops:mysql only")


def haops(database, on, *args):
    """haops on a node, to its end."""
    return database.node(on).run([HAOPS, "--json", *args], check=False, timeout=300)


def tree(done):
    """Its document."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def start(database, on, *args):
    """haops on a node, under way."""
    return database.node(on).popen([HAOPS, "--json", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def constraints(database):
    """Of moves and bans."""
    text = database.cluster.crm.run(["/usr/sbin/cibadmin", "--query", "--scope", "constraints"]).stdout
    return [word for word in text.replace('"', " ").split() if word.startswith(("cli-prefer", "cli-ban"))]


def is_closed(database, name):
    """Whether a node's server takes no writes."""
    try:
        return database.value(name, "@@read_only") == "1"
    except LabError:
        return True


def verdicts(database, on):
    """Who may be promoted, and why not, as a node sees it."""
    return {node["name"]: (node["promotable"], node["promotable_reason"])
            for node in tree(haops(database, on, "mysql", "status"))["nodes"]}


def wait_well(database, on, timeout=60):
    """Until haops says that all is well; warnings of the lab itself aside."""
    def seen():
        done = haops(database, on, "mysql", "status")
        problems = [problem["text"] for problem in tree(done)["problems"]]
        return done.returncode == 0, problems
    wait_until("haops mysql status to be 0", seen, timeout, 0.5)


def gaps(acks):
    """Seconds between the last acknowledgement of a server and the first of the next one."""
    return [after[0] - before[0] for before, after in zip(acks, acks[1:]) if before[1] != after[1]]


def test_ten_moves_under_load(database):
    """No acknowledged write is lost, and no client sees an error that it could not get over by trying again."""
    wait_well(database, database.primary())
    with database.watch() as watch, database.ledger() as ledger:
        for number in range(10):
            old, new = database.primary(), database.replicas()[number % 2]
            ledger.wait_acked(50)
            done = haops(database, old, "switchover", "mysql", "--to", new)
            assert done.returncode == 0, done.stdout + done.stderr
            ledger.wait_acked_by_other(old)
            wait_well(database, new)
    database.wait_healthy()
    assert not ledger.audit().findings()
    watch.assert_single()
    book = ledger.books()
    waits = gaps(book.acks())
    print(f"\n{len(waits)} moves, seconds without a write: median {statistics.median(waits):.2f}, worst {max(waits):.2f}")
    codes = {code for _, code in [*book.errors.values(), *book.refused]}
    assert codes <= RETRIABLE, codes


def test_status_of_a_whole_cluster(database):
    """Each node says the same."""
    wait_well(database, database.primary())
    for name in database.names():
        status = tree(haops(database, name, "mysql", "status"))
        assert status["primary"] == database.primary() and status["memory"]["last_primary"] == database.primary()
        nodes = {node["name"]: node for node in status["nodes"]}
        assert all(node["safe"] and node["answers"] and node["promotable"] == "yes" for node in nodes.values())
        assert [node["acks"] for name, node in sorted(nodes.items()) if name != database.primary()] == [True, True]
        assert [node["granted"] for name, node in sorted(nodes.items()) if name != database.primary()] == [True, True]


def test_switchover_under_load(database):
    """No acknowledged write is lost, nobody writes besides the primary, nothing lingers; the gap is as told."""
    old = database.primary()
    new, third = database.replicas()
    wait_well(database, third)
    with database.watch() as watch, database.ledger() as ledger:
        ledger.wait_acked(200)
        done = haops(database, third, "switchover", "mysql", "--to", new)
        ledger.wait_acked_by_other(old)
        ledger.wait_acked(100)
    said = tree(done)
    assert done.returncode == 0 and (said["result"], said["from"], said["to"], said["primary"]) == ("moved", old, new, new)
    print(json.dumps(said, indent=1))
    assert not constraints(database) and database.primary() == new
    database.wait_healthy()
    assert not ledger.audit().findings()
    watch.assert_single()
    wait_well(database, third)


def test_switchover_from_the_primary_itself_and_back(database):
    """Asked for on the node that is demoted."""
    old, new = database.primary(), database.replicas()[1]
    wait_well(database, old)
    assert haops(database, old, "switchover", "mysql", "--to", new).returncode == 0
    wait_well(database, old)
    assert haops(database, new, "switchover", "mysql", "--to", old).returncode == 0
    assert database.primary() == old and not constraints(database)


def test_refused(database):
    """The applier of the candidate stands still."""
    new, third = database.replicas()
    wait_well(database, third)
    database.sql(new, "STOP SLAVE SQL_THREAD;")
    done = haops(database, third, "switchover", "mysql", "--to", new)
    database.sql(new, "START SLAVE;")
    assert done.returncode == 6 and not constraints(database)
    assert any(f"the applier on {new} is stopped" in problem["text"] for problem in tree(done)["problems"])
    wait_well(database, third)


def test_candidate_is_lost(database):
    """Its power goes when the old primary is closed: that one is promoted again."""
    old = database.primary()
    new, third = database.replicas()
    wait_well(database, third)
    database.sql(old, f"CREATE TABLE {mysqlconf.SCHEMA}.held (id INT); ")
    with database.ledger() as ledger:
        ledger.wait_acked(100)
        process = start(database, third, "switchover", "mysql", "--to", new, "--timeout", "60")
        wait_until(f"{old} to be closed", lambda: (is_closed(database, old), ""), 30, 0.01)
        database.node(new).kill()
        out, err = process.communicate(timeout=200)
        said = json.loads(out)
        assert said["result"] in ("undone", "alone", "elsewhere"), (said, err)
        assert not constraints(database)
        database.cluster.restore()
        ledger.wait_acked(50)
    database.wait_healthy()
    assert not ledger.audit().findings()


def test_killed_under_way(database):
    """The constraint has an end, and a status tells of it."""
    old = database.primary()
    new, third = database.replicas()
    wait_well(database, third)
    process = start(database, third, "switchover", "mysql", "--to", new, "--timeout", "10")
    wait_until("the constraint to be there", lambda: (bool(constraints(database)), ""), 30, 0.01)
    database.node(third).signal("haops-mysql", signal.SIGKILL)
    process.wait(20)
    assert constraints(database)
    database.wait_primary(on=new, not_on=old)
    done = haops(database, third, "mysql", "status")
    assert any("of an earlier move is in force" in problem["text"] for problem in tree(done)["problems"])
    assert haops(database, third, "switchover", "mysql", "--to", old).returncode == 6
    database.unmove()
    wait_well(database, third)


def test_interrupted(database):
    """Ctrl-C before anything happened: the old primary stays or comes back."""
    old = database.primary()
    new, third = database.replicas()
    wait_well(database, third)
    process = start(database, third, "switchover", "mysql", "--to", new)
    wait_until("the constraint to be there", lambda: (bool(constraints(database)), ""), 30, 0.01)
    database.node(third).signal("haops-mysql", signal.SIGINT)
    said = json.loads(process.communicate(timeout=200)[0])
    assert said["result"] in ("undone", "alone") and not constraints(database)
    assert said["primary"] == database.primary()
    assert process.returncode == (2 if said["primary"] == old else 1)
    wait_well(database, third)


def test_diverged_node_comes_back(database):
    """Somebody wrote on a replica: it is marked, shown, and its rows are taken back."""
    primary = database.primary()
    replica = database.replicas()[0]
    wait_well(database, primary)
    database.sql(primary, f"CREATE TABLE {mysqlconf.SCHEMA}.shop (id INT PRIMARY KEY, v INT); "
                 f"INSERT INTO {mysqlconf.SCHEMA}.shop VALUES (1, 1), (2, 2);")
    database.wait_healthy()
    database.sql(replica, f"UPDATE {mysqlconf.SCHEMA}.shop SET v = 9 WHERE id = 2; "
                 f"INSERT INTO {mysqlconf.SCHEMA}.shop VALUES (3, 3); STOP SLAVE;")
    wait_until("the node to be marked", lambda: (f"bad-{replica}" in database.memory(), database.memory()), 60, 0.2)
    wait_until("the safe set to be without it", lambda: (
        replica not in database.memory()["safe"].split(), database.memory()), 60, 0.2)
    shown = haops(database, replica, "mysql", "rejoin", replica)
    said = tree(shown)
    assert shown.returncode == 1 and said["transactions"] == 2 and said["mark"]
    assert {way["name"]: way["possible"] for way in said["ways"]}["flashback"], said["ways"]
    done = haops(database, replica, "mysql", "rejoin", replica, "--discard", "--yes")
    assert done.returncode == 0 and tree(done)["result"] == "cleared", done.stdout + done.stderr
    database.wait_healthy()
    wait_well(database, primary)
    assert database.sql(replica, f"CHECKSUM TABLE {mysqlconf.SCHEMA}.shop;") == \
        database.sql(primary, f"CHECKSUM TABLE {mysqlconf.SCHEMA}.shop;")


@pytest.mark.long
def test_diverged_node_is_rebuilt(database):
    """By the commands that are printed, word by word but for ssh."""
    primary = database.primary()
    replica, donor = database.replicas()
    wait_well(database, primary)
    database.sql(primary, f"CREATE TABLE {mysqlconf.SCHEMA}.first (id INT);")
    database.wait_healthy()
    database.sql(replica, f"CREATE TABLE {mysqlconf.SCHEMA}.own (id INT); STOP SLAVE;")
    wait_until("the node to be marked", lambda: (f"bad-{replica}" in database.memory(), database.memory()), 60, 0.2)
    said = tree(haops(database, replica, "mysql", "rejoin", replica))
    ways = {way["name"]: way for way in said["ways"]}
    assert not ways["flashback"]["possible"] and "ddl" in ways["flashback"]["why"]
    node, position = database.node(replica), ""
    for line in ways["rebuild"]["commands"].splitlines():
        if line.startswith("ssh "):
            _, host, backup = line.split(" ", 2)
            assert host == donor
            backup, unpack = backup.split(" | ")
            database.node(donor).run(["/bin/sh", "-c", backup + " >/srv/backup"], timeout=120)
            shutil.copyfile(database.node(donor).root() + "/srv/backup", node.root() + "/srv/backup")
            line = f"{unpack} </srv/backup"
        elif line.startswith("haops "):
            break
        out = node.run(["/bin/sh", "-ec", line.replace("THE POSITION", position)], timeout=120).stdout
        if line.startswith("cat "):
            position = re.search(r"\d+-\d+-\d+", out)[0]
    done = haops(database, replica, "mysql", "rejoin", replica)
    assert done.returncode == 0, done.stdout + done.stderr
    database.wait_healthy()
    wait_well(database, primary)
    assert database.value(replica, f"COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
                          f"'{mysqlconf.SCHEMA}' AND TABLE_NAME = 'own'") == "0"


def test_loss_is_accepted(database):
    """Two of three are lost for good; nothing is promoted until the operator says so, once."""
    primary = database.primary()
    left, lost = database.replicas()
    number = {name: i for i, name in enumerate(database.names(), start=1)}
    with database.ledger() as ledger:
        database.sql(left, "STOP SLAVE IO_THREAD;")
        ledger.wait_acked(100)
        for name in (primary, lost):    # their servers end, and do not start again
            database.node(name).write(mysqlconf.CONFIG, mysqlconf.my_cnf(number[name], {"no_such_variable": 1}))
            database.node(name).signal("mariadbd", signal.SIGKILL)
        wait_until("it to wait for the others", lambda: (
            verdicts(database, left)[left][0] == "waits", verdicts(database, left)), 60, 0.2)
        shown = haops(database, left, "mysql", "allow-stale")
        assert shown.returncode == 6 and tree(shown)["result"] == "shown"
        assert [node["name"] for node in tree(shown)["nodes"] if node["may"]] == [left]
        # A promotion that was refused is "Promoted" to Pacemaker for a moment: the server is asked.
        assert is_closed(database, left)
        done = haops(database, left, "mysql", "allow-stale", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        wait_until("it to take writes", lambda: (not is_closed(database, left), ""), 60, 0.2)
    status = tree(haops(database, left, "mysql", "status"))
    assert status["primary"] == left and not status["memory"]["stale_allowed"]
    for name in (primary, lost):
        database.node(name).write(mysqlconf.CONFIG, mysqlconf.my_cnf(number[name]))
    database.reset()
