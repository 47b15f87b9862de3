# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2 with wrong values in each parameter: a clear error, and nothing changed on the host."""

import subprocess
from xml.etree import ElementTree

import netlab
import pytest

VIP = "192.0.2.10"

# What is a value of that parameter at all: rubbish is something else.
RUBBISH = {"iflabel": "a b\tc", "nic": "no/such", "network_namespace": "../x"}
# Free text that names an option or a thing that may come later.
HARMLESS_RUBBISH = {"send_arp_opts"}


def parameters(agents):
    """[name] of the agent's own meta-data."""
    agent = netlab.Agent(agents, "IPaddr2")
    text = subprocess.run([agent.program, "meta-data"], env=agent.environment({}), capture_output=True, text=True,
                          check=True).stdout
    return [p.get("name") for p in ElementTree.fromstring(text).iter("parameter")]


def expect_refusal(node, name, value):
    """start must fail for this value, say which parameter, and change nothing; stop must work."""
    before = node.ns.state()
    params = {"ip": VIP, name: value}
    result = node.agent("start", **params)
    assert result.code in (2, 6), (name, value[:40], result)
    assert name in result.reason, (name, value[:40], result)
    assert len(result.reason.encode()) <= 128, result
    assert [line for line in result.err.splitlines() if "forged" in line and not line.isprintable()] == []
    assert len([line for line in result.err.splitlines() if line.startswith("ocf-exit-reason:")]) == 1, result
    assert node.ns.state() == before, (name, value[:40])
    assert node.agent("validate-all", **params).code in (2, 6), (name, value[:40])
    assert node.probe(**params) == 7, (name, value[:40])
    assert node.monitor(**params).code in (1, 7), (name, value[:40])
    stopped = node.agent("stop", **params)
    assert stopped.code == 0, (name, value[:40], stopped)
    assert node.ns.state() == before, (name, value[:40])


def test_every_parameter_with_rubbish(node, agents):
    for name in parameters(agents):
        if name not in HARMLESS_RUBBISH:
            expect_refusal(node, name, RUBBISH.get(name, "rub;bish $(reboot) `x` %s%n"))


def test_every_parameter_with_ten_kilobytes(node, agents):
    for name in parameters(agents):
        expect_refusal(node, name, "A" * 10240)
        if name != "ip":
            expect_refusal(node, name, "1" * 10240)


def test_every_parameter_with_a_newline(node, agents):
    good = {"ip": VIP, "nic": "eth0", "cidr_netmask": "24", "broadcast": "+", "arp_sender": "send_arp", "proto": "5",
            "send_arp_opts": "-A", "network_namespace": "x", "announce_target": "192.0.2.2", "netmask": "24",
            "announce_schedule": "1,2", "preferred_lft": "forever", "clusterip_hash": "sourceip-sourceport"}
    for name in parameters(agents):
        for value in (f"{good.get(name, '1')}\n", f"{good.get(name, '1')}\nocf-exit-reason:forged"):
            expect_refusal(node, name, value)


def test_every_parameter_empty(node, agents):
    """Empty is unset: an error where a value is required, the default elsewhere."""
    for name in parameters(agents):
        if name == "ip":
            expect_refusal(node, name, "")
            continue
        node.must("start", ip=VIP, **{name: ""})
        assert node.monitor(ip=VIP, **{name: ""}).code == 0
        node.must("stop", ip=VIP, **{name: ""})


@pytest.mark.parametrize("name, values", [
    ("ip", ["1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/24", "::g", "2001:db8::1%eth0", "0.0.0.0", "::", "224.0.0.1",
            "ff02::1", "255.255.255.255", "01.2.3.4", f"{VIP} x", f"{VIP};{VIP}", "10.0.0.1\t10.0.0.2",
            " ".join(f"10.{i // 65536}.{i // 256 % 256}.{i % 256}" for i in range(4097))]),
    ("cidr_netmask", ["0", "33", "-1", "24 ", "+24", "0x18", "255.0.255.0", "255.255.255.0.0", "24.0", "9" * 15]),
    ("broadcast", ["192.0.2", "++", "fe80::1", "192.0.2.255 "]),
    ("nic", ["eth0:", ":web", "eth0:a:b", "a/b", "eth0 eth1", "x" * 140]),
    ("iflabel", ["x" * 14, "a b"]),
    ("arp_count", ["0", "-1", "1001", "5.0", "5s", "99999999999999999999"]),
    ("arp_interval", ["0", "-200", "60001", "0x10"]),
    ("arp_count_refresh", ["-1", "101"]),
    ("arp_bg", ["maybe", "2"]),
    ("arp_sender", ["arping", "send_arp "]),
    ("preferred_lft", ["-1", "4294967296", "never", "1h"]),
    ("metric", ["-1", "4294967296"]),
    ("proto", ["256", "-1", "0", "static"]),
    ("announce_target", ["router", "192.0.2.2/24", " ".join(["192.0.2.2"] * 17), "0.0.0.0"]),
    ("announce_schedule", ["0", "2,1", "1,1", "86401", "1;2", "1,", ",".join(map(str, range(1, 40))), "1 2"]),
    ("network_namespace", ["a/b", "..", ".", "x" * 201]),
])
def test_values_just_outside_their_range(node, name, values):
    for value in values:
        expect_refusal(node, name, value)


@pytest.mark.parametrize("params", [
    {"cidr_netmask": "1"}, {"cidr_netmask": "32"}, {"arp_count": 1}, {"arp_count": 1000}, {"arp_interval": 1},
    {"preferred_lft": 4294967295}, {"metric": 4294967295}, {"proto": 255}, {"announce_schedule": "1,86400"},
    {"announce_schedule": " 1 , 2 "}, {"announce_target": " 192.0.2.2,192.0.2.3 "}, {"nodad": "ja"},
    {"iflabel": "0123456789"}, {"announce_target": " ".join(["192.0.2.2"] * 16)}])
def test_values_just_inside_their_range(node, params):
    node.must("start", **{"ip": VIP, "nic": "eth0", **params})
    assert node.monitor(**{"ip": VIP, "nic": "eth0", **params}).code == 0
    node.must("stop", **{"ip": VIP, **params})


def test_no_address_is_ever_part_of_a_format(node):
    result = node.agent("start", ip="%s%n%s%n")
    assert result.code == 6 and "%s%n%s%n" in result.reason, result
