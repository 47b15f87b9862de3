# SPDX-License-Identifier: GPL-2.0-or-later
"""What haopsd must bear: no CPU, no descriptors, no space, a wall clock that jumps, rubbish from
others, a thousand objects."""
import contextlib
import json
import os
import re
import signal
import time

import pytest
from daemons import CIB, DEADTIME_S, VIP, Daemons, start
from haopslab import clockstep
from haopslab.cluster import HAOPSD
from haopslab.wait import LabError, pace, wait_until

NOISE = "/run/lab/py/haopslab/cpgnoise.py"
MANY = [f"10.78.{i // 250}.{i % 250 + 1}" for i in range(1000)]
MANY_XML = f"""
<primitive id="many" class="ocf" provider="haops" type="IPaddr2">
  <instance_attributes id="many-params">
    <nvpair id="many-ip" name="ip" value="{' '.join(MANY)}"/>
    <nvpair id="many-nic" name="nic" value="eth0"/>
    <nvpair id="many-prefix" name="cidr_netmask" value="32"/>
  </instance_attributes>
  <operations><op id="many-monitor" name="monitor" interval="60s" timeout="40s"/></operations>
</primitive>
"""
# Of haopsd/watch/limiter.h.
BURST, PER_SECOND = 20, 5
STORM, STORM_NET = [f"storm-{i}" for i in range(1, 41)], "10.79.0.0/16"
STORM_XML = "".join(f"""
<primitive id="{name}" class="ocf" provider="haops" type="IPaddr2">
  <instance_attributes id="{name}-params">
    <nvpair id="{name}-ip" name="ip" value="10.79.0.{number}"/>
    <nvpair id="{name}-nic" name="nic" value="eth0"/>
    <nvpair id="{name}-prefix" name="cidr_netmask" value="32"/>
  </instance_attributes>
</primitive>""" for number, name in enumerate(STORM, start=1))


def test_cpu_starved(daemons):
    """Busy loops on every node, twice as many as there are cores: late it may be, dead nobody is."""
    with daemons.quiet():
        for node in daemons.cluster.nodes():
            node.hog()
        for _ in pace(1, 16):
            for name in daemons.cluster.node_names():
                bad = {p: s for p, s in daemons.states(name).items()
                       if s not in ("active", "late", "held")}
                assert not bad, f"{name} says {bad}"
        for node in daemons.cluster.nodes():
            node.hog(0)
        daemons.wait_well()


def test_wall_clock_stepped(daemons):
    """By an hour, there and back. It is not looked at, but for the times that people read."""
    node = daemons.cluster.node("n2")
    daemons.restarted.add("n2")
    node.stop_service("haopsd")
    node.start_service("haopsd", clockstep.prepare(node, HAOPSD))
    node.wait_service("haopsd")
    daemons.wait_well()
    with daemons.quiet():
        before = daemons.status("n2").pauses
        for step in (3600, -3600, 0):
            clockstep.step(node, step)
            for _ in pace(0.5, int(2 * (DEADTIME_S + 1))):
                assert set(daemons.states("n1").values()) == {"active"}
                assert set(daemons.states("n2").values()) == {"active"}
        assert daemons.status("n2").pauses == before
    clockstep.step(node, 0)
    clockstep.step(node, 3600)
    lose_vip(daemons, daemons.cluster.node(daemons.cluster.wait_resource("vip")))
    daemons.end_restarted("n2")
    node.start_service("haopsd")
    node.wait_service("haopsd")


def test_rubbish_and_later_versions(daemons):
    """From another client of the group, 6,000 messages from each of two nodes."""
    with daemons.quiet():
        for seed, name in enumerate(("n2", "n3")):
            done = daemons.cluster.node(name).run(
                ["/usr/bin/python3", NOISE, group(daemons), "6000", str(seed)])
            sent = json.loads(done.stdout)
            assert sum(sent.values()) == 6000 and len(sent) >= 12
        daemons.wait_well()
        assert set(daemons.states("n1")) == set(daemons.cluster.node_names())


