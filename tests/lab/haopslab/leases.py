# SPDX-License-Identifier: GPL-2.0-or-later
"""A cluster with one leased address and no fencing, faults of its owner, and what became of the
address: when the owner's kernel had it no more, and who answered for it on the wire."""
from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import signal
import subprocess
import tempfile
import time
from typing import Callable, Iterator

from . import Cluster, CorosyncConfig, procs, stage
from .machine import Machine
from .wait import LabError, wait_until

VIP = "10.77.0.100"
LEASE_S = 3
# Of the figure to be reached: lease + 1 s.
ALLOWANCE_S = 1.0
KERNEL_LATE_S = 2  # HAOPS_LEASE_KERNEL_LATE_MS
TOKEN_MS = 3000
RING_S = 6.6  # token and consensus
# Longer than a stall that is none (half of the token), shorter than the lease.
SUSPEND_S = 2.0
CONF = "keepalive 500ms\nwarntime 2\ndeadtime 8\ninitdead 10\n"
PACEMAKER = ("pacemakerd", "pacemaker-based", "pacemaker-fenced", "pacemaker-execd",
             "pacemaker-attrd", "pacemaker-schedulerd", "pacemaker-controld")
HAOPSD = ("haopsd", "haopsd-pacemaker", "haopsd-disk", "haopsd-ipc")


def cib(lease: int = LEASE_S) -> str:
    """The address. What is needed besides: quorum (no-quorum-policy=stop is the default), and that
    a start which fails, because another's lease goes on or the node just recovers, does not ban
    the node: start-failure-is-fatal=false, a migration-threshold and a failure-timeout."""
    return f"""
<resources>
  <primitive id="vip" class="ocf" provider="haops" type="IPaddr2">
    <instance_attributes id="vip-params">
      <nvpair id="vip-ip" name="ip" value="{VIP}"/>
      <nvpair id="vip-prefix" name="cidr_netmask" value="24"/>
      <nvpair id="vip-lease" name="lease" value="{lease}"/>
    </instance_attributes>
    <meta_attributes id="vip-meta">
      <nvpair id="vip-forget" name="failure-timeout" value="30s"/>
      <nvpair id="vip-threshold" name="migration-threshold" value="2"/>
    </meta_attributes>
    <operations>
      <op id="vip-start" name="start" interval="0" timeout="30s"/>
      <op id="vip-monitor" name="monitor" interval="5s" timeout="20s"/>
    </operations>
  </primitive>
</resources>
<rsc_defaults><meta_attributes id="defaults">
  <nvpair id="stick" name="resource-stickiness" value="100"/>
</meta_attributes></rsc_defaults>
"""


def start(name: str, lease: int = LEASE_S, waits: bool = True, **options: object) -> Cluster:
    """The cluster, with the address on one of its nodes, if it is to be waited for."""
    cluster = Cluster(**{
        "name": name, "fencing": False, "stonith": False,
        "properties": {"start-failure-is-fatal": "false"},
        "corosync": CorosyncConfig(token=TOKEN_MS), **stage.haopsd_options(conf=CONF), **options})
    cluster.up()
    try:
        cluster.load_cib(cib(lease))
        if waits:
            cluster.wait_resource("vip")
    except BaseException:
        cluster.down()
        raise
    return cluster


def has_address(node: Machine) -> bool:
    """Whether the kernel of a node has it."""
    return f" {VIP}/" in node.run(["/usr/sbin/ip", "-o", "addr", "show"]).stdout


def wait_held(cluster: Cluster, timeout: float = 60) -> Machine:
    """Until one node has it and its haopsd renews it; that node."""
    def seen() -> tuple[object, object]:
        where = cluster.where("vip")
        held = [n for n in cluster.nodes() if n.is_on() and has_address(n)]
        ok = len(where) == 1 and [n.name for n in held] == where
        return (held[0] if ok else None), (where, [n.name for n in held])
    return wait_until("one owner of the leased address", seen, timeout, 0.1)


def wait_possible(cluster: Cluster, timeout: float = 30) -> None:
    """Until a lease may begin on each node: after a change of the ring that takes token + consensus."""
    def seen() -> tuple[bool, object]:
        leases = {n.name: n.haopsd_status().data["lease"] for n in cluster.nodes()}
        return all(lease["possible"] for lease in leases.values()), leases
    wait_until("leases to be possible on all nodes", seen, timeout, 0.2)


# Faults --------------------------------------------------------------------------------------------

def _each(node: Machine, names: tuple[str, ...], signum: int) -> None:
    for name in names:
        with contextlib.suppress(LabError):  # one that ended with another
            node.signal(name, signum)


def _start_services(node: Machine) -> None:
    """What ended is started again, in order."""
    running = node.state()["services"]
    for name in ("corosync", "haopsd", "pacemakerd"):
        if name not in running:
            node.start_service(name)
            node.wait_service(name)


