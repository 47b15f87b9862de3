# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2 when something is wrong: on the wire, on the host, with the interface, with the settings."""

import subprocess
import time
from xml.etree import ElementTree

import pytest
from netlab import PEER_MAC, wait_until

VIP = "192.0.2.10"
VIP6 = "2001:db8::10"
QUIET = {"arp_count": 1, "announce_schedule": "none"}


def entries(node, addr):
    """[(interface, prefix length)] of an address."""
    return sorted(found[:2] for found in node.ns.addrs().get(addr, []))


def is_gone(node, addr):
    """Whether nothing of a stopped resource is left."""
    return not node.ns.has(addr) and node.ns.processes() == {}


@pytest.mark.parametrize("addr", [VIP, VIP6])
@pytest.mark.parametrize("fault", [["link set eth0 down"], ["route flush dev eth0", "-6 route flush dev eth0"]],
                         ids=["link-down", "no-route"])
def test_stop_without_nic_and_netmask_removes_the_address(node, addr, fault):
    """The stock agent reports success and leaves it."""
    node.ns.run("sysctl", "-qw", "net.ipv6.conf.eth0.keep_addr_on_down=1")
    node.must("start", ip=addr, nodad="true")
    for line in fault:
        node.ns.run("ip", *line.split())
    assert node.ns.has(addr)
    node.must("stop", ip=addr)
    assert is_gone(node, addr)


def test_renamed_interface(node):
    node.must("start", ip=VIP, nic="eth0")
    node.ns.ip("link set eth0 down", "link set eth0 name lan0", "link set lan0 up")
    result = node.monitor(ip=VIP, nic="eth0")
    assert result.code == 1 and "eth0" in result.reason and "lan0" in result.reason, result
    assert node.probe(ip=VIP, nic="eth0") == 1
    assert node.monitor(ip=VIP).code == 0, "nic was left to be found"
    node.must("stop", ip=VIP, nic="eth0")
    assert is_gone(node, VIP)


@pytest.mark.parametrize("nic, code", [("eth0", 1), (None, 7)])
def test_vanished_interface(node, nic, code):
    """RA#334, RA#328: never 6 from a recurring monitor."""
    node.must("start", ip=VIP, nic=nic)
    node.ns.ip("link del eth0")
    wait_until(lambda: not node.ns.processes(), "the sender ends with the interface", 3)
    assert node.monitor(ip=VIP, nic=nic).code == code
    assert node.probe(ip=VIP, nic=nic) == 7
    node.must("stop", ip=VIP, nic=nic)
    result = node.agent("start", ip=VIP, nic=nic)
    assert result.code == (2 if nic else 1) and result.reason, result


@pytest.mark.parametrize("addr, wanted, found", [(VIP, 24, 32), (VIP, 32, 24), (VIP6, 64, 128)])
def test_address_that_somebody_added_with_another_prefix(node, addr, wanted, found):
    params = {"ip": addr, "cidr_netmask": wanted, "nic": "eth0", "nodad": "true"}
    node.ns.ip(f"addr add {addr}/{found} dev eth0" + (" nodad" if ":" in addr else ""))
    for result in (node.monitor(**params), node.agent("monitor", meta={"interval": 0}, **params)):
        assert result.code == 1 and str(found) in result.reason, result
    assert "replaced" in node.must("start", **params).err
    assert entries(node, addr) == [("eth0", wanted)]
    assert node.monitor(**params).code == 0
    node.must("stop", **params)
    node.ns.ip(f"addr add {addr}/{found} dev eth0" + (" nodad" if ":" in addr else ""))
    node.must("stop", **params)
    assert is_gone(node, addr)


def test_any_prefix_is_right_when_none_is_configured(node):
    node.ns.ip(f"addr add {VIP}/32 dev eth0")
    assert node.probe(ip=VIP) == 0
    assert node.monitor(ip=VIP).code == 0


def test_address_that_somebody_added_to_another_interface(node):
    node.ns.ip(f"addr add {VIP}/24 dev eth1")
    result = node.monitor(ip=VIP, nic="eth0")
    assert result.code == 1 and "eth1" in result.reason, result
    node.must("start", ip=VIP, nic="eth0")
    assert entries(node, VIP) == [("eth0", 24)]
    node.ns.ip(f"addr add {VIP}/32 dev eth1")
    node.must("stop", ip=VIP, nic="eth0")
    assert is_gone(node, VIP)