def group(daemons):
    """The process group of haopsd, by Corosync."""
    node = daemons.cluster.node("n1")
    pid, current = node.pids("haopsd")[-1], ""
    for line in node.run(["/usr/sbin/corosync-cpgtool"]).stdout.splitlines():
        match = re.match(r"^(\S+?)(\\x00)?\s*$", line)
        current = match[1] if match else current
        if line.split()[:2] == [pid, "1"]:
            return current
    raise LabError("haopsd is in no process group")


def test_thousand_addresses(daemons):
    """All watched; one is lost, then all at once: one report each, since it is one resource."""
    crm = daemons.cluster.crm
    with added(daemons, MANY_XML, "many"):
        holder = crm.wait_resource("many", timeout=60)
        node = daemons.cluster.node(holder)
        wait_until("all to be watched", lambda: (
            daemons.status(holder).watched.get("many", {}).get("objects") == 1000, ""), 10)
        daemons.expect_loss("many", reports=2)
        for lost in ([MANY[777]], MANY):
            # Recovery begins within milliseconds, before so many are deleted.
            node.freeze("pacemaker-execd")
            node.run(["/usr/sbin/ip", "-batch", "-"],
                     stdin="".join(f"addr del {a}/32 dev eth0\n" for a in lost))
            node.thaw("pacemaker-execd")
            wait_until("all addresses to be back", lambda: (
                node.run(["/usr/sbin/ip", "-o", "addr", "show"]).stdout.count(" 10.78.") == 1000,
                ""), 30, 0.1)
            crm.wait_settled()
        assert set(daemons.states("n1").values()) == {"active"}


def test_storm_is_none_for_pacemaker(daemon_session):
    """All addresses of a node go at one stroke. Pacemaker hears of each once: of the first ones at once, of the
    rest at the limiter's rate. A cluster of one node, which is not kept: Pacemaker takes a second for each recovery."""
    with start(f"storm-{os.getpid()}", nodes=1) as cluster:
        daemons, node = Daemons(cluster), cluster.node("n1")
        cluster.load_cib(CIB.replace("</resources>", STORM_XML + "</resources>"))
        wait_until("all to be watched", lambda: (
            set(STORM) <= set(daemons.status("n1").watched), str(daemons.status("n1"))), 20)
        before, since = daemons.status("n1").reports, time.time()
        node.run(["/usr/sbin/ip", "addr", "flush", "dev", "eth0", "to", STORM_NET])
        wait_until("all of them to be reported", lambda: (
            daemons.status("n1").reports >= before + len(STORM), daemons.status("n1").reports), 30, 0.1)
        times = daemons.failing_times()
    assert {name: len(times[name]) for name in times} == dict.fromkeys(STORM, 1)
    # A busy controller writes its lines late, and several then, but none before it was told.
    told = sorted(when - since for [when] in times.values())
    early = {n: when for n, when in enumerate(told, start=1) if n > BURST + PER_SECOND * when}
    assert not early, told


@contextlib.contextmanager
def added(daemons, xml, name):
    """One resource more, for a while."""
    crm = daemons.cluster.crm
    crm.run(["/usr/sbin/cibadmin", "--create", "--scope", "resources", "--xml-pipe"], stdin=xml)
    try:
        yield
    finally:
        crm.run(["/usr/sbin/crm_resource", "--meta", "-r", name, "-p", "target-role",
                 "-v", "Stopped"])
        crm.wait_resource(name, "Stopped", timeout=60)
        crm.run(["/usr/sbin/cibadmin", "--delete", "--xml-text", f'<primitive id="{name}"/>'])
        daemons.cluster.load_cib(CIB)


def test_out_of_descriptors(daemons):
    """None is left: what is watched stays so, what is new has to wait, and nothing ends."""
    holder = daemons.cluster.wait_resource("vip")
    node = daemons.cluster.node(holder)
    with daemons.quiet(), node.limited_files("haopsd", daemons.size(holder).fds):
        for _ in pace(0.2, 10):
            node.haops("status", check=False)
        assert daemons.main_pid(holder) == daemons.before[holder][0]
        peer = next(n for n in daemons.cluster.node_names() if n != holder)
        assert daemons.states(peer)[holder] == "active"
    daemons.wait_well()
    lose_vip(daemons, node)


