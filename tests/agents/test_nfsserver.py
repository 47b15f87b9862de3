# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:nfsserver: order, state directory, what dies, and what the stock agent gets wrong. Daemons are stand-ins."""

import re
import sys
import time

import nfslab
import pytest
from netlab import wait_until
from nfslab import DAEMONS, Box

SHARED = "/srv/shared/nfs"


@pytest.fixture(scope="session")
def fake(tmp_path_factory):
    """The stand-in for the daemons."""
    return nfslab.build(tmp_path_factory.mktemp("nfs"))


@pytest.fixture
def box(agents, fake):
    """A box with a kernel in which no server runs."""
    made = Box(agents, "nfsserver", fake)
    yield made
    made.close()


@pytest.fixture
def server():
    """Parameters of a server whose state moves with the data."""
    return {"nfs_shared_infodir": SHARED, "rpcpipefs_dir": "/run/rpc_pipefs", "nfs_ip": "192.0.2.10"}


def must(box, action, params, **kwargs):
    """Runs an action that has to succeed."""
    done = box.call(action, params, **kwargs)
    assert done.code == 0, done
    return done


def is_bound(box):
    """Whether something is mounted on /var/lib/nfs beside the box's own."""
    return box.mounts().count("/var/lib/nfs") > 1


def test_life_cycle(box, server):
    assert box.probe(server).code == 7
    must(box, "start", server)
    assert set(box.daemons()) == set(DAEMONS)
    assert box.get("threads") == "8" and is_bound(box)
    for name in ("sm", "sm.bak", "v4recovery", "etab", "rmtab"):
        assert box.path(f"{SHARED}/{name}").exists()
    before = box.daemons()
    assert box.call("monitor", server).code == 0
    assert box.probe(server).code == 0
    must(box, "start", server)
    must(box, "reload-agent", server)
    assert box.daemons() == before
    must(box, "stop", server)
    assert box.get("threads") == "0" and not is_bound(box)
    # RA#869: rpcbind serves others; RA#2005, RA#2007: nfsdcld is ended.
    assert set(box.daemons()) == {"rpcbind"}
    assert box.call("monitor", server).code == 7
    must(box, "stop", server)


def test_monitor_and_probe_make_no_process(box, server):
    for code in (7, 0):
        for meta in ({"interval": 0}, {"interval": 10000}):
            done, made = box.trace("monitor", server, meta)
            assert (done.code, made) == (code, [])
        must(box, "start", server)


def test_programs_get_the_folder_and_keep_their_notices(box, server):
    must(box, "start", server)
    assert box.args("nfsdcld")[0][1] == "-p /run/rpc_pipefs"
    assert box.args("rpc.idmapd")[0][1] == "-p /run/rpc_pipefs"
    assert box.args("rpc.statd")[0][1] == "-L", "sm-notify is run by the agent, after the server"


def test_lease_grace_and_scope_before_the_threads(box, server):
    """RA#1644, RA#1688: the scope; RA#430: lease and grace time."""
    must(box, "start", {**server, "lease_time": "15", "grace_time": "20", "nfs_server_scope": "nfs.example.org"})
    assert (box.get("nfsv4leasetime"), box.get("nfsv4gracetime")) == ("15", "20")
    assert box.args("rpc.nfsd") == [("nfs.example.org", "-L 15 -G 20")]
    assert box.args("rpc.mountd")[0][0] != "nfs.example.org", "the name is the threads' alone"
    assert box.run("hostname").stdout.strip() != "nfs.example.org"


def test_scope_is_the_same_on_each_node_where_the_state_moves(box, server):
    """By its host name a client takes another node for another server, and its locks for lost."""
    must(box, "start", server)
    assert box.args("rpc.nfsd")[0][0] == "192.0.2.10"


def test_scope_of_a_node_whose_state_stays(box, server):
    del server["nfs_shared_infodir"]
    must(box, "start", server)
    assert box.args("rpc.nfsd")[0][0] == box.run("hostname").stdout.strip()


def test_nfsv4_only(box, server):
    params = {**server, "nfsv4_only": "true"}
    must(box, "start", params)
    assert set(box.daemons()) == {"nfsdcld", "rpc.idmapd", "rpc.mountd"}
    assert box.args("rpc.nfsd")[0][1] == "-N 3"
    assert box.call("monitor", params).code == 0
    must(box, "stop", params)
    assert box.daemons() == {}


