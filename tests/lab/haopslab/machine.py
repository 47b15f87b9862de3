# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine as its user handles it: run a command in it, kill it, boot it, hurt it."""
from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Iterator

from .daemon import Status
from .wait import LabError, patient, wait_until

if TYPE_CHECKING:
    from .link import LabLink


class Machine:
    """Handle of one machine (node, client or host). It holds no state: the keeper has it."""

    def __init__(self, link: "LabLink", name: str):
        self._link = link
        self.name = name

    def __repr__(self) -> str:
        return f"<machine {self.name}>"

    def state(self) -> dict:
        """The keeper's words on this machine: power, boots, services, addresses, cut, ..."""
        machines = self._link.status()["machines"]
        if self.name not in machines:
            raise LabError(f"no machine {self.name!r}; there are {', '.join(machines)}")
        return machines[self.name]

    @property
    def ip(self) -> str:
        """Address on the service network."""
        return self.state()["ipv4"][0]

    @property
    def ip6(self) -> str:
        return self.state()["ipv6"][0]

    def is_on(self) -> bool:
        return self.state()["power"] in ("on", "booting")

    # Commands -----------------------------------------------------------------------------------

    def command(self, argv: list[str]) -> list[str]:
        """The host command that runs `argv` inside the machine."""
        prefix = self.state()["prefix"]
        if not prefix:
            raise LabError(f"{self.name} is powered off; boot it first")
        return prefix + argv

    def run(self, argv: list[str], *, check: bool = True, timeout: float = 60,
            stdin: str | None = None, env: dict[str, str] | None = None
            ) -> subprocess.CompletedProcess:
        """Run a command in the machine and wait for it; output is captured as text.

        With `check`, a status other than 0 is a LabError with the command's output.
        """
        timeout = patient(timeout)
        try:
            done = subprocess.run(self.command(argv), input=stdin, text=True, check=False,
                                  capture_output=True, timeout=timeout, errors="replace",
                                  stdin=subprocess.DEVNULL if stdin is None else None,
                                  env={**self._link.env(), **(env or {})})
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name}: {' '.join(argv)} took more than {timeout:g} s") \
                from error
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {' '.join(argv)}: status {done.returncode}: "
                           f"{(done.stderr + done.stdout).strip()}")
        return done

    def environment(self) -> dict[str, str]:
        """Environment of commands in the machine."""
        return self._link.env()

    def popen(self, argv: list[str], **options: object) -> subprocess.Popen:
        """Start a command in the machine; it ends with the machine at the latest."""
        return subprocess.Popen(self.command(argv), env=self._link.env(), **options)

    def start_service(self, name: str, argv: list[str] | None = None) -> None:
        """Let the machine's init run a program; output goes to its boot.log."""
        self._link.call("service", name=self.name, action="start", service=name, argv=argv)

    def stop_service(self, name: str, signum: int = signal.SIGTERM, timeout: float = 30) -> None:
        """Signal a program of the init, and wait until it has ended."""
        self._link.call("service", name=self.name, action="stop", service=name, signum=signum)
        wait_until(f"{self.name}: end of {name}", lambda: (
            name not in self.state()["services"], self.state()["services"]), timeout)

    # Power and faults ----------------------------------------------------------------------------

    def kill(self) -> None:
        """Power off at once. Returns when nothing of the machine runs any more."""
        self._link.call("kill", name=self.name)

    def boot(self, wait: bool = True, timeout: float = 60) -> None:
        """Power on; with `wait`, until its services were started."""
        self._link.call("boot", name=self.name)
        if wait:
            self.wait_booted(timeout)

    def wait_booted(self, timeout: float = 60) -> None:
        def seen() -> tuple[bool, object]:
            state = self.state()
            if state["power"] == "failed":
                raise LabError(f"{self.name} failed to boot: {state['reason']}")
            return state["power"] == "on", state["power"]
        wait_until(f"{self.name} to boot", seen, timeout)

    def cut(self, ring: int | str = "all") -> None:
        """Pull the cable of one ring, or of all."""
        self._link.call("cut", name=self.name, ring=ring)

    def heal(self, ring: int | str = "all") -> None:
        self._link.call("cut", name=self.name, ring=ring, is_cut=False)

    def loss(self, percent: int, ring: int = 0) -> None:
        """Lose a share of this machine's packets on a ring, in both directions; 0 ends it."""
        self._link.call("loss", ring=ring, percent=percent, name=self.name)

    def freeze(self, process: str) -> list[int]:
        """SIGSTOP all processes of that name."""
        return self._link.call("freeze", name=self.name, process=process)

    def thaw(self, process: str) -> list[int]:
        return self._link.call("thaw", name=self.name, process=process)

    def signal(self, process: str, signum: int) -> list[int]:
        """Signal all processes of that name in this machine."""
        return self._link.call("send_signal", name=self.name, process=process, signum=signum)

    def fill(self) -> None:
        """Fill the machine's own disk (/etc, /var, /srv, /tmp)."""
        self._link.call("fill", name=self.name)

    def unfill(self) -> None:
        self._link.call("unfill", name=self.name)

    def fill_folder(self, folder: str = "/run/haops") -> None:
        """Fill a folder that has a file system of its own (options tmpfs, volumes)."""
        self._link.call("fill_folder", name=self.name, folder=folder)

    def unfill_folders(self) -> None:
        self._link.call("unfill_folders", name=self.name)

    def hog(self, count: int | None = None) -> None:
        """Run busy loops, twice as many as there are cores unless given; 0 ends them."""
        count = 2 * len(os.sched_getaffinity(0)) if count is None else count
        self._link.call("hog", name=self.name, count=count)

        def running() -> list[str]:
            return [name for name in self.state()["services"] if name.startswith("hog")]
        wait_until(f"{self.name}: {count} busy loops", lambda: (
            len(running()) == count, running()), 10)

    @contextlib.contextmanager
    def limited_files(self, process: str, count: int) -> Iterator[None]:
        """Let the processes of that name open no descriptor numbered `count` or above."""
        before = {}
        for pid in self.pids(process):
            line = self.run(["/usr/bin/prlimit", "--pid", pid, "--nofile", "--noheadings",
                             "--raw", "-o", "SOFT"]).stdout
            before[pid] = line.strip()
            self._limit_files(pid, str(count))
        try:
            yield
        finally:
            for pid in set(before) & set(self.pids(process)):
                self._limit_files(pid, before[pid])

    def _limit_files(self, pid: str, soft: str) -> None:
        self.run(["/usr/bin/prlimit", "--pid", pid, f"--nofile={soft}:"])

    def pids(self, process: str) -> list[str]:
        """Numbers, in the machine, of the processes of that name."""
        return self.run(["/usr/bin/pidof", process], check=False).stdout.split()

    # Cluster and haopsd --------------------------------------------------------------------------

    def restart_cluster(self, timeout: float = 60) -> None:
        """Stop Pacemaker, haopsd and corosync in order, and start them again, as a package update
        does; returns when they were started, before the node is online again."""
        names = [n for n in ("pacemakerd", "haopsd", "corosync") if n in self.state()["services"]]
        for name in names:
            self.stop_service(name, timeout=timeout)
        for name in reversed(names):
            self.start_service(name)
            self.wait_service(name, timeout)

    def wait_service(self, name: str, timeout: float = 30) -> None:
        """Until a service that was started by hand is ready in the way that its spec names."""
        spec = next(s for s in self._spec()["services"] if s["name"] == name)

        def seen() -> tuple[bool, object]:
            state = self.state()
            is_ready = name in state["services"]
            if spec["notifies"]:
                is_ready = is_ready and name in state["ready"]
            elif spec["ready_socket"]:
                table = self.read("/proc/net/unix").splitlines()
                is_ready = any(line.split()[-1].strip("@") == spec["ready_socket"]
                               for line in table)
            return is_ready, {key: state[key] for key in ("services", "ready", "ended")}
        wait_until(f"{self.name}: {name} to be ready", seen, timeout)

    def _spec(self) -> dict:
        machines = self._link.status()["spec"]["machines"]
        return next(machine for machine in machines if machine["name"] == self.name)

    def haops(self, *words: str, check: bool = True, timeout: float = 10) -> object:
        """Run haops(8): what it prints, as data if --json is among the words."""
        text = self.run(["/usr/sbin/haops", *words], check=check, timeout=timeout).stdout
        return json.loads(text) if "--json" in words else text

    def haopsd_status(self, timeout: float = 10) -> Status:
        """What the machine's haopsd says."""
        done = self.run(["/usr/sbin/haops", "status", "--json"], check=False, timeout=timeout)
        # Its exit status says how well the cluster is; without haopsd there is no status.
        data = json.loads(done.stdout) if done.stdout else {}
        if "nodes" not in data:
            raise LabError(f"{self.name}: haops status: {(done.stderr or done.stdout).strip()}")
        return Status(data)

    # Files ---------------------------------------------------------------------------------------

    def root(self) -> str:
        """The machine's root folder as seen from the host; only while it is on, and only of a
        namespace machine."""
        if self.state()["kind"] != "namespace":
            raise LabError(f"{self.name}: the host does not see its files; use read and write")
        return f"/proc/{self.state()['prefix'][2]}/root"

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file in the machine."""
        self.run(["/usr/bin/install", "-D", "-m", f"{mode:o}", "/dev/stdin", path], stdin=text)

    def read(self, path: str) -> str:
        return self.run(["/usr/bin/cat", path]).stdout

    def log_paths(self) -> dict[str, str]:
        """Logs that exist, as paths on the host; readable while the machine is off, too."""
        paths = {name: self._link.host_path(path) for name, path in self.state()["logs"].items()}
        return {name: path for name, path in paths.items() if os.path.exists(path)}
