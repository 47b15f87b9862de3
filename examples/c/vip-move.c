/* SPDX-License-Identifier: 0BSD */
/* Takes a virtual address over (interface and prefix by route lookup, duplicate detection of IPv6,
 * announcement), shows where the kernel has it, or drops it wherever it is. */

#include <errno.h>
#include <haops/arp.h>
#include <haops/vip.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 5000

/* Tells neighbours. That nobody can be told now does not undo what was taken. */
static int announce(struct haops_ctx *ctx, const struct haops_vip *vip, int64_t deadline_ms)
{
	struct haops_announcement news = {.ifindex = vip->ifindex, .addrs = &vip->addr, .count = 1};
	int r = haops_arp_announce(ctx, &news, deadline_ms);

	if (r == -ENETDOWN || r == -EOPNOTSUPP) {
		fprintf(stderr, "vip-move: not announced: %s\n", haops_ctx_error(ctx));
		return 0;
	}
	return r;
}

static int take(struct haops_ctx *ctx, const struct haops_addr *addr, int64_t deadline_ms)
{
	struct haops_vip vip = {.addr = *addr, .preferred_lft_s = HAOPS_VIP_FOREVER};
	struct haops_vip_want want = {.prefix_len = -1};
	int r = haops_vip_locate(ctx, &want, deadline_ms, &vip);

	if (r == 0)
		r = haops_vip_add(ctx, &vip, 1, deadline_ms);
	if (r < 0)
		return r;
	r = haops_vip_wait_dad(ctx, &vip, 1, deadline_ms);
	if (r == -EADDRINUSE) {
		printf("given back: another host has it\n");
		r = haops_vip_remove(ctx, addr, 1, haops_deadline_after(ctx, TIMEOUT_MS), NULL);
		return r < 0 ? r : -EADDRINUSE;
	}
	return r < 0 ? r : announce(ctx, &vip, deadline_ms);
}

static int show(struct haops_ctx *ctx, const struct haops_addr *addr, int64_t deadline_ms)
{
	static const char *const words[] = {"unknown", "absent", "present", "tentative",
					    "duplicate"};
	struct haops_vip_found found;
	struct haops_link link = {0};
	char text[HAOPS_ADDR_TEXT_MAX];
	int r = haops_vip_query(ctx, addr, 1, 0, deadline_ms, &found);

	if (r == 0 && found.ifindex)
		r = haops_link_get_by_index(ctx, found.ifindex, deadline_ms, &link);
	if (r < 0)
		return r;
	printf("%s is %s", haops_addr_format(addr, text), words[found.state]);
	if (found.ifindex)
		printf(" with /%u on %s", (unsigned int)found.prefix_len, link.name);
	printf("\n");
	return 0;
}

static int run(struct haops_ctx *ctx, const char *action, const char *text)
{
	int64_t deadline_ms = haops_deadline_after(ctx, TIMEOUT_MS);
	struct haops_addr addr;
	int r = haops_addr_parse(ctx, text, &addr);

	if (r == 0 && strcmp(action, "take") == 0)
		r = take(ctx, &addr, deadline_ms);
	else if (r == 0 && strcmp(action, "drop") == 0)
		r = haops_vip_remove(ctx, &addr, 1, deadline_ms, NULL);
	if (r == 0)
		r = show(ctx, &addr, deadline_ms);
	if (r < 0)
		fprintf(stderr, "vip-move: %s\n", haops_ctx_error(ctx));
	return r;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	bool is_known = argc == 3 && (strcmp(argv[1], "take") == 0 ||
				      strcmp(argv[1], "drop") == 0 || strcmp(argv[1], "show") == 0);
	int r;

	if (!is_known || haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "usage: vip-move take|drop|show ADDRESS\n");
		return 2;
	}
	r = run(ctx, argv[1], argv[2]);
	haops_ctx_free(ctx);
	/* A wrong argument is 2, an outcome that is not known is 3, any other failure is 1. */
	return r == 0 ? 0 : r == -EINVAL ? 2 : r == -ETIMEDOUT ? 3 : 1;
}
