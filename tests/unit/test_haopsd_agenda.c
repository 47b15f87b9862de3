/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/agenda.c: times of jobs. */
#include "agenda.h"
#include "unit.h"

static void test_nothing_is_due(void **state)
{
	struct agenda agenda;

	(void)state;
	agenda_clear(&agenda);
	assert_int_equal(agenda_take(&agenda, INT64_MAX - 1), JOB_COUNT);
	assert_true(agenda_next_ms(&agenda) == AGENDA_NEVER);
}

static void test_a_job_is_taken_once(void **state)
{
	struct agenda agenda;

	(void)state;
	agenda_clear(&agenda);
	agenda_set(&agenda, JOB_LINKS, 100);
	assert_int_equal(agenda_take(&agenda, 99), JOB_COUNT);
	assert_int_equal(agenda_take(&agenda, 100), JOB_LINKS);
	assert_int_equal(agenda_take(&agenda, 100), JOB_COUNT);
}

static void test_hurry_only_makes_it_earlier(void **state)
{
	struct agenda agenda;

	(void)state;
	agenda_clear(&agenda);
	agenda_hurry(&agenda, JOB_BEAT, 50);
	agenda_hurry(&agenda, JOB_BEAT, 70);
	assert_int_equal(agenda_next_ms(&agenda), 50);
	agenda_set(&agenda, JOB_BEAT, 70);
	assert_int_equal(agenda_next_ms(&agenda), 70);
}

static void test_the_grid_is_kept_and_skipped_after_a_pause(void **state)
{
	(void)state;
	assert_int_equal(agenda_grid_ms(1000, 200, 1003), 1200);
	/* Late by more than an interval: no burst of what was missed. */
	assert_int_equal(agenda_grid_ms(1000, 200, 9000), 9200);
	assert_int_equal(agenda_grid_ms(1000, 200, 1200), 1400);
	/* Done early, again and again: the next is never further away than an interval. */
	assert_int_equal(agenda_grid_ms(1000, 200, 900), 1100);
	assert_int_equal(agenda_grid_ms(1100, 200, 901), 1101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_due),
		cmocka_unit_test(test_a_job_is_taken_once),
		cmocka_unit_test(test_hurry_only_makes_it_earlier),
		cmocka_unit_test(test_the_grid_is_kept_and_skipped_after_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
