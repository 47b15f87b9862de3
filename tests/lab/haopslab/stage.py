# SPDX-License-Identifier: GPL-2.0-or-later
"""A staged install (`make install DESTDIR=STAGE`, prefix /usr) as it is put into the nodes: options
of Cluster. The nodes see it under the paths that it was configured for; the host does not."""
from __future__ import annotations

import os

from .wait import LabError

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAMS = ("usr/sbin/haopsd", "usr/sbin/haops", "usr/sbin/haops-outdate-peer", "usr/libexec/haops")
# A run directory of its own, so that a test can fill it without filling /run.
RUN_DIR, RUN_DIR_KB = "/run/haops", 4096


def folder(stage: str = "") -> str:
    """The stage: as given, or $HAOPS_STAGE, or build/stage."""
    return stage or os.environ.get("HAOPS_STAGE", "") or os.path.join(TREE, "build", "stage")


def agent_options(stage: str = "") -> dict[str, object]:
    """Agents and libraries."""
    stage = folder(stage)
    agents = os.path.join(stage, "usr/lib/ocf/resource.d/haops")
    if not os.path.exists(os.path.join(agents, "nginx")):
        raise LabError(f"no agents in {agents}: run build-aux/prepare demo first")
    libraries = [path for path, _, names in os.walk(os.path.join(stage, "usr"))
                 if "libhaops.so.0" in names]
    return {"agents_dir": agents, "lib_dirs": libraries}


def haopsd_options(stage: str = "", conf: str = "") -> dict[str, object]:
    """Agents, libraries, haopsd as a service of each node, and its tools."""
    stage = folder(stage)
    binds = {"/" + path: os.path.join(stage, path) for path in PROGRAMS
             if os.path.exists(os.path.join(stage, path))}
    if "/usr/sbin/haopsd" not in binds:
        raise LabError(f"no usr/sbin/haopsd in {stage}: run build-aux/prepare demo first")
    return {**agent_options(stage), "binds": binds, "haopsd_conf": conf,
            "tmpfs": {RUN_DIR: RUN_DIR_KB}}
