# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:drbd on DRBD 8.4 in two virtual machines under Pacemaker: a mirrored disk with a file system on it."""

import os
import time

import pytest

storage = pytest.importorskip("haopslab.storage", reason="this lab has no virtual machines")

from haopslab import spec, stage, storageconf  # noqa: E402
from haopslab.cluster import Cluster  # noqa: E402
from haopslab.wait import wait_until  # noqa: E402

AGENT = "/usr/lib/ocf/resource.d/haops/drbd"
FOLDER = "/srv/data"
MEMORY = ["/usr/libexec/haops/haops-cib", "get", "haops-drbd-r0"]
AGENTS = storageconf.Agents(drbd="haops:drbd")
CIB = """<resources>
  <clone id="disk-clone"><meta_attributes id="clone-meta">
      <nvpair id="m1" name="promotable" value="true"/><nvpair id="m2" name="notify" value="true"/>
      <nvpair id="m3" name="clone-max" value="2"/><nvpair id="m4" name="promoted-max" value="1"/>
      <nvpair id="m5" name="interleave" value="true"/></meta_attributes>
    <primitive id="disk" class="ocf" provider="haops" type="drbd">
      <instance_attributes id="disk-params">
        <nvpair id="p1" name="drbd_resource" value="r0"/></instance_attributes>
      <operations>
        <op id="o1" name="start" interval="0s" timeout="240s"/><op id="o2" name="stop" interval="0s" timeout="100s"/>
        <op id="o3" name="promote" interval="0s" timeout="90s"/><op id="o4" name="demote" interval="0s" timeout="90s"/>
        <op id="o5" name="notify" interval="0s" timeout="90s"/>
        <op id="o6" name="monitor" interval="5s" timeout="60s" role="Promoted"/>
        <op id="o7" name="monitor" interval="6s" timeout="60s" role="Unpromoted"/>
      </operations></primitive></clone>
  <primitive id="fs" class="ocf" provider="heartbeat" type="Filesystem">
    <instance_attributes id="fs-params"><nvpair id="f1" name="device" value="/dev/drbd0"/>
      <nvpair id="f2" name="directory" value="/srv/data"/><nvpair id="f3" name="fstype" value="xfs"/>
    </instance_attributes>
    <operations><op id="f4" name="start" interval="0s" timeout="60s"/><op id="f5" name="stop" interval="0s" timeout="60s"/>
      <op id="f6" name="monitor" interval="20s" timeout="60s"/></operations></primitive>
</resources>
<constraints>
  <rsc_colocation id="where" rsc="fs" with-rsc="disk-clone" with-rsc-role="Promoted" score="INFINITY"/>
  <rsc_order id="when" first="disk-clone" first-action="promote" then="fs" then-action="start"/>
</constraints>"""


class Disk:
    """The cluster, and what is asked of it."""

    def __init__(self):
        options = storage.options_of(AGENTS)
        options.update(stage.haopsd_options())
        options["kinds"] = {spec.CLIENT: "namespace"}
        self.cluster = Cluster(name=f"drbd-{os.getpid()}", **options).up(timeout=120)
        try:
            storage.prepare(self.cluster, storageconf.Replication())
            for node in self.cluster.nodes():
                node.run(["mkdir", "-p", FOLDER])
            self.cluster.load_cib(CIB, settle=120)
            self.whole()
        except BaseException:
            self.cluster.down()
            raise

    def node(self, name):
        """A machine by its name."""
        return self.cluster.node(name)

    def primary(self, not_on=None, timeout=120):
        """The node on which the file system is."""
        return self.cluster.wait_resource("fs", not_on=not_on, timeout=timeout)

    def other(self):
        """The node that has the copy."""
        primary = self.primary()
        return next(name for name in self.cluster.node_names() if name != primary)

    def whole(self):
        """Waits until both disks are UpToDate and the file system is there."""
        self.primary()
        storage.wait_drbd(self.cluster.nodes(), "two disks that are UpToDate", storage.DrbdState.is_whole, 120)

    def state(self, name):
        """What the kernel of a node says."""
        return storage.drbd_state(self.node(name))

    def agent(self, name, action, timeout_ms=60000, **extra):
        """Runs an action by hand, as Pacemaker would: (code, exit reason)."""
        env = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "disk", "OCF_RESKEY_drbd_resource": "r0",
               "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:", "OCF_RESKEY_CRM_meta_timeout": str(timeout_ms),
               "OCF_RESKEY_CRM_meta_clone_max": "2", "OCF_RESKEY_CRM_meta_notify": "true",
               "OCF_RESKEY_CRM_meta_on_node": name,
               **{f"OCF_RESKEY_{key}": value for key, value in extra.items()}}
        done = self.node(name).run(["env", *(f"{key}={value}" for key, value in env.items()), AGENT, action],
                                   check=False, timeout=120)
        reasons = [line.partition(":")[2] for line in done.stderr.splitlines() if line.startswith("ocf-exit-reason:")]
        return done.returncode, reasons[-1] if reasons else ""

    def memory(self, name):
        """What the cluster remembers: {name: value}."""
        text = self.node(name).run(MEMORY).stdout
        return dict(line.split("\t", 1) for line in text.splitlines())


