# SPDX-License-Identifier: GPL-2.0-or-later
"""When a process was forked, by the kernel's process events: exact, and it costs the parent nothing.

The kernel tells them to the first process namespace only; elsewhere nothing is ever seen.
"""

import os
import socket
import struct
import time

NETLINK_CONNECTOR, CN_IDX_PROC, NLMSG_DONE = 11, 1, 3
PROC_CN_MCAST_LISTEN, PROC_CN_MCAST_IGNORE, PROC_EVENT_FORK = 1, 2, 1
SO_RCVBUFFORCE = 33
HEADERS = struct.calcsize("IHHII") + struct.calcsize("IIIIHH")  # struct nlmsghdr, struct cn_msg


def parse(message):
    """(parent, child, monotonic ns) of a fork event; None of any other."""
    if len(message) < HEADERS + 32:
        return None
    what, _cpu, at, _, parent, _, child = struct.unpack_from("=IIQIIII", message, HEADERS)
    return (parent, child, at) if what == PROC_EVENT_FORK else None


class Forks:
    """A context manager; what happens from its beginning on is kept by the kernel until it is read."""

    def __enter__(self):
        self._sock = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
        self._sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self._sock.bind((0, CN_IDX_PROC))
        self._order(PROC_CN_MCAST_LISTEN)
        return self

    def __exit__(self, *_exc):
        self._order(PROC_CN_MCAST_IGNORE)
        self._sock.close()

    def _order(self, operation):
        body = struct.pack("=IIIIHHI", CN_IDX_PROC, 1, 0, 0, 4, 0, operation)
        self._sock.send(struct.pack("=IHHII", 16 + len(body), NLMSG_DONE, 0, 0, os.getpid()) + body)

    def of(self, parent):
        """Wall-clock times at which this process (not one of its children) forked a process."""
        wall = time.time() - time.monotonic()
        times = []
        self._sock.setblocking(False)
        try:
            while True:
                event = parse(self._sock.recv(4096))
                # A thread has the process' own number as the child's.
                if event and event[0] == parent and event[1] != parent:
                    times.append(event[2] / 1e9 + wall)
        except BlockingIOError:
            return times
