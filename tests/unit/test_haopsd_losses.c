/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/losses.c: what is reported when, looked at again, and told. */
#include "losses.h"
#include "unit.h"

#include <stdio.h>

static struct losses *losses;

static int setup(void **state)
{
	(void)state;
	losses = losses_new();
	return losses ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	losses_free(losses);
	return 0;
}

static struct loss *add(const char *resource, int64_t due_ms)
{
	struct loss *loss = NULL;

	assert_int_equal(losses_add(losses, resource, "address was removed", 5, &loss), 0);
	losses_wait(loss, due_ms);
	return loss;
}

static void test_waits_for_its_turn(void **state)
{
	struct loss *loss = add("vip", 100);

	(void)state;
	assert_null(losses_due(losses, 99));
	assert_ptr_equal(losses_due(losses, 100), loss);
	assert_int_equal(losses_next_ms(losses), 100);
	assert_string_equal(loss->reason, "address was removed");
}

static void test_the_longest_due_goes_first(void **state)
{
	(void)state;
	(void)add("b", 200);
	(void)add("a", 100);
	(void)add("c", 300);
	assert_string_equal(losses_due(losses, 1000)->resource, "a");
}

static void test_one_entry_per_resource(void **state)
{
	struct loss *loss = add("vip", 100);

	(void)state;
	assert_ptr_equal(add("vip", 200), loss);
	assert_int_equal(losses_count(losses), 1);
	assert_ptr_equal(losses_find(losses, "vip"), loss);
	assert_null(losses_find(losses, "vi"));
}

static void test_reported(void **state)
{
	struct loss *loss = add("vip", 100);

	(void)state;
	losses_asked(loss, 7, 100);
	assert_ptr_equal(losses_by_id(losses, 7), loss);
	assert_null(losses_by_id(losses, 8));
	assert_true(losses_answered(loss, PCMK_REPORTED, 101));
	assert_int_equal(loss->state, LOSS_REPORTED);
	assert_null(losses_by_id(losses, 7));
	assert_null(losses_due(losses, INT64_MAX - 1));
}

static void test_unmanaged_is_told_once_and_looked_at_again(void **state)
{
	struct loss *loss = add("vip", 100);

	(void)state;
	losses_asked(loss, 7, 100);
	assert_true(losses_answered(loss, PCMK_UNMANAGED, 1000));
	assert_int_equal(loss->state, LOSS_HELD);
	assert_int_equal(loss->due_ms, 1000 + LOSSES_UNMANAGED_MS);
	losses_recheck(loss, loss->due_ms);
	assert_int_equal(loss->state, LOSS_RECHECKING);
	losses_asked(add("vip", 12000), 8, 12000);
	assert_false(losses_answered(loss, PCMK_UNMANAGED, 12000));
	/* Another answer is news again. */
	losses_asked(loss, 9, 23000);
	assert_true(losses_answered(loss, PCMK_REPORTED, 23000));
}

static void test_unavailable_backs_off(void **state)
{
	struct loss *loss = add("vip", 0);
	int64_t now_ms = 0;
	int64_t last_ms = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		losses_asked(loss, (uint64_t)i + 1, now_ms);
		(void)losses_answered(loss, PCMK_UNAVAILABLE, now_ms);
		assert_true(loss->due_ms - now_ms >= last_ms);
		last_ms = loss->due_ms - now_ms;
		now_ms = loss->due_ms;
		if (i == 0)
			assert_int_equal(last_ms, LOSSES_BACKOFF_MIN_MS);
	}
	assert_int_equal(last_ms, LOSSES_BACKOFF_MAX_MS);
}

static void test_no_answer_comes_back(void **state)
{
	struct loss *loss = add("vip", 100);

	(void)state;
	losses_asked(loss, 7, 100);
	assert_null(losses_due(losses, 100 + LOSSES_ANSWER_MS - 1));
	assert_ptr_equal(losses_due(losses, 100 + LOSSES_ANSWER_MS), loss);
}

static void test_a_pause_makes_them_be_looked_at_again(void **state)
{
	struct loss *waiting = add("a", 5000);
	struct loss *asked = add("b", 100);

	(void)state;
	losses_asked(asked, 1, 100);
	losses_doubt(losses, 200);
	assert_int_equal(waiting->state, LOSS_RECHECKING);
	assert_ptr_equal(losses_due(losses, 200), waiting);
	assert_int_equal(asked->state, LOSS_ASKED);
}

static void test_removed(void **state)
{
	struct loss *first = add("a", 1);
	struct loss *second = add("b", 2);

	(void)state;
	losses_remove(losses, first);
	assert_int_equal(losses_count(losses), 1);
	assert_ptr_equal(losses_due(losses, 10), second);
}

static void test_bounded(void **state)
{
	struct loss *loss = NULL;
	char name[32];

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i);
		(void)add(name, i);
	}
	assert_int_equal(losses_count(losses), 100);
	assert_int_equal(losses_next_ms(losses), 0);
	assert_int_equal(losses_add(losses, "r5", "again", 9, &loss), 0);
	assert_string_equal(loss->reason, "again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_waits_for_its_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_longest_due_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_entry_per_resource, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmanaged_is_told_once_and_looked_at_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_unavailable_backs_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_answer_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_pause_makes_them_be_looked_at_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
