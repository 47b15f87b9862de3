/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of transactions by table: which texts are one, their canonical form, and what one has that
 * another lacks. The laws that hold for all of them are test_mysql_gtid_laws.c's. */
#include "mysql_sets.h"

#define A "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define B "ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab"
#define A_UPPER "3E11FA47-71CA-11E1-9E33-C80AA9429562"
#define TAG_32 "abcdefghijklmnopqrstuvwxyz_01234"
#define MARIADB HAOPS_MYSQL_MARIADB
#define MYSQL HAOPS_MYSQL_MYSQL
#define SEQ_MAX "18446744073709551615"
#define GNO_MAX "9223372036854775806"

struct reading {
	const char *text;
	const char *canonical; /* NULL: refused */
	size_t domains;
};

static void check_readings(struct haops_ctx *ctx, enum haops_mysql_flavor flavor,
			   const struct reading *readings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reading *reading = &readings[i];
		struct haops_mysql_gtid *set = NULL;
		int r = haops_mysql_gtid_parse(ctx, flavor, reading->text, &set);

		if (r != (reading->canonical ? 0 : -EINVAL))
			fail_msg("\"%s\": %d", reading->text, r);
		if (r < 0) {
			assert_null(set);
			assert_non_null(strstr(haops_ctx_error(ctx), "GTID set of M"));
			continue;
		}
		assert_set(ctx, set, reading->canonical);
		assert_int_equal(haops_mysql_gtid_count_domains(set), reading->domains);
		assert_int_equal(haops_mysql_gtid_is_empty(set), !*reading->canonical);
		set = haops_mysql_gtid_free(set);
		assert_null(set);
	}
}

static void mariadb_is_read_or_refused(void **state)
{
	static const struct reading readings[] = {
		{NULL, "", 0},
		{"", "", 0},
		{" \n", "", 0},
		{"0-1-100", "0-1-100", 1},
		{"0-2-5613,0-1-5513", "0-1-5513,0-2-5613", 1},
		{"5-3-1, 0-9-2,\n0-10-1 ", "0-9-2,0-10-1,5-3-1", 2},
		{"\t0-1-7\r\n,\r\n1-1-3\n", "0-1-7,1-1-3", 2},
		{"0-1-5,0-1-9,0-1-7", "0-1-9", 1},
		{"0-1-0", "", 0},
		{"0-7-0,0-9-1", "0-9-1", 1},
		{"0-0-5", "0-0-5", 1},
		{"4294967295-4294967295-" SEQ_MAX, "4294967295-4294967295-" SEQ_MAX, 1},
		{"10-1-1,9-1-1,100-1-1,256-1-1", "9-1-1,10-1-1,100-1-1,256-1-1", 4},
		{"0-1-18446744073709551616", NULL, 0},
		{"0-1-99999999999999999999", NULL, 0},
		{"0-4294967296-1", NULL, 0},
		{"4294967296-1-1", NULL, 0},
		{"0-1-007", NULL, 0},
		{"00-1-7", NULL, 0},
		{"0-1", NULL, 0},
		{"0-1-", NULL, 0},
		{"0--1", NULL, 0},
		{"-1-1-1", NULL, 0},
		{"+0-1-7", NULL, 0},
		{"0-1-5-6", NULL, 0},
		{"0-1-5,", NULL, 0},
		{",0-1-5", NULL, 0},
		{"0-1-5,,1-1-1", NULL, 0},
		{"0-1-5 1-1-1", NULL, 0},
		{"0 -1-5", NULL, 0},
		{"0-1- 5", NULL, 0},
		{"0-1-5x", NULL, 0},
		{"0-1-0x5", NULL, 0},
		{A ":1-5", NULL, 0},
		{"NULL", NULL, 0},
	};

	check_readings(*state, MARIADB, readings, ARRAY_LEN(readings));
}

