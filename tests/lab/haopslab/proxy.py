# SPDX-License-Identifier: GPL-2.0-or-later
"""The cluster of examples/nginx-proxy in the lab: what the demo, the scenarios and the bench run.

The example's own files are loaded; nothing about the proxy is written down here a second time but
its addresses and names.
"""
from __future__ import annotations

import os
from typing import Callable

from .cluster import Cluster
from .stage import TREE
from .stage import agent_options as stage_options

EXAMPLE = os.path.join(TREE, "examples", "nginx-proxy")
VIP4, VIP6 = "10.77.0.100", "fd00:77::100"
GROUP = "proxy"
RESOURCES = ("vip4", "vip6", "nginx")
WEB_SERVERS = ("web1", "web2")
CONFIG = "/etc/nginx/nginx.conf"
URL4, URL6 = f"http://{VIP4}/", f"http://[{VIP6}]/"


def example(name: str) -> str:
    """The text of one of the example's files."""
    with open(os.path.join(EXAMPLE, name), encoding="utf-8") as file:
        return file.read()


def cib(is_stock: bool = False) -> str:
    """The example's configuration, or the same with the stock agents of those names."""
    text = example("cib.xml")
    return text.replace('provider="haops"', 'provider="heartbeat"') if is_stock else text


def start(is_stock: bool = False, say: Callable[[str], None] = lambda _text: None,
          **options: object) -> Cluster:
    """Three nodes, two web servers, and the proxy running; the caller ends it with down()."""
    if not is_stock:
        options = {**stage_options(), **options}
    cluster = Cluster(**options)
    say("starting three nodes with corosync and Pacemaker, two networks, a management board each")
    cluster.up()
    try:
        say(f"starting the web servers {' and '.join(WEB_SERVERS)}")
        for name in WEB_SERVERS:
            cluster.web_server(name)
        for node in cluster.nodes():
            node.write(CONFIG, example("nginx.conf"))
        say(f"loading the example's configuration ({'stock' if is_stock else 'haops'} agents)")
        cluster.load_cib(cib(is_stock))
        cluster.wait_resource("nginx")
    except BaseException:
        cluster.down()
        raise
    return cluster
