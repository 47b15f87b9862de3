# SPDX-License-Identifier: GPL-2.0-or-later
"""haopsd's Pacemaker helper: what it tells a real Pacemaker, what it must not tell, and what it
survives. Stock agents; haopsd's end of the helper is driven by pcmk_driver.c, but where a real one has silent nodes
fenced."""
import os
import re
import signal
import statistics
import time

import pytest
from daemons import PING_TARGET, Daemons
from haopslab import CorosyncConfig, leases, stage, timeline
from haopslab.cluster import Cluster
from haopslab.pytest_plugin import guarded
from haopslab.wait import wait_until

import pacemakerlab as lab

FENCE_AFTER_S = 3
FENCE_CONF = f"""keepalive 200ms
warntime 600ms
deadtime 2
initdead 4
fence_silent on
fence_after {FENCE_AFTER_S}
convergence_time 4
ping {PING_TARGET}
deadping 1
"""


@pytest.fixture(scope="module")
def pacemaker_session(lab_session, daemon_session):
    """A cluster of its own; the others are not needed now."""
    lab_session.discard()
    daemon_session.discard()
    session = lab.PacemakerSession()
    yield session
    session.close()


@pytest.fixture
def cluster(pacemaker_session, request):
    yield from guarded(pacemaker_session, request)


@pytest.fixture
def drive():
    """Makes drivers, which end with the test."""
    made = []

    def make(node, **options):
        made.append(lab.Driver(node, **options))
        return made[-1]
    yield make
    for driver in made:
        driver.close()


def on(cluster, drive, resource):
    """(driver on the node of a resource, node's name)."""
    name = cluster.where(resource)[0]
    return drive(cluster.node(name)), name


def not_counted(cluster, resource, node):
    """Pacemaker was not told."""
    assert lab.failcount(cluster, resource, node) == "0"
    assert not [str(f) for f in cluster.crm.view().failures]


def test_lost_address_is_restored(cluster, drive):
    driver, name = on(cluster, drive, "vip")
    node = cluster.node(name)
    answers, restored = [], []
    for _ in range(7):
        device = re.search(rf"(\S+)\s+inet {lab.VIP}/", node.run(
            ["/usr/sbin/ip", "-o", "addr", "show"]).stdout)[1]
        node.run(["/usr/sbin/ip", "addr", "del", f"{lab.VIP}/24", "dev", device])
        with leases.notices(node, lab.VIP) as heard:
            answer = driver.report("vip")
            assert answer.result == "reported", answer
            back = wait_until("the address to be back", lambda: (heard.additions(), ""), 30)
        restored.append(back[0] - answer.asked)
        answers.append(answer.seconds)
        cluster.crm.wait_settled()
        assert cluster.where("vip") == [name]
    print(f"\nanswered in ms: median {statistics.median(answers) * 1e3:.2f}, worst "
          f"{max(answers) * 1e3:.2f}; restored after the report in ms: median "
          f"{statistics.median(restored) * 1e3:.0f}, worst {max(restored) * 1e3:.0f}")
    # It is the report that restores it, not the poll each 60 s.
    assert max(restored) < 10


@pytest.mark.parametrize("resource", ["dummy", "g1", "g2", "web", "uniq", "state"])
def test_lost_resource_is_recovered_there_and_only_there(cluster, drive, resource):
    instance, name = lab.instances(cluster, resource)[-1]
    driver = drive(cluster.node(name))
    assert (resource == "uniq") == (":" in instance)
    answer = driver.report(instance)
    assert answer.result == "reported", answer
    lab.wait_recovered(cluster, instance, name)
    failed = {(f.node, f.operation.rpartition("_asyncmon")[0]) for f in cluster.crm.view().failures}
    assert failed == {(name, instance)}
    assert (instance, name) in lab.instances(cluster, resource)


