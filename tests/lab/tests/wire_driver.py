# SPDX-License-Identifier: GPL-2.0-or-later
"""A kind of machine for the tests: a network and its address, with nothing behind. It answers a ping."""
from __future__ import annotations

import os
import signal

from haopslab import netcmd, spec
from haopslab.node import MachineDriver, MachineState, register
from haopslab.switch import fork_holder
from haopslab.wait import LabError, wait_pidfd


@register("wire")
class WireMachine(MachineDriver):
    """See MachineDriver for the contract of each call."""

    def __init__(self, lab: spec.LabSpec, machine: spec.MachineSpec, state_dir: str):
        super().__init__(lab, machine, state_dir)
        self._host_pid = 0
        self._pidfd = -1

    def power_on(self) -> None:
        pid, self._host_pid = fork_holder(f"wire-{self.spec.name}")
        self._pidfd = os.pidfd_open(pid)
        self.state = MachineState(power="booting", boots=self.state.boots + 1)

    def power_off(self) -> None:
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            wait_pidfd(self._pidfd, 10)
            self._forget()

    def _forget(self) -> None:
        os.close(self._pidfd)
        self._pidfd, self._host_pid = -1, 0
        self.state.power = "off"

    def plug(self, ring: int, switch_pid: int, port: str) -> None:
        netcmd.ip_batch(switch_pid, [
            f"link add {port} type veth peer name {self.spec.interface(ring)} address "
            f"{spec.mac(ring, self.spec.number)} netns /proc/{self._host_pid}/ns/net"])

    def cables_ready(self) -> None:
        for ring in self.spec.rings:
            nic = self.spec.interface(ring)
            netcmd.ip_batch(self._host_pid, [f"addr add {spec.ipv4(ring, self.spec.number)}/24 dev {nic}",
                                             f"link set {nic} up"])
        self.state.power = "on"

    def command_prefix(self) -> list[str]:
        if not self._host_pid:
            raise LabError(f"{self.spec.name} is powered off")
        return ["/usr/bin/nsenter", "-t", str(self._host_pid), "-n", "--"]

    def log_files(self) -> dict[str, str]:
        return {}

    def event_fds(self) -> dict[int, "callable"]:
        return {self._pidfd: self._forget} if self._pidfd >= 0 else {}

    def _has_none(self, *_args: object) -> None:
        raise LabError(f"{self.spec.name} is a wire: it has no processes and no disk")

    signal_process = thaw = fill_disk = free_disk = fill_folder = free_folders = hog = service = _has_none
