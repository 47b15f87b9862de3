# SPDX-License-Identifier: GPL-2.0-or-later
"""Watch records of the agents: there after start, gone before anything is stopped, never a failure."""

import re

import pytest
from netlab import wait_until
from nginxlab import Box
from test_ipaddr2_kill import kill_at, points

VIP = "192.0.2.10"
VIP6 = "2001:db8::10"
RUN = "/run/haops"


def record(where, instance="vip"):
    """The lines of a resource's record, or None."""
    done = where.run("cat", f"{RUN}/watch-{instance}", check=False)
    return done.stdout.splitlines() if done.returncode == 0 else None


def by_hand(**kwargs):
    """What a shell does not set."""
    return {"meta": {"timeout": None, "interval": None}, **kwargs}


@pytest.fixture
def box(agents):
    """A box for nginx."""
    made = Box(agents)
    yield made
    made.close()


def test_start_puts_and_stop_removes(node):
    node.must("start", ip=f"{VIP6} {VIP}", nodad="true")
    assert record(node.ns) == ["haops-watch 1", "resource vip", "provider haops", "agent IPaddr2", "pacemaker 1",
                               "netns -", "lease 0", f"address {VIP} 24 eth0", f"address {VIP6} 64 eth0", "end"]
    node.must("stop", ip=f"{VIP6} {VIP}")
    assert record(node.ns) is None
    assert [name for name in node.ns.run("ls", RUN, check=False).stdout.split() if "watch" in name] == []


def test_by_hand_only_start_and_stop_count(node):
    node.must("start", ip=VIP, **by_hand())
    assert "pacemaker 0" in record(node.ns)
    node.ns.run("rm", f"{RUN}/watch-vip")
    assert node.agent("monitor", ip=VIP, **by_hand()).code == 0
    assert record(node.ns) is None
    assert node.agent("monitor", ip=VIP, instance=None).code == 0
    assert record(node.ns, "default") is None
    node.must("stop", ip=VIP, **by_hand())


def test_names_of_clones_and_odd_ones(node):
    for instance, file in (("vip:0", "vip%3A0"), ("a/b", "a%2Fb"), ("x" * 250, None)):
        node.must("start", ip=VIP, instance=instance)
        found = node.ns.run("sh", "-c", f"cat {RUN}/watch[-.]*").stdout
        assert f"resource {instance}\n" in found
        assert file is None or record(node.ns, file)
        node.must("stop", ip=VIP, instance=instance)
        assert node.ns.run("sh", "-c", f"ls {RUN} | grep -c watch", check=False).stdout == "0\n"


def test_start_of_what_runs_puts_one(node):
    node.must("start", ip=VIP)
    node.ns.run("rm", f"{RUN}/watch-vip")
    node.must("start", ip=VIP)
    assert f"address {VIP} 24 eth0" in record(node.ns)


def test_monitor_puts_a_missing_one_and_a_probe_does_not(node):
    node.must("start", ip=VIP)
    before = record(node.ns)
    node.ns.run("rm", f"{RUN}/watch-vip")
    assert node.probe(ip=VIP) == 0
    assert record(node.ns) is None
    assert node.monitor(ip=VIP).code == 0
    assert record(node.ns) == before


def test_monitor_asks_once(node):
    node.must("start", ip=VIP)
    for action, meta, count in (("monitor", {"interval": 10000}, 1), ("monitor", {"interval": 0}, 0)):
        result = node.agent(action, meta=meta, ip=VIP, wrap=["strace", "-qq", "-f", "-o", "/run/calls"])
        assert result.code == 0, result
        calls = node.ns.run("cat", "/run/calls").stdout.splitlines()
        touched = [line for line in calls if f"{RUN}/" in line or "watch-vip" in line]
        assert len(touched) == count and all("watch-vip" in line for line in touched), touched


