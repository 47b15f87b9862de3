/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a monitor may rest, and what ends that. */
#include "mysql/calm.h"
#include "unit.h"

static const struct haops_mysql_status replica = {.server = {.flavor = HAOPS_MYSQL_MARIADB},
						  .server_id = 3,
						  .instance = 1700000000,
						  .is_read_only = true,
						  .is_replica = true,
						  .source_count = 1,
						  .source_host = "10.77.0.11",
						  .source_port = 3306,
						  .receiver = HAOPS_MYSQL_RUNNING,
						  .applier = HAOPS_MYSQL_RUNNING,
						  .uses_gtid = true,
						  .acks = true};
static const struct haops_mysql_status primary = {.server = {.flavor = HAOPS_MYSQL_MARIADB},
						  .server_id = 1,
						  .instance = 1700000000,
						  .is_writable = true,
						  .waits_for_ack = true,
						  .ackers = 2,
						  .acked = 100};

static bool describe(const struct haops_mysql_status *status, const char *logged,
		     char text[CALM_MAX])
{
	const struct calm_view view = {.executor = {10, 100},
				       .server = {20, 200},
				       .cib = {.inode = 5, .at_ns = 6},
				       .status = status,
				       .logged = logged};

	return calm_describe(&view, text);
}

/* Whether two sights of a replica are one to it. */
static bool is_same(const struct haops_mysql_status *a, const char *logged_a,
		    const struct haops_mysql_status *b, const char *logged_b)
{
	char text_a[CALM_MAX], text_b[CALM_MAX];

	assert_true(describe(a, logged_a, text_a));
	return describe(b, logged_b, text_b) && strcmp(text_a, text_b) == 0;
}

static void progress_is_calm(void **state)
{
	(void)state;
	assert_true(is_same(&replica, "0-1-100,0-3-7", &replica, "0-1-200,0-3-7"));
	assert_true(is_same(&primary, "0-1-100", &primary, "0-1-200"));
}

static void row_of_its_own_is_seen(void **state)
{
	(void)state;
	assert_false(is_same(&replica, "0-1-100,0-3-7", &replica, "0-1-100,0-3-8"));
	assert_false(is_same(&replica, "0-1-100", &replica, "0-1-100,0-3-101"));
	/* Another server's number that ends or begins alike is none of it. */
	assert_true(is_same(&replica, "0-13-1,0-31-1", &replica, "0-13-2,0-31-2"));
	assert_true(is_same(&replica, "0-1-3", &replica, "0-1-4"));
}

static void changes_are_seen(void **state)
{
	struct haops_mysql_status s = replica;

	(void)state;
	s.acks = false;
	assert_false(is_same(&replica, "", &s, ""));
	s = replica;
	s.instance++;
	assert_false(is_same(&replica, "", &s, ""));
	s = replica;
	(void)snprintf(s.source_host, sizeof(s.source_host), "10.77.0.12");
	assert_false(is_same(&replica, "", &s, ""));
	s = primary;
	s.ackers = 1;
	assert_false(is_same(&primary, "", &s, ""));
	s = primary;
	s.waits_for_ack = false;
	assert_false(is_same(&primary, "", &s, ""));
}

static void trouble_is_no_rest(void **state)
{
	struct haops_mysql_status s = replica;
	char text[CALM_MAX];

	(void)state;
	s.applier = HAOPS_MYSQL_STOPPED;
	assert_false(describe(&s, "", text));
	s = replica;
	s.receiver = HAOPS_MYSQL_CONNECTING;
	assert_false(describe(&s, "", text));
	s = replica;
	s.lag_s = CALM_LAG_S + 1;
	assert_false(describe(&s, "", text));
	s.lag_s = -1;
	assert_false(describe(&s, "", text));
	s = replica;
	s.delay_s = 10;
	assert_false(describe(&s, "", text));
	s = primary;
	s.is_replica = true;
	assert_false(describe(&s, "", text));
	s = replica;
	s.server.flavor = HAOPS_MYSQL_MYSQL;
	assert_false(describe(&s, "", text));
}

static void unknown_configuration_is_no_rest(void **state)
{
	const struct calm_view view = {.status = &replica, .logged = ""};
	char text[CALM_MAX];

	(void)state;
	assert_false(calm_describe(&view, text));
}

static void rest_ends(void **state)
{
	struct calm_note note = {.at_ms = 1000, .acked = 100, .text = "P 1"};
	struct haops_mysql_status s = primary;

	(void)state;
	assert_true(calm_lasts(&note, "P 1", &s, 1000));
	assert_true(calm_lasts(&note, "P 1", &s, 1000 + CALM_MS - 1));
	assert_false(calm_lasts(&note, "P 1", &s, 1000 + CALM_MS));
	assert_false(calm_lasts(&note, "P 1", &s, 999));
	assert_false(calm_lasts(&note, "P 2", &s, 1001));
	s.waiting = 3;
	assert_false(calm_lasts(&note, "P 1", &s, 1001));
	s.acked = 101;
	assert_true(calm_lasts(&note, "P 1", &s, 1001));
}

static void note_is_read_back(void **state)
{
	const struct calm_note note = {.at_ms = 123456789, .acked = 42, .text = "R 1/2 3/4 x y"};
	struct calm_note found = {.at_ms = 0};
	char text[CALM_MAX + 64];

	(void)state;
	(void)calm_format(&note, text, sizeof(text));
	assert_true(calm_parse(text, &found));
	assert_int_equal(found.at_ms, note.at_ms);
	assert_int_equal(found.acked, note.acked);
	assert_string_equal(found.text, note.text);
	assert_false(calm_parse("", &found));
	assert_false(calm_parse("12 13", &found));
	assert_false(calm_parse("x 1\ntext", &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_is_calm),
		cmocka_unit_test(row_of_its_own_is_seen),
		cmocka_unit_test(changes_are_seen),
		cmocka_unit_test(trouble_is_no_rest),
		cmocka_unit_test(unknown_configuration_is_no_rest),
		cmocka_unit_test(rest_ends),
		cmocka_unit_test(note_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
