# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `lab`: one function per subcommand, and the table that describes them."""
from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Callable

from . import rpc, stage, timeline
from .cluster import Cluster
from .corosync import CorosyncConfig
from .wait import LabError

EPILOG = """\
A first session:
  lab up 3                    three nodes n1 n2 n3 with real corosync and pacemaker, two rings
  lab status                  machines, faults, and what the cluster thinks
  lab ssh n1 crm_mon -1       run a command in a node; without a command: a shell
  lab kill n1                 cut its power      (lab boot n1: power on again)
  lab cut n2 --ring 0         pull a cable       (lab heal n2: put all back)
  lab probe http://10.77.0.100/     what a visitor sees, until Ctrl-C
  lab timeline                all logs and events, merged in order of time
  lab down                    everything is gone

Addresses: nodes 10.77.R.11 up and fd00:77:R::11 up on ring R (0 and 1), the client .50, hosts
.51 up; 10.77.0.100 to .199 are free for virtual addresses. Nothing of it is visible outside the
lab, nothing is written on the host. Several labs may run at once, by --name.
"""


def _attach(words: argparse.Namespace) -> Cluster:
    return Cluster.attach(words.name)


def cmd_up(words: argparse.Namespace) -> int:
    """Start a lab that lives until `lab down`."""
    cib = _read(words.cib) if words.cib else ""
    options = {"agents_dir": words.agents or "", "lib_dirs": words.lib}
    if words.haopsd or words.haopsd_conf:
        conf = _read(words.haopsd_conf) if words.haopsd_conf else ""
        options = stage.haopsd_options(words.stage, conf)
    cluster = Cluster(nodes=words.nodes, name=words.name, rings=words.rings, cib=cib,
                      stonith=not words.no_stonith, bin_dirs=words.bin, env=_pairs(words.env),
                      corosync=CorosyncConfig(token=words.token) if words.token else None,
                      kind=words.kind, **options)
    started = time.monotonic()
    cluster.up()
    cluster.disown()
    print(f"lab {words.name!r} is up after {time.monotonic() - started:.1f} s: "
          f"{cluster.crm.view()}")
    return 0


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise LabError(f"cannot read {path}: {error.strerror}") from error


def _pairs(texts: list[str]) -> dict[str, str]:
    for text in texts:
        if "=" not in text:
            raise LabError(f"--env wants NAME=VALUE, not {text!r}")
    return dict(text.split("=", 1) for text in texts)


def cmd_down(words: argparse.Namespace) -> int:
    """End a lab."""
    cluster = _attach(words)
    if words.save:
        print(f"logs are in {timeline.save(cluster, words.save)}")
    cluster.down()
    return 0


def cmd_list(_words: argparse.Namespace) -> int:
    """Names of all running labs."""
    for name in rpc.running_labs():
        print(name)
    return 0


def cmd_ssh(words: argparse.Namespace) -> int:
    """Become the command inside the machine."""
    machine = _attach(words).node(words.machine)
    argv = machine.command(words.command or ["/bin/bash", "--norc", "-i"])
    env = machine.environment() | {"PS1": f"[{words.machine}] \\w# "}
    os.execve(argv[0], argv, env)


def cmd_client(words: argparse.Namespace) -> int:
    """ssh to the client."""
    words.machine = "client"
    return cmd_ssh(words)


def cmd_kill(words: argparse.Namespace) -> int:
    """Power off."""
    _attach(words).node(words.machine).kill()
    return 0


def cmd_boot(words: argparse.Namespace) -> int:
    """Power on."""
    _attach(words).node(words.machine).boot()
    return 0


def cmd_cut(words: argparse.Namespace) -> int:
    """Pull cables."""
    _attach(words).node(words.machine).cut(words.ring)
    return 0


def cmd_heal(words: argparse.Namespace) -> int:
    """Put cables back."""
    _attach(words).node(words.machine).heal(words.ring)
    return 0


def cmd_switch(words: argparse.Namespace) -> int:
    """A whole switch off or on."""
    cluster = _attach(words)
    if words.power == "off":
        cluster.switch_off(words.ring)
    else:
        cluster.switch_on(words.ring, words.learning)
    return 0


def cmd_loss(words: argparse.Namespace) -> int:
    """Packet loss of a machine's cable."""
    _attach(words).node(words.machine).loss(words.percent, words.ring)
    return 0


def cmd_freeze(words: argparse.Namespace) -> int:
    """SIGSTOP."""
    print("stopped:", *_attach(words).node(words.machine).freeze(words.process))
    return 0


