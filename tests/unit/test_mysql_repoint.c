/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each result that repoint documents, from servers in the state that leads to it. */
#include "mysql_fixture.h"

static int repoint(struct fixture *f)
{
	const struct haops_mysql_source source = {.host = "db2",
						  .user = "repl",
						  .password = SECRET};

	return haops_mysql_repoint(f->mysql, &source, in(f, 3000));
}

static void test_repoint_arguments(void **state)
{
	static const struct haops_mysql_source bad[] = {
		{.user = "u"},
		{.host = "h"},
		{.host = "", .user = "u"},
		{.host = "h\n", .user = "u"},
		{.host = "h", .user = "u", .password = SECRET "\x01"},
		{.host = "h", .user = "u", .port = 70000},
	};
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(haops_mysql_repoint(f.mysql, &bad[i], in(&f, 100)), -EINVAL);
	assert_int_equal(haops_mysql_repoint(f.mysql, NULL, 0), -EINVAL);
	assert_int_equal(haops_mysql_repoint(NULL, &bad[0], 0), -EINVAL);
	end(&f);
}

static void test_repoint_refuses(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	f.fake.is_read_only = false;
	assert_int_equal(repoint(&f), -EPERM);
	f.fake.is_read_only = true;
	f.fake.sources = 2;
	assert_int_equal(repoint(&f), -EIO);
	f.fake.sources = 0;
	f.fake.waits = true;
	f.fake.waiting_sessions = 1;
	assert_int_equal(repoint(&f), -EPERM);
	assert_int_equal(f.fake.statement_count, 0);
	f.fake.waiting_sessions = 0;
	f.fake.refused = "CHANGE MASTER";
	f.fake.refused_code = 1470;
	assert_int_equal(repoint(&f), -EIO);
	assert_says(&f, "MASTER_HOST='db2', MASTER_PORT=3306, ...: error 1470");
	f.fake.refused_code = 1227;
	assert_int_equal(repoint(&f), -EIO);
	end(&f);
}

static void test_repoint_outcomes(void **state)
{
	static const struct {
		struct fake_thread receiver;
		struct fake_thread applier;
		int expected;
	} cases[] = {
		{{"No", 1236, "requested to start from GTID 0-2-2, which is not in ..."},
		 {.state = "Yes"},
		 -ESTALE},
		{{"No", 1236, "Could not find GTID state requested by slave in any binlog"},
		 {.state = "Yes"},
		 -ESTALE},
		{{"No", 13114, "Cannot replicate because the source purged required ..."},
		 {.state = "Yes"},
		 -ESTALE},
		{{"No", 1236, "A slave with the same server_uuid/server_id has connected"},
		 {.state = "Yes"},
		 -EIO},
		{{"No", 1236, "log event entry exceeded max_allowed_packet"},
		 {.state = "Yes"},
		 -EIO},
		{{"No", 1593, "equal MySQL server ids"}, {.state = "Yes"}, -EIO},
		{{"Connecting", 1045, "Access denied"}, {.state = "Yes"}, -EACCES},
		{{"No", 1597, "COM_REGISTER_SLAVE failed: Access denied; you need"},
		 {.state = "Yes"},
		 -EACCES},
		{{"Connecting", 2003, "Can't connect"}, {.state = "Yes"}, -ECONNREFUSED},
		{{"Connecting", 0, NULL}, {.state = "Yes"}, -ECONNREFUSED},
		{{.state = "Yes"}, {"No", 1062, "Duplicate entry"}, -EBADMSG},
		{{.state = "Yes"}, {"No", 1950, "out of order"}, -ESTALE},
		{{.state = "Yes"}, {"No", 0, NULL}, -ETIMEDOUT},
		{{"No", 0, NULL}, {.state = "Yes"}, -ETIMEDOUT},
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		begin(&f, MARIADB);
		f.fake.started_receiver = cases[i].receiver;
		f.fake.started_applier = cases[i].applier;
		assert_int_equal(repoint(&f), cases[i].expected);
		end(&f);
	}
}

/* Success at once, also from the same host: but not before the source sent something. */
static void test_repoint_again(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	(void)snprintf(f.fake.source_host, sizeof(f.fake.source_host), "db2");
	assert_int_equal(repoint(&f), 0);
	assert_int_equal(f.fake.statement_count, 0);
	f.fake.source_file[0] = '\0';
	assert_int_equal(repoint(&f), 0);
	assert_int_equal(f.fake.statement_count, 3);
	end(&f);
}

static void test_repoint_tls(void **state)
{
	const struct haops_mysql_source source = {.host = "db2",
						  .user = "repl",
						  .needs_tls = true,
						  .ca = "/ca",
						  .cert = "/cert",
						  .key = "/key",
						  .connect_retry_s = 3};
	struct fixture f;

	(void)state;
	begin(&f, MYSQL);
	assert_int_equal(haops_mysql_repoint(f.mysql, &source, in(&f, 900)), 0);
	assert_string_equal(f.fake.statements[1],
			    "CHANGE REPLICATION SOURCE TO SOURCE_HOST='db2', SOURCE_PORT=3306, "
			    "SOURCE_USER='repl', SOURCE_PASSWORD='', SOURCE_CONNECT_RETRY=3, "
			    "SOURCE_SSL=1, SOURCE_SSL_CA='/ca', SOURCE_SSL_CERT='/cert', "
			    "SOURCE_SSL_KEY='/key', SOURCE_SSL_VERIFY_SERVER_CERT=1, "
			    "SOURCE_AUTO_POSITION=1");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repoint_arguments), cmocka_unit_test(test_repoint_refuses),
		cmocka_unit_test(test_repoint_outcomes),  cmocka_unit_test(test_repoint_again),
		cmocka_unit_test(test_repoint_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
