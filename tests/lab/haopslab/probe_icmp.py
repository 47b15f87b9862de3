# SPDX-License-Identifier: GPL-2.0-or-later
"""ICMP and ICMPv6 echo for the prober."""
from __future__ import annotations

import os
import selectors
import socket
import struct
from typing import Callable

from .frames import internet_checksum
from .spec import NODE_BASE

_ECHO = {socket.AF_INET: (8, 0, socket.IPPROTO_ICMP),
         socket.AF_INET6: (128, 129, socket.IPPROTO_ICMPV6)}
_WHO_EVERY = 10


def node_of_mac(mac: str) -> str:
    """The lab's MAC addresses end with the machine's number: node 11 is n1."""
    parts = mac.split(":")
    if len(parts) != 6 or parts[:3] != ["02", "77", "00"]:
        return mac
    number = int(parts[5], 16)
    return f"n{number - NODE_BASE}" if number > NODE_BASE else mac


class IcmpProbe:
    """One echo at a time with a number that its answer repeats. Who answers is looked up in the
    client's neighbour table (IPv4), which is what the client itself believes."""

    def __init__(self, address: str):
        self.target = address
        self.selector = selectors.EpollSelector()
        self.on_done: Callable[[float, bool, str], None] = lambda *_: None
        info = socket.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)[0]
        self._family, self._address = info[0], (info[4][0], 0)
        self._request, self._reply, protocol = _ECHO[self._family]
        self._sock = socket.socket(self._family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
        self._sock.connect(self._address)
        self._id = os.getpid() & 0xffff
        self._next = 0
        self._open: dict[int, float] = {}
        self._answered = 0
        self._who = ""
        self.selector.register(self._sock, selectors.EVENT_READ, self._on_reply)

    def send(self, now: float) -> int:
        """Send one echo request; its number identifies it."""
        number = self._next = (self._next + 1) & 0xffff
        head = struct.pack("!BBHHH", self._request, 0, 0, self._id, number)
        if self._family == socket.AF_INET:
            checksum = internet_checksum(head)
            head = struct.pack("!BBHHH", self._request, 0, checksum, self._id, number)
        self._open[number] = now
        try:
            self._sock.send(head)
        except OSError:
            self._who = ""  # no route or neighbour: it expires like an unanswered one
        return number

    def is_done(self, number: int) -> bool:
        return number not in self._open

    def abandon(self, number: int) -> None:
        del self._open[number]
        self._answered = 0

    def _on_reply(self, _sock: socket.socket) -> None:
        try:
            data = self._sock.recv(2048)
        except OSError:
            return  # an ICMP error of an earlier packet
        if self._family == socket.AF_INET:
            data = data[(data[0] & 15) * 4:]
        kind, _code, _sum, ident, number = struct.unpack("!BBHHH", data[:8])
        sent = self._open.pop(number, None) if (kind, ident) == (self._reply, self._id) else None
        if sent is not None:
            if self._answered % _WHO_EVERY == 0:
                self._who = self._neighbour()
            self._answered += 1
            self.on_done(sent, True, self._who)

    def _neighbour(self) -> str:
        with open("/proc/net/arp", encoding="ascii") as table:
            for line in table:
                words = line.split()
                if words[0] == self._address[0]:
                    return node_of_mac(words[3])
        return ""