@pytest.mark.parametrize("addr, net, host", [(VIP, 24, 32), (VIP6, 64, 128)])
def test_address_on_loopback_only_is_not_running(node, addr, net, host):
    """RA#323: the address of an LVS real server was taken for ours. RA#180: and detection failed for it."""
    node.ns.ip(f"addr add {addr}/{host} dev lo")
    assert node.probe(ip=addr) == 7
    assert node.monitor(ip=addr).code == 7
    node.must("start", ip=addr)
    assert entries(node, addr) == [("eth0", net), ("lo", host)]
    assert node.monitor(ip=addr).code == 0
    node.must("stop", ip=addr)
    assert is_gone(node, addr)


def test_stop_leaves_other_addresses_of_the_network(node):
    """Without promote_secondaries the kernel takes them along with the first one."""
    node.ns.run("sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=0",
                "net.ipv4.conf.eth1.promote_secondaries=0")
    for number in (1, 2, 3):
        node.must("start", ip=f"198.51.100.{number}", nic="eth1", cidr_netmask=24, instance=f"vip{number}")
    node.must("stop", ip="198.51.100.1", instance="vip1")
    assert node.ns.has("198.51.100.2") and node.ns.has("198.51.100.3")


def test_duplicate_on_the_wire_is_refused(node):
    """RA#1163. The reason names who answered."""
    node.peer.ip(f"addr add {VIP}/24 dev eth0")
    before = node.ns.state()
    result = node.agent("start", ip=VIP, run_arping="true")
    assert result.code == 1 and PEER_MAC in result.reason and VIP in result.reason, result
    assert node.ns.state() == before
    assert not node.wire.seen(VIP), "a question must not look like an announcement"
    node.peer.ip(f"addr del {VIP}/24 dev eth0")
    node.must("start", ip=VIP, run_arping="true")


def test_duplicate_in_a_list_is_refused_as_a_whole(node):
    node.peer.ip("addr add 192.0.2.13/24 dev eth0")
    result = node.agent("start", ip="192.0.2.11 192.0.2.12 192.0.2.13", run_arping="true")
    assert result.code == 1 and "192.0.2.13" in result.reason, result
    assert not node.ns.has("192.0.2.11")


def test_duplicate_check_without_carrier_is_unknown_and_refused(node):
    node.peer.ip("link set eth0 down")
    result = node.agent("start", ip=VIP, run_arping="true")
    assert result.code == 1 and "carrier" in result.reason, result
    assert is_gone(node, VIP)


def test_duplicate_ipv6_address_is_refused(node):
    """RA#693. The reason names who answered, also when a long address leaves little room for it."""
    for addr in (VIP6, "2001:db8:1111:2222:3333:4444:5555:6666"):
        node.peer.ip(f"addr add {addr}/64 dev eth0 nodad")
        result = node.agent("start", ip=addr, nic="eth0", cidr_netmask=64)
        assert result.code == 1 and addr in result.reason and PEER_MAC in result.reason, result
        assert "take it away there" in result.reason and len(result.reason) <= 128, result
        assert is_gone(node, addr)


def test_duplicate_ipv6_address_of_one_who_does_not_answer_again(node):
    """The kernel's own question is answered, ours after it is not: then the reason says how to find the host."""
    node.peer.ip(f"addr add {VIP6}/64 dev eth0 nodad")
    node.peer.run("nft", "table ip6 t { chain c { type filter hook input priority 0; "
                  "icmpv6 type nd-neighbor-solicit limit rate over 1/minute burst 1 packets drop; }; }")
    begin = time.monotonic()
    result = node.agent("start", ip=VIP6)
    assert result.code == 1 and VIP6 in result.reason and "another host" in result.reason, result
    assert time.monotonic() - begin < 4
    assert is_gone(node, VIP6)