def _restart_corosync_at_once(node: Machine) -> None:
    node.stop_service("corosync", signal.SIGKILL)
    node.start_service("corosync")


def _everything(node: Machine) -> tuple[str, ...]:
    """Names of all processes but the lab's own."""
    names = node.run(["/usr/bin/ps", "-eo", "comm="]).stdout.split()
    own = ("ps", "ip", "python3", "nodeinit", "sh", "sleep", "nsenter", "unshare")
    return tuple(sorted({n for n in names if not n.startswith(own)}))


def _kill_pacemaker(node: Machine) -> None:
    """All at one stroke: none is to see another's end, and leave in order."""
    _each(node, PACEMAKER, signal.SIGSTOP)
    _each(node, PACEMAKER, signal.SIGKILL)


def _suspend(node: Machine) -> None:
    """As a suspend or a hypervisor does: no process runs, and the kernel's timers stand still, so the
    lifetime is longer after it (here much longer, so that no kernel ends it)."""
    _each(node, _everything(node), signal.SIGSTOP)
    node.run(["/usr/sbin/ip", "addr", "change", f"{VIP}/24", "dev", "eth0", "valid_lft", "1000",
              "preferred_lft", "1000"])


def _suspend_and_cut(node: Machine) -> None:
    """It goes on before the proof of before is as old as the lease, and hears nobody."""
    began = time.time()
    _suspend(node)
    node.cut()
    wait_until("the suspend to be over", lambda: (
        time.time() - began > SUSPEND_S, ""), SUSPEND_S + 1, 0.02)
    _each(node, _everything(node), signal.SIGCONT)


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something that happens to the owner. `moves`: another node is to take over meanwhile."""
    name: str
    do: Callable[[Machine], object]
    undo: Callable[[Machine], object] = _start_services
    moves: bool = True
    stays: bool = False             # the address need not go


def _stopped(name: str, names: tuple[str, ...], moves: bool) -> Fault:
    return Fault(name, lambda node: _each(node, names, signal.SIGSTOP),
                 lambda node: _each(node, names, signal.SIGCONT), moves)


FAULTS = (
    Fault("corosync killed", lambda node: node.stop_service("corosync", signal.SIGKILL)),
    # Its Pacemaker is back with it, and may have the address again.
    Fault("corosync killed, started again at once", _restart_corosync_at_once, moves=False),
    _stopped("corosync stopped", ("corosync",), True),
    # Back within a second, and so is the proof: the address stays, though the others are told that
    # the owner's Pacemaker is lost, and start it. That start has to wait, and to fail.
    Fault("controller killed, started again", lambda node: node.signal("pacemaker-controld",
                                                                       signal.SIGKILL),
          moves=False, stays=True),
    # Pacemaker waits for a controller that is silent until an operation's time is over.
    _stopped("controller stopped", ("pacemaker-controld",), False),
    Fault("Pacemaker killed", _kill_pacemaker),
    _stopped("Pacemaker stopped", PACEMAKER, False),
    # It only minds the others: nobody but haopsd misses it, and the controller takes its report.
    Fault("pacemakerd alone killed", lambda node: node.stop_service("pacemakerd", signal.SIGKILL),
          moves=False),
    _stopped("pacemakerd alone stopped", ("pacemakerd",), False),
    Fault("haopsd killed", lambda node: _each(node, HAOPSD, signal.SIGKILL)),
    _stopped("haopsd stopped", HAOPSD, True),
    Fault("cut off", lambda node: node.cut(), lambda node: node.heal()),
    Fault("suspended, cut off when it goes on", _suspend_and_cut, lambda node: node.heal()),
    Fault("all processes stopped", lambda node: _each(node, _everything(node), signal.SIGSTOP),
          lambda node: _each(node, _everything(node), signal.SIGCONT)),
)
POWER_OFF = Fault("powered off", lambda node: node.kill(), lambda node: node.boot())


# What became of it --------------------------------------------------------------------------------

class Notices:
    """A node's kernel's own notices of an address, with their times."""

    def __init__(self, node: Machine, address: str):
        self._node, self._address = node, address
        self._file = tempfile.TemporaryFile()
        self._process = node.popen(["/usr/sbin/ip", "-ts", "-o", "monitor", "address"],
                                   stdout=self._file, stderr=subprocess.DEVNULL)
        wait_until("ip monitor to listen", self._is_listening, 10)

    def _is_listening(self) -> tuple[bool, str]:
        for verb in ("add", "del"):
            self._node.run(["/usr/sbin/ip", "addr", verb, "127.9.9.9/32", "dev", "lo"])
        text = self._text()
        return " 127.9.9.9/" in text, text

    def _text(self) -> str:
        # Its place in the file is shared with the program that writes: it must not move.
        return os.pread(self._file.fileno(), 1 << 20, 0).decode()

    def _times(self, is_removal: bool) -> list[float]:
        return [datetime.datetime.fromisoformat(line[1:line.index("]")]).timestamp()
                for line in self._text().splitlines()
                if f" {self._address}/" in line and ("] Deleted " in line) == is_removal]

    def removals(self) -> list[float]:
        """Wall-clock times at which it was removed."""
        return self._times(True)

    def additions(self) -> list[float]:
        """Wall-clock times at which it was added or changed."""
        return self._times(False)

    def close(self) -> None:
        """Stop listening."""
        self._process.kill()
        self._process.wait()
        self._file.close()


@contextlib.contextmanager
def notices(node: Machine, address: str = VIP) -> Iterator[Notices]:
    """Listens while it is open, from the first line on."""
    made = Notices(node, address)
    try:
        yield made
    finally:
        made.close()


@dataclasses.dataclass
class Outcome:
    """What one fault came to. Times in seconds after the fault; None: it did not happen."""
    fault: str
    owner: str
    stays: bool = False
    successor: str = ""
    gone: float | None = None       # the owner's kernel removed it
    last: float | None = None       # its last answer on the wire
    taken: float | None = None      # another's first answer
    violations: list[str] = dataclasses.field(default_factory=list)

    def bad(self) -> list[str]:
        """What is not as promised."""
        found = list(self.violations)
        if not self.stays and (self.gone is None or self.gone > LEASE_S + ALLOWANCE_S):
            found.append(f"the address was gone after {self.gone} s, lease {LEASE_S} s")
        return found


def pause_window(cluster: Cluster, timeout: float = 60) -> float:
    """The owner stands still until another node has the address. For how long it then goes on with it, in
    seconds, by its kernel's notice; it is cut off until then, so that nobody has two answers."""
    owner = wait_held(cluster)
    others = [node for node in cluster.nodes() if node.name != owner.name]
    haopsd = procs.find(procs.pid_namespace(owner.state()["prefix"][2]), "haopsd")[0].host_pid
    with notices(owner) as heard:
        _suspend(owner)
        owner.cut()
        wait_until("another owner", lambda: (any(map(has_address, others)), ""), timeout, 0.1)
        pidfd = os.pidfd_open(haopsd)
        resumed = time.time()
        signal.pidfd_send_signal(pidfd, signal.SIGCONT)
        os.close(pidfd)
        try:
            gone = wait_until("the address to be gone", lambda: (
                [t for t in heard.removals() if t >= resumed], heard.removals()), timeout, 0.02)
        finally:
            _each(owner, _everything(owner), signal.SIGCONT)
            owner.heal()
    _start_services(owner)
    cluster.crm.wait_formed(cluster.node_names(), 90)
    return min(gone) - resumed


