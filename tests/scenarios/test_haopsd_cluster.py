# SPDX-License-Identifier: GPL-2.0-or-later
"""Corosync, nodes and cables fail under haopsd: what it says, and what it does not."""
import signal
import time

from daemons import CONVERGENCE_S, DETECTION_S, SILENT, TOLERANCE_S, VIP
from haopslab.wait import pace, wait_until

OUT_OF_GROUP = ("gone", "left", "absent")


def start_again(daemons, node, service):
    """A service that ended with Corosync, started by hand if its parent did not."""
    if service not in node.state()["services"]:
        node.start_service(service)
    daemons.cluster.crm.wait_formed(daemons.cluster.node_names(), 60)


def test_corosync_killed_and_restarted_at_once(daemons):
    """Sooner than the others notice. haopsd is the same process, and joins again by itself."""
    node = daemons.cluster.node("n3")
    with daemons.quiet():
        node.stop_service("corosync", signal.SIGKILL)
        node.start_service("corosync")
        node.wait_service("corosync")
        daemons.wait_well(40)
    start_again(daemons, node, "pacemakerd")


def test_corosync_killed_again_and_again(daemons):
    """Whatever a connection holds is given back."""
    node, sizes = daemons.cluster.node("n3"), []
    with daemons.quiet():
        for _ in range(5):
            node.stop_service("corosync", signal.SIGKILL)
            node.start_service("corosync")
            node.wait_service("corosync")
            daemons.wait_well(40)
            sizes.append(daemons.size("n3"))
    start_again(daemons, node, "pacemakerd")
    assert max(s.rss_kb for s in sizes[2:]) <= sizes[1].rss_kb + 256, sizes
    assert max(s.fds for s in sizes) <= sizes[0].fds, sizes


def test_corosync_killed_and_restarted_late(daemons):
    """The others lose the node; the node says what it lacks, and blames nobody."""
    node = daemons.cluster.node("n3")
    since = time.time()
    node.stop_service("corosync", signal.SIGKILL)
    for peer in ("n1", "n2"):
        daemons.wait_state(peer, "n3", OUT_OF_GROUP, 10)
    status = daemons.status("n3")
    assert not status.is_up and status.trouble and "no_cluster" in status.own, str(status)
    assert not daemons.log(SILENT, "n3", since)
    node.start_service("corosync")
    node.wait_service("corosync")
    daemons.wait_well(40)
    start_again(daemons, node, "pacemakerd")


def test_corosync_stopped_for_five_seconds(daemons):
    """SIGSTOP: libcpg would spin or block. haopsd answers, burns no time, and blames nobody."""
    node = daemons.cluster.node("n3")
    daemons.start_anew("n3")
    since = time.time()
    node.freeze("corosync")
    wait_until("haopsd to see it", lambda: (
        daemons.status("n3").own, ""), 10, 0.2)
    used = cpu_seconds(daemons, "n3")
    wait_until("five seconds to pass", lambda: (time.time() >= since + 5, ""), 8, 0.1)
    spent = cpu_seconds(daemons, "n3") - used
    assert spent < 0.5, f"{spent:.2f} s of CPU time while corosync was stopped"
    assert not daemons.log(SILENT, "n3", since)
    node.thaw("corosync")
    # Own messages come back up to a second before Corosync tells what happened meanwhile.
    daemons.wait_log("it may be we who were away", "n3", 20, since)
    daemons.wait_well(40)
    assert not daemons.log(" is lost: ", "n3", since)
    start_again(daemons, node, "pacemakerd")


def test_node_paused(daemons):
    """The owner of the address, for longer than the others wait. The news that it has missed says
    first that the others are gone; it says that it was away itself, and tells Pacemaker nothing."""
    node = daemons.cluster.node(daemons.cluster.wait_resource("vip"))
    with daemons.quiet():
        resumed = daemons.pause(node.name, 6)
        daemons.wait_well(40)
        daemons.blames_itself(node.name, resumed)
    start_again(daemons, node, "pacemakerd")


def cpu_seconds(daemons, node):
    """What haopsd's main process has used."""
    machine = daemons.cluster.node(node)
    fields = machine.read(f"/proc/{machine.pids('haopsd')[-1]}/stat").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_cluster_restarted_on_a_node(daemons):
    """As a package update does: all of it ends and starts; orderly for the others."""
    node = daemons.cluster.node("n2")
    daemons.restarted.add("n2")
    with daemons.quiet():
        node.restart_cluster()
        daemons.cluster.crm.wait_formed(daemons.cluster.node_names(), 60)
        daemons.wait_well()


def test_node_powered_off(daemons):
    """Gone when Corosync says so; measured; and back."""
    node = daemons.cluster.node("n3")
    daemons.restarted.add("n3")
    since = time.time()
    node.kill()
    for peer in ("n1", "n2"):
        gone = daemons.wait_state(peer, "n3", "gone", 10)["began"] - since
        assert 1 < gone < DETECTION_S + 1, gone
        measured = daemons.status(peer).data["detection"]["measured_ms"]
        assert abs(measured / 1000 - gone) < 0.5, (measured, gone)
    daemons.cluster.crm.wait_lost(["n3"])
    node.boot()
    daemons.wait_well()
    for peer in ("n1", "n2"):
        assert daemons.peer(peer, "n3")["returned_count"] >= 1


