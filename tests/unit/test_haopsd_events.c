/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/events.c: the ring of the last events. */
#include "events.h"
#include "unit.h"

#include <stdio.h>

static struct events events;
static struct status_event list[STATUS_EVENTS_MAX];

static int reset(void **state)
{
	(void)state;
	memset(&events, 0, sizeof(events));
	memset(list, 0, sizeof(list));
	return 0;
}

static void test_empty(void **state)
{
	(void)state;
	assert_int_equal(events_copy(&events, list), 0);
}

static void test_in_order(void **state)
{
	(void)state;
	events_add(&events, HEART_INFO, 1, "first");
	events_add(&events, HEART_ERROR, 2, "second");
	assert_int_equal(events_copy(&events, list), 2);
	assert_string_equal(list[0].text, "first");
	assert_int_equal(list[1].level, HEART_ERROR);
	assert_int_equal(list[1].wall_ms, 2);
}

static void test_the_oldest_make_room(void **state)
{
	char text[32];

	(void)state;
	for (int i = 0; i < STATUS_EVENTS_MAX + 3; i++) {
		(void)snprintf(text, sizeof(text), "event %d", i);
		events_add(&events, HEART_INFO, i, text);
	}
	assert_int_equal(events_copy(&events, list), STATUS_EVENTS_MAX);
	assert_string_equal(list[0].text, "event 3");
	assert_int_equal(list[STATUS_EVENTS_MAX - 1].wall_ms, STATUS_EVENTS_MAX + 2);
}

static void test_a_long_text_is_cut(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	events_add(&events, HEART_INFO, 1, text);
	assert_int_equal(events_copy(&events, list), 1);
	assert_int_equal(strlen(list[0].text), sizeof(list[0].text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, reset),
		cmocka_unit_test_setup(test_in_order, reset),
		cmocka_unit_test_setup(test_the_oldest_make_room, reset),
		cmocka_unit_test_setup(test_a_long_text_is_cut, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
