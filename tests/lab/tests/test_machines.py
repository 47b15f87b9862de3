# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines as nodes: kernel, disk, power, commands, fencing; DRBD and NFS in them. One pair of
machines and a client for all tests; where this host's kernel can mount NFS the client is a namespace."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Iterator

import pytest
from haopslab import Cluster, LabError, leftovers, qemu, rpc, storage, storageconf, wait_until
from haopslab.machine import Machine
from haopslab.pytest_plugin import LabSession, guarded
from haopslab.timeline import collect


@pytest.fixture(scope="module")
def pair_session() -> Iterator[LabSession]:
    """Two machines with a raw disk each, ready for DRBD, under Pacemaker without resources."""
    options = {"name": f"pair-{os.getpid()}", **storage.options_of(storageconf.STOCK), "nodes": 2,
               "volumes": {"/srv/data": 32}}
    session = LabSession(options)
    yield session
    session.discard()


@pytest.fixture
def pair(pair_session: LabSession, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    yield from guarded(pair_session, request)


# The machine -------------------------------------------------------------------------------------


def test_form_a_cluster_of_their_own_kernel(pair: Cluster) -> None:
    view = pair.crm.view()
    assert view.quorate and set(view.nodes) == {"n1", "n2"}
    for node in pair.nodes():
        assert node.state()["kind"] == "virtual"
        assert node.run(["/usr/bin/uname", "-r"]).stdout.strip() != os.uname().release
    modules = pair.node("n1").read("/proc/modules")
    assert all(f"\n{name} " in modules for name in ("drbd", "nfsd", "dm_mod"))
    assert "8.4" in pair.node("n1").read("/proc/drbd")


def test_commands_and_files(pair: Cluster) -> None:
    node = pair.node("n1")
    assert node.run(["/bin/sh", "-c", "exit 7"], check=False).returncode == 7
    assert node.run(["/bin/cat"], stdin="x" * 1000000).stdout == "x" * 1000000
    node.write("/etc/some/file", "as it was\n", 0o600)
    assert node.read("/etc/some/file") == "as it was\n"
    assert node.run(["/usr/bin/stat", "-c", "%a %U", "/etc/some/file"]).stdout == "600 root\n"
    assert not os.path.exists("/etc/some/file")
    with pytest.raises(LabError, match="does not see its files"):
        node.root()


def test_processes(pair: Cluster) -> None:
    node = pair.node("n2")
    child = node.popen(["/bin/sleep", "600"])
    wait_until("it to run", lambda: (node.pids("sleep"), None), 10, 0.1)
    assert node.freeze("sleep") and node.state()["frozen"]
    assert "State:\tT" in node.read(f"/proc/{node.pids('sleep')[0]}/status")
    node.thaw("sleep")
    node.signal("sleep", signal.SIGTERM)
    assert child.wait(30) == -signal.SIGTERM
    with pytest.raises(LabError, match="no process named 'nonesuch'"):
        node.freeze("nonesuch")
    node.hog(1)
    node.hog(0)


def test_disk_can_be_filled(pair: Cluster) -> None:
    node = pair.node("n1")
    for fill, folder, undo in ((node.fill, "/var/tmp", node.unfill),
                               (lambda: node.fill_folder("/srv/data"), "/srv/data", node.unfill_folders)):
        fill()
        done = node.run(["/bin/cp", "/bin/true", f"{folder}/x"], check=False)
        assert done.returncode != 0 and "No space left" in done.stderr
        undo()
        node.run(["/bin/cp", "/bin/true", f"{folder}/x"])


def test_clock_is_the_hosts(pair: Cluster) -> None:
    for node in pair.nodes():
        with subprocess.Popen(node.command(["/usr/bin/python3", "-c", "import time\nwhile input():"
                                            "\n print(time.time(), flush=True)"]),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clock:
            offsets = []
            for _ in range(20):
                begin = time.time()
                clock.stdin.write("now\n")
                clock.stdin.flush()
                told = float(clock.stdout.readline())
                offsets.append((time.time() - begin, told - (begin + time.time()) / 2))
            clock.stdin.write("\n")
        took, offset = min(offsets)
        print(f"{node.name}: {offset * 1000:.1f} ms off, known to {took * 500:.1f} ms")
        assert abs(offset) < 0.05 + took


def test_cable_has_carrier_or_not(pair: Cluster) -> None:
    node = pair.node("n1")
    for ring in (1, 0):
        node.cut(ring)
        assert node.read(f"/sys/class/net/eth{ring}/carrier") == "0\n"
        assert node.read(f"/sys/class/net/eth{2}/carrier") == "1\n"
        node.heal(ring)
        assert node.read(f"/sys/class/net/eth{ring}/carrier") == "1\n"
    pair.client.run(["/usr/bin/ping", "-c1", "-W5", node.ip])
    pair.client.run(["/usr/bin/ping", "-c1", "-W5", node.ip6])


def test_only_what_was_synced_outlives_the_power(pair: Cluster) -> None:
    node = pair.node("n2")
    program = ("import os\nfor path in ('/var/lib/kept', '/srv/data/kept'):\n"
               " with open(path, 'w') as f: f.write('synced'); f.flush(); os.fsync(f.fileno())\n"
               " os.sync()\n"
               "with open('/var/lib/lost', 'w') as f: f.write('in memory only')\n"
               "print('done', flush=True)\nimport signal; signal.pause()")
    child = node.popen(["/usr/bin/python3", "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "done\n"
    node.kill()
    assert child.wait(10) == -signal.SIGKILL and not node.is_on()
    with pytest.raises(LabError, match="powered off"):
        node.run(["/bin/true"])
    pair.restore()
    assert node.read("/var/lib/kept") == node.read("/srv/data/kept") == "synced"
    lost = node.run(["/bin/cat", "/var/lib/lost"], check=False).stdout
    assert lost == "", "the page cache survived"
    assert node.state()["boots"] == 2


# Fencing -----------------------------------------------------------------------------------------


def fenced(cluster: Cluster, name: str) -> str:
    return cluster.crm.run(["/usr/sbin/stonith_admin", "--history", name]).stdout


def test_power_cut_is_fenced_and_comes_back(pair: Cluster) -> None:
    pair.node("n1").kill()
    pair.crm.wait_lost(["n1"])
    assert "turning off of n1 successful" in fenced(pair, "n1")
    pair.restore()
    assert pair.node("n1").is_on() and pair.crm.view().quorate


def test_cut_cluster_links_end_in_power_off_by_the_bmc(pair: Cluster) -> None:
    """The one that keeps its way to the boards wins; the replication link has no part in it."""
    victim = pair.node("n2")
    for ring in storageconf.CLUSTER_RINGS:
        victim.cut(ring)
    pair.crm.wait("n2 to be powered off", lambda _v: not victim.is_on(), 60)
    assert any("power off target=n2 by=bmc" in e.text for e in collect(pair) if e.source == "lab")


def test_panic_is_a_power_failure(pair: Cluster) -> None:
    node = pair.node("n1")
    node.popen(["/bin/sh", "-c", "echo c >/proc/sysrq-trigger"])
    wait_until("the end of n1", lambda: (not node.is_on(), node.state()["power"]), 20)
    console = open(node.log_paths()["console"], encoding="utf-8", errors="replace").read()
    assert "sysrq triggered crash" in console
    pair.crm.wait_lost(["n1"])


# DRBD, device mapper, NFS --------------------------------------------------------------------------


def serve_by_hand(node: Machine) -> None:
    """DRBD as primary, its file system, the NFS server for versions 3 and 4, an export."""
    node.run(["/usr/sbin/drbdadm", "up", storageconf.RESOURCE])
    node.run(["/usr/sbin/drbdadm", "primary", storageconf.RESOURCE])
    node.run(["/usr/bin/mount", "-t", "xfs", storageconf.DEVICE, storageconf.MOUNT])
    for argv in (["/usr/bin/mount", "-t", "nfsd", "nfsd", "/proc/fs/nfsd"],
                 ["/usr/bin/mount", "-t", "rpc_pipefs", "sunrpc", "/var/lib/nfs/rpc_pipefs"],
                 ["/usr/sbin/nfsdcld"],
                 ["/bin/sh", "-c", "echo 10 >/proc/fs/nfsd/nfsv4leasetime; "
                                   "echo 10 >/proc/fs/nfsd/nfsv4gracetime"],
                 ["/usr/sbin/exportfs", "-o", "rw,sync,no_root_squash,fsid=0",
                  f"{storageconf.CLIENTS}:{storageconf.EXPORT}"],
                 ["/usr/sbin/rpc.nfsd", "2"], ["/usr/sbin/rpc.mountd"],
                 ["/usr/sbin/ip", "addr", "add", f"{storageconf.VIP}/24", "dev", "eth0"]):
        node.run(argv)


def test_drbd_and_nfs(pair: Cluster) -> None:
    first, second = pair.nodes()
    files = storage.FileServer(pair, storageconf.STOCK)
    storage.prepare(pair.nodes(), {})
    second.run(["/usr/sbin/drbdadm", "up", storageconf.RESOURCE])
    serve_by_hand(first)
    files.wait_replicated()
    assert (files.drbd("n1").role, files.drbd("n2").role) == ("Primary", "Secondary")
    for version in ("3", "4.2"):
        with files.mounted(version) as mount:
            with files.ledger(mount) as ledger:
                ledger.wait_acked(10)
            assert not ledger.audit()
            assert f"vers={version}" in pair.client.read("/proc/mounts")
    check_replication_link(files)
    check_backing(files)


def check_replication_link(files: storage.FileServer) -> None:
    """Cut, DRBD knows it; the cluster does not; healed, it comes together again."""
    before = files.cluster.node("n1").run(["/usr/sbin/corosync-quorumtool", "-s"]).stdout
    files.cut_replication("n2")
    storage.wait_drbd(files.cluster.nodes(), "the lost connection",
                      lambda state: state.connection != "Connected")
    after = files.cluster.node("n1").run(["/usr/sbin/corosync-quorumtool", "-s"]).stdout
    ring_id = next(line for line in before.splitlines() if line.startswith("Ring ID"))
    assert ring_id in after
    files.heal_replication("n2")
    files.wait_replicated()


def check_backing(files: storage.FileServer) -> None:
    """A disk of the secondary that hangs holds up what is synced; one that fails is detached."""
    sync = ["/bin/dd", "if=/dev/zero", f"of={storageconf.MOUNT}/x", "bs=4k", "count=1",
            "oflag=direct,sync"]
    disk = files.backing("n2")
    disk.hang()
    writer = files.cluster.node("n1").popen(sync, stderr=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        writer.wait(3)
    disk.go_on()
    assert writer.wait(60) == 0
    disk.fail()
    files.cluster.node("n1").run(sync)
    storage.wait_drbd([files.cluster.node("n2")], "the lost disk",
                      lambda state: state.disk in ("Diskless", "Failed"))
    disk.mend()
    files.cluster.node("n2").run(["/usr/sbin/drbdadm", "attach", storageconf.RESOURCE])
    files.wait_replicated()


# The end -----------------------------------------------------------------------------------------

OWNER = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from haopslab import Cluster
cluster = Cluster(nodes=1, name=sys.argv[2], kind="virtual", fencing=False)
cluster.start()
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["owner", "interrupt", "keeper"])
def test_nothing_is_left(how: str) -> None:
    name = f"vmlife-{os.getpid()}"
    folder = os.path.dirname(os.path.dirname(os.path.abspath(qemu.__file__)))
    owner = subprocess.Popen([sys.executable, "-c", OWNER, folder, name], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert owner.stdout.readline() == "started\n"
        with rpc.connect(name) as sock:
            guard = rpc.peer_credentials(sock)[0]
        footprint = leftovers.footprint(name, guard)
        commands = [open(f"/proc/{pid}/cmdline", encoding="utf-8").read()
                    for pid, _ in footprint.processes]
        assert any("qemu-system" in command for command in commands)
        if how == "keeper":
            os.kill(leftovers.descendants(guard)[0], signal.SIGKILL)
        else:
            owner.send_signal(signal.SIGKILL if how == "owner" else signal.SIGINT)
        wait_until("all of it to be gone", lambda: (
            not leftovers.find(footprint), leftovers.find(footprint)), 10)
        footprint.close()
    finally:
        owner.kill()
        owner.communicate()
