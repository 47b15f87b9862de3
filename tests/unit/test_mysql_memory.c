/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of transactions when memory is short: each allocation fails in turn, which is reported,
 * leaves the results untouched and leaks nothing. */
#include "mysql_sets.h"

/* By the linker, see local.mk. */
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
FILE *__real_open_memstream(char **text, size_t *size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
FILE *__wrap_open_memstream(char **text, size_t *size);

/* So many allocations go well before one fails; below 0: all do. */
static int countdown = -1;

static bool is_short(void)
{
	if (countdown < 0)
		return false;
	return countdown-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return is_short() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return is_short() ? NULL : __real_realloc(p, size);
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
	return is_short() ? NULL : __real_open_memstream(text, size);
}

static void set_may_be_too_large(void **state)
{
	static const char text[] = "1-1-1,2-1-1,3-1-1,4-1-1,5-1-1,6-1-1,7-1-1,8-1-1,9-1-1,10-1-1,"
				   "11-1-1,12-1-1,13-1-1,14-1-1,15-1-1,16-1-1,17-1-1";
	int failures = 0, r;

	do {
		struct haops_mysql_gtid *set = NULL;

		countdown = failures;
		r = haops_mysql_gtid_parse(*state, HAOPS_MYSQL_MARIADB, text, &set);
		countdown = -1;
		assert_int_equal(r, set ? 0 : -ENOMEM);
		failures += r < 0;
		(void)haops_mysql_gtid_free(set);
	} while (r < 0);
	assert_int_equal(failures, 2);
}

static void comparison_may_need_too_much(void **state)
{
	struct haops_mysql_status first = status_of(*state, HAOPS_MYSQL_MARIADB, "0-1-5", "", "");
	struct haops_mysql_status second = status_of(*state, HAOPS_MYSQL_MARIADB, "0-1-4", "", "");
	int failures = 0, r;

	do {
		struct haops_mysql_comparison comparison = {.behind = 77};

		countdown = failures;
		r = haops_mysql_compare(*state, &first, &second, &comparison);
		countdown = -1;
		assert_int_equal(r, comparison.errant ? 0 : -ENOMEM);
		assert_true(comparison.behind == (r < 0 ? 77 : 0));
		assert_non_null(strstr(haops_ctx_error(*state), failures ? "no memory for" : ""));
		failures += r < 0;
		free(comparison.errant);
	} while (r < 0);
	assert_int_equal(failures, 3);
	haops_mysql_status_done(&first);
	haops_mysql_status_done(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(set_may_be_too_large),
		TEST_CTX(comparison_may_need_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
