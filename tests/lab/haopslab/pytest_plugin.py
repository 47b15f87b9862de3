# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures for scenario tests. In a conftest.py:

    from haopslab.pytest_plugin import *          # noqa: F403 (fixtures and a hook)

    @pytest.fixture(scope="session")
    def lab_options():                            # any option of Cluster
        return {"nodes": 3, "cib": CIB, "agents_dir": STAGED}

A test takes `cluster`: up and whole. After each test faults are undone and the cluster is
audited; one that does not become whole again is an error of that test, and is replaced by a new
one for the next. On failure all logs and the timeline are saved, below $HAOPS_LAB_LOGS or
in a new folder in /tmp, whose path is printed with the failure.
"""
from __future__ import annotations

import os
import re
import tempfile
from typing import Iterator

import pytest

from . import timeline
from .cluster import Cluster
from .wait import LabError

__all__ = ["cluster", "lab_options", "lab_session", "pytest_runtest_makereport"]


class LabSession:
    """Holds the shared cluster; makes a new one when the last was discarded."""

    def __init__(self, options: dict):
        self._options = options
        self._cluster: Cluster | None = None

    def get(self) -> Cluster:
        if self._cluster is None:
            self._cluster = Cluster(**self._options).up()
        return self._cluster

    def discard(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.down()


def save_logs(lab: Cluster, test_name: str) -> str:
    """Keep logs and timeline; returns the folder."""
    base = os.environ.get("HAOPS_LAB_LOGS") or tempfile.mkdtemp(prefix="haops-lab-")
    return timeline.save(lab, os.path.join(base, re.sub(r"[^\w.-]+", "_", test_name)))


@pytest.fixture(scope="session")
def lab_options() -> dict:
    """Options of the shared cluster; override it."""
    return {"nodes": 3, "name": f"test-{os.getpid()}"}


@pytest.fixture(scope="session")
def lab_session(lab_options: dict) -> Iterator[LabSession]:
    """Keeper of the shared cluster."""
    session = LabSession({"name": f"test-{os.getpid()}", **lab_options})
    yield session
    session.discard()


@pytest.fixture
def cluster(lab_session: LabSession, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A whole cluster, made whole again and audited afterwards."""
    yield from guarded(lab_session, request)


def guarded(lab_session: LabSession, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """What the fixture `cluster` does, for a session of one's own."""
    lab = lab_session.get()
    lab.note(f"=== test {request.node.nodeid}")
    yield lab
    report = getattr(request.node, "lab_report", None)
    if report is not None and report.failed:
        _tell(request, lab)
    try:
        lab.restore()
        lab.audit()
    except LabError:
        _tell(request, lab)
        lab_session.discard()
        raise


def _tell(request: pytest.FixtureRequest, lab: Cluster) -> None:
    """Save, and print the place: pytest shows what a failing test printed."""
    try:
        print(f"\nlogs and timeline: {save_logs(lab, request.node.nodeid)}")
    except (LabError, OSError) as error:
        print(f"\nlogs could not be saved: {error}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Let the fixture know whether the test failed."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.lab_report = report
