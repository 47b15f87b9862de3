/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/haopsd.conf: the defaults that it shows are the defaults. */
#include "heart/config.h"
#include "unit.h"

#include <ctype.h>
#include <stdio.h>

/* The example with "#" taken from each line that shows a default. */
static size_t read_defaults(char *text, size_t size)
{
	FILE *file = fopen(HAOPSD_CONF_EXAMPLE, "re");
	char line[512];
	size_t len = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		const char *from =
			line[0] == '#' && isalpha((unsigned char)line[1]) ? line + 1 : line;

		assert_true(len + strlen(from) < size);
		memcpy(text + len, from, strlen(from));
		len += strlen(from);
	}
	(void)fclose(file);
	return len;
}

static void test_shown_defaults_are_the_defaults(void **state)
{
	static char text[CONFIG_TEXT_MAX];
	struct config *shown = calloc(1, sizeof(*shown));
	struct config *defaults = calloc(1, sizeof(*defaults));
	char error[CONFIG_ERROR_MAX] = "";
	size_t len = read_defaults(text, sizeof(text));

	(void)state;
	assert_int_equal(config_parse(text, len, shown, error), 0);
	assert_string_equal(error, "");
	assert_string_equal(shown->warning, "");
	assert_int_not_equal(shown->given, 0);
	config_defaults(defaults);
	shown->given = defaults->given;
	assert_memory_equal(shown, defaults, sizeof(*shown));
	free(shown);
	free(defaults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown_defaults_are_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
