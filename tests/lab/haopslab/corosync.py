# SPDX-License-Identifier: GPL-2.0-or-later
"""corosync.conf as text made from a dataclass. Pure: no file, no process."""
from __future__ import annotations

from dataclasses import dataclass, field

from . import spec


@dataclass
class CorosyncConfig:
    """Times in milliseconds. Detection takes token + consensus; the coefficient is 0 here so
    that the figure does not depend on the number of nodes. `two_node` None: on for two nodes."""
    token: int = 1000
    consensus: int | None = None
    token_coefficient: int = 0
    two_node: bool | None = None
    wait_for_all: bool | None = None
    auto_tie_breaker: bool = False
    debug: bool = False
    link_mode: str = "passive"
    totem_extra: dict[str, str] = field(default_factory=dict)
    quorum_extra: dict[str, str] = field(default_factory=dict)


def _yes(value: bool) -> str:
    return "1" if value else "0"


def _totem(config: CorosyncConfig, cluster_name: str) -> dict[str, str]:
    consensus = config.consensus or config.token * 12 // 10
    return {
        "version": "2", "cluster_name": cluster_name, "transport": "knet",
        "crypto_cipher": "none", "crypto_hash": "none", "ip_version": "ipv4-6",
        "token": str(config.token), "consensus": str(consensus),
        "token_coefficient": str(config.token_coefficient),
        "link_mode": config.link_mode, **config.totem_extra,
    }


def _quorum(config: CorosyncConfig, node_count: int) -> dict[str, str]:
    two_node = config.two_node if config.two_node is not None else node_count == 2
    values = {"provider": "corosync_votequorum"}
    if two_node:
        values["two_node"] = "1"
    if config.wait_for_all is not None:
        values["wait_for_all"] = _yes(config.wait_for_all)
    if config.auto_tie_breaker:
        values["auto_tie_breaker"] = "1"
    return {**values, **config.quorum_extra}


def _logging(config: CorosyncConfig) -> dict[str, str]:
    return {
        "to_stderr": "no", "to_syslog": "no", "to_logfile": "yes",
        "logfile": "/var/log/corosync/corosync.log", "timestamp": "hires",
        "debug": "on" if config.debug else "off",
    }


def _section(name: str, values: dict[str, str], depth: int = 0) -> list[str]:
    pad = "\t" * depth
    lines = [f"{pad}{name} {{"]
    lines += [f"{pad}\t{key}: {value}" for key, value in values.items()]
    return lines + [f"{pad}}}"]


def render(config: CorosyncConfig, nodes: list[spec.MachineSpec], cluster_name: str,
           rings: list[int] | None = None) -> str:
    """The whole file for these nodes; node ids are 1, 2, 3 in the given order. Corosync has a link
    on each of these rings, or on all."""
    lines = _section("totem", _totem(config, cluster_name))
    lines += ["nodelist {"]
    for index, node in enumerate(nodes, start=1):
        values = {"name": node.name, "nodeid": str(index)}
        values |= {f"ring{link}_addr": spec.ipv4(ring, node.number)
                   for link, ring in enumerate(node.rings if rings is None else rings)}
        lines += _section("node", values, depth=1)
    lines += ["}"]
    lines += _section("quorum", _quorum(config, len(nodes)))
    lines += _section("system", {"move_to_root_cgroup": "no"})
    lines += _section("logging", _logging(config))
    return "\n".join(lines) + "\n"
