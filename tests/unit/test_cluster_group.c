/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Membership: who joined and who left, and why, out of CPG's lists, totem's rings and hellos. */
#include "unit.h"

#include "group.h"

#include <stdio.h>

static const struct group_names no_names;

struct world {
	struct group group;
	struct group_names names;
	char told[512];
	bool is_deaf; /* memory is short: nothing can be told */
};

static bool note(struct world *world, const char *what, const struct haops_cluster_member *member,
		 const char *why)
{
	size_t len = strlen(world->told);

	if (world->is_deaf)
		return false;
	(void)snprintf(world->told + len, sizeof(world->told) - len, "%s%u.%u#%u%s%s ", what,
		       member->nodeid, member->pid, (unsigned int)member->incarnation, why,
		       member->name);
	return true;
}

static bool on_joined(void *userdata, const struct haops_cluster_member *member)
{
	return note(userdata, "+", member, "=");
}

static bool on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	static const char *const reasons[] = {":left:", ":process:", ":node:", ":ghost:"};

	return note(userdata, "-", member, reasons[reason]);
}

/* What is new since the last question. */
static const char *news(struct world *world)
{
	const struct group_listener listener = {.joined = on_joined,
						.left = on_left,
						.userdata = world};

	world->told[0] = '\0';
	(void)group_tell(&world->group, &world->names, &listener);
	return world->told;
}

/* Lists as text: "1.10 2.20"; left with a cause: "2.20l", n, p. */
static size_t parse(const char *text, struct group_address *to, enum group_cause *causes)
{
	size_t count = 0;
	unsigned int nodeid, pid;
	int used;

	while (text && sscanf(text, " %u.%u%n", &nodeid, &pid, &used) == 2) {
		to[count] = (struct group_address){.nodeid = nodeid, .pid = pid};
		text += used;
		if (causes)
			causes[count] = *text == 'l'   ? GROUP_LEAVE
					: *text == 'n' ? GROUP_NODE_DOWN
						       : GROUP_PROCESS_DOWN;
		text += causes ? 1 : 0;
		count++;
	}
	return count;
}

static void change(struct world *world, const char *members, const char *left)
{
	struct group_address lists[2][8];
	enum group_cause causes[8];
	struct group_change what = {.members = lists[0], .left = lists[1], .causes = causes};

	what.member_count = parse(members, lists[0], NULL);
	what.left_count = parse(left, lists[1], causes);
	group_changed(&world->group, &what);
}

static void ring(struct world *world, uint64_t seq, const char *nodes)
{
	uint32_t list[8];
	size_t count = 0;

	for (; *nodes; nodes++)
		list[count++] = (uint32_t)(*nodes - '0');
	group_ring_changed(&world->group, (struct haops_cluster_ring){.nodeid = 1, .seq = seq},
			   list, count);
}

static bool hear(struct world *world, uint32_t nodeid, uint32_t pid, uint64_t incarnation)
{
	return group_heard(&world->group, (struct group_address){.nodeid = nodeid, .pid = pid},
			   incarnation, NULL);
}

/* Three members that know each other. */
static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		return -1;
	*state = world;
	change(world, "1.10 2.20 3.30", NULL);
	ring(world, 4, "321");
	assert_string_equal(news(world), "");
	assert_true(hear(world, 1, 10, 1) && hear(world, 2, 20, 2) && hear(world, 3, 30, 3));
	assert_string_equal(news(world), "+1.10#1= +2.20#2= +3.30#3= ");
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void test_list_and_ring(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];

	assert_int_equal(group_list(&world->group, &no_names, members), 3);
	assert_int_equal(members[0].nodeid, 1);
	assert_int_equal(members[2].pid, 30);
	assert_int_equal(world->group.ring_nodes[0], 1);
	assert_int_equal(world->group.ring_nodes[2], 3);
	assert_true(group_is_whole(&world->group));
	assert_string_equal(news(world), "");
}

static void test_leave_and_ends(void **state)
{
	struct world *world = *state;

	change(world, "1.10 3.30", "2.20l");
	assert_string_equal(news(world), "-2.20#2:left: ");
	change(world, "1.10", "3.30p");
	assert_string_equal(news(world), "-3.30#3:process: ");
	assert_false(hear(world, 3, 30, 3));
}

static void test_node_down(void **state)
{
	struct world *world = *state;

	change(world, "1.10", "2.20n 3.30n");
	ring(world, 8, "1");
	assert_string_equal(news(world), "-2.20#2:node: -3.30#3:node: ");
}

static void test_goodbye_comes_first(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];

	group_goodbye(&world->group, (struct group_address){.nodeid = 2, .pid = 20}, 99);
	assert_string_equal(news(world), "");
	group_goodbye(&world->group, (struct group_address){.nodeid = 2, .pid = 20}, 2);
	assert_string_equal(news(world), "-2.20#2:left: ");
	assert_int_equal(group_list(&world->group, &no_names, members), 2);
	change(world, "1.10 3.30", "2.20p");
	assert_string_equal(news(world), "");
}

/* Corosync restarted faster than its loss was noticed: gone and back in one change, with the same
 * numbers. */
static void test_back_at_once(void **state)
{
	struct world *world = *state;

	change(world, "1.10 2.20 3.30", "2.20n");
	assert_string_equal(news(world), "-2.20#2:node: ");
	assert_true(hear(world, 2, 20, 2));
	assert_string_equal(news(world), "+2.20#2= ");
}

