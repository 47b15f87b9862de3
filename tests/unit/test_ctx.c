/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The context: errors, log callback, deadlines, settings. */
#include "unit.h"

#include <stdio.h>

struct heard {
	enum haops_log_level level;
	char text[64];
	int count;
};

static void hear(void *userdata, enum haops_log_level level, const char *message)
{
	struct heard *heard = userdata;

	heard->level = level;
	heard->count++;
	(void)snprintf(heard->text, sizeof(heard->text), "%s", message);
}

static int64_t fake_now_ns;

static int64_t fake_clock(void)
{
	return fake_now_ns;
}

static void error_is_empty_at_first(void **state)
{
	assert_string_equal(haops_ctx_error(*state), "");
	assert_string_equal(haops_ctx_error(NULL), "");
}

static void fail_keeps_sentence_and_returns_code(void **state)
{
	struct haops_ctx *ctx = *state;

	assert_int_equal(haops_fail(ctx, ENODEV, "interface %s is gone", "eth0"), -ENODEV);
	assert_string_equal(haops_ctx_error(ctx), "interface eth0 is gone");
	assert_int_equal(haops_fail(ctx, EIO, "start: %s", haops_ctx_error(ctx)), -EIO);
	assert_string_equal(haops_ctx_error(ctx), "start: interface eth0 is gone");
}

static void fail_sys_lets_no_undocumented_code_out(void **state)
{
	struct haops_ctx *ctx = *state;

	assert_int_equal(haops_fail_sys(ctx, -EXDEV, "move"), -EIO);
	assert_string_equal(haops_ctx_error(ctx), "move: Invalid cross-device link");
	assert_int_equal(haops_fail_sys(ctx, -ENOSPC, "write"), -ENOSPC);
}

static void long_sentence_is_cut(void **state)
{
	char text[2 * HAOPS_ERROR_MAX];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(haops_fail(*state, EINVAL, "%s", text), -EINVAL);
	assert_int_equal(strlen(haops_ctx_error(*state)), HAOPS_ERROR_MAX - 1);
}

static void sentence_is_one_line(void **state)
{
	struct heard heard = {0};

	haops_ctx_set_log(*state, HAOPS_LOG_DEBUG, hear, &heard);
	assert_int_equal(haops_fail(*state, EINVAL, "\"%s\" is none", "a\nb\x7f"), -EINVAL);
	assert_string_equal(haops_ctx_error(*state), "\"a?b?\" is none");
	assert_string_equal(heard.text, "failed: \"a?b?\" is none");
	haops_logf(*state, HAOPS_LOG_INFO, "%s", "c\r\nd \xc3\xa4");
	assert_string_equal(heard.text, "c??d \xc3\xa4");
}

static void log_honours_level(void **state)
{
	struct heard heard = {0};

	haops_ctx_set_log(*state, HAOPS_LOG_INFO, hear, &heard);
	haops_logf(*state, HAOPS_LOG_DEBUG, "not heard");
	assert_int_equal(heard.count, 0);
	haops_logf(*state, HAOPS_LOG_INFO, "added %d", 3);
	assert_int_equal(heard.level, HAOPS_LOG_INFO);
	assert_string_equal(heard.text, "added 3");
	haops_ctx_set_log(*state, HAOPS_LOG_DEBUG, NULL, NULL);
	haops_logf(*state, HAOPS_LOG_ERROR, "silent");
	assert_int_equal(heard.count, 1);
}

static void deadline_is_monotonic_and_bounded(void **state)
{
	struct haops_ctx *ctx = *state;
	struct haops_sys sys = haops_sys_linux;
	int64_t deadline;

	sys.now_ns = fake_clock;
	haops_ctx_set_sys(ctx, &sys);
	fake_now_ns = INT64_C(5000000000);
	deadline = haops_deadline_after(ctx, 250);
	assert_int_equal(deadline, 5250);
	assert_int_equal(haops_deadline_left_ms(ctx, deadline), 250);
	fake_now_ns = INT64_C(5300000000);
	assert_int_equal(haops_deadline_left_ms(ctx, deadline), 0);
	assert_int_equal(haops_deadline_after(ctx, -7), 5300);
	assert_true(haops_deadline_after(ctx, INT64_MAX) > deadline);
}

static void run_dir_must_be_absolute(void **state)
{
	char path[300];

	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(haops_ctx_set_run_dir(*state, "run"), -EINVAL);
	assert_int_equal(haops_ctx_set_run_dir(*state, ""), -EINVAL);
	assert_int_equal(haops_ctx_set_run_dir(*state, NULL), -EINVAL);
	assert_int_equal(haops_ctx_set_run_dir(*state, path), -EINVAL);
	assert_int_equal(haops_ctx_set_run_dir(*state, "/run/x"), 0);
	assert_int_equal(haops_ctx_set_run_dir(NULL, "/run/x"), -EINVAL);
}

static void null_is_harmless(void **state)
{
	(void)state;
	assert_int_equal(haops_ctx_new(NULL), -EINVAL);
	assert_null(haops_ctx_free(NULL));
	haops_ctx_set_log(NULL, HAOPS_LOG_DEBUG, NULL, NULL);
	assert_int_equal(haops_deadline_after(NULL, 5), 0);
	assert_int_equal(haops_deadline_left_ms(NULL, 5), 0);
	assert_string_equal(haops_version(), PACKAGE_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(error_is_empty_at_first),
		TEST_CTX(fail_keeps_sentence_and_returns_code),
		TEST_CTX(fail_sys_lets_no_undocumented_code_out),
		TEST_CTX(long_sentence_is_cut),
		TEST_CTX(sentence_is_one_line),
		TEST_CTX(log_honours_level),
		TEST_CTX(deadline_is_monotonic_and_bounded),
		TEST_CTX(run_dir_must_be_absolute),
		cmocka_unit_test(null_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
