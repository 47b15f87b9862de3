/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elections by table: who has more, whose history is another one, what an accepted loss gives up.
 */
#include "mysql_voters.h"

#define A "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define B "ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab"

static void whoever_has_most_is_caught_up_with(void **state)
{
	static const struct election elections[] = {
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", "0-1-7"},
			   {"n3", "s", "0-1-6", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-8", NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", "0-1-6", "0-1-9"}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "n3 has 4 transactions more"},
	};

	CHECK_ALL(*state, elections);
}

static void it_has_to_be_able_to_hand_on(void **state)
{
	static const struct election elections[] = {
		/* Of equals, one that has it in its log already. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "se", "0-1-6", "0-1-9"},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", "0-1-9", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "n3 has 4 transactions more"},
		/* An applier that stopped after all is applied holds nothing back. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "se", "0-1-9", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "n3 has 4 transactions more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "se", "0-1-5", "0-1-9"}},
		 .verdict = WAIT,
		 .reason = "n3 has 4 transactions more: repair its replication (error 1032), or "
			   "accept their loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "sd", "0-1-5", "0-1-9"}},
		 .verdict = WAIT,
		 .reason = "n3 has 4 transactions more but applies 3600 s late: set its delay to "
			   "0, or accept their loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "su", "0-1-5", "0-1-9"}},
		 .verdict = WAIT,
		 .reason = "n3 has 4 transactions more but no log to replicate from: promote it, "
			   "or accept their loss (allow-stale)"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "sn", "0-1-9", NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = WAIT,
		 .reason = "n1 has 4 transactions more but no log to replicate from: promote it, "
			   "or accept their loss (allow-stale)"},
		/* What a bad one has counts for nothing. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "b", "0-1-9", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		/* Domain by domain. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5,7-1-5", NULL},
			   {"n3", "s", "0-1-5,7-1-6", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "n3 has 1 transaction more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "sy", A ":1-5", A ":6-7"},
			   {"n3", "sy", A ":1-6", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
	};

	CHECK_ALL(*state, elections);
}

static void different_histories_are_seen(void **state)
{
	static const struct election elections[] = {
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-6,7-1-5", NULL},
			   {"n3", "s", "0-1-5,7-1-6", NULL}},
		 .verdict = REFUSE,
		 .reason = "n2 and n3 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
		/* The same number, the same height: only the logs tell. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-100,0-2-101", NULL},
			   {"n3", "s", "0-1-101", NULL}},
		 .verdict = REFUSE,
		 .reason = "n2 and n3 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
		/* Two others, the candidate behind one of them. */
		{.of = "n4",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-101", NULL},
			   {"n4", "s", "0-1-90", NULL}},
		 .verdict = REFUSE,
		 .reason = "n2 and n3 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
		/* One has what both have. */
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "sy", A ":1-5," B ":1", NULL},
			   {"n3", "sy", A ":1-6", NULL},
			   {"n4", "sy", A ":1-6," B ":1-2", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n4",
		 .reason = "n4 has 2 transactions more"},
		{.of = "n2",
		 .last = "n1",
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-100", NULL},
			   {"n3", "sy", A ":1-6", NULL}},
		 .verdict = REFUSE,
		 .reason = "n2 and n3 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
	};

	CHECK_ALL(*state, elections);
}

