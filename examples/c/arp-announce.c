/* SPDX-License-Identifier: 0BSD */
/* Asks whether another host has these addresses, and if none has, tells the neighbours that they
 * are here: three rounds, as IPv4 requests and replies and as IPv6 neighbour advertisements. */

#include <errno.h>
#include <haops/arp.h>
#include <poll.h>
#include <stdio.h>

#define ADDRS_MAX 16
#define ROUNDS 3
#define PAUSE_MS 100
#define TIMEOUT_MS 5000

/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "arp-announce: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : error == -ETIMEDOUT ? 3 : 1;
}

static void print_conflict(const struct haops_arp_conflict *conflict)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	const uint8_t *mac = conflict->mac;

	printf("%s is in use by %02x:%02x:%02x:%02x:%02x:%02x\n",
	       haops_addr_format(&conflict->addr, text), mac[0], mac[1], mac[2], mac[3], mac[4],
	       mac[5]);
}

static int announce(struct haops_ctx *ctx, const struct haops_announcement *news)
{
	int64_t deadline_ms = haops_deadline_after(ctx, TIMEOUT_MS);

	for (int round = 0; round < ROUNDS; round++) {
		int r = haops_arp_announce(ctx, news, deadline_ms);

		if (r < 0)
			return r;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	printf("%zu addresses announced %d times\n", news->count, ROUNDS);
	return 0;
}

static int run(struct haops_ctx *ctx, const char *nic, size_t count, char **texts)
{
	struct haops_addr addrs[ADDRS_MAX];
	struct haops_announcement news = {.addrs = addrs, .count = count};
	struct haops_arp_probe_spec probe = {.addrs = addrs, .addr_count = count, .count = 3};
	struct haops_arp_conflict conflict;
	struct haops_link link;
	int64_t deadline_ms = haops_deadline_after(ctx, TIMEOUT_MS);
	bool has_conflict = false;
	int r = haops_link_get(ctx, nic, deadline_ms, &link);

	for (size_t i = 0; i < count && r == 0; i++)
		r = haops_addr_parse(ctx, texts[i], &addrs[i]);
	if (r < 0)
		return fail(ctx, r);
	/* Quicker than RFC 5227 asks for: a server's network, not a visitor's. */
	probe.ifindex = news.ifindex = link.ifindex;
	probe.interval_ms = probe.wait_ms = PAUSE_MS;
	r = haops_arp_probe(ctx, &probe, deadline_ms, &has_conflict, &conflict);
	if (has_conflict) {
		print_conflict(&conflict);
		return 1;
	}
	if (r == 0)
		r = announce(ctx, &news);
	return r < 0 ? fail(ctx, r) : 0;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc < 3 || argc > 2 + ADDRS_MAX) {
		fprintf(stderr, "usage: arp-announce INTERFACE ADDRESS...\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "arp-announce: memory is short\n");
		return 1;
	}
	r = run(ctx, argv[1], (size_t)argc - 2, argv + 2);
	haops_ctx_free(ctx);
	return r;
}
