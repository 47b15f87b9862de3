# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames in which commands are run in a virtual machine. Pure: bytes in, frames out.

vmexec.py (on the host, one for each command) - unix socket - vmrelay.py (one for each machine) - serial
port - vmagent.py (in the machine). Between the first two a frame's session is 0; the relay numbers
them. Each stream has a window: who reads may have so many bytes unacknowledged on their way, so a
command whose output nobody reads stops none of the others.

Imports nothing of the package, since vmexec.py starts for each command.
"""
import struct

START, DATA, ACK, SIGNAL, EXIT, CLOSE = range(1, 7)
HEAD = struct.Struct("<IBBI")  # session, type, stream (0 in, 1 out, 2 error), length or number
MAX_PAYLOAD = 1 << 16
MAX_START = 1 << 20
WINDOW = 1 << 18
_HAS_PAYLOAD = (START, DATA)


def frame(session, kind, stream=0, payload=b"", number=0):
    """One frame. DATA without payload is the end of the stream. ACK, SIGNAL and EXIT have a number."""
    size = len(payload) if kind in _HAS_PAYLOAD else number & 0xffffffff
    return HEAD.pack(session, kind, stream, size) + payload


class Frames:
    """Cuts a stream of bytes into (session, type, stream, payload or number)."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        """Take what was read; yields each frame that is complete."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            session, kind, stream, size = HEAD.unpack_from(self._buffer)
            has_payload = kind in _HAS_PAYLOAD
            if not START <= kind <= CLOSE or has_payload and size > MAX_START:
                raise ValueError(f"no frame: type {kind}, {size} bytes")
            end = HEAD.size + (size if has_payload else 0)
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEAD.size:end])
            del self._buffer[:end]
            yield session, kind, stream, payload if has_payload else size
