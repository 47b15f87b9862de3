/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters: what each type takes, and the sentence about each kind of wrong value. */
#include "ocf/run.h"
#include "unit.h"

static const char *check_even(const char *value)
{
	return strlen(value) % 2 == 0 ? NULL : "has an odd length";
}

static const char *const colours[] = {"red", "green", NULL};

static const struct ocf_param text = {.name = "text", .type = OCF_STRING};
static const struct ocf_param needed = {.name = "ip", .type = OCF_STRING, .is_required = true};
static const struct ocf_param even = {.name = "even", .type = OCF_STRING, .check = check_even};
static const struct ocf_param secret = {.name = "password",
					.type = OCF_STRING,
					.is_secret = true,
					.max_len = 8};
static const struct ocf_param flag = {.name = "arp_bg",
				      .type = OCF_BOOLEAN,
				      .default_value = "true"};
static const struct ocf_param number = {.name = "count",
					.type = OCF_INTEGER,
					.default_value = "5",
					.min = 1,
					.max = 1000};
static const struct ocf_param any_number = {.name = "any", .type = OCF_INTEGER};
static const struct ocf_param colour = {.name = "colour",
					.type = OCF_SELECT,
					.default_value = "red",
					.options = colours};
static const struct ocf_param span = {.name = "wait",
				      .type = OCF_TIME,
				      .default_value = "2s",
				      .min = 0,
				      .max = 3600000};

struct good {
	const struct ocf_param *param;
	const char *value;
	int64_t number;
};

static void test_good_values(void **state)
{
	static const struct good table[] = {
		{&text, "anything at all, \xc3\xb6", 0},
		{&text, NULL, 0},
		{&needed, "10.0.0.1", 0},
		{&even, "ab", 0},
		{&flag, NULL, 1},
		{&flag, "yes", 1},
		{&flag, "true", 1},
		{&flag, "1", 1},
		{&flag, "YES", 1},
		{&flag, "TRUE", 1},
		{&flag, "True", 1},
		{&flag, "ja", 1},
		{&flag, "on", 1},
		{&flag, "ON", 1},
		{&flag, "no", 0},
		{&flag, "false", 0},
		{&flag, "0", 0},
		{&flag, "NO", 0},
		{&flag, "FALSE", 0},
		{&flag, "False", 0},
		{&flag, "nein", 0},
		{&flag, "off", 0},
		{&flag, "OFF", 0},
		{&number, NULL, 5},
		{&number, "1", 1},
		{&number, "1000", 1000},
		{&number, "007", 7},
		{&any_number, "-9223372036854775808", INT64_MIN},
		{&any_number, NULL, 0},
		{&colour, NULL, 0},
		{&colour, "green", 0},
		{&span, NULL, 2000},
		{&span, "20", 20000},
		{&span, "20s", 20000},
		{&span, "20sec", 20000},
		{&span, "200ms", 200},
		{&span, "2m", 120000},
		{&span, "2min", 120000},
		{&span, "1h", 3600000},
	};
	char error[OCF_PARAM_ERROR_MAX] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		int64_t result = -1;

		if (ocf_param_parse(table[i].param, table[i].value, &result, error) < 0)
			fail_msg("%s", error);
		assert_int_equal(result, table[i].number);
	}
}

struct bad {
	const struct ocf_param *param;
	const char *value;
	const char *error;
};

#define NO_BOOLEAN "is no boolean: give yes, true, on or 1, or no, false, off or 0"
#define NO_TIME "is no time: give seconds, or a number with unit ms, s, min or h"