@pytest.mark.parametrize("helper", ["haopsd-pacemaker", "haopsd-ipc", "haopsd-disk"])
def test_helper_killed(daemons, helper):
    """Another one is started, and does what the last one did."""
    node = daemons.cluster.node(daemons.cluster.wait_resource("vip"))
    before = helper_pids(node, helper)
    node.signal(helper, signal.SIGKILL)
    wait_until(f"another {helper}", lambda: (
        (now := helper_pids(node, helper)) and not now & before, (before, now)), 15, 0.1)
    daemons.wait_well()
    lose_vip(daemons, node)


def test_pacemaker_helper_stopped(daemons):
    """It hangs, as it would with Pacemaker: ended at its deadline, and the loss is reported."""
    node = daemons.cluster.node(daemons.cluster.wait_resource("vip"))
    with daemons.quiet():
        node.freeze("haopsd-pacemaker")
        lose_vip(daemons, node, timeout=45)
        daemons.wait_well()


def helper_pids(node, helper):
    """Numbers of the helper's processes."""
    table = node.run(["/usr/bin/ps", "-eo", "pid=,args="]).stdout.splitlines()
    rows = [line.split() for line in table]
    return {row[0] for row in rows if row[1].rsplit("/", 1)[-1].rstrip(":") == helper}


def lose_vip(daemons, node, timeout=5):
    """The address is deleted, and comes back."""
    daemons.expect_loss("vip")
    node.run(["/usr/sbin/ip", "addr", "del", f"{VIP}/24", "dev", "eth0"])
    wait_until("the address to be back", lambda: (
        any(daemons.has_address(n) for n in daemons.cluster.node_names()), ""), timeout, 0.05)
    daemons.cluster.crm.wait_settled()


def test_run_directory_full(daemons):
    """Agents cannot leave records: the resource works all the same, and is watched later."""
    crm = daemons.cluster.crm
    holder = daemons.cluster.wait_resource("vip")
    target = next(n for n in daemons.cluster.node_names() if n != holder)
    with daemons.quiet():
        daemons.cluster.node(target).fill_folder()
        crm.move("vip", target)
        crm.wait_resource("vip", on=target)
        crm.wait_settled()
        assert daemons.has_address(target)
        daemons.wait_well()
        daemons.cluster.node(target).unfill_folders()
        crm.unmove("vip")
        crm.move("vip", holder)
        crm.wait_resource("vip", on=holder)
        crm.unmove("vip")
        wait_until("it to be watched", lambda: (
            "vip" in daemons.status(holder).watched, str(daemons.status(holder))), 5)
    assert not crm.view().failures


def test_disk_full(daemons):
    """The test write fails: said, shown, and no reason to think ill of anybody."""
    node = daemons.cluster.node("n2")
    with daemons.quiet():
        node.fill()
        wait_until("the age of the test write to grow", lambda: (
            daemons.status("n2").disk_age_ms > 2500, str(daemons.status("n2"))), 10, 0.1)
        wait_until("a peer to know of it", lambda: (
            daemons.peer("n1", "n2")["disk_age_ms"] > 2500, ""), 5, 0.1)
        node.unfill()
        wait_until("the test write to work", lambda: (
            daemons.status("n2").disk_age_ms < 2500, ""), 15, 0.1)


def test_settings_changed_at_run_time(daemons):
    """By the file and a reload; rubbish in it changes nothing."""
    node = daemons.cluster.node("n2")
    text = node.read("/etc/haops/haopsd.conf")
    with daemons.quiet():
        try:
            node.write("/etc/haops/haopsd.conf", text.replace("keepalive 200ms", "keepalive 100ms"))
            node.haops("reload")
            wait_until("the new keepalive", lambda: (
                daemons.peer("n1", "n2")["keepalive_ms"] == 100, daemons.peer("n1", "n2")), 5)
            node.write("/etc/haops/haopsd.conf", "keepalive never\n")
            done = node.run(["/usr/sbin/haops", "reload"], check=False)
            assert done.returncode != 0 and "keepalive" in done.stderr
            assert daemons.peer("n1", "n2")["keepalive_ms"] == 100
        finally:
            node.write("/etc/haops/haopsd.conf", text)
            node.haops("reload")
        daemons.wait_well()
    assert time.time() > daemons.began
