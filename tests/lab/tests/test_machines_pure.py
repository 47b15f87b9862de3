# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines and the file-server cluster, as far as no machine is needed."""
from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from haopslab import (CorosyncConfig, corosync, fsledger, initramfs, qemu, spec, storage, storageconf,
                      vmwire)

# Frames ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_frames_come_out_as_they_went_in(size: int) -> None:
    wanted = [(0, vmwire.START, 0, b"{}"), (5, vmwire.DATA, 1, b"x" * 70000),
              (5, vmwire.DATA, 0, b""), (7, vmwire.ACK, 2, 12), (7, vmwire.EXIT, 0, 9)]
    data = b"".join(vmwire.frame(s, k, t, v) if isinstance(v, bytes)
                    else vmwire.frame(s, k, t, number=v) for s, k, t, v in wanted)
    frames = vmwire.Frames()
    found = [f for i in range(0, len(data), size) for f in frames.feed(data[i:i + size])]
    assert found == wanted


@pytest.mark.parametrize("data", [vmwire.HEAD.pack(1, 0, 0, 0), vmwire.HEAD.pack(1, 99, 0, 0),
                                  vmwire.HEAD.pack(1, vmwire.DATA, 0, vmwire.MAX_START + 1)])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no frame"):
        list(vmwire.Frames().feed(data))


# Commands, with the agent on this host in place of a machine ---------------------------------------

AGENT = "import os, sys; sys.path.insert(0, sys.argv[1]); from haopslab import vmagent; " \
        "vmagent.Agent(int(sys.argv[2])).run()"


@pytest.fixture(name="there")
def fixture_there(tmp_path):
    """Words that run a command by way of vmexec, vmrelay and vmagent."""
    folder = os.path.dirname(os.path.abspath(vmwire.__file__))
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    path = str(tmp_path / "exec")
    with socket.socket(socket.AF_UNIX) as listener, ours, theirs:
        listener.bind(path)
        listener.listen()
        fds = (listener.fileno(), ours.fileno())
        relay = subprocess.Popen([sys.executable, f"{folder}/vmrelay.py", *map(str, fds)], pass_fds=fds)
        agent = subprocess.Popen([sys.executable, "-B", "-c", AGENT, os.path.dirname(folder),
                                  str(theirs.fileno())], pass_fds=[theirs.fileno()])
    yield [sys.executable, "-I", "-B", f"{folder}/vmexec.py", path, "--"], agent
    agent.kill()
    agent.wait()
    relay.wait(10)


def test_command_has_streams_status_and_environment(there) -> None:
    words, _ = there
    done = subprocess.run([*words, "/bin/sh", "-c", 'cat; echo "$X" >&2; exit 7'], input=b"a\0b" * 300000,
                          capture_output=True, env={"X": "there"}, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"a\0b" * 300000, b"there\n")


def test_command_that_is_not_there(there) -> None:
    done = subprocess.run([*there[0], "/nonesuch"], capture_output=True, timeout=30, check=False)
    assert done.returncode == 127 and b"/nonesuch: No such file" in done.stderr


def test_end_by_a_signal_is_one_here_too(there) -> None:
    done = subprocess.run([*there[0], "/bin/sh", "-c", "kill -USR1 $$"], timeout=30, check=False)
    assert done.returncode == -10


