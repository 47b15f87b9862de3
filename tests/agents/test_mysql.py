# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:mysql, plain, against a real MariaDB: life cycle, identity, what start looks at."""

import os
import re
import shutil
import signal
import subprocess

import mysqllab
import pytest
from mysqllab import DATADIR, LOG, PID, SOCKET
from netlab import wait_until


@pytest.fixture(name="data", scope="session")
def fixture_data():
    """A fresh database to be copied."""
    with mysqllab.template() as made:
        yield made


@pytest.fixture
def box(agents, data):
    """A box with a database in it."""
    made = mysqllab.Box(agents, data)
    yield made
    made.close()


@pytest.fixture
def bare(agents):
    """A box without a database."""
    made = mysqllab.Box(agents)
    yield made
    made.close()


def start(box, params=None, **kwargs):
    """Starts and expects success."""
    done = box.call("start", params or box.params, **kwargs)
    assert done.code == 0, done


def stop(box, params=None, **kwargs):
    """Stops and expects success, and nothing left."""
    done = box.call("stop", params or box.params, **kwargs)
    assert done.code == 0, done
    assert box.servers() == []


def record(box):
    """The lines of the watch record, or None."""
    path = box.path("/run/haops/watch-db")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else None


def test_life_cycle(box):
    assert box.probe(box.params).code == 7
    start(box)
    server = box.server
    assert box.sql("SELECT 1+1") == "2\n"
    assert box.call("monitor", box.params).code == 0
    assert box.level(10, box.params).code == 0
    assert box.probe(box.params).code == 0
    assert box.call("status", box.params).code == 0
    assert f"process {server} " in record(box)[-3]
    assert record(box)[-2] == f"database plain 0 {SOCKET}"
    start(box)
    assert box.server == server
    stop(box)
    assert record(box) is None
    assert not box.path(PID).exists() and not box.path(SOCKET).exists()
    assert box.call("monitor", box.params).code == 7
    stop(box)


def test_server_runs_as_its_user_in_a_session_of_its_own(box):
    start(box)
    status = box.path(f"/proc/{box.server}/status").read_text(encoding="utf-8")
    uid = shutil._get_uid("mysql")
    assert re.search(r"^Uid:\s+(\d+)\s+\1\s+\1\s+\1$", status, re.M).group(1) == str(uid)
    assert "\nGroups:\t" + str(shutil._get_gid("mysql")) in status
    assert box.run("ps", "-o", "sid=", "-p", str(box.server)).stdout.strip() == str(box.server)
    # Nothing of the agent's: log, and what the server itself has opened.
    for fd in ("0", "1", "2"):
        target = os.readlink(box.path(f"/proc/{box.server}/fd/{fd}"))
        assert target == ("/dev/null" if fd == "0" else LOG)
    stop(box)


def test_stop_of_what_never_ran_starts_nothing(box):
    done, made = box.trace("stop", box.params)
    assert (done.code, made) == (0, [])


def test_monitor_and_probe_make_no_process(box):
    assert box.trace("monitor", box.params, {"interval": 0})[1] == []
    start(box)
    for meta, level in (({"interval": 0}, 0), ({}, 0), ({}, 10)):
        done, made = box.trace("monitor", box.params, meta, extra={"OCF_CHECK_LEVEL": str(level)})
        assert (done.code, made) == (0, [])


def test_probe_changes_nothing(box):
    start(box)
    shutil.rmtree(box.path("/run/haops"))
    assert box.probe(box.params).code == 0
    assert not box.path("/run/haops").exists()
    assert box.call("monitor", box.params).code == 0
    assert f"process {box.server} " in record(box)[-3]


def test_probe_needs_nothing_installed(bare):
    """Neither program nor configuration, data or user: not running."""
    params = {**bare.params, "binary": "/no/such/mysqld", "config": "/no/such", "datadir": "/no/such/data",
              "user": "nosuch", "socket": "/no/such/socket", "pid": "/no/such/pid"}
    assert bare.probe(params).code == 7
    assert bare.call("monitor", params).code == 7
    assert bare.call("stop", params).code == 0


