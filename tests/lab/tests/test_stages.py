# SPDX-License-Identifier: GPL-2.0-or-later
"""Stages of a failover, out of lines as corosync and Pacemaker write them."""
from __future__ import annotations

import pytest
from haopslab import stages
from haopslab.timeline import Event

LINES = [
    (100.0, "-", "lab", "power off target=n1 by=lab"),
    (100.1, "-", "lab", "is off target=n1 by=lab"),
    (100.9, "n2", "corosync", "notice  [TOTEM ] A processor failed, forming new configuration: "
     "token timed out (1000ms), waiting 1200ms for consensus."),
    (102.0, "n2", "corosync", "notice  [TOTEM ] A new membership (2.11) was formed. "
     "Members left: 1"),
    (102.1, "n2", "pacemaker", "pacemaker-controld  [18] (quorum_notification_cb) \tinfo: "
     "Quorum retained | membership=17 members=2"),
    (102.2, "n2", "pacemaker", "pacemaker-controld  [18] (do_state_transition) \tnotice: State "
     "transition S_ELECTION -> S_INTEGRATION | input=I_ELECTION_DC"),
    (102.5, "n2", "pacemaker", "pacemaker-controld  [18] (controld_execute_fence_action) \t"
     "notice: Requesting fencing (off) of node n1 | action=1 timeout=30000"),
    (102.7, "n3", "pacemaker", "pacemaker-fenced    [14] (log_async_result) \tnotice: Operation "
     "'off' [85] targeting n1 using fence-n1 returned 0 | call 7 from pacemaker-controld.18"),
    (102.8, "n2", "pacemaker", "pacemaker-controld  [18] (handle_fence_notification) \tnotice: "
     "Peer n1 was terminated (off) by n3 on behalf of pacemaker-controld.18@n2: OK | event=x"),
    (102.81, "n2", "pacemaker", "pacemaker-execd     [15] (log_finished) \tinfo: fence-n3 start "
     "(call 20) exited with status 0 (OK) (execution time 250ms)"),
    (102.9, "n2", "pacemaker", "pacemaker-execd     [15] (log_finished) \tinfo: vip start "
     "(call 21, PID 27) exited with status 0 (execution time 40ms)"),
    (102.91, "-", "wire", "n2 announces address=10.77.0.100 mac=02:77:00:00:00:0c"),
    (103.2, "n2", "pacemaker", "pacemaker-execd     [15] (log_finished) \tinfo: nginx start "
     "(call 22, PID 28) exited with status 0 (execution time 1.1s after being queued 1ms)"),
]
VISIT = {"sent": 500, "failed": 300, "outages": [
    {"start": 99.99, "end": 103.1, "seconds": 3.11, "failed": 300, "answered": 103.3}]}


def events() -> list[Event]:
    return [Event(*line) for line in LINES]


def test_stages_have_no_gap() -> None:
    result = stages.analyse(events(), VISIT, ("vip", "nginx"))
    assert result["node"] == "n1" and result["taker"] == "n2" and not result["missing"]
    assert sum(result["stages"].values()) == pytest.approx(result["answered"]) == 3.3
    expected = {"detection": 2.0, "fencing": 0.3, "transition": 0.5 + 0.06, "agent": 0.04 + 0.3,
                "first_answer": 0.1}
    assert result["stages"] == pytest.approx(expected)


def test_answer_before_the_agent_is_done() -> None:
    visit = {**VISIT, "outages": [{**VISIT["outages"][0], "answered": 103.0}]}
    times = stages.analyse(events(), visit, ("vip", "nginx"))["stages"]
    assert times["first_answer"] == 0
    assert sum(times.values()) == pytest.approx(3.0)


def test_steps_of_others_do_not_count() -> None:
    failover = stages.find(events(), ("vip",))
    assert [s.what for s in failover.all("started")] == ["vip"]
    assert failover.first("dc").machine == "n2"
    assert failover.first("announces", "10.77.0.100").seconds == pytest.approx(2.91)


def test_what_left_no_trace_is_missing() -> None:
    quiet = [e for e in events() if "terminated" not in e.text]
    result = stages.analyse(quiet, VISIT, ("other",))
    assert result["missing"] == ["fencing", "transition", "agent"]


def test_no_fault_is_an_error() -> None:
    with pytest.raises(ValueError, match="no power off"):
        stages.find(events()[1:], ("vip",))


def test_outage_that_lasts() -> None:
    visit = {**VISIT, "outages": [{"start": 99.99, "end": None, "answered": None, "failed": 9,
                                   "seconds": None}]}
    result = stages.analyse(events(), visit, ("vip", "nginx"))
    assert result["outage"] is None and len(result["missing"]) == len(stages.STAGES)


@pytest.mark.parametrize("text, expected", [("29ms", 29), ("1.213s", 1213), ("1m2s", 62000)])
def test_times(text: str, expected: int) -> None:
    assert stages.milliseconds(text) == expected
