# SPDX-License-Identifier: GPL-2.0-or-later
"""Clusters of real nodes on one machine. See ../README.md; start reading at cluster.py."""
from .cluster import Cluster, Options
from .corosync import CorosyncConfig
from .wait import LabError, WaitTimeout, wait_until

__all__ = ["Cluster", "CorosyncConfig", "LabError", "Options", "WaitTimeout", "wait_until"]
