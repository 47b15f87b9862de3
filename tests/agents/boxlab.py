# SPDX-License-Identifier: GPL-2.0-or-later
"""A box for an agent and its service: network, mount and process namespaces of its own, private /run, logs and state.

All that runs in it ends with its first process, and that ends with the test.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

from netlab import Agent, Result, wait_until

INIT = """
import os, signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
for folder in ["/run"] + sys.argv[1:]:
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
os.makedirs("/run/box")
os.makedirs("/run/lock", exist_ok=True)
print("ready", flush=True)
while True:
    signal.sigwait([signal.SIGCHLD])
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
"""


class Box:
    """Namespaces with an agent run in them; folders are empty ones of their own there."""

    def __init__(self, agents, name, folders=(), instance="web"):
        self.agent = Agent(agents, name)
        self.instance = instance
        self.holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "-n", "-m", "-p", "--propagation", "private", "--fork",
             "--kill-child=KILL", "--mount-proc", sys.executable, "-c", INIT, *folders], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            raise OSError("no private namespaces: run as root")
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        self.init = int(children.read_text(encoding="ascii").split()[0])
        self.root = pathlib.Path(f"/proc/{self.init}/root")

    def path(self, path):
        """A path of the box, as seen from outside."""
        return self.root / path.lstrip("/")

    def write(self, path, text):
        """Writes a file in the box."""
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text, encoding="utf-8")
        return path

    def command(self, argv):
        """argv, to be run in here."""
        return ["nsenter", "-t", str(self.init), "-n", "-m", "-p", "--", *map(str, argv)]

    def run(self, *argv, check=True, timeout=60, **kwargs):
        """Runs a command in here."""
        return subprocess.run(self.command(argv), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=check, timeout=timeout, **kwargs)

    def spawn(self, *argv, **kwargs):
        """Starts a command in here that ends with the returned process."""
        return subprocess.Popen(self.command(["setpriv", "--pdeathsig", "KILL", *argv]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, **kwargs)

    def environment(self, params, meta=None, instance=None, extra=None):
        """The agent's environment; a probe has interval 0 in meta."""
        return self.agent.environment(params, {"interval": 10000, **(meta or {})},
                                      instance or self.instance, extra)

    def call(self, action, params, meta=None, instance=None, extra=None):
        """Runs an action of the agent."""
        return Result(self.run(self.agent.program, action, check=False,
                               env=self.environment(params, meta, instance, extra)))

    def probe(self, params, instance=None):
        """Runs a probe."""
        return self.call("monitor", params, {"interval": 0}, instance)

    def level(self, level, params, instance=None):
        """Runs a monitor of this depth."""
        return self.call("monitor", params, instance=instance, extra={"OCF_CHECK_LEVEL": str(level)})

    def strace(self, options, action, params, meta=None, instance=None, extra=None):
        """Runs an action under strace(1). A leak checker makes a process itself, and fails when traced."""
        env = self.environment(params, meta, instance, extra)
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return self.run("strace", *options, self.agent.program, action, check=False, env=env)

    def trace(self, action, params, meta=None, instance=None, extra=None):
        """Runs an action under strace; returns (result, lines of calls that make processes or programs)."""
        done = self.strace(["-f", "-e", "trace=process", "-o", "/run/box/strace"], action, params, meta, instance,
                           extra)
        lines = self.path("/run/box/strace").read_text(encoding="utf-8", errors="replace").splitlines()
        made = [line for line in lines if any(f" {call}(" in line for call in
                                              ("fork", "vfork", "clone", "clone3", "execve", "execveat"))]
        return Result(done), made[1:]

    def processes(self, name=None):
        """{pid in the box: command line} of the living processes of this name, but for the agent's own."""
        done = self.run(sys.executable, "-c", LIST, name or self.agent.name)
        return {int(pid): text for pid, text in json.loads(done.stdout).items()}

    def kill(self, pid, sig=signal.SIGKILL):
        """Signals a process of the box, which this test started."""
        self.run("/bin/kill", f"-{int(sig)}", str(pid))

    def kill_and_wait(self, pid):
        """Ends a process of the box and waits until it is gone."""
        self.kill(pid)
        wait_until(lambda: pid not in self.processes(), f"{pid} gone")

    def close(self):
        """Ends everything in here."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.init, signal.SIGKILL)
        self.holder.wait(10)
        self.holder.stdout.close()


LIST = """
import json, os, sys
found = {}
for entry in os.listdir("/proc"):
    try:
        if not entry.isdigit():
            continue
        stat = open(f"/proc/{entry}/stat").read()
        name = stat.partition("(")[2].rpartition(")")[0]
        if name == sys.argv[1] and stat.rpartition(")")[2].split()[0] not in "ZX":
            found[entry] = open(f"/proc/{entry}/cmdline").read().replace(chr(0), " ").strip()
    except OSError:
        pass
print(json.dumps(found))
"""
