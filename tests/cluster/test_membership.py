# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is there and who went, as libhaops-cluster tells it on a real Corosync."""
import pytest

# From the instant when a peer knows that it goes until the others know, in ms. Some are enough; this
# is for a busy machine, and far below the time in which a node's loss is noticed (2200 ms).
SOON_MS = 500
TOKEN_MS, CONSENSUS_MS = 1000, 1200


def test_join_names_quorum_links(crew):
    members = crew.join_all()
    for index, member in enumerate(members, start=1):
        view = member.view()
        assert view["nodeid"] == index
        assert [m["name"] for m in view["members"]] == ["n1", "n2", "n3"]
        assert view["ring"] == view["quorum_ring"] and view["nodes"] == [1, 2, 3]
        assert (view["expected_votes"], view["total_votes"], view["quorum"]) == (3, 3, 2)
        assert not view["two_node"] and not view["qdevice"]
        assert (view["token_ms"], view["consensus_ms"]) == (TOKEN_MS, CONSENSUS_MS)
        assert view["trouble"] == ""
        assert sorted(e["name"] for e in member.of("joined")) == ["n1", "n2", "n3"]
        assert not member.of("left", "log")
        links = {(link["nodeid"], link["link"]): link for link in member.ask("links", "links")["links"]}
        assert sorted(links) == [(node, ring) for node in (1, 2, 3) if node != index for ring in (0, 1)]
        assert all(link["enabled"] and link["connected"] for link in links.values())
        assert {ring: link["local_address"] for (_, ring), link in links.items()} == {
            ring: crew.nodes[index - 1].state()["ipv4"][ring] for ring in (0, 1)}
    assert len({member.incarnation for member in members}) == 3


def test_messages_in_one_order(crew):
    members = crew.join_all()
    for number in range(20):
        for member in members:
            member.tell(f"send {member.node.name}-{number}")
    for member in members:
        member.wait("60 messages", lambda _, m=member: len(m.texts()) == 60)
    assert members[0].texts() == members[1].texts() == members[2].texts()
    own = [event for event in members[0].of("message") if event["own"]]
    assert len(own) == 20 and all(event["nodeid"] == 1 and event["quorate"] for event in own)
    assert [event["result"] for event in members[0].of("sent")] == [0] * 20


def test_leave_is_orderly_and_soon_known(crew):
    first, second, third = crew.join_all()
    answer = third.ask("leave 2000", "leave")
    assert answer["result"] == 0
    for member in (first, second):
        left = member.wait("n3 left", lambda e: e["event"] == "left")
        assert left["name"] == "n3" and left["reason"] == "left"
        assert left["t"] - (answer["t"] - answer["took_ms"]) < SOON_MS
    mark = len(first.events)
    before = third.incarnation
    third.tell("join")
    joined = first.wait("n3 again", lambda e: e["event"] == "joined", mark)
    assert joined["incarnation"] != before


def test_killed_member_is_soon_known_and_replaced(crew):
    first, second, third = crew.join_all()
    old, mark = third.incarnation, len(first.events)
    third.kill()
    left = first.wait("n3 left", lambda e: e["event"] == "left", mark)
    assert left["reason"] == "process-gone" and left["incarnation"] == old
    crew.join(2)
    joined = first.wait("new one", lambda e: e["event"] == "joined", mark)
    assert joined["nodeid"] == 3 and joined["incarnation"] != old
    first.wait_whole(3, mark)
    second.tell("send on we go")
    first.wait("message", lambda e: e["event"] == "message" and e["text"] == "on we go", mark)


def test_partition_and_healing(crew):
    first, second, third = crew.join_all()
    marks = [len(member.events) for member in crew.members]
    crew.nodes[2].cut()
    for member, mark, gone in ((first, marks[0], {"n3"}), (third, marks[2], {"n1", "n2"})):
        member.wait("the others gone", lambda e, m=member, s=mark, g=gone: {
            x["name"] for x in m.of("left", since=s)} == g, mark)
        assert {e["reason"] for e in member.of("left", since=mark)} == {"node-gone"}
    first.wait_view("majority goes on", lambda v: v["settled"] and v["quorate"] and v["nodes"] == [1, 2], marks[0])
    third.wait_view("minority knows", lambda v: v["settled"] and not v["quorate"] and v["nodes"] == [3], marks[2])
    third.tell("send alone")
    assert not third.wait("own message", lambda e: e["event"] == "message", marks[2])["quorate"]
    second.tell("send together")
    assert first.wait("message", lambda e: e["event"] == "message", marks[0])["quorate"]
    marks = [len(member.events) for member in crew.members]
    crew.nodes[2].heal()
    for member, mark in zip(crew.members, marks):
        member.wait_whole(3, mark, timeout=30)
    assert {e["name"] for e in third.of("joined", since=marks[2])} == {"n1", "n2"}
    assert "alone" not in first.texts() and "together" not in third.texts()
    third.tell("send healed")
    for member in (first, second):
        member.wait("healed", lambda e: e["event"] == "message" and e["text"] == "healed")


@pytest.mark.parametrize("rounds", [3])
def test_restart_faster_than_its_loss_is_noticed(crew, rounds):
    first, second, third = crew.join_all()
    for number in range(rounds):
        mark, third_mark = len(first.events), len(third.events)
        crew.kill_corosync(crew.nodes[2])
        crew.start_corosync(crew.nodes[2])
        left = first.wait("n3 left", lambda e: e["event"] == "left", mark)
        joined = first.wait("n3 again", lambda e: e["event"] == "joined", mark)
        # The same process, as its incarnation tells; its Corosync was away all the same.
        assert left["incarnation"] == joined["incarnation"] == third.incarnation
        third.wait_whole(3, third_mark)
        third.tell(f"send round {number}")
        second.wait("message", lambda e, n=number: e["event"] == "message" and e["text"] == f"round {n}")
