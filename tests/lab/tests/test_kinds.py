# SPDX-License-Identifier: GPL-2.0-or-later
"""A kind of machine that a test brings along: the lab handles it as its own."""
from __future__ import annotations

import os
from typing import Iterator

import pytest
from haopslab import Cluster, LabError, leftovers, wait_until
from haopslab.machine import Machine

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wire_driver.py")
OPTIONS = {"kind": "wire", "drivers": [DRIVER], "nodes": 2, "rings": 1, "fencing": False}


@pytest.fixture
def wires() -> Iterator[Cluster]:
    """Two machines of that kind, and the client, which is a namespace."""
    lab = Cluster(name=f"wires-{os.getpid()}", **OPTIONS)
    lab.start()
    try:
        for machine in lab.machines():
            machine.wait_booted()
        yield lab
    finally:
        lab.down()


def is_reached(lab: Cluster, machine: Machine) -> bool:
    done = lab.client.run(["/usr/bin/ping", "-c1", "-W1", machine.ip], check=False)
    return done.returncode == 0


def test_power_and_cables(wires: Cluster) -> None:
    kinds = {name: m["kind"] for name, m in wires.link.status()["machines"].items()}
    assert kinds == {"n1": "wire", "n2": "wire", "client": "namespace"}
    node = wires.node("n1")
    assert node.ip in node.run(["/usr/sbin/ip", "-o", "addr", "show", "eth0"]).stdout
    assert is_reached(wires, node)
    node.cut()
    assert not is_reached(wires, node) and is_reached(wires, wires.node("n2"))
    node.heal()
    wait_until("the cable to be back", lambda: (is_reached(wires, node), None), 10)
    node.kill()
    assert not node.is_on() and not is_reached(wires, node)
    with pytest.raises(LabError, match="powered off"):
        node.run(["/bin/true"])
    node.boot()
    assert node.state()["boots"] == 2 and is_reached(wires, node)


def test_what_ends_by_itself_is_off(wires: Cluster) -> None:
    node = wires.node("n2")
    pid = int(node.state()["prefix"][2])
    os.kill(pid, 9)
    wait_until("n2 to be off", lambda: (not node.is_on(), node.state()), 10)
    node.boot()
    assert is_reached(wires, node)


def test_what_it_lacks_is_an_error(wires: Cluster) -> None:
    for call in (wires.node("n1").fill, lambda: wires.node("n1").freeze("sleep")):
        with pytest.raises(LabError, match="is a wire"):
            call()


def test_nothing_is_left(wires: Cluster) -> None:
    footprint = leftovers.footprint(wires.options.name, wires.link._guard_pid)
    assert len(footprint.processes) > 4
    wires.down()
    wait_until("all of the lab to be gone", lambda: (
        not leftovers.find(footprint), leftovers.find(footprint)), 10)
    footprint.close()


@pytest.mark.parametrize("options, message", [
    ({"kind": "wire"}, "no kind 'wire'; known: .'namespace'"),
    ({"kind": "wire", "drivers": ["/nonesuch.py"]}, "/nonesuch.py is to be seen")])
def test_kind_that_is_not_there(options: dict, message: str) -> None:
    with pytest.raises(LabError, match=message):
        Cluster(name=f"nokind-{os.getpid()}", nodes=1, **options).start()
