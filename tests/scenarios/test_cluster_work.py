# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does with a cluster on purpose, and starts that fail."""
import signal
import time

from haopslab import proxy
from haopslab.wait import wait_until

from scenario import has_address, nginx_master

CLONE = """
<clone id="everywhere"><primitive id="anycast" class="ocf" provider="{provider}" type="IPaddr2">
  <instance_attributes id="anycast-params">
    <nvpair id="anycast-ip" name="ip" value="10.77.0.150"/>
    <nvpair id="anycast-nic" name="nic" value="lo"/>
    <nvpair id="anycast-cidr" name="cidr_netmask" value="32"/>
  </instance_attributes>
  <operations><op id="anycast-monitor" name="monitor" interval="2s" timeout="20s"/></operations>
</primitive></clone>
"""
BLACKHOLE = ("import socket,time; s=socket.socket(); s.setsockopt(1, 2, 1); s.bind(('', 80)); "
             "s.listen(); time.sleep(600)")


def test_planned_move(scenario):
    node = scenario.active()
    target = scenario.others(node)[0]
    with scenario.watched():
        scenario.cluster.crm.move(proxy.GROUP, target.name)
        try:
            scenario.wait_moved(node, to=target.name)
        finally:
            scenario.cluster.crm.unmove(proxy.GROUP)
        scenario.cluster.crm.wait_settled()
    assert scenario.active().name == target.name, "moved back, in spite of its stickiness"
    assert not scenario.failures()


def test_standby_and_back(scenario):
    node, boots = scenario.active(), scenario.boots()
    with scenario.watched():
        scenario.cluster.crm.standby(node.name)
        taker = scenario.wait_moved(node)
        assert not has_address(node, proxy.VIP4) and not has_address(node, proxy.VIP6)
        scenario.cluster.crm.standby(node.name, False)
        scenario.cluster.crm.wait_settled()
    assert scenario.active().name == taker.name
    assert scenario.boots() == boots and not scenario.failures()


def test_pacemaker_restarted_in_maintenance(scenario):
    """All of it ends and starts; the probe finds what runs, and nothing is touched."""
    node, boots, crm = scenario.active(), scenario.boots(), scenario.cluster.crm
    master = nginx_master(node)

    def maintenance(value):
        crm.run(["/usr/sbin/crm_attribute", "-t", "crm_config", "-n", "maintenance-mode", *value])
    with scenario.watched() as visitor:
        maintenance(["-v", "true"])
        try:
            node.stop_service("pacemakerd", timeout=60)
            gone = crm.wait("its Pacemaker to be gone",
                            lambda v: not v.nodes[node.name].is_whole(), 30)
            assert gone.where("nginx") in ([], [node.name])
            node.start_service("pacemakerd")
            crm.wait_formed(scenario.cluster.node_names(), 30)
            crm.wait_resource("nginx", on=node.name)
        finally:
            maintenance(["-D"])
        crm.wait_settled()
    assert nginx_master(node) == master
    assert scenario.active().name == node.name and scenario.boots() == boots
    assert not visitor.report["failed"] and not scenario.failures()


def test_pacemakerd_killed_and_restarted(scenario):
    """Only its parent process dies; what it started goes on, and the new one takes that over."""
    node, boots = scenario.active(), scenario.boots()
    master = nginx_master(node)
    with scenario.watched() as visitor:
        node.stop_service("pacemakerd", signal.SIGKILL)
        node.start_service("pacemakerd")
        wait_until("pacemakerd to serve again", lambda: (
            "running" in node.run(["/usr/sbin/crmadmin", "--pacemakerd"], check=False).stdout, ""),
            30, 0.2)
        scenario.cluster.crm.wait_settled()
    assert nginx_master(node) == master
    assert scenario.active().name == node.name and scenario.boots() == boots
    assert not visitor.report["failed"]


def test_start_fails_on_one_node(scenario):
    """Its configuration is broken; the next node takes the proxy."""
    node = scenario.active()
    broken, other = scenario.others(node)
    broken.write(proxy.CONFIG, proxy.example("nginx.conf") + "nonsense on;\n")
    began = time.time()
    try:
        with scenario.watched():
            scenario.cluster.crm.move(proxy.GROUP, broken.name)
            try:
                failure = scenario.wait_failure(f"nginx_start_0 on {broken.name}")
                taker = scenario.wait_moved(broken)
            finally:
                scenario.cluster.crm.unmove(proxy.GROUP)
    finally:
        broken.write(proxy.CONFIG, proxy.example("nginx.conf"))
    assert taker.name in (node.name, other.name)
    if not scenario.is_stock:
        assert 'unknown directive "nonsense"' in failure, failure
    assert not has_address(broken, proxy.VIP4)
    assert not scenario.events("Requesting fencing", since=time.time() - began)


def test_port_taken_by_a_stranger(scenario):
    """Another program has port 80 on the target: the start fails and names it."""
    node = scenario.active()
    target = scenario.others(node)[0]
    target.start_service("stranger", ["/usr/bin/python3", "-c", BLACKHOLE])
    wait_until("the stranger to listen", lambda: (
        ":80 " in target.run(["/usr/bin/ss", "-Hltn"]).stdout, ""), 10)
    try:
        with scenario.watched():
            scenario.cluster.crm.move(proxy.GROUP, target.name)
            try:
                failure = scenario.wait_failure(f"nginx_start_0 on {target.name}")
                scenario.wait_moved(target)
            finally:
                scenario.cluster.crm.unmove(proxy.GROUP)
    finally:
        target.stop_service("stranger", signal.SIGKILL)
    if not scenario.is_stock:
        assert "python3" in failure, failure


def test_anonymous_clone_of_an_address(scenario):
    """The same address on the loopback interface of every node."""
    crm, names = scenario.cluster.crm, scenario.cluster.node_names()
    provider = "heartbeat" if scenario.is_stock else "haops"
    crm.run(["/usr/sbin/cibadmin", "--create", "--scope", "resources", "--xml-pipe"],
            stdin=CLONE.format(provider=provider))
    try:
        crm.wait("the clone on all nodes", lambda v: v.where("anycast", "Started") == names, 30)
        nodes = scenario.cluster.nodes()
        assert all(has_address(node, "10.77.0.150") for node in nodes)
        nodes[1].run(["/usr/sbin/ip", "addr", "del", "10.77.0.150/32", "dev", "lo"])
        scenario.wait_failure(f"anycast_monitor_2000 on {nodes[1].name}")
        crm.wait("the clone on all nodes again",
                 lambda v: v.where("anycast", "Started") == names, 30)
        wait_until("the address to be back", lambda: (
            has_address(nodes[1], "10.77.0.150"), ""), 10)
    finally:
        crm.run(["/usr/sbin/crm_resource", "--meta", "-r", "everywhere", "-p", "target-role",
                 "-v", "Stopped"])
        crm.wait_resource("anycast", "Stopped")
        crm.run(["/usr/sbin/cibadmin", "--delete", "--xml-text", '<clone id="everywhere"/>'])
    assert not any(has_address(node, "10.77.0.150") for node in nodes)
