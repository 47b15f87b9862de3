# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the programs under test are: $HAOPS_BUILD/main (as tests/run has built them), or --build DIR."""

import os
import pathlib

import pytest
import toolslab

TREE = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    """Adds --build."""
    parser.addoption("--build", metavar="DIR", help="build folder with haops, haopsd-ipc and fake-haopsd")


@pytest.fixture(scope="session")
def place(request):
    """A machine's part of its own for the programs: network, /dev/shm and /run."""
    folder = request.config.getoption("--build") or pathlib.Path(os.environ.get("HAOPS_BUILD", TREE / "build")) / "main"
    made = toolslab.Place(pathlib.Path(folder).resolve())
    yield made
    made.close()


@pytest.fixture
def daemon(place):
    """Starts a haopsd with a canned status: daemon(name, descriptors=N)."""
    started = []

    def start(status="healthy", **options):
        started.append(toolslab.Daemon(place, status, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()
