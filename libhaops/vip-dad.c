/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for the end of duplicate address detection by the kernel's notices. Removes nothing and
 * never polls. */
#include "arp-owner.h"
#include "internal.h"
#include "vip-list.h"

#include <haops/vip.h>
#include <linux/if_addr.h>
#include <stdalign.h>

#define RECEIVE_BUFFER (1 << 20)

struct waiting {
	struct rtnl notices; /* subscribed before the first look, so that no change is missed */
	struct rtnl asking; /* another socket: a dump would drown the notices that come during it */
	struct vip_keys keys; /* the IPv6 ones only */
	struct vip_list list;
	const struct haops_vip *vips;
	enum haops_vip_state *states; /* in the order of vips */
};

static void cleanup_waiting(struct waiting *waiting)
{
	(void)rtnl_close(&waiting->notices);
	(void)rtnl_close(&waiting->asking);
	free(waiting->list.items);
	free(waiting->states);
}

static void note(struct waiting *waiting, const struct rtnl_addr *addr, enum haops_vip_state state)
{
	size_t same;
	const struct vip_key *key = vip_plan_find(&waiting->keys, &addr->local, &same);

	for (size_t i = 0; key && i < same; i++) {
		if (waiting->vips[key[i].at].ifindex == addr->ifindex)
			waiting->states[key[i].at] = state;
	}
}

static int look(struct waiting *waiting)
{
	int code = vip_list_read(&waiting->asking, &waiting->keys, &waiting->list);

	if (code < 0)
		return code;
	for (size_t i = 0; i < waiting->keys.count; i++)
		waiting->states[waiting->keys.keys[i].at] = HAOPS_VIP_ABSENT;
	for (size_t i = 0; i < waiting->list.count; i++)
		note(waiting, &waiting->list.items[i], vip_plan_state(&waiting->list.items[i]));
	return 0;
}

/* The first address in a state, or NULL. */
static const struct haops_vip *first_in(const struct waiting *waiting, enum haops_vip_state state)
{
	for (size_t i = 0; i < waiting->keys.count; i++) {
		size_t at = waiting->keys.keys[i].at;

		if (waiting->states[at] == state)
			return &waiting->vips[at];
	}
	return NULL;
}

/* The kernel tells that there is another host, not which one. */
static int fail_duplicate(struct waiting *waiting, const struct haops_vip *vip)
{
	struct haops_ctx *ctx = waiting->asking.ctx;
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];
	uint8_t mac[6];

	if (arp_owner_find(ctx, vip->ifindex, &vip->addr, waiting->asking.deadline_ms, mac) == 0)
		return haops_fail(ctx, EADDRINUSE,
				  "%s is in use by the host with MAC "
				  "%02x:%02x:%02x:%02x:%02x:%02x on %s: take it away there",
				  haops_addr_format(&vip->addr, text), mac[0], mac[1], mac[2],
				  mac[3], mac[4], mac[5],
				  vip_ifname(&waiting->asking, vip->ifindex, name));
	return haops_fail(ctx, EADDRINUSE,
			  "another host on %s has %s (duplicate address detection): find it by its "
			  "MAC address and take the address away there",
			  vip_ifname(&waiting->asking, vip->ifindex, name),
			  haops_addr_format(&vip->addr, text));
}

static int fail_absent(struct waiting *waiting, const struct haops_vip *vip)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];

	return haops_fail(waiting->asking.ctx, ENOENT,
			  "%s is not on %s any more: it was removed, or the interface went down or "
			  "away, before duplicate address detection ended",
			  haops_addr_format(&vip->addr, text),
			  vip_ifname(&waiting->asking, vip->ifindex, name));
}

static int fail_tentative(struct waiting *waiting, const struct haops_vip *vip)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];

	return haops_fail(waiting->asking.ctx, ETIMEDOUT,
			  "%s on %s is still tentative, duplicate address detection has not ended: "
			  "check that the interface is up and has carrier",
			  haops_addr_format(&vip->addr, text),
			  vip_ifname(&waiting->asking, vip->ifindex, name));
}

