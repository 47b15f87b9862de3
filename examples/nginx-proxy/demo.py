# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows a failover: three nodes of a real cluster with the proxy of this folder, a visitor who asks
every 10 ms, and then the power of the node that has the proxy is cut.

Prints what the visitor saw, step by step. Each time is that of the log line or packet itself.
Exit status 0: the visitor was served again, and every step of the failover was seen.
"""
import argparse
import contextlib
import json
import os
import sys
import time

sys.dont_write_bytecode = True
TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(TREE, "tests", "lab"))
from haopslab import LabError, proxy, stages, timeline  # noqa: E402
from haopslab.reporter import clock  # noqa: E402

LOGS = os.path.join(TREE, "build", "logs", "demo")
QUIET_BEFORE = 1.0  # seconds that the visitor is served before the fault
STAGE_WORDS = {
    "detection": "detection: corosync makes sure that the node is gone",
    "fencing": "fencing: fence_ipmilan makes sure that it stays gone",
    "transition": "transition: Pacemaker decides, and goes from one action to the next",
    "agent": "agent: IPaddr2 and nginx start",
    "first_answer": "first answer: the visitor's request comes through",
}
ADDRESSES = {"vip4": proxy.VIP4, "vip6": proxy.VIP6}


def text_of(step):
    """A step of stages.py in words, or None if it is not for the reader."""
    what = step["what"]
    if step["key"] == "started":
        words = {"vip4": f"IPaddr2: {proxy.VIP4} added", "vip6": f"IPaddr2: {proxy.VIP6} added"}
        return f"{words.get(what, f'{what}: started')} (the agent took {step['took_ms']} ms)"
    return {
        "token": f"corosync: {what}, asks who is still there",
        "lost": "corosync: new membership without it",
        "quorum": f"corosync: quorum {what}",
        "dc": "Pacemaker: takes over as designated controller, which was lost",
        "fence_asked": f"Pacemaker: {what} is to be fenced before anything of it is started",
        "fence_done": f"fence_ipmilan ({what}): its management board says that the power is off",
        "fenced": "Pacemaker: knows that it is fenced",
        "failed": f"{what}: start FAILED",
        "announces": f"announces {what} to the network",
    }.get(step["key"])


def told_steps(result, visits):
    """(seconds, who, text) of all that is shown, in order."""
    told = [(0.0, "", f"power of {result['node']} is cut")]
    seen = set()
    for step in result["steps"]:
        # Every survivor logs the same news, and announcements are repeated: the first one counts.
        same = (step["key"], step["what"] if step["key"] in ("announces", "started") else "")
        if same not in seen and (text := text_of(step)):
            seen.add(same)
            told.append((step["seconds"], step["machine"], text))
    for url, visit in visits.items():
        if outage := stages.first_answer(visit, result["wall"]):
            before = [s for s in visit["served"] if s["first"] <= outage["start"]][-1]
            after = next(s for s in visit["served"] if s["last"] >= outage["answered"])
            told.append((outage["start"] - result["wall"], "visitor",
                         f"last page of {url}, answered by {before['who']}"))
            told.append((outage["answered"] - result["wall"], "visitor",
                         f"first page of {url} again, answered by {after['who']}"))
    return sorted(told, key=lambda line: line[0])


def unseen(result, visits):
    """Steps that should have been seen and were not."""
    seen = {(s["key"], s["what"]) for s in result["steps"]}
    keys = {key for key, _ in seen}
    missing = [k for k in ("token", "lost", "quorum", "fence_asked", "fence_done", "fenced")
               if k not in keys]
    missing += [f"start of {r}" for r in proxy.RESOURCES if ("started", r) not in seen]
    missing += [f"announcement of {a}" for a in ADDRESSES.values() if ("announces", a) not in seen]
    missing += [f"answer by {url} after the fault" for url, visit in visits.items()
                if not stages.first_answer(visit, result["wall"]) or not visit["last_ok"]]
    return missing + [f"stage {name}" for name in result["missing"]]


class Screen:
    """Where text goes, and how it looks there."""

    def __init__(self, is_json):
        self._out = sys.stderr if is_json else sys.stdout
        self._has_colour = self._out.isatty() and "NO_COLOR" not in os.environ

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self._has_colour else text

    def say(self, text):
        """Progress."""
        print(self.paint("1", "==>"), text, file=self._out, flush=True)

    def line(self, text=""):
        print(text, file=self._out, flush=True)

    def steps(self, told):
        """The table of steps."""
        for seconds, who, text in told:
            code = {"": "31", "visitor": "32"}.get(who, "0")
            self.line(f"  {seconds:+8.3f} s  {who:8} {self.paint(code, text)}")


def summary(result, visits):
    """Lines below the table."""
    for url, visit in visits.items():
        if outage := stages.first_answer(visit, result["wall"]):
            yield (f"A visitor of {url} waited {outage['answered'] - outage['start']:.3f} s; "
                   f"{visit['failed']} of {visit['sent']} requests failed, one each 10 ms.")
    if result["answered"] and not result["missing"]:
        yield ""
        yield "Where the time went:"
        for name, value in result["stages"].items():
            yield f"  {value:7.3f} s  {value / result['answered']:5.1%}  {STAGE_WORDS[name]}"


def run(words, screen):
    """The whole demo; returns its result."""
    began = time.monotonic()
    name = words.name or ("demo" if words.keep else f"demo-{os.getpid()}")
    with contextlib.ExitStack() as stack:
        cluster = proxy.start(is_stock=words.stock, say=screen.say, name=name)
        stack.callback(cluster.down)
        victim = cluster.where("nginx")[0]
        others = " and ".join(name for name in cluster.node_names() if name != victim)
        screen.say(f"{victim} has the proxy after {time.monotonic() - began:.1f} s, {others} wait; "
                   "a visitor asks by IPv4 and IPv6")
        try:
            result, visits = cut_power(cluster, victim, screen)
        except (LabError, ValueError):
            screen.say(f"logs are in {timeline.save(cluster, LOGS)}")
            raise
        timeline.save(cluster, LOGS)
        if words.keep:
            cluster.disown()
            stack.pop_all()
    missing = unseen(result, visits)
    if words.json:
        print(json.dumps(result | {"visits": visits, "unseen": missing}, indent=1))
    screen.line(screen.paint("1", "\nWhat happened, in seconds since the power cut at "
                             f"{clock(result['wall'])}"))
    screen.steps(told_steps(result, visits))
    screen.line()
    for text in summary(result, visits):
        screen.line(text)
    for what in missing:
        screen.line(screen.paint("31", f"Not seen: {what}"))
    if words.keep:
        hint(screen, name, result["node"])
    else:
        screen.line(f"All logs: {LOGS}")
    return 1 if missing else 0


def cut_power(cluster, victim, screen):
    """The fault, and waiting for what follows; (result of stages.analyse, reports by URL)."""
    urls = (proxy.URL4, proxy.URL6)
    with contextlib.ExitStack() as stack:
        observer = stack.enter_context(cluster.observer(proxy.VIP4, proxy.VIP6))
        probers = [stack.enter_context(cluster.prober_http(url)) for url in urls]
        probers[0].sleep_until_interrupt(QUIET_BEFORE)
        screen.say(f"cutting the power of {victim}")
        cluster.node(victim).kill()
        for prober in probers:
            prober.wait_recovered()
        cluster.crm.wait_settled()
    observer.assert_single()
    visits = {prober.target: prober.report for prober in probers}
    events = timeline.collect(cluster, verbose=True)
    return stages.analyse(events, visits[urls[0]], proxy.RESOURCES), visits


def hint(screen, name, victim):
    """How to go on with a cluster that was kept."""
    lab = f"{os.path.relpath(TREE)}/tests/lab/lab --name {name}".removeprefix("./")
    screen.line("\nThe cluster runs on. Look around with:")
    for command, meaning in (
            ("status", "machines, faults, what the cluster thinks"),
            ("ssh n2 crm_mon -1", "a command, or a shell, in a node"),
            (f"boot {victim}", "power on again"),
            (f"probe {proxy.URL4}", "be a visitor, until Ctrl-C"),
            ("timeline", "all logs in order of time"), ("down", "remove it all")):
        screen.line(f"  {lab} {command:26}  {meaning}")


def main():
    """Runs the program."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stock", action="store_true",
                        help="the same with the agents of package resource-agents")
    parser.add_argument("--json", action="store_true", help="the result for programs, on stdout")
    parser.add_argument("--keep", action="store_true", help="let the cluster run on afterwards")
    parser.add_argument("--name", help="name of the lab (default: demo with --keep)")
    words = parser.parse_args()
    screen = Screen(words.json)
    try:
        return run(words, screen)
    except (LabError, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; nothing of it is left", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
