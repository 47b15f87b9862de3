# SPDX-License-Identifier: GPL-2.0-or-later
"""What a lab is to look like, as plain data: it goes as JSON from the user to the keeper.

The address plan is here, once: ring R is 10.77.R.0/24 and fd00:77:R::/64 with the same last
number in both. Nodes .11 up, plain hosts .51 up, the client .50, BMCs .201 up, observer .253,
switch .254. .100 to .199 is free for virtual addresses.
"""
from __future__ import annotations

import dataclasses
import ipaddress
import re
from dataclasses import dataclass, field

CLIENT = "client"
NODE_BASE, CLIENT_NUMBER, HOST_BASE, BMC_BASE = 10, 50, 50, 200
OBSERVER_NUMBER, SWITCH_NUMBER = 253, 254
HAOPSD_LOG = "/var/log/haopsd.log"
NAME_RULE = re.compile(r"^[a-z][a-z0-9-]{0,9}$")


def ipv4(ring: int, number: int) -> str:
    return f"10.77.{ring}.{number}"


def ipv6(ring: int, number: int) -> str:
    # Digits of the decimal number are reused as hex digits, so .11 and ::11 belong together.
    return str(ipaddress.ip_address(f"fd00:77:{ring}::{number}"))


def mac(ring: int, number: int) -> str:
    return f"02:77:00:{ring:02x}:00:{number:02x}"


@dataclass
class ServiceSpec:
    """A program that a machine's init starts at boot, in order.

    The next one may start when the abstract unix socket `ready_socket` has appeared, or, with
    `notifies`, when the program said READY=1 as to systemd, or, with `once`, when it has ended with
    status 0. With `log` each line of its output
    goes into that file with a time of our own.
    """
    name: str
    argv: list[str]
    ready_socket: str = ""
    notifies: bool = False
    log: str = ""
    once: bool = False


@dataclass
class MachineSpec:
    """One machine: cluster node or plain host."""
    name: str
    number: int
    rings: list[int]
    kind: str = "namespace"
    role: str = "node"
    services: list[ServiceSpec] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    owned: dict[str, str] = field(default_factory=dict)
    raw_disks: list[int] = field(default_factory=list)  # MB; virtual machines: /dev/vdb, vdc, ...
    memory_mb: int = 1024                               # virtual machines

    def interface(self, ring: int) -> str:
        return f"eth{ring}"

    def port(self, ring: int) -> str:
        """Name of the switch's port that this machine is plugged into."""
        return f"{self.name}-r{ring}"


@dataclass
class LabSpec:
    """The whole lab. `machines` holds nodes and hosts in order of number."""
    name: str = "lab"
    rings: int = 2
    machines: list[MachineSpec] = field(default_factory=list)
    disk_mb: int = 128
    env: dict[str, str] = field(default_factory=dict)
    agents_dir: str = ""
    lib_dirs: list[str] = field(default_factory=list)
    bin_dirs: list[str] = field(default_factory=list)
    binds: dict[str, str] = field(default_factory=dict)
    tmpfs: dict[str, int] = field(default_factory=dict)  # folder below /run to size in kB
    volumes: dict[str, int] = field(default_factory=dict)  # folder to size in MB; outlives power
    fencing: bool = True        # BMCs are there
    stonith: bool = True        # the cluster uses them
    properties: dict[str, str] = field(default_factory=dict)
    drivers: list[str] = field(default_factory=list)    # files with further kinds of machines

    def nodes(self) -> list[MachineSpec]:
        return [m for m in self.machines if m.role == "node"]

    def bmc_ring(self) -> int:
        """BMCs hang on the last ring, as a management port does; ring 0 is the service network."""
        return self.rings - 1

    def to_json(self) -> dict:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "LabSpec":
        machines = [machine_from_json(m) for m in data["machines"]]
        return cls(**{**data, "machines": machines})


def machine_from_json(data: dict) -> MachineSpec:
    services = [ServiceSpec(**s) for s in data["services"]]
    return MachineSpec(**{**data, "services": services})


def host_spec(name: str, number: int, services: list[ServiceSpec] | None = None,
              kind: str = "namespace") -> MachineSpec:
    """A plain machine (web server, client) on the service network only."""
    return MachineSpec(name=name, number=number, rings=[0], kind=kind, role="host",
                       services=services or [])
