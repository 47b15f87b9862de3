# SPDX-License-Identifier: GPL-2.0-or-later
"""A real cluster, and every fault that the lab can make. One cluster for all tests."""
from __future__ import annotations

import json
import time

import pytest
from conftest import HERALD, VIP
from haopslab import Cluster, LabError, WaitTimeout, clockstep, wait_until
from haopslab.timeline import collect, save

DETECTION = 2.2  # token + consensus, in seconds


def test_forms_and_starts_the_address(cluster: Cluster) -> None:
    view = cluster.crm.view()
    assert view.quorate and set(view.nodes) == {"n1", "n2", "n3"}
    node = cluster.wait_resource("vip")
    assert VIP in cluster.node(node).run(["ip", "-br", "addr"]).stdout
    assert cluster.where("vip") == [node]


def test_power_off_is_fenced_and_the_address_moves(cluster: Cluster) -> None:
    node = cluster.wait_resource("vip")
    with cluster.prober_ping(VIP) as prober, cluster.observer(VIP) as observer:
        wait_until("an answer", lambda: (observer.now()["addresses"][VIP]["owners"], ""), 10)
        cluster.node(node).kill()
        other = cluster.wait_resource("vip", not_on=node)
        prober.wait_recovered()
    (outage,) = prober.outages()
    assert DETECTION * 0.6 < outage["seconds"] < 15
    assert [served["who"] for served in prober.report["served"]] == [node, other]
    observer.assert_single()
    assert [run["who"] for run in observer.owners(VIP)] == [node, other]
    history = cluster.crm.run(["stonith_admin", "--history", node]).stdout
    assert f"turning off of {node} successful" in history


def test_cut_network_ends_in_power_off_by_the_bmc(cluster: Cluster) -> None:
    node = cluster.wait_resource("vip")
    with cluster.observer(VIP) as observer:
        cluster.node(node).cut("all")
        cluster.wait_resource("vip", not_on=node)
        assert cluster.node(node).state()["power"] == "off"
    observer.assert_single()
    actions = [e.text for e in collect(cluster) if e.source == "lab"]
    assert any(f"power off target={node} by=bmc" in text for text in actions)


@pytest.mark.parametrize("ring", [0, 1])
def test_switch_restart_keeps_the_membership(cluster: Cluster, ring: int) -> None:
    cluster.wait_resource("vip")
    cluster.wait_rings_trusted()
    before = cluster.node("n1").run(["corosync-quorumtool", "-s"]).stdout
    cluster.switch_off(ring)
    cluster.switch_off(ring)
    carrier = cluster.node("n1").run(["cat", f"/sys/class/net/eth{ring}/carrier"]).stdout
    assert carrier == "0\n"
    cluster.switch_on(ring, learning=0.5)
    after = cluster.node("n1").run(["corosync-quorumtool", "-s"]).stdout
    ring_id = [line for line in before.splitlines() if line.startswith("Ring ID")]
    assert ring_id and ring_id[0] in after


def test_learning_switch_forwards_late(cluster: Cluster) -> None:
    with cluster.prober_ping(cluster.node("n1").ip) as prober:
        cluster.switch_off(0)
        prober.wait_outage()
        cluster.switch_on(0, learning=1)
        prober.wait_recovered()
    assert prober.outage_seconds() > 1


def test_second_owner_is_seen(cluster: Cluster) -> None:
    owner = cluster.wait_resource("vip")
    thief = next(n for n in cluster.nodes() if n.name != owner)
    with cluster.observer(VIP) as observer:
        thief.run(["ip", "addr", "add", f"{VIP}/32", "dev", "eth0"])
        with cluster.prober_ping(VIP) as prober:
            prober.now()
        thief.run(["ip", "addr", "del", f"{VIP}/32", "dev", "eth0"])
    assert {"double"} <= {v["kind"] for v in observer.violations()}
    with pytest.raises(LabError, match="two owners"):
        observer.assert_single()


def test_ipv6_is_observed_and_probed(cluster: Cluster) -> None:
    address = cluster.node("n2").ip6
    with cluster.observer(address) as observer, cluster.prober_ping(address) as prober:
        with cluster.prober_http(f"http://[{cluster.web_server('web1').ip6}]/") as web:
            assert web.now()["ok"] > 0
        prober.now()
    observer.assert_single()
    assert [run["who"] for run in observer.owners(address)] == ["n2"]
    assert web.report["served"][0]["who"] == "web1"


