# SPDX-License-Identifier: GPL-2.0-or-later
"""MariaDB on a disk that two virtual machines mirror with DRBD: examples/mysql-on-drbd. Whatever happens, what a client was
told is committed is there afterwards."""
import contextlib
import json
import os
import signal

import pytest
from haopslab import books, dbdisk, mysql, storage
from haopslab.wait import wait_until


@pytest.fixture(name="database", scope="module")
def fixture_database(request, file_session):
    """The example; two more machines beside these would be too many."""
    if request.config.getoption("--stock"):
        pytest.skip("the example has our agents")
    file_session.discard()
    with dbdisk.start(f"dbdisk-{os.getpid()}") as made:
        yield made


@contextlib.contextmanager
def under_load(database):
    """Clients write meanwhile; then all that was acknowledged is there, and all is whole."""
    with database.ledger(writers=2, interval_ms=50) as ledger:
        ledger.wait_acked(20, timeout=60)
        began = mysql.monotonic()
        yield ledger
        ledger.wait_acked_after(mysql.monotonic(), 10, timeout=240)
    database.wait_healthy()
    audit = ledger.audit([database.primary()])
    gap = books.find_gap(ledger.books(), began)
    print(f"{gap.seconds if gap else 0:.1f} s without an acknowledged write; {audit}")
    assert not audit.findings(), audit


def test_operator_sees_who_takes_writes(database):
    """The server runs on the mirrored disk, where it is Primary, and nowhere else."""
    primary = database.primary()
    print(database.node(primary).haops("mysql", "status", check=False, timeout=60))
    print(json.dumps(database.node(primary).haops("mysql", "status", "--json", check=False, timeout=60), indent=1))
    assert database.sql(primary, "SELECT @@read_only, @@innodb_flush_log_at_trx_commit, @@sync_binlog;") == [
        ["0", "1", "1"]]
    assert not database.node(database.other()).pids("mariadbd")


def test_killed_server_recovers_on_its_node(database):
    primary = database.primary()
    with under_load(database):
        database.node(primary).signal("mariadbd", signal.SIGKILL)
    assert database.primary() == primary


def test_planned_move(database):
    primary, other = database.primary(), database.other()
    with under_load(database):
        database.cluster.crm.move(dbdisk.GROUP, other)
        database.wait_primary(not_on=primary)
    database.cluster.crm.unmove(dbdisk.GROUP)
    assert database.primary() == other


def test_power_cut_of_the_node_with_the_server(database):
    """The other one goes on with the same data; the lost one comes back, is made equal, and takes nothing over."""
    primary, other = database.primary(), database.other()
    with under_load(database):
        database.node(primary).kill()
        database.wait_primary(not_on=primary)
    assert database.primary() == other


def test_disconnected_by_hand_the_other_disk_is_outdated(database):
    """What the example tells its reader to try."""
    primary, other = database.primary(), database.node(database.other())
    with under_load(database) as ledger:
        other.run(["/usr/sbin/drbdadm", "disconnect", dbdisk.RESOURCE])
        ledger.wait_acked_after(mysql.monotonic(), 10, timeout=120)
        wait_until("the other disk to be outdated", lambda: (
            storage.drbd_state(other, dbdisk.RESOURCE).disk == "Outdated",
            storage.drbd_state(other, dbdisk.RESOURCE)), 60, 0.5)
        other.run(["/usr/sbin/drbdadm", "connect", dbdisk.RESOURCE])
    assert database.primary() == primary
