# SPDX-License-Identifier: GPL-2.0-or-later
"""Times commands as whole processes, in turn, so that a machine that slows down slows all of them."""

import os
import statistics
import time


class Sample:
    """CPU and wall times of the runs of one command, in seconds."""

    def __init__(self):
        self.cpu, self.wall = [], []

    def median(self, what="cpu"):
        """The median of "cpu" or "wall", in milliseconds."""
        return median_ms(getattr(self, what))


def median_ms(seconds):
    """The median of seconds, in milliseconds."""
    return statistics.median(seconds) * 1000


def run_once(argv, env, want):
    """Runs a command; its exit code must be the wanted one. (CPU seconds with children, wall seconds)"""
    null = os.open(os.devnull, os.O_RDWR)
    begin = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begin
    os.close(null)
    code = os.waitstatus_to_exitcode(status)
    if code != want:
        raise RuntimeError(f"{' '.join(argv)}: exit status {code}, expected {want}")
    return usage.ru_utime + usage.ru_stime, wall


def in_turn(commands, runs, progress=lambda done, of: None):
    """{name: Sample} of {name: (argv, env, wanted exit code)}; one warm-up each is not counted."""
    samples = {name: Sample() for name in commands}
    for number in range(runs + 1):
        for name, (argv, env, want) in commands.items():
            cpu, wall = run_once(argv, env, want)
            if number:
                samples[name].cpu.append(cpu)
                samples[name].wall.append(wall)
        progress(number, runs)
    return samples