@pytest.fixture(name="disk", scope="module")
def fixture_disk():
    """One cluster for all."""
    made = Disk()
    yield made
    made.cluster.down()


@pytest.fixture(autouse=True)
def fixture_well(disk):
    """Each test begins with a cluster that is well."""
    disk.cluster.restore(240)
    disk.whole()


def test_one_primary_that_is_remembered(disk):
    primary = disk.primary()
    assert disk.state(primary).role == "Primary"
    assert disk.state(disk.other()).role == "Secondary"
    assert disk.memory(primary)["primary"].split()[1] == primary


def test_move(disk):
    first = disk.primary()
    disk.node(first).run(["sh", "-c", f"echo moved > {FOLDER}/file"])
    disk.node(first).run(["crm_resource", "--ban", "-r", "disk-clone", "--promoted", "-N", first], timeout=120)
    try:
        second = disk.primary(not_on=first)
        assert disk.node(second).read(f"{FOLDER}/file") == "moved\n"
        wait_until("the new Primary in the cluster's memory", lambda: (
            disk.memory(second)["primary"].split()[1] == second, disk.memory(second)), 30, 0.5)
    finally:
        disk.node(first).run(["crm_resource", "--clear", "-r", "disk-clone"], timeout=120)


def test_power_cut(disk):
    first = disk.primary()
    disk.node(first).run(["sh", "-c", f"echo kept > {FOLDER}/file; sync {FOLDER}/file"])
    begin = time.monotonic()
    disk.node(first).kill()
    second = disk.primary(not_on=first)
    print(f"{time.monotonic() - begin:.1f} s until the file system was on the other node")
    assert disk.node(second).read(f"{FOLDER}/file") == "kept\n"


def test_who_lost_the_link_is_outdated_and_refused(disk):
    first, second = disk.primary(), disk.other()
    disk.node(second).cut(storageconf.REPLICATION_RING)
    try:
        disk.node(first).run(["sh", "-c", f"echo alone > {FOLDER}/file; sync {FOLDER}/file"])
        code, reason = disk.agent(second, "promote", 20000)
        assert code == 1 and reason, (code, reason)
        assert disk.primary() == first
    finally:
        disk.node(second).heal(storageconf.REPLICATION_RING)


def test_holder_is_named(disk):
    first = disk.primary()
    holder = disk.node(first).popen(["sh", "-c", "sleep 60 < /dev/drbd0"])
    try:
        code, reason = disk.agent(first, "demote", 6000)
        assert code == 1 and "mounted at /srv/data" in reason, reason
    finally:
        holder.kill()
        holder.wait()


def test_older_node_that_returns_first_is_refused(disk):
    """B dies, A goes on alone, A dies, B returns: what A wrote alone must not be lost."""
    first, second = disk.primary(), disk.other()
    before = disk.memory(first)["data"]
    disk.node(second).kill()
    disk.node(first).run(["sh", "-c", f"echo newest > {FOLDER}/file; sync {FOLDER}/file"])
    wait_until("the new generation in the cluster's memory", lambda: (
        disk.memory(first)["data"] != before, disk.memory(first)), 60, 1)
    disk.node(first).kill()
    disk.node(second).boot()
    disk.node(second).wait_booted(120)
    disk.node(second).run(["drbdadm", "up", "r0"])
    wait_until("the disk", lambda: (disk.state(second).disk not in ("", "Attaching", "Negotiating"),
                                    disk.state(second)), 60, 0.5)
    wait_until("the cluster's memory", lambda: ("primary" in disk.memory(second), disk.memory(second)), 60, 1)
    code, reason = disk.agent(second, "promote", 20000)
    assert code == 1 and first in reason, (code, reason)
    assert disk.state(second).role == "Secondary"
    disk.node(first).boot()
    disk.cluster.restore(240)
    primary = disk.primary()
    assert disk.node(primary).read(f"{FOLDER}/file") == "newest\n"
