# SPDX-License-Identifier: GPL-2.0-or-later
"""Chassis control of a simulated BMC: `chassis.py SOCKET NODE get|set power [0|1]`.

Started by ipmi_sim for each question, so it imports as little as it can.
"""
import json
import socket
import sys


def main(socket_path: str, node: str, word: str, *rest: str) -> int:
    """Ask the keeper; print what ipmi_sim wants to read. Only power is there to be controlled.

    A set may name several things ("power 1 boot default"); ipmi_sim then wants no answer.
    """
    if "power" not in rest:
        return 0
    value = rest[rest.index("power") + 1] if word == "set" else ""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(socket_path)
    arguments = {"name": node, "word": word, "value": value}
    sock.sendall(json.dumps({"call": "chassis", "args": arguments}).encode() + b"\n")
    answer = json.loads(sock.makefile().readline())
    if not answer["ok"]:
        print(answer["error"], file=sys.stderr)
        return 1
    if word == "get":
        print(f"power:{answer['result']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