def cmd_thaw(words: argparse.Namespace) -> int:
    """SIGCONT."""
    print("continued:", *_attach(words).node(words.machine).thaw(words.process))
    return 0


def cmd_hog(words: argparse.Namespace) -> int:
    """Busy loops."""
    _attach(words).node(words.machine).hog(words.count)
    return 0


def cmd_fill(words: argparse.Namespace) -> int:
    """Fill the disk."""
    _attach(words).node(words.machine).fill()
    return 0


def cmd_unfill(words: argparse.Namespace) -> int:
    """Free the disk."""
    _attach(words).node(words.machine).unfill()
    return 0


def cmd_host(words: argparse.Namespace) -> int:
    """Add a plain machine, with a web server if asked."""
    cluster = _attach(words)
    machine = cluster.web_server(words.host) if words.web else cluster.host(words.host)
    print(f"{words.host} is {machine.ip} and {machine.ip6}")
    return 0


def cmd_load(words: argparse.Namespace) -> int:
    """Load a configuration."""
    _attach(words).load_cib(_read(words.file))
    return 0


def cmd_status(words: argparse.Namespace) -> int:
    """Machines, faults, cluster."""
    cluster = _attach(words)
    status = cluster.link.status()
    view = cluster.crm.view()
    if words.json:
        print(json.dumps(status | {"cluster": view.to_json()}, indent=1))
        return 0
    for name, machine in status["machines"].items():
        faults = [f"cut ring {r}" for r in machine["cut"]]
        faults += [f"frozen {p}" for p in machine["frozen"]]
        faults += ["disk full"] if machine["filled"] else []
        print(f"{name:8} {machine['power']:8} {' '.join(machine['ipv4']):24} "
              f"{', '.join(faults)}{machine['reason']}")
    for switch in status["switches"]:
        loss = ", ".join(f"{p or 'all'} loses {n} %" for p, n in switch["loss"].items())
        print(f"switch{switch['ring']:<2} {'on' if switch['on'] else 'off':8} {loss}")
    print(f"cluster  {view}")
    return 0


def cmd_logs(words: argparse.Namespace) -> int:
    """Logs one after the other, as they were written."""
    cluster = _attach(words)
    machines = [cluster.node(words.machine)] if words.machine else cluster.machines()
    for machine in machines:
        for name, path in machine.log_paths().items():
            print(f"==> {machine.name} {name} <==")
            sys.stdout.write(_read(path))
    return 0


def cmd_timeline(words: argparse.Namespace) -> int:
    """All logs merged."""
    events = timeline.collect(_attach(words), since=words.since)
    print(timeline.to_json(events) if words.json else timeline.to_text(events))
    return 0


def cmd_save(words: argparse.Namespace) -> int:
    """Keep logs and timeline in a folder."""
    print(timeline.save(_attach(words), words.folder))
    return 0


def cmd_probe(words: argparse.Namespace) -> int:
    """Ask every 10 ms until Ctrl-C or the given time; then print what was seen."""
    cluster = _attach(words)
    is_http = words.target.startswith("http://")
    make = cluster.prober_http if is_http else cluster.prober_ping
    with make(words.target, wait_first=False) as prober:
        print(f"asking {words.target} every 10 ms"
              f"{'' if words.seconds else '; Ctrl-C ends'}", file=sys.stderr)
        prober.sleep_until_interrupt(words.seconds)
    print(json.dumps(prober.report, indent=1) if words.json else prober.text())
    return 0


def cmd_observe(words: argparse.Namespace) -> int:
    """Watch who answers for addresses on the wire."""
    with _attach(words).observer(*words.addresses) as observer:
        print("watching; Ctrl-C ends", file=sys.stderr)
        observer.sleep_until_interrupt(words.seconds)
    print(json.dumps(observer.report, indent=1) if words.json else observer.text())
    return 1 if observer.violations() else 0


Argument = tuple[tuple[str, ...], dict]


def _arg(*names: str, **options: object) -> Argument:
    return names, options


_MACHINE = _arg("machine", help="n1, n2, ..., client, or a host that was added")
_RING = _arg("--ring", default="all", help="0, 1 or all (default)")
_JSON = _arg("--json", action="store_true", help="for programs")
_SECONDS = _arg("--seconds", type=float, default=0, help="end after that time")

COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str, list[Argument]]] = {
    "up": (cmd_up, "start a lab with that many nodes", [
        _arg("nodes", type=int, nargs="?", default=3),
        _arg("--rings", type=int, default=2),
        _arg("--kind", default="namespace", help="of the nodes: namespace (default) or virtual"),
        _arg("--token", type=int, default=0,
             help="corosync's token, ms (default 1000, for virtual nodes more)"),
        _arg("--cib", help="file with a configuration: <cib>, <configuration> or sections"),
        _arg("--no-stonith", action="store_true", help="do not configure fencing"),
        _arg("--agents", help="folder that appears as ocf:haops (a staged install)"),
        _arg("--lib", action="append", default=[], help="folder for LD_LIBRARY_PATH; repeatable"),
        _arg("--bin", action="append", default=[], help="folder for PATH; repeatable"),
        _arg("--env", action="append", default=[], help="NAME=VALUE for all programs"),
        _arg("--haopsd", action="store_true",
             help="run haopsd in each node, and have agents and tools of the staged build there"),
        _arg("--haopsd-conf", metavar="FILE", help="the same, with this haopsd.conf"),
        _arg("--stage", default="", help="the staged build (default: $HAOPS_STAGE, build/stage)")]),
    "down": (cmd_down, "end the lab; nothing is left of it", [
        _arg("--save", metavar="FOLDER", help="keep logs and timeline there")]),
    "list": (cmd_list, "names of running labs", []),
    "status": (cmd_status, "machines, faults, and the cluster's own view", [_JSON]),
    "ssh": (cmd_ssh, "run a command (or a shell) in a machine", [
        _MACHINE, _arg("command", nargs=argparse.REMAINDER)]),
    "client": (cmd_client, "run a command (or a shell) in the client", [
        _arg("command", nargs=argparse.REMAINDER)]),
    "kill": (cmd_kill, "power off, at once", [_MACHINE]),
    "boot": (cmd_boot, "power on", [_MACHINE]),
    "cut": (cmd_cut, "pull a machine's cables", [_MACHINE, _RING]),
    "heal": (cmd_heal, "put them back", [_MACHINE, _RING]),
    "switch": (cmd_switch, "a whole switch off or on", [
        _arg("power", choices=("off", "on")), _arg("ring", type=int),
        _arg("--learning", type=float, default=0,
             help="seconds without forwarding after on, as with spanning tree")]),
    "loss": (cmd_loss, "lose packets of a machine (0 ends it)", [
        _MACHINE, _arg("percent", type=int), _arg("--ring", type=int, default=0)]),
    "freeze": (cmd_freeze, "SIGSTOP a named process of a machine", [_MACHINE, _arg("process")]),
    "thaw": (cmd_thaw, "let it go on", [_MACHINE, _arg("process")]),
    "hog": (cmd_hog, "run busy loops in a machine, twice as many as cores (0 ends them)", [
        _MACHINE, _arg("count", type=int, nargs="?")]),
    "fill": (cmd_fill, "fill a machine's own disk", [_MACHINE]),
    "unfill": (cmd_unfill, "free it again", [_MACHINE]),
    "host": (cmd_host, "add a plain machine to the service network", [
        _arg("action", choices=("add",)), _arg("host"),
        _arg("--web", action="store_true", help="with a web server on port 80")]),
    "load": (cmd_load, "replace the cluster's configuration", [_arg("file")]),
    "probe": (cmd_probe, "what a client sees of a URL or an address", [
        _arg("target"), _SECONDS, _JSON]),
    "observe": (cmd_observe, "who answers for addresses on the wire; status 1 if two do", [
        _arg("addresses", nargs="+"), _SECONDS, _JSON]),
    "logs": (cmd_logs, "the logs of one machine, or of all", [_arg("machine", nargs="?")]),
    "timeline": (cmd_timeline, "all logs and events in order of time", [
        _arg("--since", type=float, default=0, help="only the last so many seconds"), _JSON]),
    "save": (cmd_save, "keep logs and timeline in a folder", [_arg("folder")]),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description="Clusters of real nodes on one machine.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="lab", help="which lab (default: lab)")
    commands = parser.add_subparsers(dest="command_name", required=True, metavar="COMMAND")
    for name, (function, text, arguments) in COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        for names, options in arguments:
            sub.add_argument(*names, **options)
        sub.set_defaults(function=function)
    return parser


def main(argv: list[str]) -> int:
    """Run one subcommand; errors become one line and status 1."""
    words = _parser().parse_args(argv)
    try:
        return words.function(words)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