def test_frozen_process_is_fenced_away(cluster: Cluster) -> None:
    victim = cluster.node("n3")
    assert victim.freeze("corosync") and victim.state()["frozen"]
    cluster.crm.wait("n3 to be powered off", lambda _view: not victim.is_on(), 30)
    cluster.crm.wait_lost(["n3"])


def test_freeze_and_thaw(cluster: Cluster) -> None:
    web = cluster.web_server("web1")
    with cluster.prober_http(f"http://{web.ip}/") as prober:
        web.freeze("python3")
        prober.wait_outage()
        web.thaw("python3")
        prober.wait_recovered()
    assert prober.report["served"][0]["who"] == "web1"
    with pytest.raises(LabError, match="no process named 'nonesuch'"):
        web.freeze("nonesuch")


def test_full_disk_is_the_nodes_own(cluster: Cluster) -> None:
    node = cluster.node("n1")
    node.fill()
    done = node.run(["cp", "/bin/true", "/var/tmp/x"], check=False)
    assert done.returncode != 0 and "No space left" in done.stderr
    cluster.node("n2").run(["cp", "/bin/true", "/var/tmp/x"])
    node.unfill()
    node.run(["cp", "/bin/true", "/var/tmp/x"])


def test_full_folder_is_that_folder(cluster: Cluster) -> None:
    node = cluster.node("n1")
    node.fill_folder("/run/haops")
    done = node.run(["cp", "/bin/true", "/run/haops/x"], check=False)
    assert done.returncode != 0 and "No space left" in done.stderr
    node.run(["cp", "/bin/true", "/run/x"])
    with pytest.raises(LabError, match="filled in a folder"):
        cluster.audit()
    node.unfill_folders()
    node.run(["cp", "/bin/true", "/run/haops/x"])
    with pytest.raises(LabError, match="no file system of its own"):
        node.fill_folder("/run")


def test_volume_outlives_power_and_is_filled_alone(cluster: Cluster) -> None:
    node = cluster.node("n3")
    node.write("/srv/data/kept", "as it was")
    node.fill_folder("/srv/data")
    node.kill()
    node.boot()
    assert node.read("/srv/data/kept") == "as it was"
    assert node.run(["cp", "/bin/true", "/srv/data/x"], check=False).returncode != 0
    node.run(["cp", "/bin/true", "/srv/x"])
    assert node.state()["filled_folders"] == ["/srv/data"]
    node.unfill_folders()
    node.run(["cp", "/bin/true", "/srv/data/x"])


def test_hogs(cluster: Cluster) -> None:
    node = cluster.node("n2")
    node.hog(3)
    loops = [line for line in node.run(["ps", "-eo", "args"]).stdout.splitlines()
             if "while :" in line]
    assert len(loops) == 3
    node.hog(1)
    node.hog(0)
    assert "while :" not in node.run(["ps", "-eo", "args"]).stdout


def test_limited_files(cluster: Cluster) -> None:
    node = cluster.node("n1")
    (pid,) = node.pids("corosync")
    before = node.read(f"/proc/{pid}/limits")
    with node.limited_files("corosync", 24):
        assert "Max open files            24 " in node.read(f"/proc/{pid}/limits")
    assert node.read(f"/proc/{pid}/limits") == before


def test_service_is_awaited_and_its_output_kept(cluster: Cluster) -> None:
    node = cluster.node("n1")
    assert "herald" in node.state()["ready"]
    node.stop_service("herald")
    assert node.state()["ended"]["herald"][-1] == 7 << 8
    node.start_service("herald")
    node.wait_service("herald")
    cluster.crm.wait("its words", lambda _v: any(
        e.source == "haopsd" and "herald" in e.text for e in collect(cluster)), 5)


