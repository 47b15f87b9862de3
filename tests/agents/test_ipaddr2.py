# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2: what it does when all is well, and each parameter's effect."""

import json
import re
import time

import pytest
from netlab import NODE_MAC, wait_until

VIP = "192.0.2.10"
VIP6 = "2001:db8::10"


def entry(node, addr):
    """The only entry of an address: (interface, prefix length, attributes)."""
    found = node.ns.addrs().get(addr, [])
    assert len(found) == 1, found
    return found[0]


def test_life_of_an_ipv4_address(node):
    assert node.probe(ip=VIP) == 7
    assert node.monitor(ip=VIP).code == 7
    node.must("start", ip=VIP)
    dev, prefix, attributes = entry(node, VIP)
    assert (dev, prefix, attributes.get("broadcast")) == ("eth0", 24, "192.0.2.255")
    assert node.probe(ip=VIP) == 0
    assert node.monitor(ip=VIP).code == 0
    node.must("start", ip=VIP)
    node.must("stop", ip=VIP)
    assert not node.ns.has(VIP)
    assert node.ns.processes() == {}
    assert node.probe(ip=VIP) == 7
    node.must("stop", ip=VIP)


def test_life_of_an_ipv6_address(node):
    begin = time.monotonic()
    node.must("start", ip=VIP6)
    took = time.monotonic() - begin
    dev, prefix, attributes = entry(node, VIP6)
    assert (dev, prefix) == ("eth0", 64)
    assert not attributes.get("tentative"), "start returned before detection had ended"
    assert took < 4, "the kernel's own detection takes one second and a delay of up to one more"
    assert node.monitor(ip=VIP6).code == 0
    node.must("stop", ip=VIP6)
    assert not node.ns.has(VIP6)


def test_status_is_monitor(node):
    node.must("start", ip=VIP)
    assert node.agent("status", ip=VIP).code == 0


def test_works_without_pacemaker(node):
    bare = {"timeout": None}
    for action, code in (("monitor", 7), ("start", 0), ("monitor", 0), ("stop", 0), ("monitor", 7)):
        assert node.agent(action, ip=VIP, meta=bare, instance=None).code == code, action
    assert node.ns.processes() == {}


def test_two_addresses_without_resource_name_have_senders_of_their_own(node):
    node.must("start", ip=VIP, instance=None)
    node.must("start", ip="192.0.2.11", instance=None)
    assert node.sender_count() == 2
    node.must("stop", ip=VIP, instance=None)
    assert node.sender_count() == 1
    assert node.ns.has("192.0.2.11")


def test_first_announcement_is_on_the_wire_when_start_returns(node):
    node.must("start", ip=VIP, arp_interval=60000)
    kinds = {f.kind for f in node.wire.seen(VIP)}
    assert kinds == {"request", "reply"}
    frame = node.wire.seen(VIP, "request")[0]
    assert (frame.src_mac, frame.dst_mac, frame.target) == (NODE_MAC, "ff:ff:ff:ff:ff:ff", VIP)


def test_first_advertisement_is_on_the_wire_when_start_returns(node):
    node.must("start", ip=VIP6, nodad="true", arp_interval=60000)
    frame = node.wire.seen(VIP6, "na")[0]
    assert frame.src_mac == NODE_MAC
    assert frame.dst_mac.startswith("33:33:")


def test_starting_a_running_address_announces_it_again(node):
    node.must("start", ip=VIP, arp_interval=60000, announce_schedule="none")
    node.wire.forget()
    node.must("start", ip=VIP, arp_interval=60000, announce_schedule="none")
    assert len(node.wire.seen(VIP, "request")) == 1
    assert node.sender_count() == 1


SENDERS = ["send_arp", "iputils_arping", "libnet_arping", "ipoibarping"]


@pytest.mark.parametrize("sender", [None, *SENDERS])
def test_arp_count_and_interval_shape_the_first_burst(node, sender):
    """RA#977: some senders ignored the interval."""
    node.must("start", ip=VIP, arp_count=3, arp_interval=100, announce_schedule="none", arp_sender=sender)
    found = node.wire.wait(VIP, "request", count=3)
    node.wire.read(0.3)
    assert len(node.wire.seen(VIP, "request")) == 3
    assert 0.05 < found[1].time - found[0].time < 0.3


