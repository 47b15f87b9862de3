#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes losses inside a node, and tells when they began (before the order to the kernel) and ended.

usage: loss_probe.py address ADDRESS/LEN INTERFACE LIMIT_S
       loss_probe.py process PIDFILE PORT LIMIT_S

Prints one JSON object: wall-clock seconds of the loss and of the service's return.
"""

import json
import os
import pathlib
import select
import signal
import socket
import struct
import sys
import time

NETLINK_ROUTE, RTMGRP_IPV4_IFADDR = 0, 0x10
RTM_NEWADDR, RTM_DELADDR, IFA_LOCAL, NLM_F_REQUEST = 20, 21, 2, 1
RETRY_S = 0.002


def events(sock, deadline):
    """(wall time, message type, IPv4 address) of what the kernel tells until then."""
    while True:
        ready = select.select([sock], [], [], max(0, deadline - time.monotonic()))[0]
        if not ready:
            return
        data, now = sock.recv(65536), time.time()
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind in (RTM_NEWADDR, RTM_DELADDR):
                yield now, kind, address_of(data[24:length])
            data = data[(length + 3) & ~3:]


def address_of(attributes):
    """IFA_LOCAL as text."""
    while len(attributes) >= 4:
        length, kind = struct.unpack_from("=HH", attributes)
        if kind == IFA_LOCAL:
            return socket.inet_ntoa(attributes[4:8])
        attributes = attributes[(length + 3) & ~3:]
    return ""


def address(cidr, interface, limit_s):
    """Deletes an address; until it is back."""
    wanted, prefix = cidr.split("/")
    raw = socket.inet_aton(wanted)
    body = struct.pack("=BBBBI", socket.AF_INET, int(prefix), 0, 0, socket.if_nametoindex(interface))
    body += struct.pack("=HH", 4 + len(raw), IFA_LOCAL) + raw
    order = struct.pack("=IHHII", 16 + len(body), RTM_DELADDR, NLM_F_REQUEST, 1, 0) + body
    is_lost = False
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as sock:
        sock.bind((0, RTMGRP_IPV4_IFADDR))
        # The kernel has deleted it, and told everybody, when send() returns.
        lost = time.time()
        sock.send(order)
        for now, kind, which in events(sock, time.monotonic() + limit_s):
            if which == wanted and kind == RTM_DELADDR:
                is_lost = True
            elif which == wanted and is_lost:
                return {"lost": lost, "restored": now}
    return {"lost": lost if is_lost else None, "restored": None}


def process(pid_file, port, limit_s):
    """Kills a daemon and its children; until something answers on the port."""
    master = pathlib.Path(pid_file).read_text(encoding="ascii").strip()
    children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    fds = [os.pidfd_open(int(pid)) for pid in [master, *children]]
    lost = time.time()
    for fd in fds:
        signal.pidfd_send_signal(fd, signal.SIGKILL)
    for fd in fds:
        select.select([fd], [], [])
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return {"lost": lost, "restored": time.time()}
        time.sleep(RETRY_S)
    return {"lost": lost, "restored": None}


def main(argv):
    """Runs one of the two."""
    if argv[1] == "address":
        result = address(argv[2], argv[3], float(argv[4]))
    else:
        result = process(argv[2], int(argv[3]), float(argv[4]))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
