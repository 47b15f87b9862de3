/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of MariaDB and MySQL. What holds whatever the version is asked for by both names where the
 * answer is read, see facts.c.
 * Sources: https://mariadb.com/kb/en/replication-statements/ and the chapters "SQL Statements for
 * Controlling Replica Servers" of https://dev.mysql.com/doc/refman/5.7/en/, 8.0 and 8.4.
 */
#include "dialect.h"
#include "internal.h"
#include "text.h"

#include <stdio.h>

/* MariaDB's versions from 10.0 to 10.x say this first, for clients that know MySQL 5 only. */
#define DISGUISE "5.5.5-"

#define NUMBER_MAX 99

/* Quotes are doubled and nothing else is special, whatever the server's sql_mode. A short
 * lock_wait_timeout is what keeps "SET GLOBAL read_only" from waiting for a session for ever, and
 * from coming true long after its client has gone. */
#define SETTINGS "SET SESSION sql_mode='NO_BACKSLASH_ESCAPES', SESSION lock_wait_timeout=1"

/* Semi-synchronous replication is a plug-in of MySQL, and its names are those of the plug-in that
 * was chosen: a variable that is not there is not in the answer, and no error. */
#define ASK_VARIABLES                                                                              \
	"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_id', 'read_only', "                 \
	"'super_read_only', 'log_bin', 'log_slave_updates', 'log_replica_updates', "               \
	"'event_scheduler', 'gtid_mode', 'gtid_strict_mode') OR Variable_name LIKE "               \
	"'rpl_semi_sync_%'"

/* How many rows were changed shows that a long transaction is being applied. SHOW itself counts as
 * Handler_write in MySQL, and MariaDB has no Innodb_rows_... */
#define ASK_COUNTERS(rows)                                                                         \
	"SHOW GLOBAL STATUS WHERE Variable_name IN (" rows ") OR Variable_name LIKE "              \
	"'Rpl_semi_sync_%'"
#define MARIADB_ROWS "'Handler_write', 'Handler_update', 'Handler_delete'"
#define MYSQL_ROWS "'Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted'"

/* The second in which the server started is in the middle of its short unique numbers. */
#define INSTANCE "(UUID_SHORT() >> 24) & 0xffffffff AS instance"

#define MYSQL_SETTINGS SETTINGS ", SESSION max_execution_time=0"
#define MYSQL_ASK_SETS                                                                             \
	"SELECT CONNECTION_ID() AS own_id, " INSTANCE ", @@GLOBAL.gtid_executed AS logged, "       \
	"@@GLOBAL.gtid_executed AS applied, @@GLOBAL.gtid_executed AS position"
#define MYSQL_WAIT "SELECT WAIT_FOR_EXECUTED_GTID_SET('%s', %u)"
#define MYSQL_CLOSE "SET GLOBAL super_read_only=ON"
#define MYSQL_OPEN "SET GLOBAL super_read_only=OFF, GLOBAL read_only=OFF"
#define MYSQL_TIMEOUT "4294967295"

/* "START SLAVE" and its kind, in the words of MySQL up to 8.0.21 and from 8.0.22. */
#define CONTROL(replica)                                                                           \
	[WORD_START] = "START " replica, [WORD_START_APPLIER] = "START " replica " SQL_THREAD",    \
	[WORD_START_RECEIVER] = "START " replica " IO_THREAD", [WORD_STOP] = "STOP " replica,      \
	[WORD_STOP_RECEIVER] = "STOP " replica " IO_THREAD",                                       \
	[WORD_FORGET] = "RESET " replica " ALL"

#define MYSQL_COMMON                                                                               \
	[WORD_SETTINGS] = MYSQL_SETTINGS, [WORD_ASK_SETS] = MYSQL_ASK_SETS,                        \
	[WORD_ASK_VARIABLES] = ASK_VARIABLES, [WORD_ASK_COUNTERS] = ASK_COUNTERS(MYSQL_ROWS),      \
	[WORD_WAIT] = MYSQL_WAIT, [WORD_CLOSE] = MYSQL_CLOSE, [WORD_OPEN] = MYSQL_OPEN

#define CHANGE_MASTER                                                                              \
	[WORD_CHANGE] = "CHANGE MASTER TO", [WORD_CHANGE_PREFIX] = "MASTER_",                      \
	[WORD_CHANGE_GTID] = "MASTER_AUTO_POSITION=1"
#define CHANGE_SOURCE                                                                              \
	[WORD_CHANGE] = "CHANGE REPLICATION SOURCE TO", [WORD_CHANGE_PREFIX] = "SOURCE_",          \
	[WORD_CHANGE_GTID] = "SOURCE_AUTO_POSITION=1"