@pytest.mark.parametrize("sender", SENDERS)
def test_options_of_a_sender_keep_no_announcement_from_the_wire(node, sender):
    """RA#1076: a sender that was called with an option of another one sent nothing."""
    result = node.must("start", ip=VIP, arp_sender=sender, send_arp_opts="-r 5 -c 5 -q -p /run/pid -X", arp_bg="false",
                       arp_count=2, arp_interval=10, announce_schedule="none")
    assert "-r 5 -c 5" in result.err and "ignored" in result.err, result
    assert len(node.wire.seen(VIP, "request")) == 2


def test_arp_bg_false_sends_the_burst_before_start_returns(node):
    begin = time.monotonic()
    node.must("start", ip=VIP, arp_count=3, arp_interval=100, arp_bg="false", announce_schedule="none")
    assert time.monotonic() - begin >= 0.2
    assert len(node.wire.seen(VIP, "request")) == 3
    node.wire.read(0.4)
    assert len(node.wire.seen(VIP, "request")) == 3, "the sender must not begin the burst again"


def test_announce_schedule_repeats_later(node):
    node.must("start", ip=VIP, arp_count=1, announce_schedule="1,2")
    assert len(node.wire.wait(VIP, "request", count=3, seconds=4)) == 3


@pytest.mark.parametrize("params, kinds", [
    ({}, {"request", "reply"}),
    ({"arp_sender": "send_arp"}, {"request", "reply"}),
    ({"arp_sender": "iputils_arping"}, {"request"}),
    ({"arp_sender": "libnet_arping"}, {"request"}),
    ({"arp_sender": "ipoibarping"}, {"request"}),
    ({"arp_sender": "iputils_arping", "send_arp_opts": "-A"}, {"reply"}),
    ({"send_arp_opts": "-A"}, {"reply"}),
    ({"send_arp_opts": "-U"}, {"request"}),
])
def test_arp_sender_and_its_options_choose_the_form(node, params, kinds):
    """Some switches heed only replies (RA#977)."""
    node.must("start", ip=VIP, **params)
    assert {f.kind for f in node.wire.seen(VIP)} == kinds


def test_unknown_send_arp_opts_is_a_warning(node):
    result = node.must("start", ip=VIP, send_arp_opts="-b -q 7")
    assert re.search(r"send_arp_opts.*ignored", result.err)


def test_announce_target_is_told_directly(node):
    """One router that ignores announcements (RA#1117)."""
    node.must("start", ip=VIP, announce_target="192.0.2.2", arp_interval=60000)
    assert any(f.target == "192.0.2.2" for f in node.wire.seen(VIP)), node.wire.frames


def test_peer_learns_the_new_place_at_once(node):
    """RA#124: neighbours kept the old entry."""
    node.peer.ip(f"neigh add {VIP} lladdr 02:00:00:00:99:99 dev eth0 nud reachable")
    node.must("start", ip=VIP)
    shown = wait_until(lambda: [n for n in json.loads(node.peer.run("ip", "-j", "neigh").stdout)
                                if n["dst"] == VIP and n["lladdr"] == NODE_MAC], "peer's entry is right", 1)
    assert shown


def test_monitor_refreshes_neighbours_when_asked(node):
    """RA#868: stale entries after a split; for IPv6, too."""
    for addr, kind in ((VIP, "request"), (VIP6, "na")):
        node.must("start", ip=addr, nodad="true", arp_count=1, announce_schedule="none", instance=addr)
        node.wire.forget()
        assert node.monitor(ip=addr, arp_count_refresh=2, arp_interval=10, instance=addr).code == 0
        assert len(node.wire.seen(addr, kind)) == 2
        node.wire.forget()
        assert node.probe(ip=addr, arp_count_refresh=2, instance=addr) == 0
        assert node.wire.seen(addr) == [], "a probe sends nothing"


def test_nic_and_cidr_netmask_suffice_where_there_is_no_route(node):
    node.must("start", ip="198.51.100.7", nic="eth1", cidr_netmask=28)
    dev, prefix, attributes = entry(node, "198.51.100.7")
    assert (dev, prefix, "broadcast" in attributes) == ("eth1", 28, False)
    assert node.monitor(ip="198.51.100.7", nic="eth1", cidr_netmask=28).code == 0
    node.must("stop", ip="198.51.100.7", nic="eth1", cidr_netmask=28)
    assert not node.ns.has("198.51.100.7")


def test_most_specific_network_gets_the_address(node):
    node.ns.ip("addr add 192.0.2.129/25 dev eth1")
    node.must("start", ip="192.0.2.130")
    assert entry(node, "192.0.2.130")[:2] == ("eth1", 25)


