# SPDX-License-Identifier: GPL-2.0-or-later
"""What clients of a file server see of its faults: examples/nfs-on-drbd on virtual machines, DRBD and the kernel's NFS
server. A client writes and syncs all the time; what was acknowledged is there for ever, and a lock stays with its holder."""

import contextlib
import time

import files as by_hand
import pytest
from haopslab import storageconf
from haopslab.wait import wait_until

VERSIONS = pytest.mark.parametrize("version", ["3", "4.2"])


class Load:
    """A client that writes, and holds a lock."""

    def __init__(self, files, ledger):
        self.files, self.ledger = files, ledger
        self.began = 0.0

    def fault(self):
        """From now on it counts."""
        self.began = time.time()

    def wait_over(self, server):
        """Until records are acknowledged again, by this server, which keeps the lock."""
        self.ledger.wait_acked_after(time.time(), timeout=180)
        self.ledger.wait_acked(20)
        by_hand.wait_locked(self.files, server)


@contextlib.contextmanager
def load(files, version):
    """Left, all that was acknowledged is there."""
    with files.mounted(version) as mount:
        with files.ledger(mount) as ledger:
            ledger.wait_acked(20)
            with by_hand.locked(mount):
                made = Load(files, ledger)
                yield made
        books = ledger.books()
        print(f"NFS {version}: {books.gap(made.began):.1f} s without an acknowledged record, {len(books.acked)} in all, "
              f"{len(books.errors)} errors")
        assert not ledger.audit()


@VERSIONS
def test_power_of_the_server_is_cut(files, version):
    """... and it comes back: it is resynchronised, and nothing moves."""
    first = files.server()
    with load(files, version) as work:
        work.fault()
        files.cluster.node(first).kill()
        second = files.wait_served(not_on=first)
        work.wait_over(second)
        files.cluster.restore(240)
        files.wait_replicated()
        assert files.server() == second
        assert files.drbd(first).role == "Secondary"


@VERSIONS
def test_planned_move(files, version):
    first = files.server()
    with load(files, version) as work:
        work.fault()
        with by_hand.banned(files, first):
            work.wait_over(files.wait_served(not_on=first))


def test_server_is_cut_off_from_the_cluster(files):
    """Its mirror's cable still holds: nobody is promoted before it is fenced."""
    first = files.server()
    node = files.cluster.node(first)
    with load(files, "4.2") as work:
        work.fault()
        for ring in storageconf.CLUSTER_RINGS:
            node.cut(ring)
        second = files.wait_served(not_on=first)
        assert not node.is_on()
        work.wait_over(second)


def test_mirror_is_cut(files):
    """The other disk is outdated, and no candidate before it was resynchronised."""
    first, second = files.server(), files.other()
    with load(files, "4.2") as work:
        work.fault()
        files.cut_replication(second)
        wait_until("an outdated disk", lambda: (files.drbd(second).disk == "Outdated", files.drbd(second)), 60, 0.5)
        work.ledger.wait_acked(20)
        code, reason = by_hand.Action(files, second, storageconf.DRBD, 20000).run("promote")
        assert code == 1 and "Outdated" in reason, (code, reason)
        files.cluster.node(first).kill()
        files.cluster.crm.wait_lost([first], 120)
        files.cluster.crm.wait_settled(120)
        assert files.cluster.where(storageconf.ADDRESS) == []
        assert files.drbd(second).role == "Secondary"
        files.heal_replication(second)
        files.cluster.node(first).boot()
        work.wait_over(files.wait_served(timeout=240))
        assert files.server() == first
    files.wait_replicated(240)


def test_disk_under_the_server_fails(files):
    """DRBD gives it up, and works on the peer's; clients notice nothing."""
    first = files.server()
    with load(files, "4.2") as work:
        work.fault()
        files.backing(first).fail()
        wait_until("a disk that was given up", lambda: (files.drbd(first).disk == "Diskless", files.drbd(first)), 60, 0.5)
        work.ledger.wait_acked(20)
        action = by_hand.Action(files, first, storageconf.DRBD)
        assert action.run("monitor")[0] == 8
        files.backing(first).mend()
        by_hand.text(files, first, f"drbdadm attach {storageconf.RESOURCE}")
        files.wait_replicated(240)


def test_disk_under_the_server_hangs(files):
    """What is synced then waits. A move: stop keeps its deadline, the node is fenced, the other one goes on."""
    first = files.server()
    with load(files, "4.2") as work:
        work.fault()
        files.backing(first).hang()
        with by_hand.banned(files, first):
            second = files.wait_served(not_on=first, timeout=300)
            assert not files.cluster.node(first).is_on()
            work.wait_over(second)


def test_file_system_is_full(files):
    """Clients are told so; nothing fails or moves, and when there is room they go on."""
    server = files.server()
    with load(files, "4.2") as work:
        work.fault()
        by_hand.text(files, server, f"fallocate -l $(df --output=avail -B1 {storageconf.MOUNT} | tail -1) "
                     f"{storageconf.MOUNT}/full; dd if=/dev/zero of={storageconf.MOUNT}/rest bs=4k 2>/dev/null || true")
        time_full = time.time()
        wait_until("a writer that was told", lambda: (
            work.ledger.now()["errors"] > 0 or time.time() - time_full > 20, work.ledger.report), 60, 0.5)
        files.cluster.crm.wait_settled(60)
        assert not files.cluster.crm.view().failures and files.server() == server
        by_hand.text(files, server, f"rm {storageconf.MOUNT}/full {storageconf.MOUNT}/rest")
        work.wait_over(server)


def test_daemons_of_the_server_are_killed(files):
    """Each is noticed, and is there again; clients go on with what they hold."""
    server = files.server()
    node = files.cluster.node(server)
    with load(files, "3") as work:
        work.fault()
        for program in ("rpc.mountd", "nfsdcld", "rpc.statd", "rpcbind"):
            before = node.pids(program)
            assert before, f"{program} does not run"
            node.signal(program, 9)
            wait_until(f"another {program}", lambda: (
                node.pids(program) and node.pids(program) != before, files.cluster.crm.view()), 90, 0.5)
            files.cluster.crm.wait_settled(120)
            files.cluster.crm.cleanup()     # the third failure would move it
        work.wait_over(files.wait_served())


def test_exports_are_ended_by_somebody(files):
    """As exportfs -r does, which knows nothing of a cluster: haopsd tells Pacemaker, before a monitor would."""
    server = files.server()
    with load(files, "4.2") as work:
        work.fault()
        by_hand.text(files, server, "exportfs -r")
        wait_until("haopsd to tell of it", lambda: (by_hand.told(
            files, server, f"{storageconf.EXPORT} is not exported to {storageconf.CLIENTS} any more", work.began), ""), 9, 0.2)
        wait_until("the export", lambda: (
            storageconf.EXPORT in files.cluster.node(server).read("/var/lib/nfs/etab"), ""), 60, 0.5)
        files.cluster.crm.wait_settled(120)
        files.cluster.crm.cleanup()
        work.wait_over(server)
