# SPDX-License-Identifier: GPL-2.0-or-later
"""Another nginx on the same node: left alone, and no reason to start or write anything."""

import pytest
from nginxlab import Box


@pytest.fixture
def box(agents):
    """A box of its own for each test."""
    made = Box(agents)
    yield made
    made.close()


def test_probe_beside_the_default_nginx_makes_no_process_and_no_file(box):
    """Its master has no -c: whether that is ours depends on what the program was built with."""
    box.run("/usr/sbin/nginx", "-g", "error_log /run/box/default.log;")
    params = {"configfile": box.config()}
    done, made = box.trace("monitor", params, {"interval": 0})
    assert (done.code, made) == (7, [])
    assert not box.path("/run/haops").exists()
    default = {"configfile": "/etc/nginx/nginx.conf"}
    done, made = box.trace("monitor", default, {"interval": 0})
    assert (done.code, made) == (0, [])
    assert not box.path("/run/haops").exists()


@pytest.mark.parametrize("listen,other", [("127.0.0.1:8080", "127.0.0.2:8080"), ("[::1]:8080", "127.0.0.1:8080"),
                                          ("127.0.0.1:8080", "[::1]:8080")])
def test_orphans_of_another_address_are_not_ours(box, listen, other):
    """Two virtual addresses with a server each, on the same port, are the rule."""
    box.run("/usr/sbin/nginx", "-c", box.config(name="other", listen=other))
    box.kill_and_wait(box.master("other"))
    orphans = box.workers()
    assert len(orphans) == 2
    params = {"configfile": box.config(listen=listen)}
    assert box.probe(params).code == 7
    for action in ("start", "stop"):
        assert box.call(action, params).code == 0
        assert set(orphans) <= set(box.processes())


def leave_orphans(box, config):
    """Starts nginx by hand and kills its master: nobody has a record of the workers."""
    box.run("/usr/sbin/nginx", "-c", config)
    name = config.rpartition("/")[2].removesuffix(".conf")
    box.kill_and_wait(box.master(name))
    return box.workers()


@pytest.mark.parametrize("listen,code", [("127.0.0.1:8080", 1), ("127.0.0.2:8080", 7)])
def test_probe_that_finds_orphans_makes_no_process(box, listen, code):
    """It reads the configuration itself, with what that includes."""
    leave_orphans(box, box.config(name="other", listen="127.0.0.1:8080"))
    config = box.config(listen="unix:/run/box/unused.sock")
    box.write("/run/box/conf.d/web-site.conf", f"server {{ listen {listen}; include conf.d/web-more.conf; }}\n")
    box.write("/run/box/conf.d/web-more.conf", "include /run/box/none/*.conf;\n")
    for action, meta in (("monitor", {"interval": 0}), ("monitor", {}), ("stop", {})):
        done, made = box.trace(action, {"configfile": config}, meta)
        assert (done.code, made) == (0 if action == "stop" else code, []), (action, done, made)
        assert box.path("/run/haops").exists() is False
    assert len(box.workers()) == (0 if code == 1 else 2)


@pytest.mark.parametrize("action", ["monitor", "stop", "start"])
def test_orphans_of_a_configuration_that_cannot_be_read_are_perhaps_ours(box, action):
    """Neither "not running" nor "stopped" may be said."""
    params = {"configfile": box.config()}
    orphans = leave_orphans(box, params["configfile"])
    box.run("sh", "-c", "head -c 17000000 /dev/zero >/run/box/conf.d/web-zero.conf")
    done = box.call(action, params, {"interval": 0})
    assert done.code == 1 and "cannot tell whose" in done.reason and params["configfile"] in done.reason, done
    assert len(done.reason) <= 128
    assert box.workers() == orphans


def test_stop_ends_orphans_of_a_configuration_that_nginx_refuses(box):
    """nginx names no addresses then; its files do."""
    params = {"configfile": box.config()}
    leave_orphans(box, params["configfile"])
    box.write("/run/box/conf.d/web-bad.conf", "bogus on;\n")
    assert box.probe(params).code == 1
    assert box.call("stop", params).code == 0
    assert box.processes() == {}


def test_orphans_on_all_addresses_are_found(box):
    params = {"configfile": box.config(listen="8080")}
    assert box.call("start", params).code == 0
    box.kill_and_wait(box.master())
    box.run("rm", "-r", "/run/haops")
    assert box.probe(params).code == 1
    assert box.call("stop", params).code == 0
    assert box.processes() == {}


def test_same_path_in_another_network_namespace_is_not_ours(box):
    """Under "ip netns exec" the same path can be another file, and the same port another server."""
    params = {"configfile": box.config()}
    box.run("unshare", "-n", "sh", "-c", f"ip link set lo up && exec /usr/sbin/nginx -c {params['configfile']}")
    theirs = set(box.processes())
    assert len(theirs) == 3
    assert box.probe(params).code == 7
    assert box.call("start", params).code == 0
    assert box.get() == "hello world\n"
    assert box.call("stop", params).code == 0
    assert set(box.processes()) == theirs


def test_program_moved_aside_while_running(box):
    """nginx's "make install" renames the program, and /proc shows the new name of what runs."""
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {"configfile": box.config(), "httpd": "/run/box/nginx"}
    assert box.call("start", params).code == 0
    box.run("sh", "-c", "mv /run/box/nginx /run/box/nginx.old && cp /usr/sbin/nginx /run/box/nginx")
    assert box.call("monitor", params).code == 0
    assert box.probe(params).code == 0
    assert box.call("stop", params).code == 0
    assert box.processes() == {}


def test_program_moved_aside_and_master_killed(box):
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {"configfile": box.config(), "httpd": "/run/box/nginx"}
    assert box.call("start", params).code == 0
    box.run("sh", "-c", "mv /run/box/nginx /run/box/nginx.old && cp /usr/sbin/nginx /run/box/nginx")
    box.kill_and_wait(box.master())
    assert box.call("monitor", params).code == 1
    assert box.call("stop", params).code == 0
    assert box.processes() == {}


def test_record_has_the_session_of_the_master(box):
    """It tells the workers when the master is gone; just forked, the master is still in another one."""
    params = {"configfile": box.config()}
    for _ in range(10):
        assert box.call("start", params).code == 0
        pid, _, sid = box.path("/run/haops/nginx-process-web").read_text(encoding="utf-8").splitlines()[0].split()
        assert pid == sid
        assert box.call("stop", params).code == 0
