# SPDX-License-Identifier: GPL-2.0-or-later
"""Stepping the wall clock of a node's services.

The kernel has no time namespace for CLOCK_REALTIME, so a real step would be one of the whole
machine that the lab runs on. What stands in for it: a preloaded library that adds an offset to
what the C library tells of that clock, in the programs that are started with it. The offset can
change at any time. It is a fake, and has its limits: timers that the kernel runs on
CLOCK_REALTIME, and programs that ask the kernel without the C library, see no step.
"""
from __future__ import annotations

import os
import struct
import subprocess
from typing import TYPE_CHECKING

from .wait import LabError

if TYPE_CHECKING:
    from .machine import Machine

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clockstep.c")
_LIBRARY, _OFFSET = "/run/lab/clockstep.so", "/run/lab/clock-offset"


def prepare(machine: "Machine", argv: list[str]) -> list[str]:
    """Put the library into a machine; returns the command that runs `argv` with it. The process
    is that of `argv`, so that it can be a service."""
    done = subprocess.run(["/usr/bin/cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                           "-o", machine.root() + _LIBRARY, _SOURCE, "-ldl"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{_SOURCE} does not compile: {done.stderr}")
    return ["/usr/bin/env", f"LD_PRELOAD={_LIBRARY}", *argv]


def step(machine: "Machine", seconds: float) -> None:
    """From now on the programs with the library see a wall clock that is so much off."""
    path = machine.root() + _OFFSET
    with open(path, "r+b" if os.path.exists(path) else "w+b", buffering=0) as file:
        file.write(struct.pack("=q", int(seconds * 1e9)))