@pytest.mark.parametrize("resource", ["dummy", "g1", "web", "state"])
def test_look_runs_the_monitor_and_nothing_else(cluster, drive, resource):
    """Each 60 s by itself. Nothing is started, stopped, demoted or counted for it."""
    instance, name = lab.instances(cluster, resource)[-1]
    others = sorted(lab.instances(cluster, resource))
    promoted = cluster.where("state", "Promoted")
    before = lab.operations(cluster, instance, name)
    began = time.monotonic()
    answer = drive(cluster.node(name)).report(instance, wish="look")
    assert answer.result == "reported" and "look at" in answer.text, answer

    def seen():
        after = lab.operations(cluster, instance, name)
        monitors = {key for key, call in after.items() if key.startswith("monitor_") and key != "monitor_0"
                    and call > max(before.values())}
        return monitors, after
    wait_until(f"a new monitor of {instance}", seen, 20, 0.05)
    print(f"\n{instance}: the monitor ran after {time.monotonic() - began:.2f} s")
    cluster.crm.wait_settled()
    assert "start_0" not in lab.operations(cluster, instance, name), "it was started"
    assert sorted(lab.instances(cluster, resource)) == others
    assert cluster.where("state", "Promoted") == promoted
    not_counted(cluster, resource, name)


def test_clone_is_known_on_each_node_by_itself(cluster, drive):
    for name in cluster.node_names():
        answer = drive(cluster.node(name)).report("web")
        assert answer.result == "reported", answer
        lab.wait_recovered(cluster, "web", name)


def test_twice_in_a_row_is_told_twice(cluster, drive):
    driver, name = on(cluster, drive, "dummy")
    for _ in range(2):
        assert driver.report("dummy").result == "reported"
        lab.wait_recovered(cluster, "dummy", name)


def test_failed_already_is_not_told_again(cluster, drive):
    """Until Pacemaker has recovered it, the same loss is no second one."""
    driver, name = on(cluster, drive, "slow")
    assert driver.report("slow").result == "reported"
    answers = set()
    deadline = time.monotonic() + 1.5  # stop and start take 2 s each
    wait_until("the failure to be in the CIB", lambda: (
        lab.failcount(cluster, "slow", name) != "0", None), 10)
    while time.monotonic() < deadline:
        answers.add(driver.report("slow").result)
    assert answers == {"not-here"}, answers
    lab.wait_recovered(cluster, "slow", name, 30)


class Meta:
    """A meta attribute, set for a while."""

    def __init__(self, cluster, resource, name, value):
        self._run, self._args = cluster.crm.run, ["/usr/sbin/crm_resource", "--meta", "-r",
                                                  resource]
        self._name, self._value = name, value

    def __enter__(self):
        self._run([*self._args, "-p", self._name, "-v", self._value])

    def __exit__(self, *_error):
        self._run([*self._args, "-d", self._name])


class Attribute:
    """An option of the cluster or of a node, set for a while."""

    def __init__(self, cluster, name, value, *where):
        self._run, self._value = cluster.crm.run, value
        self._args = ["/usr/sbin/crm_attribute", *where, "-n", name]

    def __enter__(self):
        self._run([*self._args, "-v", self._value])

    def __exit__(self, *_error):
        self._run([*self._args, "-D"])


HOLDS = {
    "cluster maintenance": lambda c, n: Attribute(c, "maintenance-mode", "true"),
    "node maintenance": lambda c, n: Attribute(c, "maintenance", "true", "-N", n),
    "default": lambda c, n: Attribute(c, "is-managed", "false", "-t", "rsc_defaults"),
    "resource": lambda c, n: Meta(c, "g2", "is-managed", "false"),
    "resource maintenance": lambda c, n: Meta(c, "g2", "maintenance", "true"),
    "group": lambda c, n: Meta(c, "g", "is-managed", "false"),
    "group maintenance": lambda c, n: Meta(c, "g", "maintenance", "true"),
}


@pytest.mark.parametrize("hold", HOLDS)
def test_not_managed_is_not_told(cluster, drive, hold):
    """From the moment on at which the operator's command returns, and until it is undone."""
    driver, name = on(cluster, drive, "g2")
    with HOLDS[hold](cluster, name):
        answer = driver.report("g2")
        assert answer.result == "unmanaged", answer
        cluster.crm.wait_settled()
        assert driver.report("g2").result == "unmanaged"
    not_counted(cluster, "g2", name)
    assert driver.report("g2").result == "reported"
    lab.wait_recovered(cluster, "g2", name)


