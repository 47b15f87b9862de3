#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs inside a node: what commands cost there, in turn, and what the named ones make of processes.

Standard input: {"runs": N, "commands": {name: [arguments, environment, exit status]}}, and "renewed" or "old": a file that is
waited for after a first run, until it is a new one, or none has come for a while. Prints {name: {"cpu_ms", "wall_ms",
"processes", "programs"}}.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measure  # noqa: E402
import processes  # noqa: E402

ATTACH_S = 10
RENEWED_S, OLD_S = 10, 4


def count(command):
    """{"processes", "programs"} of a command that this process starts, as it has the times before: an agent may look
    at who its parent is."""
    path = pathlib.Path("/tmp/strace")
    path.unlink(missing_ok=True)
    tracer = subprocess.Popen(["/usr/bin/strace", "-f", "-e", f"trace={processes.CALLS}", "-e", "signal=none", "-o", path,
                               "-p", str(os.getpid())], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    status, deadline = pathlib.Path("/proc/self/status"), time.monotonic() + ATTACH_S
    while f"TracerPid:\t{tracer.pid}\n" not in status.read_text(encoding="ascii"):
        if time.monotonic() > deadline or tracer.poll() is not None:
            raise RuntimeError("strace does not trace")
        time.sleep(0.01)
    measure.run_once(*command)
    tracer.terminate()
    tracer.wait()
    own = f"{os.getpid()} "
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    made, programs = processes.tally(line for line in lines if not line.startswith(own))
    return {"processes": made, "programs": programs}


def written_at(path):
    """When it was; long ago, if it is not there."""
    try:
        return os.path.getmtime(path)
    except FileNotFoundError:
        return 0


def settle(asked):
    """Waits for what the caller wants to have happened after a first run of the commands."""
    deadline = time.monotonic() + RENEWED_S
    # The first new one may tell of what was asked before.
    for _ in range(2 if "renewed" in asked else 0):
        begin = time.time()
        while not written_at(asked["renewed"]) > begin:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{asked['renewed']} is not renewed")
            time.sleep(0.05)
    while "old" in asked and written_at(asked["old"]) > time.time() - OLD_S:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{asked['old']} is renewed all the time")
        time.sleep(0.05)


def main():
    """Runs the program."""
    asked = json.load(sys.stdin)
    commands = {name: tuple(command) for name, command in asked["commands"].items()}
    # As on an installed system, where programs find no other folder of libraries to look into.
    base = {name: value for name, value in os.environ.items()
            if not name.startswith("OCF_") and name != "LD_LIBRARY_PATH"}
    commands = {name: (argv, base | env, code) for name, (argv, env, code) in commands.items()}
    for command in commands.values():
        measure.run_once(*command)
    settle(asked)
    found = {name: {"cpu_ms": sample.median(), "wall_ms": sample.median("wall")}
             for name, sample in measure.in_turn(commands, asked["runs"]).items()}
    for name, command in commands.items():
        found[name] |= count(command)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
