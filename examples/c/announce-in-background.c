/* SPDX-License-Identifier: 0BSD */
/* Keeps announcing an address from a background process: by a schedule, and again whenever the
 * carrier comes back. The address must be on the interface; when it goes, the process ends. */

#include <errno.h>
#include <haops/arp.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 5000
#define NAME_MAX_BYTES 64

/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "announce-in-background: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : error == -ETIMEDOUT ? 3 : 1;
}

static int start(struct haops_ctx *ctx, const char *name, const struct haops_addr *addr,
		 char **args)
{
	const char *times = args[0] && args[1] ? args[1] : "1,2,5,15,35,60";
	struct haops_arp_schedule schedule = {.burst_count = 3, .burst_interval_ms = 200};
	struct haops_announcement news = {.addrs = addr, .count = 1};
	struct haops_link link;
	int r = haops_arp_schedule_parse(ctx, times, &schedule);

	if (r == 0)
		r = haops_link_get(ctx, args[0] ? args[0] : "",
				   haops_deadline_after(ctx, TIMEOUT_MS), &link);
	if (r < 0)
		return r;
	news.ifindex = link.ifindex;
	r = haops_announcer_start(ctx, name, &news, &schedule, 0);
	/* One that is there already does what was asked for. */
	return r == -EBUSY ? 0 : r;
}

static int show(struct haops_ctx *ctx, const char *name)
{
	bool is_running;
	int r = haops_announcer_query(ctx, name, &is_running);

	if (r == 0)
		printf("%s: %s\n", name, is_running ? "running" : "not running");
	return r;
}

static int usage(void)
{
	fprintf(stderr, "usage: announce-in-background start ADDRESS INTERFACE [SECONDS,...]\n"
			"       announce-in-background stop|show ADDRESS\n");
	return 2;
}

static int run(struct haops_ctx *ctx, const char *action, char **args)
{
	char name[NAME_MAX_BYTES];
	char text[HAOPS_ADDR_TEXT_MAX];
	struct haops_addr addr;
	int r = haops_addr_parse(ctx, args[0], &addr);

	if (r < 0)
		return fail(ctx, r);
	/* By the canonical form, so that each spelling of an address means the same process. */
	snprintf(name, sizeof(name), "example-%s", haops_addr_format(&addr, text));
	if (strcmp(action, "start") == 0)
		r = start(ctx, name, &addr, args + 1);
	else if (strcmp(action, "stop") == 0)
		r = haops_announcer_stop(ctx, name, haops_deadline_after(ctx, TIMEOUT_MS));
	else if (strcmp(action, "show") != 0)
		return usage();
	if (r == 0)
		r = show(ctx, name);
	return r < 0 ? fail(ctx, r) : 0;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc < 3)
		return usage();
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "announce-in-background: memory is short\n");
		return 1;
	}
	r = run(ctx, argv[1], argv + 2);
	haops_ctx_free(ctx);
	return r;
}
