# SPDX-License-Identifier: GPL-2.0-or-later
"""What all kinds of machines with an init of ours (nodeinit.py) have in common: the conversation with
it over one stream of JSON lines, and what follows from its words for the machine's state.

What the stream is (a socket pair, a serial port) and what a machine is made of, its kind knows.
"""
from __future__ import annotations

import json
import signal
import socket
from typing import Callable

from . import netcmd, spec
from .node import MachineDriver, MachineState
from .wait import LabError

_HOG = ["/bin/sh", "-c", "while :; do :; done"]
LOGS = {"corosync": "/var/log/corosync/corosync.log",
        "pacemaker": "/var/log/pacemaker/pacemaker.log",
        "syslog": "/var/log/syslog", "boot": "/var/log/boot.log",
        "probe": "/var/log/probe.jsonl", "haopsd": spec.HAOPSD_LOG,
        "nginx-error": "/var/log/nginx/error.log", "mysql": "/var/log/mysql/error.log"}


class InitDriver(MachineDriver):
    """A machine that obeys through `_control` while it is on."""

    def __init__(self, lab: spec.LabSpec, machine: spec.MachineSpec, state_dir: str):
        super().__init__(lab, machine, state_dir)
        self._control: socket.socket | None = None
        self._input = b""

    def _begin(self, control: socket.socket) -> None:
        """A new boot, with this stream. Faults of its disk outlive the boot before."""
        control.setblocking(False)
        self._control, self._input = control, b""
        self.state = MachineState(power="booting", boots=self.state.boots + 1,
                                  filled=self.state.filled,
                                  filled_folders=self.state.filled_folders)

    def _end(self) -> None:
        """The machine has ended: drop what belongs to this boot."""
        self._control.close()
        self._control = None
        self.state.services.clear()
        self.state.frozen.clear()
        self.state.hogs = 0

    def _off(self) -> LabError:
        name = self.spec.name
        return LabError(f"{name} is powered off; `lab boot {name}` first")

    def _order(self, **order: object) -> None:
        if self._control is None:
            raise self._off()
        self._control.sendall(json.dumps(order).encode() + b"\n")

    def network_lines(self) -> list[str]:
        """Lines for `ip -batch` that give the interfaces their addresses."""
        lines = ["link set lo up"]
        for ring in self.spec.rings:
            nic = self.spec.interface(ring)
            lines += [f"addr add {spec.ipv4(ring, self.spec.number)}/24 dev {nic}",
                      f"addr add {spec.ipv6(ring, self.spec.number)}/64 dev {nic} nodad",
                      f"link set {nic} up"]
        return lines

    # Services -----------------------------------------------------------------------------------

    def service(self, action: str, name: str, argv: list[str], signum: int) -> None:
        if action == "start" and name not in self.state.services:
            self._order(op="start", name=name, argv=argv or self._known_argv(name))
            if name in self.state.ready:
                self.state.ready.remove(name)
        elif action == "stop" and name in self.state.services:
            self._order(op="stop", name=name, signal=signum)

    def _known_argv(self, name: str) -> list[str]:
        for service in self.spec.services:
            if service.name == name:
                return service.argv
        raise LabError(f"{self.spec.name}: no service {name!r} is known, so give its command")

    def hog(self, count: int) -> None:
        # Not by service(): the init may not have told yet what was started last.
        for number in range(self.state.hogs, count):
            self._order(op="start", name=f"hog{number}", argv=_HOG)
        for number in range(count, self.state.hogs):
            self._order(op="stop", name=f"hog{number}", signal=signal.SIGKILL)
        self.state.hogs = count

    # Events -------------------------------------------------------------------------------------

    def event_fds(self) -> dict[int, Callable[[], None]]:
        return {self._control.fileno(): self._on_message} if self._control is not None else {}

    def _on_message(self) -> None:
        try:
            data = self._control.recv(65536)
        except (BlockingIOError, ConnectionError):
            return  # that it has ended is told by its pidfd
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message: dict) -> None:
        event, name = message["event"], message.get("name", "")
        if event == "started":
            self.state.services[name] = message["pid"]
        elif event == "ready":
            self.state.ready.append(name)
        elif event == "exited":
            self.state.services.pop(name, None)
            self.state.ended.setdefault(name, []).append(message["status"])
            if name in self.state.ready:
                self.state.ready.remove(name)
        elif event == "booted":
            self.state.power = "on"
        elif event == "failed":
            self.state.power, self.state.reason = "failed", message["reason"]


def machine_env(lab: spec.LabSpec) -> dict[str, str]:
    """Environment of everything that runs in a machine: services and commands alike."""
    bins = [f"/run/lab/bin/{i}" for i in range(len(lab.bin_dirs))]
    env = {"PATH": ":".join(bins + [netcmd.SANE_PATH]), "LANG": "C.UTF-8", "HOME": "/root",
           "PCMK_logfacility": "none"}
    if lab.lib_dirs:
        env["LD_LIBRARY_PATH"] = ":".join(f"/run/lab/lib/{i}" for i in range(len(lab.lib_dirs)))
    return {**env, **lab.env}
