/* SPDX-License-Identifier: 0BSD */
/* Runs a program for a limited time and prints what it wrote: timeout(1) with libhaops. Its exit
 * status is that of the program; 124: out of time, 125: failure, 126: not executable, 127: none. */

#include <errno.h>
#include <haops/process.h>
#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_MAX_BYTES 65536

static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "run-command: %s\n", haops_ctx_error(ctx));
	switch (error) {
	case -EACCES:
		return 126;
	case -ENOENT:
		return 127;
	default:
		return 125;
	}
}

static int report(const struct haops_process_result *result)
{
	fwrite(result->output, 1, result->output_len, stdout);
	fflush(stdout);
	if (result->is_truncated)
		fprintf(stderr, "run-command: only its first %d bytes are shown\n",
			OUTPUT_MAX_BYTES);
	switch (result->end) {
	case HAOPS_PROCESS_EXITED:
		return result->status;
	case HAOPS_PROCESS_SIGNALED:
		fprintf(stderr, "run-command: ended by signal %d\n", result->status);
		return 128 + result->status;
	case HAOPS_PROCESS_TIMED_OUT:
		fprintf(stderr, "run-command: killed at the deadline\n");
		return 124;
	}
	return 125;
}

int main(int argc, char **argv)
{
	struct haops_process_spec spec = {.output_max_bytes = OUTPUT_MAX_BYTES};
	struct haops_process_result result;
	struct haops_ctx *ctx;
	int64_t timeout_ms;
	int r;

	if (argc < 3) {
		fprintf(stderr, "usage: run-command MILLISECONDS /PROGRAM [ARGUMENT]...\n");
		return 125;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "run-command: memory is short\n");
		return 125;
	}
	timeout_ms = strtol(argv[1], NULL, 10);
	spec.argv = (const char *const *)(argv + 2);
	r = haops_process_run(ctx, &spec, haops_deadline_after(ctx, timeout_ms), &result);
	if (r < 0) {
		r = fail(ctx, r);
	} else {
		r = report(&result);
		haops_process_result_done(&result);
	}
	haops_ctx_free(ctx);
	return r;
}