def test_signal_is_handed_on(there) -> None:
    child = subprocess.Popen([*there[0], "/bin/sh", "-c",
                              'trap "echo told; exit 3" TERM; echo up; while :; do sleep 0.1; done'],
                             stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"up\n"
    child.terminate()
    assert child.communicate(timeout=30)[0] == b"told\n" and child.returncode == 3


def test_command_ends_with_its_caller_and_daemons_stay(there, tmp_path) -> None:
    script = f"setsid sleep 60 & echo $! >{tmp_path}/daemon; echo $$; exec sleep 60"
    child = subprocess.Popen([*there[0], "/bin/sh", "-c", script], stdout=subprocess.PIPE)
    pidfd = os.pidfd_open(int(child.stdout.readline()))
    child.kill()
    child.communicate()
    storage.wait_until("its end", lambda: (_is_over(pidfd), None), 10)
    daemon = int((tmp_path / "daemon").read_text())
    os.kill(daemon, 9)


def _is_over(pidfd: int) -> bool:
    return bool(__import__("select").select([pidfd], [], [], 0)[0])


def test_output_that_nobody_reads_stops_no_other(there) -> None:
    full = subprocess.Popen([*there[0], "/usr/bin/yes"], stdout=subprocess.PIPE)
    full.stdout.readline()
    done = subprocess.run([*there[0], "/bin/echo", "on"], capture_output=True, timeout=30, check=False)
    assert done.stdout == b"on\n"
    full.kill()
    full.communicate()


def test_end_of_the_machine_is_a_kill(there) -> None:
    words, agent = there
    child = subprocess.Popen([*words, "/bin/sh", "-c", "echo up; exec sleep 60"], stdout=subprocess.PIPE)
    child.stdout.readline()
    agent.kill()
    child.communicate(timeout=30)
    assert child.returncode == -9


# The machine -------------------------------------------------------------------------------------


def test_archive_is_one_that_cpio_reads(tmp_path) -> None:
    data = initramfs.archive({"bin": (stat.S_IFDIR | 0o755, b""),
                              "bin/a": (stat.S_IFREG | 0o755, b"abcde"),
                              "b": (stat.S_IFREG | 0o600, b"")})
    assert len(data) % 4 == 0 and data.count(b"070701") == 4 and data.endswith(b"TRAILER!!!\0\0\0\0")


def test_command_line() -> None:
    machine = qemu.Hardware("n1", "tcg", 512, "/k", "/i", "/init.py", "/c", "/l", ["/d0", "/d1"],
                            {1: (8, "02:77:00:01:00:0b"), 0: (7, "02:77:00:00:00:0b")}, 3, 4, 5)
    text = " ".join(qemu.command(machine))
    assert text.index("netdev=net0") < text.index("netdev=net1"), "the order names the interfaces"
    for part in ("-accel tcg", "fd=7", "file=/d1,format=raw", "readonly=on", "lab.init=/init.py",
                 "name=lab.control", "name=lab.agent"):
        assert part in text


def test_accelerator_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in qemu.PATIENCE:
        monkeypatch.setenv("HAOPS_LAB_ACCEL", name)
        assert qemu.accelerator() == name


def test_cluster_may_use_some_rings_only() -> None:
    nodes = [spec.MachineSpec(f"n{i}", 10 + i, [0, 1, 2]) for i in (1, 2)]
    text = corosync.render(CorosyncConfig(), nodes, "lab", [0, 2])
    assert "ring0_addr: 10.77.0.11" in text and "ring1_addr: 10.77.2.11" in text
    assert "10.77.1." not in text


# The file server ---------------------------------------------------------------------------------


def test_configuration_is_well_formed() -> None:
    for agents in storageconf.AGENTS.values():
        root = ET.fromstring(f"<all>{storageconf.cib(agents)}</all>")
        idents = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(idents) == len(set(idents))
    mixed = storageconf.STOCK.with_haops("drbd")
    assert 'provider="haops" type="drbd"' in storageconf.cib(mixed)
    assert 'provider="heartbeat" type="Filesystem"' in storageconf.cib(mixed)


def test_drbd_events_are_read() -> None:
    found = storage.parse_events(
        "exists resource name:nfs role:Primary suspended:no\n"
        "exists connection name:nfs peer-node-id:0 conn-name:x connection:Connected role:Secondary\n"
        "exists device name:nfs volume:0 minor:0 disk:UpToDate client:no quorum:yes\n"
        "exists peer-device name:nfs peer-node-id:0 volume:0 replication:Established "
        "peer-disk:UpToDate resync-suspended:no\nexists -\n")
    assert found.is_whole() and (found.role, found.peer_role) == ("Primary", "Secondary")
    assert storage.parse_events("exists -\n") == storage.DrbdState()


def test_books_of_files() -> None:
    found = fsledger.parse({1: "A 0 10.0\nA 1 10.5\nE 2 11.0 5\nA 2 13.5\nA 3 14", 2: "A 0 10.1\n"})
    assert sorted(found.acked) == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert found.errors == [(11.0, errno.EIO)] and found.gap(10.2) == pytest.approx(3.0)
    whole = b"".join(fsledger.record(1, seq) for seq in range(3))
    assert len(whole) == 3 * fsledger.RECORD_BYTES
    assert not fsledger.audit(found, {1: whole, 2: fsledger.record(2, 0)})
    torn = whole[:-1] + b"?"
    (finding,) = fsledger.audit(found, {1: torn, 2: fsledger.record(2, 0)})
    assert "1 acknowledged" in finding and "first is 2" in finding
    assert "writer 2" in fsledger.audit(found, {1: whole})[0]
