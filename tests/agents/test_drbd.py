# SPDX-License-Identifier: GPL-2.0-or-later
"""drbd with tools that hang, lie, break off and refuse. With a real DRBD it is run in virtual machines (tests/lab)."""

import time

import drbdlab
import pytest

PRIMARY = {**drbdlab.WELL, "role": "Primary"}


@pytest.fixture
def box(agents):
    """A box with a resource that is Secondary and well."""
    made = drbdlab.Box(agents)
    yield made
    made.close()


def test_states_and_codes(box):
    """One program is run in a monitor, and not a second one."""
    assert box.act("monitor").code == 0
    assert [line for line in box.calls() if not line.startswith("attrd")] == ["drbdsetup events2 --now r0"]
    box.state(PRIMARY)
    assert box.act("monitor").code == 8
    box.state(None)
    assert box.act("monitor").code == 7


def test_degraded_codes_only_when_asked_for(box):
    for state, plain, degraded in ((drbdlab.ALONE, 0, 190), ({**drbdlab.ALONE, "role": "Primary"}, 8, 191),
                                   ({**PRIMARY, "disk": "Diskless"}, 8, 191), (drbdlab.WELL, 0, 0), (PRIMARY, 8, 8)):
        box.state(state)
        assert box.act("monitor").code == plain, state
        assert box.act("monitor", degraded_codes="true").code == degraded, state


def test_primary_without_any_good_data_has_failed(box):
    box.state({**drbdlab.ALONE, "role": "Primary", "disk": "Failed"})
    done = box.act("monitor")
    assert done.code == 9 and "UpToDate" in done.reason


def test_without_the_module_nothing_is_asked(agents):
    box = drbdlab.Box(agents, has_module=False)
    try:
        for action, code in (("monitor", 7), ("stop", 0), ("demote", 7)):
            assert box.act(action).code == code, action
        assert box.probe(drbdlab.PARAMS).code == 7
        assert not [line for line in box.calls() if line.startswith("drbd")]
        box.answers({"drbdadm sh-mod-parms": {"out": "minor_count=32\n"}})
        done = box.act("start")
        assert done.code == 5 and "drbd" in done.reason, done
    finally:
        box.close()


def test_tool_that_hangs_ends_with_the_action(box):
    box.answers({"drbdsetup events2": {"hang": True}})
    for action in ("monitor", "stop", "promote", "demote"):
        begin = time.monotonic()
        done = box.act(action, {"timeout": 3000})
        assert done.code == 1, done
        assert "did not end in time" in done.reason, done
        assert time.monotonic() - begin < 4.5


@pytest.mark.parametrize("answer", [
    {"out": "exists resource name:r0 role:Secondary suspended:no\n"},
    {"out": ""},
    {"out": "received netlink error reply: Input/output error\n", "status": 20},
    {"out": "exists device name:r0 volume:x disk:UpToDate\nexists -\n"},
])
def test_what_is_not_known_is_not_stopped(box, answer):
    box.answers({"drbdsetup events2": answer})
    for action in ("monitor", "stop", "start", "promote"):
        done = box.act(action, {"timeout": 5000})
        assert done.code == 1 and done.reason, (action, done)


def test_stop_that_did_nothing_is_no_stop(box):
    box.answers({"drbdsetup down": {}})
    done = box.act("stop", {"timeout": 3000})
    assert done.code == 1 and "not down" in done.reason, done
    box.answers({"drbdsetup down": [{"out": "r0: State change failed: (-12) Device is held open by someone\n",
                                     "status": 11}, {"gone": True}]})
    assert box.act("stop").code == 0


def test_stop_needs_no_configuration(box):
    box.path("/run/box/drbd.conf").unlink()
    box.state(PRIMARY)
    box.calls()
    assert box.act("stop").code == 0
    assert not [line for line in box.calls() if line.startswith("drbdadm")]


