# SPDX-License-Identifier: GPL-2.0-or-later
"""What computes without a cluster."""
from __future__ import annotations

import json
import signal
import socket
import subprocess
import xml.etree.ElementTree as ET

import pytest
from haopslab import (corosync, fencing, frames, outages, ownership, pacemaker, probe_http, rpc,
                      spec, timeline, wait)


def sample(sent: float, ok: bool, who: str = "n1", took: float = 0.001) -> outages.Sample:
    return outages.Sample(sent, sent + took, ok, who)


def lab() -> spec.LabSpec:
    nodes = [spec.MachineSpec(f"n{i}", spec.NODE_BASE + i, [0, 1]) for i in (1, 2)]
    return spec.LabSpec(machines=nodes)


def test_outage_runs_from_last_answer_to_first_question_answered() -> None:
    found = outages.find_outages([sample(0.00, True), sample(0.01, False), sample(0.02, False),
                                  sample(0.03, True)])
    assert len(found) == 1
    assert found[0].start == pytest.approx(0.001)
    assert found[0].end == pytest.approx(0.03)
    assert found[0].failed == 2


def test_outage_that_lasts_has_no_end() -> None:
    found = outages.find_outages([sample(0, True), sample(1, False)])
    assert found[0].end is None and found[0].seconds is None


def test_order_of_answers_does_not_matter() -> None:
    late = [sample(0.03, True), sample(0.01, False), sample(0.00, True)]
    assert len(outages.find_outages(late)) == 1


def test_outage_is_never_negative() -> None:
    found = outages.find_outages([sample(0, True, took=0.25), sample(0.01, False),
                                  sample(0.02, True)])
    assert found[0].seconds == 0


def test_served_runs_and_silence() -> None:
    samples = [sample(0, True), sample(1, True), sample(4, True, "n2")]
    assert [(s.who, s.count) for s in outages.find_served(samples)] == [("n1", 2), ("n2", 1)]
    assert outages.longest_silence(samples) == pytest.approx(3)


def history(answers: list[tuple[int, str]], notices: list[tuple[float, str]] = ()):
    return ownership.History([ownership.Answer(q, q / 100, who) for q, who in answers],
                             [ownership.Announcement(*n) for n in notices])


def test_one_owner_after_the_other_is_fine() -> None:
    moved = history([(1, "n1"), (2, "n1"), (50, "n2"), (51, "n2")], [(0.4, "n2")])
    assert not ownership.violations(moved)


@pytest.mark.parametrize("kind, seen", [
    ("double", history([(1, "n1"), (1, "n2")])),
    ("interleaved", history([(1, "n1"), (2, "n2"), (3, "n1")])),
    ("stale", history([(1, "n1"), (5, "n1")], [(0.04, "n2")])),
])
def test_two_owners_are_found(kind: str, seen: ownership.History) -> None:
    assert kind in {v.kind for v in ownership.violations(seen)}


def test_start_elsewhere_and_back_is_fine() -> None:
    """An answer may be seen between a start's adding of the address and its announcement."""
    moves = history([(1, "n1"), (10, "n2"), (20, "n1")], [(0.0, "n1"), (0.105, "n2"), (0.205, "n1")])
    assert not ownership.violations(moves)


def test_both_announce_is_found() -> None:
    both = history([(n, who) for n in range(100) for who in ("n1", "n2")],
                   [(0.3, "n1"), (0.6, "n2"), (0.7, "n1")])
    assert {"double", "interleaved", "stale"} >= {v.kind for v in ownership.violations(both)}
    assert len(ownership.find_doubles(both)) == 100


def test_return_after_a_while_is_fine() -> None:
    assert not ownership.violations(history([(1, "n1"), (2, "n2"), (500, "n1")]))


def arp_reply(sender: str, target_mac: bytes) -> bytes:
    request = frames.arp_request(b"\2" * 6, b"\2" * 6, sender, "10.77.0.253")
    return request[:20] + b"\0\2" + request[22:32] + target_mac + request[38:]


def test_arp_claims() -> None:
    cookie = b"\x02\x77\xfe\0\0\x05"
    assert frames.read_claim(arp_reply("10.77.0.100", cookie)).cookie == cookie
    gratuitous = frames.arp_request(b"\2" * 6, b"\2" * 6, "10.77.0.100", "10.77.0.100")
    assert frames.read_claim(gratuitous) == frames.Claim("10.77.0.100", "02:02:02:02:02:02", None)
    question = frames.arp_request(b"\2" * 6, b"\2" * 6, "10.77.0.253", "10.77.0.100")
    assert frames.read_claim(question) is None


