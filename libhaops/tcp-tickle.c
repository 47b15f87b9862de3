/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends tickles by raw sockets: the kernel adds the IP header, with the local address that the
 * socket is bound to. */
#include "internal.h"
#include "tcp-segment.h"

#include <netinet/in.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* A raw socket takes no port. */
static socklen_t fill(const struct haops_addr *addr, union address *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (addr->family == AF_INET) {
		ret->v4.sin_family = AF_INET;
		memcpy(&ret->v4.sin_addr, addr->bytes, sizeof(ret->v4.sin_addr));
		return sizeof(ret->v4);
	}
	ret->v6.sin6_family = AF_INET6;
	memcpy(&ret->v6.sin6_addr, addr->bytes, sizeof(ret->v6.sin6_addr));
	return sizeof(ret->v6);
}

/* A descriptor that sends from this address, or -errno. */
static int open_from(struct haops_ctx *ctx, const struct haops_addr *local)
{
	union address from;
	socklen_t len = fill(local, &from);
	int fd = ctx->sys->socket(local->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
				  IPPROTO_TCP);
	int r;

	if (fd < 0)
		return fd;
	r = ctx->sys->bind(fd, &from.any, len);
	if (r < 0)
		(void)ctx->sys->close(fd);
	return r < 0 ? r : fd;
}

static int send_one(struct haops_ctx *ctx, int fd, const struct haops_tcp_connection *connection)
{
	uint8_t segment[TCP_SEGMENT_LEN];
	union address to;
	socklen_t len = fill(&connection->peer, &to);
	ssize_t sent;

	tcp_segment_tickle(connection, segment);
	sent = ctx->sys->sendto(fd, segment, sizeof(segment), 0, &to.any, len);
	return sent < 0 ? (int)sent : 0;
}

/* The list is ordered by local address where haops_tcp_list() made it: a socket for each run. */
static int send_all(struct haops_ctx *ctx, const struct haops_tcp_connection *list, size_t count,
		    size_t *sent)
{
	int first_error = 0;
	int fd = -1;

	for (size_t i = 0; i < count; i++) {
		int r;

		if (i == 0 || haops_addr_cmp(&list[i].local, &list[i - 1].local) != 0) {
			if (fd >= 0)
				(void)ctx->sys->close(fd);
			fd = open_from(ctx, &list[i].local);
		}
		r = fd < 0 ? fd : send_one(ctx, fd, &list[i]);
		if (r == 0)
			(*sent)++;
		else if (first_error == 0)
			first_error = r;
	}
	if (fd >= 0)
		(void)ctx->sys->close(fd);
	return first_error;
}

int haops_tcp_tickle(struct haops_ctx *ctx, const struct haops_tcp_connection *list, size_t count,
		     size_t *ret_sent)
{
	size_t sent = 0;
	int r;

	if (!ctx)
		return -EINVAL;
	r = send_all(ctx, list, count, &sent);
	if (ret_sent)
		*ret_sent = sent;
	if (r == 0 || sent > 0)
		return 0;
	if (r == -EPERM)
		return haops_fail(ctx, EPERM, "cannot send TCP segments: run as root");
	return haops_fail(ctx, EIO, "cannot send TCP segments: %s", strerror(-r));
}
