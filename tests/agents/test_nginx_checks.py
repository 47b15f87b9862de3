# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:nginx: monitors of depth 10, 20 and 30, against nginx and against a server with faults."""

import pathlib
import time
from xml.etree import ElementTree

import pytest
from netlab import wait_until
from nginxlab import Box

SERVER = pathlib.Path(__file__).with_name("faulty-http.py")


@pytest.fixture(scope="module")
def box(agents):
    """One box, with an nginx that the checks need running and do not change."""
    made = Box(agents)
    made.config()
    assert made.call("start", {"configfile": "/run/box/web.conf"}).code == 0
    server = made.spawn("/usr/bin/python3", SERVER, "9000")
    assert server.stdout.readline() == "ready\n"
    made.spawn("/usr/bin/python3", SERVER, "/run/box/faulty.sock").stdout.readline()
    yield made
    made.close()


WEB = {"configfile": "/run/box/web.conf"}


def page(box, url, regex="all is well", seconds=5, **params):
    """A monitor of depth 20; the margin of the deadline is in seconds."""
    return box.call("monitor", {**WEB, "test20url": url, "test20regex": regex, **params},
                    {"timeout": seconds * 1000}, extra={"OCF_CHECK_LEVEL": "20"})


def test_status_page_is_found_in_the_configuration(box):
    assert box.level(10, WEB).code == 0
    assert box.level(10, {**WEB, "status10regex": "reading: [0-9]+ writing"}).code == 0
    done = box.level(10, {**WEB, "status10regex": "no such text"})
    assert (done.code, "no such text" in done.reason) == (1, True), done


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/nginx_status", "http://localhost:8080/nginx_status",
                                 "/nginx_status"])
def test_status_url(box, url):
    assert box.level(10, {**WEB, "status10url": url}).code == 0


def test_levels_between(box):
    """15 is 10, 25 is 20: the next lower one that exists."""
    assert box.level(15, {**WEB, "status10regex": "no such text"}).code == 1
    assert box.level(9, {**WEB, "status10regex": "no such text"}).code == 0


@pytest.mark.parametrize("path", ["plain", "chunked", "close", "longheader", "nul", "lines", "moved", "continue"])
@pytest.mark.parametrize("base", ["http://127.0.0.1:9000", "http://[::1]:9000", "unix:/run/box/faulty.sock:"])
def test_good_answers(box, base, path):
    done = page(box, f"{base}/{path}", "ALL is w[e]ll here$")
    assert done.code == 0, done


@pytest.mark.parametrize("path,text", [
    ("nothing", "closed"), ("reset", "closed"), ("garbage", "cannot be used"), ("ssh", "status line"),
    ("short", "breaks off"), ("badchunk", "chunk"), ("hugeheader", "64 KiB"), ("huge", "first MiB"),
    ("500", "status 500"), ("401", "status 401"), ("none", "status 404")])
def test_bad_answers(box, path, text):
    done = page(box, f"http://127.0.0.1:9000/{path}")
    assert (done.code, text in done.reason) == (1, True), done


@pytest.mark.parametrize("path", ["silent", "slow", "endless"])
def test_endless_answers_end_at_the_deadline(box, path):
    begin = time.monotonic()
    done = page(box, f"http://127.0.0.1:9000/{path}", seconds=2)
    assert (done.code, "too long" in done.reason) == (1, True), done
    assert time.monotonic() - begin < 3


def test_nothing_listens(box):
    for url in ("http://127.0.0.1:9001/", "http://localhost:9001/", "unix:/run/box/none.sock:/"):
        done = page(box, url)
        assert (done.code, "nothing listens" in done.reason) == (1, True), done


def test_relative_url(box):
    assert page(box, "/hello", "hello").code == 0
    assert page(box, "hello", "hello").code == 0
    assert page(box, "/plain", port="9000").code == 0
    done = page(box, "/broken", "hello")
    assert (done.code, "500" in done.reason) == (1, True), done


def test_depth_20_without_settings(box):
    done = box.level(20, WEB)
    assert (done.code, "test20url" in done.reason) == (1, True), done


CONF = """
# a comment
test first
	url http://127.0.0.1:9000/plain
	match nothing of the kind
end

test second
	url http://127.0.0.1:9000/plain
	match All is well
end
test secret
	url http://127.0.0.1:9000/auth
	user us er
	password pa"ss\\word
	match all is well
end
test {client}
	url http://127.0.0.1:9000/auth
	user us er
	password pa"ss\\word
	client {client}
	match all is well
end
test options
	url http://127.0.0.1:9000/host
	client curl
	client_opts --header 'Host: www.example.com'
	match ^www.example.com$
end
test own
	url some thing
	client /run/box/client
	client_opts -x "y z"
	match ^-x,y z,http://127.0.0.1:8080/some thing$
end
test typo
	ulr /hello
end
test half
	url /hello
end
"""


