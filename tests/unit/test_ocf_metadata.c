/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meta-data and usage: order, attributes and escaping. That they validate is tested with xmllint in
 * tests/agents/test_framework.py. */
#include "ocf_agent.h"
#include "unit.h"

static void print(const struct ocf_agent *agent,
		  void (*to)(const struct ocf_agent *agent, FILE *out), char buf[8192])
{
	FILE *out = fmemopen(buf, 8192, "w");

	assert_non_null(out);
	to(agent, out);
	assert_int_equal(fclose(out), 0);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_params(void **state)
{
	struct test_agent t;
	char buf[8192];

	(void)state;
	test_agent_init(&t);
	print(&t.agent, ocf_metadata_print, buf);
	assert_has(buf, "<?xml version=\"1.0\"?>\n<!DOCTYPE resource-agent [");
	assert_has(buf, "<resource-agent name=\"thing\" version=\"" PACKAGE_VERSION "\">\n"
			"<version>1.1</version>\n\n<longdesc lang=\"en\">It is a thing.\nReally."
			"</longdesc>\n<shortdesc lang=\"en\">A thing</shortdesc>\n");
	assert_has(buf, "<parameter name=\"ip\" unique-group=\"address\" required=\"1\">\n"
			"<longdesc lang=\"en\">The address.</longdesc>\n"
			"<shortdesc lang=\"en\">Address</shortdesc>\n<content type=\"string\"/>\n"
			"</parameter>\n");
	assert_has(buf, "<parameter name=\"count\" reloadable=\"1\">");
	assert_has(buf, "<content type=\"integer\" default=\"5\"/>");
}

static void test_select_and_deprecated(void **state)
{
	static const char *const options[] = {"a", "b<", NULL};
	struct test_agent t;
	char buf[8192];

	(void)state;
	test_agent_init(&t);
	t.params[1] = (struct ocf_param){.name = "kind",
					 .type = OCF_SELECT,
					 .options = options,
					 .default_value = "a",
					 .longdesc = "Is 1 < 2 & \"so on\"?",
					 .shortdesc = "Kind",
					 .deprecated = "gone",
					 .replaced_with = "ip"};
	print(&t.agent, ocf_metadata_print, buf);
	assert_has(buf, "<parameter name=\"kind\">\n<deprecated>\n<replaced-with name=\"ip\"/>\n"
			"<desc lang=\"en\">gone</desc>\n</deprecated>\n<longdesc lang=\"en\">Is 1 "
			"&lt; 2 &amp; &quot;so on&quot;?</longdesc>\n");
	assert_has(buf, "<content type=\"select\" default=\"a\">\n<option value=\"a\"/>\n"
			"<option value=\"b&lt;\"/>\n</content>\n");
}

static void test_types(void **state)
{
	static const struct {
		enum ocf_type type;
		const char *text;
	} table[] = {{OCF_BOOLEAN, "<content type=\"boolean\"/>"},
		     {OCF_TIME, "<content type=\"string\"/>"},
		     {OCF_STRING, "<content type=\"string\"/>"}};
	struct test_agent t;
	char buf[8192];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		test_agent_init(&t);
		t.agent.param_count = 1;
		t.params[0].type = table[i].type;
		print(&t.agent, ocf_metadata_print, buf);
		assert_has(buf, table[i].text);
	}
}

static void test_actions(void **state)
{
	struct test_agent t;
	char buf[8192];

	(void)state;
	test_agent_init(&t);
	t.actions[2].role = "Promoted";
	print(&t.agent, ocf_metadata_print, buf);
	assert_has(buf, "<action name=\"start\" timeout=\"20s\"/>\n");
	assert_has(buf, "<action name=\"monitor\" timeout=\"20s\" interval=\"10s\" depth=\"0\" "
			"role=\"Promoted\"/>\n");
	assert_has(buf, "<action name=\"reload-agent\" timeout=\"20s\"/>\n"
			"<action name=\"meta-data\" timeout=\"5s\"/>\n"
			"<action name=\"validate-all\" timeout=\"20s\" depth=\"0\"/>\n"
			"<action name=\"validate-all\" timeout=\"20s\" depth=\"10\"/>\n"
			"</actions>\n</resource-agent>\n");
}

static void test_usage(void **state)
{
	struct test_agent t;
	char buf[8192];

	(void)state;
	test_agent_init(&t);
	t.actions[1].name = "start";
	print(&t.agent, ocf_usage_print, buf);
	assert_has(buf, "actions: start monitor promote demote reload-agent validate-all");
	assert_has(buf, "OCF_RESKEY_ip=VALUE thing monitor");
	assert_has(buf, "Address (required)\n");
	assert_has(buf, "Count (5)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params), cmocka_unit_test(test_select_and_deprecated),
		cmocka_unit_test(test_types),  cmocka_unit_test(test_actions),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
