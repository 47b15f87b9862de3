# SPDX-License-Identifier: GPL-2.0-or-later
"""haopsd and its helper haopsd-mysql with real MariaDB servers, without a cluster: what is noticed, how soon, and
what is none of its business."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "mysql"))

from servers import Box, Server, make_template  # noqa: E402  # pylint: disable=wrong-import-position

BUILD = pathlib.Path(os.environ.get("HAOPS_BUILD", TREE / "build")) / "main"
HELPERS = ("haopsd-mysql", "haopsd-ipc")
WAIT_S = 20
STUCK_MS = 2000
SEMI_SYNC = ("--rpl-semi-sync-master-enabled=1", "--rpl-semi-sync-master-timeout=18446744073709551615",
             "--rpl-semi-sync-master-wait-point=AFTER_SYNC")


def helper_folder():
    """Where haopsd looks for its helpers, as it was built."""
    return pathlib.Path(re.search(rb"(/[^\0]*)/haopsd-mysql\0", (BUILD / "haopsd/haopsd").read_bytes()).group(1).decode())


def put_helpers(box):
    """The helpers at their place, which is there in the box only."""
    folder = helper_folder()
    parent = next(path for path in folder.parents if path.exists())
    box.run("mount", "-t", "tmpfs", "tmpfs", parent)
    box.run("mkdir", "-p", folder)
    for name in HELPERS:
        assert (BUILD / name).exists(), f"no {BUILD / name}: run make, or set HAOPS_BUILD"
        box.run("cp", BUILD / name, folder)


class Watch:
    """A haopsd in the box, and the records that an agent would put."""

    def __init__(self, box, folder):
        self.box, self.run_dir = box, folder / "run"
        self.run_dir.mkdir(mode=0o700)
        conf = folder / "haopsd.conf"
        conf.write_text("disk_path off\n", encoding="utf-8")
        self.log = ""
        self.process = box.start(BUILD / "haopsd/haopsd", "--foreground", "--config", conf, "--run-dir", self.run_dir,
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.wait("started, process")

    def take(self, wait_s):
        """Reads what came, for so long at most."""
        select.select([self.process.stderr], [], [], max(wait_s, 0))
        try:
            self.log += os.read(self.process.stderr.fileno(), 65536).decode()
        except BlockingIOError:
            pass

    def wait(self, pattern, since=0, limit_s=WAIT_S):
        """Until the log has it behind that place; how many seconds that took."""
        begin = time.monotonic()
        while not re.search(pattern, self.log[since:]):
            left_s = begin + limit_s - time.monotonic()
            assert left_s > 0, f"not within {limit_s} s: {pattern}\n{self.log}"
            self.take(left_s)
        return time.monotonic() - begin

    def quiet(self, seconds):
        """Nothing of a database is told for so long; that this time passes is what is tested."""
        since = len(self.log)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.take(end - time.monotonic())
        assert not re.search("database", self.log[since:], re.I), self.log[since:]

    def put(self, server, role, stuck_ms=0, name=None):
        """A record about a server; returns once its helper is connected."""
        name = name or f"db{server.number}"
        text = ("haops-watch 1\n" f"resource {name}\n" "provider haops\nagent mysql\npacemaker 1\nnetns -\nlease 0\n"
                f"database {role} {stuck_ms} {server.socket}\nend\n")
        new = self.run_dir / f"watch-{name}.1~"
        new.write_text(text, encoding="utf-8")
        new.chmod(0o600)
        new.rename(self.run_dir / f"watch-{name}")
        return name

    def remove(self, name):
        """What an agent does before it stops anything."""
        (self.run_dir / f"watch-{name}").unlink()

    def helpers(self):
        """Processes of the helper."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in children.read_text(encoding="utf-8").split()]
        return [pid for pid in pids if pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8") == "haopsd-mysql\n"]

    def status(self):
        """What "haops status" shows of the watched resources, by name."""
        done = self.box.run(BUILD / "haops", "status", "--json", check=False)
        return {entry["name"]: entry for entry in json.loads(done.stdout)["watched"]}

    def wait_whole(self, name):
        """Until it is not lost any more."""
        deadline = time.monotonic() + WAIT_S
        while self.status()[name]["lost"]:
            assert time.monotonic() < deadline, f"{name} stays lost\n{self.log}"
            self.take(0.1)

    def close(self):
        """Ends it."""
        self.process.kill()
        self.process.wait(WAIT_S)
        self.process.stderr.close()


@pytest.fixture(scope="module", name="box")
def fixture_box():
    """The namespaces of all servers, with the helpers and a template of a data folder."""
    made = Box()
    put_helpers(made)
    made.template = make_template(made)
    yield made
    made.close()


@pytest.fixture(name="make")
def fixture_make(box):
    """Makes servers: make(option...); all end with the test."""
    made = []

    def start(*options):
        made.append(Server(box, len(made) + 1, box.template))
        return made[-1].start(*options)

    yield start
    for server in made:
        if server.process and server.process.poll() is None:
            server.process.send_signal(signal.SIGCONT)
        server.close()


@pytest.fixture(name="pair")
def fixture_pair(make):
    """A writable primary with semi-synchronous replication, and a replica that acknowledges."""
    primary = make(*SEMI_SYNC)
    replica = make("--rpl-semi-sync-slave-enabled=1")
    primary.sql("SET GLOBAL read_only=0")
    replica.follow(primary)
    return primary, replica


@pytest.fixture(name="watch")
def fixture_watch(box, tmp_path):
    """A haopsd."""
    made = Watch(box, tmp_path)
    yield made
    made.close()


def sessions(server):
    """Sessions of root: ours, that asks, is the newest one."""
    return [int(row[0]) for row in server.sql(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER='root' AND ID <> CONNECTION_ID()")]


def wait_connected(server):
    """Until the helper has its connection; its number."""
    deadline = time.monotonic() + WAIT_S
    while not (found := sessions(server)):
        assert time.monotonic() < deadline, "the helper does not connect"
        time.sleep(0.02)
    return found[0]


def test_stopped_applier(watch, pair):
    """Within 2.5 s, with the reason in the status; whole again when it runs."""
    replica = pair[1]
    name = watch.put(replica, "replica")
    wait_connected(replica)
    watch.quiet(3)
    replica.sql("STOP SLAVE SQL_THREAD")
    took = watch.wait(f"{name}: database {replica.socket} does not replicate: its applier is stopped")
    print(f"stopped applier noticed after {took:.2f} s")
    assert took <= 2.5
    entry = watch.status()[name]
    assert entry["lost"] and "its applier is stopped" in entry["reason"]
    replica.sql("START SLAVE SQL_THREAD")
    watch.wait_whole(name)


def test_applier_with_an_error(watch, pair):
    """The server's own words are in it."""
    primary, replica = pair
    name = watch.put(replica, "replica")
    wait_connected(replica)
    replica.sql("SET SESSION sql_log_bin=0; INSERT INTO test.t VALUES (7, 'x')")
    primary.sql("INSERT INTO test.t VALUES (7, 'y')")
    took = watch.wait(rf"{name}: .*its applier is stopped, error 1062: ")
    assert took <= 3


def test_repointed_again_and_again(watch, pair):
    """Threads that are stopped for an instant are no loss, and neither is a receiver that restarts."""
    replica = pair[1]
    watch.put(replica, "replica")
    wait_connected(replica)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        replica.sql("STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID=slave_pos; START SLAVE")
    watch.quiet(1)
    assert "database" not in watch.log


def test_dead_primary_is_no_loss_of_its_replica(watch, pair):
    """Its receiver tries to connect, until somebody tells it another one."""
    primary, replica = pair
    watch.put(replica, "replica")
    wait_connected(replica)
    primary.kill()
    watch.quiet(6)
    assert replica.threads() == ("Connecting", "Yes")
    replica.sql("STOP SLAVE; START SLAVE")
    watch.quiet(2)


def test_no_source_any_more(watch, pair):
    replica = pair[1]
    name = watch.put(replica, "replica")
    wait_connected(replica)
    watch.quiet(1)
    replica.sql("STOP SLAVE; RESET SLAVE ALL")
    watch.wait(f"{name}: .* it has no source")


@pytest.mark.parametrize("role, statement, text", [
    ("primary", "SET GLOBAL read_only=1", "is read-only, and should be the primary"),
    ("replica", "SET GLOBAL read_only=0", "is writable, and should be a replica"),
])
def test_wrong_role(watch, pair, role, statement, text):
    """Within two seconds; a record with the other role puts an end to it."""
    server = pair[role == "replica"]
    name = watch.put(server, role)
    wait_connected(server)
    watch.quiet(1.5)
    server.sql(statement)
    took = watch.wait(f"{name}: database {server.socket} {text}")
    print(f"wrong role noticed after {took:.2f} s")
    assert took <= 2
    watch.put(server, "plain")
    watch.wait_whole(name)
    watch.quiet(2)


def test_commits_without_an_acknowledgement(watch, pair):
    """Only when none gets one: many that wait a moment each are a busy server."""
    primary, replica = pair
    watch.put(primary, "primary", STUCK_MS)
    wait_connected(primary)
    busy = primary.session("SET @i=0", *["INSERT INTO test.t(v) VALUES (1)"] * 3000)
    watch.quiet(4)
    busy.kill()
    replica.sql("STOP SLAVE IO_THREAD")
    client = primary.session("INSERT INTO test.t(v) VALUES (2)")
    took = watch.wait(f"database {primary.socket} does not commit: [12] wait for a replica, none got it for [23] s")
    print(f"commit that waits noticed after {took:.2f} s, {STUCK_MS} ms of it allowed")
    assert took <= STUCK_MS / 1000 + 2
    watch.quiet(3)
    replica.sql("START SLAVE IO_THREAD")
    watch.wait(f"Database {primary.socket} commits again")
    assert client.poll() is None, "it is told, and is no loss"


def test_commits_may_wait_where_no_limit_is_given(watch, pair):
    primary, replica = pair
    watch.put(primary, "primary")
    wait_connected(primary)
    replica.sql("STOP SLAVE IO_THREAD")
    primary.session("INSERT INTO test.t(v) VALUES (2)")
    watch.quiet(4)


def test_stopped_server(watch, make):
    """Within 6 s, and haopsd is not held up: it goes on with another server."""
    server, other = make(), make()
    name, other_name = watch.put(server, "plain"), watch.put(other, "plain")
    wait_connected(server)
    wait_connected(other)
    watch.quiet(1)
    server.process.send_signal(signal.SIGSTOP)
    took = watch.wait(f"{name}: database {server.socket} takes connections and does not answer")
    print(f"stopped server noticed after {took:.2f} s")
    assert took <= 6
    watch.put(other, "primary")
    assert watch.wait(f"{other_name}: .*is read-only") <= 2
    server.process.send_signal(signal.SIGCONT)
    watch.wait_whole(name)
    assert "stood still" not in watch.log


def test_server_that_takes_no_connections(watch, make):
    """One that answered, and listens no more though it lives: as when its end takes long."""
    server = make()
    name = watch.put(server, "plain")
    wait_connected(server)
    watch.quiet(1)
    watch.box.run("rm", server.socket)
    # The connection that is there goes on.
    watch.quiet(2)
    server.process.send_signal(signal.SIGKILL)
    watch.wait(f"{name}: database {server.socket} takes no connections any more")


def test_server_that_never_answered_is_unknown(watch, make):
    """As with a socket that haopsd cannot see."""
    server = make()
    server.socket = server.dir / "elsewhere"
    watch.put(server, "primary")
    watch.wait("Database .* cannot be watched now: .*elsewhere")
    watch.quiet(3)


def test_account_that_may_not_is_unknown(watch, make):
    server = make()
    server.sql("SET SESSION sql_log_bin=0; CREATE USER w@localhost IDENTIFIED BY 'w'; GRANT ALL ON *.* TO w@localhost; "
               "ALTER USER root@localhost IDENTIFIED BY 'secret'")
    watch.put(server, "primary")
    watch.wait("Database .* cannot be watched now: .*1045")
    watch.quiet(3)
    assert "secret" not in watch.log
    server.client("ALTER USER root@localhost IDENTIFIED BY ''", "--user=w", "--password=w")
    watch.wait("is watched again")
    watch.wait("is read-only, and should be the primary")


def kill_sessions(server):
    """Ends the helper's, of which there are two for a moment when it comes anew; their numbers."""
    ended = sessions(server)
    for session in ended:
        server.sql("DELIMITER //\nBEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; " f"KILL {session}; END//")
    return ended


def test_one_connection_that_may_be_ended(watch, pair):
    """One that is made anew every five seconds; one that somebody ends is made anew, and is no loss."""
    primary = pair[0]
    name = watch.put(primary, "primary")
    used = {wait_connected(primary)}
    end = time.monotonic() + 7
    while time.monotonic() < end:
        watch.quiet(0.2)
        some = sessions(primary)
        assert 1 <= len(some) <= 2
        used |= set(some)
    assert 2 <= len(used) <= 3
    killed = set()
    for _ in range(3):
        killed |= set(kill_sessions(primary))
        watch.quiet(1.2)
        wait_connected(primary)
    assert "database" not in watch.log
    watch.remove(name)
    deadline = time.monotonic() + WAIT_S
    while watch.helpers() or sessions(primary):
        assert time.monotonic() < deadline, "the helper stays"
        time.sleep(0.02)
    assert set(map(int, re.findall(r"Aborted connection (\d+) ", primary.log()))) <= killed


def boot_ms():
    """The clock of what is told to monitors."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)


def wait_seen(watch, name, is_wanted, limit_s=WAIT_S):
    """Until what monitors are told is so: (asked at, let in at, waiting, acknowledged, place), or None."""
    deadline = time.monotonic() + limit_s
    while True:
        try:
            head, place = (watch.run_dir / f"mysql-seen-{name}").read_text(encoding="utf-8").split("\n")
            found = (*map(int, head.split()), place)
        except FileNotFoundError:
            found = None
        if is_wanted(found):
            return found
        assert time.monotonic() < deadline, f"monitors are told {found}\n{watch.log}"
        time.sleep(0.02)


def test_monitors_are_told_of_servers_in_their_places(watch, pair):
    """What was asked after the record was there, as long as it is so; and nothing once it is watched no more."""
    for server, role in zip(pair, ("primary", "replica")):
        begin = boot_ms()
        name = watch.put(server, role)
        first = wait_seen(watch, name, lambda found: found)
        assert first[0] >= begin and first[1] >= begin and first[4][0] == role[0].upper()
        later = wait_seen(watch, name, lambda found, at=first: found and found[0] > at[0] and found[1] > at[1])
        assert later[4] == first[4] and boot_ms() - later[1] < 8000
        watch.remove(name)
        wait_seen(watch, name, lambda found: found is None)


def test_monitors_are_told_nothing_of_others(watch, pair):
    """Not of one that does not replicate, has a row of its own to tell, changed its role, or does not answer."""
    primary, replica = pair
    name = watch.put(replica, "replica")
    first = wait_seen(watch, name, lambda found: found)
    replica.sql("SET SESSION sql_log_bin=1; INSERT INTO test.t VALUES (9, 'x')")
    assert wait_seen(watch, name, lambda found: found and found[4] != first[4], 3)
    replica.sql("STOP SLAVE SQL_THREAD")
    wait_seen(watch, name, lambda found: found is None, 3)
    name = watch.put(primary, "primary")
    wait_seen(watch, name, lambda found: found)
    primary.sql("SET GLOBAL read_only=1")
    wait_seen(watch, name, lambda found: found is None, 3)
    primary.sql("SET GLOBAL read_only=0")
    wait_seen(watch, name, lambda found: found)
    primary.process.send_signal(signal.SIGSTOP)
    stopped = boot_ms()
    wait_seen(watch, name, lambda found: found is None or boot_ms() - found[0] > 3000, 5)
    wait_seen(watch, name, lambda found: found is None or found[0] <= stopped)
    primary.process.send_signal(signal.SIGCONT)
    wait_seen(watch, name, lambda found: found and found[0] > stopped)


def test_newcomers_that_are_not_let_in(watch, pair):
    """Whoever is in is still looked at; when somebody was let in last is told as it is."""
    primary = pair[0]
    name = watch.put(primary, "primary")
    first = wait_seen(watch, name, lambda found: found)
    primary.sql("SET GLOBAL max_connections=10")
    crowd = [primary.session("SELECT SLEEP(60)") for _ in range(15)]
    late = wait_seen(watch, name, lambda found: found and found[0] - found[1] > 8000)
    assert late[1] - first[1] < 8000 and late[4] == first[4]
    assert "database" not in watch.log
    for client in crowd:
        client.kill()
    wait_seen(watch, name, lambda found: found and found[1] > late[0])


def test_locked_server_answers(watch, pair):
    """Locks of others hold up no look."""
    primary, replica = pair
    watch.put(primary, "primary")
    watch.put(replica, "replica")
    wait_connected(replica)
    for server in pair:
        server.session("FLUSH TABLES WITH READ LOCK")
    primary.session("CREATE TABLE test.u (i INT)")
    watch.quiet(5)


def test_stopped_helper_tells_nothing(watch, pair):
    """It found nothing while it was stopped; what lasts is found then."""
    replica = pair[1]
    name = watch.put(replica, "replica")
    wait_connected(replica)
    watch.quiet(1)
    helper, = watch.helpers()
    for pause_s in (1, 4):
        os.kill(helper, signal.SIGSTOP)
        watch.quiet(pause_s)
        os.kill(helper, signal.SIGCONT)
        watch.quiet(1.2)
    os.kill(helper, signal.SIGSTOP)
    replica.sql("STOP SLAVE SQL_THREAD")
    watch.quiet(3)
    os.kill(helper, signal.SIGCONT)
    watch.wait(f"{name}: .*its applier is stopped")
    assert watch.helpers() == [helper]


def test_haopsd_that_stood_still_tells_nothing(watch, pair):
    """The answer that came meanwhile is there: the helper was not silent, we were."""
    watch.put(pair[1], "replica")
    wait_connected(pair[1])
    watch.quiet(1)
    before = watch.helpers()
    watch.process.send_signal(signal.SIGSTOP)
    time.sleep(9)  # what is tested is that this time passes
    watch.process.send_signal(signal.SIGCONT)
    watch.wait("stood still for")
    watch.quiet(2)
    assert watch.helpers() == before


def test_killed_helper_tells_nothing_and_comes_back(watch, pair):
    replica = pair[1]
    name = watch.put(replica, "replica")
    for _ in range(3):
        wait_connected(replica)
        helper, = watch.helpers()
        since = len(watch.log)
        os.kill(helper, signal.SIGKILL)
        watch.wait("helper that watches database .* ended; it is started again", since)
        deadline = time.monotonic() + WAIT_S
        while not watch.helpers():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert f"{name}: " not in watch.log
    replica.sql("STOP SLAVE SQL_THREAD")
    watch.wait(f"{name}: .*its applier is stopped")


def test_stop_of_a_server_is_no_loss(watch, pair):
    """As an agent does it: the record goes first."""
    replica = pair[1]
    for _ in range(5):
        name = watch.put(replica, "replica")
        wait_connected(replica)
        watch.remove(name)
        replica.sql("STOP SLAVE; SET GLOBAL read_only=0")
        watch.quiet(1)
        replica.sql("START SLAVE; SET GLOBAL read_only=1")
    replica.kill()
    watch.quiet(1)
    assert f"{name}: " not in watch.log


def test_helper_ends_with_haopsd(watch, make):
    server = make()
    watch.put(server, "plain")
    wait_connected(server)
    helper, = watch.helpers()
    os.kill(helper, signal.SIGSTOP)
    watch.process.kill()
    deadline = time.monotonic() + WAIT_S
    while pathlib.Path(f"/proc/{helper}").exists():
        assert time.monotonic() < deadline, "the helper stays"
        time.sleep(0.02)