def suffer(cluster: Cluster, fault: Fault, timeout: float = 60) -> Outcome:
    """One fault of the owner, its end, and until there is one owner again."""
    owner = wait_held(cluster)
    try:
        return _suffer(cluster, owner, fault, timeout)
    except LabError:
        fault.undo(owner)
        raise


def _suffer(cluster: Cluster, owner: Machine, fault: Fault, timeout: float) -> Outcome:
    outcome = Outcome(fault.name, owner.name, fault.stays)
    others = [n for n in cluster.nodes() if n.name != owner.name]
    with cluster.observer(VIP) as observer, notices(owner) as heard:
        wait_until("the owner to answer", lambda: (observer.now()["addresses"][VIP]["answers"], ""), 10)
        cluster.note(f"fault: {fault.name} on {owner.name}")
        began = time.time()
        fault.do(owner)
        if fault.stays:  # longer than any lease, and than a start elsewhere would wait
            wait_until("the time of a lease to pass", lambda: (
                time.time() > began + 3 * LEASE_S, ""), 4 * LEASE_S, 0.5)
        else:
            wait_until("the address to be gone", lambda: (
                any(t > began for t in heard.removals()), heard.removals()), timeout, 0.02)
            outcome.gone = round(min(t for t in heard.removals() if t > began) - began, 3)
        if fault.moves:
            wait_until("another owner", lambda: (
                any(map(has_address, others)), ""), timeout, 0.1)
            wait_until("its first answer", lambda: (any(
                run["who"] != owner.name for run in observer.now()["addresses"][VIP]["owners"]),
                observer.report), 10, 0.1)
        fault.undo(owner)
        _start_services(owner)
        if fault.stays:  # until the cluster has made up its mind
            cluster.crm.wait_settled(timeout)
        cluster.crm.wait_formed(cluster.node_names(), 90)
        wait_held(cluster, 90)
    runs = observer.owners(VIP)
    outcome.violations = [f"{v['kind']}: {v['text']}" for v in observer.violations()]
    after = [r for r in runs if r["who"] != owner.name and r["first"] > began]
    if after:
        outcome.successor = after[0]["who"]
        outcome.taken = round(after[0]["first"] - began, 3)
        outcome.last = round(max(r["last"] for r in runs if r["who"] == owner.name
                                 and r["last"] < after[0]["first"]) - began, 3)
    return outcome
