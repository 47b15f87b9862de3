# SPDX-License-Identifier: GPL-2.0-or-later
"""The keeper: the process tree that a lab consists of. Started as `python3 -m haopslab.keeper`.

Two processes. The *guard* lives in the host's pid namespace and does nothing but wait: for its
owner's death (a pidfd), for the keeper's end. The *keeper* is process 1 of the lab's pid
namespace with a mount namespace of its own, in which /run is a private tmpfs; every process of the
lab is below it, every network namespace is held by such a process, every file lies in that
tmpfs. So whichever of owner, guard or keeper dies, by whatever signal, the kernel removes all:
  owner dies   -> guard sees it and kills the keeper;
  guard dies   -> the keeper has PDEATHSIG, and sees end of file on the guard's pipe;
  keeper dies  -> the kernel ends all processes of its pid namespace.
Nothing is ever written on the host's file system.
"""
from __future__ import annotations

import json
import os
import select
import selectors
import signal
import socket
import sys
import time
import traceback
from typing import Callable

from . import procs, rpc, spec, syscalls
from .engine import Engine
from .wait import LabError

_DISOWN = b"d"


class Keeper:
    """Event loop of the keeper: serves calls, collects children, runs timers."""

    def __init__(self, engine: Engine, listeners: list[socket.socket], guard: int):
        self._engine = engine
        self._guard = guard
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, bytes] = {}
        self._is_ending = False
        for listener in listeners:
            self._selector.register(listener, selectors.EVENT_READ, self._on_connect)
        self._selector.register(guard, selectors.EVENT_READ, self._on_guard)

    def run(self) -> None:
        """Serve until told to end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._selector.register(wakeup, selectors.EVENT_READ, _drain)
        while not self._is_ending:
            machine_fds = self._register_machines()
            ready = self._selector.select(self._next_timer())
            for fd in machine_fds:
                self._selector.unregister(fd)
            self._dispatch(ready)
            _reap()
            self._run_timers()

    def _dispatch(self, ready: list) -> None:
        for key, _ in ready:
            key.data(key.fileobj)

    def _register_machines(self) -> list[int]:
        fds = []
        for machine in self._engine.machines.values():
            for fd, handler in machine.event_fds().items():
                self._selector.register(fd, selectors.EVENT_READ, _Guarded(machine, fd, handler))
                fds.append(fd)
        return fds

    # Timers -------------------------------------------------------------------------------------

    def _next_timer(self) -> float | None:
        due = [when for when, _, _ in self._engine.timers]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _run_timers(self) -> None:
        now = time.monotonic()
        due = [timer for timer in self._engine.timers if timer[0] <= now]
        for timer in due:
            self._engine.timers.remove(timer)
            getattr(self._engine, timer[1])(**timer[2])

    # Calls ---------------------------------------------------------------------------------------

    def _on_guard(self, fileobj: int) -> None:
        if not os.read(fileobj, 1):
            self._is_ending = True

    def _on_connect(self, listener: socket.socket) -> None:
        sock, _ = listener.accept()
        if rpc.peer_credentials(sock)[1] != 0:
            sock.close()
            return
        self._buffers[sock] = b""
        self._selector.register(sock, selectors.EVENT_READ, self._on_data)

    def _on_data(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(1 << 16)
        except ConnectionError:
            data = b""
        buffer = self._buffers[sock] + data
        if not data or len(buffer) > rpc.MAX_LINE:
            self._selector.unregister(sock)
            del self._buffers[sock]
            sock.close()
            return
        *lines, self._buffers[sock] = buffer.split(b"\n")
        for line in lines:
            answer = json.dumps(self._answer(line)).encode() + b"\n"
            try:
                sock.sendall(answer)
            except ConnectionError:
                pass  # the caller is gone; what it asked for is done

    def _answer(self, line: bytes) -> dict:
        try:
            request = json.loads(line)
            return {"ok": True, "result": self._call(request["call"], request["args"])}
        except LabError as error:
            return {"ok": False, "error": str(error)}
        except Exception as error:  # a mistake in one call must not end the lab
            traceback.print_exc()
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def _call(self, method: str, arguments: dict) -> object:
        if method == "down":
            self._is_ending = True
            return None
        if method == "disown":
            os.write(self._guard, _DISOWN)
            return None
        handler = getattr(self._engine, method, None)
        if method.startswith("_") or not callable(handler):
            raise LabError(f"the lab has no call {method!r}")
        return handler(**arguments)


class _Guarded:
    """A machine's handler that is skipped if an earlier one of the same round closed the fd."""

    def __init__(self, machine: object, fd: int, handler: Callable[[], None]):
        self._machine, self._fd, self._handler = machine, fd, handler

    def __call__(self, _fileobj: int) -> None:
        if self._machine.event_fds().get(self._fd) == self._handler:
            self._handler()


