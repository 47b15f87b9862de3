# SPDX-License-Identifier: GPL-2.0-or-later
"""The nginx agents' actions on a real nginx. Called by bench/agents, in its private namespaces: the
stock agent ends whatever has its configuration's name on the command line."""

import os
import pathlib
import sys

import measure
import netns

CONFIG = pathlib.Path("/run/bench/nginx.conf")
TEXT = """
worker_processes 2;
pid /run/bench/nginx.pid;
error_log /run/bench/error.log;
events { worker_connections 64; }
http {
	access_log off;
	server {
		listen 127.0.0.1:8080;
		location = /nginx_status { stub_status; }
	}
}
"""
PARAMS = {"configfile": CONFIG, "status10url": "http://127.0.0.1:8080/nginx_status"}


def prepare():
    """A configuration, and folders of our own where nginx insists on writing."""
    for folder in ("/var/log/nginx", "/var/lib/nginx"):
        netns.mount("tmpfs", folder, "tmpfs", 0)
    CONFIG.parent.mkdir()
    os.makedirs("/run/lock", exist_ok=True)
    CONFIG.write_text(TEXT, encoding="utf-8")


def monitor(make, level=0, code=0, **params):
    """A recurring monitor of that depth."""
    argv, env, code = make("nginx", "monitor", code, **{"CRM_meta_interval": 10000} | PARAMS | params)
    return argv, env | {"OCF_CHECK_LEVEL": str(level)}, code


def bench_monitor(bench, empty):
    """Monitors of depth 0 and 10 while it runs, then the probe of one that does not run."""
    bench.do(bench.haops("nginx", "start", **PARAMS))
    found = measure.in_turn({
        "empty": empty, "monitor": monitor(bench.haops), "depth 10": monitor(bench.haops, 10),
        "stock monitor": monitor(bench.stock), "stock depth 10": monitor(bench.stock, 10)}, bench.runs)
    bench.do(bench.haops("nginx", "stop", **PARAMS))
    found |= measure.in_turn({
        "probe": monitor(bench.haops, code=7, CRM_meta_interval=0),
        "stock probe": monitor(bench.stock, code=7, CRM_meta_interval=0)}, bench.runs)
    cpu = {name: sample.median() for name, sample in found.items()}
    names = ("monitor", "depth 10", "probe")
    bench.results["nginx monitor"] = {
        "cpu_ms": cpu, "wall_ms": {name: sample.median("wall") for name, sample in found.items()},
        "per_empty": {name: cpu[name] / cpu["empty"] for name in names},
        "per_stock": {name: cpu[name] / cpu[f"stock {name}"] for name in names}}


def bench_start_stop(bench):
    """Start and stop, and a start after the configuration was written anew; wall times."""
    times = {name: {"start": [], "start, new configuration": [], "stop": []} for name in ("haops", "stock")}
    for _ in range(max(5, bench.runs // 20)):
        for name, make in (("haops", bench.haops), ("stock", bench.stock)):
            for kind in ("start, new configuration", "start"):
                if kind != "start":
                    CONFIG.write_text(TEXT, encoding="utf-8")
                times[name][kind].append(bench.do(make("nginx", "start", **PARAMS))[1])
                times[name]["stop"].append(bench.do(make("nginx", "stop", **PARAMS))[1])
    for action in times["haops"]:
        bench.results[f"nginx {action}"] = {f"{name}_ms": {
            "median": measure.median_ms(kinds[action]), "worst": max(kinds[action]) * 1000}
            for name, kinds in times.items()}


def bench_processes(bench):
    """What each action makes of processes and runs of programs. A monitor is the second one, which knows all it can."""
    for name, make in (("haops", bench.haops), ("stock", bench.stock)):
        stop = make("nginx", "stop", **PARAMS)
        bench.count("nginx start", name, make("nginx", "start", **PARAMS), lambda stop=stop: bench.do(stop))
        bench.do(make("nginx", "start", **PARAMS))
        for action, command in (("monitor", monitor(make)), ("depth 10", monitor(make, 10))):
            bench.do(command)
            bench.count(f"nginx {action}", name, command)
        bench.count("nginx stop", name, stop)
        bench.count("nginx probe", name, monitor(make, code=7, CRM_meta_interval=0))


def run(bench, empty):
    """All of it, into the bench's results."""
    print("... nginx: monitor, probe, start and stop", file=sys.stderr, flush=True)
    prepare()
    bench_monitor(bench, empty)
    bench_processes(bench)
    bench_start_stop(bench)
