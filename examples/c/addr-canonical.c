/* SPDX-License-Identifier: 0BSD */
/* Prints addresses in canonical form, sorted, each once: "fe80:0::1" and "FE80::1" are the same.
 * Says of each whether it can be a host's own. */

#include <errno.h>
#include <haops/addr.h>
#include <stdio.h>
#include <stdlib.h>

/* A wrong argument is 2, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "addr-canonical: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : 1;
}

static void print(const struct haops_addr *addrs, size_t count)
{
	char text[HAOPS_ADDR_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && haops_addr_cmp(&addrs[i - 1], &addrs[i]) == 0)
			continue;
		printf("%s%s\n", haops_addr_format(&addrs[i], text),
		       haops_addr_is_unicast(&addrs[i]) ? "" : " (not a host's)");
	}
}

static int run(struct haops_ctx *ctx, size_t count, char **texts)
{
	struct haops_addr *addrs = calloc(count, sizeof(*addrs));

	if (!addrs) {
		fprintf(stderr, "addr-canonical: memory is short\n");
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		int r = haops_addr_parse(ctx, texts[i], &addrs[i]);

		if (r < 0) {
			free(addrs);
			return fail(ctx, r);
		}
	}
	qsort(addrs, count, sizeof(*addrs), haops_addr_cmp);
	print(addrs, count);
	free(addrs);
	return 0;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: addr-canonical ADDRESS...\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "addr-canonical: memory is short\n");
		return 1;
	}
	r = run(ctx, (size_t)argc - 1, argv + 1);
	haops_ctx_free(ctx);
	return r;
}
