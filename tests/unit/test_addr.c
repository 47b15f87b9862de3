/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: which texts are one, their canonical form, order and kind. */
#include "unit.h"

#include <haops/addr.h>

static void text_is_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		const char *canonical; /* NULL: it is no address */
	} cases[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255", "255.255.255.255"},
		{"2001:db8::1", "2001:db8::1"},
		{"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"::", "::"},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
		{"fe80::1", "fe80::1"},
		{"", NULL},
		{" 192.0.2.1", NULL},
		{"192.0.2.1 ", NULL},
		{"192.0.2.1\n", NULL},
		{"192.0.2", NULL},
		{"192.0.2.256", NULL},
		{"192.0.2.01", NULL},
		{"192.0.2.0x1", NULL},
		{"192.0.2.1/24", NULL},
		{"3221225985", NULL},
		{"localhost", NULL},
		{"fe80::1%eth0", NULL},
		{"2001:db8::1/64", NULL},
		{"2001:db8::1::2", NULL},
		{"[2001:db8::1]", NULL},
		{"1:2:3:4:5:6:7", NULL},
		{":", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_addr addr = {.family = 77};
		char text[HAOPS_ADDR_TEXT_MAX];
		int code = haops_addr_parse(*state, cases[i].text, &addr);

		assert_int_equal(code, cases[i].canonical ? 0 : -EINVAL);
		if (cases[i].canonical)
			assert_string_equal(haops_addr_format(&addr, text), cases[i].canonical);
		else
			assert_int_equal(addr.family, 77);
	}
}

static void refusal_quotes_the_text(void **state)
{
	struct haops_addr addr;
	char text[10000];

	assert_int_equal(haops_addr_parse(*state, "10.0.0.300", &addr), -EINVAL);
	assert_non_null(strstr(haops_ctx_error(*state), "\"10.0.0.300\" is not an IP address"));
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(haops_addr_parse(*state, text, &addr), -EINVAL);
	assert_true(strlen(haops_ctx_error(*state)) < 200);
	assert_int_equal(haops_addr_parse(*state, NULL, &addr), -EINVAL);
	assert_int_equal(haops_addr_parse(*state, "10.0.0.1", NULL), -EINVAL);
	assert_int_equal(haops_addr_parse(NULL, "10.0.0.1", &addr), -EINVAL);
}

static void unknown_family_is_no_address(void **state)
{
	const struct haops_addr none = {0};
	char text[HAOPS_ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(haops_addr_format(&none, text), "(no address)");
	assert_false(haops_addr_is_unicast(&none));
}

static void order_is_by_family_and_bits(void **state)
{
	static const char *const sorted[] = {"9.255.255.255", "10.0.0.1", "10.0.0.2",
					     "224.0.0.1",     "::",	  "::1",
					     "2001:db8::",    "ff02::1"};
	struct haops_addr addrs[ARRAY_LEN(sorted)];

	for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
		assert_int_equal(haops_addr_parse(*state, sorted[i], &addrs[i]), 0);
	for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
		for (size_t k = 0; k < ARRAY_LEN(sorted); k++) {
			int order = haops_addr_cmp(&addrs[i], &addrs[k]);

			assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
		}
	}
}

static void only_unicast_can_be_a_hosts(void **state)
{
	static const struct {
		const char *text;
		bool is_unicast;
	} cases[] = {
		{"10.0.0.1", true},	    {"127.0.0.1", true},  {"169.254.1.1", true},
		{"0.0.0.0", false},	    {"224.0.0.1", false}, {"239.255.255.255", false},
		{"255.255.255.255", false}, {"::", false},	  {"::1", true},
		{"2001:db8::1", true},	    {"fe80::1", true},	  {"ff02::1", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct haops_addr addr;

		assert_int_equal(haops_addr_parse(*state, cases[i].text, &addr), 0);
		assert_int_equal(haops_addr_is_unicast(&addr), cases[i].is_unicast);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(text_is_read_or_refused),	TEST_CTX(refusal_quotes_the_text),
		TEST_CTX(unknown_family_is_no_address), TEST_CTX(order_is_by_family_and_bits),
		TEST_CTX(only_unicast_can_be_a_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