def test_record_names_the_namespace(node):
    node.ns.run("ip", "netns", "add", "blue")
    node.ns.run("ip", "-n", "blue", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    node.ns.run("ip", "-n", "blue", "link", "set", "eth0", "up")
    params = {"ip": VIP, "cidr_netmask": 24, "nic": "eth0", "network_namespace": "blue"}
    node.must("start", **params)
    assert "netns blue" in record(node.ns)
    node.must("stop", **params)
    assert record(node.ns) is None
    node.ns.run("ip", "netns", "del", "blue")


def test_failed_start_leaves_none(node):
    node.must("start", ip=VIP)
    node.ns.ip(f"addr del {VIP}/24 dev eth0")
    node.peer.ip(f"addr add {VIP}/24 dev eth0")
    result = node.agent("start", ip=VIP, run_arping="true")
    assert result.code == 1, result
    assert record(node.ns) is None


@pytest.mark.parametrize("fault", ["full", "foreign", "file"])
def test_no_record_is_no_failure(node, fault):
    if fault == "full":
        node.ns.run("mkdir", "-m", "700", RUN)
        node.ns.run("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1,mode=700", "none", RUN)
    elif fault == "foreign":
        node.ns.run("mkdir", "-m", "777", RUN)
        node.ns.run("chmod", "777", RUN)
    else:
        node.ns.run("touch", RUN)
    result = node.must("start", ip=VIP)
    assert len(re.findall("haopsd cannot watch this", result.err)) == 1, result
    result = node.monitor(ip=VIP)
    assert (result.code, "watch" in result.err) == (0, False), result
    node.must("stop", ip=VIP)
    assert not node.ns.has(VIP)
    if fault == "full":
        node.ns.run("umount", RUN)


def check_true(node, addrs, point):
    """Whoever was killed: what a record names is there."""
    lines = record(node.ns)
    if lines is not None:
        assert lines[-1] == "end", point
        assert all(node.ns.has(addr) for addr in addrs), (point, lines)


def test_killed_at_any_instant_the_record_is_true(node):
    params = {"ip": f"{VIP} {VIP6}", "nodad": "true"}
    addrs = (VIP, VIP6)
    todo = points(node, "start", params)
    for point in todo:
        node.must("stop", **params)
        kill_at(node, "start", point, params)
        check_true(node, addrs, point)
    node.must("start", **params)
    todo = points(node, "stop", params)
    for point in todo:
        node.must("start", **params)
        kill_at(node, "stop", point, params)
        check_true(node, addrs, point)
    node.must("stop", **params)


def test_stop_removes_it_before_it_asks_the_kernel(node):
    node.must("start", ip=VIP)
    kill_at(node, "stop", ("socket", 1), {"ip": VIP})
    assert record(node.ns) is None
    assert node.ns.has(VIP)
    node.must("stop", ip=VIP)


def test_stop_with_wrong_parameters_removes_it(node):
    node.must("start", ip=VIP)
    node.must("stop", ip="nonsense")
    assert record(node.ns) is None
    node.must("stop", ip=VIP)


def process_line(box, pid):
    """How a record names a process."""
    stat = box.run("cat", f"/proc/{pid}/stat").stdout
    return f"process {pid} {stat.rpartition(')')[2].split()[19]}"


def test_nginx_master_is_recorded(box):
    web = {"configfile": box.config()}
    assert box.call("start", web).code == 0
    assert record(box, "web") == ["haops-watch 1", "resource web", "provider haops", "agent nginx", "pacemaker 1",
                                  "netns -", "lease 0", process_line(box, box.master()), "end"]
    before = record(box, "web")
    assert box.call("reload", web).code == 0
    assert record(box, "web") == before
    box.run("rm", f"{RUN}/watch-web")
    assert box.probe(web).code == 0
    assert record(box, "web") is None
    assert box.call("monitor", web).code == 0
    assert record(box, "web") == before
    assert box.call("stop", web).code == 0
    assert record(box, "web") is None


def test_nginx_upgraded_binary_is_recorded_anew(box):
    web = {"configfile": box.config()}
    assert box.call("start", web).code == 0
    old = box.master()
    box.run("/bin/kill", "-USR2", str(old))
    wait_until(lambda: box.path("/run/box/web.pid.oldbin").exists(), "a second master")
    wait_until(lambda: len([p for p, text in box.processes().items() if "master" in text]) == 2, "two masters")
    box.kill(old, 3)
    wait_until(lambda: old not in box.processes(), "the first master gone")
    assert box.call("monitor", web).code == 0
    assert process_line(box, box.master()) in record(box, "web")
    assert box.call("stop", web).code == 0
    assert (record(box, "web"), box.processes()) == (None, {})


def test_nginx_failed_start_leaves_none(box):
    web = {"configfile": box.config(listen="192.0.2.77:80")}
    assert box.call("start", web).code == 1
    assert record(box, "web") is None