@pytest.mark.parametrize("lost", ["record", "pid file", "both", "both and the socket"])
def test_server_is_found_without_files(box, lost):
    start(box)
    server = box.server
    if lost != "pid file":
        shutil.rmtree(box.path("/run/haops"))
    if lost != "record":
        box.path(PID).unlink()
    if "socket" in lost:
        box.path(SOCKET).unlink()
        assert box.call("monitor", box.params).code == 1
    else:
        assert box.call("monitor", box.params).code == 0
        assert f"process {server} " in record(box)[-3]
        start(box)
        assert box.server == server
    stop(box)


def test_server_is_found_after_its_data_directory_was_renamed_away(box):
    """As with a file system that was unmounted lazily under it."""
    box.path("/srv").mkdir(exist_ok=True)
    start(box)
    shutil.rmtree(box.path("/run/haops"))
    box.path(PID).unlink()
    box.path(DATADIR).rename(box.path("/var/lib/elsewhere"))
    assert box.probe(box.params).code == 0
    stop(box)


def test_pid_file_of_somebody_else_is_not_believed(box):
    """The stock agent takes any process of that number for the server, and kills it."""
    other = box.spawn("sh", "-c", "echo $$; exec sleep 1000")
    pid = int(other.stdout.readline())
    box.write(PID, f"{pid}\n")
    assert box.probe(box.params).code == 7
    stop(box)
    assert other.poll() is None
    shutil.rmtree(box.path("/run/mysqld"))
    start(box)
    shutil.rmtree(box.path("/run/haops"))
    box.write(PID, f"{pid}\n")
    assert box.call("monitor", box.params).code == 0
    stop(box)
    assert other.poll() is None
    other.kill()
    other.communicate()


@pytest.mark.parametrize("content", ["", "0", "-1", "1", "99999999999999999999", "x" * 5000, "\n\n7"])
def test_pid_file_with_rubbish(box, content):
    start(box)
    shutil.rmtree(box.path("/run/haops"))
    box.write(PID, content)
    assert box.call("monitor", box.params).code == 0
    stop(box)


def test_two_servers_on_one_node(box, data):
    """Each is found and ended alone, also without files."""
    box.path("/var/lib/second").mkdir()
    box.fill(data, "/var/lib/second")
    shutil.chown(box.path("/var/lib/second"), "mysql", "mysql")
    config = box.config("skip-networking", "/run/box/second.cnf")
    second = {"config": config, "datadir": "/var/lib/second", "socket": "/run/second/s.sock",
              "pid": "/run/second/s.pid", "log": "/var/log/mysql/second.log"}
    start(box)
    first = box.server
    assert box.call("start", second, instance="second").code == 0
    assert len(box.servers()) == 2
    shutil.rmtree(box.path("/run/haops"))
    box.path(PID).unlink()
    box.path("/run/second/s.pid").unlink()
    assert box.call("monitor", second, instance="second").code == 0
    assert box.call("stop", second, instance="second").code == 0
    assert box.servers() == [first]
    assert box.call("monitor", box.params).code == 0
    stop(box)


def test_server_that_was_started_by_hand_is_adopted(box):
    box.path("/run/mysqld").mkdir()
    shutil.chown(box.path("/run/mysqld"), "mysql", "mysql")
    other = box.spawn("mariadbd", "--defaults-file=/run/box/my.cnf", f"--datadir={DATADIR}", f"--socket={SOCKET}",
                      "--user=mysql")
    wait_until(lambda: box.path(SOCKET).exists(), "the server's socket", 30)
    assert wait_until(lambda: box.probe(box.params).code == 0, "probe", 10)
    start(box)
    assert box.call("monitor", box.params).code == 0
    stop(box)
    other.communicate(timeout=10)


