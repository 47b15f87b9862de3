# SPDX-License-Identifier: GPL-2.0-or-later
"""One shared cluster, that of examples/nginx-proxy, for all scenarios; a table of what the visitor
saw at the end, which is also written to build/logs/scenarios.json. Those of MySQL
(test_mysql_*.py), of haopsd (test_haopsd_*.py) and of the file server (test_files_*.py) come last and have shared clusters of their own.

HAOPS_STAGE names the staged install (default build/stage). --stock runs the stock agents instead,
for comparison; what they get wrong fails then, and a node may stay ill for what follows.
"""
import json
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "lab"))
os.environ.setdefault("HAOPS_LAB_LOGS", str(TREE / "build" / "logs" / "scenarios"))

import pytest  # noqa: E402
from haopslab import LabError, mysql, mysqlconf, mysqltrial, proxy, storage  # noqa: E402
from haopslab.pytest_plugin import *  # noqa: E402,F403
from haopslab.pytest_plugin import LabSession, guarded  # noqa: E402

import daemons as haopsd  # noqa: E402
from scenario import Scenario  # noqa: E402

ROWS = pytest.StashKey[list]()
OUTCOMES = pytest.StashKey[list]()


def pytest_addoption(parser):
    """Adds --stock, --long and --mysql-agent."""
    parser.addoption("--long", action="store_true", help="faults that differ little from others, too")
    parser.addoption("--stock", action="store_true", help="agents of package resource-agents")
    parser.addoption("--mysql-agent", choices=list(mysqlconf.AGENTS), default="haops",
                     help="who manages MySQL; mysql and mariadb are the stock agents of these names")


def pytest_configure(config):
    """The table starts empty."""
    config.addinivalue_line("markers", "long: runs with --long only")
    config.stash[ROWS] = []
    config.stash[OUTCOMES] = []


class ProxySession(LabSession):
    """The shared cluster with the proxy on it."""

    def get(self):
        if self._cluster is None:
            self._cluster = proxy.start(**self._options)
        return self._cluster


@pytest.fixture(scope="session")
def lab_session(request):
    """Keeper of the shared cluster."""
    session = ProxySession({"name": f"scenario-{os.getpid()}",
                            "is_stock": request.config.getoption("--stock")})
    yield session
    session.discard()


class DaemonSession(LabSession):
    """The shared cluster for the scenarios of haopsd."""

    def get(self):
        if self._cluster is None:
            self._cluster = haopsd.start(**self._options)
        return self._cluster


def pytest_collection_modifyitems(config, items):
    """MySQL's, haopsd's and the file server's scenarios last, so that the clusters follow each other; without --long those marked so are left out."""
    left = [] if config.getoption("--long") else [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]
    items.sort(key=lambda item: item.path.name.startswith(("test_mysql", "test_haopsd", "test_files")))


class DatabaseSession(LabSession):
    """The shared cluster for the scenarios of MySQL. It is thrown away when it does not get whole."""

    def get(self):
        if self._cluster is None:
            self._database = mysql.start(**self._options)
            self._cluster = self._database.cluster
        return self._cluster

    def database(self):
        """The same as a database."""
        self.get()
        return self._database


@pytest.fixture(scope="session")
def database_session(lab_session, request):
    """Keeper of the MySQL cluster; the proxy's is not needed any more."""
    agent = request.config.getoption("--mysql-agent")
    try:
        mysql.options_of(mysqlconf.AGENTS[agent])
    except LabError as error:
        pytest.skip(str(error))
    lab_session.discard()
    session = DatabaseSession({"name": f"mysql-{os.getpid()}", "agent": agent,
                               "monitor_s": mysqltrial.MONITOR_S})
    yield session
    session.discard()


@pytest.fixture
def database(database_session, request):
    """Three nodes with MariaDB, one of them primary: whole before the test, and after it."""
    is_passed = False
    try:
        for _cluster in guarded(database_session, request):
            made = database_session.database()
            yield made
            report = getattr(request.node, "lab_report", None)
            is_passed = report is None or report.passed
            if is_passed:
                made.wait_healthy()
                made.purge()
    finally:
        if not is_passed:  # what is left in its data is no matter of the next test
            database_session.discard()


@pytest.fixture
def suffered(database, request):
    """A function that makes the database suffer a fault, and keeps what came of it for the table."""
    def suffer(fault):
        outcome = mysqltrial.suffer(database, fault)
        request.config.stash[OUTCOMES].append(outcome)
        print(outcome)
        return outcome
    return suffer


@pytest.fixture(scope="session")
def daemon_session(lab_session, request):
    """Keeper of haopsd's cluster; the other one is not needed any more."""
    if request.config.getoption("--stock"):
        pytest.skip("there is no other haopsd")
    lab_session.discard()
    session = DaemonSession({"name": f"haopsd-{os.getpid()}"})
    yield session
    session.discard()


@pytest.fixture
def daemons(daemon_session, request):
    """haopsd on three nodes: well before the test, and after it as if nothing had been."""
    for cluster in guarded(daemon_session, request):
        made = haopsd.Daemons(cluster)
        made.begin()
        yield made
        report = getattr(request.node, "lab_report", None)
        if report is None or report.passed:
            made.end()


class FileSession(LabSession):
    """The shared cluster for the scenarios of the file server."""

    def get(self):
        if self._cluster is None:
            self.files = storage.start(**self._options)
            self._cluster = self.files.cluster
        return self._cluster


@pytest.fixture(scope="session")
def file_session(lab_session, request):
    """Keeper of the file server's cluster; the proxy's is not needed any more."""
    lab_session.discard()
    session = FileSession({"name": f"files-{os.getpid()}",
                           "agents": "stock" if request.config.getoption("--stock") else "haops"})
    yield session
    session.discard()


@pytest.fixture
def files(file_session, request):
    """Two virtual machines that serve files: whole before the test, and after it."""
    is_passed = False
    try:
        for _cluster in guarded(file_session, request):
            yield file_session.files
            report = getattr(request.node, "lab_report", None)
            is_passed = report is None or report.passed
            if is_passed:
                file_session.files.wait_healthy(240)
    finally:
        if not is_passed:
            file_session.discard()


@pytest.fixture
def scenario(cluster, request):
    """The cluster with a visitor and an observer; what they saw goes into the table."""
    began = time.monotonic()
    made = Scenario(cluster, request.node.name.removeprefix("test_").replace("_", " "),
                    request.config.getoption("--stock"))
    yield made
    made.row["seconds"] = round(time.monotonic() - began, 1)
    if "asked" in made.row:
        request.config.stash[ROWS].append(made.row)
        print(table([made.row]))


def table(rows):
    """Rows of the outage table as text."""
    head = f"{'scenario':44} {'outages':>7} {'longest s':>9} {'failed':>6} {'asked':>6}  node"
    lines = [f"{r['scenario'][:44]:44} {r['outages']:7} {r['longest']:9.3f} {r['failed']:6} "
             f"{r['asked']:6}  {' > '.join(r['served_by'])}" for r in rows]
    return "\n".join([head, *lines])


def pytest_terminal_summary(terminalreporter, config):
    """The tables, and the file of the first."""
    if config.stash[OUTCOMES]:
        terminalreporter.section("what the writers saw")
        for outcome in config.stash[OUTCOMES]:
            terminalreporter.write_line(str(outcome))
    rows = config.stash[ROWS]
    if not rows:
        return
    terminalreporter.section("what the visitor saw (asking every 10 ms)")
    terminalreporter.write_line(table(rows))
    path = TREE / "build" / "logs" / "scenarios.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    terminalreporter.write_line(f"also in {path}")
