/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/options.c: the command line. */
#include "options.h"
#include "unit.h"

static char error[OPTIONS_ERROR_MAX];

static int parse(struct options *options, const char *a, const char *b, const char *c)
{
	char *argv[] = {(char *)(uintptr_t) "haopsd", (char *)(uintptr_t)a, (char *)(uintptr_t)b,
			(char *)(uintptr_t)c, NULL};
	int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);

	error[0] = '\0';
	return options_parse(argc, argv, options, error);
}

static void test_defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, NULL, NULL), 0);
	assert_int_equal(options.verb, OPTIONS_RUN);
	assert_false(options.is_foreground);
	assert_false(options.is_config_given);
	assert_non_null(strstr(options.config_path, "/haops/haopsd.conf"));
}

static void test_all(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, "--config", "x.conf", "--foreground"), 0);
	assert_string_equal(options.config_path, "x.conf");
	assert_true(options.is_config_given && options.is_foreground);
	assert_int_equal(parse(&options, "-k", NULL, NULL), 0);
	assert_int_equal(options.verb, OPTIONS_CHECK);
	assert_int_equal(parse(&options, "--version", NULL, NULL), 0);
	assert_int_equal(options.verb, OPTIONS_VERSION);
	assert_int_equal(parse(&options, "--help", NULL, NULL), 0);
	assert_int_equal(options.verb, OPTIONS_HELP);
	assert_int_equal(parse(&options, "--run-dir=/run/x", NULL, NULL), 0);
	assert_string_equal(options.run_dir, "/run/x");
}

static void test_errors_name_what_is_wrong(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, "--nonsense", NULL, NULL), -EINVAL);
	assert_non_null(strstr(error, "--nonsense"));
	assert_int_equal(parse(&options, "--config", NULL, NULL), -EINVAL);
	assert_non_null(strstr(error, "--config"));
	assert_int_equal(parse(&options, "start", NULL, NULL), -EINVAL);
	assert_non_null(strstr(error, "start"));
	assert_int_equal(parse(&options, "--run-dir", "run", NULL), -EINVAL);
	assert_non_null(strstr(error, "absolute"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_errors_name_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
