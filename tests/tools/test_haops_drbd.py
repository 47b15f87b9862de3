# SPDX-License-Identifier: GPL-2.0-or-later
"""DRBD in haops status: what it makes of drbdsetup and /proc/drbd, also when drbdsetup hangs. Both are made up: the
module is a folder below a /sys/module of the test's own, drbdsetup a script in its place."""

import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree

import pytest
from test_haops import MAN, keys, same

# For the command line that follows only: a kernel module, its file, its program.
SCRIPT = """
set -e
mount -t tmpfs tmpfs /sys/module
[ -z "$MODULE" ] || mkdir /sys/module/drbd
if [ -e /usr/sbin/drbdsetup ]; then
	mount --bind "$FAKE/drbdsetup" /usr/sbin/drbdsetup
else
	mount -t tmpfs tmpfs /usr/local/sbin
	cp -p "$FAKE/drbdsetup" /usr/local/sbin
fi
mount -t tmpfs tmpfs /proc
[ ! -e "$FAKE/proc" ] || cp "$FAKE/proc" /proc/drbd
exec "$@"
"""

SYNC_9 = """\
exists resource name:r0 role:Primary suspended:no may_promote:no promotion_score:10102 write-ordering:flush
exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected role:Secondary congested:no
exists device name:r0 volume:0 minor:3 backing_dev:/dev/vdb disk:UpToDate client:no quorum:yes size:327632
exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 replication:SyncSource peer-disk:Inconsistent \
peer-client:no resync-suspended:no done:92.04 received:0 sent:304128 out-of-sync:26072 pending:0 unacked:4 dbdt1:31.50 eta:75
exists -
"""
SYNC_84 = """\
exists resource name:data role:Secondary suspended:no write-ordering:flush
exists connection name:data peer-node-id:0 conn-name:peer connection:Connected role:Primary congested:no
exists device name:data volume:0 minor:12 disk:Inconsistent size:327632
exists peer-device name:data peer-node-id:0 conn-name:peer volume:0 replication:SyncTarget peer-disk:UpToDate \
resync-suspended:no received:4928 sent:0 out-of-sync:198236 pending:2 unacked:0
exists -
"""
PROC_84 = """\
version: 8.4.11 (api:1/proto:86-101)
srcversion: D7E3B5D9A9A8B5E4D7D4A5F

12: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----
    ns:0 nr:129404 dw:129404 dr:0 al:8 bm:0 lo:0 pe:2 ua:2 ap:0 ep:1 wo:f oos:198236
	[======>.............] sync'ed: 39.7% (198236/327640)K
	finish: 0:00:12 speed: 16,172 (16,172) want: 40,960 K/sec
"""
STANDALONE = SYNC_9.replace("Connected role:Secondary", "StandAlone role:Unknown").replace("replication:SyncSource", "replication:Off")


