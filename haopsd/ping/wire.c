/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens, asks and hears ICMP sockets. Knows no groups, and judges nobody. */
#include "internal.h"

#include "ping/wire.h"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <time.h>

#define ID_TRIES 4
#define PACKET_MAX 256

int64_t ping_now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

bool ping_random(void *buf, size_t len)
{
	return getrandom(buf, len, GRND_NONBLOCK) == (ssize_t)len;
}

static int filter_replies(const struct ping_wire *wire)
{
	struct icmp_filter filter = {.data = ~(1u << ICMP_ECHOREPLY)};
	struct icmp6_filter filter6;

	if (wire->family == AF_INET)
		return wire->ctx->sys->setsockopt(wire->fd, SOL_RAW, ICMP_FILTER, &filter,
						  sizeof(filter));
	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	return wire->ctx->sys->setsockopt(wire->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6,
					  sizeof(filter6));
}

static socklen_t make_sockaddr(struct sockaddr_storage *sa, const struct haops_addr *addr,
			       uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;

	memset(sa, 0, sizeof(*sa));
	sa->ss_family = addr->family;
	if (addr->family == AF_INET) {
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, addr->bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, addr->bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

/* A datagram socket's id is its port; the kernel gives it no other's answers. */
static int bind_id(struct ping_wire *wire)
{
	struct haops_addr any = {.family = (uint8_t)wire->family};
	struct sockaddr_storage sa;
	int r = -EADDRINUSE;

	for (int i = 0; i < ID_TRIES && r == -EADDRINUSE; i++) {
		socklen_t len = make_sockaddr(&sa, &any, wire->id);

		r = wire->ctx->sys->bind(wire->fd, (struct sockaddr *)&sa, len);
		if (r == -EADDRINUSE)
			wire->id = (uint16_t)(wire->id + 7919);
		if (wire->id == 0)
			wire->id = 1;
	}
	return r;
}

static int open_raw(struct ping_wire *wire, int protocol)
{
	wire->fd = wire->ctx->sys->socket(wire->family, SOCK_RAW | SOCK_NONBLOCK, protocol);
	wire->form = wire->family == AF_INET ? PING_FORM_IPV4 : PING_FORM_ICMP6;
	return wire->fd < 0 ? wire->fd : filter_replies(wire);
}

static int open_dgram(struct ping_wire *wire, int protocol)
{
	wire->fd = wire->ctx->sys->socket(wire->family, SOCK_DGRAM | SOCK_NONBLOCK, protocol);
	wire->form = wire->family == AF_INET ? PING_FORM_ICMP : PING_FORM_ICMP6;
	return wire->fd < 0 ? wire->fd : bind_id(wire);
}

int ping_wire_open(struct ping_wire *wire, struct haops_ctx *ctx, sa_family_t family)
{
	int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int r;

	*wire = (struct ping_wire){.ctx = ctx, .family = family, .fd = -1};
	if (!ping_random(&wire->id, sizeof(wire->id)))
		return -EAGAIN;
	if (wire->id == 0)
		wire->id = 1;
	r = open_dgram(wire, protocol);
	if (r == 0)
		return 0;
	ping_wire_close(wire);
	r = open_raw(wire, protocol);
	if (r < 0)
		ping_wire_close(wire);
	return r;
}

void ping_wire_close(struct ping_wire *wire)
{
	if (wire->fd >= 0)
		(void)wire->ctx->sys->close(wire->fd);
	wire->fd = -1;
}

int ping_wire_send(struct ping_wire *wire, const struct haops_addr *to, struct ping_echo *echo)
{
	uint8_t packet[PING_PACKET_LEN];
	struct sockaddr_storage sa;
	socklen_t len = make_sockaddr(&sa, to, 0);
	ssize_t n;

	echo->id = wire->id;
	ping_request_build(wire->family, echo, packet);
	n = wire->ctx->sys->sendto(wire->fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_NOSIGNAL,
				   (struct sockaddr *)&sa, len);
	return n < 0 ? (int)n : 0;
}

static bool read_sockaddr(const struct sockaddr_storage *sa, struct haops_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = (uint8_t)sa->ss_family;
	if (sa->ss_family == AF_INET)
		memcpy(addr->bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	else if (sa->ss_family == AF_INET6)
		memcpy(addr->bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	else
		return false;
	return true;
}

int ping_wire_receive(struct ping_wire *wire, struct haops_addr *ret_from,
		      struct ping_echo *ret_echo)
{
	uint8_t packet[PACKET_MAX];
	struct sockaddr_storage sa = {0};
	socklen_t sa_len = sizeof(sa);
	struct ping_echo echo;
	struct haops_addr from;
	ssize_t n =
		wire->ctx->sys->recvfrom(wire->fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC,
					 (struct sockaddr *)&sa, &sa_len);

	if (n < 0)
		return (int)n;
	if ((size_t)n > sizeof(packet) || !read_sockaddr(&sa, &from) ||
	    ping_reply_parse(wire->form, packet, (size_t)n, &echo) < 0 || echo.id != wire->id)
		return -EBADMSG;
	*ret_from = from;
	*ret_echo = echo;
	return 0;
}