def test_wall_clock_of_a_service_is_stepped(cluster: Cluster) -> None:
    node = cluster.node("n3")
    node.stop_service("herald")
    node.start_service("herald", clockstep.prepare(node, HERALD))
    node.wait_service("herald")

    def told() -> int:
        lines = [e.text for e in collect(cluster) if e.source == "haopsd" and e.machine == "n3"]
        return int(lines[-1].split()[1])
    for step in (3600, -3600, 0):
        clockstep.step(node, step)
        wait_until("the step to be seen", lambda: (
            abs(told() - time.time() - step) < 2, told() - time.time()), 5)


def test_cluster_is_restarted_on_a_node(cluster: Cluster) -> None:
    node = cluster.node("n3")
    before, boots = node.pids("corosync"), node.state()["boots"]
    node.restart_cluster()
    cluster.crm.wait_formed(cluster.node_names(), 30)
    assert node.pids("corosync") != before
    assert node.state()["boots"] == boots, "it was fenced"


def test_packet_loss(cluster: Cluster) -> None:
    with cluster.prober_ping(cluster.client.ip) as _own, \
            cluster.prober_ping(cluster.node("n1").ip) as prober:
        cluster.node("n1").loss(50)
        prober.wait_recovered(outages=5)
    assert 0 < prober.report["failed"] < prober.report["sent"]


def test_disk_survives_a_power_cycle_and_run_does_not(cluster: Cluster) -> None:
    node = cluster.node("n2")
    node.write("/etc/kept", "kept")
    node.write("/run/lost", "lost")
    node.kill()
    node.kill()
    with pytest.raises(LabError, match="powered off"):
        node.run(["true"])
    cluster.crm.wait_lost(["n2"])
    node.boot()
    assert node.read("/etc/kept") == "kept"
    assert node.run(["cat", "/run/lost"], check=False).returncode == 1


def test_staged_agents_and_libraries_are_seen(cluster: Cluster) -> None:
    node = cluster.node("n1")
    assert node.run(["ls", "/usr/lib/ocf/resource.d/haops"]).stdout.split() == ["Staged"]
    assert node.run(["sh", "-c", "cat $LD_LIBRARY_PATH/marker"]).stdout == "here\n"
    daemon = node.run(["pidof", "pacemaker-execd"]).stdout.strip()
    assert "LD_LIBRARY_PATH=/run/lab/lib/0" in node.read(f"/proc/{daemon}/environ")


def test_no_zombies_and_own_processes_only(cluster: Cluster) -> None:
    node = cluster.node("n1")
    node.run(["sh", "-c", "(sleep 0.01 & ) ; true"])
    table = node.run(["ps", "-eo", "stat,comm"]).stdout.splitlines()[1:]
    assert not [line for line in table if line.startswith("Z")]
    assert len(table) < 30


def test_syslog_is_kept(cluster: Cluster) -> None:
    cluster.node("n1").run(["logger", "-t", "hello", "world"])
    cluster.crm.wait("the syslog line", lambda _v: any(
        "hello: world" in e.text for e in collect(cluster)), 5)


def test_load_cib_changes_the_running_cluster(cluster: Cluster) -> None:
    from conftest import CIB
    cluster.wait_resource("vip")
    cluster.load_cib("<resources/>")
    assert cluster.where("vip") == []
    cluster.load_cib(CIB)
    cluster.wait_resource("vip")


def test_timeline_and_saved_logs(cluster: Cluster, tmp_path) -> None:
    cluster.note("a note from the test")
    events = collect(cluster, verbose=True)
    assert {e.source for e in events} >= {"lab", "corosync", "pacemaker"}
    assert [e.time for e in events] == sorted(e.time for e in events)
    folder = save(cluster, str(tmp_path / "saved"))
    assert "a note from the test" in (tmp_path / "saved" / "timeline.txt").read_text()
    assert json.loads((tmp_path / "saved" / "status.json").read_text())["name"]
    assert folder == str(tmp_path / "saved")


def test_audit_names_what_is_wrong(cluster: Cluster) -> None:
    cluster.node("n1").cut(1)
    cluster.switch_off(1)
    with pytest.raises(LabError, match="switch1 is off.*n1 is cut"):
        cluster.audit()


def test_wait_names_what_it_saw(cluster: Cluster) -> None:
    with pytest.raises(WaitTimeout, match="nonesuch Started; last seen: dc n"):
        cluster.wait_resource("nonesuch", timeout=0.3)
