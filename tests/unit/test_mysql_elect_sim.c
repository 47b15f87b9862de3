/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No election loses an acknowledged write, whatever happened before, if the rules of decision 0008
 * are kept; and each of these rules is needed. */
#include "mysql_world.h"

#define STEPS 1200
#define HISTORIES 200

struct sum {
	unsigned int elections, promotions, caught_up, acked, lost, broken, refused_primary;
};

static struct sum run(struct haops_ctx *ctx, enum haops_mysql_flavor flavor, int count,
		      unsigned int flaws, unsigned int histories)
{
	static struct world w;
	struct sum sum = {0};

	for (unsigned int i = 1; i <= histories; i++) {
		world_init(&w, ctx, flavor, count);
		w.flaws = flaws;
		w.seed = i * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)count;
		w.calm = i % 4;
		w.slow = i / 4 % 4;
		for (int step = 0; step < STEPS; step++)
			world_step(&w);
		if (flaws == WORLD_SOUND && (w.lost || w.broken || w.refused_primary))
			fail_msg("history %u of %d nodes: %u lost, %u broken, %u refused", i, count,
				 w.lost, w.broken, w.refused_primary);
		sum.elections += w.elections;
		sum.promotions += w.promotions;
		sum.caught_up += w.caught_up;
		sum.acked += w.acked;
		sum.lost += w.lost;
		sum.broken += w.broken;
		sum.refused_primary += w.refused_primary;
	}
	print_message("%s, %d nodes, flaws %u: %u elections, %u promotions, %u caught up, %u "
		      "acked, "
		      "%u lost, %u broken\n",
		      flavor == HAOPS_MYSQL_MARIADB ? "MariaDB" : "MySQL", count, flaws,
		      sum.elections, sum.promotions, sum.caught_up, sum.acked, sum.lost,
		      sum.broken);
	return sum;
}

static void check_sound(struct haops_ctx *ctx, enum haops_mysql_flavor flavor)
{
	for (int count = 2; count <= WORLD_NODES_MAX; count++) {
		struct sum sum = run(ctx, flavor, count, WORLD_SOUND, HISTORIES);

		assert_true(sum.promotions > 1000);
		assert_true(sum.caught_up > 500);
		assert_true(sum.acked > 5000);
	}
}

static void nothing_is_lost_with_mariadb(void **state)
{
	check_sound(*state, HAOPS_MYSQL_MARIADB);
}

static void nothing_is_lost_with_mysql(void **state)
{
	check_sound(*state, HAOPS_MYSQL_MYSQL);
}

static void each_rule_is_needed(void **state)
{
	for (unsigned int flaw = WORLD_ACKS_UNASKED; flaw <= WORLD_TURNS_AT_ONCE; flaw *= 2) {
		struct sum sum = run(*state, HAOPS_MYSQL_MARIADB, 3, flaw, 2 * HISTORIES);

		assert_true(sum.lost + sum.broken > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(nothing_is_lost_with_mariadb),
		TEST_CTX(nothing_is_lost_with_mysql),
		TEST_CTX(each_rule_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