static void test_other_incarnation_without_a_change(void **state)
{
	struct world *world = *state;

	assert_true(hear(world, 2, 20, 22));
	assert_string_equal(news(world), "-2.20#2:process: +2.20#22= ");
	assert_true(hear(world, 2, 20, 22));
	assert_string_equal(news(world), "");
}

static void test_ghost(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];

	ring(world, 8, "12");
	assert_string_equal(news(world), "-3.30#3:ghost: ");
	assert_false(group_is_whole(&world->group));
	assert_int_equal(group_list(&world->group, &no_names, members), 3);
	assert_false(members[2].is_in_ring);
	ring(world, 12, "123");
	assert_string_equal(news(world), "+3.30#3= ");
	assert_true(group_is_whole(&world->group));
}

static void test_ring_of_the_same_members(void **state)
{
	struct world *world = *state;

	ring(world, 8, "123");
	assert_string_equal(news(world), "");
}

static void test_our_corosync_restarts(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];

	group_restart(&world->group);
	assert_string_equal(news(world), "");
	assert_int_equal(group_list(&world->group, &no_names, members), 3); /* last known */
	/* 2 is the same, 3 has another process, 1 (we) is there again. */
	change(world, "1.10 2.20 3.31", NULL);
	assert_string_equal(news(world), "");
	ring(world, 20, "123");
	assert_string_equal(news(world), "-3.30#3:process: ");
	assert_true(hear(world, 1, 10, 1) && hear(world, 2, 20, 2) && hear(world, 3, 31, 4));
	assert_string_equal(news(world), "+3.31#4= ");
}

static void test_alone_after_restart(void **state)
{
	struct world *world = *state;

	group_restart(&world->group);
	change(world, "1.10", NULL);
	assert_string_equal(news(world), "");
	ring(world, 20, "1");
	assert_string_equal(news(world), "-2.20#2:node: -3.30#3:node: ");
}

static void test_same_numbers_other_process_after_restart(void **state)
{
	struct world *world = *state;

	group_restart(&world->group);
	change(world, "1.10 2.20 3.30", NULL);
	ring(world, 20, "123");
	assert_string_equal(news(world), "");
	assert_true(hear(world, 2, 20, 77));
	assert_string_equal(news(world), "-2.20#2:process: +2.20#77= ");
}

static void test_news_wait_for_memory(void **state)
{
	struct world *world = *state;

	world->is_deaf = true;
	change(world, "1.10 3.30 4.40", "2.20l");
	ring(world, 8, "134");
	assert_true(hear(world, 4, 40, 4));
	assert_string_equal(news(world), "");
	world->is_deaf = false;
	assert_string_equal(news(world), "-2.20#2:left: +4.40#4= ");
	assert_string_equal(news(world), "");
}

static void test_names(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];

	world->names.names[0] = (struct group_name){.nodeid = 4, .name = "four"};
	world->names.count = 1;
	change(world, "1.10 2.20 3.30 4.40 5.50", NULL);
	ring(world, 8, "12345");
	assert_true(group_heard(&world->group, (struct group_address){.nodeid = 4, .pid = 40}, 4,
				"other"));
	assert_true(group_heard(&world->group, (struct group_address){.nodeid = 5, .pid = 50}, 5,
				"five"));
	assert_string_equal(news(world), "+4.40#4=four +5.50#5=five ");
	assert_int_equal(group_list(&world->group, &world->names, members), 5);
	assert_string_equal(members[4].name, "five");
	assert_string_equal(members[0].name, "");
}

static void test_silent_members_are_told_never(void **state)
{
	struct world *world = *state;

	change(world, "1.10 2.20 3.30 9.90", NULL);
	ring(world, 8, "1239");
	assert_string_equal(news(world), "");
	change(world, "1.10 2.20 3.30", "9.90p");
	assert_string_equal(news(world), "");
}

static void test_more_than_can_be(void **state)
{
	struct world *world = *state;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];
	struct group_address all[HAOPS_CLUSTER_MEMBERS_MAX];
	struct group_change what = {.members = all, .member_count = HAOPS_CLUSTER_MEMBERS_MAX};

	world->is_deaf = true;
	for (uint32_t round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < HAOPS_CLUSTER_MEMBERS_MAX; i++)
			all[i] = (struct group_address){.nodeid = 1000 * round + i + 1, .pid = 1};
		group_changed(&world->group, &what);
		for (uint32_t i = 0; i < HAOPS_CLUSTER_MEMBERS_MAX; i++)
			(void)hear(world, all[i].nodeid, 1, round + 5);
		assert_true(group_list(&world->group, &no_names, members) <=
			    HAOPS_CLUSTER_MEMBERS_MAX);
	}
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(test_list_and_ring),
		WORLD(test_leave_and_ends),
		WORLD(test_node_down),
		WORLD(test_goodbye_comes_first),
		WORLD(test_back_at_once),
		WORLD(test_other_incarnation_without_a_change),
		WORLD(test_ghost),
		WORLD(test_ring_of_the_same_members),
		WORLD(test_our_corosync_restarts),
		WORLD(test_alone_after_restart),
		WORLD(test_same_numbers_other_process_after_restart),
		WORLD(test_news_wait_for_memory),
		WORLD(test_names),
		WORLD(test_silent_members_are_told_never),
		WORLD(test_more_than_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