def test_demote_is_tried_until_the_deadline(box):
    box.state(PRIMARY)
    box.answers({"drbdsetup secondary": {"out": "r0: State change failed: (-12) Device is held open by someone\n",
                                         "status": 11}})
    begin = time.monotonic()
    done = box.act("demote", {"timeout": 6000})
    assert done.code == 1 and "held open" in done.reason, done
    assert 4 < time.monotonic() - begin < 7
    assert box.calls().count("drbdsetup secondary 0") >= 2


def test_promote(box):
    done = box.act("promote")
    assert done.code == 0, done
    calls = box.calls()
    assert "drbdadm -c /run/box/drbd.conf primary r0" in calls
    assert any(line.startswith("haops-cib") and "set haops-drbd-r0 primary=1 n1 data=A000000000000002" in line
               for line in calls), calls


@pytest.mark.parametrize("change,words", [
    ({"disk": "Inconsistent", "connection": "Connecting", "peer_disk": "DUnknown"}, "Inconsistent"),
    ({"disk": "Outdated", "connection": "Connecting", "peer_disk": "DUnknown"}, "Outdated"),
    ({"connection": "StandAlone", "peer_disk": "DUnknown"}, "split brain"),
    ({"disk": "Diskless", "connection": "Connecting", "peer_disk": "DUnknown"}, "no working disk"),
    ({"disk": "Inconsistent"}, "Inconsistent"),
])
def test_promote_refuses(box, change, words):
    box.state({**drbdlab.WELL, **change})
    done = box.act("promote")
    assert done.code == 1 and words in done.reason, done
    calls = box.calls()
    assert not [line for line in calls if " primary " in line]
    assert "attrd_updater --name=master-disk --delete" in calls


def test_promote_beside_a_primary(box):
    box.state({**drbdlab.WELL, "peer_role": "Primary"})
    refusal = {"out": "r0: State change failed: (-1) Multiple primaries not allowed by config\n", "status": 11}
    box.answers({"drbdadm primary": refusal})
    begin = time.monotonic()
    done = box.act("promote", {"timeout": 4000})
    assert done.code == 1 and "Primary on a peer" in done.reason, done
    assert time.monotonic() - begin > 2
    box.answers({"drbdadm primary": refusal, "haops-cib nodes": {"out": "n1\tonline\tunpromoted\nn2\tonline\tunpromoted\n"}})
    begin = time.monotonic()
    done = box.act("promote", {"timeout": 20000}, fail_promote_early_if_peer_primary="true")
    assert done.code == 1 and time.monotonic() - begin < 5, done
    # The peer is found to be dead: DRBD lets it pass.
    box.answers({"drbdadm primary": [refusal, {"role": "Primary"}]})
    assert box.act("promote").code == 0


def test_drbd_has_the_last_word(box):
    box.answers({"drbdadm primary": {
        "out": "r0: State change failed: (-2) Need access to UpToDate data\n"
               "Command 'drbdsetup-84 primary 0' terminated with exit code 17\n", "status": 17}})
    done = box.act("promote")
    assert done.code == 1 and "Need access to UpToDate data" in done.reason, done


def test_memory_after_a_total_outage(box):
    """Only the node that was Primary last, or has its data, is let through."""
    consistent = {**drbdlab.ALONE, "disk": "Consistent"}
    for state, memory, code, words in (
            (consistent, "primary\t3 n1\ndata\tA000000000000002\n", 0, ""),
            (consistent, "primary\t3 n2\ndata\tA000000000000002\n", 1, "n2 was Primary last"),
            (consistent, "primary\t3 n2\ndata\tC000000000000000\n", 1, "older than that of n2"),
            (drbdlab.ALONE, "primary\t3 n2\ndata\tC000000000000000\n", 1, "older than that of n2"),
            (drbdlab.ALONE, "primary\t3 n2\ndata\tB000000000000000\n", 0, ""),
            (drbdlab.ALONE, "", 0, ""),
            (consistent, "primary\t3 n2\ndata\tC000000000000000\nallow-stale\t3\n", 0, ""),
            (consistent, "primary\t3 n2\ndata\tC000000000000000\nallow-stale\t2\n", 1, "older")):
        box.state(state)
        after = "primary\t3 n1\ndata\tA000000000000002\n" if memory.startswith("primary\t3 n1") else \
            "primary\t4 n1\ndata\tA000000000000002\n"
        if not memory:
            after = "primary\t1 n1\ndata\tA000000000000002\n"
        box.answers({"haops-cib get": {"out": memory}, "haops-cib set": {"out": after}})
        done = box.act("promote")
        assert (done.code, words in done.reason) == (code, True), (state, memory, done)


