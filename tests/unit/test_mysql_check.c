/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single questions to a server, each result that they document, from a boundary that answers by a
 * script; and when there is nothing to apply. */
#include "mysql_fixture.h"

static int query_result;
static unsigned int query_code;
static const char *variable[2]; /* name and value of the one row */
static char last[512];

static int scripted_connect(struct haops_ctx *ctx, const struct haops_mysql_target *target,
			    int64_t deadline_ms, struct link **ret_link, struct answer *ret_answer)
{
	(void)ctx;
	(void)target;
	(void)deadline_ms;
	(void)ret_answer;
	*ret_link = (struct link *)last;
	return 0;
}

static int scripted_query(struct link *link, const char *statement, int64_t deadline_ms,
			  struct answer *answer)
{
	(void)link;
	(void)deadline_ms;
	(void)snprintf(last, sizeof(last), "%s", statement);
	if (strncmp(statement, "SET ", 4) == 0)
		return 0;
	if (query_code)
		answer_set_error(answer, query_code, "as the script says");
	if (query_result < 0 || query_code || !variable[0])
		return query_result;
	assert_int_equal(answer_set_columns(answer, 2), 0);
	assert_int_equal(answer_set_name(answer, 0, "Variable_name"), 0);
	assert_int_equal(answer_set_name(answer, 1, "Value"), 0);
	assert_int_equal(answer_add_row(answer), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(answer_set_cell(answer, i, variable[i], strlen(variable[i])), 0);
	return 0;
}

static const char *scripted_text(const struct link *link)
{
	(void)link;
	return MARIADB;
}

static void scripted_close(struct link *link)
{
	(void)link;
}

static const struct boundary scripted = {.connect = scripted_connect,
					 .query = scripted_query,
					 .server_text = scripted_text,
					 .close = scripted_close};

static struct haops_mysql *connect_to_script(struct haops_ctx *ctx)
{
	const struct haops_mysql_target target = {.host = "h"};
	struct haops_mysql *mysql = NULL;

	query_result = 0;
	query_code = 0;
	variable[0] = NULL;
	assert_int_equal(session_connect(ctx, &scripted, &target, haops_deadline_after(ctx, 1000),
					 &mysql),
			 0);
	return mysql;
}

static void a_statement_is_served(void **state)
{
	static const struct {
		int result;
		unsigned int code;
		int expected;
	} cases[] = {{0, 0, 0},		 {0, 1146, -ENOENT}, {0, 1049, -ENOENT},
		     {0, 1142, -EACCES}, {0, 1064, -EIO},    {-ETIMEDOUT, 0, -ETIMEDOUT},
		     {-EIO, 2013, -EIO}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_mysql *mysql = connect_to_script(*state);

		query_result = cases[i].result;
		query_code = cases[i].code;
		assert_int_equal(haops_mysql_check(mysql, "d-1.t", haops_deadline_after(*state, 9)),
				 cases[i].expected);
		assert_string_equal(last, "SELECT 1 FROM `d-1`.`t` LIMIT 1");
		haops_mysql_close(mysql);
	}
}

static void what_is_no_table_is_not_asked_for(void **state)
{
	static const char *const wrong[] = {"t", ".t", "d.", "d.t.u", "d.`t`", "d`.t", "d.\nt"};
	struct haops_mysql *mysql = connect_to_script(*state);

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(haops_mysql_check(mysql, wrong[i], 0), -EINVAL);
	assert_int_equal(haops_mysql_check(mysql, NULL, haops_deadline_after(*state, 9)), 0);
	assert_string_equal(last, "SELECT 1");
	assert_int_equal(haops_mysql_check(NULL, NULL, 0), -EINVAL);
	haops_mysql_close(mysql);
}

static void settings_are_read(void **state)
{
	struct haops_mysql *mysql = connect_to_script(*state);
	char *value = NULL;

	variable[0] = "sync_binlog";
	variable[1] = "1";
	assert_int_equal(haops_mysql_get_setting(mysql, "sync_binlog",
						 haops_deadline_after(*state, 9), &value),
			 0);
	assert_string_equal(value, "1");
	assert_string_equal(last, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'sync_binlog'");
	free(value);
	variable[0] = NULL;
	assert_int_equal(haops_mysql_get_setting(mysql, "nothing", haops_deadline_after(*state, 9),
						 &value),
			 -ENOENT);
	assert_int_equal(haops_mysql_get_setting(mysql, "a'b", 0, &value), -EINVAL);
	assert_int_equal(haops_mysql_get_setting(mysql, "", 0, &value), -EINVAL);
	assert_int_equal(haops_mysql_get_setting(mysql, "a", 0, NULL), -EINVAL);
	assert_int_equal(haops_mysql_get_setting(NULL, "a", 0, &value), -EINVAL);
	query_result = -ETIMEDOUT;
	assert_int_equal(haops_mysql_get_setting(mysql, "a", haops_deadline_after(*state, 9),
						 &value),
			 -ETIMEDOUT);
	haops_mysql_close(mysql);
}

static void nothing_is_left(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(haops_mysql_apply_left(NULL, 0), -EINVAL);
	begin(&f, MARIADB);
	assert_int_equal(haops_mysql_apply_left(f.mysql, in(&f, 1000)), 0);
	f.fake.sources = 0;
	assert_int_equal(haops_mysql_apply_left(f.mysql, in(&f, 1000)), 0);
	assert_string_equal(fake_mysql_changes(&f.fake), "");
	end(&f);
	begin(&f, MYSQL);
	assert_int_equal(haops_mysql_apply_left(f.mysql, in(&f, 1000)), 0);
	assert_string_equal(fake_mysql_changes(&f.fake), "");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(a_statement_is_served),
		TEST_CTX(what_is_no_table_is_not_asked_for),
		TEST_CTX(settings_are_read),
		TEST_CTX(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
