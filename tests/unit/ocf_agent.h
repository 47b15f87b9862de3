/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_OCF_AGENT_H
#define HAOPS_TESTS_OCF_AGENT_H

/* A right and small agent's table; a test copies it and spoils what it is about. */

#include "ocf/run.h"

struct test_agent {
	struct ocf_param params[2];
	struct ocf_action actions[6];
	struct ocf_agent agent;
};

static inline int test_agent_run(struct ocf_run *run)
{
	(void)run;
	return OCF_SUCCESS;
}

/* Not to be copied: agent points into the other members. */
static inline void test_agent_init(struct test_agent *t)
{
	static const char *const names[] = {"start",   "stop",	 "monitor",
					    "promote", "demote", "reload-agent"};

	*t = (struct test_agent){
		.params = {{.name = "ip",
			    .shortdesc = "Address",
			    .longdesc = "The address.",
			    .type = OCF_STRING,
			    .is_required = true,
			    .unique_group = "address"},
			   {.name = "count",
			    .shortdesc = "Count",
			    .longdesc = "How many.",
			    .type = OCF_INTEGER,
			    .default_value = "5",
			    .min = 1,
			    .max = 9,
			    .is_reloadable = true}},
		.agent = {.name = "thing",
			  .provider = "haops",
			  .shortdesc = "A thing",
			  .longdesc = "It is a thing.\nReally."},
	};
	for (size_t i = 0; i < ARRAY_LEN(t->actions); i++)
		t->actions[i] = (struct ocf_action){.name = names[i],
						    .run = test_agent_run,
						    .timeout_s = 20,
						    .depth = -1};
	t->actions[2].interval_s = 10;
	t->actions[2].depth = 0;
	t->agent.params = t->params;
	t->agent.param_count = ARRAY_LEN(t->params);
	t->agent.actions = t->actions;
	t->agent.action_count = ARRAY_LEN(t->actions);
}

#endif
