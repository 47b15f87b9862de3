/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schedule of announcements: when each round is due, what a late one leads to, and its text. */
#include "unit.h"

#include "arp-schedule.h"

#define FIRST 1000000
#define TO_30 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30"

static const struct haops_arp_schedule usual = {
	.burst_count = 5,
	.burst_interval_ms = 200,
	.later_s = {1, 2, 5, 15, 35, 60},
	.later_count = 6,
};

static void each_round_has_its_time(void **state)
{
	static const int64_t due_ms[] = {0,    200,  400,   600,   800,	 1000,
					 2000, 5000, 15000, 35000, 60000};

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(due_ms); i++)
		assert_int_equal(arp_schedule_next(&usual, FIRST, i), FIRST + due_ms[i]);
	assert_int_equal(arp_schedule_next(&usual, FIRST, 11), ARP_SCHEDULE_DONE);
	assert_int_equal(arp_schedule_next(&usual, FIRST, UINT32_MAX), ARP_SCHEDULE_DONE);
}

static void later_rounds_within_the_burst_are_part_of_it(void **state)
{
	const struct haops_arp_schedule slow = {
		.burst_count = 3,
		.burst_interval_ms = 1000,
		.later_s = {1, 2, 3},
		.later_count = 3,
	};

	(void)state;
	assert_int_equal(arp_schedule_next(&slow, FIRST, 2), FIRST + 2000);
	assert_int_equal(arp_schedule_next(&slow, FIRST, 3), FIRST + 3000);
	assert_int_equal(arp_schedule_next(&slow, FIRST, 4), ARP_SCHEDULE_DONE);
}

static void rounds_are_counted(void **state)
{
	const struct haops_arp_schedule at_once = {.burst_count = 3};

	(void)state;
	assert_int_equal(arp_schedule_advance(&usual, FIRST, FIRST, 0), 1);
	/* The burst is sent as a whole even if it is late. */
	assert_int_equal(arp_schedule_advance(&usual, FIRST, FIRST + 900, 1), 2);
	assert_int_equal(arp_schedule_advance(&at_once, FIRST, FIRST + 10, 0), 1);
	assert_int_equal(arp_schedule_advance(&at_once, FIRST, FIRST + 10, 1), 2);
	assert_int_equal(arp_schedule_advance(&at_once, FIRST, FIRST + 10, 2), 3);
	/* The last of the burst comes after the times of the first two later ones. */
	assert_int_equal(arp_schedule_advance(&usual, FIRST, FIRST + 2000, 4), 7);
	assert_int_equal(arp_schedule_advance(&usual, FIRST, FIRST + 1000, 5), 6);
	/* An hour late: one round, and the end. */
	assert_int_equal(arp_schedule_advance(&usual, FIRST, FIRST + 3600000, 5), 11);
	assert_int_equal(arp_schedule_next(&usual, FIRST, 11), ARP_SCHEDULE_DONE);
}

static void ranges(void **state)
{
	struct haops_arp_schedule schedule = usual;

	(void)state;
	assert_null(arp_schedule_check(&schedule));
	schedule.burst_count = 0;
	assert_non_null(arp_schedule_check(&schedule));
	schedule.burst_count = 1001;
	assert_non_null(arp_schedule_check(&schedule));
	schedule = usual;
	schedule.burst_interval_ms = 60001;
	assert_non_null(arp_schedule_check(&schedule));
	schedule = usual;
	schedule.later_count = HAOPS_ARP_SCHEDULE_MAX + 1;
	assert_non_null(arp_schedule_check(&schedule));
	schedule = usual;
	schedule.later_s[1] = 1;
	assert_non_null(arp_schedule_check(&schedule));
	schedule = usual;
	schedule.later_s[0] = 0;
	assert_non_null(arp_schedule_check(&schedule));
	schedule = usual;
	schedule.later_s[5] = 86401;
	assert_non_null(arp_schedule_check(&schedule));
}

struct text_case {
	const char *text;
	size_t count;
	uint32_t first;
	uint32_t last;
};

static void text_is_read(void **state)
{
	static const struct text_case cases[] = {
		{"1,2,5,15,35,60", 6, 1, 60},
		{"7", 1, 7, 7},
		{" 1 ,\t2, 86400 ", 3, 1, 86400},
		{"none", 0, 0, 0},
		{"", 0, 0, 0},
		{TO_30 ",31,32", 32, 1, 32},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_arp_schedule schedule = {.burst_count = 4, .later_count = 9};

		assert_int_equal(haops_arp_schedule_parse(*state, cases[i].text, &schedule), 0);
		assert_int_equal(schedule.burst_count, 4);
		assert_int_equal(schedule.later_count, cases[i].count);
		assert_null(arp_schedule_check(&schedule));
		if (cases[i].count == 0)
			continue;
		assert_int_equal(schedule.later_s[0], cases[i].first);
		assert_int_equal(schedule.later_s[cases[i].count - 1], cases[i].last);
	}
}

static void text_is_refused(void **state)
{
	static const char *const cases[] = {
		"0",
		"-1",
		"1,",
		",1",
		"1,,2",
		"2,1",
		"1,1",
		"1 2",
		"x",
		"1,x",
		"1.5",
		"1s",
		"86401",
		"99999999999999",
		"0000001,00000002",
		"none,1",
		"NONE",
		" ",
		"1\n2",
		"1,2\n",
		"1;2",
		(TO_30 ",31,32,33"),
	};
	struct haops_arp_schedule schedule = usual;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(haops_arp_schedule_parse(*state, cases[i], &schedule), -EINVAL);
		assert_memory_equal(&schedule, &usual, sizeof(usual));
	}
	assert_int_equal(haops_arp_schedule_parse(*state, NULL, &schedule), -EINVAL);
	assert_int_equal(haops_arp_schedule_parse(*state, "1", NULL), -EINVAL);
	assert_int_equal(haops_arp_schedule_parse(NULL, "1", &schedule), -EINVAL);
	assert_int_equal(haops_arp_schedule_parse(*state, "1,3,2", &schedule), -EINVAL);
	assert_string_equal(haops_ctx_error(*state),
			    "schedule: time 3 is not above the one before it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(each_round_has_its_time),
		TEST_CTX(later_rounds_within_the_burst_are_part_of_it),
		TEST_CTX(rounds_are_counted),
		TEST_CTX(ranges),
		TEST_CTX(text_is_read),
		TEST_CTX(text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