static void mysql_is_read_or_refused(void **state)
{
	static const struct reading readings[] = {
		{NULL, "", 0},
		{"", "", 0},
		{A ":1", A ":1", 1},
		{A ":1-1", A ":1", 1},
		{A ":1-5", A ":1-5", 1},
		{A_UPPER ":1-5", A ":1-5", 1},
		{A ":7:1-5", A ":1-5:7", 1},
		{A ":1-5:6-9", A ":1-9", 1},
		{A ":1-5:3-9:2", A ":1-9", 1},
		{A ":4-9:1-20", A ":1-20", 1},
		{B ":1-3,\n" A ":1-5:11-18", A ":1-5:11-18," B ":1-3", 2},
		{A ":1-5," A_UPPER ":6", A ":1-6", 1},
		{" " A ":1 ,\r\n\t" B ":2\n", A ":1," B ":2", 2},
		{A ":" GNO_MAX, A ":" GNO_MAX, 1},
		{A ":1-" GNO_MAX, A ":1-" GNO_MAX, 1},
		{A ":tag:1-5", A ":tag:1-5", 1},
		{A ":Domain_1:1-3:11:Domain_2:8-52", A ":domain_1:1-3:11:domain_2:8-52", 2},
		{A ":1-3:tag:5:7," B ":1", A ":1-3:tag:5:7," B ":1", 3},
		{A ":b:1," A ":a:1," A ":1", A ":1:a:1:b:1", 3},
		{A ":a:1:A:2," A ":a:3", A ":a:1-3", 1},
		{A ":a:1," B ":a:1", A ":a:1," B ":a:1", 2},
		{A ":_:1", A ":_:1", 1},
		{A ":" TAG_32 ":1", A ":" TAG_32 ":1", 1},
		{A ":" TAG_32 "x:1", NULL, 0},
		{A ":9a:1", NULL, 0},
		{A ":a-b:1", NULL, 0},
		{A ":a", NULL, 0},
		{A ":a:", NULL, 0},
		{A ":a:b:1", NULL, 0},
		{A ":0", NULL, 0},
		{A ":0-5", NULL, 0},
		{A ":5-3", NULL, 0},
		{A ":5-", NULL, 0},
		{A ":-5", NULL, 0},
		{A ":01-5", NULL, 0},
		{A ":0x1", NULL, 0},
		{A ":1-9223372036854775807", NULL, 0},
		{A ":1-99999999999999999999", NULL, 0},
		{A, NULL, 0},
		{A ":", NULL, 0},
		{A ":1:", NULL, 0},
		{A ":1-2-3", NULL, 0},
		{A ":1,", NULL, 0},
		{"," A ":1", NULL, 0},
		{A ":1,," B ":1", NULL, 0},
		{A ": 1", NULL, 0},
		{A " :1", NULL, 0},
		{A ":1 " B ":1", NULL, 0},
		{"{" A "}:1", NULL, 0},
		{"3e11fa4771ca11e19e33c80aa9429562:1", NULL, 0},
		{"3e11fa47-71ca-11e1-9e33-c80aa942956:1", NULL, 0},
		{"3e11fa47-71ca-11e1-9e33-c80aa942956g:1", NULL, 0},
		{"3e11fa47-71ca-11e1-9e33-c80aa94295621:1", NULL, 0},
		{"3e11fa47", NULL, 0},
		{"3", NULL, 0},
		{"0-1-100", NULL, 0},
		{"ANONYMOUS", NULL, 0},
	};

	check_readings(*state, MYSQL, readings, ARRAY_LEN(readings));
}

