# SPDX-License-Identifier: GPL-2.0-or-later
"""ocf:haops:exportfs with the real exportfs(8): tables, and what the stock agent gets wrong."""

import os
import time

import pytest
from netlab import wait_until
from nfslab import Box

NET = "192.0.2.0/24"


@pytest.fixture
def box(agents):
    """A box with a kernel that serves, and one directory."""
    made = Box(agents, "exportfs")
    made.kernel(threads=8)
    made.run("mkdir", "-p", "/srv/a", "/srv/b")
    made.write("/var/lib/nfs/etab", "")
    made.write("/var/lib/nfs/rmtab", "")
    yield made
    made.close()


@pytest.fixture
def one():
    """Parameters of one export."""
    return {"clientspec": NET, "directory": "/srv/a", "fsid": "7", "options": "rw,no_root_squash"}


def must(box, action, params, **kwargs):
    """Runs an action that has to succeed."""
    done = box.call(action, params, **kwargs)
    assert done.code == 0, done
    return done


def options(box, directory="/srv/a"):
    """The options that etab has for a directory."""
    text = box.path("/var/lib/nfs/etab").read_text(encoding="utf-8")
    return next(line.partition("(")[2].rstrip(")").split(",") for line in text.splitlines()
                if line.startswith(directory + "\t"))


def test_life_cycle(box, one):
    assert box.probe(one).code == 7
    must(box, "start", one)
    assert box.etab() == {("/srv/a", NET)}
    assert {"fsid=7", "no_root_squash", "rw"} <= set(options(box))
    assert box.call("monitor", one).code == 0
    assert box.probe(one).code == 0
    must(box, "start", one)
    must(box, "stop", one)
    assert box.etab() == set()
    assert box.call("monitor", one).code == 7
    must(box, "stop", one)


def test_watch_record(box, one):
    """One line for each directory and client, from start to stop; a monitor puts it again."""
    many = {"clientspec": f"{NET} *.example.org", "directory": "/srv/a /srv/b", "fsid": "20"}
    path = box.path(f"/run/haops/watch-{box.instance}")
    must(box, "start", many)
    assert path.read_text(encoding="ascii").splitlines()[-5:] == [
        f"export {NET} /srv/a", "export *.example.org /srv/a", f"export {NET} /srv/b", "export *.example.org /srv/b",
        "end"]
    path.unlink()
    assert box.probe(many).code == 0 and not path.exists()
    assert box.call("monitor", many).code == 0 and path.exists()
    must(box, "stop", many)
    assert not path.exists()


def test_monitor_and_probe_make_no_process(box, one):
    for code in (7, 0):
        for meta in ({"interval": 0}, {"interval": 10000}):
            done, made = box.trace("monitor", one, meta)
            assert (done.code, made) == (code, [])
        must(box, "start", one)


def test_several_directories_and_clients(box):
    """RA#1390: one clientspec per resource."""
    many = {"clientspec": f"{NET} [2001:db8::]/64 *.example.org", "directory": "/srv/a/ /srv/b", "fsid": "20"}
    must(box, "start", many)
    clients = (NET, "2001:db8::/64", "*.example.org")
    assert box.etab() == {(directory, client) for directory in ("/srv/a", "/srv/b") for client in clients}
    assert "fsid=20" in options(box, "/srv/a") and "fsid=21" in options(box, "/srv/b")
    assert box.call("monitor", many).code == 0
    box.run("exportfs", "-u", f"{NET}:/srv/b")
    done = box.call("monitor", many)
    assert done.code == 1 and "1 of 6 exports are missing, one of /srv/b" in done.reason
    must(box, "stop", many)
    assert box.etab() == set()


