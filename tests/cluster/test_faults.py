# SPDX-License-Identifier: GPL-2.0-or-later
"""Corosync killed, stopped, flooded, and a stranger in the group: what libhaops-cluster makes of it."""
import json
import time

NOISE = "/run/lab/py/haopslab/cpgnoise.py"
STOP_S = 5
CPU_MAX = 0.2  # share of a core; libcpg alone would spin at 1.0
DISPATCH_MAX_US = 200_000
RSS_GROWTH_MAX_KB = 2048


def test_each_message_once_over_a_crash(crew):
    first, second, third = crew.join_all()
    for number in range(10):
        first.tell(f"send before {number}")
    first.wait("all back", lambda _: len(first.of("sent")) == 10)
    mark = len(first.events)
    # What is handed to a stopped Corosync that then dies was never sent.
    crew.nodes[0].freeze("corosync")
    for number in range(30):
        first.tell(f"send during {number}")
    first.tell("volatile gone")
    first.wait("all accepted", lambda _: len(first.of("send", since=mark)) == 31)
    assert {event["result"] for event in first.of("send")} == {0}
    assert not first.of("sent", since=mark)
    crew.kill_corosync(crew.nodes[0])
    first.wait_view("down", lambda v: v["state"] == "down" and "does not run" in v["trouble"], mark)
    assert first.ask("send after", "send")["result"] == 0
    assert first.ask("volatile refused", "send")["result"] == -107
    crew.start_corosync(crew.nodes[0])
    first.wait("all back", lambda _: len([e for e in first.of("sent") if e["result"] == 0]) == 41)
    wanted = [f"before {n}" for n in range(10)] + [f"during {n}" for n in range(30)] + ["after"]
    for member in (first, second, third):
        member.wait("the last", lambda e: e["event"] == "message" and e["text"] == "after")
        assert member.texts() == wanted
    assert [e["result"] for e in first.of("sent") if e["result"]] in ([-104], [-110])
    assert first.of("message")[-1]["quorate"]
    assert not [e for e in first.of("left", "joined", since=mark) if e["nodeid"] == 1]


def test_stopped_corosync_costs_nobody(crew):
    first, second, _ = crew.join_all()
    first.tell("beat 50")
    first.wait("beats", lambda _: len(first.of("sent")) > 5)
    mark, before = len(first.events), first.stats()
    crew.nodes[0].freeze("corosync")
    silent = first.wait_view("silent", lambda v: v["state"] == "silent", mark)
    assert "not come back" in silent["trouble"]
    first.tell("send kept")
    second.wait("n1 gone", lambda e: e["event"] == "left" and e["name"] == "n1")
    left_s = STOP_S - (time.clock_gettime(time.CLOCK_BOOTTIME) - before["t"] / 1000)
    time.sleep(max(0, left_s))  # not for an event: it is the length of the fault
    after = first.stats()
    assert (after["cpu_ms"] - before["cpu_ms"]) / (after["t"] - before["t"]) < CPU_MAX
    assert after["longest_us"] < DISPATCH_MAX_US
    assert after["beats"] > before["beats"] + 20
    mark = len(first.events)
    crew.nodes[0].thaw("corosync")
    first.wait_whole(3, mark)
    for member in (first, second):
        member.wait("kept", lambda e: e["event"] == "message" and e["text"] == "kept")
    # Late heartbeats are of no use to anybody: they were given up, not sent in a burst.
    late = [e for e in first.of("sent") if e["result"] == -110]
    assert len(late) > 20


def test_leave_of_a_stopped_corosync_keeps_its_deadline(crew):
    first, second, _ = crew.join_all()
    mark = len(second.events)
    crew.nodes[0].freeze("corosync")
    first.tell("send lost")
    answer = first.ask("leave 300", "leave")
    assert answer["result"] == -110 and answer["took_ms"] < 1000
    assert {e["seq"]: e["result"] for e in first.of("sent")} == {1: -125}
    left = second.wait("n1 left", lambda e: e["event"] == "left", mark)
    assert left["reason"] == "node-gone"
    crew.nodes[0].thaw("corosync")
    deadline = time.monotonic() + 20
    while first.stats()["threads"] > 1:
        assert time.monotonic() < deadline, "the thread that was left behind does not end"
        time.sleep(0.05)


def test_stranger_in_the_group(crew):
    members = crew.join_all()
    marks = [len(member.events) for member in members]
    own = {member.incarnation for member in members}
    noise = crew.nodes[1].popen(["/usr/bin/python3", "-B", NOISE, crew.group, "600"], stdout=-1, text=True)
    for number in range(100):
        members[number % 3].tell(f"send good {number}")
    sent = json.loads(noise.communicate(timeout=30)[0])
    assert sent["random_bytes"] == 50
    for member, mark in zip(members, marks):
        member.wait("all good ones", lambda _, m=member, s=mark: len(
            [t for t in m.texts(s) if t.startswith("good ")]) == 100, mark)
        assert not [e for e in member.of("joined", "left", since=mark) if e["incarnation"] in own]
        logs = [e["text"] for e in member.of("log", since=mark)]
        assert len([t for t in logs if "newer version" in t]) == 1
        assert [t for t in logs if "(1 in all)" in t] and len(logs) < 10
        member.wait_whole(3, mark)