static void take_notices(struct waiting *waiting, const void *buf, size_t len)
{
	struct rtnl_bytes bytes = {buf, len};
	const struct nlmsghdr *nlh;

	while ((nlh = rtnl_msg_take(&bytes))) {
		enum haops_vip_state state;
		struct rtnl_addr addr;

		if (rtnl_msg_parse_addr(nlh, &addr) < 0)
			continue;
		state = vip_plan_state(&addr);
		if (nlh->nlmsg_type == RTM_DELADDR)
			state = HAOPS_VIP_ABSENT;
		note(waiting, &addr, state);
	}
}

static int wait_notice(struct waiting *waiting, const struct haops_vip *tentative)
{
	alignas(struct nlmsghdr) char buf[RTNL_BUF_SIZE];
	ssize_t len = rtnl_receive(&waiting->notices, buf);

	if (len == -ENOBUFS)
		return look(waiting);
	if (len == -ETIMEDOUT)
		return fail_tentative(waiting, tentative);
	if (len < 0)
		return (int)len;
	take_notices(waiting, buf, (size_t)len);
	/* News that end the wait may be older than the last look: an address that was removed and
	 * added again. */
	if (first_in(waiting, HAOPS_VIP_DUPLICATE) || first_in(waiting, HAOPS_VIP_ABSENT) ||
	    !first_in(waiting, HAOPS_VIP_TENTATIVE))
		return look(waiting);
	/* Notices that never end let no receive run out of time. */
	if (haops_deadline_left_ms(waiting->notices.ctx, waiting->notices.deadline_ms) == 0)
		return fail_tentative(waiting, tentative);
	return 0;
}

static int open_sockets(struct haops_ctx *ctx, int64_t deadline_ms, struct waiting *waiting)
{
	const int size = RECEIVE_BUFFER;
	int code =
		rtnl_open(ctx, NETLINK_ROUTE, RTMGRP_IPV6_IFADDR, deadline_ms, &waiting->notices);

	if (code < 0)
		return code;
	waiting->notices.what = "wait for duplicate address detection";
	/* Room for the notices of many addresses; should it not suffice, there is ENOBUFS. */
	(void)ctx->sys->setsockopt(waiting->notices.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				   sizeof(size));
	return rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &waiting->asking);
}

static int wait_all(struct waiting *waiting)
{
	int code = look(waiting);

	while (code == 0) {
		const struct haops_vip *vip = first_in(waiting, HAOPS_VIP_DUPLICATE);

		if (vip)
			return fail_duplicate(waiting, vip);
		vip = first_in(waiting, HAOPS_VIP_ABSENT);
		if (vip)
			return fail_absent(waiting, vip);
		vip = first_in(waiting, HAOPS_VIP_TENTATIVE);
		if (!vip)
			return 0;
		code = wait_notice(waiting, vip);
	}
	return code;
}

int haops_vip_wait_dad(struct haops_ctx *ctx, const struct haops_vip *vips, size_t count,
		       int64_t deadline_ms)
{
	__attribute__((cleanup(cleanup_waiting))) struct waiting waiting = {.notices = RTNL_INIT,
									    .asking = RTNL_INIT,
									    .vips = vips};
	CLEANUP_KEYS struct vip_keys keys = {0};
	size_t ipv4 = 0;
	int code;

	if (!ctx)
		return -EINVAL;
	code = vip_keys_make(ctx, vips ? &vips->addr : NULL, sizeof(vips[0]), count, &keys);
	if (code < 0)
		return code;
	while (ipv4 < count && keys.keys[ipv4].addr.family == AF_INET)
		ipv4++;
	if (ipv4 == count)
		return 0;
	waiting.keys = (struct vip_keys){.keys = keys.keys + ipv4, .count = count - ipv4};
	waiting.states = calloc(count, sizeof(waiting.states[0]));
	if (!waiting.states)
		return haops_fail(ctx, ENOMEM, "no memory for %zu addresses", count);
	code = open_sockets(ctx, deadline_ms, &waiting);
	return code < 0 ? code : wait_all(&waiting);
}
