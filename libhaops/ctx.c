/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context: settings, last error, log callback, deadlines. Knows no subject of the library.
 */
#include "internal.h"

#include <limits.h>
#include <stdio.h>

#define NS_PER_MS 1000000
#define YEAR_MS (INT64_C(366) * 24 * 3600 * 1000)

int haops_ctx_new(struct haops_ctx **ret_ctx)
{
	struct haops_ctx *ctx;

	if (!ret_ctx)
		return -EINVAL;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	ctx->sys = &haops_sys_linux;
	ctx->packet.fd = -1;
	(void)snprintf(ctx->run_dir, sizeof(ctx->run_dir), "%s", HAOPS_RUN_DIR);
	*ret_ctx = ctx;
	return 0;
}

struct haops_ctx *haops_ctx_free(struct haops_ctx *ctx)
{
	if (ctx && ctx->packet.fd >= 0)
		(void)ctx->sys->close(ctx->packet.fd);
	free(ctx);
	return NULL;
}

const char *haops_ctx_error(const struct haops_ctx *ctx)
{
	return ctx ? ctx->error : "";
}

void haops_ctx_set_log(struct haops_ctx *ctx, enum haops_log_level level, haops_log_fn fn,
		       void *userdata)
{
	if (!ctx)
		return;
	ctx->log_level = level;
	ctx->log_fn = fn;
	ctx->log_userdata = userdata;
}

int haops_ctx_set_run_dir(struct haops_ctx *ctx, const char *path)
{
	if (!ctx)
		return -EINVAL;
	if (!path || path[0] != '/')
		return haops_fail(ctx, EINVAL, "run directory \"%.50s\": give an absolute path",
				  path ? path : "");
	if (strlen(path) > HAOPS_RUN_DIR_MAX)
		return haops_fail(ctx, EINVAL, "run directory is longer than %d bytes",
				  HAOPS_RUN_DIR_MAX);
	(void)snprintf(ctx->run_dir, sizeof(ctx->run_dir), "%s", path);
	return 0;
}

void haops_ctx_set_sys(struct haops_ctx *ctx, const struct haops_sys *sys)
{
	ctx->sys = sys;
}

int64_t haops_now_ms(const struct haops_ctx *ctx)
{
	return ctx->sys->now_ns() / NS_PER_MS;
}

int64_t haops_deadline_after(const struct haops_ctx *ctx, int64_t timeout_ms)
{
	if (!ctx)
		return 0;
	if (timeout_ms < 0)
		timeout_ms = 0;
	if (timeout_ms > YEAR_MS)
		timeout_ms = YEAR_MS;
	return haops_now_ms(ctx) + timeout_ms;
}

int64_t haops_deadline_left_ms(const struct haops_ctx *ctx, int64_t deadline_ms)
{
	int64_t left = ctx ? deadline_ms - haops_now_ms(ctx) : 0;

	return left > 0 ? left : 0;
}

const char *haops_version(void)
{
	return PACKAGE_VERSION;
}

/* One line: a value that is quoted must not look like a message of its own. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

void haops_logf(struct haops_ctx *ctx, enum haops_log_level level, const char *fmt, ...)
{
	char message[HAOPS_ERROR_MAX];
	va_list args;

	if (!ctx->log_fn || level > ctx->log_level)
		return;
	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	make_one_line(message);
	ctx->log_fn(ctx->log_userdata, level, message);
}

int haops_fail(struct haops_ctx *ctx, int err, const char *fmt, ...)
{
	char sentence[HAOPS_ERROR_MAX];
	va_list args;

	/* By way of a copy: a sentence may quote the one before. */
	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	make_one_line(sentence);
	memcpy(ctx->error, sentence, sizeof(ctx->error));
	haops_logf(ctx, HAOPS_LOG_DEBUG, "failed: %s", ctx->error);
	return -err;
}

/* The errors that every documented set may hold; all others leave the library as -EIO. */
static int public_code(int code)
{
	static const int kept[] = {EINVAL, ENOMEM, EPERM, ENOENT, ENODEV, ENOSPC, ETIMEDOUT};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (code == -kept[i])
			return code;
	return -EIO;
}

int haops_fail_sys(struct haops_ctx *ctx, int code, const char *fmt, ...)
{
	char sentence[HAOPS_ERROR_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	return haops_fail(ctx, -public_code(code), "%s: %s", sentence, strerror(-code));
}
