# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2's parameter lease: what start wants to see before it gives one, and what it refuses. A small writer stands in
for haopsd's guard."""

import subprocess
import threading
import time

import pytest
from netlab import PEER_MAC, wait_until

VIP = "192.0.2.10"
VIP6 = "2001:db8::10"
TOTEM = {"token": 3000, "consensus": 3600}

# The page of libhaops/lease-page.h, written anew every 50 ms: "KEY=VALUE ..." lines on standard input change it.
WRITER = r"""
import os, select, struct, sys, time
now = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000
page = {"echo": 0, "pacemaker": 0, "quorate": 1, "two_node": 0, "paused": 0, "token": 3000, "consensus": 3600}
with open("/proc/sys/kernel/random/boot_id") as file:
    boot = file.read().strip().encode()
os.makedirs("/run/haops", mode=0o700, exist_ok=True)
fd = os.open("/run/haops/haopsd-lease", os.O_RDWR | os.O_CREAT, 0o600)
def write():
    flags = page["quorate"] | page["two_node"] << 1 | page["paused"] << 2
    body = struct.pack("=Q40sqqqIIIi", 0x31657361656C6168, boot, now(), now() - page["echo"],
                       now() - page["pacemaker"], flags, page["token"], page["consensus"], os.getpid())
    check = 14695981039346656037
    for byte in body:
        check = (check ^ byte) * 1099511628211 % 2 ** 64
    os.pwrite(fd, body + struct.pack("=Q", check), 0)
write()
print("ready", flush=True)
while True:
    if select.select([0], [], [], 0.05)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        page.update({key: int(value) for key, value in (word.split("=") for word in line.split())})
        write()
        print("done", flush=True)
    write()
"""


