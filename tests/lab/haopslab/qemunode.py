# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual machine: a kernel of its own, for what needs one (DRBD, NFS, device mapper).

QEMU is a child of the keeper, so it ends with the lab; its SIGKILL is the machine's power failure.
It sees the host's files read-only below its own disk (initramfs.py, vmdisk.py), its cables are taps
in the switches, and it is spoken to by serial ports only: one to its init (vminit.py), one for
commands (vmrelay.py), neither of which needs the machine's network.
"""
from __future__ import annotations

import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import time
from typing import Callable

from . import initramfs, mounts, nodeinit, procs, qemu, spec, syscalls, vmagent, vmdisk, vminit
from .initdriver import LOGS, InitDriver, machine_env
from .netcmd import SANE_PATH
from .node import register
from .wait import LabError, wait_pidfd

_PYTHON = ["/usr/bin/python3", "-I", "-S", "-E", "-B"]
_ANSWER_S = 20.0
_RELAY, _EXEC, _INIT = (os.path.join(mounts.PACKAGE_DIR, "haopslab", name)
                        for name in ("vmrelay.py", "vmexec.py", "vminit.py"))
_FILLER = "/var/tmp/.filler"


@register("virtual")
class VirtualMachine(InitDriver):
    """See MachineDriver for the contract of each call."""

    def __init__(self, lab: spec.LabSpec, machine: spec.MachineSpec, state_dir: str):
        super().__init__(lab, machine, state_dir)
        if not os.path.exists(qemu.PROGRAM):
            raise LabError(f"there is no {qemu.PROGRAM}: install package qemu-system-x86")
        self._accel = qemu.accelerator()
        self._store = os.path.join(state_dir, "disk")
        self._logs = os.path.join(self._store, "log")
        self._disks: list[str] = []
        self._volumes: dict[str, str] = {}
        self._make_disks()
        self._version = initramfs.kernel_version()
        self._initramfs = os.path.join(os.path.dirname(state_dir), ".initramfs")
        if not os.path.exists(self._initramfs):
            initramfs.make(self._version, self._initramfs)
        self._keeper = procs.ns_pids("self")[0]
        self._inherited: dict[str, int] = {}
        self._taps: dict[int, int] = {}
        self._monitor: socket.socket | None = None
        self._pidfd = self._relay = -1
        self._answer: dict | None = None

    def _make_disks(self) -> None:
        """What outlives the power."""
        volumes = self.lab.volumes if self.spec.role == "node" else {}
        raw = self.spec.raw_disks
        vmdisk.make_store(self._store, [self.lab.disk_mb, *raw, *volumes.values()])
        self._disks = [f"{self._store}/disk{i}" for i in range(1 + len(raw) + len(volumes))]
        vmdisk.make_system(self._disks[0], self.lab.disk_mb, self.spec.files, self.spec.owned)
        vmdisk.make_logs(self._logs)
        for path, size in zip(self._disks[1:], raw):
            vmdisk.make_raw(path, size)
        for path, (folder, size) in zip(self._disks[1 + len(raw):], volumes.items()):
            vmdisk.make_ext4(path, size)
            self._volumes[folder] = f"/dev/vd{chr(ord('a') + self._disks.index(path))}"

    def patience(self) -> float:
        return qemu.PATIENCE[self._accel]

    # Power ----------------------------------------------------------------------------------------

    def power_on(self) -> None:
        if self.is_on():
            return
        ours = {}
        for name in ("control", "agent", "monitor"):
            ours[name], theirs = socket.socketpair()
            self._inherited[name] = theirs.detach()
        self._begin(ours["control"])
        self._start_relay(ours["agent"])
        self._monitor = ours["monitor"]
        self._monitor.setblocking(False)
        self._order_config()
        self._monitor.sendall(b'{"execute": "qmp_capabilities"}\n')

    def _order_config(self) -> None:
        """What the init reads first."""
        is_node = self.spec.role == "node"
        config = nodeinit.InitConfig(
            self.spec.name, "", mounts.lab_binds(self.lab),
            vmagent.MACHINE_ENV | machine_env(self.lab), self.spec.services,
            self.lab.tmpfs if is_node else {}, self._volumes, self.patience())
        self._control.sendall(json.dumps(dataclasses.asdict(config)).encode() + b"\n")

    def _socket_path(self) -> str:
        return f"{self.state_dir}/exec"

    def _start_relay(self, port: socket.socket) -> None:
        path = self._socket_path()
        if os.path.exists(path):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, port:
            listener.bind(path)
            listener.listen(64)
            fds = [listener.fileno(), port.fileno()]
            self._relay = self._spawn([*_PYTHON, _RELAY, *map(str, fds)], fds)

    def _spawn(self, argv: list[str], fds: list[int]) -> int:
        """A child with these descriptors: its pidfd. What it says goes to a log."""
        with open(f"{self._store}/qemu.log", "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     pass_fds=fds, start_new_session=True, cwd="/",
                                     env={"PATH": SANE_PATH, "LANG": "C.UTF-8"})
        child.returncode = 0  # the keeper collects all children itself
        return os.pidfd_open(child.pid)

    def plug(self, ring: int, switch_pid: int, port: str) -> None:
        self._taps[ring] = syscalls.open_tap(switch_pid, port)

    def cables_ready(self) -> None:
        taps = {ring: (fd, spec.mac(ring, self.spec.number)) for ring, fd in self._taps.items()}
        machine = qemu.Hardware(
            self.spec.name, self._accel, self.spec.memory_mb, initramfs.kernel(self._version),
            self._initramfs, _INIT, f"{self._store}/console", self._logs, self._disks, taps,
            **self._inherited)
        fds = [*self._taps.values(), *self._inherited.values()]
        self._pidfd = self._spawn(qemu.command(machine), fds)
        self._close_inherited()

    def _close_inherited(self) -> None:
        """QEMU alone has them: what is at their other end shall see its end."""
        for fd in (*self._taps.values(), *self._inherited.values()):
            os.close(fd)
        self._taps.clear()
        self._inherited.clear()

    def power_off(self) -> None:
        for what, pidfd in (("QEMU", self._pidfd), ("relay", self._relay)):
            if pidfd >= 0:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                if not wait_pidfd(pidfd, 10):
                    raise LabError(f"{self.spec.name}: its {what} does not end")
        if self._control is not None:
            self._forget()
        self.state.power = "off"

    def _forget(self) -> None:
        """QEMU has ended: drop what belongs to this boot."""
        for pidfd in (self._pidfd, self._relay):
            if pidfd >= 0:
                os.close(pidfd)
        self._pidfd = self._relay = -1
        self._close_inherited()
        if self._monitor is not None:
            self._monitor.close()
            self._monitor = None
        self._end()
        self.state.filled_folders = [f for f in self.state.filled_folders if f in self._volumes]

    # Network --------------------------------------------------------------------------------------

    def carrier(self, ring: int, is_up: bool) -> None:
        """A tap that is down would leave the machine's end with carrier."""
        if self._monitor is not None and self._pidfd >= 0:
            order = {"execute": "set_link", "arguments": {"name": qemu.nic(ring), "up": is_up}}
            self._monitor.sendall(json.dumps(order).encode() + b"\n")

    # Use ------------------------------------------------------------------------------------------

    def command_prefix(self) -> list[str]:
        if self._control is None:
            raise self._off()
        return [*_PYTHON, _EXEC, f"/proc/{self._keeper}/root{self._socket_path()}", "--"]

    def _ask(self, **order: object) -> dict:
        """An order, and the init's answer to it."""
        self._answer = None
        self._order(**order)
        deadline = time.monotonic() + _ANSWER_S
        while self._answer is None:
            left = deadline - time.monotonic()
            if self._control is None or left < 0:
                raise LabError(f"{self.spec.name}: its init does not answer")
            if select.select([self._control, self._pidfd], [], [], left)[0] == [self._pidfd]:
                raise LabError(f"{self.spec.name} has ended")
            self._on_message()
        if "error" in self._answer:
            raise LabError(f"{self.spec.name}: {self._answer['error']}")
        return self._answer

    def signal_process(self, name: str, signum: signal.Signals) -> list[int]:
        hit = self._ask(op="signal", name=name, signal=signum)["pids"]
        if not hit:
            raise LabError(f"{self.spec.name} runs no process named {name!r}")
        if signum == signal.SIGSTOP:
            self.state.frozen[name] = sorted(set(hit + self.state.frozen.get(name, [])))
        return hit

    def thaw(self, name: str) -> list[int]:
        return self._ask(op="continue", pids=self.state.frozen.pop(name, []))["pids"]

    def fill_disk(self) -> None:
        self._ask(op="fill", path=_FILLER)
        self.state.filled = True

    def free_disk(self) -> None:
        self._ask(op="free", path=_FILLER)
        self.state.filled = False

    def fill_folder(self, folder: str) -> None:
        if folder not in self.lab.tmpfs and folder not in self._volumes:
            raise LabError(f"{folder} has no file system of its own (options tmpfs, volumes): "
                           "filling it would fill others, too")
        self._ask(op="fill", path=f"{folder}/.filler")
        self.state.filled_folders.append(folder)

    def free_folders(self) -> None:
        for folder in self.state.filled_folders:
            self._ask(op="free", path=f"{folder}/.filler")
        self.state.filled_folders.clear()

    def log_files(self) -> dict[str, str]:
        logs = {name: self._logs + path.removeprefix("/var/log") for name, path in LOGS.items()}
        logs["kernel"] = self._logs + vminit.KERNEL_LOG.removeprefix("/var/log")
        return logs | {"console": f"{self._store}/console", "qemu": f"{self._store}/qemu.log"}

    # Events ---------------------------------------------------------------------------------------

    def event_fds(self) -> dict[int, Callable[[], None]]:
        fds = super().event_fds()
        if self._monitor is not None:
            fds[self._monitor.fileno()] = self._on_monitor
        if self._pidfd >= 0:
            fds[self._pidfd] = self._on_exit
        return fds

    def _on_monitor(self) -> None:
        """Nothing that it says is of interest: what it cannot do ends it."""
        try:
            if not self._monitor.recv(65536):
                self._monitor.close()
                self._monitor = None
        except BlockingIOError:
            pass

    def _on_exit(self) -> None:
        """QEMU ended by itself: the kernel panicked, the machine switched itself off, or QEMU could
        not start it."""
        self._on_message()
        was_booting = self.state.power == "booting"
        if was_booting and not self.state.reason:
            self.state.reason = f"it ended while it booted: {self._last_words()}"
        self._forget()
        self.state.power = "failed" if self.state.reason else "off"

    def _last_words(self) -> str:
        for path in (f"{self._store}/console", f"{self._store}/qemu.log"):
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    lines = [line.strip() for line in file if line.strip()]
                if lines:
                    return " / ".join(lines[-3:])
        return "without a word"

    def _take(self, message: dict) -> None:
        if message["event"] == "answer":
            self._answer = message
        elif message["event"] == "clock":
            self._order(op="clock", wall=time.time())
        elif message["event"] == "mounted":
            self._order(op="network", ip=self.network_lines())
        else:
            super()._take(message)
