# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:nginx against the real nginx: life cycle, identity, what the stock agent gets wrong."""

import re
import signal
import sys

import pytest
from netlab import Result, wait_until
from nginxlab import Box


@pytest.fixture
def box(agents):
    """A box of its own for each test."""
    made = Box(agents)
    yield made
    made.close()


@pytest.fixture
def web(box):
    """Parameters of one nginx."""
    return {"configfile": box.config()}


def start(box, params, **kwargs):
    """Starts and expects success."""
    done = box.call("start", params, **kwargs)
    assert done.code == 0, done


def stop(box, params, **kwargs):
    """Stops and expects success."""
    done = box.call("stop", params, **kwargs)
    assert done.code == 0, done


def test_life_cycle(box, web):
    assert box.probe(web).code == 7
    start(box, web)
    assert box.get() == "hello world\n"
    assert box.call("monitor", web).code == 0
    assert box.probe(web).code == 0
    assert box.call("status", web).code == 0
    master = box.master()
    start(box, web)
    assert box.master() == master
    stop(box, web)
    assert box.processes() == {}
    assert not box.path("/run/box/web.pid").exists()
    assert box.call("monitor", web).code == 7
    stop(box, web)


def test_stop_of_what_never_ran_starts_nothing(box, web):
    done, made = box.trace("stop", web)
    assert (done.code, made) == (0, [])


def test_monitor_and_probe_make_no_process(box, web):
    done, made = box.trace("monitor", web, {"interval": 0})
    assert (done.code, made) == (7, [])
    start(box, web)
    # What was written just before the check is checked once more, by the first monitor.
    wait_until(lambda: box.trace("monitor", web) and box.trace("monitor", web)[1] == [], "no process", 5)
    for meta in ({"interval": 0}, {"interval": 10000}):
        done, made = box.trace("monitor", web, meta)
        assert (done.code, made) == (0, [])
    for level in ("10", "20"):
        params = {**web, "test20url": "/hello", "test20regex": "world"}
        done, made = box.trace("monitor", params, extra={"OCF_CHECK_LEVEL": level})
        assert (done.code, made) == (0, [])


def test_probe_changes_nothing(box, web):
    start(box, web)
    box.run("sh", "-c", "rm -r /run/haops")
    done, made = box.trace("monitor", web, {"interval": 0})
    assert (done.code, made) == (0, [])
    assert not box.path("/run/haops").exists()


def test_record_lost(box, web):
    start(box, web)
    master = box.master()
    box.run("sh", "-c", "rm -r /run/haops")
    assert box.call("monitor", web).code == 0
    assert box.path("/run/haops").exists()
    box.run("sh", "-c", "rm -r /run/haops")
    start(box, web)
    assert box.master() == master
    box.run("sh", "-c", "rm -r /run/haops")
    stop(box, web)
    assert box.processes() == {}


def test_pid_file_of_somebody_else_is_not_believed(box, web):
    """The stock agent takes any process of that number for nginx, and kills it."""
    other = box.spawn("sh", "-c", "echo $$; exec sleep 1000")
    pid = int(other.stdout.readline())
    box.write("/run/box/web.pid", f"{pid}\n")
    assert box.probe(web).code == 7
    assert box.call("monitor", web).code == 7
    stop(box, web)
    assert other.poll() is None
    start(box, web)
    assert box.get() == "hello world\n"
    box.write("/run/box/web.pid", f"{pid}\n")
    assert box.call("monitor", web).code == 0
    stop(box, web)
    assert box.processes() == {}
    assert other.poll() is None
    other.kill()
    other.communicate()


def test_pid_file_missing(box, web):
    start(box, web)
    box.path("/run/box/web.pid").unlink()
    assert box.call("monitor", web).code == 0
    stop(box, web)
    assert box.processes() == {}


def test_master_killed_workers_orphaned(box, web):
    """The stock agent says 7, and its start fails since the workers hold the port."""
    start(box, web)
    box.kill_and_wait(box.master())
    assert len(box.workers()) == 2
    for done in (box.call("monitor", web), box.probe(web)):
        assert done.code == 1, done
        assert "2 of its workers" in done.reason
    stop(box, web)
    assert box.processes() == {}
    assert box.call("monitor", web).code == 7
    start(box, web)
    assert box.call("monitor", web).code == 0


def test_start_clears_orphans(box, web):
    start(box, web)
    box.kill_and_wait(box.master())
    start(box, web)
    assert box.get() == "hello world\n"
    assert len(box.processes()) == 3


