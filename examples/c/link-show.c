/* SPDX-License-Identifier: 0BSD */
/* Shows interfaces by name or number, in a named network namespace if one is given (-n), after it
 * has set them up if that is asked for (-u). */

#include <errno.h>
#include <haops/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 2000

/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "link-show: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : error == -ETIMEDOUT ? 3 : 1;
}

static void print(const struct haops_link *link)
{
	printf("%d %s %s, %s", link->ifindex, link->name, link->is_up ? "up" : "down",
	       link->has_carrier ? "carrier" : "no carrier");
	if (link->is_loopback)
		printf(", loopback");
	for (int i = 0; i < link->mac_len; i++)
		printf("%s%02x", i > 0 ? ":" : ", mac ", link->mac[i]);
	printf(", carrier came %u times\n", (unsigned int)link->carrier_up_count);
}

static int show(struct haops_ctx *ctx, const char *which, int set_up)
{
	int64_t deadline_ms = haops_deadline_after(ctx, TIMEOUT_MS);
	struct haops_link link;
	char *end;
	long number = strtol(which, &end, 10);
	int r;

	if (*end == '\0' && number > 0 && number < 1000000)
		r = haops_link_get_by_index(ctx, (int)number, deadline_ms, &link);
	else
		r = haops_link_get(ctx, which, deadline_ms, &link);
	if (r == 0 && set_up && !link.is_up) {
		r = haops_link_set_up(ctx, link.ifindex, deadline_ms);
		if (r == 0)
			r = haops_link_get_by_index(ctx, link.ifindex, deadline_ms, &link);
	}
	if (r < 0)
		return fail(ctx, r);
	print(&link);
	return 0;
}

static int run(struct haops_ctx *ctx, char **argv)
{
	int set_up = 0;
	int worst = 0;

	if (argv[0] && argv[1] && strcmp(argv[0], "-n") == 0) {
		int r = haops_netns_enter(ctx, argv[1]);

		if (r < 0)
			return fail(ctx, r);
		argv += 2;
	}
	if (argv[0] && strcmp(argv[0], "-u") == 0) {
		set_up = 1;
		argv++;
	}
	for (; *argv; argv++) {
		int r = show(ctx, *argv, set_up);

		worst = r > worst ? r : worst;
	}
	return worst;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: link-show [-n NAMESPACE] [-u] NAME|NUMBER...\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "link-show: memory is short\n");
		return 1;
	}
	r = run(ctx, argv + 1);
	haops_ctx_free(ctx);
	return r;
}