@pytest.mark.parametrize("length", range(0, 90, 7))
def test_short_frames_are_no_claim(length: int) -> None:
    head = b"\xff" * 12 + b"\x08\x06" if length % 2 else b"\xff" * 12 + b"\x86\xdd"
    assert frames.read_claim((head + b"\0" * 80)[:length]) is None


def test_solicitation_checksum() -> None:
    frame = frames.solicitation(b"\2" * 6, "fe80::1", "fd00:77::64")
    body = frame[54:]
    pseudo = frame[22:54] + len(body).to_bytes(4, "big") + b"\0\0\0\x3a"
    assert frames.internet_checksum(pseudo + body) == 0


def test_corosync_conf() -> None:
    text = corosync.render(corosync.CorosyncConfig(token=2000), lab().nodes(), "x")
    assert "two_node: 1" in text and "token: 2000" in text and "consensus: 2400" in text
    assert "ring1_addr: 10.77.1.12" in text
    assert all(line.rstrip().endswith("{") for line in text.splitlines() if "{" in line)


def test_seed_is_valid_for_pacemaker(tmp_path) -> None:
    wanted = pacemaker.compose("", {"stonith-enabled": "true"}, fencing.stonith_xml(lab()))
    path = tmp_path / "cib.xml"
    path.write_text(pacemaker.seed_cib(wanted))
    done = subprocess.run(["/usr/sbin/crm_verify", "--xml-file", str(path)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_users_properties_win() -> None:
    own = ('<crm_config><cluster_property_set id="x"><nvpair id="x-a" name="stonith-action" '
           'value="reboot"/></cluster_property_set></crm_config>')
    config = pacemaker.compose(own, {"stonith-action": "off"}, "")
    values = [p.get("value") for p in config.iter("nvpair") if p.get("name") == "stonith-action"]
    assert values == ["reboot"]


def test_merge_keeps_nodes_and_replaces_resources() -> None:
    live = ('<configuration><crm_config/><nodes><node id="1" uname="n1"/></nodes><resources>'
            '<primitive id="old"/></resources><constraints/></configuration>')
    wanted = pacemaker.compose('<resources><primitive id="new"/></resources>', {}, "")
    merged = ET.fromstring(pacemaker.merge_live(live, wanted))
    assert [p.get("id") for p in merged.iter("primitive")] == ["new"]
    assert merged.find("nodes/node").get("uname") == "n1"


def test_unknown_section_is_refused() -> None:
    with pytest.raises(ValueError, match="primitive"):
        pacemaker.configuration_of("<primitive id='x'/>")


def test_http_answers() -> None:
    assert probe_http.judge(b"HTTP/1.1 200 OK\r\nX-Node: n2\r\n\r\nhello") == (True, "n2")
    assert probe_http.judge(b"HTTP/1.1 200 OK\r\n\r\nweb1\n") == (True, "web1")
    assert probe_http.judge(b"HTTP/1.1 502 Bad\r\n\r\n")[0] is False
    assert probe_http.judge(b"HTTP/1.1 200 OK\r\nX-No")[0] is False
    assert probe_http.judge(b"")[0] is False


def test_log_lines_get_their_time() -> None:
    lines = ["garbage\n", "Nov 22 18:43:46.123 n1 pacemakerd [1] x\n", "  more\n"]
    events = list(timeline.parse_log(lines, "n1", "pacemaker", 2026))
    assert [e.time % 1 for e in events] == pytest.approx([0.123, 0.123])
    assert events[0].text.startswith("pacemakerd")


def test_wait_says_what_it_waited_for() -> None:
    with pytest.raises(wait.WaitTimeout, match="for the moon; last seen: half"):
        wait.wait_until("the moon", lambda: (False, "half"), 0.05)


def test_spec_survives_json() -> None:
    assert spec.LabSpec.from_json(lab().to_json()) == lab()


def test_answer_of_an_interrupted_call_is_not_taken_for_the_next() -> None:
    caller, keeper = socket.socketpair()
    with caller, keeper:
        previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            with pytest.raises(KeyboardInterrupt):
                rpc.call(caller, "status")
        finally:
            signal.signal(signal.SIGALRM, previous)
        assert json.loads(keeper.recv(4096))["call"] == "status"
        with pytest.raises(wait.LabError, match="did not answer when it was asked to down"):
            rpc.call(caller, "down")
