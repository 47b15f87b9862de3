/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of /proc. */
#include "proc-stat.h"
#include "unit.h"

#define TAIL " 34816 4210 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 10 20"

static void stat_with_awkward_name(void **state)
{
	struct haops_process process = {0};

	(void)state;
	assert_int_equal(proc_stat_parse("42 (a) b (c) R) S 7 41 40" TAIL "\n", &process), 0);
	assert_int_equal(process.pid, 42);
	assert_int_equal(process.state, 'S');
	assert_int_equal(process.ppid, 7);
	assert_int_equal(process.pgid, 41);
	assert_int_equal(process.sid, 40);
	assert_int_equal(process.start_ticks, 987654);
}

static void broken_stat_changes_nothing(void **state)
{
	static const char *const broken[] = {
		"",
		"42",
		"42 (x",
		"42 (x)",
		"42 (x) S",
		"x (x) S 1 1 1" TAIL,
		"42 (x) SS 1 1 1" TAIL,
		"42 (x) S 1 1 99999999999" TAIL,
		"42 (x) S 1 1 1 1 1 1 1 1 1",
		"42 (x) S 1 1 1 1111111111111111111111111111111111111111111111111",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct haops_process process = {.pid = 5};

		assert_int_equal(proc_stat_parse(broken[i], &process), -EINVAL);
		assert_int_equal(process.pid, 5);
		assert_int_equal(process.ppid, 0);
	}
}

static void cmdline_is_one_clean_line(void **state)
{
	static const char data[] = "nginx: master\0-c\0/a\nb\0\0";
	char text[HAOPS_PROCESS_TEXT_MAX];
	char big[1000];

	(void)state;
	proc_cmdline_format(data, sizeof(data) - 1, text);
	assert_string_equal(text, "nginx: master -c /a?b");
	memset(big, 'x', sizeof(big));
	proc_cmdline_format(big, sizeof(big), text);
	assert_int_equal(strlen(text), HAOPS_PROCESS_TEXT_MAX - 1);
	proc_cmdline_format("", 0, text);
	assert_string_equal(text, "");
}

static void exe_of_replaced_program(void **state)
{
	char replaced[] = "/usr/sbin/nginx (deleted)";
	char kept[] = "/usr/sbin/nginx";
	char only[] = " (deleted)";

	(void)state;
	assert_true(proc_exe_cut_deleted(replaced));
	assert_string_equal(replaced, "/usr/sbin/nginx");
	assert_false(proc_exe_cut_deleted(kept));
	assert_false(proc_exe_cut_deleted(only));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_with_awkward_name),
		cmocka_unit_test(broken_stat_changes_nothing),
		cmocka_unit_test(cmdline_is_one_clean_line),
		cmocka_unit_test(exe_of_replaced_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
