# SPDX-License-Identifier: GPL-2.0-or-later
"""haops-cib on a real cluster: what it writes is in the CIB of a majority, or it says that it may not be."""
import os
import time

import pytest
from haopslab import stage
from haopslab.cluster import Cluster
from haopslab.pytest_plugin import LabSession, guarded
from haopslab.wait import wait_until

PROGRAM = "/usr/libexec/haops/haops-cib"
SET = "haops-mysql-db"
DONE, FAILED, USAGE, UNKNOWN, NO_QUORUM = 0, 1, 2, 3, 4


@pytest.fixture(scope="module")
def cib_session(lab_session, request):
    """A cluster of its own, without resources: nobody is fenced, so that a part without quorum can be asked."""
    if request.config.getoption("--stock"):
        pytest.skip("there is no other haops-cib")
    lab_session.discard()
    folder = os.path.join(stage.folder(), "usr/libexec/haops")
    session = LabSession({"name": f"cib-{os.getpid()}", "nodes": 3, "fencing": False, "stonith": False,
                          "binds": {"/usr/libexec/haops": folder}})
    yield session
    session.discard()


@pytest.fixture
def cluster(cib_session, request):
    yield from guarded(cib_session, request)


def run(node, *words, timeout=5000):
    """(exit code, {name: value} or lines, seconds)."""
    begin = time.monotonic()
    done = node.run([PROGRAM, "--timeout", str(timeout), *words], check=False)
    took = time.monotonic() - begin
    assert done.returncode == 0 or done.stderr.startswith("haops-cib: "), done
    return done.returncode, dict(line.split("\t", 1) for line in done.stdout.splitlines()), took


def test_what_one_node_writes_the_others_read(cluster):
    first, second, third = cluster.nodes()
    assert run(first, "get", SET)[:2] == (DONE, {})
    wanted = {"primary": "1 n1 0-1-5,0-2-7", "safe": "n1 n2"}
    assert run(first, "set", SET, *(f"{k}={v}" for k, v in wanted.items()))[:2] == (DONE, wanted)
    for node in (first, second, third):
        assert run(node, "get", SET)[:2] == (DONE, wanted)
    # Others stay, an empty value is gone, and odd characters come back as they were.
    odd = "0-3-7 <&\"'> ünïcode = x"
    assert run(third, "set", SET, "safe=", f"bad-n3={odd}")[:2] == (DONE, {"primary": wanted["primary"], "bad-n3": odd})
    assert "value=\"\"" not in first.run(["/usr/sbin/cibadmin", "-Q", "-o", "crm_config"]).stdout
    assert run(second, "set", SET, "primary=", "bad-n3=")[:2] == (DONE, {})
    first.run(["/usr/sbin/crm_verify", "--live-check"])


def test_many_writers_lose_nothing(cluster):
    """Each writes its own names at the same time as the others."""
    children = [node.popen(["/bin/sh", "-ec", f"for i in 1 2 3 4 5 6 7 8; do {PROGRAM} set {SET} {node.name}-$i=$i; done"],
                           stdout=-3, stderr=-3) for node in cluster.nodes()]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    found = run(cluster.nodes()[0], "get", SET)[1]
    assert {name for name in found if "-" in name} == {f"{n}-{i}" for n in cluster.node_names() for i in range(1, 9)}
    run(cluster.nodes()[0], "set", SET, *(f"{name}=" for name in found))


def test_nodes(cluster):
    first, second, third = cluster.nodes()
    names = cluster.node_names()
    assert run(first, "nodes")[:2] == (DONE, {name: "online" for name in names})
    second.run(["/usr/sbin/crm_attribute", "--node", names[1], "--name", "db_mysql_master_IP", "--update", "10.0.0.2"])
    found = first.run([PROGRAM, "nodes", "db", "db_mysql_master_IP"]).stdout.splitlines()
    assert found == [f"{names[0]}\tonline\tunknown", f"{names[1]}\tonline\tunknown\t10.0.0.2",
                     f"{names[2]}\tonline\tunknown"]
    third.kill()
    wait_until("the third node to be gone", lambda: (run(first, "nodes")[1].get(names[2]) in ("offline", "unclean"), None), 20)


STATEFUL = """<resources><clone id="db-clone"><meta_attributes id="db-m">
    <nvpair id="db-promotable" name="promotable" value="true"/>
    <nvpair id="db-max" name="clone-max" value="2"/></meta_attributes>
  <primitive id="db" class="ocf" provider="pacemaker" type="Stateful"><operations>
    <op id="db-promoted" name="monitor" interval="10s" role="Promoted"/>
    <op id="db-unpromoted" name="monitor" interval="11s" role="Unpromoted"/></operations></primitive>
</clone></resources>"""


def test_role_on_each_node(cluster):
    cluster.load_cib(STATEFUL)
    cluster.wait_resource("db", state="Promoted")
    cluster.crm.wait_settled()
    roles = {name: text.split("\t")[1] for name, text in run(cluster.nodes()[0], "nodes", "db")[1].items()}
    assert sorted(roles.values()) == ["promoted", "stopped", "unpromoted"]
    assert roles[cluster.where("db", "Promoted")[0]] == "promoted"
    cluster.load_cib("<resources/>")


def test_without_quorum_nothing_is_promised(cluster):
    """A node that is cut off may still think well of itself for a while: never a success."""
    lonely, other = cluster.nodes()[:2]
    run(other, "set", SET, "before=1")
    lonely.cut()
    codes = []
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and NO_QUORUM not in codes:
        codes.append(run(lonely, "set", SET, f"alone={len(codes)}", timeout=2000)[0])
    assert codes[-1] == NO_QUORUM and set(codes) <= {UNKNOWN, FAILED, NO_QUORUM}, codes
    assert run(other, "set", SET, "together=1")[0] == DONE
    lonely.heal()
    wait_until("one cluster again", lambda: (run(lonely, "get", SET)[1].get("together") == "1", None), 60)
    # What the majority has written is there, whatever the other one thought.
    assert run(lonely, "get", SET)[1]["before"] == "1"
    cluster.crm.wait_formed(cluster.node_names(), 60)
    run(other, "set", SET, *(f"{name}=" for name in run(other, "get", SET)[1]))


def test_answers_in_time_whatever_hangs(cluster):
    node, other = cluster.nodes()[:2]
    node.freeze("pacemaker-based")
    code, _, took = run(node, "get", SET, timeout=1000)
    assert code == UNKNOWN and took < 3
    node.thaw("pacemaker-based")
    # One that hangs elsewhere does not keep a majority from being found.
    other.freeze("pacemaker-based")
    code, _, took = run(node, "set", SET, "x=1", timeout=1500)
    assert code in (DONE, UNKNOWN) and took < 3
    other.thaw("pacemaker-based")


def test_not_running(cluster):
    node = cluster.nodes()[2]
    node.stop_service("pacemakerd")
    assert run(node, "get", SET)[0] == FAILED
    assert run(node, "set", SET, "x=1")[0] == FAILED
    node.start_service("pacemakerd")
    cluster.crm.wait_formed(cluster.node_names(), 60)


@pytest.mark.parametrize("words", [
    [], ["get"], ["get", "x", "y"], ["get", "x'y"], ["get", "1x"], ["set", "x"], ["set", "x", "y"], ["set", "x", "=y"],
    ["set", "x", "a b=c"], ["set", "x", "a=b\nc"], ["drop", "x"], ["nodes", "a", "b", "c"], ["set", "x", *["a=b"] * 65]])
def test_usage(cluster, words):
    assert run(cluster.nodes()[0], *words)[0] == USAGE
