# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that says what it is told to, right or wrong: python3 rawclient.py NAME; prints what came of it as JSON.

Runs inside the namespaces of the test. Uses libqb's client library, or a plain socket where that is too polite.
"""

import ctypes
import errno
import json
import os
import random
import socket
import struct
import sys
import time

REQUEST = struct.Struct("<i4xi4xIIII256s")  # qb header (8-aligned), protocol, verb, offset, timeout, argument
ANSWER = struct.Struct("<i4xi4xi4xIiIII256s")  # qb header, protocol, result, total, offset, len, text

STATUS, RELOAD, OUTDATE, SET = 1, 2, 3, 4

QB = ctypes.CDLL("libqb.so.100", use_errno=True)
QB.qb_ipcc_connect.restype = ctypes.c_void_p
QB.qb_ipcc_connect.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
QB.qb_ipcc_send.restype = ctypes.c_ssize_t
QB.qb_ipcc_send.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
QB.qb_ipcc_recv.restype = ctypes.c_ssize_t
QB.qb_ipcc_recv.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int32]
QB.qb_ipcc_disconnect.argtypes = [ctypes.c_void_p]

def padded(data):
    """As the compiler pads the struct: to 8 bytes."""
    return data + bytes(-len(data) % 8)

def request(verb, argument=b"", protocol=1, offset=0, timeout=3000):
    """A request as bytes."""
    size = len(padded(bytes(REQUEST.size)))
    return padded(REQUEST.pack(verb, size, protocol, verb, offset, timeout, argument))

class Client:
    """A connection of libqb's."""

    def __init__(self, size=33000):
        ctypes.set_errno(0)
        self.handle = QB.qb_ipcc_connect(b"haopsd", size)
        self.error = 0 if self.handle else ctypes.get_errno()

    def send(self, data):
        """Bytes sent, or -errno."""
        return QB.qb_ipcc_send(self.handle, data, len(data))

    def receive(self, timeout=5000):
        """(result, text, total, bytes), or -errno."""
        buf = ctypes.create_string_buffer(100000)
        length = QB.qb_ipcc_recv(self.handle, buf, len(buf), timeout)
        if length < 0:
            return length
        values = ANSWER.unpack_from(buf.raw)
        return values[4], values[8].split(b"\0")[0].decode(), values[5], length

    def ask(self, *args, **kwargs):
        """Both."""
        sent = self.send(request(*args, **kwargs))
        return sent if sent < 0 else self.receive()

def connect_plain():
    """A plain connection to the helper's name."""
    plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    plain.connect("\0haopsd".encode().ljust(108, b"\0"))
    return plain

def greeting(size):
    """libqb's first message, with a buffer size."""
    return struct.pack("<i4xi4xI4x", -1, 24, size)

def run_verbs():
    """Answers to right and wrong requests, one connection each."""
    size = len(request(STATUS))
    return {
        "status": Client().ask(STATUS)[:2],
        "protocol": Client().ask(STATUS, protocol=99),
        "verb": Client().ask(77),
        "verb0": Client().ask(0),
        "offset": Client().ask(STATUS, offset=12345),
        "short": (lambda c: c.send(struct.pack("<i4xi4x", 1, 16)) and c.receive())(Client()),
        "liar": (lambda c: c.send(struct.pack("<i4xi4x", 1, 1 << 30) + bytes(size - 16)) and c.receive())(Client()),
        "negative": (lambda c: c.send(struct.pack("<i4xi4x", 1, -5) + bytes(size - 16)) and c.receive())(Client()),
        "unterminated": Client().ask(SET, argument=b"x" * 256),
    }

def run_outdate():
    """Peer outdate: answered at once, later, never, and nonsense."""
    return {
        "now": Client().ask(OUTDATE, b"beta now"),
        "later": Client().ask(OUTDATE, b"beta r0"),
        "unknown": Client().ask(OUTDATE, b"nobody r0"),
        "nothing": Client().ask(OUTDATE, b""),
        "never": Client().ask(OUTDATE, b"beta never", timeout=1000),
    }

def run_impatient():
    """A second request while the first is under way ends the connection."""
    client = Client()
    client.send(request(OUTDATE, b"beta never", timeout=60000))
    client.send(request(STATUS))
    return {"receive": client.receive(3000)}

def run_deaf():
    """Fetches the first part of an answer for ever, and reads none."""
    client = Client()
    sent = []
    for _ in range(50):
        sent.append(client.send(request(STATUS)))
        time.sleep(0.05)
    return {"last": sent[-1]}

def run_greedy():
    """Connections with buffers larger than they should be, half of them raw."""
    raw = []
    for size in (0xffffffff, 0x7fffffff, 1 << 28, 50000):
        plain = connect_plain()
        plain.settimeout(5)
        plain.sendall(greeting(size))
        try:
            raw.append(struct.unpack_from("<i", plain.recv(65536, socket.MSG_WAITALL)[16:20])[0])
        except (OSError, struct.error) as error:
            raw.append(str(error))
        plain.close()
    return {"raw": raw, "polite": Client(10 << 20).error}

def run_rubbish():
    """Bytes that are no greeting, and some that are half of one."""
    source = random.Random(7)
    for _ in range(200):
        plain = connect_plain()
        plain.settimeout(5)
        try:
            plain.sendall(source.randbytes(source.randrange(1, 100)))
        except OSError:
            pass
        plain.close()
    return {"done": True}

def run_hold():
    """Opens as many connections as it can, says nothing, and holds them until it is ended."""
    held = []
    for _ in range(100):
        try:
            held.append(connect_plain())
        except OSError:
            break
    print(json.dumps({"held": len(held)}), flush=True)
    time.sleep(60)
    return {}

def run_full():
    """Takes all places, tries one more, and gives one back."""
    clients = [Client() for _ in range(16)]
    more = Client().error
    QB.qb_ipcc_disconnect(clients[0].handle)
    # The daemon notices the free place when it reads the end of the connection.
    deadline = time.monotonic() + 5
    again = Client().error
    while again and time.monotonic() < deadline:
        again = Client().error
    return {"errors": [c.error for c in clients], "more": more, "again": again}

def run_connect():
    """Only connects."""
    return {"error": errno.errorcode.get(Client().error, "0")}

if __name__ == "__main__":
    print(json.dumps(globals()[f"run_{sys.argv[1]}"]()), flush=True)
    os._exit(0)  # libqb would tidy up in order
