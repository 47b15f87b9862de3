/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_PARAM_TABLE_H
#define HAOPS_TESTS_PARAM_TABLE_H

/* What holds for each agent's table of parameters. */

#include "ocf_agent.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* The framework finds no defect in it, in an agent that has all actions a parameter may need. */
static inline void param_table_has_no_defect(const struct ocf_param *params, size_t count)
{
	struct test_agent t;
	char *defect;

	test_agent_init(&t);
	t.agent.params = params;
	t.agent.param_count = count;
	defect = ocf_check_agent(&t.agent);
	if (defect)
		fail_msg("%s", defect);
}

/* The last line of each text, for the manual page's table. */
static inline void param_table_says_what_differs(const struct ocf_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *line = strrchr(params[i].longdesc, '\n');

		assert_non_null(line);
		assert_memory_equal(line + 1, "Drop-in: ", 9);
	}
}

#endif