def test_nfsv4_only_leaves_the_statd_of_others(box):
    """That of a host which mounts from others by NFSv3."""
    box.run("rpc.statd")
    wait_until(lambda: "rpc.statd" in box.daemons(), "runs")
    params = {"nfsv4_only": "true", "rpcpipefs_dir": "/run/rpc_pipefs"}
    must(box, "start", params)
    must(box, "stop", params)
    assert set(box.daemons()) == {"rpc.statd"}


@pytest.mark.parametrize("name", DAEMONS)
def test_each_daemon_that_dies_is_noticed_and_comes_back(box, server, name):
    """RA#835, RA#2163, RA#2179, RA#1979: the death of one is not seen."""
    must(box, "start", server)
    record = box.path("/run/haops/watch-nfs").read_text(encoding="ascii")
    pid = box.daemons()[name]
    assert f"process {pid} " in record
    box.kill(pid)
    wait_until(lambda: name not in box.daemons(), "gone")
    for done in (box.call("monitor", server), box.probe(server)):
        assert done.code == 1 and f"{name} does not" in done.reason
    if name == "rpcbind":
        # The kernel tells it where its server is only as it starts that; a stop comes before that start anyway.
        must(box, "stop", server)
        box.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
    must(box, "start", server)
    assert box.call("monitor", server).code == 0
    assert len(box.args("rpc.nfsd")) == (3 if name == "rpcbind" else 1), "the server itself went on"


def test_threads_that_are_gone_are_noticed(box, server):
    must(box, "start", server)
    box.set("threads", 0)
    done = box.call("monitor", server)
    assert done.code == 1 and "/var/lib/nfs is in use" in done.reason
    must(box, "stop", server)
    assert not is_bound(box) and set(box.daemons()) == {"rpcbind"}


def test_replaced_daemon_is_learned(box, server):
    must(box, "start", server)
    box.kill(box.daemons()["rpc.mountd"])
    wait_until(lambda: "rpc.mountd" not in box.daemons(), "gone")
    box.run("rpc.mountd")
    wait_until(lambda: "rpc.mountd" in box.daemons(), "by hand")
    assert box.call("monitor", server).code == 0
    assert f"process {box.daemons()['rpc.mountd']} " in box.path("/run/haops/watch-nfs").read_text(encoding="ascii")


def test_record_is_gone_before_anything_stops(box, server):
    must(box, "start", server)
    box.write("/run/box/fail-rpc.nfsd", "busy")
    done = box.call("stop", server, {"timeout": 3000})
    assert done.code == 1 and "8 threads of the NFS server do not end" in done.reason
    assert not box.path("/run/haops/watch-nfs").exists()
    box.run("rm", "/run/box/fail-rpc.nfsd")
    must(box, "stop", server)


def test_stop_ends_what_does_not_listen(box, server):
    box.write("/run/box/deaf-rpc.mountd", "")
    box.write("/run/box/deaf-rpc.statd", "")
    must(box, "start", server)
    must(box, "stop", server)
    assert set(box.daemons()) == {"rpcbind"}


def test_stop_without_any_memory(box, server):
    must(box, "start", server)
    box.run("rm", "-r", "/run/haops")
    assert box.call("monitor", server).code == 0
    must(box, "stop", server)
    assert box.get("threads") == "0" and not is_bound(box)


def test_stop_of_what_never_ran_touches_nothing(box, server):
    """rpc.statd may be that of a host that mounts from others."""
    box.run("rpc.statd")
    wait_until(lambda: "rpc.statd" in box.daemons(), "runs")
    done, made = box.trace("stop", server)
    assert (done.code, made) == (0, [])
    assert "rpc.statd" in box.daemons()


def test_busy_state_folder_is_told(box, server):
    """RA#122, RA#1611: umount of /var/lib/nfs is busy."""
    must(box, "start", server)
    holder = box.spawn("sh", "-c", "cd /var/lib/nfs && echo ready && exec sleep 60")
    assert holder.stdout.readline() == "ready\n"
    done = box.call("stop", server)
    assert done.code == 1 and "cannot unmount /var/lib/nfs" in done.reason
    holder.kill()
    holder.wait()
    must(box, "stop", server)


