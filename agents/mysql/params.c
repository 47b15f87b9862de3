/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of mysql: names and defaults of the agents it stands in for, then its own. Each
 * text ends with a line "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "mysql/mysql.h"
#include "mysql/nodes.h"
#include "ocf/args.h"

#include <string.h>

static const char *const durabilities[] = {"safe", "async", NULL};
static const char *const event_schedulers[] = {"off", "primary", NULL};
static const char *const rejoin_policies[] = {"truncate", "none", NULL};

static const char *check_path(const char *value)
{
	return value[0] == '/' ? NULL : "is no absolute path";
}

static const char *check_program(const char *value)
{
	if (strpbrk(value, " \"'\\|&;<>()$`*?[]"))
		return "is not the name or path of one program";
	return strchr(value, '/') && value[0] != '/' ? "is neither a name nor an absolute path"
						     : NULL;
}

static const char *check_account(const char *value)
{
	return value[0] == '-' || strpbrk(value, " \"'\\`") ? "is no name of an account" : NULL;
}

static const char *check_table(const char *value)
{
	const char *dot = strchr(value, '.');

	if (!dot || dot == value || !dot[1] || strchr(dot + 1, '.') || strpbrk(value, "`'\"\\; "))
		return "is not DATABASE.TABLE";
	return NULL;
}

/* Options that the agent sets itself: given twice, the last one would win unseen. */
static const char *const own_options[] = {"defaults-file", "datadir",	"socket",
					  "pid-file",	   "log-error", NULL};
static const char *const alien_options[] = {"no-defaults", "bootstrap",
					    "initialize",  "initialize-insecure",
					    "help",	   "version",
					    NULL};

/* Whether a word is that option: - and _ are the same to a server. */
static bool is_option(const char *word, const char *name)
{
	if (strncmp(word, "--", 2) != 0)
		return false;
	for (word += 2; *name; name++, word++)
		if (*word != *name && !(*word == '_' && *name == '-'))
			return false;
	return *word == '\0' || *word == '=';
}

static bool is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (is_option(word, *names))
			return true;
	return false;
}

static const char *check_option(const char *word)
{
	if (is_one_of(word, own_options))
		return "holds an option that has a parameter of its own (config, datadir, socket, "
		       "pid, log)";
	return is_one_of(word, alien_options)
		       ? "holds an option with which the server does not serve"
		       : NULL;
}

static const char *check_options(const char *value)
{
	struct args args;
	const char *problem = args_split(value, false, &args);

	for (size_t i = 0; !problem && i < args.count; i++)
		problem = check_option(args.words[i]);
	return problem;
}

static const char *check_attribute(const char *value)
{
	return value[0] == '-' || strpbrk(value, " \"'\\<>&") ? "is no name of an attribute" : NULL;
}

