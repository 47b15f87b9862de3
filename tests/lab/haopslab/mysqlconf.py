# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration of the MySQL cluster as text: my.cnf, accounts, Pacemaker's part. Pure.

The accounts are made before the data folder is copied, so that no server has a transaction of its
own. Passwords are constants of a lab without a way out.
"""
from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from . import cibtext

VIP, READER_VIP = "10.77.0.100", "10.77.0.101"
RESOURCE, CLONE, WRITER, READER = "db", "db-clone", "writer", "reader"
DATADIR, SOCKET, PIDFILE = "/var/lib/mysql", "/run/mysqld/mysqld.sock", "/run/mysqld/mysqld.pid"
SERVER = "/usr/sbin/mariadbd"
CONFIG = "/etc/mysql/my.cnf"
SCHEMA = "ledger"
REPL_USER, REPL_PASSWORD = "repl", "repl-secret"
APP_USER, APP_PASSWORD = "app", "app-secret"
WATCH_USER, WATCH_PASSWORD = "watch", "watch-secret"
ADMIN_USER, ADMIN_PASSWORD = "admin", "admin-secret"
NEVER = 2**64 - 1  # milliseconds: commits wait for a replica, never for a timeout


@dataclass(frozen=True)
class Agent:
    """One contestant: the agent, what it is told, and what its servers are told besides."""
    name: str
    provider: str
    type: str
    params: dict[str, str]
    my_cnf: dict[str, object] = field(default_factory=dict)
    vip_provider: str = "heartbeat"
    vip_params: dict[str, str] = field(default_factory=dict)
    has_first_transaction: bool = False

    def is_ours(self) -> bool:
        return self.provider == "haops"


# The stock agents start mysqld_safe by default, which starts a killed server again under their
# eyes: no failover would ever be seen. Their replication user is the administrator, too.
_STOCK = {"binary": SERVER, "replication_user": ADMIN_USER, "replication_passwd": ADMIN_PASSWORD}

AGENTS = {
    "haops": Agent(
        "haops", "haops", "mysql",
        {"replication_user": REPL_USER, "replication_passwd": REPL_PASSWORD},
        vip_provider="haops"),
    # It does not know of semi-synchronous replication: what its administrator can do is done. With
    # wait_no_slave a replica's own applier would wait for an acknowledgement, for ever.
    "mysql": Agent(
        "mysql", "heartbeat", "mysql", _STOCK,
        {"rpl_semi_sync_master_enabled": 1, "rpl_semi_sync_slave_enabled": 1,
         "rpl_semi_sync_master_wait_no_slave": 0}),
    # Without any transaction it finds no position, and never promotes a node.
    "mariadb": Agent(
        "mariadb", "heartbeat", "mariadb", {**_STOCK, "node_list": "n1 n2 n3"},
        has_first_transaction=True),
}


def my_cnf(server_id: int, extra: dict[str, object] | None = None) -> str:
    """A server small enough that three of them fit, and as durable as one that matters."""
    values = {
        "user": "mysql", "port": 3306, "bind_address": "*", "skip_name_resolve": 1,
        "server_id": server_id, "log_bin": "binlog", "relay_log": "relay", "binlog_format": "ROW",
        "log_slave_updates": 1, "gtid_domain_id": 0, "gtid_strict_mode": 1, "sync_binlog": 1,
        "innodb_flush_log_at_trx_commit": 1, "max_binlog_size": "16M",
        "slave_net_timeout": 4, "rpl_semi_sync_master_wait_point": "AFTER_SYNC",
        "rpl_semi_sync_master_timeout": NEVER, "rpl_semi_sync_master_wait_no_slave": 1,
        "innodb_buffer_pool_size": "32M", "innodb_log_file_size": "8M", "innodb_use_native_aio": 0,
        "key_buffer_size": "1M", "aria_pagecache_buffer_size": "1M", "performance_schema": 0,
        # What waits for an acknowledgement keeps its session, though its client gave up.
        "max_connections": 512,
        **(extra or {})}
    return "[mysqld]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def accounts_sql() -> str:
    """Run once, while the data folder is made: root comes by unix_socket already."""
    grants = {
        (REPL_USER, REPL_PASSWORD):
            "REPLICATION SLAVE, SLAVE MONITOR, REPLICATION SLAVE ADMIN ON *.*",
        (APP_USER, APP_PASSWORD): f"SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.*",
        (WATCH_USER, WATCH_PASSWORD): "USAGE ON *.*",
        (ADMIN_USER, ADMIN_PASSWORD): "ALL ON *.*",
    }
    lines = ["FLUSH PRIVILEGES;", f"CREATE DATABASE {SCHEMA};"]
    for (user, password), grant in grants.items():
        lines += [f"CREATE USER '{user}'@'%' IDENTIFIED BY '{password}';",
                  f"GRANT {grant} TO '{user}'@'%';"]
    return "\n".join(lines) + "\n"


def table_sql(table: str) -> str:
    """The ledger's table. No unique key on what the client numbers: a row twice is to be seen."""
    return (f"CREATE TABLE {table} (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, "
            "writer INT UNSIGNED NOT NULL, seq BIGINT UNSIGNED NOT NULL, "
            "payload VARCHAR(4096) NOT NULL, KEY (writer, seq)) ENGINE=InnoDB")


