/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small pure parts: rows, versions, the relay log, sessions, the words of a new source. */
#include "change.h"
#include "dialect.h"
#include "mysql_recorded.h"
#include "mysql_rows.h"
#include "relay.h"
#include "sessions.h"
#include "text.h"

static void test_rows(void **state)
{
	struct answer answer = {0};

	(void)state;
	rows_fill(&answer, "Name\tValue\na\tNULL\nb\t\nc\tsome text\n");
	assert_int_equal(answer.row_count, 3);
	assert_null(answer_get(&answer, 0, "value", NULL));
	assert_string_equal(answer_get(&answer, 1, "Wert", "Value"), "");
	assert_null(answer_get(&answer, 1, "Wert", NULL));
	assert_null(answer_get(&answer, 3, "Value", NULL));
	assert_string_equal(answer_variable(&answer, "C"), "some text");
	assert_null(answer_variable(&answer, "d"));
	answer_done(&answer);
	assert_int_equal(answer.row_count, 0);
	answer_done(&answer);
}

static void test_bounds(void **state)
{
	static char overlong[ANSWER_CELL_MAX + 2];
	struct answer answer = {0};

	(void)state;
	memset(overlong, 'a', sizeof(overlong) - 1);
	assert_int_equal(answer_set_columns(&answer, ANSWER_COLUMNS_MAX + 1), -EMSGSIZE);
	assert_int_equal(answer_set_columns(&answer, 1), 0);
	assert_int_equal(answer_set_name(&answer, 0, overlong), -EMSGSIZE);
	assert_int_equal(answer_set_name(&answer, 0, "x"), 0);
	assert_int_equal(answer_add_row(&answer), 0);
	assert_int_equal(answer_set_cell(&answer, 0, overlong, sizeof(overlong) - 1), -EMSGSIZE);
	assert_int_equal(answer_set_cell(&answer, 0, overlong, ANSWER_CELL_MAX), 0);
	answer.bytes = ANSWER_BYTES_MAX;
	assert_int_equal(answer_add_row(&answer), 0);
	assert_int_equal(answer_set_cell(&answer, 0, "x", 1), -EMSGSIZE);
	answer_done(&answer);
	assert_int_equal(answer_set_columns(&answer, 1), 0);
	for (size_t i = 0; i < ANSWER_ROWS_MAX; i++)
		assert_int_equal(answer_add_row(&answer), 0);
	assert_int_equal(answer_add_row(&answer), -EMSGSIZE);
	answer_done(&answer);
	answer_set_error(&answer, 1064, overlong);
	assert_int_equal(strlen(answer.text), HAOPS_MYSQL_ERROR_MAX - 1);
}

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		enum haops_mysql_flavor flavor;
		unsigned int version;
		const char *dialect;
	} cases[] = {
		{"5.5.5-10.11.19-MariaDB-0+deb12u1-log", HAOPS_MYSQL_MARIADB, 101119, "MariaDB"},
		{"10.5.0-MariaDB", HAOPS_MYSQL_MARIADB, 100500, "MariaDB"},
		{"11.8.2-MariaDB-ubu2404", HAOPS_MYSQL_MARIADB, 110802, "MariaDB"},
		{"10.6.12-8-mariadb-enterprise", HAOPS_MYSQL_MARIADB, 100612, "MariaDB"},
		{"10.4.32-MariaDB", HAOPS_MYSQL_MARIADB, 100432, NULL},
		{"5.6.51", HAOPS_MYSQL_MYSQL, 50651, NULL},
		{"5.7.44-log", HAOPS_MYSQL_MYSQL, 50744, "MySQL 5.7"},
		{"8.0.20", HAOPS_MYSQL_MYSQL, 80020, "MySQL 8.0"},
		{"8.0.22", HAOPS_MYSQL_MYSQL, 80022, "MySQL 8.0.22"},
		{"8.0.36-28", HAOPS_MYSQL_MYSQL, 80036, "MySQL 8.0.23"},
		{"8.4.0", HAOPS_MYSQL_MYSQL, 80400, "MySQL 8.0.23"},
		{"9.1.0-commercial", HAOPS_MYSQL_MYSQL, 90100, "MySQL 8.0.23"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct dialect *dialect;
		struct haops_mysql_identity server;

		assert_true(dialect_parse_server(cases[i].text, &server));
		assert_int_equal(server.flavor, cases[i].flavor);
		assert_int_equal(server.version, cases[i].version);
		dialect = dialect_find(&server);
		assert_int_equal(!dialect, !cases[i].dialect);
		if (dialect)
			assert_string_equal(dialect->name, cases[i].dialect);
	}
}