def test_pipefs_below_the_state_folder(box, server):
    """RA#1300: the default place of rpc_pipefs is where the shared directory hides it."""
    params = {**server, "rpcpipefs_dir": "/var/lib/nfs/rpc_pipefs"}
    box.run("mkdir", "-p", f"{SHARED}/rpc_pipefs")
    box.run("mount", "--bind", SHARED, "/var/lib/nfs")
    box.run("mount", "-t", "tmpfs", "none", "/var/lib/nfs/rpc_pipefs")
    must(box, "start", params)
    must(box, "stop", params)
    assert "/var/lib/nfs/rpc_pipefs" not in box.mounts() and not is_bound(box)


def test_what_holds_the_other_folder_is_started_anew(box, server):
    """A rpc.statd of the host has its lists in the folder that is about to be hidden."""
    box.run("rpc.statd")
    wait_until(lambda: "rpc.statd" in box.daemons(), "runs")
    before = box.daemons()["rpc.statd"]
    must(box, "start", server)
    assert box.daemons()["rpc.statd"] != before


def test_server_of_the_host_is_not_taken_over(box, server):
    box.set("threads", 8)
    for done in (box.call("start", server), box.probe(server)):
        assert done.code == 1 and "disable the host's own nfs-server" in done.reason


def test_lists_one_folder_deeper(box, server):
    """As other distributions have them."""
    box.run("mkdir", "-p", "/var/lib/nfs/statd/sm")
    must(box, "start", server)
    assert box.path(f"{SHARED}/statd/sm.bak").exists() and not box.path(f"{SHARED}/sm").exists()


def remember(box, name="192.0.2.7", folder=SHARED):
    """A client with NFSv3 locks."""
    box.run("mkdir", "-p", f"{folder}/sm", f"{folder}/sm.bak")
    box.write(f"{folder}/sm/{name}", "0100007f 000186b5 00000003 00000010 x 192.0.2.7 nfs\n")


def test_owner_of_the_lists(box, server):
    """RA#1621: rpc.statd takes the rights of that owner; numbers of accounts differ between nodes."""
    remember(box)
    box.run("chown", "-R", "12345", f"{SHARED}/sm")
    must(box, "start", {**server, "nfs_ip": None})
    wanted = box.run("id", "-u", "statd").stdout.strip()
    owners = box.run("stat", "-c", "%u", f"{SHARED}/sm", f"{SHARED}/sm/192.0.2.7", f"{SHARED}/sm.bak").stdout.split()
    assert owners == [wanted] * 3


def test_grace_ends_when_nobody_has_anything(box, server):
    must(box, "start", server)
    assert box.path("/proc/fs/lockd/nlm_end_grace").read_text(encoding="ascii") == "Y\n"
    # nfsdcld keeps the list of NFSv4: the kernel asks it, and judges by itself.
    assert box.get("v4_end_grace") == "N"
    assert box.args("sm-notify") == []


def test_grace_goes_on_for_who_may_reclaim(box, server):
    remember(box)
    must(box, "start", server)
    assert box.path("/proc/fs/lockd/nlm_end_grace").read_text(encoding="ascii") == "N\n"
    assert told(box) == [("192.0.2.10", ["192.0.2.7"])]


def test_grace_is_left_alone_when_told(box, server):
    must(box, "start", {**server, "end_grace_early": "false"})
    assert box.path("/proc/fs/lockd/nlm_end_grace").read_text(encoding="ascii") == "N\n"


def told(box):
    """[(address, clients)] that sm-notify was to tell."""
    found = []
    for _, args in box.args("sm-notify"):
        words = args.split()
        folder, address = words[words.index("-P") + 1], words[words.index("-v") + 1]
        found.append((address, sorted(path.name for path in box.path(f"{folder}/sm").iterdir())))
    return found


def test_two_addresses_are_told_side_by_side(box, server):
    """RA#267: two addresses hang the start."""
    remember(box)
    box.address("192.0.2.11")
    params = {**server, "nfs_ip": "192.0.2.10,192.0.2.11", "nfs_smnotify_retry_time": "2"}
    must(box, "start", params)
    assert told(box) == [("192.0.2.10", ["192.0.2.7"]), ("192.0.2.11", ["192.0.2.7"])]
    assert "-m 2" in box.args("sm-notify")[0][1]
    must(box, "monitor", params)
    assert len(told(box)) == 2