def test_flood_of_64(crew):
    each, size, queue = 60, 200, 32
    members = [crew.join(index % 3, queue, 20000) for index in range(64)]
    for member in members:
        member.wait_whole(64, timeout=60)
    marks = [member.tell(f"flood {each} {size}") for member in members]
    accepted = {}
    for member, mark in zip(members, marks):
        answer = member.wait("flood", lambda e: e["event"] == "flood", mark)
        assert answer["result"] in (0, -11)
        assert queue <= answer["accepted"] <= each
        accepted[member.incarnation] = [answer["accepted"], 0]
    assert any(count < each for count, _ in accepted.values()), "nobody was told that the queue is full"
    for member in members:
        deadline = time.monotonic() + 30
        while (counts := member.ask("counts", "counts")["senders"]) != accepted:
            assert time.monotonic() < deadline, f"{counts} of {accepted}"
            time.sleep(0.05)
    assert {member.stats()["sent_failed"] for member in members} == {0}


def test_caller_who_does_not_dispatch_loses_nothing(crew):
    first, second, third = crew.join_all(4096)
    first.tell("stall 3000")
    second.tell("flood 4000 1000")
    third.tell("flood 4000 1000")
    wanted = {member.incarnation: [member.wait("flood", lambda e: e["event"] == "flood")["accepted"], 0]
              for member in (second, third)}
    assert sum(count for count, _ in wanted.values()) == 8000
    for member in (first, second, third):
        deadline = time.monotonic() + 30
        while (counts := member.ask("counts", "counts")["senders"]) != wanted:
            assert time.monotonic() < deadline, f"{counts} of {wanted}"
            time.sleep(0.05)
    assert not [v for v in first.of("view") if v["state"] == "silent"]


def test_nothing_is_left_behind(crew):
    crew.join_all()
    member = crew.members[0]
    begin = None
    for number in range(40):
        assert member.ask("leave 3000", "leave")["result"] == 0
        figures = member.stats()
        if number == 5:
            begin = figures
        member.tell("send " + "x" * 100)
        mark = member.tell("join")
        member.wait_whole(3, mark)
    assert (figures["fds"], figures["threads"]) == (begin["fds"], 1)
    assert figures["rss_kb"] - begin["rss_kb"] < RSS_GROWTH_MAX_KB


def test_memory_is_clean(crew):
    valgrind = ["/usr/bin/valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite",
                "--error-exitcode=99", "--num-callers=20"]
    crew.join(1)
    member = crew.join(0, wrapper=valgrind)
    mark = len(member.events)
    member.wait_view("two", lambda v: len(v["members"]) == 2 and v["settled"], mark, timeout=40)
    member.tell("send one")
    member.wait("one", lambda e: e["event"] == "sent")
    member.ask("links", "links")
    crew.kill_corosync(crew.nodes[0])
    crew.start_corosync(crew.nodes[0])
    member.wait_view("down", lambda v: v["state"] == "down", mark)
    mark = member.tell("send two")
    member.wait("two", lambda e: e["event"] == "sent", mark, timeout=40)
    status, errors = member.close(40)
    assert status == 0, errors


def test_trouble_names_the_reason(crew):
    def joins_with(trouble, *wrapper):
        member = crew.join(0, wrapper=wrapper)
        member.wait_view(trouble, lambda v: v["state"] == "down" and trouble in v["trouble"])
        return member
    joins_with("no descriptors left", "/usr/bin/prlimit", "--nofile=9")
    joins_with("refuses this user", "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    crew.nodes[0].run(["/usr/bin/dd", "if=/dev/zero", "of=/dev/shm/filler", "bs=64k"], check=False)
    member = joins_with("/dev/shm")
    crew.nodes[0].run(["/usr/bin/rm", "/dev/shm/filler"])
    member.wait_whole(1)
    answer = crew.members[0].ask("leave 1000", "leave")
    assert answer["result"] == -107 and answer["took_ms"] < 500


def test_corosync_stopped_in_order(crew):
    first, _, third = crew.join_all()
    mark, third_mark = len(first.events), len(third.events)
    crew.nodes[2].stop_service("corosync")
    left = first.wait("n3 left", lambda e: e["event"] == "left", mark)
    assert left["reason"] == "process-gone"
    down = third.wait_view("down", lambda v: v["state"] == "down", third_mark)
    assert abs(left["t"] - down["t"]) < 500
    mark = len(third.events)
    crew.start_corosync(crew.nodes[2])
    third.wait_whole(3, mark)