/* The relay log */

static const char *relay_of(const char *const *pages, size_t count, struct relay *relay)
{
	static char text[RELAY_TEXT_MAX];
	const struct answer none = {.code = 1220,
				    .text = "Error when executing command SHOW BINLOG EVENTS: "
					    "Could not find target log"};

	relay_begin(relay, "relay.000002", "1051");
	for (size_t i = 0; i < count && !relay->is_ended; i++) {
		struct answer answer = {0};

		rows_fill(&answer, pages[i]);
		relay_take(relay, &answer);
		answer_done(&answer);
	}
	while (!relay->is_ended)
		relay_take(relay, &none);
	relay_text(relay, text);
	return text;
}

static void test_relay_recorded(void **state)
{
	const char *const pages[] = {mariadb_relay_1, mariadb_relay_2};
	struct relay relay;

	(void)state;
	assert_string_equal(relay_of(pages, 2, &relay), "0-1-3");
	assert_false(relay.is_unknown);
	assert_string_equal(relay.file, "relay.000004");
	assert_string_equal(relay_of(pages, 0, &relay), "");
	relay_begin(&relay, "", "");
	assert_true(relay.is_ended);
	assert_false(relay.is_unknown);
}

#define EVENTS(rows) "Log_name\tPos\tEvent_type\tInfo\n" rows

static void test_relay_groups(void **state)
{
	static const struct {
		const char *events;
		const char *expected;
	} cases[] = {
		{EVENTS("r\t1\tGtid\tBEGIN GTID 0-1-4\nr\t2\tWrite_rows_v1\t\nr\t3\tXid\tCOMMIT\n"),
		 "0-1-4"},
		/* without its end it is none */
		{EVENTS("r\t1\tGtid\tBEGIN GTID 0-1-4\nr\t2\tWrite_rows_v1\t\n"), ""},
		{EVENTS("r\t1\tGtid\tBEGIN GTID 0-1-4 cid=7\nr\t2\tQuery\tINSERT ...\n"), ""},
		{EVENTS("r\t1\tGtid\tBEGIN GTID 0-1-4\nr\t2\tQuery\tCOMMIT\n"), "0-1-4"},
		{EVENTS("r\t1\tGtid\tGTID 0-1-4\nr\t2\tQuery\tCREATE TABLE t (i INT)\n"), "0-1-4"},
		{EVENTS("r\t1\tGtid\tGTID 0-1-4\n"), ""},
		/* the last of each pair */
		{EVENTS("r\t1\tGtid\tGTID 0-1-4\nr\t2\tQuery\tx\nr\t3\tGtid\tGTID 0-1-5\n"
			"r\t4\tQuery\tx\nr\t5\tGtid\tGTID 3-2-1\nr\t6\tQuery\tx\n"),
		 "0-1-5,3-2-1"},
	};
	struct relay relay;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(relay_of(&cases[i].events, 1, &relay), cases[i].expected);
		assert_false(relay.is_unknown);
	}
}

static void test_relay_unknown(void **state)
{
	const char *const odd = EVENTS("r\t1\tGtid\tBEGIN GTID 0-1-\n");
	const struct answer broken = {.code = 1220, .text = "Wrong offset or I/O error"};
	const struct answer other = {.code = 1227, .text = "Access denied"};
	struct relay relay;

	(void)state;
	(void)relay_of(&odd, 1, &relay);
	assert_true(relay.is_unknown);
	relay_begin(&relay, "relay.000002", "4");
	relay_take(&relay, &broken);
	assert_true(relay.is_ended && relay.is_unknown);
	relay_begin(&relay, "relay.000002", "4");
	relay_take(&relay, &other);
	assert_true(relay.is_ended && relay.is_unknown);
	relay_begin(&relay, "relay", "4");
	relay_take(&relay, &(struct answer){0});
	assert_true(relay.is_ended && relay.is_unknown);
}

