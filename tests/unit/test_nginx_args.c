/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of "options" and commands, tests of a test20conffile, patterns: all by table. */

#include "nginx/pattern.h"
#include "nginx/testconf.h"
#include "ocf/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct split_case {
	const char *text;
	bool is_command;
	const char *words; /* with | between, NULL: refused */
};

static const struct split_case splits[] = {
	{"", true, ""},
	{"  \t ", true, ""},
	{"a", true, "a"},
	{" a  b\tc ", true, "a|b|c"},
	{"'a b' c", true, "a b|c"},
	{"a'b c'd", true, "ab cd"},
	{"''", true, ""},
	{"x '' y", true, "x||y"},
	{"\"a b\"", true, "a b"},
	{"\"a\\\"b\\\\c\\d\"", true, "a\"b\\c\\d"},
	{"'a\"$`;|&'", true, "a\"$`;|&"},
	{"a\\ b", true, "a b"},
	{"\\;", true, ";"},
	{"a#b a~b", true, "a#b|a~b"},
	{"-g 'daemon on;' -e /x", false, "-g|daemon on;|-e|/x"},
	{"-g pid=$x;", false, "-g|pid=$x;"},
	{"a;b", true, NULL},
	{"a|b", true, NULL},
	{"a&b", true, NULL},
	{"a > b", true, NULL},
	{"$a", true, NULL},
	{"\"$a\"", true, NULL},
	{"`a`", true, NULL},
	{"\"`a`\"", true, NULL},
	{"a*", true, NULL},
	{"~/a", true, NULL},
	{"#a", true, NULL},
	{"(a)", true, NULL},
	{"'a", false, NULL},
	{"\"a", false, NULL},
	{"\"a\\\"", false, NULL},
	{"a\\", false, NULL},
	{"a\nb", false, NULL},
	{"a\x7f", false, NULL},
};

static void join(const struct args *args, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < args->count; i++) {
		strncat(buf, i ? "|" : "", 2);
		strncat(buf, args->words[i], 100);
	}
	assert_null(args->words[args->count]);
}

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
		struct args args;
		char buf[1024];
		const char *problem = args_split(splits[i].text, splits[i].is_command, &args);

		if (!splits[i].words) {
			assert_non_null(problem);
			continue;
		}
		assert_null(problem);
		join(&args, buf);
		assert_string_equal(buf, splits[i].words);
	}
}

static void test_split_bounds(void **state)
{
	struct args args;
	char text[ARGS_TEXT_MAX + 8];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[ARGS_TEXT_MAX - 2] = '\0';
	assert_null(args_split(text, true, &args));
	text[ARGS_TEXT_MAX - 2] = 'a';
	text[ARGS_TEXT_MAX] = '\0';
	assert_non_null(args_split(text, true, &args));
	for (size_t i = 0; i < ARGS_MAX; i++)
		memcpy(text + 2 * i, "a ", 3);
	assert_null(args_split(text, true, &args));
	assert_int_equal(args.count, ARGS_MAX);
	memcpy(text + 2 * ARGS_MAX, "a", 2);
	assert_non_null(args_split(text, true, &args));
}

static const char conf[] = "# tests\n"
			   "test one\n"
			   "  url /a\r\n"
			   "\tmatch  some  text \n"
			   "# test two\n"
			   "\n"
			   "end\n"
			   "test two\n"
			   "url http://127.0.0.1/\nmatch x\nuser u v\npassword p w\n"
			   "client curl\nclient_opts -k -v\nend\n"
			   "test bad\nurl /\nmaych x\nend\n"
			   "test half\nurl /\nend\n"
			   "test user\nurl /\nmatch x\nuser u\nend\n"
			   "test last\nurl /\nmatch x";

static void test_conffile(void **state)
{
	struct testconf test;
	unsigned int line;

	(void)state;
	assert_null(testconf_parse(conf, "", &test, &line));
	assert_string_equal(test.url, "/a");
	assert_string_equal(test.match, "some  text");
	assert_string_equal(test.user, "");
	assert_null(testconf_parse(conf, "two", &test, &line));
	assert_string_equal(test.user, "u v");
	assert_string_equal(test.password, "p w");
	assert_string_equal(test.client, "curl");
	assert_string_equal(test.client_opts, "-k -v");
	assert_null(testconf_parse(conf, "last", &test, &line));
	assert_string_equal(test.match, "x");
}

static void test_bad_conffile(void **state)
{
	static char big[TESTCONF_VALUE_MAX + 32] = "test x\nurl ";
	struct testconf test;
	unsigned int line;

	(void)state;
	test.url[0] = 'Z';
	assert_non_null(testconf_parse(conf, "bad", &test, &line));
	assert_int_equal(line, 18);
	assert_non_null(testconf_parse(conf, "half", &test, &line));
	assert_int_equal(line, 0);
	assert_non_null(testconf_parse(conf, "user", &test, &line));
	assert_non_null(testconf_parse(conf, "none", &test, &line));
	assert_non_null(testconf_parse("", "", &test, &line));
	memset(big + 11, 'a', TESTCONF_VALUE_MAX);
	assert_non_null(testconf_parse(big, "", &test, &line));
	assert_int_equal(line, 2);
	assert_int_equal(test.url[0], 'Z'); /* untouched */
}

static void test_patterns(void **state)
{
	static const char *const bad[] = {"(",	     "[a",   "a{2,1}",
					  "*{",	     "a\nb", "((a{1,999}){1,999}){1,999}",
					  "a{30000}"};
	static const char text[] = "first\nReading: 0 Writing: 1 Waiting: 12 \nlast";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_true(pattern_check(bad[i]) || i == 3);
		assert_false(pattern_matches(bad[i], text, strlen(text)));
	}
	assert_true(pattern_matches("Reading: [0-9]+ Writing: [0-9]+ Waiting: [0-9]+", text,
				    strlen(text)));
	assert_true(pattern_matches("^reading", text, strlen(text)));
	assert_true(pattern_matches("FIRST$", text, strlen(text)));
	assert_true(pattern_matches("", "", 0));
	assert_false(pattern_matches("first.Reading", text, strlen(text)));
	assert_false(pattern_matches("last", text, strlen(text) - 1));
	assert_true(pattern_matches("b", "a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),	 cmocka_unit_test(test_split_bounds),
		cmocka_unit_test(test_conffile), cmocka_unit_test(test_bad_conffile),
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