def _drain(fd: int) -> None:
    os.read(fd, 4096)


def _reap() -> None:
    """Collect every child; each is watched through its pidfd, which survives this."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


# The two processes -------------------------------------------------------------------------------


def _private_run(name: str) -> str:
    """Give the keeper its own /run; returns the lab's state folder in it."""
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.make_private()
    syscalls.mount("haopslab", "/run", "tmpfs", syscalls.MS_NOSUID, "size=64m,mode=755")
    state_dir = f"/run/haops-lab/{name}"
    os.makedirs(state_dir, mode=0o700)
    os.chmod("/run/haops-lab", 0o700)
    return state_dir


def _keeper_main(lab: spec.LabSpec, listener: socket.socket, guard: int, report: int) -> None:
    """Process 1 of the lab. Never returns; ends with status 0 after `down`."""
    status = 1
    try:
        syscalls.die_with_parent()
        syscalls.set_name(f"lab-{lab.name}")
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        state_dir = _private_run(lab.name)
        log = os.open(f"{state_dir}/keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for fd in (1, 2):  # before anything is forked that would keep the starter's pipes open
            os.dup2(log, fd)
        local = rpc.listen_file(f"{state_dir}/control")
        engine = Engine(lab, state_dir)
        pids = {"keeper": procs.ns_pids("self")[0]}
        os.write(report, json.dumps({"ok": True, "result": pids}).encode() + b"\n")
        os.close(report)
        Keeper(engine, [listener, local], guard).run()
        status = 0
    except Exception as error:  # the starter is told; afterwards it goes to keeper.log
        traceback.print_exc()
        _report_failure(report, error)
    finally:
        os._exit(status)


def _report_failure(report: int, error: Exception) -> None:
    text = str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"
    try:
        os.write(report, json.dumps({"ok": False, "error": text}).encode() + b"\n")
    except OSError:
        pass  # already reported and closed


def _guard_main(keeper_pid: int, pipe: socket.socket, owner: int | None) -> int:
    """Wait for the first death. Returns when nothing of the lab is left."""
    keeper = os.pidfd_open(keeper_pid)
    watched = [keeper, pipe.fileno()] + ([owner] if owner is not None else [])
    while True:
        ready = select.select(watched, [], [])[0]
        if keeper in ready:
            break
        if pipe.fileno() in ready:
            if pipe.recv(1) == _DISOWN and owner in watched:
                watched.remove(owner)
            else:
                watched.remove(pipe.fileno())
        elif owner in ready:
            signal.pidfd_send_signal(keeper, signal.SIGKILL)
            break
    # The kernel reports process 1 as ended only when all processes of its namespace have.
    _, status = os.waitpid(keeper_pid, 0)
    return os.waitstatus_to_exitcode(status)


def _owner_pidfd(owner: int) -> int | None:
    """Watch the process that started this one; none if it lives for itself."""
    if not owner:
        return None
    pidfd = os.pidfd_open(owner)
    if os.getppid() != owner:
        sys.exit(1)  # the owner died before it could be watched
    return pidfd


def main(argv: list[str]) -> int:
    """`keeper OWNER_PID`: the spec comes as JSON on stdin, one answer line goes to stdout."""
    owner = _owner_pidfd(int(argv[1]))
    lab = spec.LabSpec.from_json(json.load(sys.stdin))
    try:
        listener = rpc.listen_abstract(lab.name)
    except LabError as error:
        _report_failure(1, error)
        return 1
    guard_end, keeper_end = socket.socketpair()
    syscalls.unshare(syscalls.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        guard_end.close()
        _keeper_main(lab, listener, keeper_end.detach(), os.dup(1))
    listener.close()
    keeper_end.close()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):  # whoever reads our output must not wait for the end of the lab
        os.dup2(null, fd)
    return _guard_main(pid, guard_end, owner)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
