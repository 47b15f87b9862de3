# SPDX-License-Identifier: GPL-2.0-or-later
"""The Filesystem agents' actions on ext4 on a loop device. Called by bench/agents, in its private namespaces."""

import pathlib
import subprocess
import sys

import measure

FOLDER = pathlib.Path("/run/bench-filesystem")
HOLD = f"cd {FOLDER}/mount && echo in && exec sleep 1000"


def params(device):
    """The resource."""
    return {"device": device, "directory": FOLDER / "mount", "fstype": "ext4"}


def monitor(make, one, level=0, code=0, interval=20000):
    """A monitor of that depth; a probe has interval 0."""
    argv, env, code = make("Filesystem", "monitor", code, CRM_meta_interval=interval, **one)
    return argv, env | {"OCF_CHECK_LEVEL": str(level)}, code


def bench_monitor(bench, empty, one):
    """Monitors of each depth while it is mounted, then the probe of one that is not."""
    bench.do(bench.haops("Filesystem", "start", **one))
    found = measure.in_turn({
        "empty": empty, "monitor": monitor(bench.haops, one), "depth 10": monitor(bench.haops, one, 10),
        "depth 20": monitor(bench.haops, one, 20), "stock monitor": monitor(bench.stock, one),
        "stock depth 10": monitor(bench.stock, one, 10), "stock depth 20": monitor(bench.stock, one, 20)}, bench.runs)
    bench.do(bench.haops("Filesystem", "stop", **one))
    found |= measure.in_turn({
        "probe": monitor(bench.haops, one, code=7, interval=0),
        "stock probe": monitor(bench.stock, one, code=7, interval=0)}, bench.runs)
    cpu = {name: sample.median() for name, sample in found.items()}
    names = ("monitor", "depth 10", "depth 20", "probe")
    bench.results["Filesystem monitor"] = {
        "cpu_ms": cpu, "wall_ms": {name: sample.median("wall") for name, sample in found.items()},
        "per_empty": {name: cpu[name] / cpu["empty"] for name in names},
        "per_stock": {name: cpu[name] / cpu[f"stock {name}"] for name in names}}


def stop_busy(bench, command):
    """Seconds of a stop that has to end a process first."""
    with subprocess.Popen(["sh", "-c", HOLD], stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        took = bench.do(command)[1]
        if holder.wait(10) != -15:
            raise RuntimeError("the process was not ended by SIGTERM")
    return took


def bench_start_stop(bench, one):
    """Start, stop, and a stop with a process in the way; wall times."""
    times = {name: {"start": [], "stop": [], "stop, a process in the way": []} for name in ("haops", "stock")}
    for _ in range(max(5, bench.runs // 20)):
        for name, make in (("haops", bench.haops), ("stock", bench.stock)):
            start, stop = make("Filesystem", "start", **one), make("Filesystem", "stop", **one)
            times[name]["start"].append(bench.do(start)[1])
            times[name]["stop"].append(bench.do(stop)[1])
            bench.do(start)
            times[name]["stop, a process in the way"].append(stop_busy(bench, stop))
    for action in times["haops"]:
        bench.results[f"Filesystem {action}"] = {f"{name}_ms": {
            "median": measure.median_ms(kinds[action]), "worst": max(kinds[action]) * 1000}
            for name, kinds in times.items()}


def bench_processes(bench, one):
    """What each action makes of processes and runs of programs. A monitor is the second one."""
    for name, make in (("haops", bench.haops), ("stock", bench.stock)):
        start, stop = make("Filesystem", "start", **one), make("Filesystem", "stop", **one)
        bench.count("Filesystem start", name, start, lambda stop=stop: bench.do(stop))
        bench.do(start)
        for action, level in (("monitor", 0), ("depth 10", 10), ("depth 20", 20)):
            bench.do(monitor(make, one, level))
            bench.count(f"Filesystem {action}", name, monitor(make, one, level))
        bench.count("Filesystem stop", name, stop)
        bench.count("Filesystem probe", name, monitor(make, one, code=7, interval=0))


def run(bench, empty):
    """All of it, into the bench's results."""
    print("... Filesystem: monitor, probe, start and stop", file=sys.stderr, flush=True)
    FOLDER.mkdir()
    image = FOLDER / "image"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    device = subprocess.run(["losetup", "-f", "--show", image], check=True, capture_output=True, text=True).stdout.strip()
    try:
        one = params(device)
        bench_monitor(bench, empty, one)
        bench_processes(bench, one)
        bench_start_stop(bench, one)
    finally:
        subprocess.run(["losetup", "-d", device], check=True)
