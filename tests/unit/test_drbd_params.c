/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of parameters of the drbd agent, and what each of them takes. */
#include "drbd/drbd.h"
#include "param_table.h"

#include <stdlib.h>
#include <string.h>

static void table_has_no_defect(void **state)
{
	(void)state;
	param_table_has_no_defect(drbd_params, DRBD_PARAM_COUNT);
}

static void each_parameter_says_how_far_it_is_the_stock_one(void **state)
{
	(void)state;
	param_table_says_what_differs(drbd_params, DRBD_PARAM_COUNT);
}

static void values(void **state)
{
	static const struct {
		enum drbd_param param;
		const char *value;
		bool is_right;
	} rows[] = {
		{DRBD_RESOURCE, "r0", true},
		{DRBD_RESOURCE, "a-%+./0:=@Z_", true},
		{DRBD_RESOURCE, "all", false},
		{DRBD_RESOURCE, "minor-0", false},
		{DRBD_RESOURCE, "-c", false},
		{DRBD_RESOURCE, "a b", false},
		{DRBD_DRBDCONF, "/etc/drbd.conf", true},
		{DRBD_DRBDCONF, "etc/drbd.conf", false},
		{DRBD_DRBDCONF, "/etc/drbd conf", false},
		{DRBD_ADJUST_MASTER_SCORE, "5 10 1000 10000", true},
		{DRBD_ADJUST_MASTER_SCORE, "5 10 1000", false},
		{DRBD_UNFENCE_EXTRA_ARGS, "--quiet --x", true},
		{DRBD_UNFENCE_EXTRA_ARGS, "--quiet\n--x", false},
		{DRBD_VERSION_GE, "9.0.16", true},
		{DRBD_VERSION_GE, "9.0", false},
		{DRBD_VERSION_GE, "9.0.", false},
		{DRBD_VERSION_LT, "9..1", false},
		{DRBD_VERSION_LT, "1000.0.0", false},
		{DRBD_VERSION_LT, "9.0.0-1", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((drbd_params[rows[i].param].check(rows[i].value) == NULL) != rows[i].is_right)
			fail_msg("%s", rows[i].value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_has_no_defect),
		cmocka_unit_test(each_parameter_says_how_far_it_is_the_stock_one),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