def test_alone_and_not_remembered_is_no_primary(box):
    box.state(drbdlab.ALONE)
    box.answers({"haops-cib get": {"out": ""}, "haops-cib set": {"out": "haops-cib: no quorum\n", "status": 4}})
    done = box.act("promote")
    assert done.code == 1 and "remember_primary" in done.reason, done
    assert box.act("monitor").code == 0, "it was made Secondary again"
    assert box.act("promote", remember_primary="false").code == 0


def test_unreadable_memory_promotes_nobody_alone(box):
    box.state({**drbdlab.ALONE})
    box.answers({"haops-cib get": {"out": "haops-cib: the cluster does not run here\n", "status": 1}})
    done = box.act("promote", {"timeout": 3000})
    assert done.code == 1 and "CIB" in done.reason, done


def test_fencing(agents):
    box = drbdlab.Box(agents, fencing="dont-care")
    try:
        done = box.act("promote", require_fencing="refuse")
        assert done.code == 1 and "fencing" in done.reason, done
        done = box.act("promote")
        assert done.code == 0 and "dont-care" in done.err, done
    finally:
        box.close()


def test_scores(box):
    box.act("monitor")
    assert box.score() == 10000
    box.act("monitor")
    assert box.score() == "", "written only when it changes"
    box.answers({"haops-cib get": {"out": ""}})
    box.state(drbdlab.ALONE)
    box.act("monitor")
    assert box.score() == "", "a lower one is told once it lasts"
    box.state({**drbdlab.ALONE, "disk": "Outdated"})
    box.act("monitor")
    assert box.score() is None
    box.state(drbdlab.ALONE)
    box.act("monitor")
    assert box.score() == 1000
    box.state({**drbdlab.ALONE, "disk": "Consistent"})
    box.answers({"haops-cib get": {"out": "primary\t3 n1\ndata\tA000000000000002\n"}})
    box.act("monitor")
    assert box.score() == "", "remembered as the last Primary: as good as UpToDate"
    box.answers({"haops-cib get": {"out": "primary\t3 n2\ndata\tA000000000000002\n"}})
    box.act("monitor")
    assert box.score() is None


def test_score_while_a_peer_is_primary(box):
    box.state({**drbdlab.WELL, "peer_role": "Primary"})
    box.act("monitor")
    assert box.score() == 10000
    box.act("monitor", remove_master_score_if_peer_primary="true")
    assert box.score() is None
    box.answers({"haops-cib nodes": {"out": "n1\tonline\tunpromoted\nn2\tonline\tpromoted\n"}})
    box.act("monitor", remove_master_score_if_peer_primary="unexpected")
    assert box.score() == 10000
    box.answers({"haops-cib nodes": {"out": "n1\tonline\tunpromoted\nn2\tonline\tunpromoted\n"}})
    box.act("monitor", remove_master_score_if_peer_primary="unexpected")
    assert box.score() is None