def test_several_routes_to_the_network_are_no_obstacle(node):
    """RA#1963, RA#1976, RA#2001, RA#2109: "more than one route"."""
    node.ns.ip("addr add 192.0.2.3/24 dev eth1 metric 500", "route add 192.0.2.0/24 dev eth0 metric 900")
    node.must("start", ip=VIP)
    assert entry(node, VIP)[1] == 24
    node.must("stop", ip=VIP)


def test_route_with_other_attributes_is_read_right(node):
    """RA#1726: the interface was taken from the wrong word of the route."""
    node.ns.ip("route replace 192.0.2.0/24 dev eth0 proto static scope link metric 50 mtu 1400 advmss 1360")
    node.must("start", ip=VIP)
    assert entry(node, VIP)[:2] == ("eth0", 24)


@pytest.mark.parametrize("name", ["primary", "scope", "dynamic", "0", "brd"])
def test_interface_named_like_a_word_of_ip(node, name):
    """An interface called "primary" was mistaken for a word of ip(8)'s output."""
    node.ns.ip("link set eth1 down", f"link set eth1 name {name} up", f"addr add 203.0.113.1/24 dev {name}")
    node.must("start", ip="203.0.113.9")
    assert entry(node, "203.0.113.9")[0] == name
    assert node.monitor(ip="203.0.113.9", nic=name).code == 0
    node.must("stop", ip="203.0.113.9")
    assert not node.ns.has("203.0.113.9")


def test_dotted_quad_netmask_is_taken_with_a_warning(node):
    result = node.must("start", ip=VIP, nic="eth0", cidr_netmask="255.255.255.128")
    assert entry(node, VIP)[1] == 25
    assert "25" in result.err
    assert node.monitor(ip=VIP, cidr_netmask="255.255.255.128").code == 0


def test_former_name_netmask_still_works(node):
    node.must("start", ip=VIP, nic="eth0", netmask=25)
    assert entry(node, VIP)[1] == 25
    node.must("stop", ip=VIP)
    node.must("start", ip=VIP, nic="eth0", netmask=25, cidr_netmask=26)
    assert entry(node, VIP)[1] == 26


@pytest.mark.parametrize("value, shown", [("+", "192.0.2.15"), ("-", "192.0.2.0"), ("192.0.2.77", "192.0.2.77")])
def test_broadcast(node, value, shown):
    node.must("start", ip=VIP, nic="eth0", cidr_netmask=28, broadcast=value)
    assert entry(node, VIP)[2]["broadcast"] == shown


def test_broadcast_is_ignored_for_ipv6(node):
    node.must("start", ip=VIP6, nodad="true", broadcast="192.0.2.255")
    assert node.ns.has(VIP6)


@pytest.mark.parametrize("params", [{"nic": "eth0", "iflabel": "web"}, {"nic": "eth0:web"}, {"iflabel": "web"},
                                    {"nic": "eth0:web", "iflabel": "other"}])
def test_label(node, params):
    node.must("start", ip=VIP, **params)
    assert entry(node, VIP)[2]["label"] == "eth0:web"
    assert node.monitor(ip=VIP, **params).code == 0
    node.must("stop", ip=VIP, **params)


@pytest.mark.parametrize("nic", [None, "eth0"])
def test_label_of_sixteen_characters_is_refused(node, nic):
    """RA#1985."""
    node.must("start", ip=VIP, nic=nic, iflabel="0123456789")
    result = node.agent("start", ip="192.0.2.11", nic=nic, iflabel="0123456789a", instance="b")
    assert (result.code, "15 characters" in result.reason) == (6, True), result


def test_label_is_ignored_for_ipv6(node):
    node.must("start", ip=VIP6, nodad="true", nic="eth0", iflabel="web")
    assert node.ns.has(VIP6)


def test_metric_is_that_of_the_route(node):
    """RA#2210."""
    node.must("start", ip="198.51.100.7", nic="eth1", cidr_netmask=24, metric=4321)
    assert "metric 4321" in node.ns.run("ip", "route", "show", "198.51.100.0/24").stdout


def test_noprefixroute(node):
    """RA#1692: no route is left behind."""
    node.must("start", ip="198.51.100.7", nic="eth1", cidr_netmask=24, noprefixroute="true")
    assert node.ns.run("ip", "route", "show", "198.51.100.0/24").stdout == ""
    node.must("stop", ip="198.51.100.7")
    node.must("start", ip="198.51.100.7", nic="eth1", cidr_netmask=24)
    node.must("stop", ip="198.51.100.7")
    assert node.ns.run("ip", "route", "show", "198.51.100.0/24").stdout == ""