def test_mysqld_safe_does_not_bring_it_back(box):
    """A server of the stock agent's: its guard would start it again when it is killed."""
    box.path("/run/mysqld").mkdir()
    shutil.chown(box.path("/run/mysqld"), "mysql", "mysql")
    box.config(f"datadir={DATADIR}\nsocket={SOCKET}\npid-file={PID}")
    guard = box.spawn("/usr/bin/mysqld_safe", "--defaults-file=/run/box/my.cnf")
    wait_until(lambda: box.path(SOCKET).exists(), "the server's socket", 30)
    box.kill(box.server, signal.SIGSTOP)
    assert box.call("monitor", box.params, {"timeout": 3000}).code == 1
    done = box.call("stop", box.params, {"timeout": 20000})
    assert done.code == 0, done
    assert box.servers() == []
    guard.communicate(timeout=10)
    assert box.run("pgrep", "-f", "mysqld_safe", check=False).stdout == ""


def test_demote_of_what_was_promotable_once(box):
    """Pacemaker demotes what was taken out of its configuration. A server that is closed has no role left; of one that
    is open it was never said that it is a primary."""
    start(box)
    assert box.call("demote", box.params).code == 3
    box.sql("SET GLOBAL read_only = ON")
    done = box.call("demote", box.params)
    assert (done.code, done.reason) == (0, ""), done
    assert box.call("monitor", box.params).code == 0
    stop(box)
    assert box.call("demote", box.params).code == 0


def test_crash_is_noticed_and_recovered(box):
    start(box)
    box.sql("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO d.t VALUES (42)")
    box.kill_and_wait(box.server)
    assert box.call("monitor", box.params).code == 7
    stop(box)
    assert not box.path(SOCKET).exists() and not box.path(PID).exists()
    start(box)
    assert box.sql("SELECT a FROM d.t") == "42\n"
    stop(box)


# What start looks at ---------------------------------------------------------------------------


def refused(box, params, code, *words):
    """start fails with this code and a reason with these words, and no server runs."""
    done = box.call("start", params)
    assert done.code == code, done
    assert all(word in done.reason for word in words), done
    assert len(done.reason.encode()) <= 128, done
    assert box.servers() == []
    assert record(box) is None
    assert box.call("stop", params).code == 0


def test_start_without_data(bare):
    refused(bare, bare.params, 1, DATADIR, "is empty", "mounted")
    bare.path(DATADIR).joinpath("lost+found").mkdir()
    refused(bare, bare.params, 1, DATADIR, "is empty")
    bare.path(DATADIR).joinpath("pictures").mkdir()
    refused(bare, bare.params, 1, DATADIR, "no database", "pictures")
    refused(bare, {**bare.params, "enable_creation": "1"}, 1, "no database")
    refused(bare, {**bare.params, "datadir": "/var/lib/none"}, 5, "/var/lib/none", "not there")
    bare.write("/var/lib/file", "x")
    refused(bare, {**bare.params, "datadir": "/var/lib/file"}, 5, "/var/lib/file")


def test_start_with_data_of_somebody_else(box):
    box.run("chown", "-R", "root:root", DATADIR)
    refused(box, box.params, 4, DATADIR, "belongs to root", "chown")
    box.run("chown", "-R", "mysql:mysql", DATADIR)
    box.run("chown", "root:root", f"{DATADIR}/ibdata1")
    refused(box, box.params, 4, "ibdata1", "belongs to root")
    box.run("chown", "mysql:mysql", f"{DATADIR}/ibdata1")
    start(box)
    stop(box)


@pytest.mark.parametrize("params, code, words", [
    ({"config": "/no/such.cnf"}, 5, ["/no/such.cnf"]),
    ({"binary": "/no/such/mysqld"}, 5, ["/no/such/mysqld"]),
    ({"binary": "/etc/passwd"}, 5, ["/etc/passwd"]),
    ({"user": "nosuchuser"}, 5, ["nosuchuser"]),
    ({"group": "nosuchgroup"}, 5, ["nosuchgroup"]),
    ({"socket": "/proc/x/s.sock"}, 1, ["/proc/x"]),
    ({"log": "/proc/x/log"}, 1, ["/proc/x"]),
])
def test_start_with_what_is_not_there(box, params, code, words):
    refused(box, {**box.params, **params}, code, *words)
    done = box.call("validate-all", {**box.params, **params}, extra={"OCF_CHECK_LEVEL": "10"})
    assert done.code == (code if code == 5 else 0), done


