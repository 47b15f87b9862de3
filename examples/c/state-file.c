/* SPDX-License-Identifier: 0BSD */
/* Replaces a state file with what comes on standard input and prints what was there before, one
 * caller at a time; with -r it is removed. */

#include <errno.h>
#include <haops/state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX_BYTES 4096

/* A wrong argument is 2, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "state-file: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : 1;
}

/* Says who is in the way. The lock may have been released since: then the number is 0. */
static int print_holder(struct haops_ctx *ctx, const char *name)
{
	pid_t pid;
	int r = haops_state_lock_holder(ctx, name, &pid);

	if (r < 0)
		return r;
	printf("locked by process %d\n", (int)pid);
	return -EBUSY;
}

static int print_old(struct haops_ctx *ctx, const char *name)
{
	char *old;
	size_t len;
	int r = haops_state_read(ctx, name, &old, &len);

	if (r == -ENOENT) {
		printf("nothing before\n");
		return 0;
	}
	if (r < 0)
		return r;
	printf("before: %s\n", old);
	free(old);
	return 0;
}

static int replace(struct haops_ctx *ctx, const char *name)
{
	char content[CONTENT_MAX_BYTES];
	int r = print_old(ctx, name);

	fflush(stdout);
	if (r < 0)
		return r;
	return haops_state_write(ctx, name, content, fread(content, 1, sizeof(content), stdin));
}

static int run(struct haops_ctx *ctx, const char *dir, const char *name, int remove)
{
	char lock_name[100];
	int fd;
	int r = haops_ctx_set_run_dir(ctx, dir);

	snprintf(lock_name, sizeof(lock_name), "%.80s.lock", name);
	if (r == 0)
		r = haops_state_lock(ctx, lock_name, &fd);
	if (r == -EBUSY)
		r = print_holder(ctx, lock_name);
	else if (r == 0)
		r = remove ? haops_state_remove(ctx, name) : replace(ctx, name);
	/* The lock ends with this process. */
	return r < 0 ? fail(ctx, r) : 0;
}

int main(int argc, char **argv)
{
	int remove = argc > 1 && strcmp(argv[1], "-r") == 0;
	struct haops_ctx *ctx;
	int r;

	if (argc != 3 + remove) {
		fprintf(stderr, "usage: state-file [-r] /DIRECTORY NAME\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "state-file: memory is short\n");
		return 1;
	}
	r = run(ctx, argv[1 + remove], argv[2 + remove], remove);
	haops_ctx_free(ctx);
	return r;
}
