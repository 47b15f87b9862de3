# SPDX-License-Identifier: GPL-2.0-or-later
"""Every fault of haopslab/mysqlfaults.py under load: no acknowledged write is lost, no row is there
twice or changed, no two servers are writable at once; and what has to happen happens."""
import pytest
from haopslab import mysqlfaults


def cases():
    """The long ones with --long only."""
    return [pytest.param(fault, id=name.replace(" ", "-"),
                         marks=[pytest.mark.long] if fault.is_long else [])
            for name, fault in mysqlfaults.FAULTS.items()]


@pytest.mark.parametrize("fault", cases())
def test_fault(suffered, fault, request):
    agent = request.config.getoption("--mysql-agent")
    if agent != "haops" and not fault.for_stock:
        pytest.skip(f"nobody promised that ocf:heartbeat:{agent} gets over it")
    assert not suffered(fault).findings()