# Pacemaker ---------------------------------------------------------------------------------------


def _address(name: str, ip: str, agent: Agent) -> str:
    params = {"ip": ip, "cidr_netmask": 24, **agent.vip_params}
    return f"""<primitive id="{name}" class="ocf" provider="{agent.vip_provider}" type="IPaddr2">
      <instance_attributes id="{name}-params">{cibtext.pairs(name, params)}</instance_attributes>
      <operations>{cibtext.op(name, "start", 20)}{cibtext.op(name, "stop", 20)}{cibtext.op(name, "monitor", 20, 10)}
      </operations></primitive>"""


def cib(agent: Agent, monitor_s: float = 10, timeout_s: int = 60) -> str:
    """The clone, the writers' address with the promoted one, the readers' where it may be read."""
    operations = "".join(cibtext.op(RESOURCE, name, timeout_s)
                         for name in ("start", "stop", "promote", "demote", "notify"))
    # Two recurring operations of a resource must not have the same interval.
    operations += cibtext.op(RESOURCE, "monitor", 20, monitor_s, "Promoted")
    operations += cibtext.op(RESOURCE, "monitor", 20, monitor_s + 1, "Unpromoted")
    meta = {"promotable": "true", "notify": "true", "interleave": "true", "clone-max": 3,
            "promoted-max": 1}
    return f"""<resources>
  <clone id="{CLONE}">
    <meta_attributes id="{CLONE}-meta">{cibtext.pairs(CLONE, meta)}</meta_attributes>
    <primitive id="{RESOURCE}" class="ocf" provider="{agent.provider}" type="{agent.type}">
      <instance_attributes id="{RESOURCE}-params">{cibtext.pairs(RESOURCE, agent.params)}
      </instance_attributes>
      <operations>{operations}</operations>
    </primitive>
  </clone>
  {_address(WRITER, VIP, agent)}
  {_address(READER, READER_VIP, agent)}
</resources>
<constraints>
  <rsc_colocation id="writer-where" rsc="{WRITER}" with-rsc="{CLONE}" with-rsc-role="Promoted"
    score="INFINITY"/>
  <rsc_order id="writer-when" first="{CLONE}" first-action="promote" then="{WRITER}"
    then-action="start" symmetrical="false"/>
  <rsc_order id="writer-until" first="{CLONE}" first-action="demote" then="{WRITER}"
    then-action="stop" symmetrical="false"/>
  <rsc_location id="reader-where" rsc="{READER}">
    <rule id="reader-rule" score="-INFINITY" boolean-op="or">
      <expression id="reader-none" attribute="readable" operation="not_defined"/>
      <expression id="reader-zero" attribute="readable" operation="lt" value="1" type="number"/>
    </rule>
  </rsc_location>
  <rsc_colocation id="reader-apart" rsc="{READER}" with-rsc="{WRITER}" score="-100"/>
</constraints>"""


def with_params(agent: Agent, **params: str) -> Agent:
    """The same agent, told more."""
    return dataclasses.replace(agent, params={**agent.params, **params})
