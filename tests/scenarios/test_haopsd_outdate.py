# SPDX-License-Identifier: GPL-2.0-or-later
"""haops-outdate-peer as DRBD 8.4 and 9 call it, between real haopsds; a stand-in for drbdadm on the
peer ends as the test wants. What is not known for certain must never let DRBD go on."""
import os
import signal
import time

import daemons as haopsd
import pytest
from haopslab import Cluster, CorosyncConfig, stage
from haopslab.pytest_plugin import LabSession, guarded
from haopslab.wait import wait_until

INCONSISTENT, OUTDATED, UNREACHABLE, PRIMARY, UNKNOWN = 3, 4, 5, 6, 1
DRBDADM, CALLS = "/etc/haops/drbdadm", "/var/log/drbdadm-calls"
SCRIPT = f"""#!/bin/sh
echo "$@" >>{CALLS}
exec 2>&1
case $(cat /etc/haops/drbdadm-end) in
hang) exec sleep 60 ;;
0) [ $1 != dstate ] || echo Outdated/DUnknown; exit 0 ;;
5) [ $1 = dstate ] && echo Inconsistent/DUnknown && exit 0; exit 5 ;;
*) echo "as the test wants"; exit $(cat /etc/haops/drbdadm-end) ;;
esac
"""
CONF = haopsd.CONF + f"outdate_command {DRBDADM}\n"


class OutdateSession(LabSession):
    """The shared cluster of these tests."""

    def get(self):
        if self._cluster is None:
            self._cluster = Cluster(**self._options, **stage.haopsd_options(conf=CONF)).up()
            for node in self._cluster.nodes():
                node.write(DRBDADM, SCRIPT, 0o755)
        return self._cluster


@pytest.fixture(scope="module")
def outdate_session(lab_session, daemon_session):
    """A cluster of its own; the others are not needed now."""
    lab_session.discard()
    daemon_session.discard()
    session = OutdateSession({"name": f"outdate-{os.getpid() % 10000}", "nodes": 3,
                              "fencing": False, "stonith": False,
                              "corosync": CorosyncConfig(token=haopsd.TOKEN_MS)})
    yield session
    session.discard()


@pytest.fixture
def cluster(outdate_session, request):
    for made in guarded(outdate_session, request):
        for node in made.nodes():
            end(node, 0)
            node.write(CALLS, "")
        wait_members(made)
        yield made


def wait_members(cluster):
    """Until each haopsd has all as active."""
    names = cluster.node_names()

    def seen():
        found = {n.name: n.haops("status", "--json", check=False) for n in cluster.nodes()}
        states = {name: {node["name"]: node["state"] for node in data["nodes"]}
                  for name, data in found.items()}
        return all(states[n] == dict.fromkeys(names, "active") for n in names), states
    wait_until("all haopsd to know each other", seen, 60, 0.2)


def end(node, status):
    """How drbdadm is to end on a node: a status, or "hang"."""
    node.write("/etc/haops/drbdadm-end", f"{status}\n")


def calls(node):
    """What drbdadm was called with on a node."""
    return node.read(CALLS).splitlines()


def drbd9(peer):
    """Environment of a handler of DRBD 9 on n1."""
    return {"DRBD_RESOURCE": "r0", "DRBD_PEER_NODE_ID": peer.removeprefix("n"),
            "DRBD_NODE_ID_1": "n1", "DRBD_NODE_ID_2": "n2", "DRBD_NODE_ID_3": "n3",
            "DRBD_MY_NODE_ID": "1", "DRBD_MINOR": "0", "DRBD_VOLUME": "0",
            "UP_TO_DATE_NODES": "0x2"}


def drbd84(peer):
    """Environment of a handler of DRBD 8.4."""
    return {"DRBD_RESOURCE": "r0", "DRBD_PEER": peer, "DRBD_PEERS": peer, "DRBD_PEER_AF": "ipv4",
            "DRBD_PEER_ADDRESS": "192.0.2.2", "DRBD_MINOR": "0"}


def ask(node, peer="n2", environment=drbd9, *, options=(), timeout=40):
    """Runs the handler; (its exit status, what it said, how long it took)."""
    began = time.monotonic()
    done = node.run(["/usr/sbin/haops-outdate-peer", *options], check=False, timeout=timeout,
                    env=environment(peer))
    return done.returncode, done.stderr, time.monotonic() - began


@pytest.mark.parametrize("environment", [drbd84, drbd9])
@pytest.mark.parametrize("status,expected", [
    (0, OUTDATED), (5, INCONSISTENT), (17, PRIMARY), (10, UNKNOWN), (1, UNKNOWN), (20, UNKNOWN)])
def test_what_the_peer_says(cluster, environment, status, expected):
    end(cluster.node("n2"), status)
    code, text, seconds = ask(cluster.node("n1"), environment=environment)
    assert code == expected, text
    assert "n2" in text and "r0" in text and f"exit status {expected}" in text
    assert calls(cluster.node("n2")) == ["outdate r0"] + ["dstate r0"] * (status in (0, 5))
    assert not calls(cluster.node("n1")) and not calls(cluster.node("n3"))
    print(f"\nexit status {code} after {seconds * 1e3:.0f} ms")


def test_hanging_drbdadm(cluster):
    end(cluster.node("n2"), "hang")
    code, text, seconds = ask(cluster.node("n1"))
    assert code == UNKNOWN and "in time" in text, (code, text)
    assert 7 < seconds < 12


