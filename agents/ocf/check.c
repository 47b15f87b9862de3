/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks for defects in an agent's table, for its unit test: what would make its meta-data wrong or
 * surprise a cluster. Pure; no run calls it.
 */
#include "ocf/run.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char *HAOPS_PRINTF(1, 2) defect(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	return text;
}

/* XML takes it without more than our escapes, and a terminal shows it. */
static bool is_text(const char *text, bool may_have_lines)
{
	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (!isprint((unsigned char)*text) && !(may_have_lines && *text == '\n'))
			return false;
	}
	return true;
}

static bool is_name(const char *name)
{
	return name && *name && !isdigit((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
		       strlen(name);
}

static char *check_default(const struct ocf_param *param)
{
	struct ocf_param optional = *param;
	char error[OCF_PARAM_ERROR_MAX];
	int64_t number;

	if (param->is_required && param->default_value)
		return defect("parameter %s: required, and has a default", param->name);
	optional.is_required = false;
	if (ocf_param_parse(&optional, NULL, &number, error) < 0)
		return defect("default: %s", error);
	return NULL;
}

static char *check_param(const struct ocf_param *param)
{
	if (!is_name(param->name))
		return defect("a parameter has no name, or one that is no variable's name");
	if (strncmp(param->name, "CRM_meta_", 9) == 0)
		return defect("parameter %s: the name is Pacemaker's", param->name);
	if (!is_text(param->shortdesc, false))
		return defect("parameter %s: shortdesc is missing or no plain text", param->name);
	if (!is_text(param->longdesc, true))
		return defect("parameter %s: longdesc is missing or no plain text", param->name);
	if (param->type == OCF_SELECT && (!param->options || !param->options[0]))
		return defect("parameter %s: a select without options", param->name);
	if (param->type != OCF_SELECT && param->options)
		return defect("parameter %s: options, and is no select", param->name);
	if (param->replaced_with && !param->deprecated)
		return defect("parameter %s: replaced, but not deprecated", param->name);
	return check_default(param);
}

static char *check_params(const struct ocf_agent *agent)
{
	char *text = NULL;

	if (agent->param_count == 0)
		return defect("no parameters: the meta-data must have one");
	for (size_t i = 0; i < agent->param_count && !text; i++) {
		text = check_param(&agent->params[i]);
		for (size_t j = 0; j < i && !text; j++) {
			if (strcmp(agent->params[i].name, agent->params[j].name) == 0)
				text = defect("parameter %s is there twice", agent->params[i].name);
		}
	}
	return text;
}

static char *check_action(const struct ocf_action *action)
{
	if (!action->name || !*action->name)
		return defect("an action has no name");
	if (strcmp(action->name, "meta-data") == 0 || strcmp(action->name, "validate-all") == 0)
		return defect("action %s is the framework's", action->name);
	if (!action->run)
		return defect("action %s has no function", action->name);
	if (action->timeout_s == 0)
		return defect("action %s has no timeout", action->name);
	if (action->role && strcmp(action->role, "Promoted") != 0 &&
	    strcmp(action->role, "Unpromoted") != 0)
		return defect("action %s: role %s is unknown", action->name, action->role);
	return NULL;
}

/* Pacemaker keeps one recurring operation per name and interval. */
static char *check_pair(const struct ocf_action *a, const struct ocf_action *b)
{
	if (strcmp(a->name, b->name) != 0)
		return NULL;
	if (a->run != b->run)
		return defect("action %s has two functions", a->name);
	if (a->interval_s == b->interval_s)
		return defect("action %s has two rows with the same interval", a->name);
	return NULL;
}

static char *check_actions(const struct ocf_agent *agent)
{
	char *text = NULL;

	for (size_t i = 0; i < agent->action_count && !text; i++) {
		text = check_action(&agent->actions[i]);
		for (size_t j = 0; j < i && !text; j++)
			text = check_pair(&agent->actions[i], &agent->actions[j]);
	}
	return text;
}

static bool has_action(const struct ocf_agent *agent, const char *name)
{
	return ocf_action_find(agent, name, 0) != NULL;
}

static char *check_presence(const struct ocf_agent *agent)
{
	static const char *const mandatory[] = {"start", "stop", "monitor"};

	for (size_t i = 0; i < ARRAY_LEN(mandatory); i++) {
		if (!has_action(agent, mandatory[i]))
			return defect("action %s is missing", mandatory[i]);
	}
	if (has_action(agent, "promote") != has_action(agent, "demote"))
		return defect("one of promote and demote is missing");
	for (size_t i = 0; i < agent->param_count; i++) {
		if (agent->params[i].is_reloadable && !has_action(agent, "reload-agent"))
			return defect("parameter %s is reloadable, action reload-agent is missing",
				      agent->params[i].name);
	}
	return NULL;
}

char *ocf_check_agent(const struct ocf_agent *agent)
{
	char *text = NULL;

	if (!is_text(agent->name, false) || !is_text(agent->provider, false))
		return defect("name or provider is missing");
	if (!is_text(agent->shortdesc, false) || !is_text(agent->longdesc, true))
		return defect("shortdesc or longdesc is missing or no plain text");
	text = check_params(agent);
	if (!text)
		text = check_actions(agent);
	return text ? text : check_presence(agent);
}
