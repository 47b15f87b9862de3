/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as /dev/log takes them. */
#include "ocf/run.h"
#include "unit.h"

#include <syslog.h>

static void test_facility(void **state)
{
	(void)state;
	assert_int_equal(ocf_syslog_facility("daemon"), LOG_DAEMON);
	assert_int_equal(ocf_syslog_facility("local7"), LOG_LOCAL7);
	assert_int_equal(ocf_syslog_facility("kern"), LOG_KERN);
	assert_int_equal(ocf_syslog_facility("nonsense"), -1);
	assert_int_equal(ocf_syslog_facility(""), -1);
}

static void test_encode(void **state)
{
	char buf[OCF_LINE_MAX];
	char text[OCF_LINE_MAX * 2];

	(void)state;
	assert_int_equal(ocf_syslog_encode(LOG_LOCAL0 | LOG_ERR, "Nov  2 19:02:29", "demo(a)[7]",
					   "ERROR: no", buf),
			 42);
	assert_string_equal(buf, "<131>Nov  2 19:02:29 demo(a)[7]: ERROR: no");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(ocf_syslog_encode(LOG_DAEMON, "d", "t", text, buf), OCF_LINE_MAX - 1);
	assert_int_equal(strlen(buf), OCF_LINE_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facility),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
