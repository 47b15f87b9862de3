/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, network namespaces, TCP connections that are ended and cached routes that are
 * flushed, on the kernel itself. */
#include "netns.h"

#include <haops/link.h>
#include <haops/vip.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define WAIT_MS 10000
#define LONG_NAME "the-uplink-to-the-second-switch"

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, WAIT_MS);
}

static struct haops_link link_of(struct haops_ctx *ctx, const char *name)
{
	struct haops_link link;

	assert_int_equal(haops_link_get(ctx, name, soon(ctx), &link), 0);
	return link;
}

static void link_is_described(void **state)
{
	struct haops_link link, same;

	ip("link set va address 02:00:00:00:00:01");
	link = link_of(*state, "va");
	assert_string_equal(link.name, "va");
	assert_int_equal(link.type, ARPHRD_ETHER);
	assert_true(link.is_up && link.has_carrier);
	assert_false(link.is_loopback || link.has_no_arp);
	assert_int_equal(link.mac_len, 6);
	assert_memory_equal(link.mac, "\x02\0\0\0\0\x01", 6);
	assert_int_equal(haops_link_get_by_index(*state, link.ifindex, soon(*state), &same), 0);
	assert_memory_equal(&link, &same, sizeof(link));
	assert_true(link_of(*state, "lo").is_loopback);
	ip("link set va arp off");
	assert_true(link_of(*state, "va").has_no_arp);
}

static void link_has_other_names(void **state)
{
	ip("link property add dev va altname uplink");
	ip("link property add dev va altname " LONG_NAME);
	assert_int_equal(link_of(*state, "uplink").ifindex, link_of(*state, "va").ifindex);
	assert_string_equal(link_of(*state, LONG_NAME).name, "va");
}

static void missing_link_is_said(void **state)
{
	struct haops_link link;

	assert_int_equal(haops_link_get(*state, "eth77", soon(*state), &link), -ENODEV);
	assert_string_equal(haops_ctx_error(*state), "there is no interface eth77 on this host");
	assert_int_equal(haops_link_get_by_index(*state, 4711, soon(*state), &link), -ENODEV);
	assert_int_equal(haops_link_set_up(*state, 4711, soon(*state)), -ENODEV);
}

static void carrier_is_counted(void **state)
{
	uint32_t before = link_of(*state, "va").carrier_up_count;

	ip("link set vb down");
	assert_false(link_of(*state, "va").has_carrier);
	ip("link set vb up");
	/* The count goes up before the flag says so. */
	assert_int_equal(link_of(*state, "va").carrier_up_count, before + 1);
}

static void link_is_set_up(void **state)
{
	ip("link set va down");
	assert_false(link_of(*state, "va").is_up);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(haops_link_set_up(*state, link_of(*state, "va").ifindex,
						   soon(*state)),
				 0);
		assert_true(link_of(*state, "va").is_up);
	}
}

/* A connection from an address of this host to itself. */
struct connection {
	int listener, client, server;
};

static struct connection connect_to(const struct sockaddr_in6 *addr)
{
	struct sockaddr_in6 bound = *addr;
	socklen_t len = sizeof(bound);
	struct connection c;

	c.listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(c.listener, (struct sockaddr *)&bound, sizeof(bound)), 0);
	assert_int_equal(listen(c.listener, 1), 0);
	assert_int_equal(getsockname(c.listener, (struct sockaddr *)&bound, &len), 0);
	c.client = connect_when_routed((const struct sockaddr *)&bound, len);
	c.server = accept4(c.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(c.server >= 0);
	return c;
}

