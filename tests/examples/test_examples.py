# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of examples/c, built by their own Makefile against a staged installation and run.

HAOPS_STAGE is the DESTDIR of a "make install". Each test that touches the network does so between two
network namespaces of its own, with an empty /run; both end with the test, also when that is killed.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
SOURCES = TREE / "examples" / "c"
HEADERS = sorted(TREE.glob("libhaops*/include/haops/*.h"))
LINES_MAX = 100
WAIT_S = 10

# What an example of each header must at least show.
MAIN_CALLS = {
    "haops": "ctx_new ctx_free ctx_error ctx_set_log ctx_set_run_dir deadline_after deadline_left_ms version",
    "addr": "addr_parse addr_format addr_cmp addr_is_unicast",
    "link": "link_get link_get_by_index link_set_up netns_enter",
    "vip": "vip_locate vip_add vip_wait_dad vip_query vip_remove",
    "arp": "arp_announce arp_probe arp_schedule_parse announcer_start announcer_query announcer_stop",
    "process": "process_run process_result_done process_get process_list process_signal process_wait_gone",
    "state": "state_write state_read state_remove state_lock state_lock_holder",
    "tcp": "tcp_list tcp_tickle",
    "nfs": "nfs_server_query nfs_export_query nfs_export_add nfs_export_remove nfs_holders nfs_unlock_path "
           "nfs_unlock_address",
    "http": "http_get http_response_done",
    "watch": "watch_put watch_get watch_list watch_remove watch_done",
    "lease": "lease_query lease_longest_ms lease_proof_max_ms",
    "mysql-gtid": "mysql_gtid_parse mysql_gtid_free mysql_gtid_format mysql_gtid_compare mysql_gtid_count_beyond "
                  "mysql_gtid_errant mysql_gtid_is_empty",
    "mysql": "mysql_connect mysql_close mysql_server mysql_get_status mysql_status_done mysql_demote mysql_drain "
             "mysql_promote mysql_set_acks mysql_repoint",
    "cluster": "cluster_join cluster_fd cluster_dispatch cluster_send cluster_leave",
}


