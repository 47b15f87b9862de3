/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check of an agent's table finds each kind of defect, and nothing in a right one. */
#include "ocf_agent.h"
#include "unit.h"

static void no_shortdesc(struct test_agent *t)
{
	t->params[0].shortdesc = NULL;
}

static void escape_in_longdesc(struct test_agent *t)
{
	t->params[0].longdesc = "bell \a";
}

static void same_name(struct test_agent *t)
{
	t->params[1].name = "ip";
}

static void odd_name(struct test_agent *t)
{
	t->params[1].name = "a-b";
}

static void pacemakers_name(struct test_agent *t)
{
	t->params[1].name = "CRM_meta_x";
}

static void default_outside(struct test_agent *t)
{
	t->params[1].default_value = "10";
}

static void default_of_required(struct test_agent *t)
{
	t->params[0].default_value = "x";
}

static void no_options(struct test_agent *t)
{
	t->params[1].type = OCF_SELECT;
}

static void options_of_string(struct test_agent *t)
{
	static const char *const options[] = {"a", NULL};

	t->params[0].options = options;
}

static void replaced_only(struct test_agent *t)
{
	t->params[0].replaced_with = "count";
}

static void no_params(struct test_agent *t)
{
	t->agent.param_count = 0;
}

static void no_reload(struct test_agent *t)
{
	t->agent.action_count--;
}

static void no_stop(struct test_agent *t)
{
	t->actions[1].name = "halt";
}

static void no_demote(struct test_agent *t)
{
	t->actions[4].name = "recover";
}

static void no_timeout(struct test_agent *t)
{
	t->actions[0].timeout_s = 0;
}

static void no_function(struct test_agent *t)
{
	t->actions[0].run = NULL;
}

static void old_role(struct test_agent *t)
{
	t->actions[2].role = "Master";
}

static void same_interval(struct test_agent *t)
{
	t->actions[1] = t->actions[2];
}

static void own_validate(struct test_agent *t)
{
	t->actions[0].name = "validate-all";
}

static void no_longdesc(struct test_agent *t)
{
	t->agent.longdesc = "";
}

static void no_provider(struct test_agent *t)
{
	t->agent.provider = NULL;
}

static const struct {
	void (*spoil)(struct test_agent *t);
	const char *defect;
} table[] = {
	{no_shortdesc, "parameter ip: shortdesc is missing or no plain text"},
	{escape_in_longdesc, "parameter ip: longdesc is missing or no plain text"},
	{same_name, "parameter ip is there twice"},
	{odd_name, "a parameter has no name, or one that is no variable's name"},
	{pacemakers_name, "parameter CRM_meta_x: the name is Pacemaker's"},
	{default_outside, "default: parameter count: value \"10\" is outside 1 to 9"},
	{default_of_required, "parameter ip: required, and has a default"},
	{no_options, "parameter count: a select without options"},
	{options_of_string, "parameter ip: options, and is no select"},
	{replaced_only, "parameter ip: replaced, but not deprecated"},
	{no_params, "no parameters: the meta-data must have one"},
	{no_reload, "parameter count is reloadable, action reload-agent is missing"},
	{no_stop, "action stop is missing"},
	{no_demote, "one of promote and demote is missing"},
	{no_timeout, "action start has no timeout"},
	{no_function, "action start has no function"},
	{old_role, "action monitor: role Master is unknown"},
	{same_interval, "action monitor has two rows with the same interval"},
	{own_validate, "action validate-all is the framework's"},
	{no_longdesc, "shortdesc or longdesc is missing or no plain text"},
	{no_provider, "name or provider is missing"},
};

static void test_defects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct test_agent t;
		char *text;

		test_agent_init(&t);
		table[i].spoil(&t);
		text = ocf_check_agent(&t.agent);
		assert_non_null(text);
		assert_string_equal(text, table[i].defect);
		free(text);
	}
}

static void test_right_one(void **state)
{
	struct test_agent t;

	(void)state;
	test_agent_init(&t);
	assert_null(ocf_check_agent(&t.agent));
}

static void test_find_row(void **state)
{
	struct test_agent t;

	(void)state;
	test_agent_init(&t);
	for (size_t i = 0; i < 3; i++)
		t.actions[i].name = "monitor";
	t.actions[0].depth = 20;
	t.actions[1].depth = 10;
	t.actions[2].depth = 0;
	assert_ptr_equal(ocf_action_find(&t.agent, "monitor", 0), &t.actions[2]);
	assert_ptr_equal(ocf_action_find(&t.agent, "monitor", 9), &t.actions[2]);
	assert_ptr_equal(ocf_action_find(&t.agent, "monitor", 10), &t.actions[1]);
	assert_ptr_equal(ocf_action_find(&t.agent, "monitor", 30), &t.actions[0]);
	assert_null(ocf_action_find(&t.agent, "stop", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defects),
		cmocka_unit_test(test_right_one),
		cmocka_unit_test(test_find_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