def test_ipv6_address_that_turned_out_a_duplicate_is_a_failure(node):
    node.peer.ip(f"addr add {VIP6}/64 dev eth0 nodad")
    node.ns.ip(f"addr add {VIP6}/64 dev eth0")
    wait_until(lambda: node.ns.addrs()[VIP6][0][2].get("dadfailed"), "detection failed", 5)
    result = node.monitor(ip=VIP6)
    assert result.code == 1 and "another host" in result.reason, result
    node.peer.ip(f"addr del {VIP6}/64 dev eth0")
    node.must("start", ip=VIP6)
    assert node.monitor(ip=VIP6).code == 0


def test_detection_that_outlasts_the_deadline_is_a_failure(node):
    node.ns.run("sysctl", "-qw", "net.ipv6.conf.eth0.dad_transmits=60")
    result = node.agent("start", ip=VIP6, meta={"timeout": 4000})
    assert result.code == 1 and VIP6 in result.reason, result
    assert is_gone(node, VIP6)


@pytest.mark.parametrize("form", ["2001:0DB8:0:0::0010", "2001:db8:0:0:0:0:0:10", "2001:db8::0:10"])
def test_ipv6_address_in_another_form_is_the_same(node, form):
    """RA#1357."""
    node.must("start", ip=form, nodad="true")
    for written in (form, VIP6):
        assert node.probe(ip=written) == 0
    node.must("stop", ip=form)
    assert is_gone(node, VIP6)


def test_carrier_lost_and_back_is_announced_again(node):
    """RA#916, RA#2047."""
    node.must("start", ip=VIP, **QUIET)
    node.peer.ip("link set eth0 down")
    assert node.monitor(ip=VIP, **QUIET).code == 0
    node.wire.forget()
    node.peer.ip("link set eth0 up")
    node.wire.wait(VIP, "request", seconds=5)


def test_start_without_carrier_announces_when_it_comes(node):
    node.peer.ip("link set eth0 down")
    assert "carrier" in node.must("start", ip=VIP, **QUIET).err
    node.wire.forget()
    node.peer.ip("link set eth0 up")
    node.wire.wait(VIP, "request", seconds=5)


def test_ipv6_start_without_carrier_does_not_wait_for_detection(node):
    node.peer.ip("link set eth0 down")
    node.must("start", ip=VIP6, **QUIET)
    assert node.ns.addrs()[VIP6][0][2].get("tentative")
    assert node.monitor(ip=VIP6, **QUIET).code == 0
    node.wire.forget()
    node.peer.ip("link set eth0 up")
    node.wire.wait(VIP6, "na", seconds=8)


@pytest.mark.parametrize("fault", ["link set eth0 down", None], ids=["down", "no-carrier"])
def test_check_link_status(node, fault):
    """RA#2056, RA#2113: never a code that bans the node."""
    node.must("start", ip=VIP, check_link_status="true")
    (node.ns if fault else node.peer).ip("link set eth0 down")
    result = node.monitor(ip=VIP, check_link_status="true")
    assert result.code == 1 and "eth0" in result.reason, result
    assert node.monitor(ip=VIP).code == 0, "as Debian 12's agent, which does not look"
    node.must("stop", ip=VIP)
    assert node.agent("start", ip=VIP, nic="eth0", cidr_netmask=24, check_link_status="true").code == 1
    assert is_gone(node, VIP)


def test_interface_that_is_down_and_not_named_is_left_alone(node):
    node.ns.ip("link set eth0 down")
    result = node.agent("start", ip=VIP)
    assert result.code == 1 and "eth0" in result.reason, result
    assert is_gone(node, VIP)


def test_probe_without_route_or_interface(node):
    for params in ({"ip": "203.0.113.9"}, {"ip": VIP, "nic": "eth9"}, {"ip": "2001:db8:5::1"},
                   {"ip": VIP, "network_namespace": "none"}, {"ip": "fe80::77"}):
        assert node.probe(**params) == 7, params


def test_start_without_route_is_a_soft_error(node):
    result = node.agent("start", ip="203.0.113.9")
    assert result.code == 1 and "203.0.113.9" in result.reason, result