def test_orphans_without_record(box, web):
    start(box, web)
    box.kill_and_wait(box.master())
    box.run("sh", "-c", "rm -r /run/haops")
    assert box.probe(web).code == 1
    stop(box, web)
    assert box.processes() == {}


def test_all_killed(box, web):
    start(box, web)
    for pid in (box.master(), *box.workers()):
        box.kill(pid)
    wait_until(lambda: box.processes() == {}, "all gone")
    assert box.call("monitor", web).code == 7
    stop(box, web)
    assert not box.path("/run/box/web.pid").exists()
    start(box, web)


def test_unix_socket_left_by_a_killed_nginx(box):
    params = {"configfile": box.config(listen="unix:/run/box/web.sock")}
    start(box, params)
    for pid in (box.master(), *box.workers()):
        box.kill(pid)
    wait_until(lambda: box.processes() == {}, "all gone")
    assert box.path("/run/box/web.sock").exists()
    start(box, params)
    assert box.level(10, params).code == 0
    stop(box, params)
    assert not box.path("/run/box/web.sock").exists()


def test_port_taken_by_a_stranger(box, web):
    stranger = box.spawn("python3", "-c", "import socket,time,os\ns=socket.socket()\n"
                         "s.bind(('127.0.0.1',8080))\ns.listen()\nprint(os.getpid(),flush=True)\ntime.sleep(1000)")
    pid = stranger.stdout.readline().strip()
    done = box.call("start", web)
    assert done.code == 1, done
    assert "127.0.0.1:8080" in done.reason and f"process {pid} (python3" in done.reason
    assert stranger.poll() is None
    assert box.processes() == {}
    assert box.call("monitor", web).code == 7
    stop(box, web)
    stranger.kill()
    stranger.communicate()


@pytest.mark.parametrize("who", ["worker", "master", "all"])
def test_stuck_process_at_stop(box, web, who):
    """The stock agent says 0 with a master that survived."""
    start(box, web)
    victims = {"worker": box.workers()[:1], "master": [box.master()], "all": list(box.processes())}[who]
    for pid in victims:
        box.kill(pid, signal.SIGSTOP)
    stop(box, {**web, "graceful_timeout": "200"})
    assert box.processes() == {}


def test_worker_that_ignores_its_end(box, web):
    """An open request outlives SIGQUIT, not stop."""
    start(box, web)
    client = box.spawn("curl", "-s", "http://127.0.0.1:8080/slow")
    wait_until(lambda: "8080" in box.run("ss", "-Htn", "state", "established").stdout, "a connection")
    stop(box, {**web, "graceful_timeout": "300"})
    assert box.processes() == {}
    client.communicate()


def test_stop_that_ends_nothing_is_no_success(box, web):
    """Signals that are sent and do nothing stand for a process that the kernel does not let go."""
    start(box, web)
    before = box.processes()
    done = Result(box.strace(["-qq", "-o", "/dev/null", "-e", "trace=pidfd_send_signal", "-e",
                              "inject=pidfd_send_signal:retval=0"], "stop", web, {"timeout": 2000}))
    assert done.code == 1 and "still there" in done.reason and "nginx" in done.reason, done
    assert any(str(pid) in done.reason for pid in before), done
    assert box.processes() == before and box.get() == "hello world\n"
    assert box.call("monitor", web).code == 0


@pytest.fixture
def ending(box, web):
    """An nginx that was told to end, and waits for an open request: nobody listens any more. (master, client)"""
    start(box, web)
    master = box.master()
    client = box.spawn("curl", "-s", "http://127.0.0.1:8080/slow")
    wait_until(lambda: "8080" in box.run("ss", "-Htn", "state", "established").stdout, "a connection")
    box.kill(master, signal.SIGQUIT)
    wait_until(lambda: len(box.workers()) == 1 and box.run("ss", "-Htnl").stdout == "", "only the open request is left")
    yield master
    client.kill()
    client.communicate()


def test_monitor_of_one_that_only_ends(box, web, ending):
    """Neither running, since nobody new is served, nor stopped, since it is there."""
    for done in (box.call("monitor", web), box.probe(web), box.call("reload-agent", web)):
        assert done.code == 1 and "told to end" in done.reason and str(ending) in done.reason, done