static void test_bad_values(void **state)
{
	static const struct bad table[] = {
		{&needed, NULL, "parameter ip is required: set it"},
		{&even, "abc", "parameter even: value \"abc\" has an odd length"},
		{&flag, "x", "parameter arp_bg: value \"x\" " NO_BOOLEAN},
		{&flag, "Yes", "parameter arp_bg: value \"Yes\" " NO_BOOLEAN},
		{&flag, "2", "parameter arp_bg: value \"2\" " NO_BOOLEAN},
		{&flag, " yes", "parameter arp_bg: value \" yes\" " NO_BOOLEAN},
		{&number, "0", "parameter count: value \"0\" is outside 1 to 1000"},
		{&number, "1001", "parameter count: value \"1001\" is outside 1 to 1000"},
		{&number, "5x", "parameter count: value \"5x\" is no whole number"},
		{&number, "+5", "parameter count: value \"+5\" is no whole number"},
		{&number, "0x10", "parameter count: value \"0x10\" is no whole number"},
		{&number, "1.5", "parameter count: value \"1.5\" is no whole number"},
		{&number, " 5", "parameter count: value \" 5\" is no whole number"},
		{&number, "-", "parameter count: value \"-\" is no whole number"},
		{&any_number, "9223372036854775808",
		 "parameter any: value \"9223372036854775808\" is no whole number"},
		{&colour, "Red", "parameter colour: value \"Red\" is none of: red, green"},
		{&span, "s", "parameter wait: value \"s\" " NO_TIME},
		{&span, "5d", "parameter wait: value \"5d\" " NO_TIME},
		{&span, "-5", "parameter wait: value \"-5\" " NO_TIME},
		{&span, "2h", "parameter wait: value \"2h\" is outside 0 to 3600000 ms"},
		{&span, "99999999999999999",
		 "parameter wait: value \"99999999999999999\" " NO_TIME},
		{&span, "999999999999999", "parameter wait: value \"999999999999999\" " NO_TIME},
		{&text, "a\nb",
		 "parameter text: value \"a\\nb\" has a line end or control "
		 "character: remove it"},
		{&flag, "\x01",
		 "parameter arp_bg: value \"\\x01\" has a line end or control "
		 "character: remove it"},
		{&secret, "123456789",
		 "parameter password: value *** is too long: 9 bytes, 8 at most"},
		{&secret, "a\tb",
		 "parameter password: value *** has a line end or control "
		 "character: remove it"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char error[OCF_PARAM_ERROR_MAX] = "";
		int64_t result = 77;

		assert_int_equal(ocf_param_parse(table[i].param, table[i].value, &result, error),
				 -EINVAL);
		assert_string_equal(error, table[i].error);
		assert_int_equal(result, 77);
	}
}

static void test_long_value(void **state)
{
	static const struct ocf_param *const params[] = {&text, &flag, &number, &colour, &span};
	char value[10241];
	char wanted[256];

	(void)state;
	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		char error[OCF_PARAM_ERROR_MAX] = "";
		int64_t result;

		assert_int_equal(ocf_param_parse(params[i], value, &result, error), -EINVAL);
		(void)snprintf(wanted, sizeof(wanted),
			       "parameter %s: value \"%.40s...\" is too long: 10240 bytes, 1024 at "
			       "most",
			       params[i]->name, value);
		assert_string_equal(error, wanted);
	}
}

static void test_resolve_falls_back(void **state)
{
	struct ocf_value value = {.given = "rubbish"};
	struct ocf_value missing = {0};

	(void)state;
	ocf_param_resolve(&number, &value);
	assert_false(value.is_valid);
	assert_string_equal(value.text, "5");
	assert_int_equal(value.number, 5);
	ocf_param_resolve(&needed, &missing);
	assert_false(missing.is_valid);
	assert_string_equal(missing.text, "");
}

static void test_resolve_takes_what_is_given(void **state)
{
	struct ocf_value value = {.given = "7"};
	struct ocf_value unset = {0};

	(void)state;
	ocf_param_resolve(&number, &value);
	assert_true(value.is_valid);
	assert_string_equal(value.text, "7");
	assert_int_equal(value.number, 7);
	ocf_param_resolve(&flag, &unset);
	assert_true(unset.is_valid);
	assert_string_equal(unset.text, "true");
	assert_int_equal(unset.number, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_values),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_long_value),
		cmocka_unit_test(test_resolve_falls_back),
		cmocka_unit_test(test_resolve_takes_what_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