def test_preferred_lft_zero_is_never_a_source(node):
    node.must("start", ip=VIP6, preferred_lft=0, nodad="true")
    assert entry(node, VIP6)[2]["preferred_life_time"] == 0
    assert "src 2001:db8::1 " in node.ns.run("ip", "-6", "route", "get", "2001:db8::2").stdout + " "


def test_nodad_skips_detection(node):
    """RA#1752."""
    begin = time.monotonic()
    node.must("start", ip=VIP6, nodad="true")
    assert time.monotonic() - begin < 0.9
    assert "nodad" in json.dumps(entry(node, VIP6)[2])


def test_proto(node):
    node.must("start", ip=VIP, proto=42)
    shown = node.ns.run("ip", "addr", "show", "to", VIP)
    assert shown.returncode == 0
    node.must("start", ip="192.0.2.11", proto="kernel_ra", instance="b")


def test_loopback_address_belongs_on_loopback(node):
    node.must("start", ip="127.0.0.3")
    assert entry(node, "127.0.0.3")[0] == "lo"
    assert node.monitor(ip="127.0.0.3").code == 0
    assert node.sender_count() == 0
    node.must("stop", ip="127.0.0.3")


def test_interface_that_is_down_is_set_up(node):
    node.ns.ip("link set eth1 down")
    node.must("start", ip="198.51.100.7", nic="eth1", cidr_netmask=24)
    link = json.loads(node.ns.run("ip", "-j", "link", "show", "eth1").stdout)[0]
    assert "UP" in link["flags"]


def test_list_of_both_families(node):
    addrs = "192.0.2.21,192.0.2.20  2001:db8::20, 2001:db8:0:0::21"
    node.must("start", ip=addrs, nodad="true")
    for addr in ("192.0.2.20", "192.0.2.21", "2001:db8::20", "2001:db8::21"):
        assert node.ns.has(addr)
        assert node.wire.seen(addr)
    assert node.monitor(ip=addrs).code == 0
    assert node.sender_count() == 1
    node.ns.ip("addr del 192.0.2.20/24 dev eth0")
    result = node.monitor(ip=addrs)
    assert (result.code, "192.0.2.20" in result.reason) == (1, True), result
    assert node.probe(ip=addrs) == 1
    node.must("start", ip=addrs, nodad="true")
    assert node.ns.has("192.0.2.20")
    node.must("stop", ip=addrs)
    assert node.probe(ip=addrs) == 7


def test_list_over_two_interfaces(node):
    node.ns.ip("addr add 198.51.100.1/24 dev eth1")
    addrs = f"{VIP} 198.51.100.7"
    node.must("start", ip=addrs)
    assert entry(node, VIP)[0] == "eth0" and entry(node, "198.51.100.7")[0] == "eth1"
    assert node.sender_count() == 2
    assert node.monitor(ip=addrs).code == 0
    node.must("stop", ip=addrs)
    assert node.ns.processes() == {}


def test_thousand_addresses(node):
    addrs = " ".join(f"10.{i // 250}.{i % 250}.1" for i in range(1000))
    params = {"ip": addrs, "nic": "eth1", "cidr_netmask": 8}
    node.must("start", **params)
    assert len(node.ns.addrs("eth1")) == 1000
    assert node.monitor(**params).code == 0
    node.must("start", **params)
    node.must("stop", **params)
    assert len(node.ns.addrs("eth1")) == 0
    assert node.ns.processes() == {}


def test_same_address_written_twice_is_one(node):
    node.must("start", ip="2001:db8::10 2001:0db8:0:0:0:0:0:0010", nodad="true")
    assert node.monitor(ip="2001:DB8:0::10").code == 0


def test_network_namespace(node):
    node.ns.run("ip", "netns", "add", "inner")
    node.ns.run("ip", "link", "set", "eth1", "netns", "inner")
    node.ns.run("ip", "netns", "exec", "inner", "ip", "link", "set", "eth1", "up")
    params = {"ip": "198.51.100.7", "nic": "eth1", "cidr_netmask": 24, "network_namespace": "inner"}
    node.must("start", **params)
    inner = ("ip", "netns", "exec", "inner", "ip", "addr")
    assert "198.51.100.7" in node.ns.run(*inner).stdout
    assert not node.ns.has("198.51.100.7")
    assert node.monitor(**params).code == 0
    assert node.probe(ip="198.51.100.7") == 7, "it is not in the node's own namespace"
    node.must("stop", **params)
    assert "198.51.100.7" not in node.ns.run(*inner).stdout
    assert node.ns.run("ip", "netns", "pids", "inner").stdout == ""