@pytest.mark.parametrize("line, word", [
    ("no_such_option=1", "no_such_option"),
    ("innodb_page_size=8192", "page"),
    ("port=1", "Permission denied"),
])
def test_start_with_a_broken_configuration(box, line, word):
    """The reason is the server's own."""
    box.config(line)
    refused(box, box.params, 1, "does not start", word)


def test_start_where_the_port_is_taken(box):
    other = box.spawn("python3", "-c", "import socket, time; s = socket.create_server(('127.0.0.1', 3306)); "
                      "print('ready', flush=True); time.sleep(1000)")
    assert other.stdout.readline() == "ready\n"
    refused(box, box.params, 1, "does not start", "Address already in use")
    other.kill()
    other.communicate()


def test_log_that_belongs_to_root_or_is_a_link(box):
    box.path("/var/log/mysql").mkdir()
    box.write(LOG, "old\n")
    box.path(LOG).chmod(0o600)
    start(box)
    assert box.path(LOG).stat().st_uid == shutil._get_uid("mysql")
    assert box.path(LOG).read_text(encoding="utf-8").startswith("old\n")
    stop(box)
    box.path(LOG).unlink()
    box.write("/var/log/real.log", "")
    shutil.chown(box.path("/var/log/real.log"), "mysql")
    box.path(LOG).symlink_to("/var/log/real.log")
    start(box)
    stop(box)
    assert "ready for connections" in box.path("/var/log/real.log").read_text(encoding="utf-8")


def test_binary_itself_and_additional_parameters(box):
    params = {**box.params, "binary": "/usr/sbin/mariadbd",
              "additional_parameters": "--max-connections=17 '--init-connect=SET @a = 1'"}
    start(box, params)
    assert box.sql("SELECT @@max_connections, @@init_connect") == "17\tSET @a = 1\n"
    stop(box, params)


# Creation --------------------------------------------------------------------------------------


def test_creation(bare):
    params = {**bare.params, "enable_creation": "1"}
    start(bare, params, meta={"timeout": 60000})
    assert bare.sql("SELECT COUNT(*) FROM mysql.user") != ""
    stop(bare, params)
    start(bare, params)
    stop(bare, params)


def test_no_creation_where_a_mount_is_missing(bare):
    """An empty folder of root's, one that fstab(5) has a file system for, one that is not on the device."""
    params = {**bare.params, "enable_creation": "1"}
    shutil.chown(bare.path(DATADIR), "root", "root")
    refused(bare, params, 1, DATADIR, "no mount point")
    shutil.chown(bare.path(DATADIR), "mysql", "mysql")
    fstab(bare, f"/dev/drbd0 {DATADIR} ext4 noauto 0 0\n")
    refused(bare, params, 1, "/etc/fstab", DATADIR, "not mounted")
    fstab(bare, "/dev/drbd0 /var/lib ext4 noauto 0 0\n")
    refused(bare, {**params, "device": DATADIR}, 1, "parameter device")
    refused(bare, {**params, "device": "/dev/no/such"}, 1, "/dev/no/such")
    assert list(bare.path(DATADIR).iterdir()) == []


def fstab(box, text):
    """Another /etc/fstab in the box."""
    box.write("/run/box/fstab", text)
    box.run("mount", "--bind", "/run/box/fstab", "/etc/fstab")


def test_creation_on_a_mount_of_its_own(bare):
    """The root of a new file system belongs to root: it is given to the server."""
    bare.run("mount", "-t", "tmpfs", "none", DATADIR)
    fstab(bare, f"none {DATADIR} tmpfs noauto 0 0\n")
    params = {**bare.params, "enable_creation": "1", "device": DATADIR}
    start(bare, params, meta={"timeout": 60000})
    stop(bare, params)


