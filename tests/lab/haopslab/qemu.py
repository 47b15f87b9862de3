# SPDX-License-Identifier: GPL-2.0-or-later
"""How QEMU is started for a virtual machine: a command line. Nothing is started here.

$HAOPS_LAB_ACCEL (kvm or tcg) overrules what is found on this host.
"""
from __future__ import annotations

import os
from dataclasses import dataclass, field

PROGRAM = "/usr/bin/qemu-system-x86_64"
PATIENCE = {"kvm": 2.0, "tcg": 5.0}      # how much longer deadlines are
TOKEN_MS = {"kvm": 1500, "tcg": 3000}    # corosync's, so that nobody is lost who is only slow
_KERNEL_LINE = "console=ttyS0 panic=-1 quiet mitigations=off net.ifnames=0 random.trust_cpu=on"


def accelerator() -> str:
    """"kvm" where it can run a kernel that does not know of it, "tcg" (emulation) elsewhere. A host
    may have /dev/kvm for guests of its own kind only: without vmx or svm nothing else starts."""
    chosen = os.environ.get("HAOPS_LAB_ACCEL", "")
    if chosen in PATIENCE:
        return chosen
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    return "kvm" if {"vmx", "svm"} & set(flags) else "tcg"


@dataclass
class Hardware:
    """A machine. Descriptors are those that QEMU inherits."""
    name: str
    accel: str
    memory_mb: int
    kernel: str
    initramfs: str
    init: str                   # path of the program that becomes process 1
    console: str                # path of a file
    logs: str                   # path of the folder that is /var/log
    disks: list[str] = field(default_factory=list)
    taps: dict[int, tuple[int, str]] = field(default_factory=dict)  # ring to descriptor and MAC
    control: int = -1
    agent: int = -1
    monitor: int = -1


def _port(name: str, fd: int) -> list[str]:
    return ["-chardev", f"socket,id={name},fd={fd}",
            "-device", f"virtserialport,chardev={name},name=lab.{name}"]


def _share(name: str, path: str, options: str) -> list[str]:
    return ["-fsdev", f"local,id={name},path={path},multidevs=remap,{options}",
            "-device", f"virtio-9p-pci,fsdev={name},mount_tag={name}"]


def nic(ring: int) -> str:
    """The monitor's name of a ring's interface."""
    return f"net{ring}"


def command(machine: Hardware) -> list[str]:
    """The whole command line. Network devices come in order of ring, which makes them eth0, eth1."""
    cpu = "host" if machine.accel == "kvm" else "qemu64,+rdrand"
    argv = [PROGRAM, "-name", machine.name, "-accel", machine.accel, "-cpu", cpu, "-smp", "1",
            "-m", str(machine.memory_mb), "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-rtc", "base=utc,clock=host",
            "-kernel", machine.kernel, "-initrd", machine.initramfs,
            "-append", f"{_KERNEL_LINE} lab.init={machine.init}",
            "-chardev", f"file,id=console,path={machine.console},append=on",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=monitor,fd={machine.monitor}",
            "-mon", "chardev=monitor,mode=control", "-device", "virtio-serial-pci"]
    argv += _port("control", machine.control) + _port("agent", machine.agent)
    argv += _share("host", "/", "security_model=none,readonly=on")
    argv += _share("log", machine.logs, "security_model=passthrough")
    for number, path in enumerate(machine.disks):
        argv += ["-drive", f"file={path},format=raw,if=none,id=disk{number}",
                 "-device", f"virtio-blk-pci,drive=disk{number}"]
    for ring, (fd, mac) in sorted(machine.taps.items()):
        argv += ["-netdev", f"tap,id={nic(ring)},fd={fd}",
                 "-device", f"virtio-net-pci,netdev={nic(ring)},mac={mac},romfile="]
    return argv
