# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2 ended by SIGKILL at each system call of start and of stop: the next stop cleans up."""

import collections
import contextlib
import os
import re
import signal
import time

import pytest

VIP = "192.0.2.10"
VIP6 = "2001:db8::10"
CASES = {
    "ipv4": {"ip": VIP},
    "ipv6": {"ip": VIP6, "nodad": "true"},
    "list": {"ip": f"{VIP} 192.0.2.11 {VIP6}", "nodad": "true"},
    "replace": {"ip": VIP, "cidr_netmask": 25, "nic": "eth0"},
}
# Those whose start waits for an answer of the wire.
WAITING = {
    "detection": {"ip": VIP6},
    "probe": {"ip": VIP, "run_arping": "true"},
}
WAIT_S = 0.05  # a poll(2) that takes longer is such a wait


def trace(node, action, params):
    """[(system call, how manieth of its kind, seconds)] of a whole action, from execve on, in order."""
    result = node.agent(action, wrap=["strace", "-qq", "-T", "-o", "/run/calls"], **params)
    assert result.code == 0, result
    counts = collections.Counter()
    calls = []
    for line in node.ns.run("cat", "/run/calls").stdout.splitlines():
        found = re.match(r"(\w+)\(.*<([0-9.]+)>$", line)
        if found and found.group(1) != "execve":
            counts[found.group(1)] += 1
            calls.append((found.group(1), counts[found.group(1)], float(found.group(2))))
    return calls


def points(node, action, params):
    """[(system call, number)] to kill an action at."""
    return sorted((call, number) for call, number, _ in trace(node, action, params))


def kill_at(node, action, point, params, skipped=None):
    """Runs an action that is killed when it enters that system call for the number-th time. skipped: a poll(2) whose
    wait is left out."""
    call, number = point
    wrap = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call},ppoll",
            "-e", f"inject={call}:signal=KILL:when={number}"]
    if skipped and call != "ppoll":
        wrap += ["-e", f"inject=ppoll:retval=0:when={skipped}"]
    return node.agent(action, wrap=wrap, **params)


def check_clean(node, point):
    """Nothing of the resource is left."""
    left = {addr for addr in node.ns.addrs() if addr in (VIP, VIP6, "192.0.2.11")}
    assert (left, node.ns.processes()) == (set(), {}), point


def before(node, case):
    """What a start of this case finds."""
    if case == "replace":
        node.ns.ip(f"addr replace {VIP}/32 dev eth0")


@pytest.mark.parametrize("case", CASES)
def test_killed_in_start(node, case):
    params = CASES[case]
    before(node, case)
    todo = points(node, "start", params)
    node.must("stop", **params)
    assert len(todo) > 40
    killed = 0
    for point in todo:
        before(node, case)
        killed += kill_at(node, "start", point, params).code != 0
        node.must("stop", **params)
        check_clean(node, point)
    assert killed > len(todo) * 0.9
    node.must("start", **params)
    assert node.monitor(**params).code == 0


@pytest.mark.parametrize("case", WAITING)
def test_killed_while_it_waits_for_the_wire(node, case):
    """From shortly before the first wait to shortly after the last one: the rest is as in the other cases."""
    params = WAITING[case]
    # Detection of 0.1 s instead of one to two seconds.
    node.ns.run("sysctl", "-qw", "net.ipv6.conf.eth0.router_solicitation_delay=0",
                "net.ipv6.neigh.eth0.retrans_time_ms=100")
    # The run directory is there from now on.
    node.must("start", ip=VIP)
    node.must("stop", ip=VIP)
    calls = trace(node, "start", params)
    node.must("stop", **params)
    waits = [at for at, (call, _, seconds) in enumerate(calls) if call == "ppoll" and seconds > WAIT_S]
    assert waits, calls
    # A probe goes on when it is told that its time is over; detection waits for the kernel's word.
    skipped = f"{calls[waits[0]][1]}..{calls[waits[-1]][1]}" if case == "probe" else None
    todo = calls[max(0, waits[0] - 5):waits[-1] + 10]
    killed = 0
    for call, number, _ in todo:
        killed += kill_at(node, "start", (call, number), params, skipped).code != 0
        node.must("stop", **params)
        check_clean(node, (call, number))
    assert len(todo) > 14 and killed > len(todo) * 0.9
    node.must("start", **params)
    assert node.monitor(**params).code == 0


@pytest.mark.parametrize("case", CASES)
def test_killed_in_stop(node, case):
    params = CASES[case]
    node.must("start", **params)
    todo = points(node, "stop", params)
    assert len(todo) > 40
    killed = 0
    for point in todo:
        node.must("start", **params)
        killed += kill_at(node, "stop", point, params).code != 0
        node.must("stop", **params)
        check_clean(node, point)
    assert killed > len(todo) * 0.9


def test_killed_between_start_and_start(node):
    """A start over the remains of a killed one ends as if nothing had happened."""
    params = CASES["list"]
    todo = points(node, "start", params)
    node.must("stop", **params)
    for point in todo:
        kill_at(node, "start", point, params)
        node.must("start", **params)
        assert node.monitor(**params).code == 0
        assert node.sender_count() == 1, point
        node.must("stop", **params)
        check_clean(node, point)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_whole_process_group_killed_as_the_cluster_does(node, action):
    """Pacemaker kills the group of an agent that overran its timeout, at any moment."""
    ends = set()
    for after_ms in range(16):
        if action == "stop":
            node.must("start", ip=VIP)
        process = node.popen(action, ip=VIP)
        time.sleep(after_ms / 1000)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)
        ends.add(process.returncode)
        node.must("stop", ip=VIP)
        check_clean(node, (action, after_ms))
    assert -signal.SIGKILL in ends, ends


def test_sender_of_a_completed_start_is_not_in_its_process_group(node):
    """What the cluster kills afterwards, by that group or that session, is not the sender."""
    process = node.popen("start", ip=VIP)
    process.communicate(timeout=10)
    assert process.returncode == 0
    sender, = node.ns.processes()
    assert os.getpgid(sender) != process.pid and os.getsid(sender) != process.pid
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert list(node.ns.processes()) == [sender]
    assert node.monitor(ip=VIP).err == "", "the sender is there"