def test_unknown_or_elsewhere_is_not_told(cluster, drive):
    driver, name = on(cluster, drive, "vip")
    assert driver.report("nix").result == "not-here"
    elsewhere = next(n for n in cluster.nodes() if n.name != name)
    assert drive(elsewhere).report("vip").result == "not-here"
    not_counted(cluster, "vip", elsewhere.name)
    # Reporting what it did not know has not made Pacemaker's executor know it.
    known = elsewhere.run(["/usr/sbin/cibadmin", "-Q", "-o", "status"]).stdout
    assert 'id="nix"' not in known


def test_to_be_stopped_is_not_told(cluster, drive):
    driver, name = on(cluster, drive, "dummy")
    with Meta(cluster, "dummy", "target-role", "Stopped"):
        answer = driver.report("dummy")
        assert answer.result == "not-here", answer
        cluster.wait_resource("dummy", state="Stopped")
        assert driver.report("dummy").result == "not-here"
        not_counted(cluster, "dummy", name)
    cluster.wait_resource("dummy")


def test_being_stopped_is_not_told(cluster, drive):
    """A planned move: the stop, which takes 2 s, is under way."""
    driver, name = on(cluster, drive, "slow")
    target = next(n.name for n in cluster.nodes() if n.name != name)
    cluster.crm.move("slow", target)
    try:
        wait_until("the stop to begin", lambda: (
            re.search(rf'"slow_stop_0" operation="stop".*op-status="-1"', cluster.node(name).run(
                ["/usr/sbin/cibadmin", "-Q", "-o", "status"]).stdout), None), 15, 0.02)
        answer = driver.report("slow")
        assert answer.result == "not-here" and "being stopped" in answer.text, answer
        cluster.wait_resource("slow", on=target)
        not_counted(cluster, "slow", name)
    finally:
        cluster.crm.unmove("slow")


def knows_standby(node):
    """Whether the node's own copy of the configuration has it: what is told by another node is later there."""
    return node.run(["/usr/sbin/cibadmin", "--query", "--local", "--xpath", "//nvpair[@name='standby' and @value='on']"],
                    check=False).returncode == 0


def test_standby_is_not_told(cluster, drive):
    driver, name = on(cluster, drive, "dummy")
    cluster.crm.standby(name)
    try:
        wait_until("the node to know it itself", lambda: (knows_standby(cluster.node(name)), ""), 10, 0.02)
        assert driver.report("dummy").result == "not-here"
        wait_until("the node to be empty", lambda: (name not in cluster.where("dummy"), None), 20)
        not_counted(cluster, "dummy", name)
    finally:
        cluster.crm.standby(name, False)


def test_pacemaker_stopped_and_started(cluster, drive):
    driver, name = on(cluster, drive, "vip")
    node = cluster.node(name)
    driver.say("attribute", "haops-test", "7", "0")
    wait_until("the attribute", lambda: ('value="7"' in query(node), query(node)), 10)
    node.stop_service("pacemakerd", timeout=60)
    driver.wait_event("nothing is reported until it is back")
    assert driver.report("vip").result == "unavailable"
    pid = driver.helper()
    node.start_service("pacemakerd")
    driver.wait_ready(60)
    assert driver.helper() == pid
    # Pacemaker has forgotten it, haopsd's end has not.
    wait_until("the attribute again", lambda: ('value="7"' in query(node), query(node)), 20)
    cluster.crm.wait_formed(cluster.node_names(), 60)
    cluster.crm.wait_settled()
    name = cluster.where("dummy")[0]
    other = driver if name == node.name else drive(cluster.node(name))
    assert other.report("dummy").result == "reported"
    lab.wait_recovered(cluster, "dummy", name)


def query(node):
    """The test's attribute, as its node has it."""
    return node.run(["/usr/sbin/attrd_updater", "-n", "haops-test", "-Q"], check=False).stdout


@pytest.mark.parametrize("daemon", ["pacemaker-based", "pacemaker-controld"])
def test_part_of_pacemaker_killed(cluster, drive, daemon):
    """pacemakerd starts it anew; the helper connects again."""
    node = lab.bystander(cluster)
    driver = drive(node)
    pid = driver.helper()
    lab.kill_daemon(node, daemon)
    driver.wait_event("nothing is reported until it is back")
    driver.wait_ready(60)
    assert driver.helper() == pid
    cluster.crm.wait_formed(cluster.node_names(), 60)
    cluster.crm.wait_settled()
    assert driver.report("nix").result == "not-here"
    assert driver.report("web").result == "reported"
    lab.wait_recovered(cluster, "web", node.name)