class Guard:
    """A stand-in for haopsd's guard in a node."""

    def __init__(self, node):
        self.process = subprocess.Popen(node.ns.command(["/usr/bin/python3", "-c", WRITER]), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def set(self, **values):
        """Changes the page."""
        self.process.stdin.write(" ".join(f"{key}={value}" for key, value in values.items()) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close(self):
        """Ends it, like a haopsd that is killed."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def guard(node):
    """haopsd's page in the node, and proof is fresh."""
    made = Guard(node)
    yield made
    made.close()


def lifetime(node, addr):
    """Seconds that the kernel still gives an address."""
    return node.ns.addrs()[addr][0][2]["valid_life_time"]


@pytest.mark.parametrize("addr", [VIP, VIP6])
def test_address_gets_a_lifetime_and_goes_by_itself(node, guard, addr):
    node.must("start", ip=addr, lease=2)
    assert lifetime(node, addr) <= 2
    assert node.monitor(ip=addr, lease=2).code == 0
    wait_until(lambda: not node.ns.has(addr), "the lifetime is over", 2 + 2 + 0.5)
    gone = node.monitor(ip=addr, lease=2)
    assert (gone.code, gone.reason) == (7, f"{addr} is on no interface")
    wait_until(lambda: not set(node.ns.processes().values()) & {"IPaddr2", "haops-announce"}, "no sender is left")
    node.must("stop", ip=addr, lease=2)


def test_without_lease_the_address_stays(node):
    node.must("start", ip=VIP)
    assert lifetime(node, VIP) == 2 ** 32 - 1


def test_list_of_both_families(node, guard):
    node.must("start", ip=f"{VIP} {VIP6} 192.0.2.11", lease=3)
    assert [lifetime(node, addr) <= 3 for addr in (VIP, VIP6, "192.0.2.11")] == [True] * 3
    node.must("stop", ip=f"{VIP} {VIP6} 192.0.2.11", lease=3)


def test_other_addresses_survive_the_end_of_a_lease(node, guard):
    node.ns.ip("addr flush dev eth1", "addr add 198.51.100.1/24 dev eth1", "addr del 198.51.100.1/24 dev eth1")
    node.must("start", ip="198.51.100.9", nic="eth1", cidr_netmask=24, lease=1)
    node.ns.ip("addr add 198.51.100.1/24 dev eth1")  # a secondary of the leased one
    wait_until(lambda: not node.ns.has("198.51.100.9"), "the lifetime is over", 4)
    assert node.ns.has("198.51.100.1")


def test_deprecated_stays_possible(node, guard):
    node.must("start", ip=VIP6, lease=3, preferred_lft=0)
    assert node.ns.addrs()[VIP6][0][2]["preferred_life_time"] == 0


def test_no_haopsd(node):
    before = node.ns.state()
    result = node.agent("start", ip=VIP, lease=3)
    assert (result.code, result.reason) == (1, "lease: haopsd does not run on this node or has hung: start it")
    assert node.ns.state() == before


def test_haopsd_was_killed(node, guard):
    guard.close()
    killed = time.monotonic()
    wait_until(lambda: time.monotonic() > killed + 1.1, "the page is old")
    result = node.agent("start", ip=VIP, lease=3)
    assert (result.code, result.reason) == (1, "lease: haopsd does not run on this node or has hung: start it")


@pytest.mark.parametrize("page, code, reason", [
    ({"two_node": 1}, 6, "lease: a two_node cluster without qdevice has no majority and cannot be given a lease"),
    ({"quorate": 0}, 1, "lease: this part of the cluster has no quorum"),
    ({"echo": 1600}, 1, "lease: messages of this node do not come back through Corosync"),
    ({"pacemaker": 1600}, 1, "lease: Pacemaker (its controller, or pacemakerd) does not answer haopsd"),
    ({"paused": 1}, 1, "lease: this node or haopsd stood still, and nothing is proven since"),
    ({"echo": 1200}, 1, "lease: haopsd's proof is too old each time: is its keepalive too long?"),
    ({"token": 1000, "consensus": 1200}, 6,
     "lease: token 1000 ms and consensus 1200 ms leave no room for one: raise token (3000 gives 3 s)"),
    ({"token": 2000, "consensus": 2400}, 6,
     "lease of 3 s is too long for token 2000 ms and consensus 2400 ms: at most 1 s"),
])
def test_each_verdict_has_its_sentence(node, guard, page, code, reason):
    guard.set(**page)
    before = node.ns.addrs()
    # The framework keeps some time for itself, start some for what comes after.
    result = node.agent("start", ip=VIP, lease=3, meta={"timeout": 5000})
    assert (result.code, result.reason) == (code, reason)
    assert node.ns.addrs() == before


def test_start_waits_for_the_proof(node, guard):
    guard.set(quorate=0)
    threading.Timer(1, guard.set, kwargs={"quorate": 1}).start()
    begin = time.monotonic()
    node.must("start", ip=VIP, lease=3)
    assert time.monotonic() - begin >= 1


@pytest.mark.parametrize("addr, add", [(VIP, f"addr add {VIP}/24 dev eth0 valid_lft 3 preferred_lft 3"),
                                       (VIP6, f"addr add {VIP6}/64 dev eth0 nodad valid_lft 3 preferred_lft 3")])
def test_start_waits_for_the_end_of_the_old_lease(node, guard, addr, add):
    node.peer.ip(add)
    ended = []
    watcher = threading.Thread(target=lambda: (
        wait_until(lambda: not node.peer.has(addr), "the old owner's lease is over"), ended.append(time.monotonic())))
    watcher.start()
    result = node.must("start", ip=addr, lease=3)
    watcher.join()
    assert ended, "start returned while the old owner had the address"
    assert "waiting for the end of its lease" in result.err
    # Announced only after the old one was gone: nobody else's owner is overwritten.
    announced = [frame.time for frame in node.wire.seen(addr, "request", "reply", "na")
                 if frame.src_mac != PEER_MAC and frame.time < ended[0] - 0.1]
    assert not announced


def test_owner_without_lease_is_an_error(node, guard):
    node.peer.ip(f"addr add {VIP}/24 dev eth0")
    result = node.agent("start", ip=VIP, lease=1)
    assert (result.code, result.reason) == (
        1, f"{VIP} is still in use by {PEER_MAC}: its lease goes on, or it has none: stop it there")
    assert not node.ns.has(VIP)


def test_without_carrier_nobody_can_be_asked(node, guard):
    node.peer.ip("link set eth0 down")
    result = node.agent("start", ip=VIP, lease=3)
    assert result.code == 1 and result.reason.startswith("not known whether another host has the address: "), result
    assert not node.ns.has(VIP)


def test_without_a_record_nobody_would_renew_it(node, guard):
    node.ns.run("mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "none", "/run/haops")
    guard.set(quorate=1)  # its page is still the one below, which start does not see any more
    with_page = Guard(node)
    node.ns.run("sh", "-c", "cat /dev/zero >/run/haops/full || true")
    try:
        result = node.agent("start", ip=VIP, lease=3)
    finally:
        with_page.close()
    assert (result.code, result.reason) == (
        1, "lease: haopsd cannot be told of the address (see the log): is /run/haops full?")
    assert not node.ns.has(VIP)


def test_permanent_address_is_replaced_by_a_leased_one(node, guard):
    node.must("start", ip=VIP)
    assert "replaced by a leased one" in node.must("start", ip=VIP, lease=3).err
    assert lifetime(node, VIP) <= 3


def test_start_of_a_running_lease_renews_it(node, guard):
    node.must("start", ip=VIP, lease=3)
    wait_until(lambda: lifetime(node, VIP) <= 1, "most of the lifetime is over")
    node.must("start", ip=VIP, lease=3)
    assert lifetime(node, VIP) >= 2


def test_without_proof_nothing_is_announced(node, guard):
    """What an earlier start or somebody else left may be another node's by now."""
    guard.set(quorate=0)
    node.ns.ip(f"addr add {VIP}/24 dev eth0 valid_lft 60 preferred_lft 60")
    node.wire.forget()
    result = node.agent("start", ip=VIP, lease=3, meta={"timeout": 5000})
    assert (result.code, result.reason) == (1, "lease: this part of the cluster has no quorum")
    assert not [frame for frame in node.wire.seen(VIP, "request", "reply") if frame.src_mac != PEER_MAC]
    assert not set(node.ns.processes().values()) & {"IPaddr2", "haops-announce"}


@pytest.mark.parametrize("params, meta, reason", [
    ({"lease": "2500ms"}, {}, "parameter lease: give whole seconds"),
    ({"lease": 3, "network_namespace": "blue"}, {}, "lease and network_namespace cannot be combined: haopsd renews "
     "addresses of the host's own network only"),
    ({"lease": 3}, {"clone": 0, "clone_max": 2}, "lease is for an address with one owner: not possible in a clone"),
    ({"lease": 3, "preferred_lft": 60}, {}, 'lease: preferred_lft can be 0 or "forever" only'),
    ({"lease": 3, "nodad": "true", "ip": VIP6}, {}, "lease and nodad cannot be combined: detection shows whether the "
     "old owner still has the address"),
])
def test_what_cannot_be_combined(node, guard, params, meta, reason):
    before = node.ns.addrs()
    for action in ("start", "validate-all"):
        result = node.agent(action, meta=meta, **{"ip": VIP, **params})
        assert (result.code, result.reason) == (6, reason)
    assert node.ns.addrs() == before


@pytest.mark.parametrize("value", ["0", "-1", "3x", "11min"])
def test_values_out_of_range(node, guard, value):
    result = node.agent("start", ip=VIP, lease=value)
    assert result.code == 6 and "lease" in result.reason


def test_validate_at_level_10_says_the_numbers(node, guard):
    deep = {"OCF_CHECK_LEVEL": "10"}
    done = node.must("validate-all", ip=VIP, lease=3, extra=deep)
    assert "lease of 3 s fits token 3000 ms and consensus 3600 ms: at most 3 s" in done.err
    result = node.agent("validate-all", ip=VIP, lease=4, extra=deep)
    assert (result.code, result.reason) == (
        6, "lease of 4 s is too long for token 3000 ms and consensus 3600 ms: at most 3 s")
    node.must("validate-all", ip=VIP, lease=4)  # level 0 looks at no host
    guard.set(two_node=1)
    assert "two_node" in node.agent("validate-all", ip=VIP, lease=3, extra=deep).reason


def test_nothing_of_it_is_needed_to_stop(node, guard):
    node.must("start", ip=VIP, lease=3)
    guard.close()
    node.ns.run("rm", "-rf", "/run/haops")
    node.must("stop", ip=VIP, lease=3)
    assert not node.ns.has(VIP)
