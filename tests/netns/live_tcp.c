/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops_tcp_list() and haops_tcp_tickle() with real connections: what a client notices of a server
 * that went without a word. */
#include "netns.h"

#include <haops/tcp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>

#define WAIT_MS 5000
/* A kernel answers what fits nothing so often at most (tcp_invalid_ratelimit, 500 ms). */
#define RATE_MS 600

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, WAIT_MS);
}

struct pair {
	int listener;
	int server;
	int client;
	uint16_t port;	      /* of the listener */
	uint16_t client_port; /* of the client */
};

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t fill(const struct haops_addr *addr, uint16_t port, union any_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->any.sa_family = addr->family;
	if (addr->family == AF_INET) {
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, addr->bytes, 4);
		return sizeof(ret->v4);
	}
	ret->v6.sin6_port = htons(port);
	memcpy(&ret->v6.sin6_addr, addr->bytes, 16);
	return sizeof(ret->v6);
}

static uint16_t port_of(int fd)
{
	union any_address addr;
	socklen_t len = sizeof(addr);

	assert_int_equal(getsockname(fd, &addr.any, &len), 0);
	return ntohs(addr.any.sa_family == AF_INET ? addr.v4.sin_port : addr.v6.sin6_port);
}

static struct pair make_pair(const struct haops_addr *addr)
{
	union any_address bound;
	socklen_t len = fill(addr, 0, &bound);
	struct pair p;

	p.listener = socket(addr->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p.listener, &bound.any, len), 0);
	assert_int_equal(listen(p.listener, 4), 0);
	p.port = port_of(p.listener);
	len = fill(addr, p.port, &bound);
	p.client = connect_when_routed(&bound.any, len);
	p.server = accept4(p.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(p.server >= 0);
	p.client_port = port_of(p.client);
	return p;
}

/* Its end of the connection is gone, and no packet says so. */
static void end_without_a_word(int fd)
{
	int on = 1;

	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)), 0);
	assert_int_equal(close(fd), 0);
}

static bool has_news(int fd, int ms)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};

	return poll(&in, 1, ms) == 1;
}

static void check_takeover(struct haops_ctx *ctx, const struct haops_addr *vip)
{
	struct pair p = make_pair(vip);
	struct haops_tcp_connection *list = NULL;
	size_t count = 0;
	size_t sent = 0;
	char byte;

	assert_int_equal(haops_tcp_list(ctx, vip, 1, p.port, soon(ctx), &list, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(haops_addr_cmp(&list[0].local, vip), 0);
	assert_int_equal(list[0].local_port, p.port);
	assert_int_equal(list[0].peer_port, p.client_port);
	/* With both ends whole it changes nothing. */
	assert_int_equal(haops_tcp_tickle(ctx, list, count, &sent), 0);
	assert_int_equal(sent, 1);
	assert_int_equal(write(p.server, "x", 1), 1);
	assert_int_equal(read(p.client, &byte, 1), 1);
	end_without_a_word(p.server);
	assert_false(has_news(p.client, RATE_MS));
	assert_int_equal(haops_tcp_tickle(ctx, list, count, &sent), 0);
	assert_true(has_news(p.client, WAIT_MS));
	assert_int_equal(read(p.client, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	free(list);
	(void)close(p.client);
	(void)close(p.listener);
}

static void ipv4_client_notices(void **state)
{
	const struct haops_addr vip = {AF_INET, {192, 0, 2, 9}};

	ip("addr add 192.0.2.9/24 dev va");
	check_takeover(*state, &vip);
}

static void ipv6_client_notices(void **state)
{
	struct haops_addr vip;

	ip("addr add 2001:db8::9/128 dev lo nodad");
	assert_int_equal(haops_addr_parse(*state, "2001:db8::9", &vip), 0);
	check_takeover(*state, &vip);
}

static void only_that_port_and_address_are_listed(void **state)
{
	const struct haops_addr vip = {AF_INET, {192, 0, 2, 9}};
	const struct haops_addr other = {AF_INET, {192, 0, 2, 8}};
	struct haops_tcp_connection *list = NULL;
	struct pair p;
	size_t count = 9;

	ip("addr add 192.0.2.9/24 dev va");
	p = make_pair(&vip);
	assert_int_equal(haops_tcp_list(*state, &other, 1, p.port, soon(*state), &list, &count), 0);
	assert_int_equal(count, 0);
	free(list);
	assert_int_equal(haops_tcp_list(*state, &vip, 1, (uint16_t)(p.port ^ 1), soon(*state),
					&list, &count),
			 0);
	assert_int_equal(count, 0);
	free(list);
	assert_int_equal(haops_tcp_list(*state, &vip, 1, 0, soon(*state), &list, &count), -EINVAL);
	assert_int_equal(haops_tcp_list(*state, &vip, 0, 1, soon(*state), &list, &count), -EINVAL);
	(void)close(p.client);
	(void)close(p.server);
	(void)close(p.listener);
}

static void from_an_address_that_is_not_here(void **state)
{
	const struct haops_tcp_connection connection = {.local = {AF_INET, {198, 51, 100, 1}},
							.local_port = 2049,
							.peer = {AF_INET, {192, 0, 2, 9}},
							.peer_port = 700};
	size_t sent = 9;

	assert_int_equal(haops_tcp_tickle(*state, &connection, 1, &sent), -EIO);
	assert_int_equal(sent, 0);
	assert_int_equal(haops_tcp_tickle(*state, NULL, 0, &sent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(ipv4_client_notices),
		TEST_NETNS(ipv6_client_notices),
		TEST_NETNS(only_that_port_and_address_are_listed),
		TEST_NETNS(from_an_address_that_is_not_here),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
