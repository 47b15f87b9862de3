/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When losses may be reported: the first ones at once, then at a rate, one resource ever later. */
#include "unit.h"

#include "watch/limiter.h"

#include <stdio.h>

#define START INT64_C(1000000)

static int setup(void **state)
{
	*state = limiter_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	limiter_free(*state);
	return 0;
}

static const char *name_of(int number)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "r%d", number);
	return name;
}

static void first_ones_go_at_once_then_at_a_rate(void **state)
{
	for (int i = 0; i < LIMITER_BURST; i++)
		assert_int_equal(limiter_next_ms(*state, name_of(i), START), START);
	for (int i = 1; i <= 1000; i++)
		assert_int_equal(limiter_next_ms(*state, name_of(1000 + i), START),
				 START + i * 1000 / LIMITER_PER_SECOND);
}

static void burst_is_there_again_after_a_while(void **state)
{
	int64_t later = START + LIMITER_BURST * 1000 / LIMITER_PER_SECOND;

	for (int i = 0; i < LIMITER_BURST; i++)
		(void)limiter_next_ms(*state, name_of(i), START);
	for (int i = 0; i < LIMITER_BURST; i++)
		assert_int_equal(limiter_next_ms(*state, name_of(100 + i), later), later);
	assert_true(limiter_next_ms(*state, name_of(200), later) > later);
}

static void one_that_is_lost_again_and_again_waits_longer(void **state)
{
	int64_t now_ms = START;
	int64_t pause_ms = LIMITER_RESOURCE_MIN_MS;

	assert_int_equal(limiter_next_ms(*state, "vip", now_ms), now_ms);
	for (int i = 0; i < 10; i++) {
		int64_t next_ms = limiter_next_ms(*state, "vip", now_ms);

		assert_int_equal(next_ms, now_ms + pause_ms);
		now_ms = next_ms;
		pause_ms = pause_ms * 2 < LIMITER_RESOURCE_MAX_MS ? pause_ms * 2
								  : LIMITER_RESOURCE_MAX_MS;
	}
	assert_int_equal(pause_ms, LIMITER_RESOURCE_MAX_MS);
	/* Others do not wait for it. */
	assert_int_equal(limiter_next_ms(*state, "web", now_ms), now_ms);
	/* Forgotten when it was quiet. */
	now_ms += 2 * LIMITER_RESOURCE_MAX_MS;
	assert_int_equal(limiter_next_ms(*state, "vip", now_ms), now_ms);
	assert_int_equal(limiter_next_ms(*state, "vip", now_ms), now_ms + LIMITER_RESOURCE_MIN_MS);
}

static void what_was_not_needed_is_given_back(void **state)
{
	for (int i = 0; i < 100; i++) {
		assert_int_equal(limiter_next_ms(*state, "vip", START), START);
		limiter_give_back(*state, "vip", START);
	}
	limiter_give_back(*state, "none", START);
	assert_int_equal(limiter_next_ms(*state, "vip", START), START);
	assert_int_equal(limiter_next_ms(*state, "vip", START), START + LIMITER_RESOURCE_MIN_MS);
	limiter_give_back(*state, "vip", START);
	assert_int_equal(limiter_next_ms(*state, "vip", START), START + LIMITER_RESOURCE_MIN_MS);
	for (int i = 0; i < LIMITER_BURST - 2; i++)
		assert_int_equal(limiter_next_ms(*state, name_of(i), START), START);
}

static void memory_is_bounded(void **state)
{
	for (int i = 0; i < 20000; i++)
		(void)limiter_next_ms(*state, name_of(i), START + i);
	/* The last ones are remembered. */
	assert_true(limiter_next_ms(*state, name_of(19999), START + 20000) > START + 20000);
}

#define TEST_LIMITER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LIMITER(first_ones_go_at_once_then_at_a_rate),
		TEST_LIMITER(burst_is_there_again_after_a_while),
		TEST_LIMITER(one_that_is_lost_again_and_again_waits_longer),
		TEST_LIMITER(what_was_not_needed_is_given_back),
		TEST_LIMITER(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
