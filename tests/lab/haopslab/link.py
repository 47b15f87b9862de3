# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's end of a lab: starts a keeper, or finds a running one, and calls it."""
from __future__ import annotations

import json
import os
import signal
import socket
import subprocess

from . import rpc
from .spec import LabSpec
from .wait import LabError, be_patient, wait_pidfd

_PACKAGE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON = "/usr/bin/python3"


class LabLink:
    """One connection to one keeper."""

    def __init__(self, name: str):
        self._sock: socket.socket = rpc.connect(name)
        # The kernel says who listens: the guard, which made the socket.
        self._guard_pid = rpc.peer_credentials(self._sock)[0]
        self._guard_fd = os.pidfd_open(self._guard_pid)
        self._root = f"/proc/{_keeper_of(self._guard_pid)}/root"
        self._env: dict[str, str] = {}
        be_patient(self.status()["patience"])

    def call(self, method: str, **arguments: object) -> object:
        """One call on the engine."""
        return rpc.call(self._sock, method, **arguments)

    def status(self) -> dict:
        return self.call("status")

    def env(self) -> dict[str, str]:
        """Environment for commands in the machines."""
        if not self._env:
            self._env = self.status()["env"]
        term = os.environ.get("TERM", "dumb")
        return {"TERM": term, "PYTHONPATH": "/run/lab/py", "PYTHONDONTWRITEBYTECODE": "1",
                **self._env}

    def host_path(self, path: str) -> str:
        """A path of the lab's own mount namespace, as it is reached from the host."""
        return self._root + path

    def is_alive(self) -> bool:
        return not wait_pidfd(self._guard_fd, 0)

    def down(self, timeout: float = 20) -> None:
        """End the lab; returns when the kernel has removed all of its processes."""
        if self.is_alive():
            try:
                self.call("down")
            except (LabError, OSError):
                # It does not answer: the guard's death takes the keeper along.
                signal.pidfd_send_signal(self._guard_fd, signal.SIGKILL)
            if not wait_pidfd(self._guard_fd, timeout):
                raise LabError(f"the lab's guard (pid {self._guard_pid}) does not end")
        self.close()

    def close(self) -> None:
        """Leave the lab running."""
        self._sock.close()


def _keeper_of(guard_pid: int) -> int:
    """The guard's only child."""
    with open(f"/proc/{guard_pid}/task/{guard_pid}/children", encoding="ascii") as file:
        children = file.read().split()
    if not children:
        raise LabError("the lab is just ending; try again")
    return int(children[0])


def start(spec: LabSpec) -> tuple[LabLink, subprocess.Popen]:
    """Start a lab that ends with this process (unless `disown` is called)."""
    if os.geteuid() != 0:
        raise LabError("a lab needs root (namespaces, bridges): run it as root")
    guard = subprocess.Popen(
        [PYTHON, "-m", "haopslab.keeper", str(os.getpid())], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": _PACKAGE_DIR,
             "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"})
    try:
        _hand_over(guard, spec)
        return LabLink(spec.name), guard
    except BaseException:  # Ctrl-C included: what was begun goes
        guard.kill()
        guard.wait(20)
        raise


def _hand_over(guard: subprocess.Popen, spec: LabSpec) -> None:
    """Give the guard the spec, and wait for its word that the keeper serves."""
    with guard.stdin, guard.stdout:
        guard.stdin.write(json.dumps(spec.to_json()))
        guard.stdin.close()
        line = guard.stdout.readline()
    answer = json.loads(line) if line else {"ok": False, "error": "the keeper did not start"}
    if not answer["ok"]:
        raise LabError(answer["error"])