def test_partition_and_healing(daemons):
    """Two go on; the one that is cut off says that it is the one, and tells Pacemaker nothing."""
    node = daemons.cluster.node("n3")
    since = time.time()
    node.cut("all")
    for peer in ("n1", "n2"):
        daemons.wait_state(peer, "n3", "gone", 10)
    wait_until("n3 to see that it is alone", lambda: (
        "no_quorum" in daemons.status("n3").own, str(daemons.status("n3"))), 10, 0.2)
    wait_until("eight seconds to pass", lambda: (time.time() >= since + 8, ""), 10, 0.1)
    assert "silent" not in daemons.states("n3").values()
    node.heal()
    daemons.wait_well(40)


def test_switch_off_while_the_other_ring_works(daemons):
    """Carrier is lost everywhere, and Corosync holds the cluster together: nothing is declared
    dead while all of that converges, and it is said why."""
    daemons.cluster.wait_rings_trusted()
    since = time.time()
    with daemons.quiet():
        daemons.cluster.switch_off(0)
        for node in daemons.cluster.node_names():
            wait_until(f"{node} to say why", lambda n=node: (
                "converging" in daemons.status(n).own, str(daemons.status(n))), 10, 0.1)
        # A haopsd that stops meanwhile is held, not dead: it may be the network.
        daemons.cluster.node("n2").freeze("haopsd")
        daemons.wait_state("n1", "n2", "held", 8)
        daemons.cluster.node("n2").thaw("haopsd")
        daemons.cluster.switch_on(0)
    wait_until("convergence to be over", lambda: (
        not any(daemons.status(n).own for n in daemons.cluster.node_names()),
        {n: daemons.status(n).own for n in daemons.cluster.node_names()}),
        CONVERGENCE_S + 10, 0.2)
    assert time.time() - since > CONVERGENCE_S - TOLERANCE_S


def test_isolated_though_corosync_holds_together(daemons):
    """Ring 0 is gone for n3, and with it its ping target; over ring 1 it is a member, but hears nobody. It takes
    itself for the isolated one, also when the time for the network to converge is over."""
    node, others = daemons.cluster.node("n3"), [daemons.cluster.node(name) for name in ("n1", "n2")]
    converge_s = 3
    daemons.cluster.wait_rings_trusted()
    with daemons.quiet():
        node.haops("set", "convergence_time", str(converge_s))
        node.cut(0)
        wait_until("the ping target to be gone", lambda: (not any(daemons.status("n3").pings.values()), ""), 10, 0.05)
        since = time.time()
        for other in others:
            other.freeze("haopsd")
        wait_until("n3 to take itself for isolated, and convergence to be over", lambda: (
            daemons.status("n3").own == ["isolated"], str(daemons.status("n3"))), 15, 0.1)
        assert time.time() - since > converge_s - TOLERANCE_S
        for _ in pace(0.2, 5):
            assert daemons.status("n3").own == ["isolated"]
        assert {daemons.peer("n3", other.name)["state"] for other in others} == {"held"}
        for other in others:
            other.thaw("haopsd")
        node.heal(0)
        daemons.wait_well()
        node.haops("reload")
    assert daemons.log("This node is the isolated one", "n3", since)


def test_ping_target_gone_moves_the_address(daemons):
    """The node attribute falls to 0 where the target does not answer, and the rule acts on it."""
    crm = daemons.cluster.crm
    holder = daemons.cluster.wait_resource("vip")

    def attribute(node):
        text = crm.run(["/usr/sbin/attrd_updater", "-Q", "-n", "pingd", "-N", node],
                       check=False).stdout
        return text.partition('value="')[2].partition('"')[0]
    wait_until("all attributes", lambda: (
        all(attribute(n) == "1000" for n in daemons.cluster.node_names()),
        {n: attribute(n) for n in daemons.cluster.node_names()}), 20, 0.2)
    daemons.cluster.wait_rings_trusted()
    daemons.cluster.node(holder).cut(0)
    taker = daemons.cluster.wait_resource("vip", not_on=holder)
    assert daemons.has_address(taker) and not daemons.has_address(holder)
    assert attribute(holder) == "0"
    assert not any(daemons.status(holder).pings.values())
    daemons.cluster.node(holder).heal(0)
    wait_until("the attribute to be back", lambda: (attribute(holder) == "1000", ""), 20, 0.2)


def test_haopsd_absent(daemons):
    """Nobody runs haopsd: everything works, at the speed of the poll."""
    crm = daemons.cluster.crm
    nodes = daemons.cluster.nodes()
    daemons.restarted |= {node.name for node in nodes}
    daemons.failures.add("vip")
    for node in nodes:
        node.stop_service("haopsd")
    try:
        poll(daemons, 2)
        holder = daemons.cluster.wait_resource("vip")
        since = time.time()
        daemons.cluster.node(holder).run(
            ["/usr/sbin/ip", "addr", "del", f"{VIP}/24", "dev", "eth0"])
        crm.wait("the failure to be seen", lambda view: any(
            f.operation == "vip_monitor_2000" for f in view.failures), 10)
        daemons.cluster.wait_resource("vip")
        wait_until("the address to be back", lambda: (any(
            daemons.has_address(n) for n in daemons.cluster.node_names()), ""), 10)
        assert time.time() - since < 2 + 5
    finally:
        poll(daemons, 60)
        for node in nodes:
            node.start_service("haopsd")
            node.wait_service("haopsd")
    crm.wait_settled()


def poll(daemons, seconds):
    """Sets the interval of the address' monitor."""
    crm = daemons.cluster.crm
    crm.run(["/usr/sbin/cibadmin", "--modify", "--scope", "resources", "--xml-text",
             f'<op id="vip-monitor" name="monitor" interval="{seconds}s" timeout="20s"/>'])
    crm.wait_settled()