def test_address_that_comes_last_is_told_from_when_it_is_there(box, server):
    """RA#443: in a group the address starts after the server, and sm-notify fails without it."""
    remember(box)
    params = {**server, "nfs_ip": "192.0.2.12"}
    must(box, "start", params)
    must(box, "monitor", params)
    assert told(box) == []
    box.address("192.0.2.12")
    wait_until(lambda: told(box) != [], "told")
    must(box, "monitor", params)
    assert told(box) == [("192.0.2.12", ["192.0.2.7"])]
    wait_until(lambda: box.processes("nfsserver") == {}, "the end of who waited")


def test_address_that_comes_late_is_told_from_by_the_monitor(box, server):
    remember(box)
    params = {**server, "nfs_ip": "192.0.2.12"}
    must(box, "start", params, meta={"timeout": 3000})
    wait_until(lambda: box.processes("nfsserver") == {}, "the end of who waited")
    box.address("192.0.2.12")
    assert box.probe(params).code == 0
    assert told(box) == [], "a probe changes nothing"
    must(box, "monitor", params)
    must(box, "monitor", params)
    assert told(box) == [("192.0.2.12", ["192.0.2.7"])]


def test_who_has_not_answered_is_told_by_the_next_start(box, server):
    remember(box)
    must(box, "start", server)
    must(box, "stop", server)
    assert not box.path("/run/haops/nfsserver-notify-nfs").exists()
    box.run("mkdir", "-p", "/run/rpc_pipefs")
    box.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
    must(box, "start", server)
    assert told(box)[-1] == ("192.0.2.10", ["192.0.2.7"])


def test_each_start_has_another_number(box, server):
    """Clients heed a notice only when its number is not the last one."""
    numbers = []
    for _ in range(2):
        remember(box)
        must(box, "start", server)
        numbers.append(int.from_bytes(box.path(f"{SHARED}/haops-notify-0/state").read_bytes(), sys.byteorder))
        must(box, "stop", server)
        box.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
    assert numbers[1] == numbers[0] + 2 and numbers[0] % 2 == 1


def test_clients_with_locks_outlive_the_last_thread(box, server):
    """As it ends, the kernel has rpc.statd forget all of them."""
    must(box, "start", server)
    remember(box)
    box.write("/run/box/script", "#!/bin/sh\nrm /var/lib/nfs/sm/*\nrpc.nfsd 0\n")
    box.run("chmod", "755", "/run/box/script")
    must(box, "stop", {**server, "nfs_init_script": "/run/box/script"})
    assert not list(box.path(f"{SHARED}/sm").iterdir())
    box.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
    box.write("/proc/fs/lockd/nlm_end_grace", "N\n")
    must(box, "start", server)
    assert told(box) == [("192.0.2.10", ["192.0.2.7"])]
    assert box.path("/proc/fs/lockd/nlm_end_grace").read_text(encoding="ascii") == "N\n"


def test_no_notify(box, server):
    remember(box)
    must(box, "start", {**server, "nfs_no_notify": "true"})
    assert box.args("sm-notify") == []


def test_notify_in_the_foreground_has_an_end(box, server):
    """RA#405: sm-notify blocks the start."""
    remember(box)
    box.write("/run/box/slow-sm-notify", "")
    begin = time.monotonic()
    done = must(box, "start", {**server, "nfs_notify_foreground": "true"}, meta={"timeout": 6000})
    assert time.monotonic() - begin < 5
    assert "told in the background" in done.err and len(box.processes("sm-notify")) == 1
    must(box, "stop", server)
    assert box.processes("sm-notify") == {}


def test_sm_notify_of_others_is_not_killed(box, server):
    """Stock's nfsnotify: killall of every sm-notify, those of containers included."""
    must(box, "start", server)
    box.write("/run/box/slow-sm-notify", "")
    other = box.spawn("unshare", "-n", "sm-notify")
    wait_until(lambda: box.processes("sm-notify"), "runs")
    must(box, "stop", server)
    assert len(box.processes("sm-notify")) == 1
    other.kill()
    other.wait()


