/* SPDX-License-Identifier: 0BSD */
/* Ends the process of a number, or all processes of a program: SIGTERM, after a while SIGKILL.
 * Success only when they are gone; a process that got the same number later is never hit. */

#include <errno.h>
#include <haops/process.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KILL_WAIT_MS 2000

/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "process-stop: %s\n",
		error == -ENOMEM ? "memory is short" : haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : error == -ETIMEDOUT ? 3 : 1;
}

static bool is_of_program(const struct haops_process *process, void *userdata)
{
	return process->state != 'Z' && strcmp(process->exe, userdata) == 0;
}

static int find(struct haops_ctx *ctx, char *which, struct haops_process **ret_list,
		size_t *ret_count)
{
	struct haops_process *one;
	int r;

	if (which[0] == '/')
		return haops_process_list(ctx, is_of_program, which, ret_list, ret_count);
	one = malloc(sizeof(*one));
	if (!one)
		return -ENOMEM;
	r = haops_process_get(ctx, (pid_t)strtol(which, NULL, 10), one);
	if (r < 0) {
		free(one);
		return r;
	}
	*ret_list = one;
	*ret_count = 1;
	return 0;
}

static int signal_all(struct haops_ctx *ctx, const struct haops_process *list, size_t count,
		      int sig)
{
	for (size_t i = 0; i < count; i++) {
		int r = haops_process_signal(ctx, &list[i], sig);

		if (r < 0 && r != -ESRCH) /* it may end by itself meanwhile */
			return r;
		if (r == 0)
			printf("signal %d to %d: %s\n", sig, (int)list[i].pid, list[i].cmdline);
	}
	return 0;
}

static int stop(struct haops_ctx *ctx, const struct haops_process *list, size_t count, long term_ms)
{
	int r = signal_all(ctx, list, count, SIGTERM);

	if (r == 0)
		r = haops_process_wait_gone(ctx, list, count, haops_deadline_after(ctx, term_ms));
	if (r != -ETIMEDOUT)
		return r;
	r = signal_all(ctx, list, count, SIGKILL);
	if (r == 0)
		r = haops_process_wait_gone(ctx, list, count,
					    haops_deadline_after(ctx, KILL_WAIT_MS));
	return r;
}

int main(int argc, char **argv)
{
	struct haops_process *list = NULL;
	struct haops_ctx *ctx = NULL;
	size_t count = 0;
	int r;

	if (argc != 3 || haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "usage: process-stop PID|/PROGRAM MILLISECONDS\n");
		return 2;
	}
	r = find(ctx, argv[1], &list, &count);
	if (r == 0)
		r = stop(ctx, list, count, strtol(argv[2], NULL, 10));
	if (r == 0)
		printf("%zu ended\n", count);
	free(list);
	r = r < 0 ? fail(ctx, r) : 0;
	haops_ctx_free(ctx);
	return r;
}