def test_device(box):
    """Data that lies where its mount should be is not started on."""
    refused(box, {**box.params, "device": DATADIR}, 1, "parameter device")
    params = {**box.params, "device": "/var/lib"}
    start(box, params)
    stop(box, params)


# What it costs and tells -----------------------------------------------------------------------


def test_secrets_are_nowhere(box):
    """Not in arguments, environment of the server, log or trace."""
    start(box)
    box.sql("CREATE USER t@localhost IDENTIFIED BY 'sEcReT-1'; GRANT SELECT ON mysql.* TO t@localhost")
    params = {**box.params, "test_user": "t", "test_passwd": "sEcReT-1", "replication_passwd": "sEcReT-2"}
    assert box.level(10, params).code == 0
    stop(box)
    done = box.call("start", params, extra={"OCF_TRACE_RA": "1", "OCF_TRACE_FILE": "/run/box/trace", "HA_debug": "1"})
    assert done.code == 0, done
    assert "test_passwd" in box.path("/run/box/trace").read_text(encoding="utf-8")
    assert "sEcReT" not in repr(done) + box.path("/run/box/trace").read_text(encoding="utf-8")
    for file in ("cmdline", "environ"):
        text = box.path(f"/proc/{box.server}/{file}").read_bytes()
        assert text and b"sEcReT" not in text and b"OCF_" not in text
    wrong = box.level(10, {**params, "test_passwd": "sEcReT-3"})
    assert wrong.code == 1 and "sEcReT" not in repr(wrong)
    stop(box)


def test_test_table(box):
    start(box)
    params = {**box.params, "test_table": "d.t"}
    done = box.level(10, params)
    assert done.code == 1 and "d.t" in done.reason, done
    box.sql("CREATE DATABASE d; CREATE TABLE d.t (a INT)")
    assert box.level(10, params).code == 0
    assert box.call("monitor", params).code == 0
    done = box.call("start", {**params, "test_user": "nobody", "test_passwd": "x"})
    assert done.code == 1, done
    stop(box)


def test_account_that_is_refused_is_an_answer(box):
    """Root of the host may not log in, as with MySQL: that the server serves is still seen."""
    start(box)
    box.sql("ALTER USER root@localhost IDENTIFIED BY 'other'; FLUSH PRIVILEGES")
    assert box.call("monitor", box.params).code == 0
    assert box.level(10, box.params).code == 1
    assert box.level(10, {**box.params, "test_passwd": "other"}).code == 0
    start(box)
    stop(box)
    start(box)
    stop(box)


def test_too_many_connections_are_no_failure(box):
    start(box)
    box.sql("SET GLOBAL max_connections=10")
    held = [box.spawn("mariadb", "--no-defaults", f"-S{SOCKET}", "-uroot", "-e", "SELECT SLEEP(100)")
            for _ in range(15)]
    wait_until(lambda: "Too many connections" in box.run(
        "mariadb", "--no-defaults", f"-S{SOCKET}", "-uroot", "-e", "SELECT 1", check=False).stderr, "no more room")
    assert box.call("monitor", box.params).code == 0
    assert box.level(10, box.params).code == 0
    stop(box)
    for one in held:
        one.communicate(timeout=10)


def test_ocf_tester(box):
    params = [item for name, value in box.params.items() for item in ("-o", f"{name}={value}")]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "OCF_ROOT": "/usr/lib/ocf",
                   "LD_LIBRARY_PATH": str(box.agent.libraries)}
    done = box.run("ocf-tester", "-n", "db", *params, str(box.agent.program), check=False, timeout=120, env=environment)
    assert done.returncode == 0 and "passed all tests" in done.stdout, done.stdout + done.stderr


def test_meta_data_is_valid(box):
    text = subprocess.run([box.agent.program, "meta-data"], capture_output=True, text=True, check=True,
                          env=box.agent.environment({})).stdout
    assert '<resource-agent name="mysql"' in text
