# SPDX-License-Identifier: GPL-2.0-or-later
"""Nodes and cables that fail. At no instant may two nodes answer for an address."""
import time

from haopslab import proxy
from haopslab.wait import wait_until

from scenario import has_address

# Each ring has its own port: 5405 and up.
CLUSTER_PORTS = "5404-5412"


def test_node_power_off(scenario):
    node = scenario.active()
    with scenario.watched() as visitor:
        node.kill()
        outages = visitor.wait_recovered()
        scenario.wait_moved(node)
        scenario.cluster.crm.wait_settled()
    assert len(outages) == 1
    result = scenario.steps()
    assert not result["missing"], result
    assert result["node"] == node.name and result["taker"] != node.name


def test_ten_failovers_in_a_row(scenario):
    """None is missed, and none is served by the node that was just lost."""
    waits = []
    with scenario.watched() as visitor:
        for number in range(1, 11):
            node = scenario.active()
            node.kill()
            outage = visitor.wait_recovered(outages=number)[number - 1]
            waits.append(round(outage["seconds"], 3))
            scenario.wait_moved(node)
            scenario.cluster.restore()
            scenario.cluster.audit()
    report = visitor.report
    assert len(report["outages"]) == 10, report["outages"]
    assert len(report["served"]) == 11, report["served"]
    scenario.row["waits"] = waits
    print(f"waited {waits}")


def test_network_cut(scenario):
    """All cables of the active node: it is fenced, and cannot come back with the address."""
    node = scenario.active()
    boots = scenario.boots()
    with scenario.watched() as visitor:
        node.cut()
        visitor.wait_recovered()
        scenario.wait_moved(node)
        assert not node.is_on(), "served by another node before the cut one was fenced"
        node.heal()
        scenario.cluster.restore()
    assert scenario.boots()[node.name] == boots[node.name] + 1
    assert not scenario.steps()["missing"]


def test_cluster_traffic_filtered(scenario):
    """A firewall's mistake: the nodes lose each other, while all of them still reach the visitors.
    Whoever keeps the address has to go before another may take it."""
    node = scenario.active()
    rings = range(scenario.cluster.options.rings)
    with scenario.watched() as visitor:
        scenario.cluster.note("cluster traffic filtered", target=node.name)
        for ring in rings:
            port = f"{node.name}-r{ring}"
            scenario.filter_switch(ring, "table bridge scenario {\nchain forward {\n"
                                   "type filter hook forward priority 1\n"
                                   f'iifname "{port}" udp dport {CLUSTER_PORTS} drop\n'
                                   f'oifname "{port}" udp dport {CLUSTER_PORTS} drop\n}}\n}}\n')
        try:
            scenario.wait_moved(node)
            visitor.wait_recovered(outages=0)
            assert not node.is_on(), "two sides run, and the lost one was not fenced"
        finally:
            for ring in rings:
                scenario.filter_switch(ring, "delete table bridge scenario")


def test_switch_restarts(scenario):
    """The service network's switch goes off and on. The other ring keeps the cluster together, so
    nothing moves, nobody is fenced, and the address is announced again."""
    scenario.cluster.wait_rings_trusted()
    node, boots, began = scenario.active(), scenario.boots(), time.time()
    with scenario.watched() as visitor:
        scenario.cluster.switch_off(0)
        visitor.wait_outage()
        time.sleep(4)  # longer than corosync waits for a token
        back = time.time()
        scenario.cluster.switch_on(0)
        visitor.wait_recovered()

        def announced():
            seen = scenario.observer.now()["addresses"]
            again = [a for a in seen if any(n["time"] > back for n in seen[a]["announcements"])]
            return len(again) == 2, again
        if not scenario.is_stock:
            wait_until("both addresses to be announced again", announced, 10, 0.1)
    assert scenario.active().name == node.name
    assert scenario.boots() == boots
    assert not scenario.failures()
    assert not scenario.events("Requesting fencing", since=time.time() - began)


def test_web_server_lost(scenario):
    """One of the two behind the proxy: no visitor notices but by a slower answer."""
    web = scenario.cluster.node(proxy.WEB_SERVERS[0])
    with scenario.watched() as visitor:
        web.stop_service("web", 9)
        before = visitor.now()["ok"]
        wait_until("200 more answers", lambda: (
            visitor.now()["ok"] > before + 200, visitor.report["ok"]), 20)
    scenario.cluster.web_server(web.name)
    assert not visitor.report["failed"]
    assert not scenario.failures()


def test_full_disk_at_failover(scenario):
    """The nodes that are to take over have no byte left on their disks."""
    node = scenario.active()
    for other in scenario.others(node):
        other.fill()
    with scenario.watched() as visitor:
        node.kill()
        visitor.wait_recovered()
        taker = scenario.wait_moved(node)
        assert has_address(taker, proxy.VIP4)
        for other in scenario.others(node):
            other.unfill()
        scenario.cluster.restore()
