/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for logs and reasons: escaping, quoting, cutting, hiding secrets. */
#include "ocf/run.h"
#include "unit.h"

#define FIVE_ESCAPED "\\x01\\x01\\x01\\x01\\x01"
#define TEN_ESCAPED FIVE_ESCAPED FIVE_ESCAPED

static void test_escape(void **state)
{
	char out[64];
	char small[8];

	(void)state;
	ocf_text_escape("a\nb\tc\x1b[0m \"d\" \xc3\xb6\\", out, sizeof(out));
	assert_string_equal(out, "a\\nb\\tc\\x1b[0m \"d\" \xc3\xb6\\");
	ocf_text_escape("abcdef\n\n\n", small, sizeof(small));
	assert_string_equal(small, "abcd");
	ocf_text_escape("", small, sizeof(small));
	assert_string_equal(small, "");
}

static void test_quote(void **state)
{
	char out[64];
	char value[200];

	(void)state;
	ocf_text_quote("", out, sizeof(out));
	assert_string_equal(out, "\"\"");
	ocf_text_quote("a\"b\\c\xff", out, sizeof(out));
	assert_string_equal(out, "\"a\\\"b\\\\c\\xff\"");
	memset(value, '\x01', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ocf_text_quote(value, out, sizeof(out));
	assert_string_equal(out, "\"" TEN_ESCAPED "...\"");
}

static void cut(const char *text, size_t max, const char *wanted)
{
	char buf[256];

	(void)snprintf(buf, sizeof(buf), "%s", text);
	ocf_text_cut(buf, max);
	assert_string_equal(buf, wanted);
	assert_true(strlen(buf) <= max);
}

static void test_cut(void **state)
{
	(void)state;
	cut("short", 10, "short");
	cut("exactly 10", 10, "exactly 10");
	cut("one two three four", 16, "one two three...");
	cut("one two three four", 15, "one two...");
	cut("one two: three four", 12, "one two...");
	cut("averyveryverylongword", 12, "averyvery...");
	/* Not in the middle of a character of two bytes. */
	cut("aaaaa\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", 9, "aaaaa...");
}

static void test_redact(void **state)
{
	char out[64];
	char small[8];

	(void)state;
	ocf_text_redact("login sesame failed: sesame", "sesame", out, sizeof(out));
	assert_string_equal(out, "login *** failed: ***");
	ocf_text_redact("nothing", "", out, sizeof(out));
	assert_string_equal(out, "nothing");
	ocf_text_redact("sesamesesamesesame", "sesame", small, sizeof(small));
	assert_string_equal(small, "******");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_redact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
