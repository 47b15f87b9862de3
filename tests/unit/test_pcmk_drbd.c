/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for drbdadm, and what its end means for DRBD's fence-peer handler. */

#include "unit.h"

#include "pcmk/drbdadm.h"
#include "pcmk/drbdname.h"
#include "pcmk/outdate.h"

static void test_names(void **state)
{
	static const char *const good[] = {"r0", "data.1", "my_res-2", "R",
					   "0",	 "all2",   "minority"};
	static const char *const bad[] = {"",	"all",	 "minor-0",   "r0/0",  "r0:n1",
					  "-d", "r0 r1", "r0;x",      "$(id)", "../x",
					  ".x", "r0\n",	 "r\xc3\xa9", "--help"};
	char name[DRBDNAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(drbdname_is_resource(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(drbdname_is_resource(bad[i]));
	memset(name, 'x', sizeof(name));
	name[DRBDNAME_MAX] = '\0';
	assert_false(drbdname_is_resource(name));
	name[DRBDNAME_MAX - 1] = '\0';
	assert_true(drbdname_is_resource(name));
}

static void check(struct child_end end, int code, const char *words)
{
	char text[256];

	if (!end.output)
		end.output = "";
	assert_int_equal(drbdadm_judge(&end, text, sizeof(text)), code);
	assert_non_null(strstr(text, words));
}

static void test_exit_codes(void **state)
{
	(void)state;
	check((struct child_end){.exit_code = 0}, OUTDATE_PEER_OUTDATED, "outdated now");
	check((struct child_end){.exit_code = 5}, OUTDATE_PEER_INCONSISTENT, "Inconsistent");
	check((struct child_end){.exit_code = 17}, OUTDATE_PEER_PRIMARY, "Primary");
}

/* Everything that is not one of these three is not known, and never told as 3, 4, 5 or 6. */
static void test_unknown_is_failed(void **state)
{
	(void)state;
	for (int code = 1; code < 256; code++)
		if (code != 5 && code != 17)
			check((struct child_end){.exit_code = code}, OUTDATE_FAILED, "exit code");
	check((struct child_end){.exit_code = -1, .signal = 9}, OUTDATE_FAILED, "signal 9");
	check((struct child_end){.is_timed_out = true}, OUTDATE_FAILED, "in time");
	check((struct child_end){.is_timed_out = true, .exit_code = 17}, OUTDATE_FAILED, "in time");
	check((struct child_end){.exit_code = 10, .output = "no resources\x1b[2J defined!\nmore"},
	      OUTDATE_FAILED, "exit code 10: no resources [2J defined!");
}

static void check_disk(const char *output, enum drbdadm_disk disk)
{
	struct child_end end = {.output = output};

	assert_int_equal(drbdadm_judge_disk(&end), disk);
	end.exit_code = 1;
	assert_int_equal(drbdadm_judge_disk(&end), DRBDADM_DISK_UNKNOWN);
	end = (struct child_end){.output = output, .is_timed_out = true};
	assert_int_equal(drbdadm_judge_disk(&end), DRBDADM_DISK_UNKNOWN);
}

static void test_disks(void **state)
{
	char many[CHILD_OUTPUT_MAX];

	(void)state;
	check_disk("Outdated/DUnknown\n", DRBDADM_DISK_OUTDATED);
	check_disk("Inconsistent/DUnknown\nOutdated/DUnknown", DRBDADM_DISK_OUTDATED);
	check_disk("Diskless/DUnknown/UpToDate\n", DRBDADM_DISK_OUTDATED);
	check_disk("UpToDate/DUnknown\n", DRBDADM_DISK_GOOD);
	check_disk("Outdated/UpToDate\nConsistent/DUnknown\n", DRBDADM_DISK_GOOD);
	check_disk("a warning\nand /another\nOutdated/DUnknown\n", DRBDADM_DISK_OUTDATED);
	check_disk("", DRBDADM_DISK_UNKNOWN);
	check_disk("Outdated\n", DRBDADM_DISK_UNKNOWN);
	check_disk("Unheard/DUnknown\n", DRBDADM_DISK_UNKNOWN);
	check_disk("Unconfigured\n", DRBDADM_DISK_UNKNOWN);
	memset(many, 'x', sizeof(many) - 1);
	memcpy(many, "Outdated/", 9);
	many[sizeof(many) - 1] = '\0';
	check_disk(many, DRBDADM_DISK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_unknown_is_failed),
		cmocka_unit_test(test_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
