# SPDX-License-Identifier: GPL-2.0-or-later
"""Three nodes with a real Corosync and nothing else, shared by all tests of this folder.

HAOPS_BUILD names the build folder that has tests/cluster/cluster-driver (default build/main). On
failure the nodes' logs are kept below $HAOPS_LAB_LOGS, by default build/logs/corosync.
"""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests" / "lab"))
os.environ.setdefault("HAOPS_LAB_LOGS", str(TREE / "build" / "logs" / "corosync"))

import pytest  # noqa: E402
from haopslab.cluster import Cluster  # noqa: E402
from haopslab.pytest_plugin import pytest_runtest_makereport, save_logs  # noqa: E402,F401

from member import Crew  # noqa: E402

PROGRAM = "tests/cluster/cluster-driver"


def driver_folder():
    """The folder of the built driver; builds it where a build is configured."""
    named = os.environ.get("HAOPS_BUILD")
    places = [pathlib.Path(named) / "main", pathlib.Path(named)] if named else []
    for place in [*places, TREE / "build" / "main"]:
        if (place / "Makefile").exists():
            subprocess.run(["make", "-s", "-C", place, PROGRAM], check=True, stdout=subprocess.DEVNULL)
        if (place / PROGRAM).exists():
            return str((place / PROGRAM).parent)
    raise AssertionError(f"{PROGRAM} is not built: configure in build/main, or set HAOPS_BUILD")


@pytest.fixture(scope="session")
def nodes():
    """The lab: up for the whole session."""
    lab = Cluster(nodes=3, name=f"corosync-{os.getpid()}", bin_dirs=[driver_folder()], fencing=False,
                  stonith=False, has_pacemaker=False)
    try:
        lab.start()
        for node in lab.nodes():
            node.wait_booted()
        yield lab
    finally:
        lab.down()


@pytest.fixture
def crew(nodes, request):
    """Members of a group of this test's own; faults are undone afterwards."""
    made = Crew(nodes, request.node.name)
    yield made
    report = getattr(request.node, "lab_report", None)
    if report is not None and report.failed:
        print(made.transcript())
        print(f"logs: {save_logs(nodes, request.node.nodeid)}")
    made.end()
