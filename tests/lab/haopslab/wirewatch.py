# SPDX-License-Identifier: GPL-2.0-or-later
"""The observer: a program run in a switch's network that asks who has an address.

    wirewatch.py BRIDGE ASKER_IPV4 LOG ADDRESS...

Every 10 ms it sends an ARP request (IPv6: a neighbour solicitation) for each address, and records
each answer with the switch's port that it came in by: a port is a machine. A question is
recognised in its answers: ARP questions have a sender MAC of their own each, solicitations one of
64 source addresses. The asker has an address of its own, so these are no conflict probes in the
sense of RFC 5227, and no machine's cache of a real address is touched.
"""
from __future__ import annotations

import ctypes
import ipaddress
import os
import selectors
import socket
import struct
import sys
import time

if __package__ in (None, ""):
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
from haopslab import frames, ownership  # noqa: E402
from haopslab.gridloop import EventLog, GridLoop  # noqa: E402

INTERVAL = 0.01
_COOKIE = b"\x02\x77\xfe"
_SOURCES = 64
_SO_ATTACH_FILTER = 26
_ETH_P_ALL = 3
# Classic BPF: nothing outgoing; ARP; ICMPv6 types 135 and 136.
_FILTER = [(0x28, 0, 0, 12), (0x15, 5, 0, frames.ETH_ARP), (0x15, 0, 5, frames.ETH_IPV6),
           (0x30, 0, 0, 20), (0x15, 0, 3, 58), (0x30, 0, 0, 54), (0x35, 0, 1, 135),
           (0x6, 0, 0, 2048), (0x6, 0, 0, 0)]


def attach_filter(sock: socket.socket) -> None:
    """Let the kernel drop what is not ARP or neighbour discovery."""
    code = b"".join(struct.pack("HBBI", *line) for line in _FILTER)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(_FILTER), ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


class WireWatch(GridLoop):
    """Asks on the grid, files each claim under its address."""

    def __init__(self, bridge: str, asker: str, log_path: str, addresses: list[str]):
        super().__init__(INTERVAL, selectors.EpollSelector())
        self._bridge = bridge
        self._asker = asker
        self._log = EventLog(log_path, self.wall)
        self._history = {str(ipaddress.ip_address(a)): ownership.History() for a in addresses}
        self._owner: dict[str, str] = {}
        self._asked: list[float] = []
        # Bridge ports hand a frame to taps of all protocols only, hence ETH_P_ALL.
        self._listen = self._socket(_ETH_P_ALL)
        attach_filter(self._listen)
        self._send = self._socket(0)
        self._send.bind((bridge, 0))
        self._mac = self._send.getsockname()[4]
        self._questions = {a: self._solicitations(a) for a in self._history if ":" in a}
        self._ports: dict[bytes, str] = {}
        self.selector.register(self._listen, selectors.EVENT_READ, self._on_frames)

    @staticmethod
    def _socket(protocol: int) -> socket.socket:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                             socket.htons(protocol))

    def _solicitations(self, address: str) -> list[bytes]:
        return [frames.solicitation(self._mac, f"fe80::77:fe:{n:x}", address)
                for n in range(_SOURCES)]

    def on_slot(self, now: float) -> None:
        number = len(self._asked)
        self._asked.append(now)
        for address in self._history:
            if address in self._questions:
                frame = self._questions[address][number % _SOURCES]
            else:
                cookie = _COOKIE + (number & 0xffffff).to_bytes(3, "big")
                frame = frames.arp_request(self._mac, cookie, self._asker, address)
            self._ask(frame)

    def _ask(self, frame: bytes) -> None:
        try:
            self._send.send(frame)
        except OSError:
            pass  # the switch is off: a question without an answer

    def _on_frames(self, _sock: socket.socket) -> None:
        while True:
            try:
                frame, origin = self._listen.recvfrom(2048)
            except BlockingIOError:
                return
            port, kind = origin[0], origin[2]
            # The port of a machine that was just powered off has no name any more.
            port = self._ports.setdefault(frame[6:12], port) if port else self._ports.get(frame[6:12], "")
            if kind != socket.PACKET_OUTGOING and port != self._bridge:
                self._take(frames.read_claim(frame), port)

    def _take(self, claim: frames.Claim | None, port: str) -> None:
        if claim is None or claim.address not in self._history:
            return
        now, who = time.monotonic(), port.rsplit("-", 1)[0]
        history = self._history[claim.address]
        number = self._question_of(claim.cookie)
        if claim.cookie is None:
            history.announcements.append(ownership.Announcement(now, who))
            self._log.write(now, f"{who} announces", address=claim.address, mac=claim.mac)
        elif number is not None:
            history.answers.append(ownership.Answer(number, self._asked[number], who))
            if self._owner.get(claim.address) != who:
                self._owner[claim.address] = who
                self._log.write(now, f"{who} answers", address=claim.address, mac=claim.mac)

    def _question_of(self, cookie: bytes | None) -> int | None:
        """The number of the question that an answer went to; None for other people's."""
        count = len(self._asked)
        if cookie is None or not count:
            return None
        if len(cookie) == 6 and cookie[:3] == _COOKIE:
            number = int.from_bytes(cookie[3:], "big")
            return number if number < count else None
        if len(cookie) == 16 and cookie[10:14] == b"\0\x77\0\xfe":
            behind = (count - 1 - cookie[15]) % _SOURCES
            return count - 1 - behind if behind < count else None
        return None

    def report(self) -> dict:
        return {"questions": len(self._asked), "addresses": {
            address: self._report_one(history) for address, history in self._history.items()}}

    def _report_one(self, history: ownership.History) -> dict:
        def wall(value: float) -> float:
            return round(value + self.wall, 6)
        runs = [r | {"first": wall(r["first"]), "last": wall(r["last"])}
                for r in ownership.owners(history)]
        return {
            "answers": len(history.answers), "owners": runs,
            "announcements": [{"time": wall(a.time), "who": a.who}
                              for a in history.announcements],
            "violations": [vars(v) | {"time": wall(v.time)}
                           for v in ownership.violations(history)],
        }


if __name__ == "__main__":
    WireWatch(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]).run()