static void connections_are_ended(struct haops_ctx *ctx, const char *text, const char *as_ipv6)
{
	struct sockaddr_in6 addr = {.sin6_family = AF_INET6};
	struct haops_addr vip, stranger;
	struct connection c;
	size_t ended = 99;
	char byte;
	int first;

	assert_int_equal(haops_addr_parse(ctx, text, &vip), 0);
	assert_int_equal(haops_addr_parse(ctx, as_ipv6, &stranger), 0);
	memcpy(&addr.sin6_addr, stranger.bytes, sizeof(stranger.bytes));
	stranger = vip;
	stranger.bytes[3] ^= 1;
	c = connect_to(&addr);
	assert_int_equal(haops_vip_kill_connections(ctx, &stranger, 1, soon(ctx), &ended), 0);
	assert_int_equal(ended, 0);
	/* Both ends have the address; the reset of the first may be quicker than the second's end.
	 */
	assert_int_equal(haops_vip_kill_connections(ctx, &vip, 1, soon(ctx), &ended), 0);
	assert_in_range(ended, 1, 2);
	assert_int_equal(read(c.server, &byte, 1), -1);
	first = errno;
	assert_int_equal(read(c.client, &byte, 1), -1);
	assert_true(first == ECONNABORTED || errno == ECONNABORTED);
	/* Who listens goes on. */
	(void)close(c.client);
	c.client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)getsockname(c.listener, (struct sockaddr *)&addr, &(socklen_t){sizeof(addr)});
	assert_int_equal(connect(c.client, (struct sockaddr *)&addr, sizeof(addr)), 0);
	(void)close(c.client);
	(void)close(c.server);
	(void)close(c.listener);
}

static void ipv6_connections_are_ended(void **state)
{
	ip("addr add 2001:db8::9/128 dev lo nodad");
	connections_are_ended(*state, "2001:db8::9", "2001:db8::9");
}

static void mapped_connections_are_ended(void **state)
{
	ip("addr add 192.0.2.9/24 dev va");
	connections_are_ended(*state, "192.0.2.9", "::ffff:192.0.2.9");
}

static void ipv4_connections_are_ended(void **state)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000209)};
	const struct haops_addr vip = {AF_INET, {192, 0, 2, 9}};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(addr);
	size_t ended = 0;
	char byte;

	ip("addr add 192.0.2.9/24 dev va");
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(haops_vip_kill_connections(*state, &vip, 1, soon(*state), &ended), 0);
	assert_in_range(ended, 1, 2);
	assert_int_equal(read(client, &byte, 1), -1);
	(void)close(client);
	(void)close(listener);
}

static void routes_are_flushed(void **state)
{
	if (access("/proc/sys/net/ipv4/route/flush", W_OK) < 0) {
		print_message("skipped: the kernel shows route/flush to the host's root only\n");
		skip();
	}
	assert_int_equal(haops_vip_flush_routes(*state), 0);
}

static void namespace_is_entered(void **state)
{
	int here = link_of(*state, "va").ifindex;
	struct haops_link link;

	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir("/run/netns", 0755), 0);
	(void)close(open("/run/netns/blue", O_CREAT | O_WRONLY | O_CLOEXEC, 0444));
	(void)close(open("/run/netns/none", O_CREAT | O_WRONLY | O_CLOEXEC, 0444));
	assert_int_equal(mount("/proc/self/ns/net", "/run/netns/blue", NULL, MS_BIND, NULL), 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(haops_link_get(*state, "va", soon(*state), &link), -ENODEV);
	assert_int_equal(haops_netns_enter(*state, "red"), -ENOENT);
	assert_non_null(strstr(haops_ctx_error(*state), "ip netns add"));
	assert_int_equal(haops_netns_enter(*state, "none"), -EIO);
	assert_int_equal(haops_netns_enter(*state, "blue"), 0);
	assert_int_equal(link_of(*state, "va").ifindex, here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(link_is_described),
		TEST_NETNS(link_has_other_names),
		TEST_NETNS(missing_link_is_said),
		TEST_NETNS(carrier_is_counted),
		TEST_NETNS(link_is_set_up),
		TEST_NETNS(ipv6_connections_are_ended),
		TEST_NETNS(mapped_connections_are_ended),
		TEST_NETNS(ipv4_connections_are_ended),
		TEST_NETNS(routes_are_flushed),
		TEST_NETNS(namespace_is_entered),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
