# SPDX-License-Identifier: GPL-2.0-or-later
"""Run inside a node: waits for an agent's action to be started, and kills it a while later.

    killaction.py AGENT ACTION MILLISECONDS

Prints "ready" when it looks, then "killed AFTER-MS" or, if the action was over before, "over".
Looks every millisecond: a promotion may take ten. Ends with its stdin, saying "never".
"""
from __future__ import annotations

import os
import select
import signal
import sys


def find(agent: str, action: str) -> int:
    """A pidfd of the process, or -1."""
    wanted = f"/{agent}\0{action}\0".encode()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if wanted in file.read(256):
                        return os.pidfd_open(int(name))
            except OSError:
                continue  # it has just ended
    return -1


def main() -> int:
    """Run."""
    agent, action, after_ms = sys.argv[1], sys.argv[2], float(sys.argv[3])
    print("ready", flush=True)
    pidfd = -1
    while pidfd < 0:
        if select.select([sys.stdin], [], [], 0.001)[0]:
            print("never", flush=True)
            return 0
        pidfd = find(agent, action)
    if select.select([pidfd], [], [], after_ms / 1000)[0]:
        print("over", flush=True)
    else:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        print(f"killed {after_ms:g}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
