# SPDX-License-Identifier: GPL-2.0-or-later
"""mysql with wrong values in each parameter: a clear error, and nothing changed on the host."""

import subprocess
from xml.etree import ElementTree

import mysqllab
import netlab
import pytest

# Free text, in which nothing is rubbish.
FREE = {"test_passwd", "replication_passwd", "additional_parameters"}


@pytest.fixture(name="data", scope="module")
def fixture_data():
    """A fresh database to be copied."""
    with mysqllab.template() as made:
        yield made


@pytest.fixture(scope="module")
def box(agents):
    """A box without a database: nothing of these tests comes to start one."""
    made = mysqllab.Box(agents)
    yield made
    made.close()


def parameters(agents):
    """[name] of the agent's own meta-data."""
    agent = netlab.Agent(agents, "mysql")
    text = subprocess.run([agent.program, "meta-data"], env=agent.environment({}), capture_output=True, text=True,
                          check=True).stdout
    return [p.get("name") for p in ElementTree.fromstring(text).iter("parameter")]


def state(box):
    """What an action could have changed."""
    return box.run("find", "/run", "/var/lib", "/var/log", "!", "-name", "strace").stdout


def expect_refusal(box, name, value):
    """start must fail for this value, say which parameter, and change nothing; stop must work."""
    before = state(box)
    params = {**box.params, name: value}
    done = box.call("start", params)
    assert done.code in (2, 6), (name, value[:40], done)
    assert name in done.reason, (name, value[:40], done)
    assert len(done.reason.encode()) <= 128, done
    assert len([line for line in done.err.splitlines() if line.startswith("ocf-exit-reason:")]) == 1, done
    assert box.call("validate-all", params).code in (2, 6), (name, value[:40])
    assert box.probe(params).code == 7, (name, value[:40])
    assert box.call("monitor", params).code == 7, (name, value[:40])
    assert box.call("stop", params).code == 0, (name, value[:40])
    assert state(box) == before, (name, value[:40])


def test_every_parameter_with_rubbish(box, agents):
    for name in parameters(agents):
        if name not in FREE:
            expect_refusal(box, name, "rub;bish $(reboot) `x` %s%n")


def test_every_parameter_with_ten_kilobytes(box, agents):
    for name in parameters(agents):
        expect_refusal(box, name, "A" * 10240)
        expect_refusal(box, name, "1" * 10240)


def test_every_parameter_with_a_newline(box, agents):
    for name in parameters(agents):
        for value in ("/x\n", "1\nocf-exit-reason:forged"):
            expect_refusal(box, name, value)


@pytest.mark.parametrize("name, values", [
    ("binary", ["bin/mysqld", "a b"]),
    ("socket", ["mysqld.sock", "/" + "s" * 108]),
    ("datadir", ["var/lib/mysql", "/" + "d" * 256]),
    ("user", ["-x", "a b", "a'b"]),
    ("test_table", ["user", "mysql.", ".user", "a.b.c", "mysql.user; DROP DATABASE x", "mysql.`user`"]),
    ("enable_creation", ["maybe", "2"]),
    ("additional_parameters", ["--datadir=/x", "--datadir /x", "--pid_file=/x", "--defaults-file=/x", "--initialize",
                               "--bootstrap", "'open", "--help", "--socket=/x"]),
    ("replication_port", ["0", "65536", "-1", "mysql", "3306.0"]),
    ("max_slave_lag", ["-1", "1s", "99999999999999999999"]),
    ("reader_lag_out", ["-1", "x"]),
    ("reader_lag_in", ["-1", "3601"]),
    ("reader_attribute", ["a b", "-x", "<x>"]),
    ("node_list", ["a a", "a b=", "=1.2.3.4", "a;b", "a=1.2.3.4;x", "-a", " ".join(f"n{i}" for i in range(33))]),
    ("durability", ["SAFE", "sync"]),
    ("rejoin_policy", ["cut", "Truncate"]),
    ("device", ["dev/drbd0"]),
    ("initial_primary", ["a b"]),
    ("degraded_codes", ["perhaps"]),
])
def test_values_just_outside_their_range(box, name, values):
    for value in values:
        expect_refusal(box, name, value)


@pytest.mark.parametrize("params, word", [
    ({"reader_lag_in": "11", "reader_lag_out": "10"}, "reader_lag_in"),
    ({"node_list": "a b", "initial_primary": "c"}, "initial_primary"),
    ({"replication_master_ssl_cert": "/x"}, "replication_master_ssl_key"),
])
def test_parameters_that_do_not_go_together(box, params, word):
    done = box.call("start", {**box.params, **params})
    assert done.code == 6 and word in done.reason, done


@pytest.mark.parametrize("params", [
    {"reader_lag_in": "0", "reader_lag_out": "0"}, {"node_list": "a=10.0.0.1, b=2001:db8::1 c", "initial_primary": "c"},
    {"additional_parameters": "--max-connections=5 'a b' \"c\\\"d\""}, {"replication_port": "65535"},
    {"test_table": "my-db.my_table"}, {"binary": "mariadbd"}, {"durability": "async"}])
def test_values_just_inside_their_range(box, params):
    assert box.call("validate-all", {**box.params, **params}).code == 0


def test_every_parameter_empty(agents, data):
    """Empty is unset: the default."""
    box = mysqllab.Box(agents, data)
    try:
        box.config(path="/run/box/default.cnf")
        box.run("mount", "--bind", "/run/box/default.cnf", "/etc/mysql/my.cnf")
        for name in parameters(agents):
            params = {**box.params, name: ""}
            done = box.call("start", params)
            assert done.code == 0, (name, done)
            assert box.call("monitor", params).code == 0, name
            assert box.call("stop", params).code == 0, name
    finally:
        box.close()


def test_binary_by_its_name_alone(agents, data):
    box = mysqllab.Box(agents, data)
    try:
        params = {**box.params, "binary": "mariadbd"}
        assert box.call("start", params).code == 0
        assert box.call("stop", params).code == 0
    finally:
        box.close()
