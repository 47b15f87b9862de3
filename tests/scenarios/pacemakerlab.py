# SPDX-License-Identifier: GPL-2.0-or-later
"""haopsd's Pacemaker helper on a real cluster: the cluster, and the driver (pcmk_driver.c) that puts
questions to the helper inside a node."""
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import xml.etree.ElementTree as ET

from haopslab.cluster import Cluster
from haopslab.wait import wait_until

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"pcmk_driver": "tests/scenarios/pcmk_driver", "haopsd-pacemaker": "haopsd-pacemaker"}
FOLDER = "/usr/libexec/haops-test"
FOLLOWERS = {"pacemaker-based": ("pacemaker-attrd", "pacemaker-fenced", "pacemaker-controld")}
VIP = "10.77.0.100"
DUMMY, STATEFUL = ("pacemaker", "Dummy"), ("pacemaker", "Stateful")
# resource: (provider, type)
AGENTS = {"vip": ("heartbeat", "IPaddr2"), "dummy": DUMMY, "slow": DUMMY, "g1": DUMMY, "g2": DUMMY,
          "web": DUMMY, "uniq": DUMMY, "state": STATEFUL}


def primitive(name, params="", extra=""):
    provider, kind = AGENTS[name]
    return f"""<primitive id="{name}" class="ocf" provider="{provider}" type="{kind}">
      <instance_attributes id="{name}-p">{params}</instance_attributes>{extra}
      <operations><op id="{name}-monitor" name="monitor" interval="60s" timeout="20s"/></operations>
    </primitive>"""


def nvpair(owner, name, value):
    return f'<nvpair id="{owner}-{name}" name="{name}" value="{value}"/>'


def clone(name, meta):
    pairs = "".join(nvpair(f"{name}-clone", key, value) for key, value in meta.items())
    return f"""<clone id="{name}-clone"><meta_attributes id="{name}-clone-m">{pairs}
      </meta_attributes>{primitive(name)}</clone>"""


CIB = f"""<resources>
  {primitive("vip", nvpair("vip", "ip", VIP) + nvpair("vip", "cidr_netmask", "24"))}
  {primitive("dummy")}
  {primitive("slow", nvpair("slow", "op_sleep", "2"))}
  <group id="g">{primitive("g1")}{primitive("g2")}</group>
  {clone("web", {})}
  {clone("uniq", {"globally-unique": "true", "clone-max": "2", "clone-node-max": "2"})}
  {clone("state", {"promotable": "true"})}
</resources>
<rsc_defaults><meta_attributes id="defaults">
  {nvpair("defaults", "resource-stickiness", "1000")}
</meta_attributes></rsc_defaults>"""


def find_build():
    """The build folder with the programs, which are made if they are not there yet."""
    named = os.environ.get("HAOPS_BUILD")
    places = [pathlib.Path(named) / "main", pathlib.Path(named)] if named else []
    for place in [*places, TREE / "build" / "main", TREE / "build", TREE]:
        is_built = all((place / path).exists() for path in PROGRAMS.values())
        if (place / "Makefile").exists() and not is_built:
            subprocess.run(["make", "-s", "-C", place, *PROGRAMS.values()], check=True,
                           stdout=subprocess.DEVNULL)
            is_built = True
        if is_built:
            return place
    raise AssertionError("no build: configure in build/main, or name a folder in HAOPS_BUILD")


class PacemakerSession:
    """The shared cluster of these tests; see LabSession."""

    def __init__(self):
        self._cluster = None
        self._folder = tempfile.mkdtemp(prefix="haops-pcmk-")

    def programs(self):
        """The folder with the programs."""
        build = find_build()
        for name, path in PROGRAMS.items():
            shutil.copy(build / path, pathlib.Path(self._folder) / name)
        return self._folder

    def get(self):
        if self._cluster is None:
            self._cluster = Cluster(name=f"pcmk-{os.getpid()}", nodes=3, cib=CIB, fencing=False,
                                    stonith=False, binds={FOLDER: self.programs()}).up()
            for name in ("vip", "dummy", "slow", "g1", "g2", "web"):
                self._cluster.wait_resource(name)
            self._cluster.crm.wait_settled()
        return self._cluster

    def discard(self):
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.down()

    def close(self):
        self.discard()
        shutil.rmtree(self._folder)