def test_others_are_left_alone(box, one):
    other = {**one, "directory": "/srv/b", "fsid": "8"}
    same_directory = {**one, "clientspec": "198.51.100.0/24"}
    for params, instance in ((one, "x"), (other, "y"), (same_directory, "z")):
        must(box, "start", params, instance=instance)
    must(box, "stop", one, instance="x")
    assert box.etab() == {("/srv/b", NET), ("/srv/a", "198.51.100.0/24")}
    assert box.call("monitor", one, instance="x").code == 7
    assert box.call("monitor", other, instance="y").code == 0


def test_stop_without_any_memory_unexports(box, one):
    """Stock: with its state file missing, stop says 0 and the export stays."""
    must(box, "start", one)
    box.run("rm", "-r", "/run/haops")
    assert box.call("monitor", one).code == 0
    must(box, "stop", one)
    assert box.etab() == set()


def test_table_of_an_earlier_boot_is_no_export(box, one):
    """RA#821: etab survives a reboot, and a probe says running."""
    must(box, "start", one)
    box.run("rm", "-r", "/run/haops")
    box.set("threads", 0)
    assert box.probe(one).code == 7
    must(box, "stop", one)
    assert box.etab() == set()


def test_export_before_the_server_runs(box, one):
    """As some configurations have it: the export first, the server later."""
    box.set("threads", 0)
    done = must(box, "start", one)
    assert "no NFS server runs here yet" in done.err
    assert box.call("monitor", one).code == 0


def test_what_only_the_kernel_still_serves_is_not_stopped(box, one):
    box.serve(f"/srv/a\t{NET},*(rw,fsid=7)\n")
    done = box.call("monitor", one)
    assert done.code == 1 and "the kernel still serves it" in done.reason
    done = box.call("stop", one, {"timeout": 3000})
    assert done.code == 1 and "in the kernel's table" in done.reason
    # fsid=7 is part of fsid=70 (RA#2070): another export's entry is none of ours.
    box.serve("/srv/b\t*(rw,fsid=70)\n/srv/a\t198.51.100.0/24(rw)\n")
    assert box.call("monitor", one).code == 7
    must(box, "stop", one)


def test_link_is_resolved_even_when_it_leads_nowhere(box, one):
    """RA#1506, RA#1516: a directory that is a symbolic link."""
    box.run("mkdir", "/srv/mounted")
    box.run("mount", "-t", "tmpfs", "none", "/srv/mounted")
    box.run("mkdir", "/srv/mounted/deep")
    box.run("ln", "-s", "/srv/mounted/deep", "/srv/link")
    params = {**one, "directory": "/srv/link"}
    must(box, "start", params)
    assert box.etab() == {("/srv/mounted/deep", NET)}
    assert box.call("monitor", params).code == 0
    box.run("umount", "/srv/mounted")
    assert box.call("monitor", params).code == 0
    must(box, "stop", params)
    assert box.etab() == set()


def test_ipv6_in_brackets(box, one):
    """RA#906, RA#907."""
    params = {**one, "clientspec": "[2001:db8::7]"}
    must(box, "start", params)
    assert box.call("monitor", params).code == 0
    must(box, "stop", params)
    assert box.etab() == set()


@pytest.mark.parametrize("changed, code, says", [
    ({"fsid": None}, 6, "fsid"),
    ({"clientspec": None}, 6, "clientspec"),
    ({"fsid": "a,b"}, 6, "fsid"),
    ({"directory": "/srv/a /srv/b", "fsid": "root"}, 6, "number to count on"),
    ({"directory": "srv/a"}, 6, "directory"),
    ({"directory": "/srv/none"}, 2, "/srv/none is no directory here"),
    ({"clientspec": "*(rw)"}, 6, "clientspec"),
    ({"options": "rw, sync"}, 6, "options"),
    ({"options": "no_such_option"}, 1, "no_such_option"),
    ({"rmtab_backup": "../../etc/passwd"}, 6, "rmtab_backup"),
    ({"unlock_ip": "vip"}, 6, "unlock_ip"),
])
def test_wrong_values_change_nothing(box, one, changed, code, says):
    done = box.call("start", {**one, **changed})
    assert done.code == code and says in done.reason, done
    assert box.etab() == set()
    assert box.call("stop", {**one, **changed}).code in (0, 6)


