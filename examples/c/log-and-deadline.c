/* SPDX-License-Identifier: 0BSD */
/* Waits until a directory is there, then has a context keep its state files in it. Shows what every
 * other example needs: a context, its last error, its log, and one deadline for several steps. */

#include <errno.h>
#include <haops/haops.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define STEP_MS 20

/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "log-and-deadline: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : error == -ETIMEDOUT ? 3 : 1;
}

static void print_log(void *userdata, enum haops_log_level level, const char *message)
{
	static const char *const words[] = {
		[HAOPS_LOG_ERROR] = "error",
		[HAOPS_LOG_WARNING] = "warning",
		[HAOPS_LOG_INFO] = "info",
		[HAOPS_LOG_DEBUG] = "debug",
	};

	fprintf(userdata, "%s: %s\n", words[level], message);
}

static int wait_for(const struct haops_ctx *ctx, const char *path, int64_t deadline_ms)
{
	struct stat status;
	int64_t left_ms;

	while (stat(path, &status) < 0 || !S_ISDIR(status.st_mode)) {
		left_ms = haops_deadline_left_ms(ctx, deadline_ms);
		if (left_ms == 0)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, left_ms < STEP_MS ? (int)left_ms : STEP_MS);
	}
	return 0;
}

static int run(struct haops_ctx *ctx, const char *path, int64_t timeout_ms)
{
	int64_t deadline_ms = haops_deadline_after(ctx, timeout_ms);
	int r = haops_ctx_set_run_dir(ctx, path);

	if (r < 0)
		return fail(ctx, r);
	if (wait_for(ctx, path, deadline_ms) < 0) {
		fprintf(stderr, "log-and-deadline: no %s after %" PRId64 " ms\n", path, timeout_ms);
		return 1;
	}
	printf("libhaops %s: %s is there\n", haops_version(), path);
	return 0;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: log-and-deadline MILLISECONDS DIRECTORY\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "log-and-deadline: memory is short\n");
		return 1;
	}
	haops_ctx_set_log(ctx, HAOPS_LOG_DEBUG, print_log, stderr);
	r = run(ctx, argv[2], strtol(argv[1], NULL, 10));
	haops_ctx_free(ctx);
	return r;
}