def test_missing_network_namespace(node):
    params = {"ip": VIP, "network_namespace": "none"}
    assert node.monitor(**params).code == 7
    result = node.agent("start", **params)
    assert result.code == 2 and "none" in result.reason, result
    assert "none" in node.must("stop", **params).err


def test_namespace_whose_name_was_removed_lives_on_until_stop(node):
    """The sender keeps it, and with it the address on the wire."""
    node.ns.run("ip", "netns", "add", "inner")
    node.ns.run("ip", "link", "set", "eth1", "netns", "inner")
    node.ns.run("ip", "netns", "exec", "inner", "ip", "link", "set", "eth1", "up")
    params = {"ip": VIP, "nic": "eth1", "cidr_netmask": 24, "network_namespace": "inner"}
    node.must("start", **params)
    node.peer.ip("link set eth1 up")
    node.ns.run("ip", "netns", "del", "inner")
    asked = ["arping", "-c", "1", "-w", "1", "-I", "eth1", "-S", "0.0.0.0", VIP]
    node.must("stop", **params)
    assert node.peer.run(*asked, check=False).returncode != 0
    wait_until(lambda: "eth1" not in node.peer.run("ip", "-br", "link").stdout, "the namespace ended", 5)


def test_link_local_address_needs_an_interface(node):
    result = node.agent("start", ip="fe80::77")
    assert result.code == 6 and "nic" in result.reason, result
    node.must("start", ip="fe80::77", nic="eth0", cidr_netmask=64, nodad="true")
    node.must("stop", ip="fe80::77")
    assert is_gone(node, "fe80::77")


@pytest.mark.parametrize("params", [{}, {"ip": "rubbish"}, {"ip": "999.0.0.1"}, {"ip": " , "}])
def test_stop_of_what_is_no_address_is_success(node, params):
    """RA#891: what cannot be an address is on no interface, and a failed stop is a fence."""
    node.must("stop", **params)
    assert node.probe(**params) == 7
    assert node.monitor(**params).code == 1


def test_stop_works_with_all_other_parameters_wrong(node):
    node.must("start", ip=VIP)
    wrong = {name: "rub/bish !" for name in ("nic", "cidr_netmask", "broadcast", "iflabel", "arp_interval", "arp_count",
                                           "arp_bg", "arp_sender", "preferred_lft", "metric", "announce_target",
                                           "announce_schedule", "lvs_support", "mac", "clusterip_hash", "proto")}
    node.must("stop", ip=VIP, **wrong)
    assert is_gone(node, VIP)


def test_stop_removes_what_can_be_read_of_a_broken_list(node):
    node.must("start", ip=f"{VIP} 192.0.2.11")
    node.must("stop", ip=f"{VIP} rubbish 192.0.2.11")
    assert is_gone(node, VIP) and not node.ns.has("192.0.2.11")


def test_sender_ends_when_somebody_removes_the_address(node):
    node.must("start", ip=VIP)
    node.ns.ip(f"addr del {VIP}/24 dev eth0")
    wait_until(lambda: not node.ns.processes(), "the sender ended", 3)
    assert node.monitor(ip=VIP).code == 7


def test_nothing_is_announced_after_stop(node):
    node.must("start", ip=VIP, arp_interval=10, arp_count=1000)
    node.must("stop", ip=VIP)
    node.wire.forget()
    node.wire.read(0.3)
    assert node.wire.seen(VIP) == []


def test_user_without_rights(node):
    wrap = ["setpriv", "--reuid", "65534", "--clear-groups"]
    before = node.ns.state()
    result = node.agent("start", ip=VIP, wrap=wrap)
    assert result.code == 4 and result.reason, result
    assert node.ns.state() == before
    node.must("start", ip=VIP)
    assert node.monitor(ip=VIP, wrap=wrap).code == 0
    assert node.agent("stop", ip=VIP, wrap=wrap).code == 4
    assert node.ns.has(VIP)


def test_full_run_directory_does_not_stop_a_failover(node):
    node.ns.run("mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=16", "none", "/run")
    node.ns.run("sh", "-c", "cat /dev/zero > /run/full; for i in $(seq 20); do : > /run/$i; done", check=False)
    node.must("start", ip=VIP)
    assert node.ns.has(VIP)
    assert node.wire.seen(VIP), "an announcement needs no file"
    assert node.monitor(ip=VIP).code == 0
    node.must("stop", ip=VIP)
    assert is_gone(node, VIP)


