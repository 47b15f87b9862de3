/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of node attributes: what is due, and in which order. */

#include "unit.h"

#include "pcmk/attributes.h"

#include <stdio.h>

static void test_last_value_wins(void **state)
{
	struct attributes table = {0};
	struct attribute *next;

	(void)state;
	assert_int_equal(attributes_set(&table, "pingd", "1000", 0), 0);
	assert_int_equal(attributes_set(&table, "pingd", "2000", 5000), 0);
	next = attributes_next(&table);
	assert_string_equal(next->value, "2000");
	assert_int_equal(next->dampen_ms, 5000);
	assert_int_equal(table.count, 1);
	attributes_free(&table);
}

static void test_one_at_a_time(void **state)
{
	struct attributes table = {0};
	struct attribute *next;

	(void)state;
	assert_int_equal(attributes_set(&table, "pingd", "1000", 0), 0);
	next = attributes_next(&table);
	next->id = 7;
	next->is_due = false;
	assert_int_equal(attributes_set(&table, "pingd", "0", 0), 0);
	assert_null(attributes_next(&table));
	assert_false(attributes_done(&table, 7, true));
	next = attributes_next(&table);
	assert_non_null(next);
	assert_string_equal(next->value, "0");
	attributes_free(&table);
}

static void test_failed_are_tried_again(void **state)
{
	struct attributes table = {0};
	struct attribute *next;

	(void)state;
	assert_int_equal(attributes_set(&table, "pingd", "1000", 0), 0);
	next = attributes_next(&table);
	for (uint64_t id = 1; id < 4; id++) {
		next->id = id;
		next->is_due = false;
		/* Told once. */
		assert_int_equal(attributes_done(&table, id, false), id == 1);
		assert_null(attributes_next(&table));
		attributes_retry(&table);
		assert_ptr_equal(attributes_next(&table), next);
	}
	attributes_free(&table);
}

static void test_renewed(void **state)
{
	struct attributes table = {0};

	(void)state;
	assert_int_equal(attributes_set(&table, "a", "1", 0), 0);
	attributes_next(&table)->is_due = false;
	attributes_retry(&table);
	assert_null(attributes_next(&table));
	attributes_renew(&table);
	assert_non_null(attributes_next(&table));
	attributes_free(&table);
}

static void test_bounds(void **state)
{
	struct attributes table = {0};
	char name[PACKET_TEXT_MAX + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[PACKET_TEXT_MAX] = '\0';
	assert_int_equal(attributes_set(&table, name, "1", 0), -EINVAL);
	assert_int_equal(attributes_set(&table, "", "1", 0), -EINVAL);
	assert_int_equal(attributes_set(&table, "a", name, 0), -EINVAL);
	for (int i = 0; i < ATTRIBUTES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a%d", i);
		assert_int_equal(attributes_set(&table, name, "1", 0), 0);
	}
	assert_int_equal(attributes_set(&table, "one-too-many", "1", 0), -ENOSPC);
	assert_int_equal(attributes_set(&table, "a0", "2", 0), 0);
	attributes_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_value_wins),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_failed_are_tried_again),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
