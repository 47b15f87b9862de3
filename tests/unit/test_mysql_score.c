/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Promotion scores and readers, by table. */
#include "mysql/reader.h"
#include "mysql/score.h"
#include "unit.h"

#define NONE 1

static const struct haops_mysql_status replica = {.is_read_only = true,
						  .has_binlog = true,
						  .is_replica = true,
						  .source_count = 1,
						  .lag_s = 0};

static int score_of(const struct haops_mysql_status *status, const char *memory, size_t place,
		    const struct haops_mysql_decision *decision)
{
	struct memory m;
	struct score_view view = {.memory = &m,
				  .own = "n2",
				  .status = status,
				  .durability = HAOPS_MYSQL_SAFE,
				  .place = place,
				  .max_lag_s = 60,
				  .decision = decision};
	int score = NONE;

	assert_int_equal(memory_read(memory, &m), 0);
	return score_decide(&view, &score) ? score : NONE;
}

static void scores_are_ranks(void **state)
{
	static const char safe[] = "primary\t1 n1\nsafe\tn1 n2\n";
	struct haops_mysql_status s = replica;

	(void)state;
	assert_int_equal(score_of(&s, safe, 0, NULL), 900);
	assert_int_equal(score_of(&s, safe, 2, NULL), 880);
	assert_int_equal(score_of(&s, "primary\t1 n1\nsafe\tn1\n", 0, NULL), 300);
	s.lag_s = 61;
	assert_int_equal(score_of(&s, safe, 0, NULL), 600);
	s.lag_s = -1; /* no primary to ask: nothing changes for that */
	assert_int_equal(score_of(&s, safe, 0, NULL), 900);
	assert_true(score_of(&s, safe, 1000, NULL) > 600);
	s.is_writable = true;
	assert_int_equal(score_of(&s, safe, 1, NULL), 2000);
}

static void unfit_never(void **state)
{
	static const char safe[] = "primary\t1 n1\nsafe\tn1 n2\n";
	struct haops_mysql_status s = replica;

	(void)state;
	assert_int_equal(score_of(&s, "safe\tn1 n2\nbad-n2\tx\n", 0, NULL), SCORE_NEVER);
	s.delay_s = 10;
	assert_int_equal(score_of(&s, safe, 0, NULL), SCORE_NEVER);
	s = replica;
	s.applier_errno = 1062;
	assert_int_equal(score_of(&s, safe, 0, NULL), SCORE_NEVER);
	s = replica;
	s.source_count = 2;
	assert_int_equal(score_of(&s, safe, 0, NULL), SCORE_NEVER);
	s = replica;
	s.has_binlog = false;
	assert_int_equal(score_of(&s, safe, 0, NULL), SCORE_NEVER);
}

static void without_a_primary_the_election_counts(void **state)
{
	static const char safe[] = "primary\t1 n1\nsafe\tn1 n2\n";
	struct haops_mysql_decision decision = {.verdict = HAOPS_MYSQL_WAIT};
	struct haops_mysql_status s = replica;

	(void)state;
	assert_int_equal(score_of(&s, safe, 0, &decision), NONE);
	decision.verdict = HAOPS_MYSQL_REFUSE;
	assert_int_equal(score_of(&s, safe, 0, &decision), NONE);
	decision.verdict = HAOPS_MYSQL_CATCH_UP;
	assert_int_equal(score_of(&s, safe, 0, &decision), 900);
	s.is_replica = false; /* a new cluster */
	decision.verdict = HAOPS_MYSQL_MAY;
	assert_int_equal(score_of(&s, "", 0, &decision), 300);
	assert_int_equal(score_of(&s, safe, 0, NULL), NONE);
}

static void readers(void **state)
{
	static const struct {
		bool is_writable, follows, was, wanted;
		int64_t lag_s, out_s, in_s;
		unsigned int delay_s;
	} rows[] = {
		{true, false, false, true, -1, 10, 5, 0},
		{false, true, true, true, 10, 10, 5, 0},
		{false, true, true, false, 11, 10, 5, 0},
		{false, true, false, false, 6, 10, 5, 0},
		{false, true, false, true, 5, 10, 5, 0},
		{false, true, true, false, -1, 10, 5, 0},
		{false, false, true, false, 0, 10, 5, 0},
		{false, true, true, false, 0, 10, 5, 3600},
		{false, true, false, true, 9999, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct haops_mysql_status s = {.is_writable = rows[i].is_writable,
					       .lag_s = rows[i].lag_s,
					       .delay_s = rows[i].delay_s};
		struct reader_limits limits = {rows[i].out_s, rows[i].in_s};

		if (reader_decide(&s, &limits, rows[i].follows, rows[i].was) != rows[i].wanted)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_ranks),
		cmocka_unit_test(unfit_never),
		cmocka_unit_test(without_a_primary_the_election_counts),
		cmocka_unit_test(readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
