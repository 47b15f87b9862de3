/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes: which error becomes which, and which code may leave which action. */
#include "ocf/run.h"
#include "unit.h"

static void test_errors(void **state)
{
	static const struct {
		int err;
		enum ocf_code code;
	} table[] = {
		{EINVAL, OCF_ERR_ARGS},	       {ENODEV, OCF_ERR_ARGS},
		{ENOENT, OCF_ERR_INSTALLED},   {EOPNOTSUPP, OCF_ERR_INSTALLED},
		{ENOSYS, OCF_ERR_INSTALLED},   {EPERM, OCF_ERR_PERM},
		{EACCES, OCF_ERR_PERM},	       {EIO, OCF_ERR_GENERIC},
		{ETIMEDOUT, OCF_ERR_GENERIC},  {EBUSY, OCF_ERR_GENERIC},
		{EADDRINUSE, OCF_ERR_GENERIC}, {ENETDOWN, OCF_ERR_GENERIC},
		{ENOMEM, OCF_ERR_GENERIC},     {ENOSPC, OCF_ERR_GENERIC},
		{ESRCH, OCF_ERR_GENERIC},      {EFBIG, OCF_ERR_GENERIC},
		{0, OCF_ERR_GENERIC},	       {9999, OCF_ERR_GENERIC},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(ocf_code_of_errno(table[i].err), table[i].code);
		assert_int_equal(ocf_code_of_errno(-table[i].err), table[i].code);
	}
}

static void test_final(void **state)
{
	static const int pass[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 190, 191};
	static const int never[] = {-1, 10, 127, 189, 192, 255, 256, -22};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pass); i++)
		assert_int_equal(ocf_code_final(pass[i], "start", false), pass[i]);
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_int_equal(ocf_code_final(never[i], "start", false), OCF_ERR_GENERIC);
	assert_int_equal(ocf_code_final(OCF_ERR_CONFIGURED, "monitor", false), OCF_ERR_GENERIC);
	assert_int_equal(ocf_code_final(OCF_ERR_CONFIGURED, "monitor", true), OCF_ERR_CONFIGURED);
	assert_int_equal(ocf_code_final(OCF_ERR_INSTALLED, "monitor", false), OCF_ERR_INSTALLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
