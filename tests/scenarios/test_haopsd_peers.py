# SPDX-License-Identifier: GPL-2.0-or-later
"""haopsd of one node stops, hangs, ends, or comes and goes: what its peers say, and when."""
import signal
import time

from daemons import DEADTIME_S, KEEPALIVE_S, TOLERANCE_S, WARNTIME_S
from haopslab.wait import pace, wait_until

OUT_OF_GROUP = ("gone", "left", "absent")


def test_all_is_well(daemons):
    """Everybody hears everybody, five times a second, and the tools say so."""
    def received():
        return {name: n["received"] for name, n in daemons.status("n1").nodes.items()
                if not n["own"]}
    before, began = received(), time.monotonic()
    wait_until("30 heartbeats more of each", lambda: (
        all(count >= before[name] + 30 for name, count in received().items()), received()), 20)
    took = time.monotonic() - began
    assert 30 * KEEPALIVE_S * 0.9 < took < 30 * KEEPALIVE_S + 1.5, took
    for name in daemons.cluster.node_names():
        machine = daemons.cluster.node(name)
        for words in (["status"], ["members"], ["heartbeat"]):
            text = machine.haops(*words)
            others = set(daemons.cluster.node_names()) - {name}
            assert all(peer in text for peer in others), text


def test_stopped_for_a_second(daemons):
    """Late, and no more than that."""
    node = daemons.cluster.node("n2")
    with daemons.quiet():
        since = time.time()
        node.freeze("haopsd")
        for peer in ("n1", "n3"):
            late = daemons.wait_state(peer, "n2", "late", 1)["began"] - since
            assert WARNTIME_S - KEEPALIVE_S <= late <= WARNTIME_S + KEEPALIVE_S + TOLERANCE_S, late
        wait_until("a second to pass", lambda: (time.time() >= since + 1, ""), 2)
        node.thaw("haopsd")
        daemons.wait_well()
    assert daemons.peer("n1", "n2")["late_count"] >= 1


def test_stopped_for_ten_seconds(daemons):
    """Silent at deadtime and a keepalive, and back; and the stopped one notices first of all that
    it was itself that stood still."""
    node = daemons.cluster.node("n2")
    since = time.time()
    node.freeze("haopsd")
    for peer in ("n1", "n3"):
        daemons.wait_state(peer, "n2", "late")
    for peer in ("n1", "n3"):
        silent = daemons.wait_state(peer, "n2", "silent")["began"] - since
        assert DEADTIME_S - KEEPALIVE_S <= silent <= DEADTIME_S + KEEPALIVE_S + TOLERANCE_S, silent
    wait_until("ten seconds to pass", lambda: (time.time() >= since + 10, ""), 12)
    thawed = time.time()
    node.thaw("haopsd")
    daemons.wait_well()
    told = [e.text for e in daemons.log("", "n2", thawed)]
    assert told and "This node stood still" in told[0], told
    assert not [text for text in told if " is silent: " in text or " is lost: " in text], told
    status = daemons.status("n2")
    assert status.pauses >= 1 and 9000 < status.last_pause_ms < 12000
    for peer in ("n1", "n3"):
        assert daemons.log(r"n2 has returned", peer, thawed)
        assert daemons.peer(peer, "n2")["returned_count"] >= 1
        assert daemons.peer(peer, "n2")["dead_count"] >= 1


def test_stopped_for_ever(daemons):
    """It stays silent until somebody kills it; the next one is known as another one."""
    node = daemons.cluster.node("n3")
    node.freeze("haopsd")
    for peer in ("n1", "n2"):
        daemons.wait_state(peer, "n3", "silent", DEADTIME_S + 2)
    daemons.restarted.add("n3")
    node.stop_service("haopsd", signal.SIGKILL)
    for peer in ("n1", "n2"):
        daemons.wait_state(peer, "n3", OUT_OF_GROUP, 5)
    node.start_service("haopsd")
    daemons.wait_well()
    assert daemons.peer("n1", "n3")["returned_count"] >= 1


def test_killed(daemons):
    """Its process ends: the node is there, and haopsd is not; known at once."""
    node = daemons.cluster.node("n3")
    daemons.restarted.add("n3")
    since = time.time()
    node.stop_service("haopsd", signal.SIGKILL)
    for peer in ("n1", "n2"):
        assert daemons.wait_state(peer, "n3", OUT_OF_GROUP, 2)["began"] - since < 0.5
    node.start_service("haopsd")
    node.wait_service("haopsd")


def test_goodbye(daemons):
    """A clean end is known within 100 ms, and is nobody's loss."""
    node = daemons.cluster.node("n3")
    daemons.restarted.add("n3")
    with daemons.quiet():
        since = time.time()
        node.stop_service("haopsd")
        for peer in ("n1", "n2"):
            told = daemons.wait_state(peer, "n3", "left", 5)["began"] - since
            assert told < 0.1, told
        assert node.state()["ended"]["haopsd"][-1] == 0
        node.start_service("haopsd")
        node.wait_service("haopsd")
        daemons.wait_well()


def test_flapping_by_stops(daemons):
    """Each second stopped and continued: it is late again and again, and nothing else happens."""
    node = daemons.cluster.node("n2")
    with daemons.quiet():
        for number in pace(0.5, 20):
            (node.thaw if number % 2 else node.freeze)("haopsd")
        daemons.wait_well()


def test_flapping_by_ends(daemons):
    """Each second another one is killed and started; the others keep up and hold nothing more."""
    node = daemons.cluster.node("n2")
    daemons.restarted.add("n2")
    for number in pace(0.5, 20):
        if number % 2:
            node.start_service("haopsd")
        else:
            node.stop_service("haopsd", signal.SIGKILL)
    daemons.wait_well()
    assert len(daemons.states("n1")) == 3
