/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:mysql: its table. Actions are in the files of their names. */

#include "mysql/mysql.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = mysql_start, .timeout_s = 120, .depth = -1},
	{.name = "stop", .run = mysql_stop, .timeout_s = 120, .depth = -1},
	{.name = "promote", .run = mysql_promote, .timeout_s = 120, .depth = -1},
	{.name = "demote", .run = mysql_demote, .timeout_s = 120, .depth = -1},
	{.name = "notify", .run = mysql_notify, .timeout_s = 90, .depth = -1},
	{.name = "reload-agent", .run = mysql_reload_agent, .timeout_s = 20, .depth = -1},
	{.name = "monitor", .run = mysql_monitor, .timeout_s = 30, .interval_s = 20, .depth = 0},
	{.name = "monitor", .run = mysql_monitor, .timeout_s = 30, .interval_s = 21, .depth = 10},
	{.name = "monitor",
	 .run = mysql_monitor,
	 .timeout_s = 30,
	 .interval_s = 10,
	 .depth = 0,
	 .role = "Promoted"},
	{.name = "monitor",
	 .run = mysql_monitor,
	 .timeout_s = 30,
	 .interval_s = 30,
	 .depth = 0,
	 .role = "Unpromoted"},
};

static const struct ocf_agent agent = {
	.name = "mysql",
	.provider = "haops",
	.shortdesc = "MariaDB or MySQL server",
	.longdesc =
		"Starts, stops and watches one MariaDB or MySQL server. It takes the place of "
		"ocf:heartbeat:mysql: parameters keep their names, defaults and meanings; each "
		"one's text says what differs.\n"
		"The server is started as its user directly, and start ends when it says that it "
		"is ready and a login succeeds, after crash recovery, however long that takes "
		"within the operation's timeout. A data directory that holds no database, belongs "
		"to "
		"somebody else or lacks its file system is refused before.\n"
		"A monitor looks at the process, by its number, start time, program and data "
		"directory, then logs in and asks for a value; depth 10 reads from test_table. A "
		"server that does not let it in within 10 s, or 6 s where haopsd(8) runs, or does "
		"not answer within its timeout, fails the monitor. Of a promotable MariaDB of "
		"which nothing has changed, the monitor logs in once a minute only: otherwise it "
		"takes what haopsd(8) saw within the last 3 s, if that was let in anew within 8 "
		"s.\n"
		"Stop ends the server with SIGTERM, and with SIGKILL before the operation's "
		"timeout; it finds the server without pid file and state files, too.\n"
		"As a promotable clone (with notify=true) it is a primary and its replicas, by "
		"GTID: with durability=safe no failover loses a write that a client was told to "
		"be committed. Servers start closed for writing. Promote applies everything "
		"received, asks all other servers, fetches what another one has more, has the "
		"cluster remember the new primary (property set haops-mysql-RESOURCE), and only "
		"then opens the server; where somebody who does not answer may have more, nobody "
		"is promoted. Demote closes the server and ends its sessions, or kills it. Needed "
		"are log_bin, log_slave_updates, binlog_format=ROW, a server_id of each server's "
		"own, and for safe sync_binlog=1 and innodb_flush_log_at_trx_commit=1, as well as "
		"fencing. A node whose data has diverged is marked (bad-NODE), stays closed, and "
		"takes no part until it was repaired.",
	.params = mysql_params,
	.param_count = MYSQL_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = mysql_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