@pytest.mark.parametrize("name,code,text", [
    ("", 1, "nothing of the kind"), ("first", 1, "nothing of the kind"), ("second", 0, ""), ("secret", 0, ""),
    ("curl", 0, ""), ("options", 0, ""), ("own", 0, ""), ("typo", 1, "line 38"), ("half", 1, "match"),
    ("missing", 1, "no test of the name")])
def test_conffile(box, name, code, text):
    """The stock agent always makes the first test."""
    box.write("/run/box/tests", CONF.format(client="curl"))
    box.write("/run/box/client", '#!/bin/sh\necho "$1,$2,$3"\n')
    box.path("/run/box/client").chmod(0o755)
    done = box.level(20, {**WEB, "test20conffile": "/run/box/tests", "test20name": name})
    assert (done.code, text in done.reason) == (code, True), done
    assert "ss\\word" not in done.err


def test_conffile_wget(box):
    box.write("/run/box/tests2", CONF.format(client="wget"))
    done = box.level(20, {**WEB, "test20conffile": "/run/box/tests2", "test20name": "wget"})
    assert done.code == 0, done


@pytest.mark.parametrize("client", ["curl", "wget"])
def test_password_is_in_no_argument(box, client):
    box.write("/run/box/tests3", CONF.format(client=client))
    params = {**WEB, "test20conffile": "/run/box/tests3", "test20name": client}
    done = box.strace(["-f", "-v", "-s", "4096", "-e", "trace=execve", "-o", "/run/box/strace3"], "monitor", params,
                      extra={"OCF_CHECK_LEVEL": "20"})
    assert done.returncode == 0, done.stderr
    text = box.path("/run/box/strace3").read_text(encoding="utf-8")
    assert f"/{client}" in text
    assert "ss\\\\word" not in text


def test_conffile_missing(box):
    """The stock agent then tests test20url without a word."""
    done = box.level(20, {**WEB, "test20conffile": "/run/box/nothing", "test20url": "/hello", "test20regex": "hello"})
    assert (done.code, "/run/box/nothing" in done.reason) == (1, True), done
    box.run("mkfifo", "/run/box/fifo", check=False)
    assert box.level(20, {**WEB, "test20conffile": "/run/box/fifo"}).code == 1


@pytest.mark.parametrize("param", ["testclient", "client"])
def test_client(box, param):
    for client in ("curl", "wget", "/usr/bin/curl"):
        params = {**WEB, param: client, "test20url": "http://127.0.0.1:8080/moved", "test20regex": "hello"}
        done, made = box.trace("monitor", params, extra={"OCF_CHECK_LEVEL": "20"})
        assert done.code == 0, done
        assert any(client.rpartition("/")[2] in line for line in made)
        assert box.level(10, {**WEB, param: client}).code == 0
    done = box.level(10, {**WEB, param: "nosuchclient"})
    assert (done.code, "nosuchclient" in done.reason) == (1, True), done


def test_host_names_go_to_a_client(box):
    """Names are not resolved by the agent itself: curl is started."""
    params = {**WEB, "test20url": "http://web.localhost:9000/plain", "test20regex": "all is well"}
    done, made = box.trace("monitor", params, extra={"OCF_CHECK_LEVEL": "20"})
    assert any("curl" in line for line in made)
    assert done.code == 0, done
    done = page(box, "http://127.0.0.1:9000/loop")
    assert done.code == 1, done


def external(box, command):
    """A monitor of depth 30."""
    return box.level(30, {**WEB, "external_monitor30_cmd": command})


def test_external(box):
    box.write("/run/box/ext", '#!/bin/sh\n[ "$1" = "a b" ] && [ "$2" = c ] || { echo "no good"; exit 3; }\n')
    box.path("/run/box/ext").chmod(0o755)
    assert external(box, "/run/box/ext 'a b' c").code == 0
    assert external(box, "true").code == 0
    done = external(box, "/run/box/ext x")
    assert (done.code, "status 3" in done.reason, "no good" in done.reason) == (1, True, True), done
    done = external(box, "/run/box/notthere")
    assert (done.code, "/run/box/notthere" in done.reason) == (1, True), done
    done = box.level(30, WEB)
    assert (done.code, "external_monitor30_cmd" in done.reason) == (1, True), done


def test_external_that_hangs(box):
    begin = time.monotonic()
    done = box.call("monitor", {**WEB, "external_monitor30_cmd": "sleep 1000"}, {"timeout": 2000},
                    extra={"OCF_CHECK_LEVEL": "30"})
    assert (done.code, "killed" in done.reason) == (1, True), done
    assert time.monotonic() - begin < 3
    wait_until(lambda: box.processes("sleep") == {}, "no sleep left")


