/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of the nfsserver agent to what it checks, see host.h. */

#include "nfsserver/host.h"

#include "util/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int wait_for(const struct haops_ctx *ctx, int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left = haops_deadline_left_ms(ctx, deadline_ms);
	int n = poll(&p, 1, left > 60000 ? 60000 : (int)left);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

int host_connect(const struct haops_ctx *ctx, unsigned int port, int64_t deadline_ms)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons((uint16_t)port),
				   .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	CLEANUP_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(int);
	int error = 0;
	int r;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return take_fd(&fd);
	if (errno != EINPROGRESS)
		return -errno;
	r = wait_for(ctx, fd, POLLOUT, deadline_ms);
	if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		r = -errno;
	if (r == 0 && error)
		r = -error;
	return r < 0 ? r : take_fd(&fd);
}

/* What can be bound is here, unless the host lets everything be bound. */
bool host_has_address(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;
	CLEANUP_FD int fd = -1;

	if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		return false;
	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (is_v4)
		return fd >= 0 && bind(fd, (const struct sockaddr *)&v4, sizeof(v4)) == 0;
	return fd >= 0 && bind(fd, (const struct sockaddr *)&v6, sizeof(v6)) == 0;
}

/* The kernel tells of an IPv4 address before it makes the route by which it is its own: routes,
 * too. */
#define GROUPS (RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)

int host_listen_for_addresses(void)
{
	const struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
	CLEANUP_FD int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* What it says is of no matter: who waits looks again. So is what was lost for want of room. */
int host_wait_told(const struct haops_ctx *ctx, int fd, int64_t deadline_ms)
{
	char buf[8192];
	int r;

	do
		r = wait_for(ctx, fd, POLLIN, deadline_ms);
	while (r == -ETIMEDOUT && haops_deadline_left_ms(ctx, deadline_ms) > 0);
	if (r < 0)
		return r;
	while (recv(fd, buf, sizeof(buf), 0) > 0 || errno == ENOBUFS)
		errno = 0;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

bool host_unix_answers(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(addr.sun_path))
		return false;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	return connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0;
}

static ssize_t receive(const struct haops_ctx *ctx, int fd, void *buf, size_t size,
		       int64_t deadline_ms)
{
	for (;;) {
		int r = wait_for(ctx, fd, POLLIN, deadline_ms);
		ssize_t n = r < 0 ? r : recv(fd, buf, size, 0);

		if (n >= 0)
			return n;
		if (r < 0)
			return r;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

/* A call is smaller than any socket's room, and its answer comes in one piece but by bad luck. */
ssize_t host_converse(const struct haops_ctx *ctx, int fd, const struct host_call *call,
		      int64_t deadline_ms)
{
	const unsigned char *head = call->buf;
	size_t got = 0;
	size_t wanted = 4;

	if (send(fd, call->data, call->len, MSG_NOSIGNAL) != (ssize_t)call->len)
		return -EIO;
	while (got < wanted) {
		ssize_t n = receive(ctx, fd, call->buf + got, call->size - got, deadline_ms);

		if (n <= 0)
			return n < 0 ? n : -ECONNRESET;
		got += (size_t)n;
		/* Its length is behind the bit for "last fragment". */
		if (got >= 4)
			wanted = 4 + (((size_t)head[1] << 16) | ((size_t)head[2] << 8) | head[3]);
		if (wanted > call->size)
			return -EMSGSIZE;
	}
	return (ssize_t)got;
}