@pytest.mark.parametrize("action", ["start", "reload"])
def test_start_over_one_that_only_ends(box, web, ending, action):
    done = box.call(action, web)
    assert done.code == 0 and "takes no requests" in done.err, done
    assert box.get() == "hello world\n"
    assert ending not in box.processes() and len(box.processes()) == 3
    assert box.path("/run/box/web.pid").read_text(encoding="ascii").strip() == str(box.master())
    assert box.call("monitor", web).code == 0


def test_stop_of_one_that_only_ends(box, web, ending):
    stop(box, {**web, "graceful_timeout": "100ms"})
    assert box.processes() == {}


def test_workers_left_by_a_reload_are_none_that_serve(box, web):
    """The old worker finishes its request; only the new ones count."""
    start(box, web)
    client = box.spawn("curl", "-s", "http://127.0.0.1:8080/slow")
    wait_until(lambda: "8080" in box.run("ss", "-Htn", "state", "established").stdout, "a connection")
    assert box.call("reload", web).code == 0
    wait_until(lambda: len(box.workers()) == 3, "one old worker")
    assert box.call("monitor", web).code == 0
    client.kill()
    client.communicate()


def test_start_of_what_runs_checks_it_as_a_new_one(box, web):
    start(box, web)
    done = box.call("start", {**web, "status10regex": "never there"}, extra={"OCF_CHECK_LEVEL": "10"})
    assert done.code == 1 and "never there" in done.reason, done
    start(box, web, extra={"OCF_CHECK_LEVEL": "10"})


def test_stop_lets_requests_finish(box):
    params = {"configfile": box.config(server="location = /big { limit_rate 4k; root /run/box; }")}
    box.write("/run/box/big", "x" * 6000)
    start(box, params)
    client = box.spawn("curl", "-s", "http://127.0.0.1:8080/big")
    assert client.stdout.read(1) == "x"
    stop(box, {**params, "graceful_timeout": "10s"})
    assert client.communicate()[0] == "x" * 5999


def test_two_instances(box):
    """Same program, two configurations: each one's end is none of the other's."""
    one = {"configfile": box.config("one", "127.0.0.1:8081")}
    two = {"configfile": box.config("two", "127.0.0.1:8082")}
    start(box, one, instance="one")
    assert box.probe(two, "two").code == 7
    start(box, two, instance="two")
    stop(box, one, instance="one")
    assert box.probe(one, "one").code == 7
    assert box.call("monitor", two, instance="two").code == 0
    assert box.get("http://127.0.0.1:8082/hello") == "hello world\n"


def test_two_instances_orphans_apart(box):
    one = {"configfile": box.config("one", "127.0.0.1:8081")}
    two = {"configfile": box.config("two", "127.0.0.1:8082")}
    start(box, one, instance="one")
    start(box, two, instance="two")
    box.kill_and_wait(box.master("one"))
    box.kill_and_wait(box.master("two"))
    box.run("sh", "-c", "rm /run/haops/*process*")
    stop(box, one, instance="one")
    assert len(box.workers()) == 2
    assert box.probe(one, "one").code == 7
    assert box.probe(two, "two").code == 1
    assert box.get("http://127.0.0.1:8082/hello") == "hello world\n"
    stop(box, two, instance="two")
    assert box.processes() == {}


def test_nginx_of_others_is_left_alone(box, web):
    other = box.config("other", "127.0.0.1:8083")
    box.run("/usr/sbin/nginx", "-c", other)
    assert box.probe(web).code == 7
    stop(box, web)
    start(box, web)
    stop(box, web)
    assert box.get("http://127.0.0.1:8083/hello") == "hello world\n"


def test_started_by_hand_is_adopted(box, web):
    box.run("/usr/sbin/nginx", "-g", "worker_priority 1;", "-c", web["configfile"])
    assert box.probe(web).code == 0
    assert box.call("monitor", web).code == 0
    stop(box, web)
    assert box.processes() == {}


def test_default_configuration(box):
    """Without configfile it is the one nginx was built with, started by whomever."""
    text = box.path(box.config()).read_text(encoding="utf-8")
    box.run("mount", "-t", "tmpfs", "none", "/etc/nginx")
    assert box.probe({}).code == 7
    done = box.call("start", {})
    assert (done.code, "/etc/nginx/nginx.conf" in done.reason) == (5, True), done
    box.write("/etc/nginx/nginx.conf", text)
    start(box, {})
    assert box.call("monitor", {}).code == 0
    assert box.probe({"configfile": "/etc/nginx/nginx.conf"}, "again").code == 0
    stop(box, {})
    box.run("/usr/sbin/nginx")
    assert box.probe({}).code == 0
    assert box.probe({"configfile": "/etc/nginx/nginx.conf"}).code == 0
    assert box.probe({"configfile": box.config("other")}).code == 7
    stop(box, {"configfile": "/etc/nginx/nginx.conf"})
    assert box.processes() == {}


