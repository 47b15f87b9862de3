# SPDX-License-Identifier: GPL-2.0-or-later
"""nginx that dies, hangs, or has its configuration broken under it."""
import signal

from haopslab import proxy
from haopslab.wait import wait_until

from scenario import nginx_master, nginx_pids


def wait_new_master(scenario, node, old):
    """Until nginx is started again on the same node, and nothing of the old one is left."""
    scenario.wait_failure(f"on {node.name}")

    def seen():
        pids = nginx_pids(node)
        return len(pids) > 1 and not set(pids) & old, pids
    wait_until("a new nginx", seen, 30, 0.1)
    scenario.cluster.wait_resource("nginx", on=node.name)


def test_master_killed(scenario):
    """Its workers are orphans, go on answering, and hold the port; they have to go."""
    node, boots = scenario.active(), scenario.boots()
    old = set(nginx_pids(node))
    with scenario.watched() as visitor:
        node.run(["/usr/bin/kill", "-KILL", str(nginx_master(node))])
        wait_new_master(scenario, node, old)
        visitor.wait_recovered(outages=0)
    assert scenario.boots() == boots


def test_all_killed(scenario):
    node, boots = scenario.active(), scenario.boots()
    old = set(nginx_pids(node))
    with scenario.watched() as visitor:
        node.signal("nginx", signal.SIGKILL)
        wait_new_master(scenario, node, old)
        visitor.wait_recovered()
    assert scenario.boots() == boots


def test_stuck_worker_at_stop(scenario):
    """A worker is stopped and heeds no signal; the move goes on, and nobody is fenced."""
    node, boots = scenario.active(), scenario.boots()
    master = nginx_master(node)
    worker = next(pid for pid, parent in nginx_pids(node).items() if parent == master)
    with scenario.watched() as visitor:
        node.run(["/usr/bin/kill", "-STOP", str(worker)])
        scenario.cluster.crm.standby(node.name)
        scenario.wait_moved(node)
        assert not nginx_pids(node)
        visitor.wait_recovered(outages=0)
    assert scenario.boots() == boots and not scenario.failures()


def test_configuration_broken_while_running(scenario):
    """nginx goes on with what it has; the log warns of what its next start would say."""
    node = scenario.active()
    master = nginx_master(node)
    node.write(proxy.CONFIG, "nonsense on;\n")
    try:
        with scenario.watched() as visitor:
            if scenario.is_stock:
                scenario.cluster.crm.wait_settled()
            else:
                wait_until("the warning", lambda: (
                    scenario.events("would not start again with its configuration"), ""), 30, 0.5)
    finally:
        node.write(proxy.CONFIG, proxy.example("nginx.conf"))
    assert nginx_master(node) == master and scenario.active().name == node.name
    assert not visitor.report["failed"] and not scenario.failures()
