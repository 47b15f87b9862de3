/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops(8): durations, times and escapes. */

#include "format.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void test_durations(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} table[] = {{0, "0 ms"},
		     {37, "37 ms"},
		     {999, "999 ms"},
		     {1000, "1 s"},
		     {3210, "3.2 s"},
		     {3290, "3.2 s"},
		     {59999, "59.9 s"},
		     {60000, "1 min"},
		     {125000, "2 min 5 s"},
		     {3599999, "59 min 59 s"},
		     {3600000, "1 h"},
		     {3725000, "1 h 2 min"},
		     {86400000, "1 d"},
		     {273600000, "3 d 4 h"},
		     {INT64_MAX, "106751991167 d 7 h"}};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		format_duration(table[i].ms, buf, sizeof(buf));
		assert_string_equal(buf, table[i].text);
	}
}

static void test_times(void **state)
{
	char buf[64];

	(void)state;
	format_utc(1790000000123, buf, sizeof(buf));
	assert_string_equal(buf, "2026-09-21T14:13:20.123Z");
	format_utc(0, buf, sizeof(buf));
	assert_string_equal(buf, "-");
	format_utc(INT64_MIN, buf, sizeof(buf));
	assert_string_equal(buf, "-");
	format_local_time(-5, buf, sizeof(buf));
	assert_string_equal(buf, "-");
}

static void test_utf8(void **state)
{
	static const char *const bad[] = {"\x80",
					  "\xc0\xaf",
					  "\xc1\x81",
					  "\xc3",
					  "\xc3(",
					  "\xe0\x80\x80",
					  "\xed\xa0\x80",
					  "\xf0\x80\x80\x80",
					  "\xf4\x90\x80\x80",
					  "\xf5\x80",
					  "\xff",
					  "\xe2\x82"};
	uint32_t code = 0;

	(void)state;
	assert_int_equal(format_utf8("", &code), 0);
	assert_int_equal(format_utf8("A", &code), 1);
	assert_int_equal(code, 'A');
	assert_int_equal(format_utf8("\xc3\xa4", &code), 2);
	assert_int_equal(code, 0xe4);
	assert_int_equal(format_utf8("\xe2\x82\xac", &code), 3);
	assert_int_equal(code, 0x20ac);
	assert_int_equal(format_utf8("\xf4\x8f\xbf\xbf", &code), 4);
	assert_int_equal(code, 0x10ffff);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(format_utf8(bad[i], &code), -1);
}

static void check(void (*write)(FILE *out, const char *text), const char *text, const char *wanted)
{
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	write(out, text);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, wanted);
	free(got);
}

static void plain(FILE *out, const char *text)
{
	(void)format_plain(out, text);
}

static void test_escapes(void **state)
{
	(void)state;
	check(format_json, "a\"b\\c/\n\x1b\x7f", "\"a\\\"b\\\\c/\\u000a\\u001b\\u007f\"");
	check(format_json, "\xc3\xa4\xff", "\"\xc3\xa4\xef\xbf\xbd\"");
	check(format_xml, "<a b=\"c\">&'\n\t", "&#60;a b=&#34;c&#34;&#62;&#38;&#39;&#10;&#9;");
	check(format_xml, "\x01\xff\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check(plain, "a\x1b[31m\n\xff\xc2\x9b", "a\\x1b[31m\\x0a\\xff\\xc2\\x9b");
	check(plain, "k\xc3\xa4se \xe2\x80\xaex", "k\xc3\xa4se \\xe2\\x80\\xaex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
