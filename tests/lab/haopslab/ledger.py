# SPDX-License-Identifier: GPL-2.0-or-later
"""The handle of running writers (tests/mysql-ledger/ledger.c), and the audit of their books."""
from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from . import books, mysqlconf
from .reporter import Reporter
from .wait import LabError, wait_until

if TYPE_CHECKING:
    from .mysql import Database

PROGRAM = "/usr/libexec/haops-test/mysql-ledger"
PAYLOAD_BYTES = 100
CLIENT_TIMEOUT_S = 1


class Ledger(Reporter):
    """Entered, each writer has an acknowledgement (unless `waits` is off); left, the books are
    complete."""

    def __init__(self, database: "Database", number: int, writers: int = 8,
                 interval_ms: int = 10, waits: bool = True):
        super().__init__("the ledger")
        self._database = database
        self._writers = writers
        self._interval_ms = interval_ms
        self._waits = waits
        self._folder = f"/var/log/ledger/{number}"
        self.table = f"{mysqlconf.SCHEMA}.run_{number}"

    def _start(self) -> subprocess.Popen:
        database = self._database
        database.sql(database.primary(), mysqlconf.table_sql(self.table) + ";")
        client = database.cluster.client
        client.run(["/usr/bin/mkdir", "-p", self._folder])
        return client.popen([
            PROGRAM, "--host", mysqlconf.VIP, "--user", mysqlconf.APP_USER,
            "--password-file", f"/etc/mysql-{mysqlconf.APP_USER}.password",
            "--table", self.table, "--folder", self._folder, "--writers", str(self._writers),
            "--interval-ms", str(self._interval_ms), "--payload", str(PAYLOAD_BYTES)],
            **self._pipes)

    def _after_start(self) -> None:
        if self._waits:
            self.wait_acked(self._writers)

    # While they write ----------------------------------------------------------------------------

    def wait_acked(self, more: int = 100, timeout: float = 30) -> None:
        """Until so many more writes were acknowledged, whoever did."""
        goal = self.now()["acked"] + more
        wait_until(f"{more} acknowledged writes", lambda: (
            self.now()["acked"] >= goal, self.report), timeout, 0.02)

    def wait_acked_after(self, at: float, count: int, timeout: float = 90) -> None:
        """Until something that was sent after that time, and then so many, were acknowledged."""
        slack = 2 * CLIENT_TIMEOUT_S  # what was on its way
        wait_until("acknowledged writes after the fault", lambda: (
            self.now()["last_ack"] > at + slack, self.report), timeout, 0.05)
        self.wait_acked(count, timeout)

    def wait_acked_by_other(self, server: str, timeout: float = 90) -> None:
        """Until a write was acknowledged by another node than that one."""
        number = int(server.lstrip("n"))
        wait_until(f"a write acknowledged by another server than {server}'s", lambda: (
            self.now()["server"] not in (0, number), self.report), timeout, 0.02)

    def acked(self) -> int:
        return self.now()["acked"]

    # Afterwards ----------------------------------------------------------------------------------

    def books(self) -> books.Books:
        """What the writers wrote down."""
        root = self._database.cluster.client.root() + self._folder
        texts = {}
        for name in sorted(os.listdir(root)):
            with open(os.path.join(root, name), encoding="ascii") as file:
                texts[int(name.rpartition("-")[2])] = file.read()
        return books.parse(texts)

    def rows(self, node: str) -> list[books.Row]:
        """What a node's server has."""
        found = self._database.sql(
            node, f"SELECT writer, seq, CRC32(payload) FROM {self.table};", 60)
        return [books.Row(int(writer), int(seq), int(crc)) for writer, seq, crc in found]

    def checksum(self, node: str) -> str:
        """Of the whole table, ids included."""
        return self._database.sql(node, f"CHECKSUM TABLE {self.table} EXTENDED;", 60)[0][1]

    def audit(self, nodes: list[str] | None = None) -> books.Audit:
        """Compares the books with what the servers have. The writers must have ended, and the
        replicas have caught up."""
        if self._process is not None:
            raise LabError("the ledger is audited after its writers have ended")
        nodes = self._database.names() if nodes is None else nodes
        return books.audit(self.books(), {node: self.rows(node) for node in nodes},
                           {node: self.checksum(node) for node in nodes}, PAYLOAD_BYTES)