def test_anonymous_clone_holds_the_same_address_everywhere(node):
    meta = {"clone": 1, "clone_max": 3, "clone_node_max": 1, "globally_unique": "false"}
    node.must("start", ip=VIP, meta=meta, instance="vip:1")
    assert node.monitor(ip=VIP, meta=meta, instance="vip:1").code == 0
    node.must("stop", ip=VIP, meta=meta, instance="vip:1")
    assert not node.ns.has(VIP)


@pytest.mark.parametrize("base, addr", [(VIP, "192.0.2.12"), (VIP6, "2001:db8::12"),
                                        ("2001:db8::ffff", "2001:db8::1:1")])
def test_unique_clone_address_adds_the_clone_number(node, base, addr):
    meta = {"clone": 2, "clone_max": 3, "globally_unique": "true"}
    params = {"ip": base, "unique_clone_address": "true", "meta": meta, "instance": "vip:2", "nodad": "true"}
    node.must("start", **params)
    assert node.ns.has(addr) and not node.ns.has(base)
    assert node.agent("monitor", **params).code == 0
    node.must("stop", **params)
    assert not node.ns.has(addr)


def test_unique_clone_address_that_overflows_is_refused(node):
    meta = {"clone": 9, "clone_max": 10, "globally_unique": "true"}
    result = node.agent("start", ip="192.0.2.250", unique_clone_address="true", meta=meta, instance="vip:9")
    assert result.code == 6, result


def test_kill_connections_on_stop(node):
    """RA#2076."""
    node.must("start", ip=VIP, kill_connections_on_stop="true")
    listener = node.ns.socket()
    listener.bind((VIP, 4567))
    listener.listen()
    client = node.peer.socket()
    client.settimeout(5)
    client.connect((VIP, 4567))
    accepted, _ = listener.accept()
    accepted.settimeout(5)
    node.must("stop", ip=VIP, kill_connections_on_stop="true")
    with pytest.raises(ConnectionError):
        accepted.recv(1)
    with pytest.raises(ConnectionError):
        client.recv(1)


def test_flush_routes(node):
    node.must("start", ip=VIP, flush_routes="true")
    node.must("stop", ip=VIP, flush_routes="true")
    assert not node.ns.has(VIP)


def test_reload_agent_takes_new_settings(node):
    """RA#941: advertised and not done."""
    node.must("start", ip=VIP, arp_interval=60000, announce_schedule="none")
    before = node.ns.processes()
    node.wire.forget()
    node.must("reload-agent", ip=VIP, arp_count=2, arp_interval=10, announce_schedule="none", arp_sender="iputils_arping")
    assert len(node.wire.wait(VIP, "request", count=2)) == 2
    assert node.wire.seen(VIP, "reply") == []
    assert node.sender_count() == 1 and node.ns.processes().keys() != before.keys()


def test_reload_agent_of_a_stopped_address_is_not_running(node):
    assert node.agent("reload-agent", ip=VIP).code == 7
    assert node.ns.processes() == {}


def test_monitor_and_probe_start_no_process(node):
    node.must("start", ip=VIP)
    wrap = ["strace", "-f", "-qq", "-e", "trace=fork,vfork,clone,clone3,execve,execveat", "-o", "/run/calls"]
    for meta in ({"interval": 0}, {"interval": 10000}):
        assert node.agent("monitor", ip=VIP, nic="eth0", cidr_netmask=24, meta=meta, wrap=wrap).code == 0
        calls = node.ns.run("cat", "/run/calls").stdout.splitlines()
        assert len(calls) == 1 and "execve" in calls[0], calls


def test_missing_sender_is_started_again_by_monitor_only(node):
    """RA#958: a sender that died was never noticed."""
    node.must("start", ip=VIP)
    for pid in node.ns.processes():
        node.ns.run("kill", "-KILL", pid)
    wait_until(lambda: not node.ns.processes(), "the sender ended")
    assert node.probe(ip=VIP) == 0
    assert node.ns.processes() == {}, "a probe changes nothing"
    result = node.monitor(ip=VIP)
    assert result.code == 0 and "sender" in result.err
    assert node.sender_count() == 1
    assert "sender" not in node.monitor(ip=VIP).err


def test_no_sender_where_nobody_can_be_told(node):
    node.ns.ip("tuntap add dev tun0 mode tun", "link set tun0 up")
    node.must("start", ip="198.51.100.7", nic="tun0", cidr_netmask=32)
    result = node.monitor(ip="198.51.100.7", nic="tun0", cidr_netmask=32)
    assert (result.code, result.err) == (0, "")
    assert node.sender_count() == 0
