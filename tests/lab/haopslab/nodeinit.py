# SPDX-License-Identifier: GPL-2.0-or-later
"""The init of a namespace machine: process 1 of its pid namespace.

It is forked (not exec'd) by the keeper, builds the machine's view of files and network, starts
the services in order, collects every zombie (agents leave background processes that reparent to
it), keeps the machine's syslog, and obeys the keeper over one socket. SIGKILL of it ends
everything in the machine.

Lines on the socket are JSON. Keeper to init: {"op": "network", "ip": [...]}, {"op": "start",
"name", "argv"}, {"op": "stop", "name", "signal"}. Init to keeper: {"event": "network"|"started"|"ready"|
"exited"|"booted"|"failed", ...}.
"""
from __future__ import annotations

import dataclasses
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field

from . import mounts, netcmd, syscalls
from .spec import ServiceSpec

TICK = 0.01
READY_DEADLINE = 20.0
SYSLOG_FILE = "/var/log/syslog"


@dataclass
class InitConfig:
    """All that the init needs to know; it is handed over by fork."""
    name: str
    disk: str
    binds: dict[str, str]
    env: dict[str, str]
    services: list[ServiceSpec] = field(default_factory=list)
    tmpfs: dict[str, int] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    patience: float = 1     # a slow machine's deadlines are longer by this


