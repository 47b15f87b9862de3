#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A foreign client in a process group of Corosync: sends rubbish, and messages of a later version.

usage: cpgnoise.py GROUP COUNT [SEED]

Runs in a node. The format that it breaks is that of libhaops-cluster (envelope.h), written down
here a second time on purpose: what the library itself encodes is not rubbish. Prints a JSON object
with the number of messages of each kind.
"""
from __future__ import annotations

import ctypes
import json
import random
import struct
import sys
import time

OK, TRY_AGAIN = 1, 6
AGREED, DISPATCH_ALL = 2, 2
MAGIC = b"HaoC"
HEADER = ">4sBBHIB3xQQq"  # magic, version, lowest, header, body, kind, incarnation, seq, sent
HEADER_LEN = struct.calcsize(HEADER)
HELLO, USER, GOODBYE, PROBE = 1, 2, 3, 4
DEADLINE_S = 30.0


class CpgName(ctypes.Structure):
    """struct cpg_name."""
    _fields_ = [("length", ctypes.c_uint32), ("value", ctypes.c_char * 128)]


class Iovec(ctypes.Structure):
    """struct iovec."""
    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Group:
    """A membership, for sending only."""

    def __init__(self, name: str):
        self._cpg = ctypes.CDLL("libcpg.so.4")
        self._handle = ctypes.c_uint64()
        callbacks = (ctypes.c_void_p * 2)()
        self._check(self._cpg.cpg_initialize(ctypes.byref(self._handle), callbacks), "initialize")
        raw = name.encode() + b"\0"  # the length is part of the name, and theirs counts it in
        self._name = ctypes.byref(CpgName(len(raw), raw))
        self._retry(lambda: self._cpg.cpg_join(self._handle, self._name), "join")

    @staticmethod
    def _check(code: int, what: str) -> None:
        if code != OK:
            sys.exit(f"cpg_{what}: error {code}")

    def _retry(self, call, what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        code = call()
        while code == TRY_AGAIN and time.monotonic() < deadline:
            time.sleep(0.005)
            self._cpg.cpg_dispatch(self._handle, DISPATCH_ALL)
            code = call()
        self._check(code, what)

    def send(self, data: bytes) -> None:
        """To all members."""
        iovec = Iovec(data, len(data))
        self._retry(lambda: self._cpg.cpg_mcast_joined(
            self._handle, AGREED, ctypes.byref(iovec), 1), "mcast_joined")
        self._cpg.cpg_dispatch(self._handle, DISPATCH_ALL)

    def leave(self) -> None:
        """What was sent before is delivered before."""
        self._cpg.cpg_leave(self._handle, self._name)
        self._cpg.cpg_finalize(self._handle)


class Noise:
    """Makes messages. Each method is a kind; the same seed makes the same ones."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self._seq = 0
        self._incarnation = self._random.getrandbits(64) | 1

    def _envelope(self, content: bytes, kind: int = USER, **other: int) -> bytes:
        self._seq += 1
        field = {"version": 1, "lowest": 1, "header": HEADER_LEN, "body": len(content),
                 "incarnation": self._incarnation, "seq": self._seq,
                 "sent": time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000, **other}
        return struct.pack(HEADER, MAGIC, field["version"], field["lowest"], field["header"],
                           field["body"], kind, field["incarnation"], field["seq"],
                           field["sent"]) + content

    def _bytes(self, most: int) -> bytes:
        return self._random.randbytes(self._random.randint(0, most))

    def random_bytes(self) -> bytes:
        """No magic."""
        return self._bytes(2000)

    def large(self) -> bytes:
        """More than any message of ours."""
        return self._random.randbytes(200000)

    def cut(self) -> bytes:
        """A good beginning, and no more."""
        return self._envelope(self._bytes(100))[:self._random.randint(1, HEADER_LEN + 4)]

    def lengths(self) -> bytes:
        """Lengths that lie."""
        return self._envelope(self._bytes(100), header=self._random.choice((0, 1, 39, 65535)),
                              body=self._random.choice((0, 1, 0x7fffffff, 0xffffffff)))

    def future_version(self) -> bytes:
        """A format that only later versions know."""
        return self._envelope(self._bytes(500), version=200, lowest=200)

    def later_version(self) -> bytes:
        """A later version that older ones may read: a longer header, an unknown kind."""
        return self._envelope(self._bytes(500), kind=77, version=2, header=HEADER_LEN)

    def user_rubbish(self) -> bytes:
        """A good envelope around rubbish."""
        return self._envelope(self._bytes(1000))

    def future_type(self) -> bytes:
        """A message type that does not exist yet, in both byte orders."""
        return self._envelope(struct.pack("<HI", 0x7f01, 4) + b"later")

    def wild_numbers(self) -> bytes:
        """A good envelope with numbers at their ends."""
        ends = (0, 1, (1 << 64) - 1)
        return self._envelope(self._bytes(64), incarnation=self._random.choice(ends),
                              seq=self._random.choice(ends),
                              sent=self._random.choice((-1 << 63, -1, (1 << 63) - 1)))

    def hello(self) -> bytes:
        """Names that are none, or somebody else's."""
        name = self._random.choice((b"n1", b"n2", b"\n\x1b[2J", b"%s%n", b"x" * 255, b""))
        return self._envelope(struct.pack(">H", len(name)) + name, kind=HELLO)

    def goodbye(self) -> bytes:
        """An end that nobody asked for."""
        return self._envelope(b"", kind=GOODBYE)

    def probe(self) -> bytes:
        """A question to oneself."""
        return self._envelope(b"", kind=PROBE)

    KINDS = (random_bytes, large, cut, lengths, future_version, later_version, user_rubbish,
             future_type, wild_numbers, hello, goodbye, probe)


def main(argv: list[str]) -> int:
    """Sends the kinds in turn."""
    noise = Noise(int(argv[3]) if len(argv) > 3 else 1)
    group = Group(argv[1])
    sent: dict[str, int] = {}
    for number in range(int(argv[2])):
        kind = noise.KINDS[number % len(noise.KINDS)]
        group.send(kind(noise))
        sent[kind.__name__] = sent.get(kind.__name__, 0) + 1
    group.leave()
    print(json.dumps(sent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