@pytest.mark.parametrize("daemon", ["pacemaker-based", "pacemaker-controld"])
def test_part_of_pacemaker_stopped(cluster, drive, daemon):
    """It hangs: nobody is told that Pacemaker answers, and every question has an answer in time."""
    name = next(n for n in cluster.node_names() if n != cluster.crm.view().dc)
    node = cluster.node(name)
    driver = drive(node)
    driver.say("ping", 200)
    driver.next(lambda line: line["kind"] == "alive")
    node.freeze(daemon)
    try:
        frozen = time.time()
        # A report goes to the controller; a refusal is looked at again in the CIB once what is
        # known of it is a second old.
        lost = "nix" if daemon == "pacemaker-based" else "web"

        def answers():
            answer = driver.report(lost, 12)
            assert answer.seconds < 6, answer
            return answer.result == "unavailable", answer
        wait_until("Pacemaker not to answer", answers, 15, 0.2)
        if daemon == "pacemaker-controld":
            late = [line for line in driver.seen
                    if line["kind"] == "alive" and line["wall"] > frozen + 1]
            assert not late, late
    finally:
        node.thaw(daemon)
    cluster.crm.wait_formed(cluster.node_names(), 60)
    cluster.crm.wait_settled()
    driver.next(lambda line: line["kind"] == "alive" and line["wall"] > time.time() - 1, 30)
    wait_until("an answer", lambda: (driver.report("nix").result == "not-here", None), 30)


@pytest.fixture
def lone(cluster):
    """A node whose pacemakerd is put right again."""
    node = cluster.node(next(n for n in cluster.node_names() if n != cluster.crm.view().dc))
    yield node
    if "pacemakerd" in node.state()["services"]:
        node.thaw("pacemakerd")
    else:
        node.start_service("pacemakerd")
    cluster.crm.wait_formed(cluster.node_names(), 60)


def stop_pacemakerd(node, fault):
    if fault == "stopped":
        node.freeze("pacemakerd")
    else:
        node.stop_service("pacemakerd", signal.SIGKILL)


@pytest.mark.parametrize("fault", ["killed", "stopped"])
def test_pacemakerd_alone(cluster, drive, lone, fault):
    """Pacemaker as a whole does not answer; the controller takes reports as ever."""
    driver = drive(lone)
    pid = driver.helper()
    driver.say("ping", 200)
    driver.next(lambda line: line["kind"] == "alive")
    stop_pacemakerd(lone, fault)
    began = time.time()
    while time.time() < began + 7:  # longer than any deadline of the helper's
        answer = driver.report("nix")
        assert answer.result == "not-here" and answer.seconds < 1, (answer, answer.seconds)
    assert not [line for line in driver.seen if line["kind"] == "alive" and line["wall"] > began + 0.5]
    assert driver.helper() == pid
    assert driver.report("web").result == "reported"
    if fault == "stopped":
        lone.thaw("pacemakerd")
    else:
        lone.start_service("pacemakerd")
    driver.next(lambda line: line["kind"] == "alive" and line["age_ms"] < 1000, 30)
    assert driver.helper() == pid
    lab.wait_recovered(cluster, "web", lone.name)


@pytest.mark.parametrize("fault", ["killed", "stopped"])
def test_helper_starts_without_pacemakerd(drive, lone, fault):
    """Connecting to it holds up no report."""
    stop_pacemakerd(lone, fault)
    driver = drive(lone)
    pid = driver.helper()
    driver.say("ping", 200)
    driver.next(lambda line: line["kind"] == "asked")
    began = time.time()
    while time.time() < began + 7:
        answer = driver.report("nix")
        assert answer.result == "not-here" and answer.seconds < 1, (answer, answer.seconds)
    assert not [line for line in driver.seen if line["kind"] == "alive"]
    if fault == "stopped":
        lone.thaw("pacemakerd")
    else:
        lone.start_service("pacemakerd")
    driver.next(lambda line: line["kind"] == "alive", 30)
    assert driver.helper() == pid


