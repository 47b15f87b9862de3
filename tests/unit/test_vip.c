/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Query and place of addresses through the library's door: what is refused, what is unknown. */
#include "fake_netlink.h"

#include <haops/vip.h>

#define ETH0 2
#define ETH1 3

static int locate(struct haops_ctx *ctx, const char *nic, int prefix_len, struct haops_vip *vip)
{
	const struct haops_vip_want want = {.nic = nic, .prefix_len = prefix_len};

	return haops_vip_locate(ctx, &want, haops_deadline_after(ctx, 1000), vip);
}

static int setup_host(void **state)
{
	int code = setup_fake(state);
	struct rtnl_route *route;
	struct rtnl_addr *own;

	(void)fake_link(ETH0, "eth0");
	(void)fake_link(ETH1, "eth1");
	own = fake_add("192.0.2.1", 24, ETH0);
	own->has_broadcast = true;
	own->broadcast.s_addr = 0xff0200c0;
	route = fake_route("192.0.2.0", 24, ETH0);
	route->has_src = true;
	route->src = own->local;
	(void)fake_add("198.51.100.1", 24, ETH1);
	return code;
}

static void place_is_found(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("192.0.2.9")};

	assert_int_equal(locate(*state, NULL, -1, &vip), 0);
	assert_int_equal(vip.ifindex, ETH0);
	assert_int_equal(vip.prefix_len, 24);
	assert_true(vip.has_broadcast);
	assert_int_equal(vip.broadcast.s_addr, 0xff0200c0);
	/* By the address there when the route is missing. */
	vip.addr = fake_addr("198.51.100.9");
	assert_int_equal(locate(*state, NULL, -1, &vip), 0);
	assert_int_equal(vip.ifindex, ETH1);
	assert_false(vip.has_broadcast);
	/* Both given: only the interface must exist. */
	vip.addr = fake_addr("203.0.113.9");
	assert_int_equal(locate(*state, "eth1", 25, &vip), 0);
	assert_int_equal(vip.ifindex, ETH1);
	assert_int_equal(vip.prefix_len, 25);
	assert_int_equal(fake.closes, fake.sockets);
}

static void missing_place_is_explained(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("203.0.113.9"), .ifindex = 77};

	assert_int_equal(locate(*state, NULL, -1, &vip), -ENOENT);
	assert_non_null(
		strstr(haops_ctx_error(*state), "give network interface and prefix length"));
	assert_int_equal(locate(*state, NULL, 24, &vip), -ENOENT);
	assert_int_equal(locate(*state, "eth0", -1, &vip), -ENOENT);
	assert_non_null(strstr(haops_ctx_error(*state), "no network on eth0 contains 203.0.113.9"));
	assert_int_equal(locate(*state, "eth9", 24, &vip), -ENODEV);
	assert_int_equal(vip.ifindex, 77);
}

static void senseless_questions_are_refused(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("fe80::9")};
	struct haops_vip_found found;

	assert_int_equal(locate(*state, NULL, 64, &vip), -EINVAL);
	assert_non_null(strstr(haops_ctx_error(*state), "link-local"));
	vip.addr = fake_addr("192.0.2.9");
	assert_int_equal(locate(*state, NULL, 33, &vip), -EINVAL);
	assert_int_equal(locate(*state, NULL, -2, &vip), -EINVAL);
	assert_int_equal(locate(*state, "", 24, &vip), -EINVAL);
	assert_int_equal(locate(*state, "a/b", 24, &vip), -EINVAL);
	vip.addr = fake_addr("ff02::1");
	assert_int_equal(locate(*state, "eth0", 64, &vip), -EINVAL);
	vip.addr.family = 0;
	assert_int_equal(locate(*state, "eth0", 64, &vip), -EINVAL);
	assert_int_equal(locate(*state, "eth0", 64, NULL), -EINVAL);
	assert_int_equal(haops_vip_locate(*state, NULL, 0, &vip), -EINVAL);
	assert_int_equal(haops_vip_locate(NULL, NULL, 0, &vip), -EINVAL);
	assert_int_equal(haops_vip_query(*state, &vip.addr, 1, 0, 0, &found), -EINVAL);
	assert_int_equal(haops_vip_query(*state, NULL, 1, 0, 0, &found), -EINVAL);
	assert_int_equal(haops_vip_query(*state, &vip.addr, 0, 0, 0, &found), -EINVAL);
	assert_int_equal(haops_vip_query(*state, &vip.addr, 1, 0, 0, NULL), -EINVAL);
	assert_int_equal(haops_vip_query(NULL, &vip.addr, 1, 0, 0, &found), -EINVAL);
}

