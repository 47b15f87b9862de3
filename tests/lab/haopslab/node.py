# SPDX-License-Identifier: GPL-2.0-or-later
"""What a machine must be able to do, whatever it is made of, and the registry of kinds.

A kind is a class derived from MachineDriver, registered by name:

    @register("virtual")
    class VirtualNode(MachineDriver): ...

A MachineSpec with kind="virtual" is then run by it. The keeper is a process of its own: it loads the
files that LabSpec.drivers names, so that a test can bring a kind along. Drivers live in the keeper (one thread, one
event loop): a call must return within some tens of milliseconds, and what takes longer is
reported later through `events`. All calls are idempotent. The keeper plugs and unplugs cables
itself (switch.py): a driver only says where its end of the cable is (`plug`, `unplug`).
"""
from __future__ import annotations

import abc
import importlib.util
import signal
import sys
from dataclasses import dataclass, field

from .spec import LabSpec, MachineSpec


@dataclass
class MachineState:
    """What `lab status` shows of a machine."""
    power: str = "off"          # off, booting, on, failed
    reason: str = ""            # why it failed
    boots: int = 0
    services: dict[str, int] = field(default_factory=dict)
    frozen: dict[str, list[int]] = field(default_factory=dict)
    filled: bool = False
    filled_folders: list[str] = field(default_factory=list)
    hogs: int = 0               # busy loops
    ready: list[str] = field(default_factory=list)      # services that said READY=1
    ended: dict[str, list[int]] = field(default_factory=dict)  # their exit statuses, this boot


class MachineDriver(abc.ABC):
    """One machine. `state` is kept by the driver, and read by the keeper."""

    def __init__(self, lab: LabSpec, spec: MachineSpec, state_dir: str):
        self.lab = lab
        self.spec = spec
        self.state_dir = state_dir
        self.state = MachineState()

    @abc.abstractmethod
    def power_on(self) -> None:
        """Start the machine. Its first state is "booting"; it becomes "on" when its services
        were started, "failed" with a reason otherwise."""

    @abc.abstractmethod
    def power_off(self) -> None:
        """End the machine at once, without any goodbye. Its cables are pulled before this call.
        When it returns nothing of the machine runs any more."""

    @abc.abstractmethod
    def plug(self, ring: int, switch_pid: int, port: str) -> None:
        """Make the cable: an interface named `port` in the switch's network (that of the
        process `switch_pid`), the other end inside the machine with the spec's address."""

    @abc.abstractmethod
    def cables_ready(self) -> None:
        """All cables are plugged: configure addresses and go on booting."""

    def carrier(self, ring: int, is_up: bool) -> None:
        """A port of the switch has changed, or the machine was powered on. For kinds whose end of the
        cable does not lose carrier by itself."""

    @abc.abstractmethod
    def command_prefix(self) -> list[str]:
        """Words that, put before a command on the host, run it inside the machine."""

    @abc.abstractmethod
    def signal_process(self, name: str, signum: signal.Signals) -> list[int]:
        """Signal all processes of this machine, and of no other, with that program name."""

    @abc.abstractmethod
    def thaw(self, name: str) -> list[int]:
        """SIGCONT for what `signal_process` stopped under that name."""

    @abc.abstractmethod
    def fill_disk(self) -> None:
        """Leave no free byte on the machine's own disk."""

    @abc.abstractmethod
    def free_disk(self) -> None:
        """Undo fill_disk."""

    @abc.abstractmethod
    def fill_folder(self, folder: str) -> None:
        """Leave no free byte in a file system of its own (LabSpec.tmpfs, LabSpec.volumes)."""

    @abc.abstractmethod
    def free_folders(self) -> None:
        """Undo fill_folder."""

    @abc.abstractmethod
    def hog(self, count: int) -> None:
        """Run so many busy loops, no more and no fewer."""

    @abc.abstractmethod
    def service(self, action: str, name: str, argv: list[str], signum: int) -> None:
        """Start or stop (signal) a service; `state.services` shows its pid while it runs."""

    @abc.abstractmethod
    def log_files(self) -> dict[str, str]:
        """Log name to path, readable in the keeper's mount namespace, also while powered off."""

    @abc.abstractmethod
    def event_fds(self) -> dict[int, "callable"]:
        """Descriptors the keeper has to poll, with the function to call when readable."""

    def patience(self) -> float:
        """How much longer than for a machine at full speed deadlines have to be."""
        return 1

    def is_on(self) -> bool:
        return self.state.power in ("booting", "on")


_KINDS: dict[str, type[MachineDriver]] = {}


def register(kind: str):
    """Class decorator: make a driver known under a kind name."""
    def add(cls: type[MachineDriver]) -> type[MachineDriver]:
        _KINDS[kind] = cls
        return cls
    return add


def load(path: str) -> None:
    """Run a file that registers kinds."""
    found = importlib.util.spec_from_file_location(f"{__package__}.driver{len(_KINDS)}", path)
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)


def make(lab: LabSpec, spec: MachineSpec, state_dir: str) -> MachineDriver:
    """The driver for a machine of the kind that its spec names."""
    if spec.kind not in _KINDS:
        raise ValueError(f"machine {spec.name}: no kind {spec.kind!r}; known: {sorted(_KINDS)}")
    return _KINDS[spec.kind](lab, spec, state_dir)
