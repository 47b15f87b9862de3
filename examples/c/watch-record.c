/* SPDX-License-Identifier: 0BSD */
/* Names a running process to haopsd, which tells then when it ends; lists what is named; takes it
 * back. With -d the records are in another directory than haopsd's. */

#include <errno.h>
#include <haops/process.h>
#include <haops/watch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wrong argument is 2, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "watch-record: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : 1;
}

/* Number and start time: a later process with the same number is another one. */
static int put(struct haops_ctx *ctx, const char *name, const char *number)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_PROCESS};
	struct haops_watch watch = {.agent = "example", .objects = &object, .object_count = 1};
	struct haops_process process;
	int r = haops_process_get(ctx, (pid_t)strtol(number, NULL, 10), &process);

	if (r < 0)
		return r;
	object.process.pid = process.pid;
	object.process.start_time = process.start_ticks;
	snprintf(watch.resource, sizeof(watch.resource), "%s", name);
	return haops_watch_put(ctx, &watch);
}

static int show(struct haops_ctx *ctx, const char *name)
{
	struct haops_watch watch;
	int r = haops_watch_get(ctx, name, &watch);

	if (r < 0)
		return r;
	printf("%s: %s, %zu objects\n", watch.resource, watch.agent, watch.object_count);
	haops_watch_done(&watch);
	return 0;
}

static int list(struct haops_ctx *ctx)
{
	char **names;
	size_t count;
	int r = haops_watch_list(ctx, &names, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		/* One that cannot be read is told, and the others are shown. */
		if (show(ctx, names[i]) < 0)
			fprintf(stderr, "watch-record: %s\n", haops_ctx_error(ctx));
		free(names[i]);
	}
	free(names);
	return 0;
}

static int run(struct haops_ctx *ctx, int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[0], "put") == 0)
		return put(ctx, argv[1], argv[2]);
	if (argc == 2 && strcmp(argv[0], "remove") == 0)
		return haops_watch_remove(ctx, argv[1]);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(ctx);
	fprintf(stderr, "usage: watch-record [-d /DIRECTORY] put NAME PID | remove NAME | list\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int first = 1;
	int r = 0;

	if (haops_ctx_new(&ctx) < 0)
		return 1;
	if (argc > 2 && strcmp(argv[1], "-d") == 0) {
		r = haops_ctx_set_run_dir(ctx, argv[2]);
		first = 3;
	}
	if (r == 0)
		r = run(ctx, argc - first, argv + first);
	r = r < 0 ? fail(ctx, r) : 0;
	haops_ctx_free(ctx);
	return r;
}