def test_uuid_and_root_as_fsid(box, one):
    for fsid, said in (("4f838db14f838db14f838db14f838db1", "fsid=4f838db1"), ("root", "fsid=0")):
        must(box, "start", {**one, "fsid": fsid})
        assert any(option.startswith(said) for option in options(box))
        must(box, "stop", {**one, "fsid": fsid})


def test_probe_of_a_file_system_that_is_not_mounted(box, one):
    assert box.probe({**one, "directory": "/srv/not/there"}).code == 7
    assert box.call("stop", {**one, "directory": "/srv/not/there"}).code == 0


def test_options_change_without_a_restart(box, one):
    must(box, "start", one)
    must(box, "reload-agent", {**one, "options": "ro,sync"})
    assert "ro" in options(box) and "no_root_squash" not in options(box)


def test_locks_are_released_by_path_or_by_address(box, one):
    """RA#394; with unlock_ip the locks of others on the file system stay."""
    must(box, "start", one)
    must(box, "stop", one)
    assert box.get("unlock_filesystem") == "/srv/a"
    box.set("unlock_filesystem", "")
    must(box, "start", one)
    must(box, "stop", {**one, "unlock_ip": "192.0.2.10"})
    assert (box.get("unlock_ip"), box.get("unlock_filesystem")) == ("192.0.2.10", "")
    box.set("unlock_ip", "")
    must(box, "start", one)
    must(box, "stop", {**one, "unlock_on_stop": "0", "unlock_ip": "192.0.2.10"})
    assert (box.get("unlock_ip"), box.get("unlock_filesystem")) == ("", "")


def client(box, number, path):
    """An NFSv4 client that has a file of the path's file system open."""
    device = int(box.run("stat", "-c", "%d", path).stdout)
    place = f"/proc/fs/nfsd/clients/{number}"
    box.write(f"{place}/states", f'- 0x1: {{ type: open, superblock: "{os.major(device):02x}:{os.minor(device):02x}:9", '
                                 'filename: "x" }\n')
    box.write(f"{place}/ctl", "")
    return place


def test_lease_is_waited_for_only_as_long_as_somebody_holds_something(box, one):
    params = {**one, "wait_for_leasetime_on_stop": "1"}
    box.run("mkdir", "/proc/fs/nfsd/clients")
    must(box, "start", params)
    begin = time.monotonic()
    must(box, "stop", params, meta={"timeout": 120000})
    assert time.monotonic() - begin < 2, "nobody holds anything"
    must(box, "start", params)
    place = client(box, 3, "/srv/a")
    stopping = box.spawn(box.agent.program, "stop", env=box.environment(params, {"timeout": 120000}))
    wait_until(lambda: box.etab() == set(), "unexported")
    assert stopping.poll() is None
    box.run("rm", "-r", place)
    assert stopping.wait(10) == 0


def test_client_whose_lease_is_over_is_ended(box, one):
    """Linux from 5.19 on keeps what it has until somebody else wants it: for a day, a file system is busy."""
    must(box, "start", one)
    place, other = client(box, 3, "/srv/a"), client(box, 4, "/srv/a")
    box.write(f"{place}/info", "status: courtesy\nseconds from last renew: 91\n")
    box.write(f"{other}/info", "status: confirmed\nseconds from last renew: 3\n")
    must(box, "stop", one)
    assert box.path(f"{place}/ctl").read_text(encoding="ascii") == "expire\n"
    assert box.path(f"{other}/ctl").read_text(encoding="ascii") == ""


