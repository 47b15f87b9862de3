# SPDX-License-Identifier: GPL-2.0-or-later
"""Between the commands on the host (vmexec.py) and one virtual machine's serial port.

    vmrelay.py LISTENER-FD PORT-FD

Ends with the machine (end of file on the port), and so do its clients. A client that is gone is
told to the machine, which kills what it ran for it.
"""
import os
import selectors
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vmwire  # noqa: E402

_MAX_PENDING = 1 << 20


class Peer:
    """A socket with what is to be written to it."""

    def __init__(self, sock):
        self.sock = sock
        self.pending = bytearray()
        self.frames = vmwire.Frames()
        sock.setblocking(False)


class Relay:
    """The event loop."""

    def __init__(self, listener, port):
        self._selector = selectors.DefaultSelector()
        self._listener = listener
        self._port = Peer(port)
        self._clients = {}
        self._next = 1
        self._is_over = False
        listener.setblocking(False)

    def run(self):
        """Serve until the machine is gone."""
        while not self._is_over:
            self._register()
            for key, events in self._selector.select():
                key.data(events)

    def _register(self):
        """Clients are not read while the machine does not take what they sent."""
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        is_open = len(self._port.pending) < _MAX_PENDING
        self._watch(self._port, self._on_port, True)
        if is_open:
            self._selector.register(self._listener, selectors.EVENT_READ, self._on_connect)
        for session, client in list(self._clients.items()):
            self._watch(client, lambda events, s=session: self._on_client(s, events), is_open)

    def _watch(self, peer, handler, reads):
        events = reads * selectors.EVENT_READ | bool(peer.pending) * selectors.EVENT_WRITE
        if events:
            self._selector.register(peer.sock, events, handler)

    def _on_connect(self, _events):
        sock, _ = self._listener.accept()
        self._clients[self._next] = Peer(sock)
        self._next += 1

    @staticmethod
    def _flush(peer):
        if peer.pending:
            try:
                del peer.pending[:peer.sock.send(peer.pending)]
            except BlockingIOError:
                pass

    def _on_port(self, _events):
        self._flush(self._port)
        try:
            data = self._port.sock.recv(1 << 18)
        except BlockingIOError:
            return
        self._is_over = not data
        for session, kind, stream, value in self._port.frames.feed(data):
            client = self._clients.get(session)
            if client is not None:
                client.pending += _again(0, kind, stream, value)

    def _on_client(self, session, _events):
        client = self._clients.get(session)
        if client is None:
            return
        try:
            self._flush(client)
            data = client.sock.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        for _, kind, stream, value in client.frames.feed(data):
            self._port.pending += _again(session, kind, stream, value)
        if not data:
            self._port.pending += vmwire.frame(session, vmwire.CLOSE)
            self._clients.pop(session).sock.close()


def _again(session, kind, stream, value):
    """The frame under another session."""
    if isinstance(value, bytes):
        return vmwire.frame(session, kind, stream, value)
    return vmwire.frame(session, kind, stream, number=value)


def main(listener_fd, port_fd):
    """Never fails but by the death of the machine."""
    try:
        Relay(socket.socket(fileno=int(listener_fd)), socket.socket(fileno=int(port_fd))).run()
    except ConnectionError:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
