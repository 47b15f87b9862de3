# SPDX-License-Identifier: GPL-2.0-or-later
"""From a loss to its report and to the service's return, in one cluster: resources that haopsd
watches, and the stock agent's, which only a poll finds. See README.md."""

import json
import os
import random
import re
import time

from haopslab import Cluster, CorosyncConfig, stage
from haopslab.wait import wait_until

POLL_S = 10  # what both agents' meta-data recommend for monitor
LIMIT_S = 40
SETTLE_S = 15
# Each loss is one of another resource: haopsd takes its time with what is lost again and again, and
# that is not what is measured.
KINDS = 10
PORT = 8080
NGINX_CONF = """worker_processes 1;
pid /run/web{number}.pid;
events {{}}
http {{ server {{ listen {port}; location / {{ return 200 "ok"; }} }} }}
"""
CONF = "keepalive 200ms\nwarntime 2\ndeadtime 10\ninitdead 10\n"
REPORTED = re.compile(r"^(\S+): Pacemaker has the loss, (\d+) ms")
PROBE = "/run/lab/bench/loss_probe.py"


def primitive(name, provider, agent, **parameters):
    """A resource with the default poll."""
    pairs = "".join(f'<nvpair id="{name}-{k}" name="{k}" value="{v}"/>' for k, v in parameters.items())
    return (f'<primitive id="{name}" class="ocf" provider="{provider}" type="{agent}">'
            f'<instance_attributes id="{name}-params">{pairs}</instance_attributes>'
            f'<operations><op id="{name}-monitor" name="monitor" interval="{POLL_S}s" timeout="20s"/>'
            f'</operations></primitive>')


def cib():
    """Ours, and one of the stock agent."""
    resources = [primitive(f"vip{i}", "haops", "IPaddr2", ip=f"10.77.0.{100 + i}", cidr_netmask=24)
                 for i in range(KINDS)]
    resources += [primitive(f"web{i}", "haops", "nginx", configfile=f"/etc/nginx/web{i}.conf",
                            port=PORT + i) for i in range(KINDS)]
    resources.append(primitive("stock", "heartbeat", "IPaddr2", ip="10.77.0.150", cidr_netmask=24))
    return (f'<resources>{"".join(resources)}</resources>'
            '<rsc_defaults><meta_attributes id="d"><nvpair id="d-s" name="resource-stickiness" value="100"/>'
            '</meta_attributes></rsc_defaults>')


def start(name):
    """The cluster with everything started."""
    options = stage.haopsd_options(conf=CONF)
    options["binds"] = {**options["binds"], "/run/lab/bench": os.path.join(stage.TREE, "bench")}
    cluster = Cluster(name=name, nodes=3, fencing=False, stonith=False,
                      corosync=CorosyncConfig(token=1000), **options)
    cluster.up()
    try:
        for node in cluster.nodes():
            for number in range(KINDS):
                node.write(f"/etc/nginx/web{number}.conf", NGINX_CONF.format(number=number, port=PORT + number))
        cluster.load_cib(cib())
        for resource in ("vip0", "stock", *(f"web{i}" for i in range(KINDS))):
            cluster.wait_resource(resource)
        wait_until("haopsd to be well everywhere", lambda: (all(is_well(n) for n in cluster.nodes()), ""), 40, 0.2)
    except BaseException:
        cluster.down()
        raise
    return cluster


def is_well(node):
    """Whether a node's haopsd has nothing against itself or anybody."""
    return node.haopsd_status().is_well()


class Reaction:
    """Losses one after the other; all times in seconds."""

    def __init__(self, cluster):
        self._cluster = cluster

    def _lose(self, resource, words):
        node = self._cluster.node(self._cluster.wait_resource(resource))
        done = node.run(["/usr/bin/python3", "-B", PROBE, *words, str(LIMIT_S)], timeout=LIMIT_S + 20)
        found = json.loads(done.stdout)
        if not found["lost"] or not found["restored"]:
            raise RuntimeError(f"{resource} on {node.name} did not come back within {LIMIT_S} s")
        return node, found

    def ours(self, resource, words):
        """A loss that haopsd sees."""
        node, found = self._lose(resource, words)
        event = self._report(node, resource, found["lost"])
        self._cluster.crm.wait_settled(SETTLE_S)
        return {"resource": resource, "reported": event["wall"] - found["lost"],
                "since_noticed": int(REPORTED.match(event["text"])[2]) / 1000,
                "restored": found["restored"] - found["lost"]}

    @staticmethod
    def _report(node, resource, since):
        def seen():
            events = node.haopsd_status().events
            return next((e for e in events if e["wall"] >= since - 0.002
                         and (m := REPORTED.match(e["text"])) and m[1] == resource), None), events[-3:]
        return wait_until(f"the report of {resource}", seen, 10, 0.1)

    def stock(self):
        """The same of the stock agent's address, at any moment of its poll."""
        time.sleep(random.uniform(0, POLL_S))
        _, found = self._lose("stock", ["address", "10.77.0.150/24", "eth0"])
        self._cluster.crm.wait_settled(SETTLE_S)
        return {"resource": "stock", "restored": found["restored"] - found["lost"]}

    def address(self, number):
        """One of the addresses."""
        kind = number % KINDS
        return self.ours(f"vip{kind}", ["address", f"10.77.0.{100 + kind}/24", "eth0"])

    def process(self, number):
        """One of the web servers, all of its processes killed."""
        kind = number % KINDS
        return self.ours(f"web{kind}", ["process", f"/run/web{kind}.pid", str(PORT + kind)])