def agents_of(box):
    """The pids of the agent's own processes that run a monitor."""
    return [pid for pid, text in box.processes().items() if text.endswith(" monitor")]


def begin_external(box, command, *wrap):
    """Begins a monitor of depth 30; returns it."""
    env = box.environment({**WEB, "external_monitor30_cmd": command}, extra={"OCF_CHECK_LEVEL": "30"})
    return box.spawn(*wrap, box.agent.program, "monitor", env=env)


def test_external_ends_with_a_killed_agent(box):
    """Pacemaker kills the agent's process group: the command has one of its own."""
    agent = begin_external(box, "sleep 1000")
    wait_until(lambda: box.processes("sleep"), "the command runs")
    for pid in agents_of(box):
        box.kill(pid)
    agent.communicate(timeout=10)
    wait_until(lambda: box.processes("sleep") == {}, "no sleep left")


def test_external_of_an_agent_killed_just_before_never_runs(box):
    """Killed between the fork and the order to end with it."""
    agent = begin_external(box, "touch /run/box/ran", "strace", "-f", "-qq", "-o", "/run/box/strace-prctl", "-e",
                           "trace=prctl,exit_group", "-e", "inject=prctl:delay_enter=2000000")
    # The child is there, in its call.
    wait_until(lambda: len(agents_of(box)) == 2, "a child")
    box.kill(min(agents_of(box)))
    agent.communicate(timeout=10)
    told = box.path("/run/box/strace-prctl").read_text(encoding="ascii")
    assert "PR_SET_PDEATHSIG" in told and "exit_group(127)" in told, told
    assert not box.path("/run/box/ran").exists()


def test_no_shell(box):
    done = external(box, "/bin/true; touch /run/box/pwned")
    assert done.code == 1, done
    for command in ("/bin/true; touch /run/box/pwned", "true && touch /run/box/pwned", "$(touch /run/box/pwned)",
                    "`touch /run/box/pwned`", 'true "$(touch /run/box/pwned)"', "true > /run/box/pwned"):
        done = box.call("validate-all", {**WEB, "external_monitor30_cmd": command})
        assert done.code in (2, 6), done
        assert "external_monitor30_cmd" in done.reason and "script" in done.reason, done
        assert external(box, command).code == 1
    assert not box.path("/run/box/pwned").exists()


RUBBISH = {"rubbish": "%&/()=?\u00e4;{}", "empty": "", "long": "x" * 10240, "newline": "/run/a\nb",
           "blank": " ", "minus": "-1"}
ALWAYS_GOOD = {"test20name", "status10regex", "test20regex", "test20url", "external_monitor30_cmd"}


def parameters(box):
    """The names in the agent's own meta-data."""
    text = box.call("meta-data", {}).out
    return [element.get("name") for element in ElementTree.fromstring(text).iter("parameter")]


def state(box):
    """What an action that is refused must not change: processes, addresses, files of nginx and of the agent."""
    files = box.run("find", "/run", "-xdev", "-type", "f", "-not", "-name", "strace*", "-printf", "%p %s %T@\\n")
    return box.processes(), box.run("ip", "-j", "addr").stdout, sorted(files.stdout.splitlines())


def is_refused(param, kind):
    """Whether a value of that kind can be no value of the parameter."""
    if kind in ("long", "newline"):
        return True
    return kind != "empty" and param not in ALWAYS_GOOD and (kind, param) != ("blank", "options")


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish(box, kind):
    """A clear error, code 6 or 2, and nothing changed on the host."""
    for param in parameters(box):
        before = state(box)
        params = {**WEB, param: RUBBISH[kind]}
        done = box.call("validate-all", params, extra={"OCF_CHECK_LEVEL": "0"})
        if is_refused(param, kind):
            assert done.code in (2, 6), (param, done)
            assert param in done.reason and len(done.reason) <= 128, (param, done)
            assert done.reason.count("\n") == 0
        else:
            assert done.code == 0 or (kind != "empty" and param in done.reason), (param, done)
        if done.code:
            assert box.call("start", params).code == done.code
            for action in ("monitor", "stop"):
                other = {**params, "configfile": params["configfile"] if param == "configfile" else "/run/box/none.conf"}
                assert box.call(action, other, instance="other").code in (0, 7), (param, action)
        assert state(box) == before, param


@pytest.mark.parametrize("options", ["-s stop", "-t", "-T", "-v", "-V", "-h", "-c /etc/x", "-qt", "word", "-g", "-", "-g 'x"])
def test_options_that_do_not_serve(box, options):
    done = box.call("validate-all", {**WEB, "options": options})
    assert done.code in (2, 6), done
    assert "options" in done.reason
