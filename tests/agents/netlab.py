# SPDX-License-Identifier: GPL-2.0-or-later
"""A node and a peer on one wire, each a network namespace, and agents run in the node.

Nothing has a name on the host: the namespaces end with the processes that hold them, and those end
with the test.
"""

import contextlib
import ctypes
import errno
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 0x0003
ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD

NODE_MAC = "02:00:00:00:01:01"
PEER_MAC = "02:00:00:00:02:01"


def wait_until(condition, what, seconds=10.0):
    """Waits until condition() is true, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


class Result:
    """What an agent's run came to."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def reason(self):
        """The exit reason, as the cluster takes it: the last one."""
        found = re.findall(r"^ocf-exit-reason:(.*)$", self.err, re.M)
        return found[-1] if found else ""

    def __repr__(self):
        return f"code {self.code}, reason {self.reason!r}, output {self.out!r}, {self.err!r}"


class Agent:
    """An agent's program, and how it is called."""

    def __init__(self, folder, name):
        self.name = name
        self.program, self.libraries = find_program(pathlib.Path(folder), name)

    def environment(self, params, meta=None, instance="vip", extra=None):
        """The environment of a run: params without None, meta attributes with '-' as '_'."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OCF_ROOT": "/usr/lib/ocf",
               "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
               "OCF_RESOURCE_TYPE": self.name, "OCF_RESOURCE_PROVIDER": "haops",
               "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:"}
        if self.libraries:
            env["LD_LIBRARY_PATH"] = str(self.libraries)
        if instance is not None:
            env["OCF_RESOURCE_INSTANCE"] = instance
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        env.update({f"OCF_RESKEY_{k}": str(v) for k, v in params.items() if v is not None})
        env.update({f"OCF_RESKEY_CRM_meta_{k}": str(v)
                    for k, v in {"timeout": 20000, **(meta or {})}.items() if v is not None})
        env.update(extra or {})
        return env


def is_elf(path):
    """Whether path is a program and not libtool's script around one."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


@contextlib.contextmanager
def readable(folder):
    """The tree where every user can read it: a copy, if a folder above it (such as /root) is closed to others."""
    if all(parent.stat().st_mode & 0o5 == 0o5 for parent in (folder, *folder.parents)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="haops-agents-") as copy:
        os.chmod(copy, 0o755)
        yield pathlib.Path(shutil.copytree(folder, pathlib.Path(copy) / "tree", symlinks=True))


def find_program(folder, name):
    """(program, folder of libhaops or None) of an agent in a build folder or an installed tree."""
    for program in (folder / name, folder / ".libs" / name,
                    *sorted(folder.glob(f"**/resource.d/haops/{name}"))):
        if not is_elf(program):
            continue
        for parent in (program.parent, *program.parents):
            if parent == pathlib.Path("/"):
                break
            found = sorted(parent.glob("libhaops.so.*")) or (
                sorted(parent.glob("**/libhaops.so.*")) if parent == folder else [])
            if found:
                return program, found[0].parent
        return program, None
    raise FileNotFoundError(f"{name} is not in {folder}: build it, or give --agents DIR")


