# SPDX-License-Identifier: GPL-2.0-or-later
"""haops-mysql against real servers: what it shows, refuses, keeps and takes back. Pacemaker is a CIB in a file; with
a real one, see tests/scenarios."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import xml.etree.ElementTree

import pytest
from mysqlbox import NAMES, OWN, Databases
from servers import make_template, wait_until
from test_haops import keys, same

TREE = pathlib.Path(__file__).resolve().parents[2]
MAN = (TREE / "tools" / "mysql" / "haops-mysql.8").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def boxed(request):
    """The place with a template of a database."""
    folder = request.config.getoption("--build") or pathlib.Path(os.environ.get("HAOPS_BUILD", TREE / "build")) / "main"
    made = Databases(pathlib.Path(folder).resolve())
    made.template = make_template(made.box)
    yield made
    made.close()


@pytest.fixture
def databases(boxed):
    """Three servers that are well."""
    boxed.memory = {"primary": f"3 {OWN} 0-1-5", "safe": " ".join(NAMES)}
    boxed.promoted, boxed.lost = OWN, ()
    boxed.begin(boxed.template)
    yield boxed
    boxed.end()


def tree_of(done):
    """A document."""
    return json.loads(done.stdout)


def diverge(databases, statements):
    """The first node becomes a former primary with transactions of its own; the second is primary."""
    old, new, _ = databases.servers
    old.sql("SET GLOBAL rpl_semi_sync_master_enabled=0; SET GLOBAL read_only=1")
    for server in databases.servers[1:]:
        server.sql("STOP SLAVE; RESET SLAVE ALL")
    old.sql(statements)
    new.sql("SET GLOBAL read_only=0; INSERT INTO d.t VALUES (50,'new')")
    databases.memory = {"primary": f"4 {NAMES[1]} 0-1-9", "safe": NAMES[1], f"bad-{OWN}": "0-1-x is only here"}
    databases.promoted = NAMES[1]
    databases.write_cib()


class TestStatus:
    """What it shows."""

    def test_well(self, databases):
        done = databases.haops("mysql", "status")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Health       all is well" in done.stdout
        assert f"{OWN}; commits wait for one of 2 replicas" in done.stdout
        made, marked = databases.haops("--json", "mysql", "status"), databases.haops("--xml", "mysql", "status")
        same(tree_of(made), xml.etree.ElementTree.fromstring(marked.stdout))
        nodes = {node["name"]: node for node in tree_of(made)["nodes"]}
        assert {node["promotable"] for node in nodes.values()} == {"yes"}
        assert nodes["m2"]["applied"] == nodes[OWN]["logged"] and nodes["m2"]["acks"]
        assert nodes["m2"]["lag_ms"] == 0 and nodes[OWN]["lag_ms"] is None

    def test_every_name_is_in_the_manual(self, databases):
        named = set(re.findall(r"\w+", MAN))
        for command in (["mysql", "status"], ["mysql", "rejoin", "m2"], ["mysql", "allow-stale"],
                        ["switchover", "mysql", "--to", OWN], ["switchover", "mysql", "--to", "m2", "--timeout", "1"]):
            for key in keys(tree_of(databases.haops("--json", *command))):
                assert key in named, (command, key)

    def test_a_server_that_hangs(self, databases):
        databases.servers[2].suspend(signal.SIGSTOP)
        begin = time.monotonic()
        done = databases.haops("--json", "mysql", "status")
        took = time.monotonic() - begin
        databases.servers[2].suspend(signal.SIGCONT)
        tree = tree_of(done)
        assert done.returncode == 1 and took < 8
        node = next(node for node in tree["nodes"] if node["name"] == "m3")
        assert not node["answers"] and node["receiver"] == "unknown" and node["trouble"]
        assert [node["promotable"] for node in tree["nodes"]] == ["yes", "yes", "no"]

    def test_the_primary_is_gone(self, databases):
        databases.servers[0].kill()
        done = databases.haops("--json", "mysql", "status")
        tree = tree_of(done)
        assert done.returncode == 2 and tree["health"] == "critical" and tree["primary"] == ""
        assert [node["promotable"] for node in tree["nodes"]] == ["no", "yes", "yes"]

    def test_errant(self, databases):
        databases.servers[1].sql("INSERT INTO d.t VALUES (99,'mine')")
        done = databases.haops("--json", "mysql", "status")
        node = next(node for node in tree_of(done)["nodes"] if node["name"] == "m2")
        assert done.returncode == 1 and re.fullmatch(r"0-2-\d+", node["errant"])

    def test_two_writers(self, databases):
        databases.servers[1].sql("SET GLOBAL read_only=0")
        done = databases.haops("mysql", "status")
        assert done.returncode == 2 and f"{OWN} and m2 are writable at the same time" in done.stdout

    def test_watch(self, databases):
        with subprocess.Popen(databases.box.command("env", "CIB_file=/mnt/cib.xml", "/usr/libexec/haops/haops", "--json",
                                                    "--watch=1", "mysql", "status"), stdout=subprocess.PIPE) as live:
            for _ in range(2):
                assert json.loads(live.stdout.readline())["health"] == "ok"
            live.terminate()
            assert live.wait(10) == 0


class TestAccess:
    """Who may, and what is told of passwords."""

    def test_secrets_stay_secret(self, databases):
        diverge(databases, "DELETE FROM d.t WHERE id=3")
        for args in (["mysql", "status"], ["mysql", "rejoin", OWN], ["mysql", "rejoin", "m3"],
                     ["switchover", "mysql", "--to", "m3"]):
            done = databases.haops(*args, wrapper=["strace", "-f", "-v", "-s", "4096", "-e", "trace=execve"])
            assert "execve" in done.stderr
            assert "ecr" not in done.stdout + done.stderr.replace("secrets", ""), args

    def test_wrong_password(self, databases):
        databases.password = "no's\\uch"
        databases.write_cib()
        done = databases.haops("--json", "mysql", "status")
        databases.password = "s'ecr\\et"
        troubles = [node["trouble"] for node in tree_of(done)["nodes"]]
        assert done.returncode == 1 and not troubles[0] and all("repl" in text for text in troubles[1:])
        assert "uch" not in done.stdout + done.stderr

    def test_no_such_resource_or_node(self, databases):
        for args in (["mysql", "status", "nonsense"], ["mysql", "rejoin", "nobody"],
                     ["switchover", "mysql", "--to", "nobody"]):
            done = databases.haops(*args)
            assert (done.returncode, done.stdout) == (5, "") and done.stderr

    def test_no_pacemaker(self, databases):
        databases.box.run("rm", "/mnt/cib.xml")
        done = databases.haops("--json", "mysql", "status")
        assert done.returncode == 3 and tree_of(done)["health"] == "unknown"


class TestSwitchover:
    """What forbids it; nothing is changed then."""

    def refused(self, databases, *args):
        """The reasons."""
        before = databases.cib()
        done = databases.haops("--json", "switchover", "mysql", *args)
        assert done.returncode == 6 and databases.cib() == before
        return [problem["text"] for problem in tree_of(done)["problems"]]

    def test_there_already(self, databases):
        done = databases.haops("switchover", "mysql", "--to", OWN)
        assert (done.returncode, done.stdout) == (0, f"{OWN} is the primary already\n")

    def test_threads(self, databases):
        databases.servers[1].sql("STOP SLAVE SQL_THREAD")
        assert "the applier on m2 is stopped" in self.refused(databases, "--to", "m2")

    def test_errant(self, databases):
        databases.servers[1].sql("INSERT INTO d.t VALUES (99,'mine')")
        assert any("the primary never had" in text for text in self.refused(databases, "--to", "m2"))

    def test_long_write(self, databases):
        session = databases.servers[0].session("INSERT INTO d.t SELECT 60, SLEEP(30)", "SELECT 'done'")
        wait_until("it has been writing for 2 s", lambda: databases.servers[0].one(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT%' AND TIME >= 2") == "1", 10)
        texts = self.refused(databases, "--to", "m2")
        session.kill()
        assert len(texts) == 1 and "would be ended (INSERT INTO d.t SELECT 60, SLEEP)" in texts[0]

    def test_in_vain(self, databases):
        """Nobody acts on a CIB in a file: the constraint is there, and goes at the deadline."""
        process = databases.start_haops("switchover", "mysql", "--to", "m2", "--timeout", "2")
        wait_until("the constraint is there", lambda: "cli-prefer-ms" in databases.cib(), 20)
        assert "date_expression" in databases.cib()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 2 and "cli-prefer" not in databases.cib(), err
        assert re.findall(r"^  \+\d+\.\d{3} s  (.*)$", out, re.M)[1:] == [
            "Pacemaker did not demote the old primary for m2 in time", "the constraint is taken away",
            f"{OWN} takes writes"]
        assert out.splitlines()[-1].startswith(f"not moved, {OWN} is the primary again: Pacemaker did not")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_interrupted(self, databases, number):
        process = databases.start_haops("--json", "switchover", "mysql", "--to", "m2")
        wait_until("the constraint is there", lambda: "cli-prefer-ms" in databases.cib(), 20)
        process.send_signal(number)
        tree = json.loads(process.communicate(timeout=60)[0])
        assert process.returncode == 2 and (tree["result"], tree["primary"], tree["gap_ms"]) == ("undone", OWN, None)
        assert "interrupted" in tree["reason"] and "cli-prefer" not in databases.cib()

    def test_not_safe(self, databases):
        databases.memory["safe"] = f"{OWN} m3"
        databases.write_cib()
        assert "m2 is not in the safe set: it may lack acknowledged writes" in self.refused(databases, "--to", "m2")


class TestRejoin:
    """A diverged node, its ways back, and its mark."""

    ROWS = "INSERT INTO d.t VALUES (10,'mine'); UPDATE d.t SET v='wrong' WHERE id=2; DELETE FROM d.t WHERE id=3"

    def test_clean(self, databases):
        done = databases.haops("mysql", "rejoin", "m2")
        assert (done.returncode, done.stdout) == (0, "m2 has nothing that the primary lacks, and no mark\n")

    def test_mark_goes(self, databases):
        databases.memory["bad-m2"] = "it was"
        databases.write_cib()
        done = databases.haops("--json", "mysql", "rejoin", "m2")
        assert done.returncode == 0 and tree_of(done)["result"] == "cleared"
        assert "bad-m2" not in databases.cib()

    def test_shown_and_kept(self, databases):
        diverge(databases, self.ROWS)
        before = databases.cib()
        done = databases.haops("--json", "mysql", "rejoin", OWN)
        tree = tree_of(done)
        assert done.returncode == 1 and tree["result"] == "diverged" and databases.cib() == before
        assert tree["transactions"] == 3 and tree["tables"] == [{"name": "`d`.`t`", "rows": 3}]
        assert [(way["name"], way["possible"]) for way in tree["ways"]] == \
            [("truncate", False), ("flashback", True), ("rebuild", True)]
        kept = databases.box.run("cat", tree["file"]).stdout
        assert "### DELETE FROM `d`.`t`" in kept and "'mine'" in kept
        assert databases.box.run("stat", "-c", "%a", tree["file"]).stdout == "600\n"

    def test_discard(self, databases):
        diverge(databases, self.ROWS)
        old, new, _ = databases.servers
        shown = databases.haops("mysql", "rejoin", OWN, "--discard")
        assert shown.returncode == 6 and "is taken back, 3 transactions" in shown.stderr
        assert old.one("SELECT v FROM d.t WHERE id=2") == "wrong"
        done = databases.haops("--json", "mysql", "rejoin", OWN, "--discard", "--yes")
        assert done.returncode == 0 and tree_of(done)["result"] == "cleared", done.stderr
        assert "bad-" not in databases.cib()
        old.follow(new)
        assert old.one(f"SELECT MASTER_GTID_WAIT('{new.one('SELECT @@gtid_binlog_pos')}', 5)") == "0"
        assert old.sql("CHECKSUM TABLE d.t") == new.sql("CHECKSUM TABLE d.t")

    def test_what_does_not_fit(self, databases):
        """Half of it is taken back: the node stays marked, and is to be rebuilt."""
        diverge(databases, self.ROWS)
        databases.servers[0].sql("SET sql_log_bin=0; DELETE FROM d.t WHERE id=10")
        done = databases.haops("--json", "mysql", "rejoin", OWN, "--discard", "--yes")
        assert done.returncode == 2 and tree_of(done)["result"] == "failed"
        assert "rebuild the node" in done.stderr and "bad-" in databases.cib()
        assert databases.haops("--json", "mysql", "rejoin", OWN).returncode == 1

    @pytest.mark.parametrize("statements, why", [
        ("CREATE TABLE d.u (id INT)", "not all of it are rows"),
        ("SET SESSION binlog_row_image='MINIMAL'; UPDATE d.t SET v='x' WHERE id=1", "not all columns of `d`.`t`"),
        ("SET sql_log_bin=0; CREATE TABLE d.c (id INT, FOREIGN KEY (id) REFERENCES d.t (id) ON DELETE CASCADE); "
         "SET sql_log_bin=1; DELETE FROM d.t WHERE id=1", "foreign keys to `d`.`t` change other rows"),
        ("SET sql_log_bin=0; CREATE TABLE d.m (id INT) ENGINE=MyISAM; SET sql_log_bin=1; INSERT INTO d.m VALUES (1)",
         "`d`.`m` has engine MyISAM")])
    def test_what_cannot_be_taken_back(self, databases, statements, why):
        diverge(databases, statements)
        before = databases.servers[0].one("SELECT @@gtid_binlog_state")
        done = databases.haops("--json", "mysql", "rejoin", OWN, "--discard", "--yes")
        tree = tree_of(done)
        assert done.returncode == 6 and tree["result"] == "refused"
        assert why in next(way["why"] for way in tree["ways"] if way["name"] == "flashback")
        assert databases.servers[0].one("SELECT @@gtid_binlog_state") == before
        assert "bad-" in databases.cib()

    def test_elsewhere(self, databases):
        """It is kept from any node, and taken back on the node itself only."""
        databases.servers[1].sql("STOP SLAVE; INSERT INTO d.t VALUES (99,'mine')")
        databases.memory["bad-m2"] = "0-2-x is only here"
        databases.write_cib()
        done = databases.haops("--json", "mysql", "rejoin", "m2", "--discard", "--yes")
        assert done.returncode == 6 and "only root on that node" in done.stderr
        assert tree_of(done)["transactions"] == 1


class TestAllowStale:
    """A loss is accepted for one epoch, and only where there is one."""

    def lose(self, databases):
        """Two of three may have what the third lacks, and do not answer."""
        for server in databases.servers[:2]:
            server.kill()
        databases.lost = (OWN, "m2")
        databases.promoted = None
        databases.write_cib()

    def test_refused_with_a_primary(self, databases):
        done = databases.haops("mysql", "allow-stale", "--yes")
        assert done.returncode == 6 and "a server takes writes" in done.stderr and "allow-stale" not in databases.cib()

    def test_refused_without_a_loss(self, databases):
        databases.servers[0].kill()
        done = databases.haops("mysql", "allow-stale", "--yes")
        assert done.returncode == 6 and "m2 may be promoted without a loss" in done.stderr

    def test_accepted(self, databases):
        self.lose(databases)
        before = databases.cib()
        shown = databases.haops("--json", "mysql", "allow-stale")
        assert shown.returncode == 6 and databases.cib() == before
        tree = tree_of(shown)
        assert tree["result"] == "shown" and [node["may"] for node in tree["nodes"]] == [False, False, True]
        done = databases.haops("--json", "mysql", "allow-stale", "--yes")
        assert done.returncode == 0 and tree_of(done)["result"] == "accepted", done.stderr
        status = tree_of(databases.haops("--json", "mysql", "status"))
        assert status["memory"]["stale_allowed"] and [node["promotable"] for node in status["nodes"]] == ["no", "no", "yes"]


class TestManual:
    """--help, the manual page and the program tell of the same commands and options."""

    def test_commands_and_options(self, boxed):
        text = boxed.haops("mysql", "--help").stdout
        commands = re.findall(r"^  ((?:mysql|switchover) [a-z-]+)", text, re.M)
        options = re.findall(r"^  --([a-z-]+)", text, re.M)
        told = MAN.split(".Sh COMMANDS")[1].split(".Sh OPTIONS")
        assert re.findall(r"^\.It Cm ((?:mysql|switchover) [a-z-]+)", told[0], re.M) == commands
        assert re.findall(r"^\.It Fl -([a-z-]+)", told[1].split(".Sh")[0], re.M) == options
        codes = re.findall(r"^\.It (\d+)", MAN.split(".Sh EXIT STATUS")[1].split(".Sh")[0], re.M)
        assert codes == re.findall(r"\b\d+\b", text.split("Exit status:")[1])

    def test_lint(self):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", TREE / "tools" / "mysql" / "haops-mysql.8"],
                              capture_output=True, check=False)
        assert done.stdout == b""


def test_not_installed(boxed):
    """haops alone says which package it takes."""
    boxed.box.run("mv", "/usr/libexec/haops/haops-mysql", "/mnt/")
    done = boxed.haops("mysql", "status")
    boxed.box.run("mv", "/mnt/haops-mysql", "/usr/libexec/haops/")
    assert done.returncode == 3 and "install the package with haops-mysql" in done.stderr
