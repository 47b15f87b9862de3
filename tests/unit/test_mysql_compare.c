/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one server has that another lacks, as far as that can be proved. */
#include "compare.h"
#include "mysql_sets.h"

#define A "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define B "ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab"
#define MARIADB HAOPS_MYSQL_MARIADB
#define MYSQL HAOPS_MYSQL_MYSQL

struct side {
	const char *logged, *applied, *received;
};

static void comparison_by_table(void **state)
{
	static const struct {
		enum haops_mysql_flavor flavor;
		struct side first, second;
		enum haops_mysql_relation relation;
		uint64_t behind;
		const char *errant;
	} cases[] = {
		{MARIADB, {"", "", ""}, {"", "", ""}, HAOPS_MYSQL_EQUAL, 0, ""},
		{MARIADB,
		 {"0-1-5", "0-1-5", "0-1-5"},
		 {"0-1-7", "", ""},
		 HAOPS_MYSQL_BEHIND,
		 2,
		 ""},
		/* An old primary with a transaction that nobody else has. */
		{MARIADB,
		 {"0-1-5514", "", ""},
		 {"0-1-5513,0-2-5613", "0-1-5513", ""},
		 HAOPS_MYSQL_BEHIND,
		 99,
		 "0-1-5514"},
		/* What the second only knows from its position counts, too. */
		{MARIADB, {"0-1-100", "", ""}, {"", "0-1-100", ""}, HAOPS_MYSQL_EQUAL, 0, ""},
		{MARIADB,
		 {"0-1-100", "", ""},
		 {"", "0-1-90", "0-1-100"},
		 HAOPS_MYSQL_EQUAL,
		 0,
		 "0-1-100"},
		{MYSQL,
		 {A ":1-5", A ":1-5", ""},
		 {A ":1-9", A ":1-9", ""},
		 HAOPS_MYSQL_BEHIND,
		 4,
		 ""},
		{MYSQL,
		 {A ":1-5," B ":1", A ":1-5," B ":1", ""},
		 {A ":1-9", A ":1-9", ""},
		 HAOPS_MYSQL_DIVERGED,
		 4,
		 B ":1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct side *a = &cases[i].first, *b = &cases[i].second;
		struct haops_mysql_status first =
			status_of(*state, cases[i].flavor, a->logged, a->applied, a->received);
		struct haops_mysql_status second =
			status_of(*state, cases[i].flavor, b->logged, b->applied, b->received);
		struct haops_mysql_comparison comparison = {0};

		assert_int_equal(haops_mysql_compare(*state, &first, &second, &comparison), 0);
		assert_int_equal(comparison.relation, cases[i].relation);
		assert_true(comparison.behind == cases[i].behind);
		assert_string_equal(comparison.errant, cases[i].errant);
		free(comparison.errant);
		haops_mysql_status_done(&first);
		haops_mysql_status_done(&second);
	}
}

static void wrong_arguments_are_refused(void **state)
{
	struct haops_mysql_status first = status_of(*state, MARIADB, "0-1-1", "", "");
	struct haops_mysql_status other = status_of(*state, MYSQL, A ":1", A ":1", "");
	const struct haops_mysql_status none = {0};
	struct haops_mysql_comparison comparison = {.behind = 77};

	assert_int_equal(haops_mysql_compare(*state, &first, &other, &comparison), -EINVAL);
	assert_string_equal(haops_ctx_error(*state),
			    "a server of MariaDB and one of MySQL cannot be compared");
	assert_int_equal(haops_mysql_compare(*state, &first, &none, &comparison), -EINVAL);
	assert_int_equal(haops_mysql_compare(*state, NULL, &first, &comparison), -EINVAL);
	assert_int_equal(haops_mysql_compare(*state, &first, &first, NULL), -EINVAL);
	assert_int_equal(haops_mysql_compare(NULL, &first, &first, &comparison), -EINVAL);
	assert_true(comparison.behind == 77);
	assert_true(compare_count_missing(&first, &other, false) > 0);
	assert_true(compare_count_missing(&other, &first, false) > 0);
	haops_mysql_status_done(&first);
	haops_mysql_status_done(&other);
}

static void what_is_missing_by_table(void **state)
{
	static const struct {
		enum haops_mysql_flavor flavor;
		struct side first, second;
		uint64_t missing; /* of the first's, in the second */
		uint64_t back;	  /* of the second's, in the first */
	} cases[] = {
		{MARIADB, {"0-1-5", "", ""}, {"0-1-5", "0-1-5", ""}, 0, 0},
		{MARIADB, {"0-1-5", "", ""}, {"0-1-3", "0-1-3", ""}, 2, 0},
		{MARIADB, {"0-1-5", "", ""}, {"", "", ""}, 5, 0},
		/* One history, the first not yet told of the new primary's part. */
		{MARIADB, {"0-1-100", "", ""}, {"0-1-100,0-2-105", "", ""}, 0, 5},
		{MARIADB, {"0-1-100,0-2-103", "", ""}, {"0-1-100,0-2-105", "", ""}, 0, 2},
		/* The same number twice, at the end and in the middle. */
		{MARIADB, {"0-1-101", "", ""}, {"0-1-100,0-2-101", "", ""}, 1, 1},
		{MARIADB, {"0-1-101", "", ""}, {"0-1-100,0-2-105", "", ""}, 1, 4},
		{MARIADB, {"0-1-110", "", ""}, {"0-1-100,0-2-115", "", ""}, 10, 5},
		{MARIADB, {"0-3-90,0-1-110", "", ""}, {"0-3-90,0-2-115", "", ""}, 20, 5},
		{MARIADB, {"0-3-90,0-1-110", "", ""}, {"0-3-90,0-1-95,0-2-115", "", ""}, 15, 5},
		{MARIADB, {"0-1-101", "", ""}, {"0-2-101", "", ""}, 1, 1},
		{MARIADB, {"0-1-101", "", ""}, {"", "0-2-101", "0-2-101"}, 1, 1},
		{MARIADB, {"", "", "0-1-101"}, {"0-1-100,0-2-105", "", ""}, 1, 4},
		/* Two servers by mistake with one number. */
		{MARIADB, {"0-1-5,0-2-5", "", ""}, {"0-1-5,0-2-5", "", ""}, 0, 0},
		/* A copy of somebody's data: its log began after that. */
		{MARIADB, {"0-3-50", "", ""}, {"0-1-120", "0-1-120", ""}, 0, 70},
		{MARIADB, {"0-3-50", "", ""}, {"", "0-1-100", ""}, 0, 50},
		{MARIADB, {"0-3-50", "", ""}, {"0-1-40,0-2-120", "", ""}, 11, 70},
		/* Received and not applied: what is in there nobody can tell by the last number. */
		{MARIADB, {"0-1-100", "", ""}, {"0-1-95", "0-1-95", "0-2-105"}, 0, 5},
		{MARIADB, {"0-1-101", "", ""}, {"0-1-95", "0-1-95", "0-2-105"}, 0, 4},
		/* Domain by domain. */
		{MARIADB, {"0-1-5,1-1-7", "", ""}, {"0-1-5,1-1-7", "", ""}, 0, 0},
		{MARIADB, {"0-1-5,1-1-7", "", ""}, {"0-1-3,1-1-9", "", ""}, 2, 2},
		{MARIADB, {"0-1-5,1-1-7", "", ""}, {"0-1-5,1-1-6,1-2-9", "", ""}, 1, 2},
		{MARIADB, {"0-1-5", "", ""}, {"0-1-5,1-1-7", "", ""}, 0, 7},
		{MYSQL, {A ":1-9", A ":1-9", ""}, {A ":1-7", A ":1-7", A ":1-9"}, 0, 0},
		{MYSQL, {A ":1-9", A ":1-9", ""}, {A ":1-7", A ":1-7", A ":8"}, 1, 0},
		{MYSQL, {A ":1-9," B ":1", "", ""}, {A ":1-12", "", ""}, 1, 3},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct side *a = &cases[i].first, *b = &cases[i].second;
		struct haops_mysql_status first =
			status_of(*state, cases[i].flavor, a->logged, a->applied, a->received);
		struct haops_mysql_status second =
			status_of(*state, cases[i].flavor, b->logged, b->applied, b->received);
		uint64_t missing = compare_count_missing(&first, &second, false);
		uint64_t back = compare_count_missing(&second, &first, false);

		if (missing != cases[i].missing || back != cases[i].back)
			fail_msg("case %zu: %u and %u", i, (unsigned int)missing,
				 (unsigned int)back);
		haops_mysql_status_done(&first);
		haops_mysql_status_done(&second);
	}
}

static void what_is_needed_has_to_be_proved(void **state)
{
	static const struct {
		struct side first, second;
		uint64_t missing;
	} cases[] = {
		{{"0-3-50", "", ""}, {"0-1-120", "0-1-120", ""}, 1},
		{{"0-3-50", "", ""}, {"", "0-1-100", ""}, 1},
		{{"0-3-50", "", ""}, {"", "0-3-50", ""}, 0},
		{{"0-3-50", "", ""}, {"0-3-50,0-1-120", "0-1-120", ""}, 0},
		{{"0-3-50", "", ""}, {"0-3-49,0-1-120", "0-1-120", ""}, 1},
		{{"0-3-50", "", ""}, {"0-1-40", "", "0-1-120"}, 0},
		{{"0-3-50,7-1-3", "", ""}, {"0-1-120,7-1-3", "", ""}, 1},
		{{"0-2-20,0-1-15", "", ""}, {"0-1-22", "", ""}, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct side *a = &cases[i].first, *b = &cases[i].second;
		struct haops_mysql_status first =
			status_of(*state, MARIADB, a->logged, a->applied, a->received);
		struct haops_mysql_status second =
			status_of(*state, MARIADB, b->logged, b->applied, b->received);
		uint64_t missing = compare_count_missing(&first, &second, true);

		if (missing != cases[i].missing)
			fail_msg("case %zu: %u", i, (unsigned int)missing);
		haops_mysql_status_done(&first);
		haops_mysql_status_done(&second);
	}
}

static void a_log_without_what_was_applied_proves_nothing(void **state)
{
	struct haops_mysql_status first = status_of(*state, MARIADB, "0-3-80", "", "");
	struct haops_mysql_status second = status_of(*state, MARIADB, "0-2-50", "0-1-120", "");

	assert_true(compare_count_missing(&first, &second, false) == 31);
	second.logs_applied = false;
	assert_true(compare_count_missing(&first, &second, false) == 0);
	haops_mysql_status_done(&first);
	haops_mysql_status_done(&second);
}

static void status_is_known_when_whole(void **state)
{
	struct haops_mysql_status status = status_of(*state, MARIADB, "", "", "");
	struct haops_mysql_gtid **const sets[] = {&status.all, &status.logged, &status.applied};

	assert_false(compare_is_known(NULL));
	assert_true(compare_is_known(&status));
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct haops_mysql_gtid *kept = *sets[i];

		*sets[i] = NULL;
		assert_false(compare_is_known(&status));
		*sets[i] = kept;
	}
	haops_mysql_status_done(&status);
	assert_false(compare_is_known(&status));
	haops_mysql_status_done(&status);
	haops_mysql_status_done(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(comparison_by_table),
		TEST_CTX(wrong_arguments_are_refused),
		TEST_CTX(what_is_missing_by_table),
		TEST_CTX(what_is_needed_has_to_be_proved),
		TEST_CTX(a_log_without_what_was_applied_proves_nothing),
		TEST_CTX(status_is_known_when_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