@pytest.mark.parametrize("params, word", [
    ({"lvs_support": "true"}, "lvs_support"), ({"lvs_ipv6_addrlabel": "true"}, "lvs_ipv6_addrlabel"),
    ({"lvs_ipv6_addrlabel_value": 7}, "lvs_ipv6_addrlabel_value"), ({"mac": "01:02:03:04:05:06"}, "mac"),
    ({"clusterip_hash": "sourceip"}, "clusterip_hash"), ({"cidr_netmask": 24, "ip": f"{VIP} {VIP6}"}, "cidr_netmask"),
    ({"unique_clone_address": "true"}, "unique_clone_address"), ({"arp_count": 0}, "arp_count"),
    ({"meta": {"clone": 0, "clone_max": 2, "globally_unique": "true"}}, "unique_clone_address"),
])
def test_what_is_not_supported_is_a_clear_error(node, params, word):
    """RA#1289, RA#1439, RA#2183: CLUSTERIP is gone."""
    result = node.agent("start", **{"ip": VIP, **params})
    assert result.code == 6 and word in result.reason and len(result.reason) <= 128, result
    node.must("stop", **{"ip": VIP, **params})


def test_defaults_of_unsupported_parameters_are_accepted(node):
    node.must("start", ip=VIP, lvs_support="false", lvs_ipv6_addrlabel="false", lvs_ipv6_addrlabel_value=99,
              clusterip_hash="sourceip-sourceport", mac="")


def test_validate_all(node):
    for level, params, code in ((0, {"ip": "203.0.113.9"}, 0), (10, {"ip": "203.0.113.9"}, 1), (10, {"ip": VIP}, 0),
                                (0, {"ip": VIP, "nic": "eth9"}, 0), (10, {"ip": VIP, "nic": "eth9"}, 2),
                                (10, {"ip": VIP, "network_namespace": "none"}, 2), (0, {}, 6),
                                (0, {"ip": VIP, "unique_clone_address": "true"}, 0)):
        result = node.agent("validate-all", extra={"OCF_CHECK_LEVEL": str(level)}, **params)
        assert result.code == code, (level, params, result)


def test_two_hundred_agents_at_once(node):
    """Starts, monitors and stops of different resources do not disturb each other."""
    names = {f"vip{i}": f"10.1.{i // 100}.{i % 100 + 1}" for i in range(200)}
    for action in ("start", "monitor", "stop"):
        running = [node.popen(action, instance=name, ip=addr, nic="eth1", cidr_netmask=16)
                   for name, addr in names.items()]
        failed = [(r.args[-1], r.returncode, err) for r in running for err in [r.communicate(timeout=60)[1]]
                  if r.returncode]
        assert failed == [], action
        assert len(node.ns.addrs("eth1")) == (0 if action == "stop" else 200)
    assert node.ns.processes() == {}


def test_actions_of_one_resource_at_once_end_well(node):
    """An impatient administrator, or a cluster that timed out and tries again."""
    running = [node.popen(action, ip=VIP) for action in ["start", "stop"] * 20]
    for process in running:
        process.communicate(timeout=60)
    node.must("stop", ip=VIP)
    assert is_gone(node, VIP)


def test_meta_data_names_every_parameter_of_the_stock_agent(node):
    stock = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"
    done = subprocess.run([stock, "meta-data"], capture_output=True, text=True, check=False,
                          env={"OCF_ROOT": "/usr/lib/ocf", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    if done.returncode:
        pytest.skip("the stock agent is not installed (package resource-agents)")
    theirs, ours = (parameters(text) for text in (done.stdout, node.agent("meta-data").out))
    assert theirs.keys() - ours.keys() == set()
    differing = {name: (default, ours[name]) for name, default in theirs.items() if default != ours[name]}
    assert differing == {}


def parameters(metadata):
    """{name: default} of meta-data."""
    return {p.get("name"): p.find("content").get("default") or ""
            for p in ElementTree.fromstring(metadata).iter("parameter")}