def wait_until(what, condition):
    """Waits for a condition; what names it when it does not come."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {WAIT_S} s: {what}"
        time.sleep(0.01)


def pkg_config_env():
    """Environment that finds haops.pc in the stage; the prefix is the stage's affair."""
    stage = pathlib.Path(os.environ["HAOPS_STAGE"]).resolve()
    found = sorted(stage.rglob("haops.pc"))
    assert len(found) == 1, f"{stage} must hold one haops.pc, not {found}: make install DESTDIR={stage}"
    return dict(os.environ, PKG_CONFIG_PATH=str(found[0].parent), PKG_CONFIG_SYSROOT_DIR=str(stage))


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Folder of the built programs; a copy, as a user would make one."""
    folder = tmp_path_factory.mktemp("programs") / "c"
    shutil.copytree(SOURCES, folder)
    env = pkg_config_env()
    subprocess.run(["make", "-C", folder, "clean"], env=env, check=True, capture_output=True)
    done = subprocess.run(["make", "-C", folder, "CC=gcc", "CFLAGS=-std=c11 -Wall -Wextra -Werror -pedantic"],
                          env=env, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    libdir = subprocess.run(["pkg-config", "--variable=libdir", "haops"], env=env, check=True, text=True,
                            capture_output=True).stdout.strip()
    os.environ["LD_LIBRARY_PATH"] = libdir
    return folder


class Host:
    """A network and a mount namespace, held by a process that ends with its standard input."""

    def __init__(self):
        # A background sender ends with its interface, so none outlives a test that was killed.
        script = ("mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && cat; "
                  "ip link del v0 2>/dev/null")
        self.holder = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", script],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n"

    def command(self, *args):
        """The command line that runs args in there."""
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", *map(str, args)]

    def run(self, *args, **options):
        """Runs args in there; the finished process, its output as text."""
        return subprocess.run(self.command(*args), text=True, capture_output=True, check=False,
                              timeout=60, **options)

    def ip(self, text):
        """Runs ip(8); what it printed."""
        done = self.run("ip", *text.split())
        assert done.returncode == 0, done.stderr
        return done.stdout

    def addresses(self):
        """{address: prefix length} of all interfaces."""
        return {info["local"]: info["prefixlen"]
                for link in json.loads(self.ip("-j addr")) for info in link["addr_info"]}

    def close(self):
        """Ends it; the kernel removes what was in it."""
        self.holder.stdin.close()
        self.holder.wait(WAIT_S)
        self.holder.stdout.close()


@pytest.fixture(name="host")
def fixture_host():
    """A host by itself."""
    with contextlib.closing(Host()) as host:
        yield host


@pytest.fixture(name="pair")
def fixture_pair():
    """Two hosts with a cable between them: v0 of the first, v1 of the second."""
    with contextlib.closing(Host()) as here, contextlib.closing(Host()) as there:
        here.ip(f"link add v0 type veth peer name v1 netns {there.holder.pid}")
        here.ip("link set v0 up")
        there.ip("link set v1 up")
        here.ip("addr add 10.9.0.1/24 dev v0")
        here.ip("addr add fd09::1/64 dev v0 nodad")
        there.ip("addr add 10.9.0.2/24 dev v1")
        there.ip("addr add fd09::2/64 dev v1 nodad")
        # Announcements count at once, not only a second after the entry was made.
        there.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/neigh/v1/locktime")
        yield here, there


def mac_of(host, link):
    """Hardware address of an interface."""
    return json.loads(host.ip(f"-j link show {link}"))[0]["address"]


def believes(host, address, mac):
    """Whether host's neighbour table has mac for address."""
    return any(entry["dst"] == address and entry.get("lladdr") == mac for entry in json.loads(host.ip("-j neigh")))


def make_stale(host, address):
    """Gives a host an old hardware address to be told better of."""
    host.ip(f"neigh replace {address} lladdr 02:00:00:00:00:99 dev v1 nud stale")