class NodeInit:
    """Event loop of process 1."""

    def __init__(self, config: InitConfig, control: socket.socket):
        self._config = config
        self._control = control
        self._pending = list(config.services)
        self._waiting: tuple[ServiceSpec, float] | None = None
        self._running: dict[int, str] = {}
        self._ready: set[str] = set()
        self._done: set[str] = set()
        self._partial: dict[int, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._input = b""

    def run(self) -> None:
        """Set the machine up and serve until killed."""
        wakeup_read, wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._prepare()
        self._selector.register(wakeup_read, selectors.EVENT_READ, self._on_signal)
        self._selector.register(self._control, selectors.EVENT_READ, self._on_control)
        self._selector.register(self._open_syslog(), selectors.EVENT_READ, self._on_syslog)
        self._say(event="mounted")
        tick = TICK * self._config.patience
        while True:
            for key, _ in self._selector.select(tick if self._waiting else None):
                key.data(key.fileobj)
            self._check_waiting()

    def _prepare(self) -> None:
        mounts.enter_private_root(self._config.disk, self._config.binds, self._config.tmpfs,
                                  self._config.volumes)
        self._settle()

    def _settle(self) -> None:
        """Name, and output of what says something."""
        socket.sethostname(self._config.name)
        os.chdir("/")
        null = os.open("/dev/null", os.O_RDONLY)
        log = os.open("/var/log/boot.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for fd, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(fd, target)

    def _say(self, **message: object) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")

    # Services ---------------------------------------------------------------------------------

    def _start_next(self) -> None:
        if self._pending:
            service = self._pending.pop(0)
            self._spawn(service)
            deadline = READY_DEADLINE * self._config.patience
            self._waiting = (service, time.monotonic() + deadline)
        else:
            self._waiting = None
            self._say(event="booted")

    def _spawn(self, service: ServiceSpec) -> None:
        env = dict(self._config.env)
        if service.notifies:
            env["NOTIFY_SOCKET"] = self._open_notify(service.name)
        output = self._open_log(service.log) if service.log else None
        try:
            child = subprocess.Popen(service.argv, env=env, start_new_session=True,
                                     stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        except OSError as error:
            print(f"{service.name}: {error}", flush=True)
            self._say(event="exited", name=service.name, status=-1)
            return
        finally:
            if output is not None:
                os.close(output)
        self._running[child.pid] = service.name
        # Popen's own bookkeeping must not wait for the child: the reaper below does.
        child.returncode = 0
        self._say(event="started", name=service.name, pid=child.pid)

    def _check_waiting(self) -> None:
        if self._waiting is None:
            return
        service, deadline = self._waiting
        if self._is_ready(service):
            self._start_next()
        elif service.name not in self._running.values() or time.monotonic() > deadline:
            self._waiting, self._pending = None, []
            self._say(event="failed", name=service.name,
                      reason=f"{service.name} ({' '.join(service.argv[:3])}) did not become ready; "
                             "see its log and boot.log")

    def _is_ready(self, service: ServiceSpec) -> bool:
        if service.notifies or service.once:
            return service.name in (self._done if service.once else self._ready)
        if not service.ready_socket:
            return True
        with open("/proc/net/unix", encoding="ascii", errors="replace") as table:
            # libqb binds the whole sun_path: its NUL bytes are printed as "@" too.
            return any(line.split()[-1].strip("@") == service.ready_socket for line in table)

    # Events -----------------------------------------------------------------------------------

    def _on_signal(self, fileobj: int) -> None:
        os.read(fileobj, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            name = self._running.pop(pid, None)
            if name is not None:
                self._ready.discard(name)
                if status == 0:
                    self._done.add(name)
                self._say(event="exited", name=name, status=status)

    def _on_control(self, fileobj: socket.socket) -> None:
        data = fileobj.recv(65536)
        if not data:
            os._exit(1)
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, order: dict) -> None:
        if order["op"] == "network":
            netcmd.ip_batch("self", order["ip"])
            self._say(event="network")
            self._start_next()
        # The keeper may not have been told yet that the last such order was carried out.
        elif order["op"] == "start" and order["name"] not in self._running.values():
            known = {service.name: service for service in self._config.services}
            service = known.get(order["name"], ServiceSpec(order["name"], []))
            self._spawn(dataclasses.replace(service, argv=order["argv"]))
        elif order["op"] == "stop":
            for pid, name in self._running.items():
                if name == order["name"]:
                    os.kill(pid, order["signal"])

    # Notices and output of services -------------------------------------------------------------

    def _open_notify(self, name: str) -> str:
        """The socket on which a service says that it is ready, as systemd has it."""
        path = f"/run/lab/notify-{name}"
        if not os.path.exists(path):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            sock.bind(path)
            self._selector.register(sock, selectors.EVENT_READ,
                                    lambda fileobj: self._on_notice(fileobj, name))
        return path

    def _on_notice(self, fileobj: socket.socket, name: str) -> None:
        lines = fileobj.recv(4096).decode(errors="replace").splitlines()
        if "READY=1" in lines and name not in self._ready:
            self._ready.add(name)
            self._say(event="ready", name=name)

    def _open_log(self, path: str) -> int:
        """The end of a pipe for a service's output, whose lines go to that file."""
        reader, writer = os.pipe2(os.O_CLOEXEC)
        self._partial[reader] = b""
        self._selector.register(reader, selectors.EVENT_READ,
                                lambda fileobj: self._on_output(fileobj, path))
        return writer

    def _on_output(self, fileobj: int, path: str) -> None:
        data = os.read(fileobj, 65536)
        *lines, rest = (self._partial[fileobj] + data).split(b"\n")
        self._partial[fileobj] = rest[-4096:]
        if not data:
            self._selector.unregister(fileobj)
            os.close(fileobj)
            lines.append(self._partial.pop(fileobj))
        for line in filter(None, lines):
            log_line(path, line.decode(errors="replace"))

    # Syslog -----------------------------------------------------------------------------------

    @staticmethod
    def _open_syslog() -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        sock.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        return sock

    def _on_syslog(self, fileobj: socket.socket) -> None:
        text = fileobj.recv(16384).decode(errors="replace").strip("\0\n")
        message = text.split(">", 1)[-1]
        # The sender's own stamp ("Nov  2 10:00:00 ") has seconds only: replaced by ours.
        body = message[16:] if message[3:4] == " " and message[6:7] == " " else message
        log_line(SYSLOG_FILE, body)


def log_line(path: str, text: str) -> None:
    """Add a line with the time of now."""
    now = time.time()
    stamp = time.strftime("%b %d %H:%M:%S", time.localtime(now)) + f".{int(now % 1 * 1e6):06d}"
    try:
        with open(path, "a", encoding="utf-8") as log:
            log.write(f"{stamp} {text}\n")
    except OSError:
        pass  # a full disk loses log lines, as on a real machine


def main(config: InitConfig, control: socket.socket, kind: type[NodeInit] = NodeInit) -> None:
    """Never returns. Called in process 1 with all other descriptors closed."""
    syscalls.set_name(f"lab-{config.name}")
    try:
        kind(config, control).run()
    except BaseException as error:  # the last handler of a process 1: report, then end
        reason = f"{type(error).__name__}: {error}"
        traceback.print_exc(file=sys.stderr)
        control.sendall(json.dumps({"event": "failed", "name": "init", "reason": reason}).encode()
                        + b"\n")
    os._exit(1)