class Driver:
    """The driver in one node. What it prints is read as it comes."""

    def __init__(self, node, warm=True):
        self.node = node
        self._child = node.popen([f"{FOLDER}/pcmk_driver", f"{FOLDER}/haopsd-pacemaker"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.seen = []
        if warm:
            self.say("warm")
            self.wait_ready()

    def _read(self):
        for line in self._child.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def say(self, *words):
        self._child.stdin.write(" ".join(map(str, words)) + "\n")
        self._child.stdin.flush()

    def next(self, wanted, timeout=10, what="an answer"):
        """The next line that is wanted, a function."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{what} did not come within {timeout} s; last: "
                                     f"{self.seen[-5:]}") from None
            if line is None:
                raise AssertionError(f"the driver has ended; last: {self.seen[-5:]}")
            self.seen.append(line)
            if wanted(line):
                return line

    def wait_event(self, text, timeout=20):
        return self.next(lambda line: line["kind"] == "event" and text in line["text"], timeout,
                         f"an event with {text!r}")

    def wait_ready(self, timeout=30):
        return self.wait_event("Pacemaker is there", timeout)

    def report(self, resource, timeout=10, wish="report"):
        """Says that a resource is lost: (result, text, seconds until the answer, when asked)."""
        self.say(wish, resource, *AGENTS.get(resource.split(":")[0], ("haops", "x")))
        asked = self.next(lambda line: line["kind"] == "asked")
        assert asked["code"] == 0, asked
        done = self.next(lambda line: line["kind"] == "answer" and line["id"] == asked["id"],
                         timeout)
        return Answer(done["result"], done["text"], (done["us"] - asked["us"]) / 1e6, asked["wall"])

    def helper(self):
        """Number of the helper process in the node, 0 for none."""
        self.say("helper")
        return self.next(lambda line: line["kind"] == "helper")["pid"]

    def close(self):
        self._child.stdin.close()
        assert self._child.wait(10) == 0
        self._reader.join(10)

    def kill(self):
        self.node.run(["/usr/bin/kill", "-KILL", *self.node.pids("pcmk_driver")])
        self._child.wait(10)


class Answer:
    """What Pacemaker's helper said."""

    def __init__(self, result, text, seconds, asked):
        self.result, self.text, self.seconds, self.asked = result, text, seconds, asked

    def __repr__(self):
        return f"{self.result}: {self.text}"


def failcount(cluster, resource, node):
    """By Pacemaker's own words."""
    text = cluster.crm.run(["/usr/sbin/crm_failcount", "-G", "-r", resource, "-N", node],
                           check=False).stdout
    return text.strip().rpartition("value=")[2] or "0"


def instances(cluster, resource):
    """[(instance as its agent knows it, node)] where it is active."""
    text = cluster.crm.run(["/usr/sbin/crm_mon", "-1", "--output-as=xml"]).stdout
    found = []
    for parent in ET.fromstring(text).iter():
        for entry in parent.findall("resource"):
            name, _, number = entry.get("id").partition(":")
            if name == resource:
                is_unique = parent.get("unique") == "true"
                found += [(f"{name}:{number}" if is_unique else name, node.get("name"))
                          for node in entry.findall("node")]
    return found


def operations(cluster, resource, node):
    """{operation: number of its run} that Pacemaker remembers of a resource on a node."""
    text = cluster.crm.run(["/usr/sbin/cibadmin", "--query", "--scope", "status"]).stdout
    return {op.get("operation_key").removeprefix(f"{resource}_"): int(op.get("call-id"))
            for state in ET.fromstring(text).iter("node_state") if state.get("uname") == node
            for entry in state.iter("lrm_resource") if entry.get("id") == resource
            for op in entry.iter("lrm_rsc_op")}


def bystander(cluster):
    """A node that decides nothing and has no promoted instance. What is scheduled for one that is
    just losing its controller is waited for over a minute by Pacemaker."""
    busy = {cluster.crm.view().dc, *cluster.where("state", "Promoted")}
    return cluster.node(next(n for n in cluster.node_names() if n not in busy))


def kill_daemon(node, daemon):
    """Kills a part of Pacemaker. Those that end with the CIB manager do so one after the other:
    pacemakerd 2.1.5 asks Corosync whether it is there before it starts a child anew, by a call
    that the end of another child interrupts; then it never starts the first one again."""
    followers = FOLLOWERS.get(daemon, ())
    for follower in followers:
        node.freeze(follower)
    for name in (daemon, *followers):
        before = set(node.pids(name))
        node.signal(name, signal.SIGKILL)
        wait_until(f"another {name}", lambda: (set(node.pids(name)) - before, None), 10)
    for follower in followers:
        node.thaw(follower)


def wait_recovered(cluster, resource, node, timeout=20):
    """Until Pacemaker counts a failure there and has nothing left to do."""
    wait_until(f"a failure of {resource} on {node}", lambda: (
        failcount(cluster, resource, node) != "0", failcount(cluster, resource, node)), timeout)
    cluster.crm.wait_settled(timeout)