/* Newest first of each flavor. */
static const struct dialect dialects[] = {
	{
		.name = "MariaDB",
		.flavor = HAOPS_MYSQL_MARIADB,
		.version = 100500,
		.purges_relay_log = true,
		.semi_sync_timeout = "18446744073709551615",
		.words = {CONTROL("SLAVE"),
			  [WORD_SETTINGS] = SETTINGS ", SESSION max_statement_time=0",
			  [WORD_ASK_SETS] = "SELECT CONNECTION_ID() AS own_id, " INSTANCE
					    ", @@GLOBAL.gtid_binlog_state AS logged, "
					    "@@GLOBAL.gtid_slave_pos AS applied, "
					    "@@GLOBAL.gtid_binlog_pos AS position",
			  [WORD_ASK_VARIABLES] = ASK_VARIABLES,
			  [WORD_ASK_REPLICA] = "SHOW ALL SLAVES STATUS",
			  [WORD_ASK_COUNTERS] = ASK_COUNTERS(MARIADB_ROWS),
			  [WORD_ASK_RELAY] = "SHOW RELAYLOG EVENTS IN '%s' FROM %s LIMIT 1000",
			  [WORD_WAIT] = "SELECT MASTER_GTID_WAIT('%s', %u)",
			  [WORD_CLOSE] = "SET GLOBAL read_only=ON",
			  [WORD_OPEN] = "SET GLOBAL read_only=OFF",
			  [WORD_STRICT] = "SET GLOBAL gtid_strict_mode=ON",
			  [WORD_SET_APPLIED] = "SET GLOBAL gtid_slave_pos='%s'",
			  [WORD_CHANGE] = "CHANGE MASTER TO", [WORD_CHANGE_PREFIX] = "MASTER_",
			  [WORD_CHANGE_GTID] = "MASTER_USE_GTID=slave_pos"},
	},
	{
		.name = "MySQL 8.0.23",
		.flavor = HAOPS_MYSQL_MYSQL,
		.version = 80023,
		.has_public_key = true,
		.semi_sync_timeout = MYSQL_TIMEOUT,
		.words = {CONTROL("REPLICA"), MYSQL_COMMON,
			  CHANGE_SOURCE, [WORD_ASK_REPLICA] = "SHOW REPLICA STATUS"},
	},
	{
		.name = "MySQL 8.0.22",
		.flavor = HAOPS_MYSQL_MYSQL,
		.version = 80022,
		.has_public_key = true,
		.semi_sync_timeout = MYSQL_TIMEOUT,
		.words = {CONTROL("REPLICA"), MYSQL_COMMON,
			  CHANGE_MASTER, [WORD_ASK_REPLICA] = "SHOW REPLICA STATUS"},
	},
	{
		.name = "MySQL 8.0",
		.flavor = HAOPS_MYSQL_MYSQL,
		.version = 80004,
		.has_public_key = true,
		.semi_sync_timeout = MYSQL_TIMEOUT,
		.words = {CONTROL("SLAVE"), MYSQL_COMMON,
			  CHANGE_MASTER, [WORD_ASK_REPLICA] = "SHOW SLAVE STATUS"},
	},
	{
		.name = "MySQL 5.7",
		.flavor = HAOPS_MYSQL_MYSQL,
		.version = 50708,
		.semi_sync_timeout = MYSQL_TIMEOUT,
		.words = {CONTROL("SLAVE"), MYSQL_COMMON,
			  CHANGE_MASTER, [WORD_ASK_REPLICA] = "SHOW SLAVE STATUS"},
	},
};

bool dialect_parse_server(const char *text, struct haops_mysql_identity *ret_server)
{
	struct haops_mysql_identity server = {.flavor = HAOPS_MYSQL_MYSQL};
	uint64_t major, minor, patch;
	const char *at;

	if (strcasestr(text, "mariadb")) {
		server.flavor = HAOPS_MYSQL_MARIADB;
		if (!strncmp(text, DISGUISE, strlen(DISGUISE)))
			text += strlen(DISGUISE);
	}
	at = text;
	if (!text_take_number(&at, '.', NUMBER_MAX, &major) ||
	    !text_take_number(&at, '.', NUMBER_MAX, &minor) ||
	    !text_take_number(&at, '\0', NUMBER_MAX, &patch))
		return false;
	server.version = (unsigned int)(major * 10000 + minor * 100 + patch);
	(void)snprintf(server.text, sizeof(server.text), "%s", text);
	*ret_server = server;
	return true;
}

const struct dialect *dialect_find(const struct haops_mysql_identity *server)
{
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
		if (dialects[i].flavor == server->flavor && server->version >= dialects[i].version)
			return &dialects[i];
	return NULL;
}