static void unknown_stays_unknown(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("203.0.113.9")};

	fake.refuse_type = RTM_GETROUTE;
	fake.refuse_code = -EBUSY;
	assert_int_equal(locate(*state, NULL, -1, &vip), -EIO);
	/* No main table yet means no route, and nothing else. */
	fake.refuse_code = -ENOENT;
	assert_int_equal(locate(*state, NULL, -1, &vip), -ENOENT);
	vip.addr = fake_addr("192.0.2.9");
	assert_int_equal(locate(*state, NULL, -1, &vip), 0);
	fake.refuse_type = RTM_GETADDR;
	fake.refuse_code = -EBUSY;
	assert_int_equal(locate(*state, NULL, -1, &vip), -EIO);
	fake.is_silent = true;
	assert_int_equal(locate(*state, NULL, -1, &vip), -ETIMEDOUT);
	assert_int_equal(locate(*state, "eth0", 24, &vip), -ETIMEDOUT);
}

static void interrupted_routes_are_asked_again(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("192.0.2.9")};

	fake.interrupt_dumps = 1;
	fake.interrupted_are_empty = true;
	assert_int_equal(locate(*state, NULL, -1, &vip), 0);
	assert_true(vip.has_broadcast);
}

static void families_are_asked_as_needed(void **state)
{
	const struct haops_addr addrs[] = {fake_addr("2001:db8::9"), fake_addr("192.0.2.1")};
	struct haops_vip_found found[2];
	int64_t deadline_ms = haops_deadline_after(*state, 1000);

	assert_int_equal(haops_vip_query(*state, addrs, 2, 0, deadline_ms, found), 0);
	assert_int_equal(found[0].state, HAOPS_VIP_ABSENT);
	assert_int_equal(found[1].state, HAOPS_VIP_PRESENT);
	/* What is not there is looked for twice. */
	assert_int_equal(fake.dumps, 4);
	assert_int_equal(haops_vip_query(*state, addrs, 1, 0, deadline_ms, found), 0);
	assert_int_equal(fake.dumps, 6);
	assert_int_equal(haops_vip_query(*state, addrs + 1, 1, 0, deadline_ms, found), 0);
	assert_int_equal(fake.dumps, 7);
}

static int broken_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd, (void)flags, (void)mode;
	return strstr(path, "ipv6") ? -ENOENT : -EROFS;
}

static int half_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd, (void)flags, (void)mode;
	return strstr(path, "ipv6") ? -ENOENT : 77;
}

static ssize_t count_write(int fd, const void *data, size_t len)
{
	(void)data;
	assert_int_equal(fd, 77);
	return (ssize_t)len;
}

static int no_close(int fd)
{
	(void)fd;
	return 0;
}

static void flush_is_done_or_told(void **state)
{
	struct haops_sys sys = haops_sys_linux;

	sys.openat = broken_openat;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(haops_vip_flush_routes(*state), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "/proc/sys/net/ipv4/route/flush"));
	sys.openat = half_openat;
	sys.write = count_write;
	sys.close = no_close;
	assert_int_equal(haops_vip_flush_routes(*state), 0);
	assert_int_equal(haops_vip_flush_routes(NULL), -EINVAL);
}

#define TEST_HOST(test) cmocka_unit_test_setup_teardown(test, setup_host, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_HOST(place_is_found),
		TEST_HOST(missing_place_is_explained),
		TEST_HOST(senseless_questions_are_refused),
		TEST_HOST(unknown_stays_unknown),
		TEST_HOST(interrupted_routes_are_asked_again),
		TEST_HOST(families_are_asked_as_needed),
		TEST_HOST(flush_is_done_or_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
