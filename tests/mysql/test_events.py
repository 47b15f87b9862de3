# SPDX-License-Identifier: GPL-2.0-or-later
"""Scheduled events of a primary and its replica."""

from servers import wait_until


def status(server):
    """{event: its status there}."""
    return dict(server.sql("SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS"))


def test_events_move_with_the_role(pair, driver):
    """They replicate switched off; a promotion enables them, and nothing of that is logged."""
    primary, replica = pair
    for name in ("`a b`", "`c``d`"):
        primary.sql(f"CREATE EVENT test.{name} ON SCHEDULE EVERY 1 SECOND DO INSERT INTO test.t (v) VALUES ('event')")
    primary.sql("CREATE EVENT test.off ON SCHEDULE EVERY 1 SECOND DISABLE DO SELECT 1")
    wait_until("the events to be there", lambda: len(status(replica)) == 3)
    # MariaDB forgets on the way which one was switched off.
    assert set(status(replica).values()) == {"SLAVESIDE_DISABLED"}
    primary.kill()
    driver.ok(replica, "drain")
    driver.ok(replica, "promote", "async")
    before = replica.sql("SELECT @@gtid_binlog_pos")
    assert driver.ok(replica, "events")["count"] == 3
    assert status(replica) == {"a b": "ENABLED", "c`d": "ENABLED", "off": "ENABLED"}
    wait_until("an event to run", lambda: replica.sql("SELECT v FROM test.t WHERE v = 'event'"))
    driver.ok(replica, "demote")
    assert replica.sql("SELECT @@event_scheduler") == [["OFF"]]
    assert not [row for row in replica.sql("SHOW BINLOG EVENTS") if "ALTER EVENT" in str(row)], before
