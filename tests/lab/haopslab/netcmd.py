# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs ip, bridge and nft inside the network namespace of a given process."""
from __future__ import annotations

import subprocess

from .wait import LabError

SANE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run_in_net(pid: int | str, argv: list[str], text: str = "") -> str:
    """Run a program in the network of process `pid` ("self": here); its output is returned.

    Fails with the program's own words, since these are what helps.
    """
    prefix = [] if pid == "self" else ["/usr/bin/nsenter", f"--net=/proc/{pid}/ns/net", "--"]
    done = subprocess.run(prefix + argv, input=text, capture_output=True, text=True,
                          env={"PATH": SANE_PATH, "LANG": "C.UTF-8"}, timeout=20, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(argv)} ({text.strip()}): {done.stderr.strip()}")
    return done.stdout


def ip_batch(pid: int | str, lines: list[str]) -> None:
    """Several ip commands, one per line, in one process."""
    run_in_net(pid, ["/usr/sbin/ip", "-batch", "-"], "\n".join(lines) + "\n")


def nft(pid: int | str, lines: list[str]) -> None:
    """One atomic nftables change."""
    run_in_net(pid, ["/usr/sbin/nft", "-f", "-"], "\n".join(lines) + "\n")
