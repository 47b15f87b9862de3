# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself, inside the keeper: machines, switches, BMCs, and every call made on them.

Methods of Engine without a leading underscore are what a client may call by name. Each that
changes something writes one line into the action log, which the timeline shows.
"""
from __future__ import annotations

import json
import os
import signal
import time

from . import fencing, node, nsnode, qemunode, spec  # noqa: F401 (both register their kinds)
from .initdriver import machine_env
from .node import MachineDriver
from .switch import Switch
from .wait import LabError


class Engine:
    """Owner of all parts of one lab. Single-threaded; called from the keeper's event loop."""

    def __init__(self, lab: spec.LabSpec, state_dir: str):
        self.lab = lab
        self.state_dir = state_dir
        self.timers: list[tuple[float, str, dict]] = []
        self._actions = open(f"{state_dir}/actions.jsonl", "a", encoding="utf-8", buffering=1)
        for path in lab.drivers:
            node.load(path)
        self.switches = [Switch(ring) for ring in range(lab.rings)]
        self.machines: dict[str, MachineDriver] = {}
        for machine in lab.machines:
            self._add_machine(machine)
        self.bmcs = fencing.start_bmcs(lab, self.switches[lab.bmc_ring()], state_dir) \
            if lab.fencing else {}

    def _add_machine(self, machine: spec.MachineSpec) -> MachineDriver:
        path = f"{self.state_dir}/m/{machine.name}"
        os.makedirs(path)
        self.machines[machine.name] = node.make(self.lab, machine, path)
        return self.machines[machine.name]

    def _machine(self, name: str) -> MachineDriver:
        if name not in self.machines:
            raise LabError(f"no machine {name!r}; there are {', '.join(self.machines)}")
        return self.machines[name]

    def _switch(self, ring: int) -> Switch:
        if not 0 <= int(ring) < len(self.switches):
            raise LabError(f"no ring {ring}; there are 0 to {len(self.switches) - 1}")
        return self.switches[int(ring)]

    def _log(self, what: str, **details: object) -> None:
        line = {"wall": time.time(), "mono": time.monotonic(), "what": what, **details}
        self._actions.write(json.dumps(line) + "\n")

    # Power ------------------------------------------------------------------------------------

    def boot(self, name: str, by: str = "lab") -> None:
        """Power on. Nothing happens if it is on."""
        machine = self._machine(name)
        if machine.is_on():
            return
        self._unplug(machine)
        self._log("boot", target=name, by=by)
        machine.power_on()
        for ring in machine.spec.rings:
            switch, port = self.switches[ring], machine.spec.port(ring)
            machine.plug(ring, switch.host_pid, port)
            switch.port_added(port)
        machine.cables_ready()
        self._tell_carrier(machine.spec.rings)

    def _tell_carrier(self, rings: list[int]) -> None:
        for ring in rings:
            for machine in self.machines.values():
                if ring in machine.spec.rings:
                    machine.carrier(ring, self.switches[ring].should_be_up(machine.spec.port(ring)))

    def kill(self, name: str, by: str = "lab") -> None:
        """Power off. Cables go first: what dies must not say goodbye to anybody."""
        machine = self._machine(name)
        if machine.state.power == "off":
            return
        self._log("power off", target=name, by=by)
        self._unplug(machine)
        machine.power_off()
        self._log("is off", target=name, by=by)

    def _unplug(self, machine: MachineDriver) -> None:
        for ring in machine.spec.rings:
            self.switches[ring].remove_port(machine.spec.port(ring))

    def host_add(self, name: str) -> dict:
        """One more plain machine on the service network, booted."""
        if not spec.NAME_RULE.match(name):
            raise LabError(f"{name!r} is no machine name: a letter, then at most nine of a-z 0-9 -")
        if name not in self.machines:
            used = {m.spec.number for m in self.machines.values()}
            number = next(n for n in range(spec.HOST_BASE + 1, 100) if n not in used)
            machine = spec.host_spec(name, number)
            self.lab.machines.append(machine)
            self._add_machine(machine)
            self._log("host added", target=name)
        self.boot(name)
        return self._machine_status(self._machine(name))

    # Faults -----------------------------------------------------------------------------------

    def _rings_of(self, machine: MachineDriver, ring: int | str) -> list[int]:
        if ring == "all":
            return machine.spec.rings
        if int(ring) not in machine.spec.rings:
            raise LabError(f"{machine.spec.name} is not on ring {ring}")
        return [int(ring)]

    def cut(self, name: str, ring: int | str = "all", is_cut: bool = True) -> None:
        """Pull (or put back) cables of a machine."""
        machine = self._machine(name)
        for number in self._rings_of(machine, ring):
            port = machine.spec.port(number)
            if (port in self.switches[number].cut) != is_cut:
                self._log("cut" if is_cut else "heal", target=name, ring=number)
                self.switches[number].cut_port(port, is_cut)
                self._tell_carrier([number])

    def switch_power(self, ring: int, is_on: bool, learning: float = 0) -> None:
        """Switch a switch. `learning`: seconds with carrier but without forwarding after on."""
        switch = self._switch(ring)
        if switch.is_on == is_on:
            return
        self._log(f"switch {'on' if is_on else 'off'}", target=f"switch{ring}", learning=learning)
        if is_on and learning:
            switch.set_learning(True)
            self.timers.append((time.monotonic() + learning, "_end_learning", {"ring": ring}))
        switch.power(is_on)
        self._tell_carrier([switch.ring])

    def _end_learning(self, ring: int) -> None:
        self._log("switch forwards", target=f"switch{ring}")
        self._switch(ring).set_learning(False)

    def loss(self, ring: int, percent: int, name: str = "") -> None:
        """Lose packets of one machine's port, or of the whole switch; 0 ends it."""
        port = self._machine(name).spec.port(int(ring)) if name else ""
        self._switch(ring).set_loss(port, percent)
        self._log("loss", target=name or f"switch{ring}", percent=percent, ring=ring)

    def freeze(self, name: str, process: str) -> list[int]:
        """SIGSTOP all processes of that name in the machine."""
        hit = self._machine(name).signal_process(process, signal.SIGSTOP)
        self._log("freeze", target=name, process=process, pids=hit)
        return hit

    def thaw(self, name: str, process: str) -> list[int]:
        """Let them go on."""
        hit = self._machine(name).thaw(process)
        self._log("thaw", target=name, process=process, pids=hit)
        return hit

    def send_signal(self, name: str, process: str, signum: int) -> list[int]:
        """Any signal to all processes of that name in the machine."""
        hit = self._machine(name).signal_process(process, signal.Signals(signum))
        self._log(f"signal {signal.Signals(signum).name}", target=name, process=process, pids=hit)
        return hit

    def fill(self, name: str) -> None:
        """Fill the machine's own disk."""
        self._machine(name).fill_disk()
        self._log("fill", target=name)

    def unfill(self, name: str) -> None:
        """Free it again."""
        self._machine(name).free_disk()
        self._log("unfill", target=name)

    def fill_folder(self, name: str, folder: str) -> None:
        """Fill one of the lab's small file systems in the machine."""
        self._machine(name).fill_folder(folder)
        self._log("fill", target=name, folder=folder)

    def unfill_folders(self, name: str) -> None:
        """Free them again."""
        self._machine(name).free_folders()
        self._log("unfill", target=name, folder="all")

    def hog(self, name: str, count: int) -> None:
        """So many busy loops in the machine; 0 ends them."""
        if not 0 <= count <= 64:
            raise LabError(f"0 to 64 busy loops, not {count}")
        self._machine(name).hog(count)
        self._log("hog", target=name, loops=count or "none")

    def heal_all(self) -> None:
        """Undo every fault; what is powered off stays so."""
        for switch in self.switches:
            for port in list(switch.losses()):
                switch.set_loss(port, 0)
            switch.set_learning(False)
            self.switch_power(switch.ring, True)
        self.timers.clear()
        for name, machine in self.machines.items():
            self.cut(name, "all", False)
            for process in list(machine.state.frozen):
                self.thaw(name, process)
            if machine.state.filled:
                self.unfill(name)
            if machine.state.filled_folders:
                self.unfill_folders(name)
            if machine.state.hogs:
                self.hog(name, 0)

    def boot_all(self) -> None:
        """Power on every machine that is off or has failed."""
        for name, machine in self.machines.items():
            if machine.state.power == "failed":
                self.kill(name)
            self.boot(name)

    # Services, BMC, notes -----------------------------------------------------------------------

    def service(self, name: str, action: str, service: str, argv: list[str] | None = None,
                signum: int = signal.SIGTERM) -> None:
        """Start or stop a service of a machine."""
        self._log(f"service {action}", target=name, service=service)
        self._machine(name).service(action, service, argv or [], signum)

    def chassis(self, name: str, word: str, value: str = "") -> str:
        """What a BMC's chassis control asks: "get" or "set" power."""
        if word == "get":
            return "1" if self._machine(name).is_on() else "0"
        if value == "0":
            self.kill(name, by="bmc")
        else:
            self.boot(name, by="bmc")
        return value

    def note(self, what: str, **details: object) -> None:
        """A line from a test for the timeline."""
        self._log(what, **details)

    def status(self) -> dict:
        """Everything a client needs to know."""
        return {
            "name": self.lab.name, "spec": self.lab.to_json(), "state_dir": self.state_dir,
            "machines": {n: self._machine_status(m) for n, m in self.machines.items()},
            "switches": [self._switch_status(s) for s in self.switches],
            "bmcs": {name: bmc.to_json() for name, bmc in self.bmcs.items()},
            "env": machine_env(self.lab),
            "patience": max(machine.patience() for machine in self.machines.values()),
        }

    def _machine_status(self, machine: MachineDriver) -> dict:
        is_entered = machine.state.power in ("on", "booting")
        numbers = {ring: machine.spec.number for ring in machine.spec.rings}
        return {
            "name": machine.spec.name, "role": machine.spec.role, "kind": machine.spec.kind,
            **vars(machine.state), "prefix": machine.command_prefix() if is_entered else [],
            "ipv4": [spec.ipv4(r, n) for r, n in numbers.items()],
            "ipv6": [spec.ipv6(r, n) for r, n in numbers.items()],
            "cut": [r for r in numbers if machine.spec.port(r) in self.switches[r].cut],
            "logs": machine.log_files(),
        }

    @staticmethod
    def _switch_status(switch: Switch) -> dict:
        prefix = ["/usr/bin/nsenter", "-t", str(switch.host_pid), "-m", "-n", "-p", "--"]
        return {"ring": switch.ring, "on": switch.is_on, "ports": sorted(switch.ports),
                "loss": switch.losses(), "prefix": prefix}
