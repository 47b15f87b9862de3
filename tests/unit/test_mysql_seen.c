/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two looks at a server in its place have in common, and which looks count. */
#include "seen.h"
#include "unit.h"

#include <stdio.h>

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

/* Whether two looks at a server are one to it. */
static bool is_same(const struct haops_mysql_status *a, const char *logged_a,
		    const struct haops_mysql_status *b, const char *logged_b)
{
	struct seen seen_a, seen_b;

	assert_true(seen_describe(a, logged_a, &seen_a));
	return seen_describe(b, logged_b, &seen_b) && strcmp(seen_a.place, seen_b.place) == 0;
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

static void trouble_is_no_place(void **state)
{
	struct haops_mysql_status s = replica;
	struct seen seen;

	(void)state;
	s.applier = HAOPS_MYSQL_STOPPED;
	assert_false(seen_describe(&s, "", &seen));
	s = replica;
	s.receiver = HAOPS_MYSQL_CONNECTING;
	assert_false(seen_describe(&s, "", &seen));
	s = replica;
	s.lag_s = SEEN_LAG_S + 1;
	assert_false(seen_describe(&s, "", &seen));
	s.lag_s = -1;
	assert_false(seen_describe(&s, "", &seen));
	s = replica;
	s.delay_s = 10;
	assert_false(seen_describe(&s, "", &seen));
	s = primary;
	s.is_replica = true;
	assert_false(seen_describe(&s, "", &seen));
	s = replica;
	s.server.flavor = HAOPS_MYSQL_MYSQL;
	assert_false(seen_describe(&s, "", &seen));
}

static void role_and_commits_are_told(void **state)
{
	struct haops_mysql_status s = primary;
	struct seen seen;

	(void)state;
	s.waiting = 3;
	assert_true(seen_describe(&s, "0-1-100", &seen));
	assert_int_equal(seen.place[0], 'P');
	assert_int_equal(seen.waiting, 3);
	assert_int_equal(seen.acked, 100);
	assert_true(seen_describe(&replica, "0-1-100", &seen));
	assert_int_equal(seen.place[0], 'R');
}

static void old_look_is_none(void **state)
{
	struct seen seen = {.at_ms = 20000, .login_ms = 19000};

	(void)state;
	assert_true(seen_is_fresh(&seen, 20000));
	assert_true(seen_is_fresh(&seen, 20000 + SEEN_MS - 1));
	assert_false(seen_is_fresh(&seen, 20000 + SEEN_MS));
	/* Of before the machine was started anew. */
	assert_false(seen_is_fresh(&seen, 19999));
	seen.login_ms = 20000 - SEEN_LOGIN_MS;
	assert_false(seen_is_fresh(&seen, 20000));
	seen.login_ms = 20001;
	assert_false(seen_is_fresh(&seen, 20000));
}

static void text_is_read_back(void **state)
{
	const struct seen seen = {.at_ms = 123456789,
				  .login_ms = 123450000,
				  .waiting = 7,
				  .acked = UINT64_MAX,
				  .place = "R 1 2 00 0 host:3306 0-3-7;"};
	struct seen found = {.at_ms = 0};
	char text[SEEN_TEXT_MAX];

	(void)state;
	(void)seen_format(&seen, text, sizeof(text));
	assert_true(seen_parse(text, &found));
	assert_memory_equal(&found, &seen, offsetof(struct seen, place));
	assert_string_equal(found.place, seen.place);
	/* Half of it, as after a power loss. */
	text[10] = '\0';
	assert_false(seen_parse(text, &found));
	assert_false(seen_parse("", &found));
	assert_false(seen_parse("1 2 3\nP", &found));
	assert_false(seen_parse("x 2 3 4\nP", &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_is_calm),
		cmocka_unit_test(row_of_its_own_is_seen),
		cmocka_unit_test(changes_are_seen),
		cmocka_unit_test(trouble_is_no_place),
		cmocka_unit_test(role_and_commits_are_told),
		cmocka_unit_test(old_look_is_none),
		cmocka_unit_test(text_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
