/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8): its command line. */

#include "tool-options.h"
#include "unit.h"

#include <getopt.h>
#include <string.h>

#define WORDS_MAX 12

static int parse(const char *line, struct mysql_options *options)
{
	static char buf[256];
	char *argv[WORDS_MAX] = {buf};
	int argc = 1;
	char *word;

	memset(buf, 0, sizeof(buf));
	(void)snprintf(buf, sizeof(buf), "haops %s", line);
	buf[5] = '\0';
	for (word = buf + 6; *word && argc < WORDS_MAX - 1; word += strlen(word) + 1) {
		argv[argc++] = word;
		word[strcspn(word, " ")] = '\0';
	}
	optind = 0;
	return mysql_options_parse(argc, argv, options);
}

static void test_commands(void **state)
{
	static const struct {
		const char *line;
		enum mysql_command command;
		const char *resource;
		const char *node;
		const char *to;
	} table[] = {
		{"mysql status", COMMAND_STATUS, NULL, NULL, NULL},
		{"--json mysql status ms", COMMAND_STATUS, "ms", NULL, NULL},
		{"mysql status --watch=5", COMMAND_STATUS, NULL, NULL, NULL},
		{"switchover mysql --to n2", COMMAND_SWITCHOVER, NULL, NULL, "n2"},
		{"switchover mysql ms --to=n2 --timeout 30", COMMAND_SWITCHOVER, "ms", NULL, "n2"},
		{"mysql rejoin n3", COMMAND_REJOIN, NULL, "n3", NULL},
		{"mysql rejoin n3 ms --discard --yes", COMMAND_REJOIN, "ms", "n3", NULL},
		{"mysql allow-stale", COMMAND_ALLOW_STALE, NULL, NULL, NULL},
		{"mysql allow-stale ms --yes", COMMAND_ALLOW_STALE, "ms", NULL, NULL},
	};
	struct mysql_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(parse(table[i].line, &options), -1);
		assert_int_equal(options.command, table[i].command);
		assert_string_equal(options.resource ? options.resource : "",
				    table[i].resource ? table[i].resource : "");
		assert_string_equal(options.node ? options.node : "",
				    table[i].node ? table[i].node : "");
		assert_string_equal(options.to ? options.to : "", table[i].to ? table[i].to : "");
	}
}

static void test_values(void **state)
{
	struct mysql_options options;

	(void)state;
	assert_int_equal(parse("switchover mysql --to n2", &options), -1);
	assert_int_equal(options.timeout_ms, 120000);
	assert_int_equal(options.max_lag_s, 10);
	assert_int_equal(parse("switchover mysql --to n2 --timeout 7 --max-lag 0", &options), -1);
	assert_int_equal(options.timeout_ms, 7000);
	assert_int_equal(options.max_lag_s, 0);
	assert_int_equal(parse("--xml --watch mysql status", &options), -1);
	assert_int_equal(options.watch_ms, 2000);
	assert_int_equal(options.form.form, WRITER_XML);
	assert_int_equal(parse("mysql rejoin n3 --discard", &options), -1);
	assert_true(options.has_discard && !options.has_yes);
}

static void test_usage(void **state)
{
	static const char *const lines[] = {
		"",
		"mysql",
		"mysql nonsense",
		"status mysql",
		"mysql status a b",
		"mysql rejoin",
		"mysql rejoin n1 ms more",
		"switchover mysql",
		"switchover mysql --to",
		"switchover mysql --to n2 --timeout 0",
		"switchover mysql --to n2 --timeout 3601",
		"switchover mysql --to n2 --max-lag x",
		"switchover mysql --to n2 --watch",
		"switchover mysql --to n2 --yes",
		"mysql status --to n2",
		"mysql status --watch=0",
		"mysql status --json --xml",
		"mysql rejoin n2 --yes",
		"mysql allow-stale --discard",
		"mysql status --nonsense",
	};
	struct mysql_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i], &options), EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_usage),
	};

	/* What is said of a wrong line is for people. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
