# SPDX-License-Identifier: GPL-2.0-or-later
"""The namespace machine: own net, mount, pid, uts and ipc namespaces on the host's kernel.

Its init is forked by the keeper through an intermediate process that makes the namespaces and
ends; so the init's parent is the keeper, and no interpreter has to start (which keeps a boot
well below a second).
"""
from __future__ import annotations

import os
import signal
import socket
import struct
from typing import Callable

from . import mounts, netcmd, nodeinit, procs, spec, syscalls
from .initdriver import LOGS, InitDriver, machine_env
from .node import register
from .wait import LabError, wait_pidfd

_NAMESPACES = (syscalls.CLONE_NEWNS | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWIPC
               | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET)


@register("namespace")
class NamespaceMachine(InitDriver):
    """See MachineDriver for the contract of each call."""

    def __init__(self, lab: spec.LabSpec, machine: spec.MachineSpec, state_dir: str):
        super().__init__(lab, machine, state_dir)
        self._disk = os.path.join(state_dir, "disk")
        self._pid = 0
        self._host_pid = 0
        self._namespace = ""
        self._pidfd = -1
        mounts.format_disk(self._disk, lab.disk_mb)
        self._volumes = {folder: os.path.join(state_dir, f"volume{i}")
                         for i, folder in enumerate(lab.volumes if machine.role == "node" else [])}
        for folder, path in self._volumes.items():
            mounts.format_volume(path, lab.volumes[folder])
        for path, text in machine.files.items():
            mounts.write_disk_file(self._disk, path, text, machine.owned.get(path, ""))

    # Power ------------------------------------------------------------------------------------

    def power_on(self) -> None:
        if self.is_on():
            return
        ours, theirs = socket.socketpair()
        self._pid, self._host_pid = _fork_init(self._init_config(), theirs)
        theirs.close()
        self._pidfd = os.pidfd_open(self._pid)
        self._namespace = procs.pid_namespace(self._host_pid)
        self._begin(ours)

    def power_off(self) -> None:
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            if not wait_pidfd(self._pidfd, 10):
                raise LabError(f"{self.spec.name}: the init does not end (pid {self._host_pid})")
            self._forget()
        self.state.power = "off"

    def _forget(self) -> None:
        """The init has ended: drop what belongs to this boot."""
        os.close(self._pidfd)
        self._pidfd, self._pid, self._host_pid = -1, 0, 0
        self._end()
        self.state.filled_folders = [f for f in self.state.filled_folders if f in self._volumes]

    def _init_config(self) -> nodeinit.InitConfig:
        return nodeinit.InitConfig(self.spec.name, self._disk, mounts.lab_binds(self.lab),
                                   machine_env(self.lab), self.spec.services,
                                   self.lab.tmpfs if self.spec.role == "node" else {},
                                   self._volumes)

    # Network ----------------------------------------------------------------------------------

    def plug(self, ring: int, switch_pid: int, port: str) -> None:
        inner = self.spec.interface(ring)
        number = self.spec.number
        netcmd.ip_batch(switch_pid, [
            f"link add {port} type veth peer name {inner} address {spec.mac(ring, number)} "
            f"netns /proc/{self._host_pid}/ns/net"])

    def cables_ready(self) -> None:
        self._order(op="network", ip=self.network_lines())

    # Use --------------------------------------------------------------------------------------

    def command_prefix(self) -> list[str]:
        if not self._host_pid:
            raise self._off()
        return ["/usr/bin/nsenter", "-t", str(self._host_pid), "-m", "-u", "-i", "-n", "-p", "--"]

    def signal_process(self, name: str, signum: signal.Signals) -> list[int]:
        if not self._namespace or not self._host_pid:
            raise self._off()
        hit = [p.host_pid for p in procs.find(self._namespace, name)
               if p.host_pid != self._host_pid and procs.send(p, self._namespace, signum)]
        if not hit:
            raise LabError(f"{self.spec.name} runs no process named {name!r}")
        if signum == signal.SIGSTOP:
            self.state.frozen[name] = sorted(set(hit + self.state.frozen.get(name, [])))
        return hit

    def thaw(self, name: str) -> list[int]:
        wanted = set(self.state.frozen.pop(name, []))
        return [p.host_pid for p in procs.find(self._namespace) if p.host_pid in wanted
                and procs.send(p, self._namespace, signal.SIGCONT)]

    # Disk -------------------------------------------------------------------------------------

    def fill_disk(self) -> None:
        mounts.fill(f"{self._disk}/filler")
        self.state.filled = True

    def fill_folder(self, folder: str) -> None:
        if folder not in self.lab.tmpfs and folder not in self._volumes:
            raise LabError(f"{folder} has no file system of its own (options tmpfs, volumes): "
                           "filling it would fill others, too")
        if not self._host_pid:
            raise self._off()
        mounts.fill(self._filler(folder))
        self.state.filled_folders.append(folder)

    def free_folders(self) -> None:
        for folder in self.state.filled_folders:
            os.unlink(self._filler(folder))
        self.state.filled_folders.clear()

    def _filler(self, folder: str) -> str:
        """The file that takes all of a folder's room."""
        top = self._volumes.get(folder) or f"/proc/{self._host_pid}/root{folder}"
        return f"{top}/.filler"

    def free_disk(self) -> None:
        if os.path.exists(f"{self._disk}/filler"):
            os.unlink(f"{self._disk}/filler")
        self.state.filled = False

    def log_files(self) -> dict[str, str]:
        return {name: mounts.disk_path(self._disk, path) for name, path in LOGS.items()}

    # Events -----------------------------------------------------------------------------------

    def event_fds(self) -> dict[int, Callable[[], None]]:
        fds = super().event_fds()
        return fds | {self._pidfd: self._on_exit} if fds else {}

    def _on_exit(self) -> None:
        """The init ended by itself: a crash, or something in the lab killed it."""
        self._on_message()
        self._forget()
        self.state.power = "failed" if self.state.reason else "off"


def _fork_init(config: nodeinit.InitConfig, control: socket.socket) -> tuple[int, int]:
    """Fork the init into new namespaces; returns its pid here and on the host."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    middle = os.fork()
    if middle == 0:
        _middle(config, control, writer)
    os.close(writer)
    os.waitpid(middle, 0)
    data = os.read(reader, 8)  # written by the init, which alone knows its pids
    os.close(reader)
    if len(data) != 8:
        raise LabError(f"{config.name}: the kernel refused new namespaces (root needed)")
    return struct.unpack("=II", data)


def _middle(config: nodeinit.InitConfig, control: socket.socket, writer: int) -> None:
    """Make the namespaces, fork the init, end. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        syscalls.unshare(_NAMESPACES)
        if os.fork() == 0:
            host_pid, pid = procs.ns_pids("self")[:2]
            os.write(writer, struct.pack("=II", pid, host_pid))
            kept = control.detach()
            os.closerange(3, kept)
            os.closerange(kept + 1, 4096)
            nodeinit.main(config, socket.socket(fileno=kept))
    finally:
        os._exit(0)
