# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the processes that an action makes and the programs that it runs, with strace(1), until its own end.

What it leaves behind (a daemon, a background sender) is traced on: the caller ends that, by a stop.
"""

import pathlib
import re
import subprocess
import time

CALLS = "execve,execveat,fork,vfork,clone,clone3"
LIMIT_S = 60
LINE = re.compile(r"^(\d+) +(.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>")


def tally(lines):
    """(processes made, programs run) out of strace's lines up to the end of the first process, or None before that.

    The program of the action itself is not counted, nor are threads.
    """
    begun, made, programs, first = {}, 0, -1, None
    for pid, text in (match.groups() for match in map(LINE.match, lines) if match):
        first = first or pid
        if text.startswith("+++") and pid == first:
            return made, programs
        if text.endswith("<unfinished ...>"):
            begun[pid] = text
            continue
        if RESUMED.match(text):
            text = begun.pop(pid, "") + text
        result = re.search(r"= (-?\d+)[^=]*$", text)
        if not result or int(result.group(1)) < 0 or text.startswith(("---", "+++")):
            continue
        if text.startswith("exec"):
            programs += 1
        elif int(result.group(1)) > 0 and "CLONE_THREAD" not in text:
            made += 1
    return None


def traced(command, folder):
    """Begins a command under strace; (strace's process, its file)."""
    argv, env, _ = command
    path = pathlib.Path(folder) / "strace"
    path.unlink(missing_ok=True)
    tracer = subprocess.Popen(["/usr/bin/strace", "-f", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", path,
                               *argv], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return tracer, path


def count(command, undo=None, folder="/run"):
    """{"processes": ..., "programs": ...} of a command. undo(): ends what it has left."""
    tracer, path = traced(command, folder)
    deadline = time.monotonic() + LIMIT_S
    found = None
    while found is None:
        if time.monotonic() > deadline:
            tracer.kill()
            raise RuntimeError(f"{' '.join(command[0])}: did not end under strace")
        time.sleep(0.01)
        found = tally(path.read_text(encoding="utf-8", errors="replace").splitlines()) if path.exists() else None
    if undo:
        undo()
    tracer.wait(LIMIT_S)
    return {"processes": found[0], "programs": found[1]}
