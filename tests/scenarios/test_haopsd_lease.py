# SPDX-License-Identifier: GPL-2.0-or-later
"""One owner at most, without any fencing: whatever happens to the owner of a leased address, its kernel has it no more
within the lease and a second, and at no instant two nodes answer for it."""
import os
import time

import pytest
from daemons import Daemons
from haopslab import CorosyncConfig, leases
from haopslab.wait import wait_until


@pytest.fixture(scope="module")
def leased_session(daemon_session):
    """A cluster of its own: token 3000 leaves room for a lease, and nobody is fenced."""
    daemon_session.discard()
    made = leases.start(f"lease-{os.getpid()}")
    yield made
    made.down()


@pytest.fixture
def leased(leased_session):
    """The cluster, whole before and after."""
    yield leased_session
    leased_session.restore()
    leases.wait_held(leased_session)


# Each part of the proof dies once and hangs once, the wire is cut, and all stands still; the others with --long, and by bench/lease.
ALWAYS = {"corosync killed, started again at once", "corosync stopped", "pacemakerd alone killed", "Pacemaker stopped",
          "haopsd killed", "haopsd stopped", "cut off", "suspended, cut off when it goes on"}
FAULTS = [pytest.param(fault, id=fault.name.replace(",", "").replace(" ", "-"), marks=[] if fault.name in ALWAYS else pytest.mark.long)
          for fault in (*leases.FAULTS, leases.POWER_OFF)]
# From a ring without the owner to another's first answer: Pacemaker's decision, and the start's look at the wire.
TAKE_S = 4


@pytest.mark.parametrize("fault", FAULTS)
def test_owner_suffers(leased, fault):
    outcome = leases.suffer(leased, fault)
    print(outcome)
    assert not outcome.bad(), outcome
    # An ordinary cut keeps nobody waiting once the ring is there, which Corosync alone decides.
    if fault.name == "cut off":
        assert outcome.taken < leases.RING_S + TAKE_S, outcome


def test_other_node_is_lost(leased):
    """The ring stands still for token and consensus, which no lease outlasts: the address goes, and
    is started again once the ring is whole, by haopsd's report."""
    owner = leases.wait_held(leased)
    other = next(n for n in leased.nodes() if n.name != owner.name)
    with leased.observer(leases.VIP) as observer:
        began = time.time()
        other.kill()
        wait_until("the address to go", lambda: (not leases.has_address(owner), ""), 10, 0.05)
        assert time.time() - began <= leases.LEASE_S + leases.ALLOWANCE_S
        back = leases.wait_held(leased, 30)
        wait_until("an answer", lambda: (observer.now()["addresses"][leases.VIP]["owners"][-1]["last"] > began + 5, ""),
                   20, 0.1)
        print(f"back on {back.name} after {time.time() - began:.1f} s")
    observer.assert_single()


def test_owner_is_cut_off_while_another_joins(leased):
    """The others form their ring without the wait for the token; the cut owner's lease is to be over all the same."""
    leases.wait_held(leased)
    joining = next(n for n in leased.nodes() if not leases.has_address(n))
    joining.kill()
    leased.crm.wait_lost([joining.name])
    owner = leases.wait_held(leased)
    others = [n for n in leased.nodes() if n.name != owner.name]
    with leased.observer(leases.VIP) as observer:
        joining.boot(wait=False)
        wait_until("its corosync to begin", lambda: ("corosync" in joining.state()["services"], ""), 30, 0.01)
        owner.cut()
        wait_until("the next owner", lambda: (any(n.is_on() and leases.has_address(n) for n in others), ""), 60, 0.05)
        assert not leases.has_address(owner)
        wait_until("its answer", lambda: (
            observer.now()["addresses"][leases.VIP]["owners"][-1]["who"] != owner.name, ""), 20, 0.1)
        owner.heal()
    observer.assert_single()


