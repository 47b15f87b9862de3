# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversation with a lab's keeper: one JSON line per call, one per answer.

The keeper listens on an abstract unix socket of the host's network namespace, so a lab is found,
and its death seen, without any file; and on a file in its own /run for what lives in other
network namespaces. Only root is answered.
"""
from __future__ import annotations

import json
import os
import socket
import struct

from .wait import LabError

MAX_LINE = 4 << 20
_PREFIX = "haops-lab/"
_LISTENING = "00010000"  # column Flags of /proc/net/unix


def abstract_address(name: str) -> str:
    return "\0" + _PREFIX + name


def running_labs() -> list[str]:
    """Names of all labs on this host, from the kernel's own table."""
    with open("/proc/net/unix", encoding="ascii", errors="replace") as table:
        rows = [line.split() for line in table]
    marker = "@" + _PREFIX
    return sorted({row[-1][len(marker):] for row in rows
                   if row[-1].startswith(marker) and row[3] == _LISTENING})


def peer_credentials(sock: socket.socket) -> tuple[int, int]:
    """(pid, uid) of the process that listens at, or called from, the other end."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, _gid = struct.unpack("=iII", raw)
    return pid, uid


def connect(name: str, timeout: float = 60.0) -> socket.socket:
    """A connection to the keeper of a running lab."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    sock.settimeout(timeout)
    try:
        sock.connect(abstract_address(name))
    except OSError as error:
        sock.close()
        known = ", ".join(running_labs()) or "none"
        raise LabError(f"no lab named {name!r} is running; running: {known}; "
                       f"`lab --name {name} up` starts it") from error
    if peer_credentials(sock)[1] != 0:
        sock.close()
        raise LabError(f"the socket of lab {name!r} does not belong to root")
    return sock


def call(sock: socket.socket, method: str, **arguments: object) -> object:
    """One call; the keeper's error comes back as LabError. A call that was interrupted (Ctrl-C)
    closes the connection: its answer would be read as that of the next call."""
    try:
        sock.sendall(json.dumps({"call": method, "args": arguments}).encode() + b"\n")
        answer = json.loads(_read_line(sock, method))
    except OSError as error:
        sock.close()
        raise LabError(f"the lab did not answer when it was asked to {method}: {error}; "
                       "`lab down` ends it") from error
    except BaseException:
        sock.close()
        raise
    if not answer["ok"]:
        raise LabError(answer["error"])
    return answer["result"]


def _read_line(sock: socket.socket, method: str) -> bytes:
    buffer = b""
    while not buffer.endswith(b"\n"):
        chunk = sock.recv(1 << 16)
        if not chunk:
            raise LabError(f"the lab ended while it was asked to {method}")
        buffer += chunk
    return buffer


def listen_abstract(name: str) -> socket.socket:
    """The keeper's socket; fails when a lab of that name runs already."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        sock.bind(abstract_address(name))
    except OSError as error:
        raise LabError(f"a lab named {name!r} runs already; `lab --name {name} down` ends it, "
                       "or choose another --name") from error
    sock.listen(16)
    return sock


def listen_file(path: str) -> socket.socket:
    """The same, as a file inside the lab's own mount namespace."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    sock.bind(path)
    os.chmod(path, 0o600)
    sock.listen(16)
    return sock
