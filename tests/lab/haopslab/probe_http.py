# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP requests for the prober: a new connection each, non-blocking, many in flight."""
from __future__ import annotations

import errno
import selectors
import socket
from typing import Callable
from urllib.parse import urlsplit

from .wait import LabError

MAX_ANSWER = 16384


class _Request:
    """One connection."""
    __slots__ = ("sent", "sock", "answer", "is_done")

    def __init__(self, sent: float, sock: socket.socket):
        self.sent = sent
        self.sock = sock
        self.answer = b""
        self.is_done = False


class HttpProbe:
    """GET of one URL. `on_done(sent, is_ok, who)` is called for each finished request.

    Success is a complete answer with status 200; the server's name is header X-Node, or the
    first line of the body.
    """

    def __init__(self, url: str):
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise LabError(f"{url!r} is no http:// address")
        self.target = url
        self.selector = selectors.EpollSelector()
        self.on_done: Callable[[float, bool, str], None] = lambda *_: None
        info = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)[0]
        self._family, self._address = info[0], info[4]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._request = (f"GET {path} HTTP/1.0\r\nHost: {parts.netloc}\r\n"
                         "Connection: close\r\n\r\n").encode()

    def send(self, now: float) -> _Request:
        """Begin one request."""
        sock = socket.socket(self._family,
                             socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        request = _Request(now, sock)
        result = sock.connect_ex(self._address)
        self.selector.register(sock, selectors.EVENT_WRITE,
                               lambda _sock: self._on_connected(request))
        if result not in (0, errno.EINPROGRESS):
            self._end(request, False, "")
        return request

    @staticmethod
    def is_done(request: _Request) -> bool:
        return request.is_done

    def abandon(self, request: _Request) -> None:
        """Time is up: forget it without a call of on_done."""
        request.is_done = True
        self.selector.unregister(request.sock)
        request.sock.close()

    def _on_connected(self, request: _Request) -> None:
        try:
            request.sock.send(self._request)
        except OSError:
            self._end(request, False, "")
            return
        self.selector.modify(request.sock, selectors.EVENT_READ,
                             lambda _sock: self._on_answer(request))

    def _on_answer(self, request: _Request) -> None:
        try:
            data = request.sock.recv(MAX_ANSWER)
        except OSError:
            self._end(request, False, "")
            return
        request.answer += data
        if not data or len(request.answer) >= MAX_ANSWER:
            self._end(request, *judge(request.answer))

    def _end(self, request: _Request, is_ok: bool, who: str) -> None:
        self.abandon(request)
        self.on_done(request.sent, is_ok, who)


def judge(answer: bytes) -> tuple[bool, str]:
    """(is it a complete 200 answer, who gave it)."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = lines[0].split(b" ")
    is_ok = bool(separator) and len(status) > 1 and status[1] == b"200"
    for line in lines[1:]:
        if line[:7].lower() == b"x-node:":
            return is_ok, line[7:].strip().decode(errors="replace")
    return is_ok, body.split(b"\n")[0].strip()[:40].decode(errors="replace")