class Drbd:
    """DRBD on the machine's part of the tests."""

    def __init__(self, place, folder):
        self.place = place
        self.folder = folder
        self.calls = folder / "calls"
        self.answer(SYNC_9)

    def script(self, text):
        """What drbdsetup is."""
        path = self.folder / "drbdsetup"
        path.write_text(f"#!/bin/sh\necho \"$*\" >>{self.calls}\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def answer(self, events, proc=None):
        """What drbdsetup and the kernel tell."""
        (self.folder / "events").write_text(events, encoding="utf-8")
        self.script(f"cat {self.folder}/events")
        if proc:
            (self.folder / "proc").write_text(proc, encoding="utf-8")

    def command(self, *args):
        """The command line of haops where DRBD is."""
        return self.place.command("unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh",
                                  self.place.folder / "haops", *args)

    def env(self, has_module=True):
        """The environment that it needs."""
        return {"PATH": os.environ["PATH"], "TZ": "UTC", "FAKE": str(self.folder), "MODULE": "yes" if has_module else ""}

    def haops(self, *args, has_module=True):
        """Runs haops to its end."""
        return subprocess.run(self.command(*args), capture_output=True, timeout=20, check=False, env=self.env(has_module))

    def tree(self, **options):
        """Exit status and JSON of haops status."""
        done = self.haops("--json", "status", **options)
        assert done.stderr == b""
        return done.returncode, json.loads(done.stdout)

    def asked(self):
        """How drbdsetup was called."""
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []


@pytest.fixture
def drbd(place, tmp_path):
    """DRBD 9 with a resynchronisation that runs."""
    tmp_path.chmod(0o755)
    return Drbd(place, tmp_path)


def drbd_problems(tree):
    """What is wrong with DRBD."""
    return [(problem["level"], problem["text"]) for problem in tree["problems"] if problem["text"].startswith("DRBD:")]


def test_a_resynchronisation_of_9(drbd, daemon):
    daemon()
    code, tree = drbd.tree()
    assert code == 0 and tree["health"] == "ok" and not drbd_problems(tree)
    assert tree["drbd"]["trouble"] == ""
    assert tree["drbd"]["devices"] == [
        {"resource": "r0", "volume": 0, "disk": "UpToDate", "role": "Primary", "peer": "n2", "peer_disk": "Inconsistent",
         "connection": "Connected", "replication": "SyncSource", "done_percent": 92.0, "left_ms": 75000,
         "peer_role": "Secondary", "minor": 3, "client": False, "quorum": True, "suspended": False}]
    text = drbd.haops("status").stdout.decode()
    assert re.search(r"^ r0 +0 +UpToDate +Primary +n2 +Inconsistent +SyncSource +92.0 +1 min 15 s +Secondary +3$", text, re.M)
    assert drbd.asked() == ["events2 --now --statistics"] * 2


def test_a_resynchronisation_of_84(drbd, daemon):
    daemon()
    drbd.answer(SYNC_84, PROC_84)
    code, tree = drbd.tree(has_module=False)
    assert code == 0 and not drbd_problems(tree)
    device, = tree["drbd"]["devices"]
    assert (device["resource"], device["minor"], device["replication"]) == ("data", 12, "SyncTarget")
    assert (device["done_percent"], device["left_ms"]) == (39.7, 12000)


def test_forms_and_manual(drbd, daemon):
    daemon("sick")
    for events in (SYNC_9, SYNC_84, STANDALONE, "exists -\n", ""):
        drbd.answer(events)
        _, tree = drbd.tree()
        same(tree, xml.etree.ElementTree.fromstring(drbd.haops("--xml", "status").stdout))
        assert set(keys(tree["drbd"])) <= set(re.findall(r"\w+", MAN))


@pytest.mark.parametrize("status, code", [("healthy", 1), ("sick", 2)])
def test_a_problem_is_a_warning(drbd, daemon, status, code):
    daemon(status)
    drbd.answer(STANDALONE)
    got, tree = drbd.tree()
    (level, text), = drbd_problems(tree)
    assert got == code and level == "warning" and "r0 is StandAlone" in text
    assert tree["health"] == ["ok", "warning", "critical"][code]


def test_no_drbd(drbd, daemon):
    daemon()
    code, tree = drbd.tree(has_module=False)
    assert code == 0 and "drbd" not in tree
    assert b"DRBD" not in drbd.haops("status", has_module=False).stdout
    assert drbd.asked() == []


def test_only_status_asks(drbd, daemon):
    daemon()
    for view in ("members", "heartbeat", "watched", "links", "events", "hbstatus"):
        assert drbd.haops(view).returncode == 0
    assert drbd.asked() == []


def test_without_haopsd(drbd, place):
    plain = place.haops("--json", "status")
    done = drbd.haops("--json", "status")
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert done.returncode == 3 and drbd.asked() == []


@pytest.mark.parametrize("script, told", [
    ("echo 'Could not connect to netlink' >&2; exit 20", "drbdsetup events2 failed: Could not connect to netlink"),
    ("kill -9 $$", "drbdsetup events2 failed"),
    ("echo 'exists resource name:r0'", "not complete"),
    ("printf 'exists device name:r0\\nexists resource name:r0\\nexists -\\n'", "not understood"),
    ("yes", "did not answer"),
])
def test_no_use_as_an_answer(drbd, daemon, script, told):
    """Told, and no problem of the cluster but where it hangs."""
    daemon()
    drbd.script(script)
    code, tree = drbd.tree()
    assert told in tree["drbd"]["trouble"] and tree["drbd"]["devices"] == []
    assert code == (1 if "did not answer" in told else 0)
    assert len(drbd_problems(tree)) == code


def test_it_hangs(drbd, daemon):
    daemon()
    drbd.script("sleep 60")
    begin = time.monotonic()
    done = drbd.haops("status")
    assert time.monotonic() - begin < 2.5
    assert done.returncode == 1
    assert b"\nDRBD\nit did not answer: drbdsetup may hang in the kernel\n" in done.stdout
    assert b"warning  DRBD: it did not answer" in done.stdout


def test_watch_does_not_pile_up_what_hangs(drbd, daemon):
    """What the kernel does not let go stays: it is not asked at each turn."""
    daemon()
    drbd.script("sleep 60")
    with subprocess.Popen(drbd.command("--watch=1", "--json", "status"), stdout=subprocess.PIPE, env=drbd.env()) as live:
        for _ in range(3):
            tree = json.loads(live.stdout.readline())
            assert "did not answer" in tree["drbd"]["trouble"]
        live.terminate()
        assert live.wait(5) == 0
    assert len(drbd.asked()) == 1


def test_watch_follows(drbd, daemon):
    daemon()
    with subprocess.Popen(drbd.command("--watch=1", "--json", "status"), stdout=subprocess.PIPE, env=drbd.env()) as live:
        assert json.loads(live.stdout.readline())["drbd"]["devices"][0]["done_percent"] == 92.0
        drbd.answer(SYNC_9.replace("done:92.04", "done:99.90"))
        deadline = time.monotonic() + 10
        while json.loads(live.stdout.readline())["drbd"]["devices"][0]["done_percent"] != 99.9:
            assert time.monotonic() < deadline
        live.terminate()
        assert live.wait(5) == 0
