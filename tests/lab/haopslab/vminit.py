# SPDX-License-Identifier: GPL-2.0-or-later
"""The init of a virtual machine: process 1 after the initramfs (initramfs.py) has made the root.

The init of a namespace machine with another stream to the keeper (a serial port) and other
mounts. Its first line from the keeper is the configuration. What it can do beyond the other's:
{"op": "signal"|"continue"|"fill"|"free", ...} are answered by {"event": "answer", ...}, and
{"event": "clock"} asks for the time of the host.

Started as a program: `vminit.py`, with the kernel's environment.
"""
from __future__ import annotations

import json
import math
import os
import selectors
import signal
import sys
import time
import traceback
import types

if __name__ == "__main__":
    # The package without its front door, which loads all of the lab: that takes seconds here.
    _folder = os.path.dirname(os.path.abspath(__file__))
    _package = types.ModuleType("haopslab")
    _package.__path__ = [_folder]
    sys.modules["haopslab"] = _package
    __package__ = "haopslab"

from haopslab import mounts, nodeinit, procs, syscalls, vmagent  # noqa: E402
from haopslab.spec import ServiceSpec  # noqa: E402

KERNEL_LOG = "/var/log/kern.log"
_PORTS = "/sys/class/virtio-ports"
_CLOCK_TRIES, _CLOCK_ENOUGH_S = 10, 0.004


class Port:
    """A serial port as a socket that nodeinit.py can use."""

    def __init__(self, name: str):
        self._fd = os.open(_find_port(name), os.O_RDWR | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._fd

    def recv(self, size: int) -> bytes:
        return os.read(self._fd, size)

    def sendall(self, data: bytes) -> None:
        """All of it, waiting for the host to take it."""
        while data:
            data = data[os.write(self._fd, data[:1 << 15]):]


def _find_port(name: str) -> str:
    for entry in os.listdir(_PORTS):
        with open(f"{_PORTS}/{entry}/name", encoding="ascii") as file:
            if file.read().strip() == name:
                return f"/dev/{entry}"
    raise OSError(f"the machine has no serial port {name}")


class MachineInit(nodeinit.NodeInit):
    """Event loop of process 1 in a virtual machine."""

    def __init__(self, config: nodeinit.InitConfig, control: Port):
        super().__init__(config, control)
        self._clock_asked = 0.0
        self._clock_error = math.inf
        self._clock_tries = 0

    def _prepare(self) -> None:
        config = self._config
        mounts.enter_machine_root(config.binds, config.tmpfs, config.volumes)
        self._settle()
        self._fork_agent()
        self._ask_clock()
        kernel = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(kernel, 0, os.SEEK_END)  # how it booted is on the console, if anything was wrong
        self._selector.register(kernel, selectors.EVENT_READ, self._on_kernel)

    def _fork_agent(self) -> None:
        if os.fork():
            return
        try:
            signal.set_wakeup_fd(-1)
            syscalls.set_name("lab-agent")
            port = os.open(_find_port("lab.agent"), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            vmagent.Agent(port).run()
        finally:
            os._exit(1)

    @staticmethod
    def _on_kernel(fileobj: int) -> None:
        """One message of the kernel: "priority,number,time,flags;text", then lines of details."""
        try:
            data = os.read(fileobj, 8192)
        except BlockingIOError:
            return
        except BrokenPipeError:
            return  # messages were lost that came faster than they were read
        text = data.decode(errors="replace").partition(";")[2].splitlines()
        nodeinit.log_line(KERNEL_LOG, text[0] if text else "")

    # The clock: a machine's starts at a full second ----------------------------------------------

    def _ask_clock(self) -> None:
        self._clock_tries += 1
        self._clock_asked = time.monotonic()
        self._say(event="clock")

    def _set_clock(self, wall: float) -> None:
        """The answer is right to half the time that it took, so the fastest of some counts."""
        took = time.monotonic() - self._clock_asked
        if took < self._clock_error:
            self._clock_error = took
            time.clock_settime(time.CLOCK_REALTIME, wall + took / 2)
        if self._clock_error > _CLOCK_ENOUGH_S and self._clock_tries < _CLOCK_TRIES:
            self._ask_clock()

    # Orders ---------------------------------------------------------------------------------------

    def _obey(self, order: dict) -> None:
        answers = {"signal": self._signal, "continue": self._continue, "fill": self._fill,
                   "free": self._free}
        if order["op"] == "clock":
            self._set_clock(order["wall"])
        elif order["op"] in answers:
            try:
                result = answers[order["op"]](order)
            except OSError as error:
                result = {"error": str(error)}
            self._say(event="answer", **result)
        else:
            super()._obey(order)

    @staticmethod
    def _signal(order: dict) -> dict:
        found = [p for p in procs.find(procs.pid_namespace("self"), order["name"])
                 if p.host_pid != os.getpid()]
        space = procs.pid_namespace("self")
        return {"pids": [p.pid for p in found if procs.send(p, space, order["signal"])]}

    @staticmethod
    def _continue(order: dict) -> dict:
        space = procs.pid_namespace("self")
        return {"pids": [p.pid for p in procs.find(space) if p.pid in order["pids"]
                         and procs.send(p, space, signal.SIGCONT)]}

    @staticmethod
    def _fill(order: dict) -> dict:
        mounts.fill(order["path"])
        return {}

    @staticmethod
    def _free(order: dict) -> dict:
        if os.path.exists(order["path"]):
            os.unlink(order["path"])
        return {}


def _read_config(control: Port) -> nodeinit.InitConfig:
    """The first line. Nothing follows it before the machine has said something."""
    data = b""
    while not data.endswith(b"\n"):
        data += control.recv(65536)
    config = json.loads(data)
    return nodeinit.InitConfig(**config | {
        "services": [ServiceSpec(**service) for service in config["services"]]})


def _machine_main() -> None:
    os.environ.clear()
    control = Port("lab.control")
    config = _read_config(control)
    nodeinit.main(config, control, MachineInit)


if __name__ == "__main__":
    try:
        _machine_main()
    except Exception:
        traceback.print_exc()  # to the console; the end of process 1 ends the machine
        sys.stderr.flush()
        os._exit(1)