/* A page that is full is gone on with from its last event. */
static void test_relay_pages(void **state)
{
	static char text[65536];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", EVENTS(""));
	struct answer answer = {0};
	struct relay relay;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"r\t%d\tGtid\tGTID 0-1-%d\n", 1000 + i, 1 + i);
	rows_fill(&answer, text);
	relay_begin(&relay, "relay.000009", "1000");
	relay_take(&relay, &answer);
	assert_string_equal(relay.file, "relay.000009");
	assert_string_equal(relay.pos, "1999");
	while (!relay.is_ended)
		relay_take(&relay, &answer);
	assert_true(relay.is_unknown);
	answer_done(&answer);
}

/* Sessions */

static void test_sessions(void **state)
{
	struct answer answer = {0};
	struct sessions sessions;

	(void)state;
	rows_fill(&answer, "Id\tUser\tCommand\n"
			   "6\tsystem user\tSlave_IO\n7\tsystem user\tSlave_SQL\n"
			   "8\trepl\tBinlog Dump\n9\trepl\tBinlog Dump GTID\n"
			   "10\tevent_scheduler\tDaemon\n11\tapp\tSleep\n12\troot\tConnect\n"
			   "13\tunauthenticated user\tConnect\n14\tapp\tKilled\n15\troot\tQuery\n"
			   "18446744073709551615\tapp\tQuery\n");
	assert_int_equal(sessions_read(&answer, 15, 14, &sessions), 0);
	assert_int_equal(sessions.count, 4);
	assert_int_equal(sessions.ids[0], 11);
	assert_int_equal(sessions.ids[1], 12);
	assert_int_equal(sessions.ids[2], 13);
	assert_int_equal(sessions.ids[3], UINT64_MAX);
	assert_int_equal(sessions.highest, UINT64_MAX);
	assert_int_equal(sessions.last_old, 14);
	sessions_done(&sessions);
	assert_int_equal(sessions_read(&answer, 15, 10, &sessions), 0);
	assert_int_equal(sessions.last_old, 0);
	sessions_done(&sessions);
	answer_done(&answer);
	rows_fill(&answer, mariadb_sessions);
	assert_int_equal(sessions_read(&answer, 14, UINT64_MAX, &sessions), 0);
	assert_int_equal(sessions.count, 1);
	assert_int_equal(sessions.ids[0], 13);
	sessions_done(&sessions);
	answer_done(&answer);
	rows_fill(&answer, "Id\tUser\n-1\tapp\n");
	assert_int_equal(sessions_read(&answer, 14, UINT64_MAX, &sessions), -EPROTO);
	answer_done(&answer);
}

/* Texts */

static void test_merge(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		const char *expected;
	} cases[] = {
		{"", "", ""},
		{"0-1-5", "", "0-1-5"},
		{"", "0-1-5", "0-1-5"},
		{"0-1-100", "0-2-200", "0-2-200"},
		{"0-1-300", "0-2-200", "0-1-300"},
		{"0-1-1,2-1-9", "0-2-3, 7-1-18446744073709551615",
		 "0-2-3,2-1-9,7-1-18446744073709551615"},
	};
	static const char *const bad[] = {"x",	   "0-1", "0-1-", "0-1-2-3", "4294967296-1-1",
					  "0-1-1;"};
	char *merged = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(change_merge_positions(cases[i].first, cases[i].second, &merged),
				 0);
		assert_string_equal(merged, cases[i].expected);
		free(merged);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(change_merge_positions(bad[i], "", &merged), -EPROTO);
		assert_int_equal(change_merge_positions("", bad[i], &merged), -EPROTO);
	}
}

static void test_texts(void **state)
{
	uint64_t number = 0;
	char *text = text_quote("it's a \\'");

	(void)state;
	assert_string_equal(text, "it''s a \\''");
	text_free_secret(text);
	text_free_secret(NULL);
	assert_true(text_to_number("18446744073709551615", &number));
	assert_int_equal(number, UINT64_MAX);
	assert_false(text_to_number("18446744073709551616", &number));
	assert_false(text_to_number("", &number));
	assert_false(text_to_number("1 ", &number));
	assert_false(text_to_number("-1", &number));
	assert_false(text_to_number(NULL, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_versions),     cmocka_unit_test(test_relay_recorded),
		cmocka_unit_test(test_relay_groups), cmocka_unit_test(test_relay_unknown),
		cmocka_unit_test(test_relay_pages),  cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_merge),	     cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