def test_a_group_waits_for_one_lease(box, one):
    """Stock: a lease for each export (90 s each, SUSE KB 7023732)."""
    box.set("nfsv4leasetime", 1)
    both = [({**one, "wait_for_leasetime_on_stop": "1", "directory": f"/srv/{name}"}, name) for name in "ab"]
    for params, instance in both:
        must(box, "start", params, instance=instance)
    client(box, 3, "/srv/a")
    spent = []
    for params, instance in both:
        begin = time.monotonic()
        done = must(box, "stop", params, instance=instance)
        spent.append(time.monotonic() - begin)
        assert "1 NFSv4 clients still have something" in done.err
    assert 2.5 < spent[0] < 6 and spent[1] < 2, spent


def test_wait_fits_into_the_timeout_of_stop(box, one):
    must(box, "start", one)
    client(box, 3, "/srv/a")
    begin = time.monotonic()
    done = must(box, "stop", {**one, "wait_for_leasetime_on_stop": "1"}, meta={"timeout": 5000})
    assert time.monotonic() - begin < 5
    assert "does not allow for one NFSv4 lease" in done.err


def test_clients_are_ended_when_asked(box, one):
    must(box, "start", one)
    place = client(box, 3, "/srv/a")
    other = client(box, 4, "/proc/fs/nfsd")
    stopping = box.spawn(box.agent.program, "stop", env=box.environment({**one, "expire_clients_on_stop": "1"}))
    wait_until(lambda: box.path(f"{place}/ctl").read_text(encoding="ascii") == "expire\n", "ended")
    box.run("rm", "-r", place)
    assert stopping.wait(10) == 0
    assert box.path(f"{other}/ctl").read_text(encoding="ascii") == ""


def test_rmtab_moves_with_the_data(box, one):
    """RA#1828: it is not written when nothing has changed."""
    box.write("/var/lib/nfs/rmtab", "192.0.2.7:/srv/a:0x00000001\nweb:/srv/b:0x00000001\n")
    must(box, "start", one)
    must(box, "monitor", one)
    copy = box.path("/srv/a/.rmtab")
    assert copy.read_text(encoding="ascii") == "192.0.2.7:/srv/a:0x00000001\n"
    stamp = copy.stat().st_mtime_ns
    must(box, "monitor", one)
    assert copy.stat().st_mtime_ns == stamp
    must(box, "stop", one)
    box.write("/var/lib/nfs/rmtab", "web:/srv/b:0x00000001\n")
    must(box, "start", one)
    assert sorted(box.path("/var/lib/nfs/rmtab").read_text(encoding="ascii").splitlines()) == [
        "192.0.2.7:/srv/a:0x00000001", "web:/srv/b:0x00000001"]


def test_rmtab_none_and_links_of_clients(box, one):
    box.write("/var/lib/nfs/rmtab", "192.0.2.7:/srv/a:0x00000001\n")
    must(box, "start", {**one, "rmtab_backup": "none"})
    must(box, "monitor", {**one, "rmtab_backup": "none"})
    assert not box.path("/srv/a/.rmtab").exists()
    # A client that can write there must not make the agent write elsewhere.
    box.write("/srv/victim", "untouched")
    box.run("ln", "-s", "/srv/victim", "/srv/a/.rmtab")
    must(box, "monitor", one)
    assert box.path("/srv/victim").read_text(encoding="ascii") == "untouched"
    assert not box.path("/srv/a/.rmtab").is_symlink()


def test_table_that_cannot_be_read_is_unknown(box, one):
    must(box, "start", one)
    box.run("mount", "-t", "tmpfs", "none", "/var/lib/nfs")
    box.run("mkdir", "/var/lib/nfs/etab")
    for action in ("monitor", "stop"):
        done = box.call(action, one)
        assert done.code == 1 and "etab" in done.reason


def test_ocf_tester(box, one):
    """Every check of the stock tester passes."""
    words = [word for name, value in one.items() for word in ("-o", f"{name}={value}")]
    done = box.run("ocf-tester", "-n", "nfs", *words, box.agent.program, check=False, timeout=120,
                   env={**box.environment({}), "HOME": "/root"})
    assert done.returncode == 0 and "passed all tests" in done.stdout, done.stdout + done.stderr
