# SPDX-License-Identifier: GPL-2.0-or-later
"""The stages of "tests/run": one after the other, each with its log in build/logs.

A stage is a name, what it shows, and its commands. All stages run, also after one failed.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

TREE = pathlib.Path(__file__).resolve().parent.parent
BUILD = TREE / "build"
STAGE = BUILD / "stage"
STAGE_LIMIT_S = 1500
# Side by side: clusters wait for timeouts most of the time, and tests on one host for events; what is work for the
# processors fills the gaps. Before them comes "first", after them "alone"; "asked" are those that run only when they are
# named. {lane: niceness}
LANES = {"first": 0, "clusters": 0, "host": 5, "work": 19, "alone": 0, "asked": 0}
MAKE = ["make", "-j2", "--no-print-directory"]
PYTEST = ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]


@dataclasses.dataclass
class Stage:
    """Commands, one after the other, in one of LANES."""
    name: str
    text: str
    commands: list
    lane: str


def configured(name, *options, compiler="gcc"):
    """Commands that configure and build in build/NAME."""
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    configure = [] if (folder / "config.status").exists() else [
        ["env", "-C", folder, f"CC={compiler}", TREE / "configure", "--disable-man", *options]]
    return configure + [[*MAKE, "-C", folder]]


def version():
    """The version that configure.ac names."""
    return re.search(r"AC_INIT\(\[haops\], \[([\d.]+)\]", (TREE / "configure.ac").read_text(encoding="utf-8")).group(1)


def haopsd_scenarios(are_shared):
    """Those that share one cluster, or the others, which have clusters of their own."""
    shared = {f"test_haopsd_{part}.py" for part in ("cluster", "load", "peers", "watch")}
    return sorted(path for path in TREE.glob("tests/scenarios/test_haopsd_*.py")
                  if (path.name in shared) == are_shared)


def stages():
    """The table of stages, in order."""
    main = ["-C", BUILD / "main"]
    return [
        Stage("programs", "all programs of the tests", [[*MAKE, *main, "test-programs"]], "first"),
        Stage("unit", "unit tests, fuzz corpora, style, headers, symbols, manual", [[*MAKE, *main, "check"]], "work"),
        Stage("clang", "the same tree with clang, warnings as errors", [
            *configured("clang", "--enable-developer", "CXX=clang++", compiler="clang")], "work"),
        Stage("sanitizers", "unit and live tests under ASan and UBSan", [
            *configured("sanitizers", "--with-sanitizers=address,undefined", "CFLAGS=-O1 -g"),
            [*MAKE, "-C", BUILD / "sanitizers", "check", "check-live"]], "work"),
        Stage("valgrind", "unit tests under valgrind", [[*MAKE, *main, "check-valgrind"]], "work"),
        Stage("distcheck", "the tarball builds, tests and installs out of tree", [
            [*MAKE, *main, "distcheck"], ["build-aux/check-dist", TREE, BUILD / "main" / f"haops-{version()}.tar.xz"]],
            "work"),
        Stage("fuzz", "every parser, some seconds each", [["tests/fuzz/run", "3", "--build", BUILD / "fuzz"]], "work"),
        Stage("live", "library on the kernel's own interfaces, in private network namespaces", [
            [*MAKE, *main, "check-live"]], "host"),
        Stage("examples", "example programs against the installed library", [[*PYTEST, "tests/examples"]], "host"),
        Stage("agents", "agents on the kernel and on a real nginx", [[*PYTEST, "tests/agents"]], "host"),
        Stage("tools", "haops(8) and its conversation with haopsd", [
            [*MAKE, *main, "haops", "haops-mysql", "haopsd-ipc", "tests/tools/fake-haopsd"], [*PYTEST, "tests/tools"]],
            "host"),
        Stage("daemon", "haopsd without a cluster", [
            [*MAKE, *main, "haopsd/haopsd", "haopsd-mysql", "haopsd-ipc", "haops"], [*PYTEST, "tests/daemon"]], "host"),
        Stage("ocf", "ocf-tester, and the stock agent's own cases", [["tests/agents/run-ocft"]], "host"),
        Stage("lab", "the lab itself", [[*PYTEST, "tests/lab/tests", "--ignore-glob=*/test_machines.py"]], "host"),
        Stage("machines", "the lab's virtual machines: power, disks, fencing, DRBD and NFS in them", [
            [*PYTEST, "tests/lab/tests/test_machines.py"]], "asked"),
        Stage("corosync", "libhaops-cluster on a real Corosync", [[*PYTEST, "tests/cluster"]], "host"),
        Stage("mysql", "libhaops-mysql on real servers: every operation, every fault, killed after every statement", [
            [*MAKE, *main, "tests/mysql/mysql-driver"], [*PYTEST, "tests/mysql"]], "host"),
        Stage("cluster", "faults in a real cluster", [
            [*PYTEST, "tests/scenarios", "--ignore-glob=*/test_haopsd_*", "--ignore-glob=*/test_mysql_*",
             "--ignore-glob=*/test_filesystem_*", "--ignore-glob=*/test_files_*"]], "clusters"),
        Stage("filesystem", "Filesystem in virtual machines: a device that hangs, a server that is dead", [
            [*PYTEST, "tests/scenarios/test_filesystem_machines.py"]], "asked"),
        Stage("files", "a file server of two virtual machines: DRBD, NFS, clients that lose nothing", [
            [*PYTEST, *sorted(TREE.glob("tests/scenarios/test_files_*.py"))]], "asked"),
        Stage("mysql-cluster", "faults of MySQL in a real cluster: no acknowledged write is lost", [
            [*PYTEST, *sorted(TREE.glob("tests/scenarios/test_mysql_*.py"))]], "clusters"),
        Stage("mysql-faults", "ten faults of MySQL, of the row that a seed makes", [
            ["bench/mysql-faults", "--seed", "9", "--count", "10"]], "clusters"),
        Stage("haopsd", "haopsd in a real cluster: each fault that it has to survive", [
            [*PYTEST, *haopsd_scenarios(True)]], "clusters"),
        Stage("leases", "haopsd in clusters of their own: leases, what Pacemaker is told, peer outdate", [
            [*PYTEST, *haopsd_scenarios(False)]], "clusters"),
        Stage("soak", "haopsd under full CPU load, at its defaults", [["bench/haopsd-soak", "--minutes", "5"]], "alone"),
    ]


def run_command(command, env, out, nice):
    """Runs a command in a process group of its own, which ends with it or at the limit. Its exit status."""
    child = subprocess.Popen(["nice", "-n", str(nice), *command], cwd=TREE, env=env, stdin=subprocess.DEVNULL,
                             stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        return child.wait(STAGE_LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"none: ended after {STAGE_LIMIT_S} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def run_stage(stage, log):
    """Runs the commands of a stage into its log; whether all passed."""
    env = dict(os.environ, HAOPS_STAGE=str(STAGE), HAOPS_BUILD=str(BUILD), PYTHONDONTWRITEBYTECODE="1")
    with open(log, "ab", buffering=0) as out:
        for command in stage.commands:
            out.write(("$ " + " ".join(map(str, command)) + "\n").encode())
            status = run_command(list(map(str, command)), env, out, LANES[stage.lane])
            if status:
                out.write(f"exit status {status}\n".encode())
                return False
    return True


def tail(log, count=60):
    """The last lines of a log."""
    lines = pathlib.Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join("    " + line for line in lines[-count:])


class Results:
    """What passed and what failed; tells it as it comes, from two threads."""

    def __init__(self):
        self.passed = {}
        self._lock = threading.Lock()
        self._logs = BUILD / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)

    def say(self, text):
        """One message, whole."""
        with self._lock:
            print(text, flush=True)

    def run(self, some):
        """Runs stages one after the other."""
        for stage in some:
            log = self._logs / f"{stage.name}.log"
            log.unlink(missing_ok=True)
            self.say(f"==> {stage.name}: {stage.text} ...")
            begin = time.monotonic()
            passed = self.passed[stage.name] = run_stage(stage, log)
            text = f"    {stage.name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - begin:.0f} s"
            self.say(text if passed else f"{text}\n{tail(log)}\n    whole log: {log}")


def main():
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="tests/run", description="Passes all tests of haops.")
    parser.add_argument("stage", nargs="*", help="stages to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the stages and end")
    args = parser.parse_args()
    table = stages()
    if args.list:
        print("\n".join(f"{stage.name:12} {stage.text}" for stage in table))
        return 0
    unknown = set(args.stage) - {stage.name for stage in table}
    if unknown:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; --list tells them")
    table = [stage for stage in table if stage.name in args.stage or not args.stage and stage.lane != "asked"]
    results = Results()
    lanes = {lane: [stage for stage in table if stage.lane == lane] for lane in LANES}
    results.run(lanes.pop("first"))
    last = lanes.pop("alone") + lanes.pop("asked")
    threads = [threading.Thread(target=results.run, args=(some,)) for some in lanes.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.run(last)
    passed = sum(results.passed.values())
    print(f"{passed} passed, {len(table) - passed} failed")
    return 0 if passed == len(table) else 1


if __name__ == "__main__":
    sys.exit(main())
