/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drbdadm 8.4 and 9 put into the environment of a fence-peer handler. */

#include "unit.h"

#include <outdate-peer/request.h>

struct variable {
	const char *name;
	const char *value;
};

static const char *get(void *userdata, const char *name)
{
	for (const struct variable *at = userdata; at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at->value;
	return NULL;
}

static void accepts(struct variable *environment, const struct request_maps *maps,
		    const char *resource, const char *node)
{
	static const struct request_maps none;
	struct request request;
	char text[REQUEST_TEXT_MAX] = "";

	if (request_read(get, environment, maps ? maps : &none, &request, text) != 0)
		fail_msg("%s", text);
	assert_string_equal(request.resource, resource);
	assert_string_equal(request.node, node);
}

static void refuses(struct variable *environment, const char *words)
{
	const struct request_maps maps = {0};
	struct request request = {.node = "untouched"};
	char text[REQUEST_TEXT_MAX] = "";

	assert_int_equal(request_read(get, environment, &maps, &request, text), -EINVAL);
	assert_string_equal(request.node, "untouched");
	if (!strstr(text, words))
		fail_msg("%s", text);
}

static void test_drbd9(void **state)
{
	struct variable environment[] =
		{{"DRBD_RESOURCE", "r0"},     {"DRBD_PEER_NODE_ID", "2"}, {"DRBD_NODE_ID_0", "n1"},
		 {"DRBD_NODE_ID_1", "n2"},    {"DRBD_NODE_ID_2", "n3"},	  {"DRBD_MY_NODE_ID", "0"},
		 {"UP_TO_DATE_NODES", "0x1"}, {"DRBD_MINOR", "0"},	  {0}};

	(void)state;
	accepts(environment, NULL, "r0", "n3");
	environment[1].value = "31";
	refuses(environment, "DRBD_NODE_ID_31 is not set");
	environment[1].value = "32";
	refuses(environment, "DRBD_PEER_NODE_ID");
	environment[1].value = "2x";
	refuses(environment, "DRBD_PEER_NODE_ID");
	environment[1].value = "";
	refuses(environment, "DRBD_PEER_NODE_ID");
}

static void test_drbd84(void **state)
{
	struct variable environment[] = {{"DRBD_RESOURCE", "r0"},
					 {"DRBD_PEER", "old"},
					 {"DRBD_PEERS", "n2"},
					 {"DRBD_PEER_AF", "ipv4"},
					 {"DRBD_PEER_ADDRESS", "192.0.2.2"},
					 {0}};

	(void)state;
	accepts(environment, NULL, "r0", "n2");
	environment[2].name = "OTHER";
	accepts(environment, NULL, "r0", "old");
	environment[1].name = "ANOTHER";
	refuses(environment, "DRBD_PEER is not set");
}

static void test_several_hosts_are_refused(void **state)
{
	struct variable environment[] = {{"DRBD_RESOURCE", "r0"}, {"DRBD_PEERS", "n2 n3"}, {0}};

	(void)state;
	refuses(environment, "several hosts");
	environment[1].value = "n2 ";
	refuses(environment, "several hosts");
}

static void test_bad_names(void **state)
{
	struct variable environment[] = {{"DRBD_RESOURCE", "all"}, {"DRBD_PEERS", "n2"}, {0}};

	(void)state;
	refuses(environment, "no name of a resource");
	environment[0].value = "r0";
	environment[1].value = "n2\tx";
	refuses(environment, "no name of a node");
	environment[1].value = "--all";
	refuses(environment, "no name of a node");
	environment[1].value = "";
	refuses(environment, "not set");
	environment[0].name = "NOTHING";
	refuses(environment, "DRBD_RESOURCE is not set");
}

static void test_maps(void **state)
{
	struct variable environment[] = {{"DRBD_RESOURCE", "r0"},
					 {"DRBD_PEERS", "db1.example.com"},
					 {0}};
	const struct request_maps maps = {.map = {"db1=wrong", "db1.example.com=db1",
						  "db1.example.comm=wrong"},
					  .count = 3};

	(void)state;
	accepts(environment, &maps, "r0", "db1");
	accepts(environment, NULL, "r0", "db1.example.com");
	assert_true(request_is_map("a=b"));
	assert_false(request_is_map("a"));
	assert_false(request_is_map("=b"));
	assert_false(request_is_map("a="));
	assert_false(request_is_map("a=b=c"));
	assert_false(request_is_map("a=b c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drbd9),	  cmocka_unit_test(test_drbd84),
		cmocka_unit_test(test_bad_names), cmocka_unit_test(test_several_hosts_are_refused),
		cmocka_unit_test(test_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