@pytest.mark.parametrize("changed, meta, code, says", [
    ({"lease_time": "5"}, {}, 6, "lease_time"),
    ({"nfs_shared_infodir": "srv"}, {}, 6, "nfs_shared_infodir"),
    ({"nfs_shared_infodir": "/var/lib/nfs"}, {}, 6, "nfs_shared_infodir"),
    ({"nfs_smnotify_retry_time": "soon"}, {}, 6, "nfs_smnotify_retry_time"),
    ({"nfs_ip": "vip"}, {}, 6, "nfs_ip"),
    ({"nfs_server_scope": "a b"}, {}, 6, "nfs_server_scope"),
    ({"nfs_notify_cmd": "/bin/no_such_program"}, {}, 6, "nfs_notify_cmd"),
    ({"nfs_notify_cmd": "/none/sm-notify"}, {}, 5, "nfs_notify_cmd"),
    ({"nfs_init_script": "no_such_script"}, {}, 5, "nfs_init_script"),
    ({}, {"clone": 0}, 6, "nfs_shared_infodir"),
])
def test_wrong_values_change_nothing(box, server, changed, meta, code, says):
    done = box.call("start", {**server, **changed}, meta)
    assert done.code == code and says in done.reason, done
    assert box.daemons() == {} and not is_bound(box)


def test_clone_without_shared_folder(box):
    params = {"rpcpipefs_dir": "/run/rpc_pipefs"}
    must(box, "start", params, meta={"clone": 0})
    assert box.call("monitor", params).code == 0
    must(box, "stop", params)


@pytest.mark.parametrize("name, says", [("rpc.nfsd", "rpc.nfsd says status 1: rpc.nfsd: no way"),
                                        ("rpc.mountd", "rpc.mountd says status 1: rpc.mountd: no way")])
def test_start_that_fails_says_why_and_stop_clears_it(box, server, name, says):
    box.write(f"/run/box/fail-{name}", "no way\n")
    done = box.call("start", server)
    assert done.code == 1 and done.reason == says, done
    must(box, "stop", server)
    assert not is_bound(box) and set(box.daemons()) == {"rpcbind"}


def test_init_script(box, server):
    box.write("/run/box/script", '#!/bin/sh\necho "$1" >>/run/box/script-log\ncase $1 in\n'
              "start) rpc.nfsd; rpc.mountd; rpc.idmapd ;;\nstop) rpc.nfsd 0 ;;\nesac\n")
    box.run("chmod", "755", "/run/box/script")
    params = {**server, "nfs_init_script": "/run/box/script"}
    must(box, "start", params)
    assert set(box.daemons()) == set(DAEMONS)
    must(box, "stop", params)
    assert box.path("/run/box/script-log").read_text(encoding="ascii") == "start\nstop\n"
    assert set(box.daemons()) == {"rpcbind"} and not is_bound(box)


SYSTEMCTL = r"""#!/bin/sh
echo "$*" >>/run/box/systemctl-log
verb=$2
shift 2
for unit in "$@"; do
    case $verb/$unit in
    start/rpcbind.service) rpcbind ;;
    start/rpc-statd.service) rpc.statd ;;
    start/nfsdcld.service) nfsdcld ;;
    start/nfs-server.service) rpc.idmapd; rpc.mountd ;;
    stop/nfs-server.service) rpc.nfsd 0 ;;
    esac
done
"""


def test_systemd_where_it_runs(box, server):
    """Its units start the programs; the threads are the agent's, so that scope and times hold."""
    box.run("mkdir", "-p", "/run/systemd/system")
    box.write("/run/box/systemctl", SYSTEMCTL)
    box.run("chmod", "755", "/run/box/systemctl")
    box.run("mount", "--bind", "/run/box/systemctl", "/usr/bin/systemctl")
    must(box, "start", {**server, "nfs_server_scope": "scope", "lease_time": "15"})
    assert box.args("rpc.nfsd") == [("scope", "-L 15")]
    assert box.path("/run/box/systemctl-log").read_text(encoding="ascii").splitlines() == [
        "--no-ask-password start rpcbind.service", "--no-ask-password start rpc-statd.service",
        "--no-ask-password start nfsdcld.service", "--no-ask-password start nfs-server.service"]
    assert box.call("monitor", server).code == 0
    must(box, "stop", server)
    assert set(box.daemons()) == {"rpcbind"} and not is_bound(box)


RPC = r"""
import socket, struct, sys, threading
MISSING = {int(word) for word in sys.argv[1:]}
def serve(port):
    listener = socket.create_server(("127.0.0.1", port))
    def run():
        while True:
            peer = listener.accept()[0]
            call = struct.unpack(">11I", peer.recv(512)[:44])
            program, procedure = call[4], call[6]
            result = b""
            status = 1 if program in MISSING else 0
            if program == 100000 and procedure == 3:
                result = struct.pack(">I", 2049)
            body = struct.pack(">6I", call[1], 1, 0, 0, 0, status) + result
            peer.sendall(struct.pack(">I", 0x80000000 | len(body)) + body)
    threading.Thread(target=run).start()
serve(111)
serve(2049)
print("ready", flush=True)
"""


