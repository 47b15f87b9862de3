/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a trace goes by default. What is in it is tested in tests/agents/test_framework.py. */
#include "ocf/run.h"
#include "unit.h"

static void test_trace_path(void **state)
{
	static const struct ocf_agent agent = {.name = "demo"};
	struct ocf_run run = {.agent = &agent, .action_name = "start"};
	char path[512];

	(void)state;
	run.env.instance = "a/../b:1";
	ocf_trace_path("/var/x", &run, "2026-01-02.03:04:05", path, sizeof(path));
	assert_string_equal(path, "/var/x/demo/a_.._b:1.start.2026-01-02.03:04:05");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trace_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
