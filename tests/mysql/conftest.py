# SPDX-License-Identifier: GPL-2.0-or-later
"""Real servers for each test. HAOPS_BUILD names the build folder that has tests/mysql/mysql-driver
(default build/main)."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import pytest  # noqa: E402

from driver import Driver, repoint_args  # noqa: E402
from servers import Box, Server, make_template, wait_until  # noqa: E402


@pytest.fixture(scope="session")
def box():
    """The namespaces of all servers."""
    made = Box()
    yield made
    made.close()


@pytest.fixture(scope="session")
def template(box):
    """The data folder that each server begins with."""
    return make_template(box)


@pytest.fixture(scope="session")
def driver(box):
    """Calls of the library."""
    return Driver(box)


@pytest.fixture
def make(box, template):
    """Makes servers: make(2), or with options of the server; all end with the test."""
    made = []

    def start(count=1, *options):
        new = [Server(box, len(made) + 1 + i, template) for i in range(count)]
        made.extend(new)
        for server in new:
            server.start(*options, waits=False)
        for server in new:
            wait_until(f"n{server.number} answers", server.answers)
        return new[0] if count == 1 else new

    yield start
    for server in made:
        server.close()


@pytest.fixture
def pair(make, driver):
    """A primary, and a replica of it that acknowledges; both by the library."""
    primary, replica = make(2)
    driver.ok(primary, "promote", "safe")
    driver.ok(replica, "acks", "on")
    driver.ok(replica, *repoint_args(primary))
    return primary, replica
