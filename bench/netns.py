# SPDX-License-Identifier: GPL-2.0-or-later
"""Private namespaces for a benchmark, a peer behind a cable, and frames with the kernel's own time."""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import time

CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID = 0x40000000, 0x00020000, 0x20000000
PR_SET_PDEATHSIG = 1
MS_REC, MS_PRIVATE = 0x4000, 0x40000
ETH_P_ALL = 0x0003
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
LIBC = ctypes.CDLL(None, use_errno=True)


def run(*command):
    """Runs a command that must succeed; its standard output."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def unshare(flags):
    """unshare(2)"""
    if LIBC.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare: run this as root")


def mount(source, target, kind, flags):
    """mount(2)"""
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), flags, None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def enter_private():
    """Own network, mounts and processes, with an empty /run: what is done here touches no one.

    Returns in a new process. The one that called waits for it; whatever ends that one ends all.
    """
    unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID)
    init = os.fork()
    if init:
        wait_and_exit(init)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    mount("none", "/", "none", MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", 0)
    mount("tmpfs", "/run", "tmpfs", 0)
    run("ip", "link", "set", "lo", "up")
    worker = os.fork()
    if worker:
        wait_and_exit(worker)


def wait_and_exit(pid):
    """Collects children, which daemons become here, too, until this one ends; ends as it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found, status = os.wait()
    while found != pid:
        found, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def packet_socket(pid, device=""):
    """A socket that hears all frames in the network of that process (on one device, or on all)."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    LIBC.setns(other, CLONE_NEWNET)
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        if device:
            sock.bind((device, 0))
    finally:
        LIBC.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(other)
    return sock


def waiting(sock):
    """[(wall clock in ns, frame)] that have come so far."""
    out = []
    sock.setblocking(False)
    try:
        while True:
            frame, ancillary, _, _ = sock.recvmsg(2048, 64)
            out.append((stamp(ancillary), frame))
    except BlockingIOError:
        return out


class Peer:
    """The other end of a cable: a network namespace held by a process that waits for our end."""

    def __init__(self, name="eth0", address="10.77.9.1/24", address6="fd00:77:9::1/64"):
        ready, self.hold = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(ready[1])
        os.close(ready[1])
        os.close(self.hold[0])
        os.read(ready[0], 1)
        os.close(ready[0])
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "peer0", "netns", str(self.pid))
        self.inside("ip", "addr", "add", "10.77.9.254/24", "dev", "peer0")
        self.inside("ip", "link", "set", "peer0", "up")
        run("ip", "addr", "add", address, "dev", name)
        run("ip", "addr", "add", address6, "dev", name, "nodad")
        run("ip", "link", "set", name, "up")
        self.socket = packet_socket(self.pid, "peer0")

    def _live(self, ready):
        os.close(self.hold[1])
        unshare(CLONE_NEWNET)
        run("ip", "link", "set", "lo", "up")
        os.write(ready, b"x")
        os.read(self.hold[0], 1)
        os._exit(0)

    def inside(self, *command):
        """Runs a command at the other end."""
        return run("nsenter", f"--net=/proc/{self.pid}/ns/net", *command)

    def drain(self):
        """Forgets the frames so far."""
        waiting(self.socket)

    def frames(self, until):
        """[(wall clock in ns, frame)] that arrive until a wall clock time in ns."""
        out = []
        while (left := until - time.time_ns()) > 0:
            self.socket.settimeout(left / 1e9)
            try:
                frame, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            except TimeoutError:
                break
            out.append((stamp(ancillary), frame))
        return out


def stamp(ancillary):
    """The kernel's time of a frame."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return seconds * 10**9 + nanoseconds
    return time.time_ns()


def is_announcement(frame):
    """A gratuitous ARP or an unsolicited neighbour advertisement."""
    if frame[12:14] == b"\x08\x06":
        return frame[28:32] == frame[38:42]
    return frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 136


def announced_by_request(frame):
    """The IPv4 address that a gratuitous ARP request announces (a round may send a reply, too), or None."""
    if frame[12:14] != b"\x08\x06" or frame[20:22] != b"\0\1" or not is_announcement(frame):
        return None
    return socket.inet_ntoa(frame[28:32])


def rounds(frames, addresses, count):
    """When each of so many rounds of announcements had told every one of the addresses: (time, frame) in, times out.

    A round of an address is its n-th announcement, so a frame that is late or missing moves no other address's round.
    """
    times = {address: [] for address in addresses}
    for at, frame in frames:
        address = announced_by_request(frame)
        if address in times:
            times[address].append(at)
    short = sorted(address for address, seen in times.items() if len(seen) < count)
    if short:
        raise RuntimeError(f"{len(short)} of {len(times)} addresses were announced less than {count} times, "
                           f"the first is {short[0]}")
    return [max(seen[number] for seen in times.values()) for number in range(count)]


def addresses():
    """What the kernel lists here."""
    return json.loads(run("ip", "-j", "addr"))
