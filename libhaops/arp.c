/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One round of announcements onto the wire. When rounds are due is the matter of the announcer. */
#include "arp-neigh.h"
#include "arp-round.h"
#include "arp-wire.h"

#include <fcntl.h>
#include <haops/arp.h>
#include <stdio.h>

#define PATH_MAX_BYTES 96

/* 1 or 0 out of a file of one digit, or -errno. */
static int read_switch(struct haops_ctx *ctx, const char *ifname)
{
	CLEANUP_FD int fd = -1;
	char path[PATH_MAX_BYTES];
	char digit = '0';
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/forwarding", ifname);
	fd = ctx->sys->openat(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	got = ctx->sys->read(fd, &digit, 1);
	if (got < 0)
		return (int)got;
	return got == 1 && digit != '0';
}

/*
 * Hosts that have this one as their default router drop it when an advertisement comes without the
 * router flag (RFC 4861 section 7.2.5). The interface may just have been renamed: then what is set
 * for all of them counts.
 */
static bool is_router(struct haops_ctx *ctx, const char *ifname)
{
	int on = read_switch(ctx, ifname);

	if (on < 0)
		on = read_switch(ctx, "all");
	return on > 0;
}

static bool has_ipv6(const struct haops_announcement *what)
{
	for (size_t i = 0; i < what->count; i++)
		if (what->addrs[i].family == AF_INET6)
			return true;
	return false;
}

static void look_up_targets(struct haops_ctx *ctx, int64_t deadline_ms, struct arp_round *round)
{
	const struct haops_announcement *what = round->what;
	const struct arp_neigh_link link = {what->ifindex, round->hw.len};

	for (size_t i = 0; i < what->target_count; i++) {
		struct arp_target *target = &round->targets[round->target_count++];

		target->addr = what->targets[i];
		target->has_mac =
			arp_neigh_get(ctx, &link, &target->addr, deadline_ms, target->mac);
	}
}

static bool next_packet(void *arg, struct arp_packet *ret_packet)
{
	return arp_round_next(arg, ret_packet);
}

int haops_arp_announce(struct haops_ctx *ctx, const struct haops_announcement *what,
		       int64_t deadline_ms)
{
	struct arp_wire wire = {.fd = -1, .what = "announce"};
	struct arp_round round = {.what = what};
	const char *wrong;
	int r;

	if (!ctx)
		return -EINVAL;
	wrong = what ? arp_round_check(what) : "nothing was given";
	if (wrong)
		return haops_fail(ctx, EINVAL, "announcement: %s", wrong);
	r = arp_wire_look(ctx, what->ifindex, deadline_ms, &wire);
	if (r == 0)
		r = arp_wire_share(ctx, &wire);
	if (r < 0)
		return r;
	round.hw = wire.hw;
	round.is_router = has_ipv6(what) && is_router(ctx, wire.ifname);
	look_up_targets(ctx, deadline_ms, &round);
	return arp_wire_send(ctx, &wire, next_packet, &round, deadline_ms);
}
