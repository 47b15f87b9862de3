# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the agents under test are: --agents DIR, $HAOPS_AGENTS, or what tests/run has built."""

import os
import pathlib

import netlab
import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    """Adds --agents."""
    parser.addoption("--agents", metavar="DIR", help="build folder, or root of an installed tree, with the agents")


@pytest.fixture(scope="session")
def agents(request):
    """The folder of the agents."""
    folder = request.config.getoption("--agents") or os.environ.get("HAOPS_AGENTS") \
        or os.environ.get("HAOPS_STAGE") or TREE / "build" / "stage"
    with netlab.readable(pathlib.Path(folder).resolve()) as tree:
        yield tree


@pytest.fixture
def node(agents):
    """A node with a peer, in network namespaces of their own."""
    made = netlab.Node(agents)
    yield made
    made.close()
