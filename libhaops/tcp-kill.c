/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends TCP connections by their local address with sock_diag(7). Leaves listening sockets alone,
 * and those that only wait for their time to pass. */
#include "internal.h"
#include "rtnl-msg.h"
#include "sock-diag.h"
#include "vip-list.h"

#include <haops/vip.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdalign.h>
#include <stdio.h>

/* Connections that are ended together; bounds the memory on a host with millions of them. */
#define ROUND_MAX 8192

#define WANTED_STATES                                                                              \
	(1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_SYN_RECV | 1U << TCP_FIN_WAIT1 |   \
	 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT | 1U << TCP_LAST_ACK | 1U << TCP_CLOSING)

struct connection {
	uint8_t family;
	struct inet_diag_sockid id;
};

struct killing {
	struct rtnl rtnl;
	struct vip_keys keys;
	struct connection *connections;
	size_t count;
	bool is_full; /* there are more than ROUND_MAX */
	size_t ended;
	size_t unsupported;
	int code; /* of the first failure */
	char text[RTNL_MSG_TEXT_MAX];
};

static void cleanup_killing(struct killing *killing)
{
	(void)rtnl_close(&killing->rtnl);
	free(killing->keys.keys);
	free(killing->connections);
}

static void begin_round(void *arg)
{
	struct killing *killing = arg;

	killing->count = 0;
	killing->is_full = false;
}

static int take_connection(void *arg, const struct nlmsghdr *nlh)
{
	struct killing *killing = arg;
	const struct inet_diag_msg *msg = sock_diag_get(nlh);
	struct haops_addr local;
	size_t same;

	if (!msg)
		return 0;
	local = sock_diag_address(msg->idiag_family, msg->id.idiag_src);
	if (!vip_plan_find(&killing->keys, &local, &same))
		return 0;
	killing->is_full = killing->count == ROUND_MAX;
	if (!killing->is_full)
		killing->connections[killing->count++] =
			(struct connection){.family = msg->idiag_family, .id = msg->id};
	return 0;
}

static struct nlmsghdr *build_end(void *arg, size_t index, void *buf)
{
	const struct killing *killing = arg;
	const struct connection *connection = &killing->connections[index];

	return sock_diag_put(buf, SOCK_DESTROY, connection->family, WANTED_STATES, &connection->id);
}

static int ack_end(void *arg, size_t index, int code, const char *text)
{
	struct killing *killing = arg;

	(void)index;
	if (code == 0) {
		killing->ended++;
	} else if (code == -EOPNOTSUPP) {
		/* Also for single sockets, in states that a kernel cannot end. */
		killing->unsupported++;
	} else if (code != -ENOENT && killing->code == 0) {
		killing->code = code;
		(void)snprintf(killing->text, sizeof(killing->text), "%s", text);
	}
	return killing->code;
}

static int fail_end(struct killing *killing, int code)
{
	struct haops_ctx *ctx = killing->rtnl.ctx;

	if (killing->code == -EPERM)
		return haops_fail(ctx, EPERM, "cannot end TCP connections: run as root");
	if (killing->code)
		return rtnl_fail(&killing->rtnl, killing->code, killing->text);
	if (code < 0)
		return code;
	return haops_fail(ctx, EOPNOTSUPP,
			  "this kernel cannot end TCP connections (it lacks "
			  "CONFIG_INET_DIAG_DESTROY)");
}

static int read_round(struct killing *killing, uint8_t family)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	const struct rtnl_reader reader = {.begin = begin_round,
					   .message = take_connection,
					   .arg = killing};
	struct nlmsghdr *request =
		sock_diag_put(buf, SOCK_DIAG_BY_FAMILY, family, WANTED_STATES, NULL);
	int code;

	request->nlmsg_flags |= NLM_F_DUMP;
	killing->rtnl.what = "read the TCP connections of this host";
	code = rtnl_dump(&killing->rtnl, request, &reader);
	if (code < 0 && killing->rtnl.refused == -ENOENT)
		return haops_fail(killing->rtnl.ctx, EOPNOTSUPP,
				  "this kernel cannot list TCP connections (it lacks "
				  "CONFIG_INET_TCP_DIAG)");
	return code;
}

static int end_family(struct killing *killing, uint8_t family)
{
	const struct rtnl_batch batch = {.build = build_end, .ack = ack_end, .arg = killing};
	struct rtnl_batch round = batch;
	size_t before;
	int code;

	do {
		before = killing->ended;
		code = read_round(killing, family);
		if (code < 0 || killing->count == 0)
			return code;
		round.count = killing->count;
		killing->rtnl.what = "end TCP connections";
		code = rtnl_run(&killing->rtnl, &round);
		if (code < 0 || (killing->ended == 0 && killing->unsupported))
			return fail_end(killing, code);
	} while (killing->is_full && killing->ended > before);
	if (killing->is_full)
		return haops_fail(killing->rtnl.ctx, EIO,
				  "cannot end TCP connections: none of the first %d could be ended",
				  ROUND_MAX);
	return 0;
}

int haops_vip_kill_connections(struct haops_ctx *ctx, const struct haops_addr *addrs, size_t count,
			       int64_t deadline_ms, size_t *ret_ended)
{
	__attribute__((cleanup(cleanup_killing))) struct killing killing = {.rtnl = RTNL_INIT};
	int code;

	if (!ctx)
		return -EINVAL;
	code = vip_keys_make(ctx, addrs, sizeof(addrs[0]), count, &killing.keys);
	if (code < 0)
		return code;
	killing.connections = calloc(ROUND_MAX, sizeof(killing.connections[0]));
	if (!killing.connections)
		return haops_fail(ctx, ENOMEM, "no memory for a list of TCP connections");
	code = rtnl_open(ctx, NETLINK_SOCK_DIAG, 0, deadline_ms, &killing.rtnl);
	if (code < 0)
		return code;
	rtnl_be_strict(&killing.rtnl);
	/* IPv6 sockets can have IPv4 addresses, not the reverse. */
	if (killing.keys.keys[0].addr.family == AF_INET)
		code = end_family(&killing, AF_INET);
	if (code == 0)
		code = end_family(&killing, AF_INET6);
	if (code < 0)
		return code;
	if (ret_ended)
		*ret_ended = killing.ended;
	return 0;
}
