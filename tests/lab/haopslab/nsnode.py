# SPDX-License-Identifier: GPL-2.0-or-later
"""The namespace machine: own net, mount, pid, uts and ipc namespaces on the host's kernel.

Its init is forked by the keeper through an intermediate process that makes the namespaces and
ends; so the init's parent is the keeper, and no interpreter has to start (which keeps a boot
well below a second).
"""
from __future__ import annotations

import json
import os
import signal
import socket
import struct
from typing import Callable

from . import mounts, netcmd, nodeinit, procs, spec, syscalls
from .node import MachineDriver, MachineState, register
from .wait import LabError, wait_pidfd

_NAMESPACES = (syscalls.CLONE_NEWNS | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWIPC
               | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET)
_HOG = ["/bin/sh", "-c", "while :; do :; done"]
_LOGS = {"corosync": "/var/log/corosync/corosync.log",
         "pacemaker": "/var/log/pacemaker/pacemaker.log",
         "syslog": "/var/log/syslog", "boot": "/var/log/boot.log",
         "probe": "/var/log/probe.jsonl", "haopsd": spec.HAOPSD_LOG,
         "nginx-error": "/var/log/nginx/error.log", "mysql": "/var/log/mysql/error.log"}
_PACKAGE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@register("namespace")
class NamespaceMachine(MachineDriver):
    """See MachineDriver for the contract of each call."""

    def __init__(self, lab: spec.LabSpec, machine: spec.MachineSpec, state_dir: str):
        super().__init__(lab, machine, state_dir)
        self._disk = os.path.join(state_dir, "disk")
        self._control: socket.socket | None = None
        self._input = b""
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
        ours.setblocking(False)
        self._control, self._input = ours, b""
        self._pidfd = os.pidfd_open(self._pid)
        self._namespace = procs.pid_namespace(self._host_pid)
        self.state = MachineState(power="booting", boots=self.state.boots + 1,
                                  filled=self.state.filled,
                                  filled_folders=self.state.filled_folders)

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
        self._control.close()
        self._pidfd, self._control, self._pid, self._host_pid = -1, None, 0, 0
        self.state.services.clear()
        self.state.frozen.clear()
        self.state.filled_folders = [f for f in self.state.filled_folders if f in self._volumes]
        self.state.hogs = 0

    def _init_config(self) -> nodeinit.InitConfig:
        return nodeinit.InitConfig(self.spec.name, self._disk, self._binds(),
                                   machine_env(self.lab), self.spec.services,
                                   self.lab.tmpfs if self.spec.role == "node" else {},
                                   self._volumes)

    def _binds(self) -> dict[str, str]:
        binds = {mounts.PACKAGE_TARGET: _PACKAGE_DIR, **self.lab.binds}
        if self.lab.agents_dir:
            binds[mounts.AGENTS_TARGET] = self.lab.agents_dir
        for kind, folders in (("lib", self.lab.lib_dirs), ("bin", self.lab.bin_dirs)):
            binds |= {f"/run/lab/{kind}/{i}": path for i, path in enumerate(folders)}
        return binds

    # Network ----------------------------------------------------------------------------------

    def plug(self, ring: int, switch_pid: int, port: str) -> None:
        inner = self.spec.interface(ring)
        number = self.spec.number
        netcmd.ip_batch(switch_pid, [
            f"link add {port} type veth peer name {inner} address {spec.mac(ring, number)} "
            f"netns /proc/{self._host_pid}/ns/net"])

    def cables_ready(self) -> None:
        lines = ["link set lo up"]
        for ring in self.spec.rings:
            nic = self.spec.interface(ring)
            lines += [f"addr add {spec.ipv4(ring, self.spec.number)}/24 dev {nic}",
                      f"addr add {spec.ipv6(ring, self.spec.number)}/64 dev {nic} nodad",
                      f"link set {nic} up"]
        self._order(op="network", ip=lines)

    def _order(self, **order: object) -> None:
        if self._control is None:
            raise LabError(f"{self.spec.name} is powered off; `lab boot {self.spec.name}` first")
        self._control.sendall(json.dumps(order).encode() + b"\n")

    # Use --------------------------------------------------------------------------------------

    def command_prefix(self) -> list[str]:
        if not self._host_pid:
            raise LabError(f"{self.spec.name} is powered off; `lab boot {self.spec.name}` first")
        return ["/usr/bin/nsenter", "-t", str(self._host_pid), "-m", "-u", "-i", "-n", "-p", "--"]

    def signal_process(self, name: str, signum: signal.Signals) -> list[int]:
        if not self._namespace or not self._host_pid:
            raise LabError(f"{self.spec.name} is powered off")
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

    # Disk -------------------------------------------------------------------------------------

    def fill_disk(self) -> None:
        _fill(f"{self._disk}/filler")
        self.state.filled = True

    def fill_folder(self, folder: str) -> None:
        if folder not in self.lab.tmpfs and folder not in self._volumes:
            raise LabError(f"{folder} has no file system of its own (options tmpfs, volumes): "
                           "filling it would fill others, too")
        if not self._host_pid:
            raise LabError(f"{self.spec.name} is powered off")
        _fill(self._filler(folder))
        self.state.filled_folders.append(folder)

    def free_folders(self) -> None:
        for folder in self.state.filled_folders:
            os.unlink(self._filler(folder))
        self.state.filled_folders.clear()

    def _filler(self, folder: str) -> str:
        """The file that takes all of a folder's room."""
        top = self._volumes.get(folder) or f"/proc/{self._host_pid}/root{folder}"
        return f"{top}/.filler"

    def hog(self, count: int) -> None:
        # Not by service(): the init may not have told yet what was started last.
        for number in range(self.state.hogs, count):
            self._order(op="start", name=f"hog{number}", argv=_HOG)
        for number in range(count, self.state.hogs):
            self._order(op="stop", name=f"hog{number}", signal=signal.SIGKILL)
        self.state.hogs = count

    def free_disk(self) -> None:
        if os.path.exists(f"{self._disk}/filler"):
            os.unlink(f"{self._disk}/filler")
        self.state.filled = False

    def log_files(self) -> dict[str, str]:
        return {name: mounts.disk_path(self._disk, path) for name, path in _LOGS.items()}

    # Events -----------------------------------------------------------------------------------

    def event_fds(self) -> dict[int, Callable[[], None]]:
        if self._control is None:
            return {}
        return {self._control.fileno(): self._on_message, self._pidfd: self._on_exit}

    def _on_exit(self) -> None:
        """The init ended by itself: a crash, or something in the lab killed it."""
        self._on_message()
        self._forget()
        self.state.power = "failed" if self.state.reason else "off"

    def _on_message(self) -> None:
        try:
            data = self._control.recv(65536)
        except BlockingIOError:
            return
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


def _fill(path: str) -> None:
    """Write into a file until not even one byte more is free."""
    block = b"\0" * (1 << 16)
    with open(path, "ab", buffering=0) as out:
        while block:
            try:
                out.write(block)
            except OSError:
                block = block[:len(block) // 2]


def machine_env(lab: spec.LabSpec) -> dict[str, str]:
    """Environment of everything that runs in a machine: services and commands alike."""
    bins = [f"/run/lab/bin/{i}" for i in range(len(lab.bin_dirs))]
    env = {"PATH": ":".join(bins + [netcmd.SANE_PATH]), "LANG": "C.UTF-8", "HOME": "/root",
           "PCMK_logfacility": "none"}
    if lab.lib_dirs:
        env["LD_LIBRARY_PATH"] = ":".join(f"/run/lab/lib/{i}" for i in range(len(lab.lib_dirs)))
    return {**env, **lab.env}


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