def test_asking_writes_no_line(cluster, drive):
    """Into Pacemaker's log, at its default level."""
    cluster.crm.wait_settled()
    node = cluster.nodes()[0]
    driver = drive(node)
    driver.say("ping", 50)
    driver.next(lambda line: line["kind"] == "alive")
    before = node.read("/var/log/pacemaker/pacemaker.log")
    assert "pacemakerd" in before
    for _ in range(40):
        driver.next(lambda line: line["kind"] == "alive")
    new = node.read("/var/log/pacemaker/pacemaker.log")[len(before):].splitlines()
    assert len(new) < 20, new
    assert not [line for line in new if "pacemakerd" in line], new


def test_helper_stopped(cluster, drive):
    driver, _ = on(cluster, drive, "vip")
    pid = driver.helper()
    driver.node.run(["/usr/bin/kill", "-STOP", str(pid)])
    answer = driver.report("nix")
    assert answer.result == "unavailable" and 4.9 < answer.seconds < 7, (answer, answer.seconds)
    driver.wait_ready()
    assert driver.helper() not in (0, pid)
    assert driver.report("nix").result == "not-here"
    assert str(pid) not in driver.node.pids("haopsd-pacemaker")


def test_helper_killed(cluster, drive):
    driver, name = on(cluster, drive, "vip")
    pid = driver.helper()
    driver.node.run(["/usr/bin/kill", "-KILL", str(pid)])
    driver.wait_ready(5)
    assert driver.helper() not in (0, pid)
    assert driver.report("vip").result == "reported"
    lab.wait_recovered(cluster, "vip", name)


def test_helper_ends_with_its_parent(cluster):
    node = cluster.nodes()[0]
    driver = lab.Driver(node)
    pid = str(driver.helper())
    assert pid in node.pids("haopsd-pacemaker")
    driver.kill()
    wait_until("the helper to end", lambda: (pid not in node.pids("haopsd-pacemaker"), pid), 5)


@pytest.mark.long
def test_without_pacemaker(cluster, drive):
    """Starts before Pacemaker, and finds it when it comes."""
    node = cluster.nodes()[0]
    node.stop_service("pacemakerd", timeout=60)
    driver = drive(node, warm=False)
    assert driver.report("vip").result == "unavailable"
    node.start_service("pacemakerd")
    driver.wait_ready(60)
    cluster.crm.wait_formed(cluster.node_names(), 60)


def ticks(node, pid):
    """Processor time of a process in ticks of 10 ms."""
    fields = node.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def private_kb(node, pid):
    """Memory that is the process's own."""
    return int(re.search(r"Private_Dirty:\s+(\d+)", node.read(f"/proc/{pid}/smaps_rollup"))[1])


def change_cib(node, driver, count):
    """So many changes, each followed by a question that has the CIB read anew."""
    for value in range(count):
        node.run(["/usr/sbin/attrd_updater", "-n", "haops-cost", "-U", str(value), "-d", "0"])
        assert driver.report("nix").result == "not-here"


@pytest.mark.long
def test_what_it_costs(cluster, drive):
    """Figures, no limits but those that tell a leak or a loop."""
    driver, name = on(cluster, drive, "vip")
    node, pid = driver.node, driver.helper()
    answers = [driver.report("nix").seconds for _ in range(50)]
    change_cib(node, driver, 60)  # what it needs once
    before = private_kb(node, pid)
    change_cib(node, driver, 120)
    after = private_kb(node, pid)
    pss = int(re.search(r"Pss:\s+(\d+)", node.read(f"/proc/{pid}/smaps_rollup"))[1])
    costs, reports = {}, []
    for ping in (0, 1000, 200):
        driver.say("ping", ping)
        used, began = ticks(node, pid), time.monotonic()
        with pytest.raises(AssertionError, match="did not come"):
            driver.next(lambda line: False, 10)
        costs[ping] = (ticks(node, pid) - used) / (time.monotonic() - began)
        answer = driver.report("web")
        assert answer.result == "reported", answer
        reports.append(answer.seconds * 1e3)
        lab.wait_recovered(cluster, "web", name)
    times = ", ".join(f"{r:.2f}" for r in reports)
    print(f"\nPSS {pss} kB, its own {before} kB, after 120 changes of the CIB {after} kB; "
          f"processor % idle {costs[0]:.2f}, ping each s {costs[1000]:.2f}, five a second "
          f"{costs[200]:.2f}; answered in ms: refusals {statistics.median(answers) * 1e3:.2f}, "
          f"reports when nothing had changed {times}")
    assert after < before + 256
    assert costs[0] < 1


