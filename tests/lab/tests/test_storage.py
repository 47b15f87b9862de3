# SPDX-License-Identifier: GPL-2.0-or-later
"""The file-server cluster with the stock agents: what the scenarios of ours are measured by."""
from __future__ import annotations

import os
import time
from typing import Iterator

import pytest
from haopslab import storage
from haopslab.pytest_plugin import LabSession, guarded
from haopslab.storage import FileServer


class FileSession(LabSession):
    """The shared cluster; another is made when one did not become whole."""

    files: FileServer

    def get(self):
        if self._cluster is None:
            self.files = storage.start(**self._options)
            self._cluster = self.files.cluster
        return self._cluster


@pytest.fixture(scope="module")
def file_session() -> Iterator[FileSession]:
    session = FileSession({"name": f"files-{os.getpid()}", "agents": "stock"})
    yield session
    session.discard()


@pytest.fixture
def files(file_session: FileSession, request: pytest.FixtureRequest) -> Iterator[FileServer]:
    for _cluster in guarded(file_session, request):
        yield file_session.files
        if getattr(request.node, "lab_report", None) is None or request.node.lab_report.passed:
            file_session.files.wait_healthy()


def test_serves(files: FileServer) -> None:
    server = files.server()
    assert files.drbd(server).role == "Primary" and files.drbd(files.other()).role == "Secondary"


@pytest.mark.parametrize("version", ["3", "4.2"])
def test_power_cut_loses_no_acknowledged_record(files: FileServer, version: str) -> None:
    server = files.server()
    with files.mounted(version) as mount:
        with files.ledger(mount) as ledger:
            ledger.wait_acked(20)
            begin = time.time()
            files.cluster.node(server).kill()
            files.wait_served(not_on=server)
            ledger.wait_acked_after(begin + 1)
            ledger.wait_acked(20)
        books = ledger.books()
        print(f"NFS {version}: {books.gap(begin):.1f} s without an acknowledged record, "
              f"{len(books.acked)} in all, {len(books.errors)} errors")
        assert not ledger.audit()
