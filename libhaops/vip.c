/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where virtual addresses are and where they belong; flushing cached routes. Adds and removes
 * nothing: see vip-change.c. */
#include "internal.h"
#include "vip-list.h"

#include <fcntl.h>
#include <haops/vip.h>
#include <linux/if_addr.h>
#include <stdalign.h>
#include <stdio.h>

int haops_vip_query(struct haops_ctx *ctx, const struct haops_addr *addrs, size_t count,
		    int prefer_ifindex, int64_t deadline_ms, struct haops_vip_found *ret_found)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_KEYS struct vip_keys keys = {0};
	CLEANUP_LIST struct vip_list list = {0};
	int code;

	if (!ctx)
		return -EINVAL;
	if (!ret_found)
		return haops_fail(ctx, EINVAL, "a query of addresses was made without a result");
	code = vip_keys_make(ctx, addrs, sizeof(addrs[0]), count, &keys);
	if (code < 0)
		return code;
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	code = vip_list_read(&rtnl, &keys, &list);
	if (code < 0)
		return code;
	vip_plan_query(&keys, &list, prefer_ifindex, ret_found);
	return 0;
}

struct routing {
	const struct vip_limits *limits;
	struct vip_place place;
};

static void begin_routes(void *arg)
{
	struct routing *routing = arg;

	routing->place = (struct vip_place){0};
}

static int take_route(void *arg, const struct nlmsghdr *nlh)
{
	struct routing *routing = arg;
	struct rtnl_route route;

	if (rtnl_msg_parse_route(nlh, &route) == 0)
		vip_plan_take_route(routing->limits, &route, &routing->place);
	return 0;
}

static int read_routes(struct rtnl *rtnl, const struct vip_limits *limits,
		       struct vip_place *ret_place)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct routing routing = {.limits = limits};
	const struct rtnl_reader reader = {.begin = begin_routes,
					   .message = take_route,
					   .arg = &routing};
	int code;

	rtnl->what = "read the routes of this host";
	code = rtnl_dump(rtnl, rtnl_msg_put_route_dump(buf, limits->addr.family, limits->ifindex),
			 &reader);
	/* A namespace that never had a route has no main table, an interface may have gone. */
	if (code < 0 && rtnl->refused != -ENOENT && rtnl->refused != -ENODEV)
		return code;
	*ret_place = code < 0 ? (struct vip_place){0} : routing.place;
	return 0;
}

static bool is_link_local(const struct haops_addr *addr)
{
	return addr->family == AF_INET6 && addr->bytes[0] == 0xfe &&
	       (addr->bytes[1] & 0xc0) == 0x80;
}

static int check_want(struct haops_ctx *ctx, const struct haops_vip_want *want,
		      const struct haops_vip *vip)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	int max = vip && vip->addr.family == AF_INET ? 32 : 128;

	if (!want || !vip || !haops_addr_is_unicast(&vip->addr))
		return haops_fail(ctx, EINVAL, "\"%s\" cannot be an address of a host",
				  vip ? haops_addr_format(&vip->addr, text) : "");
	if (want->prefix_len < -1 || want->prefix_len > max)
		return haops_fail(ctx, EINVAL, "prefix length %d is outside 0 to %d of %s",
				  want->prefix_len, max, haops_addr_format(&vip->addr, text));
	if (!want->nic && is_link_local(&vip->addr))
		return haops_fail(ctx, EINVAL,
				  "%s is link-local: the network interface must be given",
				  haops_addr_format(&vip->addr, text));
	return 0;
}

/* Finds the place; its prefix_len stays 0 when there is none. */
static int find_place(struct rtnl *rtnl, const struct vip_limits *limits, struct vip_list *list,
		      struct vip_place *ret_place)
{
	struct vip_key key = {.addr = limits->addr};
	const struct vip_keys keys = {.keys = &key, .count = 1};
	int code;

	code = read_routes(rtnl, limits, ret_place);
	if (code < 0)
		return code;
	code = vip_list_read(rtnl, &keys, list);
	if (code < 0)
		return code;
	if (ret_place->prefix_len == 0)
		vip_plan_take_addrs(limits, list, ret_place);
	return 0;
}

static int fail_nowhere(struct haops_ctx *ctx, const struct haops_vip_want *want,
			const struct haops_vip *vip)
{
	char text[HAOPS_ADDR_TEXT_MAX];

	(void)haops_addr_format(&vip->addr, text);
	if (want->nic)
		return haops_fail(ctx, ENOENT,
				  "no network on %s contains %s: give the prefix length too",
				  want->nic, text);
	return haops_fail(ctx, ENOENT,
			  "no directly connected network of this host contains %s: give network "
			  "interface and prefix length",
			  text);
}

int haops_vip_locate(struct haops_ctx *ctx, const struct haops_vip_want *want, int64_t deadline_ms,
		     struct haops_vip *vip)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_LIST struct vip_list list = {0};
	struct vip_limits limits;
	struct vip_place place = {0};
	struct haops_link link = {0};
	int code;

	if (!ctx)
		return -EINVAL;
	code = check_want(ctx, want, vip);
	if (code == 0 && want->nic)
		code = haops_link_get(ctx, want->nic, deadline_ms, &link);
	if (code < 0)
		return code;
	limits = (struct vip_limits){.addr = vip->addr,
				     .ifindex = link.ifindex,
				     .prefix_len = want->prefix_len};
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	rtnl_be_strict(&rtnl);
	code = find_place(&rtnl, &limits, &list, &place);
	if (code < 0)
		return code;
	if (place.prefix_len == 0 && (!want->nic || want->prefix_len < 0))
		return fail_nowhere(ctx, want, vip);
	vip->ifindex = link.ifindex ? link.ifindex : place.ifindex;
	vip->prefix_len = want->prefix_len < 0 ? place.prefix_len : (uint8_t)want->prefix_len;
	vip->has_broadcast = false;
	vip->broadcast.s_addr = 0;
	vip_plan_broadcast(&place, &list, vip);
	return 0;
}

static int write_flush(struct haops_ctx *ctx, const char *path)
{
	int fd = ctx->sys->openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	ssize_t written;

	if (fd < 0)
		return fd;
	written = ctx->sys->write(fd, "-1\n", 3);
	(void)ctx->sys->close(fd);
	return written < 0 ? (int)written : 0;
}

int haops_vip_flush_routes(struct haops_ctx *ctx)
{
	static const char *const paths[] = {"/proc/sys/net/ipv4/route/flush",
					    "/proc/sys/net/ipv6/route/flush"};

	if (!ctx)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		int code = write_flush(ctx, paths[i]);

		/* A host may have no IPv6. */
		if (code < 0 && !(code == -ENOENT && i > 0))
			return haops_fail(ctx, EIO, "cannot flush the cached routes: %s: %s",
					  paths[i], strerror(-code));
	}
	return 0;
}