@pytest.fixture(scope="module")
def fencing(pacemaker_session):
    """A cluster that fences, and whose haopsds hand silent nodes to fencing."""
    pacemaker_session.discard()
    options = stage.haopsd_options(conf=FENCE_CONF)
    options["binds"][lab.FOLDER] = pacemaker_session.programs()
    with Cluster(name=f"fence-{os.getpid()}", nodes=3, corosync=CorosyncConfig(token=1000), **options) as cluster:
        Daemons(cluster).wait_well()
        cluster.crm.wait_settled()
        yield cluster


def power_offs(daemons, node):
    """By its management board, in this test."""
    return [e.text for e in timeline.collect(daemons.cluster, verbose=True)
            if e.time >= daemons.began and e.source == "lab" and "by=bmc" in e.text and f"target={node}" in e.text
            and e.text.startswith("power off")]


def test_silent_node_is_not_fenced_while_it_may_be_us(fencing):
    """The switch of the ping target is off: held first, and handed to nobody when that is over."""
    daemons, node = Daemons(fencing), fencing.node("n3")
    fencing.wait_rings_trusted()
    fencing.switch_off(0)
    for name in ("n1", "n2"):
        wait_until(f"{name} to see it", lambda n=name: (
            "converging" in daemons.status(n).own, str(daemons.status(n))), 10, 0.05)
    since = time.time()
    node.freeze("haopsd")
    daemons.wait_state("n1", "n3", "held", 5)
    daemons.wait_state("n1", "n3", "silent", 10)
    wait_until("twice the time of fence_after to pass", lambda: (time.time() > since + 2 * FENCE_AFTER_S, ""),
               2 * FENCE_AFTER_S, 0.1)
    assert not daemons.log("asking Pacemaker to fence") and not power_offs(daemons, "n3")
    node.thaw("haopsd")
    fencing.switch_on(0)
    daemons.wait_well()
    assert node.state()["power"] == "on"


def test_silent_node_is_fenced_once(fencing):
    """By the lowest of the others, with real power."""
    daemons, node = Daemons(fencing), fencing.node("n3")
    daemons.wait_well()
    node.freeze("haopsd")
    wait_until("n3 to be off", lambda: (node.state()["power"] == "off", daemons.states("n1")), FENCE_AFTER_S + 10, 0.1)
    daemons.wait_log("fencing of node 3: ", "n1")
    assert len(daemons.log("n3 is silent for .*: asking Pacemaker to fence it", "n1")) == 1
    assert not daemons.log("asking Pacemaker to fence", "n2")
    daemons.wait_state("n1", "n3", "gone", 10)
    fencing.crm.wait_lost(["n3"])
    fencing.crm.wait_settled()
    assert len(power_offs(daemons, "n3")) == 1, power_offs(daemons, "n3")
    history = fencing.crm.run(["/usr/sbin/stonith_admin", "--history", "n3", "--output-as=xml"]).stdout
    assert history.count("<fence_event ") == 1, history


def test_fencing_is_answered(fencing, drive):
    """Of a node that is off: its board says so. Of one that nobody knows: it cannot be done."""
    driver = drive(fencing.node("n1"), warm=False)
    driver.say("fence", "n3")
    asked = driver.next(lambda line: line["kind"] == "asked")
    answer = driver.next(lambda line: line["kind"] == "answer", 60)
    assert (answer["id"], answer["result"]) == (asked["id"], "reported"), answer
    assert fencing.node("n3").state()["power"] == "off"
    driver.say("fence", "nobody")
    answer = driver.next(lambda line: line["kind"] == "answer", 150)
    assert answer["result"] == "unavailable", answer
