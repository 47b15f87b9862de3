# SPDX-License-Identifier: GPL-2.0-or-later
"""Two groups on one pair of machines: two mirrored disks, two addresses, one NFS server on each node. What happens to one
is no matter of the other."""
import contextlib
import os
import time

import pytest
from haopslab import storagepair

QUIET_S = 8     # emulated machines that start and stop things meanwhile


@pytest.fixture(name="pair", scope="module")
def fixture_pair(request, file_session):
    """Both groups at home; two more machines beside these would be too many."""
    if request.config.getoption("--stock"):
        pytest.skip("a server that both groups share is ocf:haops:nfsserver's: nothing of the stock agents is compared here")
    file_session.discard()
    with storagepair.start(f"pair-{os.getpid()}") as made:
        yield made


def under_load(pair, strike):
    """Both groups are written to while `strike` is done; the longest gaps of both, when all was audited."""
    with contextlib.ExitStack() as mounts:
        ledgers = [pair.ledger(mounts.enter_context(pair.mounted(group))) for group in pair.groups]
        with contextlib.ExitStack() as writers:
            for ledger in ledgers:
                writers.enter_context(ledger)
                ledger.wait_acked(20)
            began = time.time()
            strike()
            for ledger in ledgers:
                ledger.wait_acked_after(time.time(), timeout=180)
        gaps = [ledger.books().gap(began) for ledger in ledgers]
        print(f"longest without an acknowledged record: {gaps[0]:.1f} s and {gaps[1]:.1f} s")
        for ledger in ledgers:
            assert not ledger.audit()
    return gaps


def test_a_group_moves_to_the_other_and_back(pair):
    """The one that stays is served all the time, and both are served by one kernel in between."""
    first, second = pair.groups
    for to in (first.home, second.home):
        gaps = under_load(pair, lambda there=to: pair.move(second, there))
        assert pair.server(second) == to and pair.server(first) == first.home
        assert gaps[0] < QUIET_S, gaps
    pair.wait_whole()


def test_power_of_one_is_cut(pair):
    """The other one takes both; what it served before waits until its mirror is known to be gone."""
    first, second = pair.groups

    def strike():
        pair.cluster.node(second.home).kill()
        pair.wait_served(second, first.home, timeout=180)
    under_load(pair, strike)
    assert pair.server(first) == first.home
    pair.wait_whole()


def test_stopped_export_is_gone_though_the_server_goes_on(pair):
    """Of the group that moved away nothing is exported where the other one still is."""
    first, second = pair.groups
    pair.move(second, first.home)
    pair.move(second, second.home)
    table, kernel = (pair.cluster.node(first.home).read(path)
                     for path in ("/var/lib/nfs/etab", "/proc/fs/nfsd/exports"))
    assert first.share.export in table and second.share.export not in table, table
    assert second.share.export not in kernel, kernel    # it has only what somebody asked for
    pair.wait_whole()