def test_program_missing(box, web):
    box.run("mount", "--bind", "/dev/null", "/usr/sbin/nginx")
    for params in (web, {}):
        done, made = box.trace("monitor", params, {"interval": 0})
        assert (done.code, made) == (7, [])
        assert box.call("stop", params).code == 0
    done = box.call("start", web)
    assert (done.code, "not installed" in done.reason) == (5, True), done
    done = box.call("start", {**web, "httpd": "/opt/nginx"})
    assert (done.code, "/opt/nginx" in done.reason) == (5, True), done
    done = box.call("validate-all", web, extra={"OCF_CHECK_LEVEL": "10"})
    assert done.code == 5, done
    assert box.call("validate-all", web, extra={"OCF_CHECK_LEVEL": "0"}).code == 0


@pytest.fixture
def sbin(box):
    """/usr/sbin that can be changed; what is done with programs in there."""
    box.run("mkdir", "/run/box/upper", "/run/box/work")
    box.run("mount", "-t", "overlay", "overlay", "-o",
            "lowerdir=/usr/sbin,upperdir=/run/box/upper,workdir=/run/box/work", "/usr/sbin")


def program_of(box, pid):
    """The path of the program that a process runs."""
    return box.run("readlink", f"/proc/{pid}/exe").stdout.strip()


def test_default_program_beside_another_web_server(box, web, sbin):
    """RA#1772: the stock agent's default is /usr/sbin/httpd, which is Apache where both are installed."""
    box.write("/usr/sbin/httpd", "#!/bin/sh\ntouch /run/box/apache\nexit 1\n")
    box.path("/usr/sbin/httpd").chmod(0o755)
    start(box, web)
    assert program_of(box, box.master()) == "/usr/sbin/nginx"
    assert box.probe(web).code == 0 and box.call("monitor", web).code == 0
    stop(box, web)
    assert not box.path("/run/box/apache").exists()
    # Who asks for it by name gets it.
    done = box.call("start", {**web, "httpd": "/usr/sbin/httpd"})
    assert done.code == 1 and box.path("/run/box/apache").exists(), done
    assert box.processes() == {}


@pytest.mark.parametrize("httpd", [None, "/usr/sbin/httpd"])
def test_default_program_that_is_nginx(box, web, sbin, httpd):
    """RA#1772: where nginx is installed by the name of the stock agent's default, that is found."""
    box.run("mv", "/usr/sbin/nginx", "/usr/sbin/httpd")
    params = {**web, "httpd": httpd}
    start(box, params)
    assert box.get() == "hello world\n"
    master = box.run("cat", "/run/box/web.pid").stdout.strip()
    assert program_of(box, master) == "/usr/sbin/httpd"
    assert box.call("monitor", params).code == 0
    stop(box, params)
    assert box.processes("httpd") == {}


def test_validation_of_what_is_right_says_nothing(box, web):
    """RA#2094: messages that are no errors."""
    for level in ("0", "10"):
        done = box.call("validate-all", web, extra={"OCF_CHECK_LEVEL": level})
        assert (done.code, done.out, done.err) == (0, "", ""), done


def test_program_replaced_while_running(box, web):
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {**web, "httpd": "/run/box/nginx"}
    start(box, params)
    box.run("sh", "-c", "cp /usr/sbin/nginx /run/box/new && mv /run/box/new /run/box/nginx")
    assert box.call("monitor", params).code == 0
    box.run("sh", "-c", "rm -r /run/haops")
    assert box.probe(params).code == 0
    stop(box, params)
    assert box.processes() == {}


def test_program_removed_while_running(box, web):
    box.run("cp", "/usr/sbin/nginx", "/run/box/nginx")
    params = {**web, "httpd": "/run/box/nginx"}
    start(box, params)
    box.path("/run/box/nginx").unlink()
    assert box.call("monitor", params).code == 0
    stop(box, params)
    assert box.processes() == {}


