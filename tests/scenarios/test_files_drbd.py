# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:drbd and its neighbours on DRBD 8.4 in two virtual machines under Pacemaker: who is promoted, who is refused and
why, and what is left of an action that was killed."""

import files as by_hand
import pytest
from haopslab import storage, storageconf
from haopslab.wait import wait_until

FOLDER = storageconf.MOUNT
NAME = storageconf.RESOURCE


@pytest.fixture(autouse=True)
def fixture_ours_only(request):
    """What the stock agents do not say is not asked of them."""
    if request.config.getoption("--stock"):
        pytest.skip("exit reasons and memory of ocf:haops:drbd")


def promote(files, name, timeout_ms=20000):
    """(code, exit reason) of a promotion by hand."""
    return by_hand.Action(files, name, storageconf.DRBD, timeout_ms).run("promote")


def write(files, name, word):
    """Something on the disk that is synced."""
    by_hand.text(files, name, f"echo {word} > {FOLDER}/file; sync {FOLDER}/file")


def test_one_primary_that_is_remembered(files):
    server = files.server()
    assert (files.drbd(server).role, files.drbd(files.other()).role) == ("Primary", "Secondary")
    assert by_hand.memory(files, server)["primary"].split()[1] == server


def test_holder_of_the_device_is_named(files):
    server = files.server()
    code, reason = by_hand.Action(files, server, storageconf.DRBD, 6000).run("demote")
    assert code == 1 and f"mounted at {FOLDER}" in reason, reason


def test_holder_of_the_mount_is_ended_and_nobody_else(files):
    """A process that keeps the file system busy ends with the move; one on another mount does not."""
    first = files.server()
    node = files.cluster.node(first)
    holder = node.popen(["sh", "-c", f"cd {FOLDER}; exec sleep 1000"])
    innocent = node.popen(["sh", "-c", "cd /srv; exec sleep 1000"])
    try:
        with by_hand.banned(files, first):
            files.wait_served(not_on=first)
        assert holder.wait(30) != 0
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_resynchronisation_is_told(files):
    """How far it is, and how long it will take, on both nodes; who is behind is not promoted."""
    first, second = files.server(), files.other()
    by_hand.text(files, second, f"drbdadm disk-options --c-max-rate=4M {NAME}; drbdadm invalidate {NAME}")
    for name, sync in ((first, "SyncSource"), (second, "SyncTarget")):
        def told(name=name, sync=sync):
            found = files.cluster.node(name).haops("status", "--json", check=False, timeout=60)["drbd"]["devices"]
            return any(device["replication"] == sync and 0 < (device["done_percent"] or 0) < 100 for device in found), found
        wait_until(f"the percentage on {name}", told, 60, 0.5)
    code, reason = promote(files, second)
    assert code == 1 and "being synchronised" in reason, (code, reason)
    by_hand.text(files, second, f"drbdadm disk-options --c-max-rate=200M {NAME}")
    files.wait_replicated(240)


def test_split_brain_is_refused(files):
    """Made by hand: both had a life of their own. Nobody is promoted who would lose one; resolved, it goes on."""
    first, second = files.server(), files.other()
    files.cluster.crm.run(["crm_attribute", "--name", "maintenance-mode", "--update", "true"])
    try:
        files.cut_replication(second)
        wait_until("an outdated disk", lambda: (files.drbd(second).disk == "Outdated", files.drbd(second)), 60, 0.5)
        write(files, first, "first")
        by_hand.text(files, second, f"drbdadm disconnect {NAME}; drbdadm primary --force {NAME}; "
                     f"dd if=/dev/zero of={storageconf.DEVICE} bs=4k count=1 seek=70000 oflag=direct 2>/dev/null; "
                     f"drbdadm secondary {NAME}; drbdadm connect {NAME}")
        files.heal_replication(second)
        wait_until("split brain", lambda: (files.drbd(second).connection == "StandAlone", files.drbd(second)), 60, 0.5)
        code, reason = promote(files, second)
        assert code == 1 and "StandAlone" in reason and "--discard-my-data" in reason, (code, reason)
        by_hand.text(files, second, f"drbdadm connect --discard-my-data {NAME}")
        by_hand.text(files, first, f"drbdadm connect {NAME} || true")
        files.wait_replicated()
    finally:
        files.cluster.crm.run(["crm_attribute", "--name", "maintenance-mode", "--delete"])
    assert by_hand.text(files, files.wait_served(), f"cat {FOLDER}/file") == "first\n"


def test_older_node_that_returns_first_is_refused(files):
    """B dies, A goes on alone, A dies, B returns: what A wrote alone must not be lost."""
    first, second = files.server(), files.other()
    before = by_hand.memory(files, first)["data"]
    files.cluster.node(second).kill()
    wait_until("the new generation in the cluster's memory", lambda: (
        by_hand.memory(files, first)["data"] != before, by_hand.memory(files, first)), 90, 1)
    write(files, first, "newest")
    files.cluster.node(first).kill()
    files.cluster.crm.wait_lost([first, second], 120)
    files.cluster.node(second).boot()
    files.cluster.crm.wait("the disk of the older one", lambda view: second in view.where(storageconf.CLONE)
                           or second in view.where(storageconf.DRBD), 180)
    files.cluster.crm.wait_settled(120)
    assert files.drbd(second).role == "Secondary"
    code, reason = promote(files, second)
    assert code == 1 and first in reason and "allow-stale" in reason, (code, reason)
    files.cluster.node(first).boot()
    files.cluster.restore(240)
    assert by_hand.text(files, files.wait_served(), f"cat {FOLDER}/file") == "newest\n"


def test_stopped_and_started_twenty_times(files):
    server = files.server()
    crm = files.cluster.crm
    for _ in range(20):
        for word, state in (("true", "Stopped"), ("false", "Started")):
            crm.run(["crm_resource", "-r", storageconf.GROUP, "--meta", "-p", "target-role", "-v",
                     "Stopped" if word == "true" else "Started"])
            crm.wait_resource(storageconf.ADDRESS, state, timeout=120)
    crm.run(["crm_resource", "-r", storageconf.GROUP, "--meta", "-d", "target-role"])
    assert files.server() == server and not crm.view().failures


STEPS = [("disk", "promote"), ("fs", "start"), ("nfsd", "start"), ("export", "start"), ("vip", "start"),
         ("vip", "stop"), ("export", "stop"), ("nfsd", "stop"), ("fs", "stop"), ("disk", "demote")]
CHECKED = {("disk", "promote"): 8, ("disk", "demote"): 0}


def test_actions_that_are_killed(files):
    """Each action is killed at several moments, then run again: it succeeds, and monitor says so. By hand, beside Pacemaker."""
    server = files.server()
    crm = files.cluster.crm
    crm.run(["crm_attribute", "--name", "maintenance-mode", "--update", "true"])
    killed = 0
    try:
        for resource, action in STEPS[5:] + STEPS[:5]:
            for seconds in (0.02, 0.1, 0.4):
                killed += by_hand.Action(files, server, resource).kill_after(action, seconds)
            agent = by_hand.Action(files, server, resource)
            assert agent.run(action) == (0, ""), (resource, action)
            wanted = CHECKED.get((resource, action), 0 if action == "start" else 7)
            code, reason = agent.run("monitor")
            assert code == wanted, (resource, action, code, reason)
    finally:
        crm.run(["crm_attribute", "--name", "maintenance-mode", "--delete"])
    assert killed >= 10, f"only {killed} of 30 were killed half-way"
    crm.run(["crm_resource", "--cleanup"])
    files.wait_served()
    assert storage.DrbdState.is_whole(files.drbd(server))