def sources():
    """{name: text} of the programs."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.c"))}


def test_each_header_has_an_example_of_its_main_calls():
    assert {path.stem for path in HEADERS} == set(MAIN_CALLS)
    for header, calls in MAIN_CALLS.items():
        users = [text for text in sources().values() if f"#include <haops/{header}.h>" in text]
        if header == "haops":
            users = list(sources().values())
            assert any("#include <haops/haops.h>" in text for text in users)
        for call in calls.split():
            assert any(f"haops_{call}" in text for text in users), f"no example of haops_{call}()"


def test_examples_are_short_free_and_self_contained():
    for name, text in sources().items():
        assert text.startswith("/* SPDX-License-Identifier: 0BSD */\n"), name
        assert text.count("\n") < LINES_MAX, f"{name} has {LINES_MAX} lines or more"
        assert "haops_ctx_error(" in text, f"{name} does not print the reason of a failure"
        assert not re.search(r'#include\s+"', text), f"{name} includes a file that users do not have"


def test_lists_name_every_example():
    for path in (SOURCES / "Makefile", SOURCES / "README.md", TREE / "examples/local.mk"):
        text = path.read_text(encoding="utf-8")
        for name in sources():
            assert name.removesuffix(".c") in text, f"{path} does not name {name}"


def test_each_prints_its_usage(programs):
    needs_nothing = {"lease-status.c"}
    for name in sources():
        wrong = ["--wrong"] if name in needs_nothing else []
        done = run(programs / name.removesuffix(".c"), *wrong)
        assert done.returncode in (2, 125), name
        assert done.stderr.startswith(f"usage: {name.removesuffix('.c')} "), done.stderr


def run(*args, **options):
    """Runs a program on this host."""
    return subprocess.run(list(map(str, args)), text=True, capture_output=True, check=False, timeout=60, **options)


def test_log_and_deadline(programs, tmp_path):
    done = run(programs / "log-and-deadline", 2000, tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(rf"libhaops \d+\.\d+\.\d+: {tmp_path} is there\n", done.stdout)
    done = run(programs / "log-and-deadline", 50, tmp_path / "none")
    assert done.returncode == 1
    assert "after 50 ms" in done.stderr
    done = run(programs / "log-and-deadline", 50, "not/absolute")
    assert done.returncode == 2
    assert done.stderr.startswith("debug: ")
    assert "\nlog-and-deadline: " in done.stderr and "absolute path" in done.stderr


def test_addr_canonical(programs):
    done = run(programs / "addr-canonical", "FD09:0::0001", "10.9.0.7", "fd09::1", "224.0.0.1", "10.9.0.7")
    assert (done.returncode, done.stdout) == (0, "10.9.0.7\n224.0.0.1 (not a host's)\nfd09::1\n")
    done = run(programs / "addr-canonical", "10.9.0.7", "10.9.0.777")
    assert (done.returncode, done.stdout) == (2, "")
    assert "10.9.0.777" in done.stderr


def test_link_show(programs, pair):
    here, _ = pair
    here.ip("link set v0 down")
    number = json.loads(here.ip("-j link show v0"))[0]["ifindex"]
    done = here.run(programs / "link-show", "v0", "lo")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{number} v0 down, no carrier, mac {mac_of(here, 'v0')}, ")
    assert "lo up, carrier, loopback" in done.stdout
    done = here.run(programs / "link-show", "-u", number)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{number} v0 up, ")
    assert "UP" in json.loads(here.ip("-j link show v0"))[0]["flags"]
    done = here.run(programs / "link-show", "none0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "none0" in done.stderr


def test_link_show_in_a_named_namespace(programs, host):
    # ip-netns(8) keeps names below /run, which is the test's own.
    host.ip("netns add other")
    done = host.run(programs / "link-show", "-n", "other", "lo")
    assert done.returncode == 0
    assert done.stdout.startswith("1 lo down, ")
    done = host.run(programs / "link-show", "-n", "nowhere", "lo")
    assert done.returncode == 1
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("address, spelling, prefix", [
    ("10.9.0.7", "10.9.0.7", 24),
    ("fd09::7", "FD09:0:0::0007", 64),
])
def test_vip_move(programs, pair, address, spelling, prefix):
    here, there = pair
    make_stale(there, address)
    done = here.run(programs / "vip-move", "show", spelling)
    assert (done.returncode, done.stdout) == (0, f"{address} is absent\n")
    done = here.run(programs / "vip-move", "take", spelling)
    assert (done.returncode, done.stdout) == (0, f"{address} is present with /{prefix} on v0\n"), done.stderr
    assert here.addresses()[address] == prefix
    wait_until("neighbour told", lambda: believes(there, address, mac_of(here, "v0")))
    done = here.run(programs / "vip-move", "drop", spelling)
    assert (done.returncode, done.stdout) == (0, f"{address} is absent\n")
    assert address not in here.addresses()


def test_vip_move_gives_a_duplicate_back(programs, pair):
    here, there = pair
    there.ip("addr add fd09::8/64 dev v1 nodad")
    done = here.run(programs / "vip-move", "take", "fd09::8")
    assert done.returncode == 1
    assert done.stdout == "given back: another host has it\n"
    assert "fd09::8" in done.stderr
    assert "fd09::8" not in here.addresses()


def test_vip_move_errors(programs, pair):
    here, _ = pair
    before = here.addresses()
    done = here.run(programs / "vip-move", "take", "192.0.2.7")
    assert (done.returncode, done.stdout) == (1, "")
    assert "192.0.2.7" in done.stderr
    done = here.run(programs / "vip-move", "take", "10.9.0.300")
    assert done.returncode == 2
    assert "10.9.0.300" in done.stderr
    assert here.run(programs / "vip-move", "seize", "10.9.0.7").returncode == 2
    done = here.run("setpriv", "--bounding-set=-all", "--inh-caps=-all", programs / "vip-move", "take", "10.9.0.7")
    assert done.returncode == 1
    assert "10.9.0.7" in done.stderr
    assert here.addresses() == before


# A server that drops its end without a word when somebody else connects, and a client that waits for an answer.
ABANDON = """import signal, socket
listener = socket.create_server(("10.9.0.7", 2049))
print("listening", flush=True)
held = listener.accept()[0]
print("accepted", flush=True)
listener.accept()[0].close()
held.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR
held.close()
print("gone", flush=True)
signal.pause()
"""
WAIT = """import socket
client = socket.create_connection(("10.9.0.7", 2049))
try:
    print("closed" if client.recv(1) == b"" else "", flush=True)