def test_notifications(box):
    done = box.act("notify", {"notify_type": "pre", "notify_operation": "start", "notify_start_uname": "n2"})
    assert done.code == 0
    assert "drbdadm -c /run/box/drbd.conf --peer n2 adjust r0" in box.calls()
    box.act("notify", {"notify_type": "post", "notify_operation": "start", "notify_start_uname": "n1 n2"})
    assert "drbdadm -c /run/box/drbd.conf --peer n2 adjust r0" in box.calls()
    box.state(drbdlab.ALONE)
    meta = {"notify_type": "post", "notify_operation": "promote", "notify_master_uname": "n2"}
    box.act("notify", meta)
    assert not [line for line in box.calls() if "outdate" in line]
    box.act("notify", meta, stop_outdates_secondary="true")
    assert "drbdadm -c /run/box/drbd.conf outdate r0" in box.calls()
    box.act("stop", {"notify_promoted_uname": "n2", "notify_stop_uname": "n1"}, stop_outdates_secondary="true")
    assert "drbdadm -c /run/box/drbd.conf outdate r0" in box.calls()
    box.state(drbdlab.WELL)
    box.act("stop", {"notify_promoted_uname": "n2", "notify_stop_uname": "n1 n2"}, stop_outdates_secondary="true")
    assert not [line for line in box.calls() if "outdate" in line], "the Primary stops, too"


@pytest.mark.parametrize("meta,words", [
    ({"notify": "false"}, "notify"),
    ({"clone_max": 3}, "clone-max"),
    ({"clone_node_max": 2}, "clone-node-max"),
    ({"promoted_max": 2}, "allow-two-primaries"),
    ({"promoted_max": 3}, "promoted-max"),
])
def test_clone_that_cannot_work(box, meta, words):
    done = box.act("start", meta)
    assert done.code == 6 and words in done.reason, done


def test_outside_of_pacemaker(box):
    """drbd-reactor, or a person: no scores, no memory, no meta attributes."""
    for action, code in (("monitor", 0), ("promote", 0), ("monitor", 8), ("demote", 0), ("stop", 0), ("stop", 0)):
        assert box.call(action, drbdlab.PARAMS).code == code, action
    assert not [line for line in box.calls() if line.startswith(("attrd", "haops-cib"))]


@pytest.mark.parametrize("name,value", [
    ("drbd_resource", "a b"), ("drbd_resource", "all"), ("drbd_resource", "minor-0"), ("drbd_resource", "-x"),
    ("drbdconf", "drbd.conf"), ("drbdconf", "/etc/`id`"), ("adjust_master_score", "1 2 3"),
    ("adjust_master_score", "5 4 3 2"), ("stop_outdates_secondary", "maybe"),
    ("require_drbd_module_version_ge", "9"), ("require_drbd_module_version_lt", "9.0.x"),
    ("require_fencing", "please"), ("drbd_resource", "x" * 200),
])
def test_wrong_values(box, name, value):
    done = box.act("start", **{name: value})
    assert done.code == 6 and name in done.reason, done
    assert not [line for line in box.calls() if line.startswith("drbd")]


def test_module_of_another_version(box):
    done = box.act("start", require_drbd_module_version_ge="9.0.16")
    assert done.code == 5 and "8.4.11" in done.reason, done
    done = box.act("start", require_drbd_module_version_lt="8.4.0")
    assert done.code == 5 and "8.4.11" in done.reason, done


def test_start_of_what_runs_connects_only(box):
    assert box.act("start").code == 0
    calls = [line.split(" ", 1)[1] for line in box.calls() if line.startswith("drbd")]
    assert not [line for line in calls if " new-" in line or " attach" in line], calls
    assert any("wait-connect 0 --wfc-timeout=5" in line for line in calls), calls
    assert box.act("start", wfc_timeout="no").code == 0
    assert not [line for line in box.calls() if "wait-connect" in line]
    assert box.act("start", connect_only_after_promote="true").code == 0
    assert not [line for line in box.calls() if "adjust" in line]


def test_unfence_once(box):
    box.state(PRIMARY)
    for _ in range(3):
        assert box.act("monitor", unfence_if_all_uptodate="true").code == 8
    assert len([line for line in box.calls() if "unfence-peer" in line]) == 1
    box.state({**drbdlab.ALONE, "role": "Primary"})
    box.act("monitor", unfence_if_all_uptodate="true")
    box.state(PRIMARY)
    box.act("monitor", unfence_if_all_uptodate="true")
    assert len([line for line in box.calls() if "unfence-peer" in line]) == 1
