/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elections by table: who is fit, who has to answer. What they have to have is
 * test_mysql_elect_data.c's, histories by chance are test_mysql_elect_sim.c's. */
#include "mysql_voters.h"

static void candidate_has_to_be_fit(void **state)
{
	static const struct election elections[] = {
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1: its own server does not answer"},
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "sx", "0-1-5", NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1: its own server does not answer"},
		{.of = "n1",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "sb", "0-1-5", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 has diverged: give it a copy of a good node's data, then remove its "
			   "mark (bad-n1)"},
		{.of = "n1",
		 .initial = "n1",
		 .nodes = {{"n1", "m", "", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 replicates from 2 sources: remove all but one"},
		{.of = "n1",
		 .initial = "n1",
		 .nodes = {{"n1", "d", "", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 applies with a delay of 3600 s: a delayed replica is no candidate"},
		{.of = "n1",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "se", "0-1-5", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1: repair its replication, the applier stopped with error 1032: Can't "
			   "find record in 't1'"},
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "sn", "0-1-5", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 writes no binary log, nobody could replicate from it: set log_bin"},
		{.of = "n1",
		 .last = "n2",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "sw", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "n2 is open for writing: demote or stop it first"},
		{.of = "n1",
		 .initial = "n1",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "w", "", NULL}},
		 .verdict = WAIT,
		 .reason = "n2 is open for writing: demote or stop it first"},
		/* An interrupted promotion is repeated; a diverged node's clients are no concern.
		 */
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "sw", "0-1-5", NULL}, {"n2", "bw", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
	};

	CHECK_ALL(*state, elections);
}

static void new_cluster_needs_all_nodes(void **state)
{
	static const struct election elections[] = {
		{.of = "n1",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "", NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: all are empty, it is the first"},
		{.of = "n2",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "", NULL}},
		 .verdict = REFUSE,
		 .reason = "new cluster, all are empty: n1 is the first, not n2"},
		{.of = "n2",
		 .nodes = {{"n1", "b", "0-1-5", NULL}, {"n2", "", "", NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: all are empty, it is the first"},
		{.of = "n1",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", NULL, NULL}, {"n3", "", "", NULL}},
		 .verdict = WAIT,
		 .reason = "new cluster, and n2 may have data: bring it up, or name an "
			   "initial_primary"},
		{.of = "n2",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "", NULL, NULL}, {"n2", "", "", NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: all are empty, it is the first"},
	};

	CHECK_ALL(*state, elections);
}

static void new_cluster_has_one_with_data(void **state)
{
	static const struct election elections[] = {
		{.of = "n2",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "0-2-3", NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: it alone has data"},
		{.of = "n2",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "", "0-9-3"}},
		 .verdict = MAY,
		 .reason = "new cluster: it alone has data"},
		{.of = "n1",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "0-2-3", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 is empty and n2 is not: promote that, or name an initial_primary"},
		{.of = "n1",
		 .nodes = {{"n1", "", "0-1-3", NULL},
			   {"n2", "", "0-2-3", NULL},
			   {"n3", "", "0-3-3", NULL}},
		 .verdict = REFUSE,
		 .reason = "new cluster, and n1, n2 and n3 have data: name the one whose data "
			   "counts as initial_primary"},
		{.of = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "", "0-1-3", NULL}, {"n2", "", "0-2-3", NULL}},
		 .verdict = REFUSE,
		 .reason = "new cluster, and n1 and n2 have data: name the one whose data counts "
			   "as initial_primary"},
	};

	CHECK_ALL(*state, elections);
}

static void operator_names_the_first(void **state)
{
	static const struct election elections[] = {
		{.of = "n1",
		 .initial = "n1",
		 .nodes = {{"n1", "", "0-1-3", NULL},
			   {"n2", "", "0-2-3", NULL},
			   {"n3", "", NULL, NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: initial_primary names it"},
		{.of = "n2",
		 .initial = "n1",
		 .nodes = {{"n1", "", NULL, NULL}, {"n2", "", "", NULL}},
		 .verdict = REFUSE,
		 .reason = "initial_primary names n1 for this new cluster, not n2"},
		{.of = "n2",
		 .initial = "n9",
		 .nodes = {{"n1", "", "", NULL}, {"n2", "", "", NULL}},
		 .verdict = REFUSE,
		 .reason = "initial_primary=n9 is none of the nodes: correct it"},
		{.of = "n1",
		 .initial = "",
		 .nodes = {{"n1", "", "", NULL}},
		 .verdict = MAY,
		 .reason = "new cluster: all are empty, it is the first"},
		/* Once there was a primary, nobody is named any more. */
		{.of = "n2",
		 .last = "n1",
		 .initial = "n1",
		 .nodes = {{"n1", "s", NULL, NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
	};

	CHECK_ALL(*state, elections);
}

static void one_of_two_has_to_answer(void **state)
{
	static const struct election elections[] = {
		/* Two nodes: each has all. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		/* The last primary alone, and only it. */
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "", NULL, NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "one node alone has all acknowledged writes: bring up n1, or accept "
			   "their loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "sb", "0-1-5", NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "one node alone has all acknowledged writes: repair n1, or accept their "
			   "loss (allow-stale)"},
		/* It may hand on to one that is none of them. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-9", NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n1",
		 .reason = "n1 has 4 transactions more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
	};

	CHECK_ALL(*state, elections);
}

static void two_of_three_have_to_answer(void **state)
{
	static const struct election elections[] = {
		/* Three: two. Even the last primary is not believed alone. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", NULL, NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n1 or n3, or accept a loss (allow-stale)"},
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-5", NULL},
			   {"n2", "s", NULL, NULL},
			   {"n3", "s", NULL, NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n2 or n3, or accept a loss (allow-stale)"},
		/* One that has diverged cannot answer for what it acknowledged. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "sb", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n1, or accept a loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "sb", "0-1-6", NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "sb", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: repair "
			   "n1 and n3, or accept a loss (allow-stale)"},
	};

	CHECK_ALL(*state, elections);
}

static void others_may_come_and_go(void **state)
{
	static const struct election elections[] = {
		/* Others than these may come and go. */
		{.of = "n4",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", "0-1-7", NULL},
			   {"n4", "", "0-1-2", NULL},
			   {"n5", "", NULL, NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "n3 has 5 transactions more"},
		{.of = "n4",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", NULL, NULL},
			   {"n4", "", "0-1-2", NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n1 or n3, or accept a loss (allow-stale)"},
		/* Five: four. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", NULL, NULL},
			   {"n4", "s", NULL, NULL},
			   {"n5", "s", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "2 of 5 nodes that may have acknowledged writes answer, 4 must: bring "
			   "up 2 of n1, n3 and n4, or accept a loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", NULL, NULL},
			   {"n4", "sb", NULL, NULL},
			   {"n5", "s", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "2 of 5 nodes that may have acknowledged writes answer, 4 must: bring "
			   "up n1 and n3, or accept a loss (allow-stale)"},
		/* Commits that wait, and nobody knows for whom: all of them. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "", NULL, NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 2 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n1, or accept a loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "", "0-1-6", NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n1",
		 .reason = "n1 has 1 transaction more"},
		/* The last primary is no node any more. */
		{.of = "n2",
		 .last = "n9",
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
	};

	CHECK_ALL(*state, elections);
}

static void asynchronous_needs_all_but_one(void **state)
{
	static const struct election elections[] = {
		{.of = "n2",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "", "0-1-5", NULL},
			   {"n3", "", "0-1-4", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more; what n1 did not send is lost "
			   "(durability=async)"},
		{.of = "n3",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "", "0-1-5", NULL},
			   {"n3", "", "0-1-4", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n2",
		 .reason = "n2 has 1 transaction more"},
		{.of = "n2",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "", "0-1-5", NULL}, {"n2", "", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		{.of = "n2",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "", NULL, NULL},
			   {"n2", "", "0-1-5", NULL},
			   {"n3", "", NULL, NULL}},
		 .verdict = WAIT,
		 .reason = "1 of 3 nodes that may have acknowledged writes answer, 2 must: bring "
			   "up n1 or n3, or accept a loss (allow-stale)"},
		/* What a bad one has counts for nothing, so nobody waits for it. */
		{.of = "n2",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "", NULL, NULL},
			   {"n2", "", "0-1-5", NULL},
			   {"n3", "b", "0-1-9", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more; what n1 did not send is lost "
			   "(durability=async)"},
		{.of = "n2",
		 .last = "n2",
		 .is_async = true,
		 .nodes = {{"n2", "", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		/* Nobody is known to be right against others. */
		{.of = "n2",
		 .last = "n1",
		 .is_async = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "", "0-1-101", NULL}},
		 .verdict = REFUSE,
		 .reason = "n2 and n3 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
	};

	CHECK_ALL(*state, elections);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(candidate_has_to_be_fit),	 TEST_CTX(new_cluster_needs_all_nodes),
		TEST_CTX(new_cluster_has_one_with_data), TEST_CTX(operator_names_the_first),
		TEST_CTX(one_of_two_has_to_answer),	 TEST_CTX(two_of_three_have_to_answer),
		TEST_CTX(others_may_come_and_go),	 TEST_CTX(asynchronous_needs_all_but_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