except ConnectionResetError:
    print("reset", flush=True)
"""


def test_tcp_clients(programs, pair):
    """Who was connected is told by the host that has the address, and notices that it is another one."""
    here, there = pair
    program = programs / "tcp-clients"
    here.ip("addr add 10.9.0.7/24 dev v0")
    with contextlib.ExitStack() as stack:
        def start(host, script):
            process = subprocess.Popen(host.command(sys.executable, "-c", script), stdout=subprocess.PIPE, text=True)
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process
        server = start(here, ABANDON)
        assert server.stdout.readline() == "listening\n"
        client = start(there, WAIT)
        assert server.stdout.readline() == "accepted\n"
        done = here.run(program, "list", "10.9.0.7", 2049)
        assert done.returncode == 0 and re.fullmatch(r"10\.9\.0\.2 \d+\n", done.stdout), done
        there.run(sys.executable, "-c", "import socket; socket.create_connection(('10.9.0.7', 2049)).recv(1)")
        assert server.stdout.readline() == "gone\n"
        assert here.run(program, "list", "10.9.0.7", 2049).stdout == ""
        told = here.run(program, "tickle", "10.9.0.7", 2049, *done.stdout.split())
        assert told.returncode == 0, told
        assert client.stdout.readline() == "reset\n"


def test_tcp_clients_errors(programs, pair):
    here, _ = pair
    program = programs / "tcp-clients"
    assert here.run(program, "list", "10.9.0.7").returncode == 2
    assert here.run(program, "list", "10.9.0.300", 2049).returncode == 2
    done = here.run(program, "tickle", "192.0.2.1", 2049, "10.9.0.2", 700)
    assert done.returncode == 1 and "cannot send" in done.stderr


def test_arp_announce(programs, pair):
    here, there = pair
    here.ip("addr add 10.9.0.7/24 dev v0")
    here.ip("addr add fd09::7/64 dev v0 nodad")
    make_stale(there, "10.9.0.7")
    make_stale(there, "fd09::7")
    done = here.run(programs / "arp-announce", "v0", "10.9.0.7", "fd09::7")
    assert (done.returncode, done.stdout) == (0, "2 addresses announced 3 times\n"), done.stderr
    for address in ("10.9.0.7", "fd09::7"):
        wait_until(f"{address} told", lambda a=address: believes(there, a, mac_of(here, "v0")))


def test_arp_announce_refuses_what_another_has(programs, pair):
    here, there = pair
    there.ip("addr add 10.9.0.8/24 dev v1")
    done = here.run(programs / "arp-announce", "v0", "10.9.0.8")
    assert (done.returncode, done.stdout) == (1, f"10.9.0.8 is in use by {mac_of(there, 'v1')}\n"), done.stderr
    assert here.run(programs / "arp-announce", "none0", "10.9.0.8").returncode == 1
    assert here.run(programs / "arp-announce", "v0", "ten").returncode == 2


def test_announce_in_background(programs, pair):
    here, there = pair
    here.ip("addr add 10.9.0.7/24 dev v0")
    make_stale(there, "10.9.0.7")
    program = programs / "announce-in-background"
    assert here.run(program, "show", "10.9.0.7").stdout == "example-10.9.0.7: not running\n"
    for _ in range(2):
        done = here.run(program, "start", "10.9.0.7", "v0", "1, 2")
        assert (done.returncode, done.stdout) == (0, "example-10.9.0.7: running\n"), done.stderr
    wait_until("neighbour told", lambda: believes(there, "10.9.0.7", mac_of(here, "v0")))
    make_stale(there, "10.9.0.7")
    wait_until("told by a later round", lambda: believes(there, "10.9.0.7", mac_of(here, "v0")))
    done = here.run(program, "stop", "10.9.0.7")
    assert (done.returncode, done.stdout) == (0, "example-10.9.0.7: not running\n"), done.stderr
    done = here.run(program, "start", "10.9.0.7", "v0", "5,1")
    assert done.returncode == 2
    assert here.run(program, "begin", "10.9.0.7").returncode == 2


def test_announce_in_background_ends_with_the_address(programs, pair):
    here, _ = pair
    here.ip("addr add 10.9.0.7/24 dev v0")
    program = programs / "announce-in-background"
    assert here.run(program, "start", "10.9.0.7", "v0").returncode == 0
    here.ip("addr del 10.9.0.7/24 dev v0")
    wait_until("sender ends", lambda: "not running" in here.run(program, "show", "10.9.0.7").stdout)


def test_run_command(programs, tmp_path):
    program = programs / "run-command"
    done = run(program, 5000, "/bin/sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout) == (7, "out\nerr\n")
    done = run(program, 5000, "/bin/sh", "-c", "kill -9 $$")
    assert (done.returncode, done.stderr) == (128 + 9, "run-command: ended by signal 9\n")
    done = run(program, 100, "/bin/sleep", 60)
    assert (done.returncode, done.stderr) == (124, "run-command: killed at the deadline\n")
    done = run(program, 5000, tmp_path / "none")
    assert done.returncode == 127 and "none" in done.stderr
    (tmp_path / "text").write_text("", encoding="utf-8")
    assert run(program, 5000, tmp_path / "text").returncode == 126
    assert run(program, 5000, "relative").returncode == 125


@pytest.fixture(name="stubborn")
def fixture_stubborn(tmp_path):
    """Starts processes of a program that no other process runs: ended after the test."""
    program = tmp_path / "sleeper"
    shutil.copy(shutil.which("sleep"), program)
    started = []

    def start(*prefix):
        started.append(subprocess.Popen([*prefix, program, "60"]))
        wait_until("program runs", lambda: os.readlink(f"/proc/{started[-1].pid}/exe") == str(program))
        return started[-1]
    yield program, start
    for process in started:
        process.kill()
        process.wait()


def test_process_stop(programs, stubborn):
    program, start = stubborn
    first, second = start(), start()
    done = run(programs / "process-stop", program, 5000)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 ended"), done.stderr
    assert f"signal 15 to {first.pid}: {program} 60\n" in done.stdout
    assert first.wait(WAIT_S) == second.wait(WAIT_S) == -signal.SIGTERM
    done = run(programs / "process-stop", program, 5000)
    assert (done.returncode, done.stdout) == (0, "0 ended\n")


def test_process_stop_kills_what_does_not_heed(programs, stubborn):
    _, start = stubborn
    deaf = start("env", "--ignore-signal=TERM")
    done = run(programs / "process-stop", deaf.pid, 100)
    assert done.returncode == 0
    assert f"signal 9 to {deaf.pid}: " in done.stdout
    assert deaf.wait(WAIT_S) == -signal.SIGKILL
    done = run(programs / "process-stop", deaf.pid, 100)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(deaf.pid) in done.stderr


def test_state_file(programs, tmp_path):
    program, folder = programs / "state-file", tmp_path / "run"
    assert run(program, folder, "a name", input="one").stdout == "nothing before\n"
    assert run(program, folder, "a name", input="two").stdout == "before: one\n"
    assert run(program, "-r", folder, "a name").returncode == 0
    with subprocess.Popen([program, folder, "a name"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as holder:
        assert holder.stdout.readline() == "nothing before\n"
        done = run(program, folder, "a name", input="three")
        assert (done.returncode, done.stdout) == (1, f"locked by process {holder.pid}\n")
        holder.stdin.write("four")
        holder.stdin.close()
        assert holder.wait(WAIT_S) == 0
    assert run(program, folder, "a name", input="five").stdout == "before: four\n"
    assert run(program, "run", "a name", input="").returncode == 2
    folder.chmod(0o777)
    done = run(program, folder, "a name", input="six")
    assert done.returncode == 1 and str(folder) in done.stderr


def test_watch_record(programs, tmp_path):
    program, folder = programs / "watch-record", tmp_path / "run"
    with subprocess.Popen(["sleep", "60"]) as process:
        assert run(program, "-d", folder, "list").stdout == ""
        assert run(program, "-d", folder, "put", "my/service", process.pid).returncode == 0
        assert run(program, "-d", folder, "list").stdout == "my/service: example, 1 objects\n"
        process.kill()
    done = run(program, "-d", folder, "put", "other", process.pid)
    assert done.returncode == 1 and f"process {process.pid} does not exist" in done.stderr
    assert run(program, "-d", folder, "remove", "my/service").returncode == 0
    assert run(program, "-d", folder, "remove", "my/service").returncode == 0
    assert run(program, "-d", folder, "list").stdout == ""
    assert run(program, "-d", folder, "put", "", "1").returncode == 2
    assert run(program).returncode == 2


def test_nfs_export(programs):
    program = programs / "nfs-export"
    done = run(program, "show", "192.0.2.0/24", "/srv/none")
    assert done.returncode == 0 and "/srv/none to 192.0.2.0/24: not exported, not in use" in done.stdout
    assert run(program, "remove", "192.0.2.0/24", "srv").returncode == 2
    done = run(program, "add", "a b", "/srv/none")
    assert done.returncode == 2 and "is not one client" in done.stderr


def test_lease_status(programs, tmp_path):
    program, folder = programs / "lease-status", tmp_path / "run"
    done = run(program, "-d", folder)
    assert (done.returncode, done.stdout) == (1, "haopsd does not run\n")
    assert not folder.exists(), "looking makes nothing"
    folder.mkdir(mode=0o700)
    (folder / "haopsd-lease").write_bytes(b"rubbish")
    assert run(program, "-d", folder).stdout == "haopsd does not run\n"
    folder.chmod(0o777)
    done = run(program, "-d", folder)
    assert done.returncode == 2 and str(folder) in done.stderr
    assert run(program, "-d").returncode == 2


@pytest.fixture(name="server")
def fixture_server(host, tmp_path):
    """A web server on the host: the number of its port."""
    (tmp_path / "index.html").write_text("all is well here", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    process = subprocess.Popen(
        host.command(sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", tmp_path, 0),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield int(re.search(r"port (\d+)", process.stdout.readline()).group(1))
    process.kill()
    process.communicate()


def test_http_check(programs, host, server):
    program, url = programs / "http-check", f"http://127.0.0.1:{server}"
    done = host.run(program, 5000, f"{url}/", "is well")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"good: status 200, 16 bytes, first one after \d+ ms\n", done.stdout)
    done = host.run(program, 5000, f"{url}/folder")
    assert done.returncode == 0
    assert done.stdout.startswith("good: status 301, ") and "goes on at /folder/" in done.stdout
    done = host.run(program, 5000, f"{url}/", "is lost")
    assert (done.returncode, done.stdout) == (1, 'bad: status 200, without "is lost"\n')
    assert host.run(program, 5000, f"{url}/none").stdout == "bad: status 404\n"
    done = host.run(program, 5000, "http://127.0.0.1:1/")
    assert done.returncode == 1 and done.stdout.startswith("bad: ")
    done = host.run(program, 5000, "https://127.0.0.1/")
    assert (done.returncode, done.stdout) == (2, "")
    done = host.run(program, 0, f"{url}/")
    assert done.returncode == 3 and done.stdout.startswith("unknown: ")


def test_mysql_gtid_compare(programs):
    program = programs / "mysql-gtid-compare"
    done = run(program, "mariadb", "0-1-5514", "0-1-5513,0-2-5613")
    assert (done.returncode, done.stdout) == (
        0, "the first is behind, 0 more and 99 less\nonly the first: 0-1-5514\nonly the second: 0-2-5613\n")
    one, two = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab"
    done = run(program, "mysql", f"{one.upper()}:1-5:tag:7", f"{two}:1-3,\n{one}:1-5")
    assert (done.returncode, done.stdout) == (
        0, f"diverged, 1 more and 3 less\nonly the first: {one}:tag:7\nonly the second: {two}:1-3\n")
    assert run(program, "mysql", f"{one}:1-5", f"{one}:1:2-5").stdout == "equal, 0 more and 0 less\n"
    assert run(program, "mariadb", "0-1-7", "0-1-6").stdout.startswith("the first is ahead, 1 more and 0 less\n")
    done = run(program, "mariadb", "0-1-7", "0-1-x")
    assert (done.returncode, done.stdout) == (2, "")
    assert '"x" at byte 5, where a sequence number' in done.stderr
    assert run(program, "oracle", "", "").returncode == 2


def test_mysql_switchover(programs):
    """Two real servers swap their roles."""
    sys.path.insert(0, str(TREE / "tests" / "mysql"))
    import servers  # pylint: disable=import-outside-toplevel
    box = servers.Box()
    with contextlib.closing(box):
        template = servers.make_template(box)
        made = [servers.Server(box, number, template) for number in (1, 2)]
        first, second = made
        try:
            done = box.run(programs / "mysql-status", first.socket, "root", check=False)
            assert done.returncode == 1 and "the server does not run" in done.stderr
            for server in made:
                server.start()
            first.sql("SET GLOBAL read_only=0")
            second.follow(first)
            first.sql("INSERT INTO test.t (v) VALUES ('a')")
            done = box.run(programs / "mysql-switchover", first.socket, second.socket, "127.0.0.1", second.port,
                           servers.REPLICATION[0], input=servers.REPLICATION[1] + "\n")
            assert second.one("SELECT COUNT(*) FROM test.t") == "1"
            second.sql("INSERT INTO test.t (v) VALUES ('b')")
            wait_until("it follows", lambda: first.one("SELECT COUNT(*) FROM test.t") == "2")
            shown = box.run(programs / "mysql-status", first.socket, "root").stdout
            assert f"source     127.0.0.1:{second.port}\n" in shown and "logged     0-1-1,0-2-2\n" in shown
            shown = box.run(programs / "mysql-status", second.socket, "root").stdout
            assert "writable   yes\n" in shown and "wait for a replica\n" in shown
        finally:
            for server in made:
                server.close()


def test_cluster_chat_without_corosync(programs, host):
    # Sockets of libqb belong to the network: here is no Corosync, whatever the machine has.
    with subprocess.Popen(host.command(programs / "cluster-chat", "test"), text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as chat:
        assert chat.stdout.readline() == "-- down, 0 in the group, not quorate or not settled\n"
        assert "does not run" in chat.stdout.readline()
        _, error = chat.communicate(timeout=WAIT_S)
        assert chat.returncode == 1 and "nothing to leave" in error
    done = host.run(programs / "cluster-chat", "g" * 128)
    assert done.returncode == 1 and "1 to 127 bytes" in done.stderr
