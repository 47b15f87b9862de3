/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers out of text. */
#include "unit.h"
#include "util/num.h"

static void numbers_by_table(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int result;
		int64_t number;
	} cases[] = {
		{"0", 0, 10, 0, 0},	    {"10", 0, 10, 0, 10},
		{"007", 0, 10, 0, 7},	    {"-3", -5, 5, 0, -3},
		{"11", 0, 10, -ERANGE, 0},  {"-3", 0, 5, -EINVAL, 0},
		{"-9", -5, 5, -ERANGE, 0},  {"99999999999999999999", 0, INT64_MAX, -ERANGE, 0},
		{"", 0, 10, -EINVAL, 0},    {" 1", 0, 10, -EINVAL, 0},
		{"1 ", 0, 10, -EINVAL, 0},  {"+1", 0, 10, -EINVAL, 0},
		{"0x1", 0, 10, -EINVAL, 0}, {"1\n", 0, 10, -EINVAL, 0},
		{"--1", -5, 5, -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t number = 0;

		assert_int_equal(num_parse(cases[i].text, cases[i].min, cases[i].max, &number),
				 cases[i].result);
		assert_int_equal(number, cases[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_by_table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
