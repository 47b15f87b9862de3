# SPDX-License-Identifier: GPL-2.0-or-later
"""What haopsd and its helpers cost: CPU time and memory of each process, by /proc."""

import re
import time

PROGRAMS = ("haopsd", "haopsd-pacemaker", "haopsd-disk", "haopsd-ipc")


def processes(node):
    """{in-node pid: name} of haopsd and of what it started."""
    table = node.run(["/usr/bin/ps", "-eo", "pid=,ppid=,args="]).stdout.splitlines()
    rows = [line.split(None, 2) for line in table]
    found = {pid: "haopsd" for pid, _, args in rows if args.split()[0].endswith("/haopsd")
             and "env" not in args.split()[0]}
    while True:
        more = {pid: args.split()[0].rsplit("/", 1)[-1].rstrip(":") for pid, ppid, args in rows
                if ppid in found and pid not in found}
        if not more:
            return found
        found |= more


def cpu_ns(node, pid):
    """CPU time of all threads, ns; what ended threads used is not in it (haopsd keeps its own)."""
    text = node.run(["/usr/bin/find", f"/proc/{pid}/task", "-maxdepth", "2", "-name", "schedstat",
                     "-exec", "/usr/bin/cat", "{}", "+"]).stdout
    return sum(int(line.split()[0]) for line in text.splitlines())


def memory_kb(node, pid):
    """RSS and PSS."""
    text = node.read(f"/proc/{pid}/smaps_rollup")
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", text, re.M))
    return {key.lower(): int(found.get(key, 0)) for key in ("Rss", "Pss")}


def own_kb(node, pids):
    """Memory that the processes have made themselves (heap, stacks). What grows besides it are pages of
    libraries and of libqb's ring buffers, which are touched one after the other up to their size."""
    texts = [node.read(f"/proc/{pid}/smaps_rollup") for pid in pids]
    return sum(int(re.search(r"^Anonymous:\s+(\d+) kB", text, re.M)[1]) for text in texts)


def together_kb(node, pids, others=frozenset()):
    """What these processes hold resident together: pages of files that several of them map count
    once, and whole. Files of `others` do not count: they are there anyway."""
    anonymous, files = 0, {}
    for pid in pids:
        place = None
        for line in node.read(f"/proc/{pid}/smaps").splitlines():
            if "-" in line.split(" ", 1)[0]:
                words = line.split()
                place = (words[5] if len(words) > 5 else "", words[2])
            elif line.startswith("Rss:"):
                rss = int(line.split()[1])
            elif line.startswith("Anonymous:"):
                own = int(line.split()[1])
                anonymous += own
                if rss > own and place[0] not in others:
                    files[place] = max(files.get(place, 0), rss - own)
    return anonymous + sum(files.values())


def cluster_files(node):
    """Files that Corosync's and Pacemaker's own processes have mapped."""
    pids = [pid for name in ("corosync", "pacemakerd", "pacemaker-based", "pacemaker-fenced", "pacemaker-execd",
                             "pacemaker-attrd", "pacemaker-schedulerd", "pacemaker-controld")
            for pid in node.pids(name)]
    return {words[5] for pid in pids for words in map(str.split, node.read(f"/proc/{pid}/maps").splitlines())
            if len(words) > 5 and words[5].startswith("/")}


def measure(nodes, seconds):
    """{node: {"processes": [{"name", "cpu" (share of one core), "rss", "pss"}], "cpu",
    "resident", "added"}} over so many seconds."""
    began = {node.name: (processes(node), {}) for node in nodes}
    for node in nodes:
        found, used = began[node.name]
        used.update({pid: (time.monotonic(), cpu_ns(node, pid)) for pid in found})
    time.sleep(seconds)
    result = {}
    for node in nodes:
        found, used = began[node.name]
        rows = [{"name": name, "cpu": (cpu_ns(node, pid) - used[pid][1]) / 1e9 / (time.monotonic() - used[pid][0]),
                 **memory_kb(node, pid)} for pid, name in found.items()]
        result[node.name] = {"processes": rows, "cpu": sum(row["cpu"] for row in rows),
                             "resident": together_kb(node, found),
                             "added": together_kb(node, found, cluster_files(node))}
    return result