def test_depth_10_calls_everybody(box, server):
    """RA#1654: monitor is content, and nobody can mount."""
    must(box, "start", server)
    box.set("portlist", "tcp 2049")
    done = box.level(10, server)
    assert done.code == 1 and "port 2049 of 127.0.0.1 does not answer" in done.reason
    for missing, code in (((), 0), (("100003",), 1), (("100005",), 1), (("100024",), 1)):
        rpc = box.spawn(sys.executable, "-c", RPC, *missing)
        assert rpc.stdout.readline() == "ready\n"
        done = box.level(10, server)
        assert done.code == code, (missing, done)
        assert box.call("monitor", server).code == 0
        rpc.kill()
        rpc.wait()
    with_hang = box.spawn(sys.executable, "-c", "import socket, time\ns = socket.create_server(('127.0.0.1', 2049))\n"
                          "print('ready', flush=True)\ntime.sleep(60)")
    assert with_hang.stdout.readline() == "ready\n"
    begin = time.monotonic()
    assert box.level(10, server).code == 1
    assert time.monotonic() - begin < 8
    with_hang.kill()
    with_hang.wait()


def test_probe_with_nothing_installed(box, server):
    for program in nfslab.PROGRAMS:
        box.run("umount", program)
        box.run("mount", "--bind", "/dev/null", program)
    assert box.probe(server).code == 7
    assert box.call("start", server).code == 5


def test_ocf_tester(box, server):
    """Every check of the stock tester passes."""
    words = [word for name, value in server.items() for word in ("-o", f"{name}={value}")]
    # A mount that is in use stays: the kernel here could not mount it again.
    box.spawn("sh", "-c", "cd /run/rpc_pipefs && exec sleep 300")
    done = box.run("ocf-tester", "-n", "nfs", *words, box.agent.program, check=False, timeout=120,
                   env={**box.environment({}), "HOME": "/root"})
    assert done.returncode == 0 and "passed all tests" in done.stdout, done.stdout + done.stderr


# A server that drops its end of a connection without a word when somebody else connects; a client that waits for an answer.
ABANDON = """import signal, socket
listener = socket.create_server(("192.0.2.10", 2049))
print("listening", flush=True)
held = listener.accept()[0]
print("accepted", flush=True)
listener.accept()[0].close()
held.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR
held.close()
print("gone", flush=True)
signal.pause()
"""
KNOCK = "import socket; socket.create_connection(('192.0.2.10', 2049)).recv(1)"
WAIT = """import socket
client = socket.create_connection(("192.0.2.10", 2049))
print("connected", flush=True)
try:
    client.recv(1)
    print("closed", flush=True)
except ConnectionResetError:
    print("reset", flush=True)
"""


def test_clients_of_the_server_before_connect_anew_at_once(box, server):
    """Whoever was connected is written down where the state moves, and told when the address is here again."""
    must(box, "start", server)
    old, client = box.spawn("python3", "-c", ABANDON), None
    try:
        assert old.stdout.readline() == "listening\n"
        client = box.spawn("python3", "-c", WAIT)
        assert client.stdout.readline() == "connected\n" and old.stdout.readline() == "accepted\n"
        must(box, "monitor", server, meta={"interval": 10000})
        kept = box.path("/srv/shared/nfs/haops-clients")
        assert re.fullmatch(r"192\.0\.2\.10 2049 192\.0\.2\.10 \d+\n", kept.read_text()), kept.read_text()
        _, made = box.trace("monitor", server, {"interval": 10000})
        assert made == [], "nothing has changed"
        box.run("python3", "-c", KNOCK)
        assert old.stdout.readline() == "gone\n"
        must(box, "stop", server)
        box.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
        box.run("ip", "addr", "del", "192.0.2.10/32", "dev", "lo")
        must(box, "start", server)
        box.address("192.0.2.10")
        begin = time.monotonic()
        assert client.stdout.readline() == "reset\n"
        assert time.monotonic() - begin < 5
        wait_until(lambda: box.processes("nfsserver") == {}, "the end of who told them")
    finally:
        for process in (old, client):
            if process:
                process.kill()
                process.wait()