def test_upgrade_on_the_fly(box, web):
    """SIGUSR2: a new master, child of the old one, takes over."""
    start(box, web)
    old = box.master()
    box.kill(old, signal.SIGUSR2)
    wait_until(lambda: box.path("/run/box/web.pid.oldbin").exists()
               and len([1 for t in box.processes().values() if "master" in t]) == 2
               and len(box.workers()) == 4, "a second master")
    assert box.call("monitor", web).code == 0
    box.kill(old, signal.SIGWINCH)
    wait_until(lambda: len(box.workers()) == 2, "only the new master's workers")
    assert box.call("monitor", web).code == 0
    box.kill(old, signal.SIGQUIT)
    wait_until(lambda: old not in box.processes(), "the old one is gone")
    assert box.call("monitor", web).code == 0
    assert box.get() == "hello world\n"
    stop(box, web)
    assert box.processes() == {}


def test_config_broken_before_start(box, web):
    """The stock agent says 5, which bans the node."""
    box.write("/run/box/conf.d/web-bad.conf", "bogus on;\n")
    done = box.call("start", web)
    assert done.code == 1, done
    assert 'unknown directive "bogus"' in done.reason and "web-bad.conf:1" in done.reason
    assert box.processes() == {}
    assert box.call("monitor", web).code == 7
    stop(box, web)
    box.path("/run/box/conf.d/web-bad.conf").unlink()
    start(box, web)


def test_config_missing(box):
    params = {"configfile": "/run/box/none.conf"}
    assert box.probe(params).code == 7
    assert box.call("stop", params).code == 0
    done = box.call("start", params)
    assert (done.code, "/run/box/none.conf" in done.reason) == (5, True), done


def test_config_broken_while_running(box, web):
    """A warning, once for each change; the server goes on."""
    start(box, web)
    assert box.call("monitor", web).code == 0
    box.write("/run/box/conf.d/web-bad.conf", "bogus on;\n")
    said = [box.call("monitor", web) for _ in range(4)]
    assert [done.code for done in said] == [0, 0, 0, 0]
    assert "bogus" in said[0].err
    assert all("bogus" not in done.err for done in said[1:])
    done = box.call("reload", web)
    assert (done.code, "bogus" in done.reason) == (1, True), done
    assert box.get() == "hello world\n"
    box.path(web["configfile"]).unlink()
    assert box.call("monitor", web).code == 0
    stop(box, web)
    assert box.processes() == {}


def test_config_in_the_foreground(box):
    params = {"configfile": box.config(main="daemon off;")}
    done = box.call("start", params)
    assert (done.code, "daemon off" in done.reason) == (1, True), done
    done = box.call("start", {"configfile": box.config(), "options": "-g 'daemon off;'"})
    assert (done.code, "daemon off" in done.reason) == (1, True), done
    assert box.processes() == {}


def test_single_process(box):
    params = {"configfile": box.config(main="master_process off;")}
    start(box, params)
    assert len(box.processes()) == 1
    assert box.call("monitor", params).code == 0
    stop(box, params)
    assert box.processes() == {}


def test_no_worker(box, web):
    """A master whose workers cannot live serves nobody."""
    start(box, web)
    master = box.master()
    box.kill(master, signal.SIGSTOP)
    for pid in box.workers():
        box.kill(pid)
    # The stopped master does not collect them, and nobody answers.
    wait_until(lambda: not box.workers(), "no worker")
    stop(box, web)
    assert box.processes() == {}


def test_reload(box, web):
    start(box, web)
    master, workers = box.master(), set(box.workers())
    box.write(web["configfile"], box.path(web["configfile"]).read_text(encoding="utf-8")
              .replace("hello world", "good bye"))
    done = box.call("reload", web)
    assert done.code == 0, done
    assert box.master() == master
    wait_until(lambda: not workers & set(box.workers()), "old workers gone")
    assert box.get() == "good bye\n"
    assert box.call("monitor", web).code == 0


def test_reload_that_nginx_does_not_take(box, web):
    """The test of the configuration passes, but the new port is taken: nginx keeps the old one."""
    start(box, web)
    stranger = box.spawn("python3", "-c", "import socket,time\ns=socket.socket()\ns.bind(('127.0.0.1',8090))\n"
                         "s.listen()\nprint(1,flush=True)\ntime.sleep(1000)")
    stranger.stdout.readline()
    box.config(listen="127.0.0.1:8090")
    done = box.call("reload", web, {"timeout": 4000})
    assert (done.code, "error log" in done.reason) == (1, True), done
    assert box.get() == "hello world\n"
    stranger.kill()
    stranger.communicate()


