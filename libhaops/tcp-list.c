/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists TCP connections by their local address and port. */
#include "internal.h"
#include "rtnl-msg.h"
#include "sock-diag.h"
#include "vip-list.h"

#include <haops/tcp.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdalign.h>

struct listing {
	struct rtnl rtnl;
	struct vip_keys keys;
	uint16_t port;
	struct haops_tcp_connection *list;
	size_t first; /* of the family that is being read */
	size_t count;
};

static void cleanup_listing(struct listing *listing)
{
	(void)rtnl_close(&listing->rtnl);
	free(listing->keys.keys);
	free(listing->list);
}

static void begin_family(void *arg)
{
	struct listing *listing = arg;

	listing->count = listing->first;
}

static int take(void *arg, const struct nlmsghdr *nlh)
{
	struct listing *listing = arg;
	const struct inet_diag_msg *msg = sock_diag_get(nlh);
	struct haops_tcp_connection found;
	size_t same;

	if (!msg || ntohs(msg->id.idiag_sport) != listing->port || listing->count == HAOPS_TCP_MAX)
		return 0;
	memset(&found, 0, sizeof(found));
	found.local = sock_diag_address(msg->idiag_family, msg->id.idiag_src);
	found.peer = sock_diag_address(msg->idiag_family, msg->id.idiag_dst);
	found.local_port = listing->port;
	found.peer_port = ntohs(msg->id.idiag_dport);
	if (vip_plan_find(&listing->keys, &found.local, &same))
		listing->list[listing->count++] = found;
	return 0;
}

static int read_family(struct listing *listing, uint8_t family)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	const struct rtnl_reader reader = {.begin = begin_family, .message = take, .arg = listing};
	struct nlmsghdr *request =
		sock_diag_put(buf, SOCK_DIAG_BY_FAMILY, family, 1U << TCP_ESTABLISHED, NULL);
	int r;

	request->nlmsg_flags |= NLM_F_DUMP;
	listing->first = listing->count;
	listing->rtnl.what = "read the TCP connections of this host";
	r = rtnl_dump(&listing->rtnl, request, &reader);
	if (r < 0 && listing->rtnl.refused == -ENOENT)
		return haops_fail(listing->rtnl.ctx, EOPNOTSUPP,
				  "this kernel cannot list TCP connections (it lacks "
				  "CONFIG_INET_TCP_DIAG)");
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct haops_tcp_connection *one = a;
	const struct haops_tcp_connection *other = b;
	int r = haops_addr_cmp(&one->local, &other->local);

	if (r == 0)
		r = haops_addr_cmp(&one->peer, &other->peer);
	return r ? r : (int)one->peer_port - (int)other->peer_port;
}

int haops_tcp_list(struct haops_ctx *ctx, const struct haops_addr *addrs, size_t count,
		   uint16_t port, int64_t deadline_ms, struct haops_tcp_connection **ret_list,
		   size_t *ret_count)
{
	__attribute__((cleanup(cleanup_listing))) struct listing listing = {.rtnl = RTNL_INIT,
									    .port = port};
	int r;

	if (!ctx)
		return -EINVAL;
	if (port == 0)
		return haops_fail(ctx, EINVAL, "connections are listed by a port from 1 on");
	r = vip_keys_make(ctx, addrs, sizeof(addrs[0]), count, &listing.keys);
	if (r < 0)
		return r;
	listing.list = calloc(HAOPS_TCP_MAX, sizeof(listing.list[0]));
	if (!listing.list)
		return haops_fail(ctx, ENOMEM, "no memory for a list of TCP connections");
	r = rtnl_open(ctx, NETLINK_SOCK_DIAG, 0, deadline_ms, &listing.rtnl);
	if (r < 0)
		return r;
	rtnl_be_strict(&listing.rtnl);
	r = read_family(&listing, AF_INET);
	if (r == 0)
		r = read_family(&listing, AF_INET6);
	if (r < 0)
		return r;
	qsort(listing.list, listing.count, sizeof(listing.list[0]), compare);
	*ret_list = listing.list;
	*ret_count = listing.count;
	listing.list = NULL;
	return 0;
}