static void last_primary_is_right(void **state)
{
	static const struct election elections[] = {
		/* The last primary is right: n1's tail was never acknowledged. */
		{.of = "n2",
		 .last = "n2",
		 .nodes = {{"n1", "s", "0-1-101", NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-100,0-2-103", NULL}},
		 .verdict = MAY,
		 .reason =
			 "has all acknowledged writes; what n1 has beyond was never acknowledged"},
		/* All that n1 wrote is longer: its log shows nothing of n2's numbers. */
		{.of = "n1",
		 .last = "n2",
		 .nodes = {{"n1", "", "0-1-22", NULL}, {"n2", "s", "0-1-15,0-2-20", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 has diverged from n2: mark it bad (bad-NODE) and repair it"},
		{.of = "n2",
		 .last = "n2",
		 .nodes = {{"n1", "", "0-1-22", NULL}, {"n2", "s", "0-1-15,0-2-20", NULL}},
		 .verdict = MAY,
		 .reason =
			 "has all acknowledged writes; what n1 has beyond was never acknowledged"},
		/* Two have tails of their own beyond what the last primary has. */
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-1", NULL},
			   {"n2", "", "0-1-1,0-2-5", NULL},
			   {"n3", "s", "0-1-1,0-3-3", NULL}},
		 .verdict = MAY,
		 .reason =
			 "has all acknowledged writes; what n2 has beyond was never acknowledged"},
		{.of = "n4",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-2", NULL},
			   {"n2", "", "0-1-2,0-2-5", NULL},
			   {"n3", "s", "0-1-2,0-3-3", NULL},
			   {"n4", "s", "0-1-1", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n1",
		 .reason = "n1 has 1 transaction more"},
		/* Nobody waits for what was never acknowledged. */
		{.of = "n1",
		 .last = "n1",
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "se", "0-1-5", "0-1-9"}},
		 .verdict = MAY,
		 .reason =
			 "has all acknowledged writes; what n2 has beyond was never acknowledged"},
		{.of = "n3",
		 .last = "n2",
		 .nodes = {{"n1", "s", "0-1-101", NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-100,0-2-103", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n2",
		 .reason = "n2 has 2 transactions more"},
		{.of = "n1",
		 .last = "n2",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", "0-1-101", NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-100,0-2-103", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 has diverged from n2: mark it bad (bad-NODE) and repair it"},
	};

	CHECK_ALL(*state, elections);
}

static void safe_set_is_right_without_the_last_primary(void **state)
{
	static const struct election elections[] = {
		/* Unless it has diverged itself. */
		{.of = "n3",
		 .last = "n2",
		 .nodes = {{"n1", "s", "0-1-103", NULL},
			   {"n2", "b", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-103", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		/* The safe set is right against all others. */
		{.of = "n3",
		 .last = "n2",
		 .nodes = {{"n1", "", "0-1-101", NULL},
			   {"n2", "s", NULL, NULL},
			   {"n3", "s", "0-1-100,0-2-105", NULL}},
		 .verdict = MAY,
		 .reason =
			 "has all acknowledged writes; what n1 has beyond was never acknowledged"},
		/* A member with the first numbers only, and a copy whose log began later: who
		   knows. */
		{.of = "n3",
		 .last = "n2",
		 .nodes = {{"n1", "s", "0-1-50", NULL},
			   {"n2", "s", NULL, NULL},
			   {"n3", "s", "0-2-105", NULL}},
		 .verdict = REFUSE,
		 .reason = "n3 and n1 each have what the other lacks: mark the wrong one bad "
			   "(bad-NODE) and repair it"},
		{.of = "n3",
		 .last = "n2",
		 .nodes = {{"n1", "", "0-1-50", NULL},
			   {"n2", "s", NULL, NULL},
			   {"n3", "s", "0-2-105", NULL}},
		 .verdict = MAY,
		 .reason = "nobody who answers has more"},
		{.of = "n1",
		 .last = "n2",
		 .nodes = {{"n1", "", "0-1-101", NULL},
			   {"n2", "s", NULL, NULL},
			   {"n3", "s", "0-1-100,0-2-105", NULL}},
		 .verdict = REFUSE,
		 .reason = "n1 has diverged from n3: mark it bad (bad-NODE) and repair it"},
	};

	CHECK_ALL(*state, elections);
}

static void operator_may_accept_a_loss(void **state)
{
	static const struct election elections[] = {
		{.of = "n2",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "s", NULL, NULL}},
		 .verdict = MAY,
		 .reason = "a loss is accepted (allow-stale): nothing is known to be lost, goes on "
			   "without n1 and n3"},
		{.of = "n2",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", "0-1-5", NULL}, {"n2", "s", "0-1-5", NULL}},
		 .verdict = MAY,
		 .reason = "a loss is accepted (allow-stale): nothing is known to be lost"},
		/* Nobody who answers is given up for that. */
		{.of = "n2",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "", "0-1-7", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n3",
		 .reason = "a loss is accepted (allow-stale): nothing is known to be lost, goes on "
			   "without n1"},
		{.of = "n2",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-5", NULL},
			   {"n3", "se", "0-1-5", "0-1-9"},
			   {"n4", "s", "0-1-7", NULL}},
		 .verdict = CATCH_UP,
		 .ahead = "n4",
		 .given_up = 2,
		 .reason = "a loss is accepted (allow-stale): gives up 2 transactions of n3, goes "
			   "on without n1"},
		{.of = "n2",
		 .last = "n1",
		 .is_stale_allowed = true,
		 .nodes = {{"n1", "s", NULL, NULL},
			   {"n2", "s", "0-1-100,0-2-105", NULL},
			   {"n3", "s", "0-1-103", NULL},
			   {"n4", "s", "0-1-104", NULL}},
		 .verdict = MAY,
		 .given_up = 4,
		 .reason = "a loss is accepted (allow-stale): gives up 4 transactions of n4, goes "
			   "on without n1"},
	};

	CHECK_ALL(*state, elections);
}

static void nonsense_is_refused(void **state)
{
	struct haops_mysql_status status = status_of(*state, HAOPS_MYSQL_MARIADB, "0-1-5", "", "");
	struct haops_mysql_voter voters[2] = {{.node = "n1", .status = &status}};
	const struct haops_mysql_election elections[] = {
		{.voters = NULL, .voter_count = 1},
		{.voters = voters, .voter_count = 0},
		{.voters = voters, .voter_count = 1, .candidate = 1},
		{.voters = voters, .voter_count = 2},
	};
	struct haops_mysql_decision decision;

	for (size_t i = 0; i < ARRAY_LEN(elections) + 1; i++) {
		haops_mysql_elect(i < ARRAY_LEN(elections) ? &elections[i] : NULL, &decision);
		assert_int_equal(decision.verdict, HAOPS_MYSQL_REFUSE);
		assert_string_equal(decision.reason, "an election needs voters with names and a "
						     "candidate among them");
	}
	haops_mysql_status_done(&status);
}

static void long_names_keep_the_sentence_whole(void **state)
{
	struct haops_mysql_status status = status_of(*state, HAOPS_MYSQL_MARIADB, "0-1-5", "", "");
	struct haops_mysql_voter voters[40];
	char names[40][300];
	const struct haops_mysql_election election = {.voters = voters,
						      .voter_count = 40,
						      .last_primary = "x",
						      .durability = HAOPS_MYSQL_SAFE};
	struct haops_mysql_decision decision;

	for (size_t i = 0; i < ARRAY_LEN(voters); i++) {
		memset(names[i], 'n', sizeof(names[i]) - 1);
		names[i][sizeof(names[i]) - 1] = '\0';
		voters[i] = (struct haops_mysql_voter){.node = names[i],
						       .is_safe = true,
						       .status = i == 0 ? &status : NULL};
	}
	haops_mysql_elect(&election, &decision);
	assert_int_equal(decision.verdict, HAOPS_MYSQL_WAIT);
	assert_non_null(strstr(decision.reason, "1 of 40 nodes"));
	assert_non_null(strstr(decision.reason, "bring up 38 of nnn"));
	assert_true(strlen(decision.reason) < sizeof(decision.reason));
	haops_mysql_status_done(&status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(whoever_has_most_is_caught_up_with),
		TEST_CTX(it_has_to_be_able_to_hand_on),
		TEST_CTX(different_histories_are_seen),
		TEST_CTX(last_primary_is_right),
		TEST_CTX(safe_set_is_right_without_the_last_primary),
		TEST_CTX(operator_may_accept_a_loss),
		TEST_CTX(nonsense_is_refused),
		TEST_CTX(long_names_keep_the_sentence_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
