/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connecting and asking for the status: each result that the calls document. */
#include "mysql_fixture.h"

static void test_targets(void **state)
{
	static const struct haops_mysql_target bad[] = {
		{.socket = NULL},
		{.socket = "/s", .host = "h"},
		{.socket = ""},
		{.host = ""},
		{.host = "h", .port = 65536},
		{.socket = "/s", .port = 3306},
		{.socket = "/s", .needs_tls = true},
		{.host = "h", .cert = "/c"},
		{.host = "h", .key = "/k"},
		{.host = "h", .user = ""},
		{.host = "h", .ca = ""},
	};
	struct haops_mysql *mysql = NULL;
	struct haops_mysql_target target = {.host = "h"};
	char overlong[2000];
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(haops_mysql_connect(f.ctx, &bad[i], in(&f, 0), &mysql), -EINVAL);
	memset(overlong, 'a', sizeof(overlong));
	overlong[sizeof(overlong) - 1] = '\0';
	target.password = overlong;
	assert_int_equal(haops_mysql_connect(f.ctx, &target, in(&f, 0), &mysql), -EINVAL);
	target.host = overlong;
	assert_int_equal(haops_mysql_connect(f.ctx, &target, in(&f, 0), &mysql), -EINVAL);
	assert_int_equal(haops_mysql_connect(NULL, &target, 0, &mysql), -EINVAL);
	assert_int_equal(haops_mysql_connect(f.ctx, NULL, 0, &mysql), -EINVAL);
	assert_int_equal(haops_mysql_connect(f.ctx, &target, 0, NULL), -EINVAL);
	assert_null(mysql);
	assert_null(haops_mysql_close(NULL));
	assert_null(haops_mysql_server(NULL));
	end(&f);
}

static void test_refused_connections(void **state)
{
	static const struct {
		int result;
		unsigned int code;
		const char *text;
		int expected;
	} cases[] = {
		{-ETIMEDOUT, 2013, "Lost connection", -ETIMEDOUT},
		{-ENOMEM, 0, "", -ENOMEM},
		{-EIO, 2002, "Can't connect ... socket '/run/x (9)' (2)", -ECONNREFUSED},
		{-EIO, 2002, "Can't connect to server on 'h' (111)", -ECONNREFUSED},
		{-EIO, 2003, "Can't connect to server on 'h' (113)", -ETIMEDOUT},
		{-EIO, 2003, "Can't connect to server on 'h' (110)", -ETIMEDOUT},
		{-EIO, 2002, "Can't connect ... socket '/run/x' (13)", -EACCES},
		{-EIO, 2002, "Can't connect", -EIO},
		{-EIO, 2005, "Unknown server host 'x' (-2)", -EIO},
		{-EIO, 2013, "Lost connection", -EIO},
		{-EIO, 2026, "TLS/SSL error", -EIO},
		{-EIO, 1045, "Access denied for user 'x'@'y'", -EACCES},
		{-EIO, 1698, "Access denied for user 'x'@'y'", -EACCES},
		{-EIO, 1130, "Host 'y' is not allowed to connect", -EACCES},
		{-EIO, 2059, "Authentication plugin cannot be loaded", -EACCES},
		{-EIO, 4151, "Access denied, this account is locked", -EACCES},
		{-EIO, 1040, "Too many connections", -EUSERS},
		{-EIO, 1203, "User x already has more than ...", -EUSERS},
		{-EIO, 1053, "Server shutdown in progress", -ECONNREFUSED},
	};
	const struct haops_mysql_target target = {.host = "::1", .password = SECRET};
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_mysql *mysql = NULL;

		f.fake.connect_result = cases[i].result;
		f.fake.connect_code = cases[i].code;
		f.fake.connect_text = cases[i].text;
		assert_int_equal(session_connect(f.ctx, &boundary_fake, &target, in(&f, 100),
						 &mysql),
				 cases[i].expected);
		assert_null(mysql);
		assert_says(&f, "[::1]:3306");
	}
	end(&f);
}

static void test_strange_servers(void **state)
{
	static const char *const versions[] = {"", "hello", "10", "10.x.1", "999.1.1", "8.0."};
	const struct haops_mysql_target target = {.host = "h", .port = 3307};
	struct haops_mysql *mysql = NULL;
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		f.fake.version = versions[i];
		assert_int_equal(session_connect(f.ctx, &boundary_fake, &target, in(&f, 100),
						 &mysql),
				 -EIO);
		assert_says(&f, "h:3307");
	}
	f.fake.version = MARIADB;
	f.fake.refused = "SET SESSION";
	f.fake.refused_code = 1820;
	assert_int_equal(session_connect(f.ctx, &boundary_fake, &target, in(&f, 100), &mysql),
			 -EACCES);
	end(&f);
}

static void test_server(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "5.5.5-10.6.21-MariaDB-log");
	assert_int_equal(haops_mysql_server(f.mysql)->flavor, HAOPS_MYSQL_MARIADB);
	assert_int_equal(haops_mysql_server(f.mysql)->version, 100621);
	assert_string_equal(haops_mysql_server(f.mysql)->text, "10.6.21-MariaDB-log");
	end(&f);
}

/* Status */

static void test_status_codes(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(ask(&f), 0);
	assert_int_equal(haops_mysql_get_status(NULL, 0, NULL), -EINVAL);
	assert_int_equal(haops_mysql_get_status(f.mysql, 0, NULL), -EINVAL);
	f.fake.refused = "SHOW ALL SLAVES STATUS";
	f.fake.refused_code = 1227;
	assert_int_equal(ask(&f), -EACCES);
	f.fake.refused_code = 1105;
	assert_int_equal(ask(&f), -EIO);
	f.fake.refused = NULL;
	receive(&f, "what?");
	assert_int_equal(ask(&f), -EPROTO);
	receive(&f, "");
	f.fake.receiver.state = "Perhaps";
	assert_int_equal(ask(&f), -EPROTO);
	f.fake.receiver.state = "Yes";
	f.fake.is_slow = true;
	assert_int_equal(haops_mysql_get_status(f.mysql, in(&f, 150),
						&(struct haops_mysql_status){0}),
			 -ETIMEDOUT);
	assert_int_equal(ask(&f), -EIO);
	assert_says(&f, "connect again");
	end(&f);
}

static void test_status_of_the_old(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "10.4.30-MariaDB");
	assert_int_equal(ask(&f), -ENOTSUP);
	assert_string_equal(f.fake.told, "");
	end(&f);
	begin(&f, "5.6.51");
	assert_int_equal(ask(&f), -ENOTSUP);
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 100), NULL), -EIO);
	end(&f);
	begin(&f, "8.0.36");
	f.fake.gtid_mode = "ON_PERMISSIVE";
	assert_int_equal(ask(&f), -ENOTSUP);
	assert_says(&f, "gtid_mode is ON_PERMISSIVE");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),		cmocka_unit_test(test_refused_connections),
		cmocka_unit_test(test_strange_servers), cmocka_unit_test(test_server),
		cmocka_unit_test(test_status_codes),	cmocka_unit_test(test_status_of_the_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
