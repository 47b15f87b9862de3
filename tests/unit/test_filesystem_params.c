/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the Filesystem agent's parameters, and what each of them takes. */

#include "filesystem/filesystem.h"
#include "param_table.h"

static void the_table_has_no_defect(void **state)
{
	(void)state;
	param_table_has_no_defect(fs_params, FS_PARAM_COUNT);
}

static void each_parameter_says_how_far_it_is_the_stock_one(void **state)
{
	(void)state;
	param_table_says_what_differs(fs_params, FS_PARAM_COUNT);
}

static void values_are_judged(void **state)
{
	static const struct {
		enum fs_param param;
		const char *value;
		bool is_good;
	} cases[] = {
		{FS_DEVICE, "/dev/sda", true},
		{FS_DEVICE, "server:/a", true},
		{FS_DEVICE, "--bind", false},
		{FS_DIRECTORY, "/srv/a b", true},
		{FS_DIRECTORY, "/srv/../srv", true},
		{FS_DIRECTORY, "srv", false},
		{FS_DIRECTORY, "/", false},
		{FS_DIRECTORY, "//./", false},
		{FS_FSTYPE, "fuse.sshfs", true},
		{FS_FSTYPE, "ext3,ext4", true},
		{FS_FSTYPE, "-t", false},
		{FS_FSTYPE, "ext4;", false},
		{FS_OPTIONS, "rw,errors=remount-ro", true},
		{FS_OPTIONS, "remount,ro", false},
		{FS_OPTIONS, "ro noatime", false},
		{FS_STATUSFILE_PREFIX, ".a/", true},
		{FS_STATUSFILE_PREFIX, "a..b/", true},
		{FS_STATUSFILE_PREFIX, "../a", false},
		{FS_STATUSFILE_PREFIX, "a/../../b", false},
		{FS_FORCE_UNMOUNT, "safe", true},
		{FS_FORCE_UNMOUNT, "off", true},
		{FS_FORCE_UNMOUNT, "move", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *problem = fs_params[cases[i].param].check(cases[i].value);

		if ((problem == NULL) != cases[i].is_good)
			print_error("%s: %s\n", cases[i].value, problem ? problem : "taken");
		assert_int_equal(problem == NULL, cases[i].is_good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_no_defect),
		cmocka_unit_test(each_parameter_says_how_far_it_is_the_stock_one),
		cmocka_unit_test(values_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