static void refusal_quotes_where(void **state)
{
	static const struct {
		enum haops_mysql_flavor flavor;
		const char *text;
		const char *sentence;
	} cases[] = {
		{MARIADB, "0-1-5,0-x-7",
		 "GTID set of MariaDB: \"x-7\" at byte 9, where a server's number, 0 to "
		 "4294967295, is expected"},
		{MARIADB, "0-1",
		 "GTID set of MariaDB: it ends at byte 4, where - and a sequence number is "
		 "expected"},
		{MARIADB, "0-1-5\n0-2-7",
		 "GTID set of MariaDB: \"0-2-7\" at byte 7, where a comma or the end is expected"},
		{MYSQL, A ":1-5:x",
		 "GTID set of MySQL: it ends at byte 43, where a colon with a number is expected"},
		{MYSQL, A ":5-3",
		 "GTID set of MySQL: \"5-3\" at byte 38, where an interval from 1 on, its end not "
		 "before its begin is expected"},
		{MYSQL, "3e11fa47:1",
		 "GTID set of MySQL: \"3e11fa47:1\" at byte 1, where a UUID like "
		 "3e11fa47-71ca-11e1-9e33-c80aa9429562 is expected"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_mysql_gtid *set;

		assert_int_equal(haops_mysql_gtid_parse(*state, cases[i].flavor, cases[i].text,
							&set),
				 -EINVAL);
		assert_string_equal(haops_ctx_error(*state), cases[i].sentence);
	}
}

/* A text of so many odd numbers, each between before and after; free it. */
static char *repeat(const char *head, const char *before, const char *after, unsigned int count)
{
	char *text = malloc(64 + (size_t)count * 32);
	size_t len;

	assert_non_null(text);
	len = (size_t)snprintf(text, 64, "%s", head);
	for (unsigned int i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, 32, "%s%u%s", before, 2 * i + 1, after);
	return text;
}

static void bounds_hold(void **state)
{
	char *text = repeat(A, ":", "", HAOPS_MYSQL_GTID_ENTRIES_MAX);
	struct haops_mysql_gtid *set = set_of(*state, MYSQL, text);

	assert_set(*state, set, text);
	(void)haops_mysql_gtid_free(set);
	free(text);
	text = repeat(A, ":", "", HAOPS_MYSQL_GTID_ENTRIES_MAX + 1);
	assert_int_equal(haops_mysql_gtid_parse(*state, MYSQL, text, &set), -EINVAL);
	assert_non_null(strstr(haops_ctx_error(*state), "more than 8192 entries"));
	free(text);
	text = repeat("0-1-1", ",", "-1-1", 8000);
	assert_int_equal(haops_mysql_gtid_parse(*state, MARIADB, text, &set), -EINVAL);
	assert_non_null(strstr(haops_ctx_error(*state), "longer than 65536 bytes"));
	text[65536] = '\0';
	*strrchr(text, ',') = '\0';
	set = set_of(*state, MARIADB, text);
	assert_int_equal(haops_mysql_gtid_count_domains(set), 7109);
	assert_int_equal(haops_mysql_gtid_count_beyond(set, set), 0);
	(void)haops_mysql_gtid_free(set);
	memset(text, ' ', 65536);
	text[65536] = '\0';
	set = set_of(*state, MARIADB, text);
	assert_true(haops_mysql_gtid_is_empty(set));
	(void)haops_mysql_gtid_free(set);
	free(text);
}

static enum haops_mysql_relation mirror(enum haops_mysql_relation relation)
{
	return relation == HAOPS_MYSQL_AHEAD	? HAOPS_MYSQL_BEHIND
	       : relation == HAOPS_MYSQL_BEHIND ? HAOPS_MYSQL_AHEAD
						: relation;
}

static void positions_compare(void **state)
{
	static const struct {
		enum haops_mysql_flavor flavor;
		const char *first, *second;
		enum haops_mysql_relation relation;
		uint64_t beyond; /* of the first */
		uint64_t behind; /* of the second */
	} cases[] = {
		{MARIADB, "", "", HAOPS_MYSQL_EQUAL, 0, 0},
		{MARIADB, "0-1-5", "", HAOPS_MYSQL_AHEAD, 5, 0},
		{MARIADB, "0-1-5", "0-1-5", HAOPS_MYSQL_EQUAL, 0, 0},
		{MARIADB, "0-1-5", "0-2-5", HAOPS_MYSQL_EQUAL, 0, 0},
		{MARIADB, "0-1-5514", "0-1-5513,0-2-5613", HAOPS_MYSQL_BEHIND, 0, 99},
		{MARIADB, "0-1-9,1-1-2", "0-1-7", HAOPS_MYSQL_AHEAD, 4, 0},
		{MARIADB, "0-1-9", "0-1-7,1-1-2", HAOPS_MYSQL_DIVERGED, 2, 2},
		{MARIADB, "1-1-1", "0-1-1", HAOPS_MYSQL_DIVERGED, 1, 1},
		{MARIADB, "0-1-" SEQ_MAX ",1-1-" SEQ_MAX, "", HAOPS_MYSQL_AHEAD, UINT64_MAX, 0},
		{MYSQL, "", "", HAOPS_MYSQL_EQUAL, 0, 0},
		{MYSQL, A ":1-5", "", HAOPS_MYSQL_AHEAD, 5, 0},
		{MYSQL, A ":1-5", A_UPPER ":1-2:3-5", HAOPS_MYSQL_EQUAL, 0, 0},
		{MYSQL, A ":1-5", A ":1-4", HAOPS_MYSQL_AHEAD, 1, 0},
		{MYSQL, A ":1-5", B ":1-5", HAOPS_MYSQL_DIVERGED, 5, 5},
		{MYSQL, A ":1-5", A ":a:1-5", HAOPS_MYSQL_DIVERGED, 5, 5},
		{MYSQL, A ":1-9", A ":1-3:5:7-8," B ":1", HAOPS_MYSQL_DIVERGED, 3, 1},
		{MYSQL, A ":3-5", A ":1-9", HAOPS_MYSQL_BEHIND, 0, 6},
		{MYSQL, A ":1-" GNO_MAX ":a:1-" GNO_MAX ":b:1-" GNO_MAX, "", HAOPS_MYSQL_AHEAD,
		 UINT64_MAX, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_mysql_gtid *a = set_of(*state, cases[i].flavor, cases[i].first);
		struct haops_mysql_gtid *b = set_of(*state, cases[i].flavor, cases[i].second);
		enum haops_mysql_relation relation = cases[i].relation;

		assert_int_equal(haops_mysql_gtid_compare(a, b), relation);
		assert_int_equal(haops_mysql_gtid_compare(b, a), mirror(relation));
		assert_int_equal(haops_mysql_gtid_covers(a, b),
				 relation == HAOPS_MYSQL_EQUAL || relation == HAOPS_MYSQL_AHEAD);
		assert_true(haops_mysql_gtid_count_beyond(a, b) == cases[i].beyond);
		assert_true(haops_mysql_gtid_count_beyond(b, a) == cases[i].behind);
		(void)haops_mysql_gtid_free(a);
		(void)haops_mysql_gtid_free(b);
	}
}

static void sets_are_united_and_subtracted(void **state)
{
	static const struct {
		enum haops_mysql_flavor flavor;
		const char *first, *second, *united, *errant;
	} cases[] = {
		{MARIADB, "", "", "", ""},
		{MARIADB, "0-1-5", "", "0-1-5", "0-1-5"},
		{MARIADB, "", "0-1-5", "0-1-5", ""},
		{MARIADB, "0-1-5514", "0-1-5513,0-2-5613", "0-1-5514,0-2-5613", "0-1-5514"},
		{MARIADB, "0-1-5513,0-2-5613", "0-1-5514", "0-1-5514,0-2-5613", "0-2-5613"},
		{MARIADB, "0-1-5,0-2-7,1-1-1", "0-1-6,0-2-7", "0-1-6,0-2-7,1-1-1", "1-1-1"},
		{MARIADB, "0-1-" SEQ_MAX, "0-1-1", "0-1-" SEQ_MAX, "0-1-" SEQ_MAX},
		{MYSQL, A ":1-5", A ":6", A ":1-6", A ":1-5"},
		{MYSQL, A ":1-20", A ":1:5-7:20", A ":1-20", A ":2-4:8-19"},
		{MYSQL, A ":1:5-7:20", A ":1-20", A ":1-20", ""},
		{MYSQL, A ":5-9:15-19", A ":1-6:8:17-30", A ":1-9:15-30", A ":7:9:15-16"},
		{MYSQL, A ":3-4:6-7:9", A ":1-10", A ":1-10", ""},
		{MYSQL, A ":1-2," B ":1-2", A ":2-3", A ":1-3," B ":1-2", A ":1," B ":1-2"},
		{MYSQL, A ":1:t:1-9", A ":t:5," B ":1", A ":1:t:1-9," B ":1", A ":1:t:1-4:6-9"},
		{MYSQL, A ":1-" GNO_MAX, A ":" GNO_MAX, A ":1-" GNO_MAX,
		 A ":1-9223372036854775805"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_mysql_gtid *a = set_of(*state, cases[i].flavor, cases[i].first);
		struct haops_mysql_gtid *b = set_of(*state, cases[i].flavor, cases[i].second);
		struct haops_mysql_gtid *united = NULL, *errant = NULL;

		assert_int_equal(haops_mysql_gtid_unite(*state, a, b, &united), 0);
		assert_set(*state, united, cases[i].united);
		assert_int_equal(haops_mysql_gtid_errant(*state, a, b, &errant), 0);
		assert_set(*state, errant, cases[i].errant);
		(void)haops_mysql_gtid_free(errant);
		(void)haops_mysql_gtid_free(united);
		(void)haops_mysql_gtid_free(b);
		(void)haops_mysql_gtid_free(a);
	}
}

static void dialects_have_no_relation(void **state)
{
	struct haops_mysql_gtid *a = set_of(*state, MARIADB, "");
	struct haops_mysql_gtid *b = set_of(*state, MYSQL, "");
	struct haops_mysql_gtid *set = NULL;

	assert_int_equal(haops_mysql_gtid_compare(a, b), HAOPS_MYSQL_DIVERGED);
	assert_false(haops_mysql_gtid_covers(a, b));
	assert_true(haops_mysql_gtid_count_beyond(a, b) == 0);
	assert_int_equal(haops_mysql_gtid_unite(*state, a, b, &set), -EINVAL);
	assert_int_equal(haops_mysql_gtid_errant(*state, a, b, &set), -EINVAL);
	assert_string_equal(haops_ctx_error(*state),
			    "a GTID set of MariaDB and one of MySQL have no relation");
	assert_null(set);
	(void)haops_mysql_gtid_free(a);
	(void)haops_mysql_gtid_free(b);
}

static void unknown_is_not_empty(void **state)
{
	struct haops_mysql_gtid *a = set_of(*state, MARIADB, "");
	struct haops_mysql_gtid *set = NULL;
	char *text = NULL;

	assert_false(haops_mysql_gtid_is_empty(NULL));
	assert_int_equal(haops_mysql_gtid_count_domains(NULL), 0);
	assert_int_equal(haops_mysql_gtid_compare(NULL, NULL), HAOPS_MYSQL_DIVERGED);
	assert_int_equal(haops_mysql_gtid_compare(a, NULL), HAOPS_MYSQL_DIVERGED);
	assert_false(haops_mysql_gtid_covers(a, NULL));
	assert_false(haops_mysql_gtid_covers(NULL, a));
	assert_int_equal(haops_mysql_gtid_unite(*state, a, NULL, &set), -EINVAL);
	assert_int_equal(haops_mysql_gtid_errant(*state, NULL, a, &set), -EINVAL);
	assert_int_equal(haops_mysql_gtid_errant(*state, a, a, NULL), -EINVAL);
	assert_int_equal(haops_mysql_gtid_format(*state, NULL, &text), -EINVAL);
	assert_int_equal(haops_mysql_gtid_format(*state, a, NULL), -EINVAL);
	assert_int_equal(haops_mysql_gtid_format(NULL, a, &text), -EINVAL);
	assert_int_equal(haops_mysql_gtid_unite(NULL, a, a, &set), -EINVAL);
	assert_int_equal(haops_mysql_gtid_parse(*state, MARIADB, "", NULL), -EINVAL);
	assert_int_equal(haops_mysql_gtid_parse(NULL, MARIADB, "", &set), -EINVAL);
	assert_int_equal(haops_mysql_gtid_parse(*state, (enum haops_mysql_flavor)7, "", &set),
			 -EINVAL);
	assert_null(set);
	assert_null(haops_mysql_gtid_free(NULL));
	(void)haops_mysql_gtid_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(mariadb_is_read_or_refused), TEST_CTX(mysql_is_read_or_refused),
		TEST_CTX(refusal_quotes_where),	      TEST_CTX(bounds_hold),
		TEST_CTX(positions_compare),	      TEST_CTX(sets_are_united_and_subtracted),
		TEST_CTX(dialects_have_no_relation),  TEST_CTX(unknown_is_not_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
