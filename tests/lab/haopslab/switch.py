# SPDX-License-Identifier: GPL-2.0-or-later
"""A switch: a network namespace with one bridge, held by a process that only waits.

Ports are veth ends named after machine and ring ("n1-r0"). The switch has an address of its own
(.254) and carries the BMCs' addresses. Faults of cables and loss of packets are made here.
"""
from __future__ import annotations

import os
import signal
import struct

from . import netcmd, procs, spec, syscalls
from .wait import LabError, wait_pidfd

BRIDGE = "br0"


class Switch:
    """One ring's switch. Ports that are cut stay down when the switch comes back."""

    def __init__(self, ring: int):
        self.ring = ring
        self.is_on = True
        self.cut: set[str] = set()
        self.ports: set[str] = set()
        self._loss: dict[str, int] = {}
        self._learning = False
        self._pid, self.host_pid = fork_holder(f"lab-switch{ring}")
        self._pidfd = os.pidfd_open(self._pid)
        self._setup()

    def _setup(self) -> None:
        number = spec.SWITCH_NUMBER
        netcmd.ip_batch(self.host_pid, [
            "link set lo up",
            f"link add {BRIDGE} address {spec.mac(self.ring, number)} type bridge "
            "stp_state 0 mcast_snooping 0",
            f"addr add {spec.ipv4(self.ring, number)}/24 dev {BRIDGE}",
            f"addr add {spec.ipv6(self.ring, number)}/64 dev {BRIDGE} nodad",
            f"link set {BRIDGE} up"])

    def add_address(self, number: int) -> None:
        """An address for something that lives in the switch, as a BMC does."""
        netcmd.ip_batch(self.host_pid, [
            f"addr add {spec.ipv4(self.ring, number)}/24 dev {BRIDGE}"])

    def port_added(self, port: str) -> None:
        """A cable's end has appeared here: put it on the bridge, and up unless a fault says no."""
        self.ports.add(port)
        up = "up" if self.should_be_up(port) else "down"
        netcmd.ip_batch(self.host_pid, [
            f"link set {port} addrgenmode none", f"link set {port} master {BRIDGE} {up}"])

    def remove_port(self, port: str) -> None:
        """Pull the cable for good; the machine's end vanishes as well."""
        if port in self.ports:
            self.ports.discard(port)
            try:
                netcmd.ip_batch(self.host_pid, [f"link set {port} down", f"link del {port}"])
            except LabError as error:
                # A machine that ended by itself took its end, and so this one, along.
                if "Cannot find device" not in str(error):
                    raise

    def should_be_up(self, port: str) -> bool:
        """Whether no fault keeps it down."""
        return self.is_on and port not in self.cut

    def _apply(self, ports: set[str]) -> None:
        lines = [f"link set {port} {'up' if self.should_be_up(port) else 'down'}"
                 for port in sorted(ports & self.ports)]
        if lines:
            netcmd.ip_batch(self.host_pid, lines)

    def cut_port(self, port: str, is_cut: bool) -> None:
        """Both ends lose carrier, as with a pulled cable; it holds over the machine's reboot."""
        (self.cut.add if is_cut else self.cut.discard)(port)
        self._apply({port})

    def power(self, is_on: bool) -> None:
        """All ports at once."""
        self.is_on = is_on
        self._apply(self.ports)

    def set_learning(self, is_learning: bool) -> None:
        """Ports have carrier but forward nothing, as after a spanning-tree change."""
        self._learning = is_learning
        self._load_rules()

    def set_loss(self, port: str, percent: int) -> None:
        """Drop a share of the packets that come in from, or go out to, a port ("" for all)."""
        if not 0 <= percent <= 100:
            raise LabError(f"loss must be 0 to 100 percent, not {percent}")
        if percent:
            self._loss[port] = percent
        else:
            self._loss.pop(port, None)
        self._load_rules()

    def losses(self) -> dict[str, int]:
        return dict(self._loss)

    def _load_rules(self) -> None:
        rules = ["drop"] if self._learning else []
        for port, percent in self._loss.items():
            chance = f"numgen random mod 100 < {percent} counter drop"
            rules += [f'iifname "{port}" {chance}', f'oifname "{port}" {chance}'] if port \
                else [chance]
        # The hook forward sees what passes between ports, input and output what concerns the
        # switch itself (BMCs).
        chains = [f"chain {hook} {{ type filter hook {hook} priority 0; {'; '.join(rules)}; }}"
                  for hook in ("forward", "input", "output")] if rules else []
        netcmd.nft(self.host_pid, ["table bridge lab {}", "delete table bridge lab",
                                   "table bridge lab {", *chains, "}"])

    def stop(self) -> None:
        """End the holder; the network namespace goes with it."""
        signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        wait_pidfd(self._pidfd, 5)


def fork_holder(name: str) -> tuple[int, int]:
    """A process in a new network namespace that does nothing; its pid here and on the host."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    if os.fork() == 0:
        try:
            signal.set_wakeup_fd(-1)
            syscalls.unshare(syscalls.CLONE_NEWNET)
            syscalls.set_name(name)
            host_pid, pid = procs.ns_pids("self")[:2]
            os.write(writer, struct.pack("=II", pid, host_pid))
            os.closerange(3, 4096)
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(writer)
    data = os.read(reader, 8)
    os.close(reader)
    if len(data) != 8:
        raise LabError("the kernel refused a new network namespace (root needed)")
    return struct.unpack("=II", data)
