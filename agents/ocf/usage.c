/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person reads who runs an agent by hand. Pure, over the agent's table.
 */
#include "ocf/run.h"

#include <string.h>

static bool is_first_of_name(const struct ocf_agent *agent, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(agent->actions[i].name, agent->actions[index].name) == 0)
			return false;
	}
	return true;
}

static void print_actions(const struct ocf_agent *agent, FILE *out)
{
	for (size_t i = 0; i < agent->action_count; i++) {
		if (is_first_of_name(agent, i))
			(void)fprintf(out, "%s ", agent->actions[i].name);
	}
	(void)fputs("validate-all meta-data help\n", out);
}

static void print_param(const struct ocf_param *param, FILE *out)
{
	(void)fprintf(out, "  %-28s %s", param->name, param->shortdesc);
	if (param->is_required)
		(void)fputs(" (required)", out);
	else if (param->default_value && param->default_value[0])
		(void)fprintf(out, " (%s)", param->default_value);
	(void)fputc('\n', out);
}

/* The value shown in the example. */
static const struct ocf_param *example_param(const struct ocf_agent *agent)
{
	for (size_t i = 0; i < agent->param_count; i++) {
		if (agent->params[i].is_required)
			return &agent->params[i];
	}
	return &agent->params[0];
}

void ocf_usage_print(const struct ocf_agent *agent, FILE *out)
{
	(void)fprintf(out, "%s (%s): %s\nusage: %s ACTION\nactions: ", agent->name, PACKAGE_STRING,
		      agent->shortdesc, agent->name);
	print_actions(agent, out);
	(void)fprintf(out,
		      "A parameter is an environment variable with OCF_RESKEY_ before its name:\n"
		      "  OCF_RESKEY_%s=VALUE %s monitor; echo $?\nparameters:\n",
		      example_param(agent)->name, agent->name);
	for (size_t i = 0; i < agent->param_count; i++)
		print_param(&agent->params[i], out);
	(void)fputs("The full text is printed by meta-data. Exit codes: 0 success (monitor: runs), "
		    "7 does not run,\n8 runs promoted, 1 failed, 2 wrong here, 5 not installed, "
		    "6 wrong everywhere.\n",
		    out);
}
