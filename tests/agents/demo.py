# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the demo agent as the cluster runs an agent: with nothing but the variables that a test gives.

Build it with "make check", or name a build folder in HAOPS_BUILD.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
LOADER = "/lib64/ld-linux-x86-64.so.2"
PROGRAM = "tests/agents/demo-agent"


def find_build():
    """The build folder that has the demo agent."""
    named = os.environ.get("HAOPS_BUILD")
    places = [pathlib.Path(named) / "main", pathlib.Path(named)] if named else []
    places += [TREE / "build" / "main", TREE / "build", TREE, pathlib.Path.cwd()]
    for place in places:
        if (place / "Makefile").exists() and not (place / PROGRAM).exists():
            subprocess.run(["make", "-s", "-C", place, PROGRAM], check=True, stdout=subprocess.DEVNULL)
        if (place / PROGRAM).exists():
            return place
    raise AssertionError("the demo agent is not built: configure in build/main, or set HAOPS_BUILD")


class Demo:
    """The demo agent, copied to where any user may run it."""

    def __init__(self):
        build = find_build()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="haops-demo-"))
        self.folder.chmod(0o755)
        program = build / "tests/agents/.libs/demo-agent"
        shutil.copy(program if program.exists() else build / PROGRAM, self.folder / "demo")
        for library in (build / ".libs").glob("libhaops.so*"):
            shutil.copy(library, self.folder / library.name)
        self.argv = [LOADER, "--library-path", str(self.folder), str(self.folder / "demo")]

    def close(self):
        """Removes the copy."""
        shutil.rmtree(self.folder)

    def run(self, action, env=None, before=(), **kwargs):
        """Runs one action with exactly this environment; before is a command that starts it."""
        args = action if isinstance(action, list) else [action]
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        if "stdout" not in kwargs:
            kwargs.update(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return subprocess.run([*before, *self.argv, *args], env=env or {}, text=True, timeout=60,
                              check=False, **kwargs)

    def wrapper(self, path):
        """Writes a program that is the agent, for tools that start one by its path."""
        path.write_text(f"#!/bin/sh\nexec {' '.join(self.argv)} \"$@\"\n", encoding="ascii")
        path.chmod(0o755)


def params(**values):
    """Parameters as environment variables."""
    return {f"OCF_RESKEY_{name}": str(value) for name, value in values.items()}


def meta(**values):
    """Meta attributes as environment variables."""
    return params(**{f"CRM_meta_{name}": value for name, value in values.items()})


def reason(done):
    """The exit reason that Pacemaker would show, or None."""
    found = [line for line in done.stderr.split("\n") if line.startswith("ocf-exit-reason:")]
    return found[-1][len("ocf-exit-reason:"):][:128] if found else None