class Namespace:
    """A network namespace with a mount namespace of its own, where /run is empty."""

    def __init__(self):
        self.holder = subprocess.Popen(
            ["unshare", "-n", "-m", "--propagation", "private", "setpriv", "--pdeathsig", "KILL",
             "sh", "-ec", "mount -t tmpfs none /run; mkdir /run/netns; echo ready; exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            raise OSError("no private namespaces: run as root")
        self.pid = self.holder.pid

    def command(self, argv):
        """argv, to be run in here."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "--", *map(str, argv)]

    def run(self, *argv, check=True, **kwargs):
        """Runs a command in here."""
        return subprocess.run(self.command(argv), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=check, timeout=60, **kwargs)

    def ip(self, *lines):
        """Runs lines of ip(8) in one batch."""
        done = subprocess.run(self.command(["ip", "-batch", "-"]), input="\n".join(lines) + "\n", text=True,
                              capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, f"{lines}: {done.stderr}"

    def addrs(self, dev=None):
        """{address: [(interface, prefix length, attributes)]} of what the kernel lists."""
        found = {}
        for link in json.loads(self.run("ip", "-j", "addr").stdout):
            for addr in link.get("addr_info", []):
                if addr and (dev is None or link["ifname"] == dev):
                    found.setdefault(addr["local"], []).append((link["ifname"], addr["prefixlen"], addr))
        return found

    def has(self, addr):
        """Whether any interface has this address (in canonical form)."""
        return addr in self.addrs()

    def processes(self):
        """Numbers and names of the processes in here, without the holder."""
        own = os.stat(f"/proc/{self.pid}/ns/net").st_ino
        found = {}
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and int(entry) != self.pid and \
                        os.stat(f"/proc/{entry}/ns/net").st_ino == own:
                    stat = pathlib.Path(f"/proc/{entry}/stat").read_text(encoding="utf-8", errors="replace")
                    if stat.rpartition(")")[2].split()[0] not in "ZX":
                        found[int(entry)] = stat.partition("(")[2].rpartition(")")[0]
        return found

    def state(self):
        """What an action that is refused must not change."""
        return (self.run("ip", "-j", "addr").stdout, self.run("ip", "route", "show", "table", "all").stdout,
                self.run("ip", "-6", "route", "show", "table", "all").stdout,
                self.run("ip", "-j", "link").stdout, sorted(self.processes().values()))

    def socket(self, *args):
        """A socket of this namespace, for this process."""
        made = []

        def make():
            with open(f"/proc/{self.pid}/ns/net", "rb") as file:
                if LIBC.setns(file.fileno(), CLONE_NEWNET) == 0:
                    made.append(socket.socket(*args))

        # setns(2) moves the calling thread only.
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if not made:
            raise OSError(f"no socket in the namespace of {self.pid}")
        return made[0]

    def close(self):
        """Ends everything in here."""
        deadline = time.monotonic() + 5
        while self.processes() and time.monotonic() < deadline:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class Frame:
    """One announcement or question on the wire."""

    def __init__(self, kind, addr, src_mac, dst_mac, target=None):
        self.kind = kind          # "request", "reply", "na" or "ns"
        self.addr = addr          # whose hardware address it tells, or who is asked for
        self.src_mac = src_mac
        self.dst_mac = dst_mac
        self.target = target      # ARP target address
        self.time = time.monotonic()

    def __repr__(self):
        return f"<{self.kind} {self.addr} from {self.src_mac} to {self.dst_mac} target {self.target}>"


def mac_text(raw):
    """02:00:... of 6 bytes."""
    return ":".join(f"{byte:02x}" for byte in raw)


def parse_frame(raw):
    """A Frame, or None for what is none of ours."""
    if len(raw) < 14:
        return None
    dst, src = mac_text(raw[0:6]), mac_text(raw[6:12])
    kind = struct.unpack("!H", raw[12:14])[0]
    body = raw[14:]
    if kind == ETH_P_ARP and len(body) >= 28:
        op = struct.unpack("!H", body[6:8])[0]
        return Frame({1: "request", 2: "reply"}.get(op), socket.inet_ntoa(body[14:18]), src, dst,
                     socket.inet_ntoa(body[24:28]))
    if kind == ETH_P_IPV6 and len(body) >= 64 and body[6] == 58 and body[40] in (135, 136):
        return Frame("na" if body[40] == 136 else "ns", socket.inet_ntop(socket.AF_INET6, body[48:64]), src, dst)
    return None


class Wire:
    """Listens at the end of a wire."""

    def __init__(self, namespace, dev="eth0"):
        self.socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((dev, ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.frames = []

    def read(self, seconds=0.0):
        """Takes in what has come, and returns all that came so far."""
        deadline = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                raw, (_, _, packet_type, _, _) = self.socket.recvfrom(65536)
            except OSError as error:
                # Told once when the interface goes down.
                if error.errno != errno.ENETDOWN:
                    raise
                continue
            frame = parse_frame(raw) if packet_type != socket.PACKET_OUTGOING else None
            if frame:
                self.frames.append(frame)
        return self.frames

    def seen(self, addr, *kinds):
        """The frames that announce addr (a probe, whose sender address is 0.0.0.0, does not)."""
        return [f for f in self.read() if f.addr == addr and (not kinds or f.kind in kinds)]

    def wait(self, addr, *kinds, count=1, seconds=10.0):
        """Waits for that many of them."""
        return wait_until(lambda: (lambda found: found if len(found) >= count else None)(self.seen(addr, *kinds)),
                          f"{count} {kinds} of {addr} on the wire: {self.frames}", seconds)

    def forget(self):
        """Forgets what came so far."""
        self.read()
        self.frames = []

    def close(self):
        """Stops listening."""
        self.socket.close()


class Node:
    """A node and a peer: eth0 to eth0 (192.0.2.0/24, 2001:db8::/64), eth1 to eth1 without addresses."""

    def __init__(self, agents):
        self.agents = agents
        self.ns = Namespace()
        self.peer = Namespace()
        self.ns.ip("link set lo up",
                   f"link add eth0 address {NODE_MAC} type veth peer name eth0 address {PEER_MAC} "
                   f"netns {self.peer.pid}",
                   f"link add eth1 type veth peer name eth1 netns {self.peer.pid}")
        for number, end in ((1, self.ns), (2, self.peer)):
            end.ip(*[f"link set {dev} addrgenmode none up" for dev in ("eth0", "eth1")],
                   f"addr add 192.0.2.{number}/24 brd + dev eth0", f"addr add fe80::{number}/64 dev eth0 nodad",
                   f"addr add 2001:db8::{number}/64 dev eth0 nodad")
        self.wire = Wire(self.peer)

    def agent(self, action, meta=None, instance="vip", extra=None, name="IPaddr2", wrap=(), **params):
        """Runs an agent's action to its end."""
        agent = Agent(self.agents, name)
        env = agent.environment(params, meta, instance, extra)
        if "strace" in wrap:
            # The leak check of a sanitized build cannot work under ptrace(2).
            env["ASAN_OPTIONS"] = "detect_leaks=0"
        return Result(self.ns.run(*wrap, agent.program, action, check=False, env=env))

    def popen(self, action, instance="vip", meta=None, name="IPaddr2", **params):
        """Begins an agent's action, in a session of its own, whose number is the process's."""
        agent = Agent(self.agents, name)
        return subprocess.Popen(self.ns.command([agent.program, action]), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env=agent.environment(params, meta, instance), start_new_session=True)

    def must(self, action, **kwargs):
        """Runs an action that must succeed."""
        result = self.agent(action, **kwargs)
        assert result.code == 0, result
        return result

    def probe(self, **kwargs):
        """The code of a probe."""
        return self.agent("monitor", meta={"interval": 0, **kwargs.pop("meta", {})}, **kwargs).code

    def monitor(self, **kwargs):
        """A recurring monitor."""
        return self.agent("monitor", meta={"interval": 10000, **kwargs.pop("meta", {})}, **kwargs)

    def sender_count(self):
        """How many background senders run."""
        return len(self.ns.processes())

    def close(self):
        """Ends both."""
        self.wire.close()
        self.ns.close()
        self.peer.close()