def test_names_are_mapped(cluster):
    environment = {**drbd84("n2"), "DRBD_PEERS": "db2.example.com", "DRBD_PEER": "x"}
    code, text, _ = ask(cluster.node("n1"), environment=lambda _: environment)
    assert code == UNKNOWN and "db2.example.com" in text
    code, text, _ = ask(cluster.node("n1"), environment=lambda _: environment,
                        options=["--map", "db2.example.com=n2"])
    assert code == OUTDATED, text


@pytest.mark.parametrize("variable,value", [
    ("DRBD_RESOURCE", "all"), ("DRBD_RESOURCE", "r0; reboot"), ("DRBD_RESOURCE", ""),
    ("DRBD_PEER_NODE_ID", "9"), ("DRBD_PEER_NODE_ID", "x"), ("DRBD_NODE_ID_2", "n2 n3"),
    ("DRBD_NODE_ID_2", "nobody"), ("DRBD_NODE_ID_2", "n1")])
def test_strange_questions(cluster, variable, value):
    code, text, _ = ask(cluster.node("n1"),
                        environment=lambda peer: {**drbd9(peer), variable: value})
    assert code == UNKNOWN and text, (code, text)
    assert not any(calls(node) for node in cluster.nodes())


def test_no_environment(cluster):
    code, text, _ = ask(cluster.node("n1"), environment=lambda _: {})
    assert code == UNKNOWN and "DRBD_RESOURCE" in text


def test_not_root(cluster):
    done = cluster.node("n1").run(
        ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         "/usr/sbin/haops-outdate-peer"], check=False, env=drbd9("n2"))
    assert done.returncode == UNKNOWN, done.stderr
    assert not calls(cluster.node("n2"))


def test_no_haopsd_here(cluster):
    node = cluster.node("n1")
    node.stop_service("haopsd")
    try:
        code, text, seconds = ask(node)
        assert code == UNKNOWN and "does not run" in text, (code, text)
        assert seconds < 6
    finally:
        node.start_service("haopsd")


def test_no_haopsd_there(cluster):
    """Its node is in the cluster: that its disk is not in use cannot be known."""
    node = cluster.node("n2")
    node.stop_service("haopsd")
    try:
        code, text, _ = ask(cluster.node("n1"), options=["-t", "3"])
        assert code == UNKNOWN, (code, text)
    finally:
        node.start_service("haopsd")


@pytest.mark.parametrize("process", ["haopsd", "corosync"])
def test_peer_stands_still(cluster, process):
    """It may go on at any moment, with its disk as good as ours. When all of its Corosync stands,
    its node leaves the cluster, and is gone for certain only then."""
    node = cluster.node("n2")
    node.freeze(process)
    try:
        code, text, seconds = ask(cluster.node("n1"), options=["-t", "2"])
        assert code == UNKNOWN, (code, text)
        assert 1.5 < seconds < 4, seconds
    finally:
        node.thaw(process)


def test_powered_off(cluster):
    """Asked at the very moment, and when it is long gone."""
    cluster.node("n2").kill()
    code, text, seconds = ask(cluster.node("n1"))
    assert code == UNREACHABLE and "not in the cluster" in text, (code, text)
    assert seconds < haopsd.DETECTION_S * 2 + 2, seconds
    again, text, quick = ask(cluster.node("n3"), environment=drbd84)
    assert again == UNREACHABLE, text
    print(f"\nexit status {code} after {seconds * 1e3:.0f} ms from the power failure on, "
          f"after {quick * 1e3:.0f} ms later on")


def test_cut_off(cluster):
    """We are the one that is alone: everybody else seems gone, and nobody is."""
    node = cluster.node("n1")
    node.cut("all")
    code, text, _ = ask(node, options=["-t", "6"])
    assert code == UNKNOWN, (code, text)
    # The others have quorum, and see it gone.
    environment = {**drbd84("n1")}
    code, text, _ = ask(cluster.node("n2"), environment=lambda _: environment)
    assert code == UNREACHABLE, (code, text)
    assert not any(calls(n) for n in cluster.nodes())


def test_handler_is_killed(cluster):
    """A question whose asker is gone does no harm to the next."""
    node, peer = cluster.node("n1"), cluster.node("n2")
    end(peer, "hang")
    child = node.popen(["/usr/bin/env", *[f"{k}={v}" for k, v in drbd9("n2").items()],
                        "/usr/sbin/haops-outdate-peer"])
    wait_until("drbdadm to run", lambda: (calls(peer), calls(peer)), 10)
    node.signal("haops-outdate-p", signal.SIGKILL)
    child.wait(10)
    end(peer, 0)
    code, text, _ = ask(node)
    assert code == OUTDATED, text


def test_many_at_once(cluster):
    """A node with many resources loses its peer."""
    node, count = cluster.node("n1"), 12
    children = [node.popen(["/usr/bin/env", *[f"{k}={v}" for k, v in drbd9("n2").items()],
                            f"DRBD_RESOURCE=r{i}", "/usr/sbin/haops-outdate-peer"])
                for i in range(count)]
    assert [child.wait(30) for child in children] == [OUTDATED] * count
    assert sorted(calls(cluster.node("n2"))) == sorted(f"{verb} r{i}" for verb in ("outdate", "dstate") for i in range(count))