const struct ocf_param mysql_params[MYSQL_PARAM_COUNT] = {
	[MYSQL_BINARY] =
		{
			.name = "binary",
			.shortdesc = "Server program, or mysqld_safe beside it",
			.longdesc =
				"Absolute path of the server program (mariadbd, mysqld). When it "
				"is "
				"mysqld_safe or mariadbd-safe, the server is looked for in its "
				"folder, "
				"in ../sbin and ../libexec beside it, and where distributions put "
				"it; "
				"mariadbd comes before mysqld.\n"
				"Drop-in: same default, but mysqld_safe is never run: it would "
				"start the "
				"server again behind Pacemaker's back. The server is started as "
				"its user "
				"directly; the section [mysqld_safe] of the configuration has no "
				"effect.",
			.type = OCF_STRING,
			.default_value = "/usr/bin/mysqld_safe",
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_program,
		},
	[MYSQL_CLIENT_BINARY] =
		{
			.name = "client_binary",
			.shortdesc = "Client program (not used)",
			.longdesc = "The agent speaks to the server itself, over one connection.\n"
				    "Drop-in: accepted and ignored.",
			.type = OCF_STRING,
			.default_value = "mysql",
			.check = check_program,
		},
	[MYSQL_CONFIG] =
		{
			.name = "config",
			.shortdesc = "Configuration file",
			.longdesc = "Absolute path of the file that the server reads its options "
				    "from (--defaults-file).\n"
				    "Drop-in: same. It may be missing at a probe, a monitor and a "
				    "stop: what runs is found without it.",
			.type = OCF_STRING,
			.default_value = "/etc/mysql/my.cnf",
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_DATADIR] =
		{
			.name = "datadir",
			.shortdesc = "Directory of the databases",
			.longdesc = "Absolute path of the data directory. It has to hold a "
				    "database that belongs to the user; see enable_creation and "
				    "device.\n"
				    "Drop-in: same. A directory without a database is an error "
				    "before the server is started, not after.",
			.type = OCF_STRING,
			.default_value = "/var/lib/mysql",
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_USER] =
		{
			.name = "user",
			.shortdesc = "User that the server runs as",
			.longdesc = "Name of the operating system user. Its further groups are the "
				    "server's, too.\n"
				    "Drop-in: same, without a login shell.",
			.type = OCF_STRING,
			.default_value = "mysql",
			.check = check_account,
		},
	[MYSQL_GROUP] =
		{
			.name = "group",
			.shortdesc = "Group that the server runs as",
			.longdesc = "Name of the operating system group; log file and folders that "
				    "the agent makes belong to it.\n"
				    "Drop-in: same for files; it is the server's group as well.",
			.type = OCF_STRING,
			.default_value = "mysql",
			.check = check_account,
		},
	[MYSQL_LOG] =
		{
			.name = "log",
			.shortdesc = "Error log of the server",
			.longdesc = "Absolute path; made with mode 0640 if it is not there. When "
				    "the server does not start, its last error in there is the "
				    "exit reason.\n"
				    "Drop-in: same. A log that is there keeps its owner and mode "
				    "if the user can write it.",
			.type = OCF_STRING,
			.default_value = "/var/log/mysql/error.log",
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_PID] =
		{
			.name = "pid",
			.shortdesc = "Pid file of the server",
			.longdesc = "Absolute path. Its folder is made if it is not there. What is "
				    "in it is a hint: the server is told by its program, start "
				    "time and data directory.\n"
				    "Drop-in: same. A file that names another process harms "
				    "nobody.",
			.type = OCF_STRING,
			.default_value = "/var/run/mysqld/mysqld.pid",
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_SOCKET] =
		{
			.name = "socket",
			.shortdesc = "Unix socket of the server",
			.longdesc =
				"Absolute path. Its folder is made if it is not there. The agent "
				"logs in "
				"here: as the account root without a password, which unix_socket "
				"authentication grants to root of the host (the default of "
				"MariaDB), or "
				"else with replication_user.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "/var/run/mysqld/mysqld.sock",
			.unique_group = "socket",
			.max_len = MYSQL_SOCKET_MAX - 1,
			.check = check_path,
		},
	[MYSQL_TEST_TABLE] =
		{
			.name = "test_table",
			.shortdesc = "Table to read from (depth 10)",
			.longdesc = "DATABASE.TABLE that a monitor of depth 10 reads one row "
				    "from.\n"
				    "Drop-in: same. One row is read; the stock agent counts all of "
				    "them.",
			.type = OCF_STRING,
			.default_value = "mysql.user",
			.is_reloadable = true,
			.check = check_table,
		},
	[MYSQL_TEST_USER] =
		{
			.name = "test_user",
			.shortdesc = "Account that reads test_table",
			.longdesc = "Name of an account that may SELECT from test_table.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "root",
			.is_reloadable = true,
			.check = check_account,
		},
	[MYSQL_TEST_PASSWD] =
		{
			.name = "test_passwd",
			.shortdesc = "Password of test_user",
			.longdesc = "When it is set, start ends only after test_table could be "
				    "read.\n"
				    "Drop-in: same. It is in the arguments of no process.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.is_secret = true,
		},
	[MYSQL_ENABLE_CREATION] =
		{
			.name = "enable_creation",
			.shortdesc = "Make a database if there is none",
			.longdesc =
				"Whether start makes a new database in an empty data directory. It "
				"is "
				"never made where a file system should be mounted: where fstab(5) "
				"or "
				"device says so, or where the directory belongs to root and is no "
				"mount "
				"point.\n"
				"Drop-in: same but for that protection.",
			.type = OCF_BOOLEAN,
			.default_value = "0",
		},
	[MYSQL_ADDITIONAL_PARAMETERS] =
		{
			.name = "additional_parameters",
			.shortdesc = "Further arguments of the server",
			.longdesc =
				"Words are separated by spaces; quotes and backslashes keep them "
				"together. There is no shell.\n"
				"Drop-in: same without a shell: $VARIABLES and wildcards are taken "
				"as they are. Options that the agent sets itself are refused.",
			.type = OCF_STRING,
			.check = check_options,
		},
	[MYSQL_REPLICATION_USER] =
		{
			.name = "replication_user",
			.shortdesc = "Account for replication",
			.longdesc =
				"Replicas replicate with it, and the agent asks the other nodes "
				"with it "
				"over TCP what they have. It needs REPLICATION SLAVE, SLAVE "
				"MONITOR "
				"(MySQL: REPLICATION CLIENT) and REPLICATION SLAVE ADMIN; more "
				"only if "
				"root of the host cannot log in by the socket. It has to be on all "
				"nodes with the same password.\n"
				"Drop-in: same name and default; it needs fewer rights.",
			.type = OCF_STRING,
			.default_value = "root",
			.check = check_account,
		},
	[MYSQL_REPLICATION_PASSWD] =
		{
			.name = "replication_passwd",
			.shortdesc = "Password of replication_user",
			.longdesc = "Let only root and the cluster read the configuration that "
				    "holds it.\n"
				    "Drop-in: same. It is in the arguments of no process.",
			.type = OCF_STRING,
			.is_secret = true,
		},
	[MYSQL_REPLICATION_PORT] =
		{
			.name = "replication_port",
			.shortdesc = "TCP port of the servers",
			.longdesc = "Port at which the servers of all nodes are reached.\n"
				    "Drop-in: same.",
			.type = OCF_INTEGER,
			.default_value = "3306",
			.min = 1,
			.max = 65535,
		},
	[MYSQL_REPLICATION_REQUIRE_SSL] =
		{
			.name = "replication_require_ssl",
			.shortdesc = "Replicate with TLS only",
			.longdesc = "Whether connections to the servers of other nodes have to be "
				    "encrypted, the agent's as well as those of the replicas. Make "
				    "replication_user REQUIRE SSL, too: a server that is asked for "
				    "TLS and offers none would be read from without.\n"
				    "Drop-in: same, and it holds for replication itself, where the "
				    "stock agent's effect ends with the local connection.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[MYSQL_REPLICATION_MASTER_SSL_CA] =
		{
			.name = "replication_master_ssl_ca",
			.shortdesc = "Certificate authority for replication",
			.longdesc = "Absolute path of a PEM file on each node. The certificate of "
				    "the other server is checked against it.\n"
				    "Drop-in: same; it works without certificate and key, too.",
			.type = OCF_STRING,
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_REPLICATION_MASTER_SSL_CERT] =
		{
			.name = "replication_master_ssl_cert",
			.shortdesc = "Client certificate for replication",
			.longdesc = "Absolute path of a PEM file on each node.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_REPLICATION_MASTER_SSL_KEY] =
		{
			.name = "replication_master_ssl_key",
			.shortdesc = "Key of the client certificate for replication",
			.longdesc = "Absolute path of a PEM file on each node.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_MAX_SLAVE_LAG] =
		{
			.name = "max_slave_lag",
			.shortdesc = "Seconds that a replica may be behind",
			.longdesc =
				"A replica that is further behind its primary is preferred less at "
				"a "
				"promotion (it would have to apply all of it first), and is not "
				"read "
				"from unless reader_lag_out says otherwise. 0: any lag is too "
				"much.\n"
				"Drop-in: same. An unknown lag counts as too much.",
			.type = OCF_INTEGER,
			.default_value = "3600",
			.is_reloadable = true,
			.min = 0,
			.max = 31536000,
		},
	[MYSQL_EVICT_OUTDATED_SLAVES] =
		{
			.name = "evict_outdated_slaves",
			.shortdesc = "Stop replicas that are too far behind",
			.longdesc =
				"Whether a replica that is more than max_slave_lag behind fails "
				"its "
				"monitor with code 5, by which Pacemaker stops it and keeps it off "
				"the "
				"node until its failure is cleaned up.\n"
				"Drop-in: same. A lag that is unknown since the primary is gone "
				"evicts nobody.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[MYSQL_READER_ATTRIBUTE] =
		{
			.name = "reader_attribute",
			.shortdesc = "Node attribute: fit to read from",
			.longdesc =
				"Name of the node attribute that is 1 where clients may read, and "
				"0 "
				"where they should not: the server is stopped, a replica's threads "
				"do "
				"not run, its lag is above reader_lag_out or unknown, or its data "
				"has "
				"diverged. Tie reader addresses to it with a location rule.\n"
				"Drop-in: same name and values; it is also 0 where the stock agent "
				"leaves 1 of an earlier life, and written only when it changes.",
			.type = OCF_STRING,
			.default_value = "readable",
			.unique_group = "reader_attribute",
			.check = check_attribute,
		},
	[MYSQL_NODE_LIST] =
		{
			.name = "node_list",
			.shortdesc = "Nodes that may have a copy of the data",
			.longdesc =
				"Names of all nodes that run this resource, separated by spaces. "
				"An "
				"entry NAME=ADDRESS says where the others reach the server of that "
				"node; without it, the node attribute "
				"RESOURCE_mysql_master_IP, or else "
				"the name is used. When unset, all nodes of the cluster.\n"
				"Drop-in: as in ocf:heartbeat:mariadb, which requires it and takes "
				"names only.",
			.type = OCF_STRING,
			.max_len = 4096,
			.check = nodes_check,
		},
	[MYSQL_DEVICE] =
		{
			.name = "device",
			.shortdesc = "Device or mount point that the data is on",
			.longdesc =
				"A block device, such as /dev/drbd0, or a mount point. When it is "
				"set, "
				"start refuses unless datadir is on it.\n"
				"Drop-in: an addition.",
			.type = OCF_STRING,
			.max_len = MYSQL_PATH_MAX - 1,
			.check = check_path,
		},
	[MYSQL_DURABILITY] =
		{
			.name = "durability",
			.shortdesc = "What a promotable resource promises",
			.longdesc =
				"safe: a write that a client was told to be committed is on two "
				"nodes "
				"that the cluster knows by name (or on the only one left, and it "
				"knows "
				"that), by semi-synchronous replication that never gives up "
				"waiting. No "
				"failover loses it. async: commits wait for nobody, and a failover "
				"loses what no replica had received.\n"
				"Drop-in: an addition. The stock agents promise no more than "
				"async.",
			.type = OCF_SELECT,
			.default_value = "safe",
			.options = durabilities,
		},
	[MYSQL_READER_LAG_OUT] =
		{
			.name = "reader_lag_out",
			.shortdesc = "Seconds of lag at which a reader is taken out",
			.longdesc = "A replica further behind is not read from (reader_attribute "
				    "0). When unset, max_slave_lag.\n"
				    "Drop-in: an addition.",
			.type = OCF_INTEGER,
			.is_reloadable = true,
			.min = 0,
			.max = 31536000,
		},
	[MYSQL_READER_LAG_IN] =
		{
			.name = "reader_lag_in",
			.shortdesc = "Seconds of lag at which a reader comes back",
			.longdesc =
				"A replica that was taken out is read from again when its lag is "
				"not "
				"above this. When unset, half of reader_lag_out.\n"
				"Drop-in: an addition.",
			.type = OCF_INTEGER,
			.is_reloadable = true,
			.min = 0,
			.max = 31536000,
		},
	[MYSQL_INITIAL_PRIMARY] =
		{
			.name = "initial_primary",
			.shortdesc = "Node whose data a new cluster begins with",
			.longdesc =
				"Name of a node. Counts only as long as no primary was ever "
				"promoted: a "
				"cluster whose nodes have different data, or do not all answer, "
				"does "
				"not begin without it.\n"
				"Drop-in: an addition.",
			.type = OCF_STRING,
			.check = check_attribute,
		},
	[MYSQL_REJOIN_POLICY] =
		{
			.name = "rejoin_policy",
			.shortdesc = "How a former primary comes back",
			.longdesc =
				"truncate: a crashed primary that comes back while another node is "
				"primary cuts off the transactions that no replica had "
				"acknowledged "
				"(MariaDB: --init-rpl-role=SLAVE), after a copy of its newest "
				"binary log "
				"was put into /var/lib/haops/mysql/RESOURCE. Until its next start "
				"it has "
				"another server_id (from 2147483648 on), since a server does not "
				"take its "
				"own transactions from others. none: it does not; if it has such "
				"transactions, it stays out until it is repaired.\n"
				"Drop-in: an addition.",
			.type = OCF_SELECT,
			.default_value = "truncate",
			.options = rejoin_policies,
		},
	[MYSQL_EVENT_SCHEDULER] =
		{
			.name = "event_scheduler",
			.shortdesc = "Where scheduled events run",
			.longdesc =
				"primary: the server starts with its event scheduler off; a "
				"promotion switches it on and enables the events that came from "
				"the former primary, also those that were disabled there (a "
				"replica cannot tell them apart: drop such an event), a demotion "
				"switches it off. off: events are "
				"none of the agent's matter, and a promotable resource refuses a "
				"server whose event_scheduler is on, since events with a "
				"privileged definer would write on replicas, too.\n"
				"Drop-in: an addition.",
			.type = OCF_SELECT,
			.default_value = "off",
			.options = event_schedulers,
		},
	[MYSQL_DEGRADED_CODES] =
		{
			.name = "degraded_codes",
			.shortdesc = "Tell degraded states by their own codes",
			.longdesc =
				"Whether monitor ends with 190 or 191 (degraded) where the server "
				"runs but "
				"does not do all of its work: a replica that does not replicate or "
				"has "
				"diverged, a primary whose writes wait for a replica. Only where "
				"the "
				"executor knows these codes (Pacemaker from 2.1.2).\n"
				"Drop-in: an addition.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
};