def test_reload_of_what_does_not_run_starts(box, web):
    assert box.call("reload", web).code == 0
    assert box.get() == "hello world\n"


def test_reload_agent(box, web):
    assert box.call("reload-agent", web).code == 7
    start(box, web)
    done, made = box.trace("reload-agent", {**web, "status10regex": "x"})
    assert (done.code, made) == (0, [])


def test_options(box, web):
    params = {**web, "options": "-g 'worker_rlimit_nofile 123;'"}
    start(box, params)
    limits = box.path(f"/proc/{box.workers()[0]}/limits").read_text(encoding="ascii")
    assert re.search(r"Max open files +123 ", limits)
    assert box.probe(params).code == 0
    stop(box, params)


def test_long_path(box):
    folder = "/run/box/" + "d" * 180
    text = box.path(box.config()).read_text(encoding="utf-8")
    params = {"configfile": box.write(folder + "/" + "f" * 60 + ".conf", text)}
    start(box, params)
    box.run("sh", "-c", "rm -r /run/haops")
    assert box.probe(params).code == 0
    stop(box, params)
    assert box.processes() == {}


def test_full_run_directory(box, web):
    """State files are hints: without room for them all still works."""
    start(box, web)
    stop(box, web)
    box.run("sh", "-c", "rm -r /run/haops; mkdir -m 700 /run/haops; mount -t tmpfs -o size=4k,mode=700 n /run/haops;"
            "head -c 8192 /dev/zero >/run/haops/fill || true")
    start(box, web)
    assert box.call("monitor", web).code == 0
    stop(box, web)
    assert box.processes() == {}


def test_names_of_resources(box, web):
    for instance in ("web:0", "../../x", "a b"):
        start(box, web, instance=instance)
        assert box.call("monitor", web, instance=instance).code == 0
        stop(box, web, instance=instance)


KILLER = """
import os, signal, subprocess, sys, time
child = subprocess.Popen(sys.argv[2:], start_new_session=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(float(sys.argv[1]))
try:
    os.killpg(child.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
child.wait()
"""


def kill_after(box, seconds, action, params):
    """Runs an action and kills its process group after that time, as Pacemaker does."""
    box.run(sys.executable, "-c", KILLER, str(seconds), box.agent.program, action, env=box.environment(params))


@pytest.mark.parametrize("action", ["start", "stop", "reload"])
def test_agent_killed_at_any_time(box, web, action):
    web["graceful_timeout"] = "500"
    for step in range(40):
        if action != "start":
            start(box, web)
        else:
            box.run("sh", "-c", "rm -rf /run/haops")
        kill_after(box, step * 0.001, action, web)
        stop(box, web)
        assert box.processes() == {}, f"killed {action} after {step} ms"
        assert box.probe(web).code == 7
    start(box, web)
    assert box.get() == "hello world\n"


@pytest.mark.parametrize("action", ["start", "stop"])
def test_agent_killed_at_any_system_call(box, web, action):
    """SIGKILL at the n-th call of each kind that changes something."""
    web["graceful_timeout"] = "500"
    killed = 0
    for call in ("clone3", "vfork", "clone", "write", "openat", "renameat", "poll", "ppoll", "pidfd_open",
                 "pidfd_send_signal", "waitid", "unlinkat", "unlink"):
        for when in (1, 2, 3, 5, 9):
            if action == "stop":
                start(box, web)
            done = box.strace(["-o", "/dev/null", "-e", f"trace={call}", "-e",
                               f"inject={call}:signal=KILL:when={when}"], action, web)
            killed += done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
            stop(box, web)
            assert box.processes() == {}, f"killed {action} at {call} {when}"
    assert killed > 10
    assert box.probe(web).code == 7


def test_parallel_instances(box):
    """Fifty instances started, watched and stopped at the same time."""
    count = 50
    params = [{"configfile": box.config(f"n{i}", f"127.0.0.1:{8100 + i}", workers=1)} for i in range(count)]
    for action, there in (("start", 2 * count), ("monitor", 2 * count), ("stop", 0)):
        running = [box.spawn(box.agent.program, action, env=box.environment(p, {"timeout": 60000}, instance=f"n{i}"))
                   for i, p in enumerate(params)]
        for process in running:
            process.communicate(timeout=60)
        assert [process.returncode for process in running] == [0] * count, action
        assert len(box.processes()) == there, action
        if there:
            assert [box.get(f"http://127.0.0.1:{8100 + i}/hello") for i in (0, count - 1)] == ["hello world\n"] * 2
