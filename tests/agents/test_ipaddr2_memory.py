# SPDX-License-Identifier: GPL-2.0-or-later
"""IPaddr2 when memory is short: what cannot be found out is neither "stopped" nor "not running"."""

import pathlib
import subprocess

import pytest

VIP = "192.0.2.10"
SOURCE = pathlib.Path(__file__).with_name("short-memory.c")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """What lets allocations fail."""
    path = tmp_path_factory.mktemp("memory") / "short-memory.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", path, SOURCE], check=True)
    return path


@pytest.fixture(params=["one", "all"])
def short(request, node, library):
    """Runs an action of which one allocation fails, or that and all after it."""
    def run(at, action, interval=10000):
        wrap = ["env", f"LD_PRELOAD={library}", f"SHORT_MEMORY_AT={at}"]
        wrap += ["SHORT_MEMORY_ON=1"] if request.param == "all" else []
        return node.agent(action, ip=VIP, wrap=wrap, meta={"interval": interval})
    return run


def each_allocation(short, action, interval=10000, before=lambda: None):
    """(number, result) of the action for each of its allocations that fails."""
    at = 0
    while True:
        at += 1
        before()
        result = short(at, action, interval)
        if "an allocation fails" not in result.err:
            assert at > 5 and result.code == 0, (at, result)
            return
        yield at, result


def test_stop_is_success_only_when_the_address_is_gone(node, short):
    for at, result in each_allocation(short, "stop", before=lambda: node.must("start", ip=VIP)):
        assert result.code == 1 and result.reason or result.code == 0 and not node.ns.has(VIP), (at, result)


@pytest.mark.parametrize("interval", [0, 10000], ids=["probe", "monitor"])
def test_address_that_is_there_is_never_said_to_be_absent(node, short, interval):
    node.must("start", ip=VIP)
    for at, result in each_allocation(short, "monitor", interval):
        assert result.code == 1 and result.reason or result.code == 0, (at, result)