def test_move_on_request_takes_no_lease_to_wait_for(leased):
    leases.wait_possible(leased)
    owner = leases.wait_held(leased)
    with leased.observer(leases.VIP) as observer:
        began = time.time()
        leased.crm.standby(owner.name, True)
        leased.wait_resource("vip", not_on=owner.name)
        took = time.time() - began
        leases.wait_held(leased)
        leased.crm.standby(owner.name, False)
    observer.assert_single()
    assert took < leases.LEASE_S, "nobody answers after a stop: there is nothing to wait for"


def test_validation_says_the_numbers(leased):
    owner = leases.wait_held(leased)
    agent = "/usr/lib/ocf/resource.d/haops/IPaddr2"
    env = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESKEY_ip": leases.VIP, "OCF_RESKEY_cidr_netmask": "24",
           "OCF_CHECK_LEVEL": "10"}
    good = owner.run([agent, "validate-all"], env={**env, "OCF_RESKEY_lease": "3"})
    assert "lease of 3 s fits token 3000 ms and consensus 3600 ms: at most 3 s" in good.stderr
    bad = owner.run([agent, "validate-all"], env={**env, "OCF_RESKEY_lease": "4"}, check=False)
    assert bad.returncode == 6
    assert "lease of 4 s is too long for token 3000 ms and consensus 3600 ms: at most 3 s" in bad.stderr


@pytest.mark.parametrize("nodes, token, words", [
    (2, 3000, "a two_node cluster without qdevice has no majority and cannot be given a lease"),
    (3, 1000, "token 1000 ms and consensus 1200 ms leave no room for one"),
])
def test_refused_where_it_cannot_be_kept(leased_session, nodes, token, words):
    """On a cluster of its own, beside the other one."""
    with leases.start(f"refused-{os.getpid()}", waits=False, nodes=nodes, corosync=CorosyncConfig(token=token)) as lab:
        def seen():
            reasons = [failure.reason for failure in lab.crm.view().failures]
            return any(words in reason for reason in reasons), reasons
        wait_until("the reason of the failed start", seen, 60, 0.2)
        assert not any(map(leases.has_address, lab.nodes()))


@pytest.fixture(scope="module")
def two_nodes(leased_session):
    """Beside the other cluster. That two_node is refused does not depend on token."""
    with leases.start(f"two-{os.getpid()}", waits=False, nodes=2, corosync=CorosyncConfig(token=1000)) as lab:
        yield lab


def test_paused_half_of_two_nodes(two_nodes):
    """Alone when it goes on, which two_node calls quorate: it speaks of its own pause first, blames nobody, and
    nothing is proven by that ring."""
    pair = Daemons(two_nodes)
    pair.wait_well()
    reports = {name: pair.status(name).reports for name in ("n1", "n2")}
    resumed = pair.pause("n2", 4)
    pair.wait_well()
    pair.blames_itself("n2", resumed)
    assert {name: pair.status(name).reports for name in reports} == reports
    assert not pair.status("n2").data["lease"]["possible"]


def test_a_device_that_has_not_registered_ends_no_two_node(two_nodes):
    """A reload that adds a quorum device leaves two_node in force until the device has registered: each half would
    be quorate, so no lease can be given."""
    device = r"device {\n\t\tmodel: net\n\t\tnet {\n\t\t\thost: 10.77.0.50\n\t\t\talgorithm: ffsplit\n\t\t}\n\t}"
    agent = "/usr/lib/ocf/resource.d/haops/IPaddr2"
    env = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESKEY_ip": leases.VIP, "OCF_RESKEY_cidr_netmask": "24",
           "OCF_RESKEY_lease": "3", "OCF_CHECK_LEVEL": "10"}
    for node in two_nodes.nodes():
        node.run(["sed", "-i", rf"s/two_node: 1/&\n\t{device}/", "/etc/corosync/corosync.conf"])
    two_nodes.nodes()[0].run(["corosync-cfgtool", "-R"])
    for node in two_nodes.nodes():
        wait_until("haopsd to know of the device", lambda n=node: ("quorum device" in n.haops("status", check=False), ""),
                   20, 0.2)
        refused = node.run([agent, "validate-all"], env=env, check=False)
        assert refused.returncode == 6 and "two_node" in refused.stderr, refused.stderr
