/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mysql agent's pure parts: whose a process is, nodes, reasons out of a log. By table. */
#include "mysql/identity.h"
#include "mysql/log.h"
#include "mysql/nodes.h"
#include "unit.h"

static const struct identity_want want = {.binary = "/opt/db/bin/serverd",
					  .datadir = "/var/lib/mysql/",
					  .realdir = "/srv/mysql",
					  .socket = "/run/mysqld/mysqld.sock",
					  .agent = "/usr/lib/ocf/resource.d/haops/mysql",
					  .instance = "db"};

/* Arguments are written with | for the NUL behind each. */
static size_t unpack(const char *text, char *buf)
{
	size_t len = strlen(text);

	for (size_t i = 0; i <= len; i++)
		buf[i] = text[i] == '|' ? '\0' : text[i];
	return len;
}

static void processes_are_told_apart(void **state)
{
	static const struct {
		const char *exe;
		const char *cmdline;
		const char *folder;
		bool is_same;
		const char *instance;
		enum identity_role role;
	} cases[] = {
		/* The folder decides, whatever the arguments are. */
		{"/usr/sbin/mariadbd", "mariadbd|", "/srv/mysql", false, "", IDENTITY_SERVER},
		{"/usr/sbin/mariadbd", "mariadbd|", "/var/lib/mysql", false, "", IDENTITY_SERVER},
		{"/usr/sbin/mysqld", "mysqld|", "/mnt/x", true, "", IDENTITY_SERVER},
		{"/opt/db/bin/serverd", "serverd|", "/srv/mysql", false, "", IDENTITY_SERVER},
		{"/usr/sbin/mariadbd", "mariadbd|", "/srv/other", false, "", IDENTITY_NONE},
		/* Before it is there: the arguments. */
		{"/usr/sbin/mysqld", "mysqld|--datadir=/var/lib/mysql|", "/", false, "",
		 IDENTITY_SERVER},
		{"/usr/sbin/mysqld", "mysqld|--datadir|/srv/mysql/|", "/", false, "",
		 IDENTITY_SERVER},
		{"/usr/sbin/mysqld", "mysqld|--datadir=/x|--datadir=/srv/mysql|", "/", false, "",
		 IDENTITY_SERVER},
		{"/usr/sbin/mysqld", "mysqld|--datadir=/srv/mysql|--datadir=/x|", "/", false, "",
		 IDENTITY_NONE},
		{"/usr/sbin/mysqld", "mysqld|--datadir=/srv/mysql2|", "/", false, "",
		 IDENTITY_NONE},
		{"/usr/sbin/mysqld", "mysqld|--datadir=/srv/mysql", "/", false, "", IDENTITY_NONE},
		{"/usr/sbin/mysqld", "mysqld|--socket=/run/mysqld/mysqld.sock|", "/", false, "",
		 IDENTITY_SERVER},
		{"/usr/sbin/mysqld", "mysqld|--datadir=/x|--socket=/run/mysqld/mysqld.sock|", "/",
		 false, "", IDENTITY_NONE},
		{"/usr/sbin/mysqld", "mysqld|--socket=/run/other.sock|", "/", false, "",
		 IDENTITY_NONE},
		{"/usr/sbin/mysqld", "", "", false, "", IDENTITY_NONE},
		/* Others in the same folder. */
		{"/usr/bin/mysqld_exporter", "mysqld_exporter|", "/srv/mysql", true, "",
		 IDENTITY_NONE},
		{"/bin/bash", "bash|", "/srv/mysql", true, "", IDENTITY_NONE},
		{"", "mariadbd|--datadir=/srv/mysql|", "", false, "", IDENTITY_NONE},
		/* What would start it again. */
		{"/bin/dash", "/bin/sh|/usr/bin/mysqld_safe|--datadir=/srv/mysql|", "/", false, "",
		 IDENTITY_GUARD},
		{"/bin/dash", "/bin/sh|/usr/bin/mysqld_safe|", "/", false, "", IDENTITY_NONE},
		{"/bin/dash", "/bin/sh|-x|/usr/bin/mariadb-install-db|--datadir=/srv/mysql|", "/",
		 false, "", IDENTITY_GUARD},
		{"/bin/grep", "grep|-r|x|mysqld_safe|--datadir=/srv/mysql|", "/", false, "",
		 IDENTITY_NONE},
		/* A start of this resource, or what it was about to execute. */
		{"/usr/lib/ocf/resource.d/haops/mysql", "mysql|start|", "/", false, "db",
		 IDENTITY_START},
		{"/usr/lib/ocf/resource.d/haops/mysql", "mysql|start|", "/", false, "other",
		 IDENTITY_NONE},
		{"/usr/lib/ocf/resource.d/haops/mysql", "mysql|monitor|", "/", false, "db",
		 IDENTITY_NONE},
		{"/usr/lib/ocf/resource.d/haops/mysql", "mysql|", "/", false, "db", IDENTITY_NONE},
		{"/usr/bin/mysql", "mysql|start|", "/", false, "db", IDENTITY_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char cmdline[256];
		const struct identity_facts facts = {.exe = cases[i].exe,
						     .cmdline = cmdline,
						     .cmdline_len =
							     unpack(cases[i].cmdline, cmdline),
						     .folder = cases[i].folder,
						     .is_same_folder = cases[i].is_same,
						     .instance = cases[i].instance};

		if (identity_judge(&facts, &want) != cases[i].role)
			fail_msg("case %zu: %s", i, cases[i].cmdline);
		if (cases[i].role != IDENTITY_NONE)
			assert_true(identity_is_candidate(cases[i].exe, cases[i].cmdline, &want));
	}
}

static void an_unknown_data_directory_is_no_folder(void **state)
{
	struct identity_want unknown = want;
	const struct identity_facts facts = {.exe = "/usr/sbin/mysqld",
					     .cmdline = "",
					     .folder = "",
					     .instance = ""};

	(void)state;
	unknown.realdir = "";
	assert_int_equal(identity_judge(&facts, &unknown), IDENTITY_NONE);
}

static void options_are_found(void **state)
{
	static const struct {
		const char *cmdline;
		const char *value; /* NULL: not found */
	} cases[] = {
		{"x|--name=a|", "a"},
		{"x|--name=|", ""},
		{"x|--name|b|", "b"},
		{"x|--name|", NULL},
		{"x|--names=a|", NULL},
		{"x|name=a|", NULL},
		{"--name=a|--name=b", "a"},
		{"x|--name=a|y|--name|c|", "c"},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char cmdline[64];
		char value[IDENTITY_PATH_MAX] = "none";
		size_t len = unpack(cases[i].cmdline, cmdline);

		assert_int_equal(identity_option(cmdline, len, "name", value),
				 cases[i].value != NULL);
		if (cases[i].value)
			assert_string_equal(value, cases[i].value);
	}
}

static void nodes_are_read(void **state)
{
	struct nodes nodes;

	(void)state;
	assert_null(nodes_parse(" n1 n2=10.0.0.2,\tdb-3.example=2001:db8::3 ", &nodes));
	assert_int_equal(nodes.count, 3);
	assert_string_equal(nodes.list[0].name, "n1");
	assert_string_equal(nodes.list[0].address, "");
	assert_string_equal(nodes.list[1].address, "10.0.0.2");
	assert_string_equal(nodes.list[2].name, "db-3.example");
	assert_string_equal(nodes.list[2].address, "2001:db8::3");
	assert_int_equal(nodes_find(&nodes, "n2"), 1);
	assert_int_equal(nodes_find(&nodes, "n"), 3);
	assert_true(nodes_add(&nodes, "n4"));
	assert_false(nodes_add(&nodes, "n4"));
	assert_false(nodes_add(&nodes, "a b"));
	assert_int_equal(nodes.count, 4);
	assert_null(nodes_parse("", &nodes));
	assert_int_equal(nodes.count, 0);
}

static void wrong_nodes_are_refused(void **state)
{
	static const char *const wrong[] = {"n1 n1", "n1=", "=x",     "n1=a=b", "a;b",
					    "-a",    "a:b", "n=-1.2", "a\"b",	"n=a/b"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_non_null(nodes_check(wrong[i]));
}

static void the_first_error_is_the_reason(void **state)
{
	static const struct {
		const char *log;
		const char *reason;
	} cases[] = {
		{"", ""},
		{"2026-11-27  6:53:28 0 [Note] all is well\n", ""},
		{"x 0 [ERROR] Can't start server: Bind on TCP/IP port: Address already in use\n"
		 "x 0 [ERROR] Do you already have another server running on port: 3306 ?\n"
		 "x 0 [ERROR] Aborting\n",
		 "Can't start server: Bind on TCP/IP port: Address already in use"},
		{"x [ERROR] Aborting\nx [ERROR] unknown variable 'a=1'\nx [ERROR] Aborting",
		 "unknown variable 'a=1'"},
		{"x [ERROR] Aborting\n", "Aborting"},
		{"t 1 [ERROR] [MY-010457] [Server] --initialize specified but\n",
		 "--initialize specified but"},
		{"FATAL ERROR: Could not find ./bin/my_print_defaults\n",
		 "Could not find ./bin/my_print_defaults"},
		{"[ERROR] [", "["},
		{"[ERROR] a\tb\r\n", "a b "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char reason[128];

		mysql_log_pick(cases[i].log, reason, sizeof(reason));
		assert_string_equal(reason, cases[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_are_told_apart),
		cmocka_unit_test(an_unknown_data_directory_is_no_folder),
		cmocka_unit_test(options_are_found),
		cmocka_unit_test(nodes_are_read),
		cmocka_unit_test(wrong_nodes_are_refused),
		cmocka_unit_test(the_first_error_is_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
