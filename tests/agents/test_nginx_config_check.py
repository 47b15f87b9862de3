# SPDX-License-Identifier: GPL-2.0-or-later
"""When nginx cannot be asked about its configuration: what runs and answers is not failed for that."""

import pytest
from nginxlab import Box


@pytest.fixture
def box(agents):
    """A box of its own for each test."""
    made = Box(agents)
    yield made
    made.close()


@pytest.fixture
def web(box):
    """Parameters of one nginx, which runs."""
    params = {"configfile": box.config()}
    assert box.call("start", params).code == 0
    return params


def test_check_that_hangs_is_a_warning_of_the_monitor(box, web):
    """A fifo stands for a name server that does not answer."""
    box.run("mkfifo", "/run/box/conf.d/web-fifo.conf")
    done = box.call("monitor", web, {"timeout": 4000}, extra={"OCF_CHECK_LEVEL": "10"})
    assert done.code == 0 and not done.reason, done
    assert "did not end in time" in done.err
    # Said once, and not tried again until a file changes.
    done, made = box.trace("monitor", web, {"timeout": 4000})
    if made:
        done, made = box.trace("monitor", web, {"timeout": 4000})
    assert (done.code, done.err, made) == (0, "", [])


@pytest.mark.parametrize("action", ["start", "reload", "validate-all"])
def test_check_that_hangs_is_a_failure_of_what_needs_it(box, web, action):
    assert box.call("stop", web).code == 0
    box.run("mkfifo", "/run/box/conf.d/web-fifo.conf")
    done = box.call(action, web, {"timeout": 2000}, extra={"OCF_CHECK_LEVEL": "10"})
    assert done.code == 1 and "did not end in time" in done.reason, done
    assert box.processes() == {}


def test_program_removed_while_running_is_no_failure_of_the_deep_monitor(box):
    """5 from a monitor would keep the resource off this node."""
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {"configfile": box.config(), "httpd": "/run/box/nginx"}
    assert box.call("start", params).code == 0
    box.path("/run/box/nginx").unlink()
    for _ in range(2):
        done = box.level(10, params)
        assert done.code == 0 and not done.reason, done
    assert box.call("stop", params).code == 0
    assert box.processes() == {}


def test_program_replaced_is_asked_again(box):
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {"configfile": box.config(), "httpd": "/run/box/nginx"}
    assert box.call("start", params).code == 0
    box.run("sh", "-c", "cp /usr/sbin/nginx /run/box/new && mv /run/box/new /run/box/nginx")
    done, made = box.trace("monitor", params)
    assert done.code == 0 and any('"-T"' in line for line in made), made


@pytest.mark.parametrize("level,code", [("", 0), ("0", 0), ("10", 1)])
def test_start_checks_as_deep_as_it_is_told(box, level, code):
    """Stock: a start with OCF_CHECK_LEVEL ends when the monitor of that level is content."""
    params = {"configfile": box.config(), "status10regex": "never there"}
    done = box.call("start", params, extra={"OCF_CHECK_LEVEL": level})
    assert done.code == code and ("lacks the pattern" in done.reason) == bool(code), done


def test_wget_asks_from_the_loopback(box):
    """As with the stock agent: a status page that only 127.0.0.1 may see."""
    box.run("ip", "addr", "add", "192.0.2.10/32", "dev", "lo")
    server = "location = /st { stub_status; allow 127.0.0.1; deny all; }"
    params = {"configfile": box.config(listen="192.0.2.10:8080", server=server), "testclient": "wget"}
    assert box.call("start", params).code == 0
    done = box.level(10, params)
    assert done.code == 0, done


def test_address_that_is_elsewhere_is_named_with_what_to_do(box):
    """nginx binds while it checks: on a standby node that is no fault of the configuration."""
    params = {"configfile": box.config(listen="192.0.2.10:8080")}
    done = box.call("start", params)
    assert done.code == 1 and "192.0.2.10:8080 is not on this node" in done.reason, done
    assert "IPaddr2" in done.reason and len(done.reason) <= 128
    assert box.call("validate-all", params, extra={"OCF_CHECK_LEVEL": "10"}).code == 0
    box.run("ip", "addr", "add", "192.0.2.10/32", "dev", "lo")
    assert box.call("start", params).code == 0
