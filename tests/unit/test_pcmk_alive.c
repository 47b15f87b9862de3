/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pacemaker answers when its controller and pacemakerd do. */

#include "unit.h"

#include "alive.h"

static void test_needs_both_in_any_order(void **state)
{
	static const enum alive_party orders[][2] = {{ALIVE_CONTROLLER, ALIVE_PACEMAKERD},
						     {ALIVE_PACEMAKERD, ALIVE_CONTROLLER}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct alive alive = {0};
		struct alive question = {0};

		alive_ask(&alive, 7, 1000);
		assert_false(alive_answer(&alive, orders[i][0], 1000, &question));
		assert_false(alive_answer(&alive, orders[i][0], 1001, &question));
		assert_true(question.id == 0);
		assert_true(alive_answer(&alive, orders[i][1], 1002, &question));
		assert_true(question.id == 7 && question.asked_ms == 1000);
		assert_true(alive_give_up(&alive) == 0);
	}
}

static void test_an_answer_proves_no_later_question(void **state)
{
	struct alive alive = {0};
	struct alive question;

	(void)state;
	assert_false(alive_answer(&alive, ALIVE_CONTROLLER, 1000, &question));
	alive_ask(&alive, 1, 1000);
	assert_false(alive_answer(&alive, ALIVE_CONTROLLER, 1000, &question));
	alive_ask(&alive, 2, 1500);
	assert_false(alive_answer(&alive, ALIVE_PACEMAKERD, 1500, &question));
	assert_false(alive_answer(&alive, ALIVE_CONTROLLER, 1499, &question));
	assert_true(alive_answer(&alive, ALIVE_CONTROLLER, 1500, &question));
	assert_true(question.id == 2);
	assert_false(alive_answer(&alive, ALIVE_CONTROLLER, 1500, &question));
}

static void test_given_up_says_who_is_missing(void **state)
{
	struct alive alive = {0};
	struct alive question;

	(void)state;
	alive_ask(&alive, 3, 1000);
	assert_string_equal(alive_missing(&alive), "neither the controller nor pacemakerd answers");
	assert_false(alive_answer(&alive, ALIVE_CONTROLLER, 1000, &question));
	assert_string_equal(alive_missing(&alive), "pacemakerd does not answer");
	assert_true(alive_give_up(&alive) == 3);
	assert_false(alive_answer(&alive, ALIVE_PACEMAKERD, 1000, &question));
	alive_ask(&alive, 4, 2000);
	assert_false(alive_answer(&alive, ALIVE_PACEMAKERD, 2000, &question));
	assert_string_equal(alive_missing(&alive), "the controller does not answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs_both_in_any_order),
		cmocka_unit_test(test_an_answer_proves_no_later_question),
		cmocka_unit_test(test_given_up_says_who_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
