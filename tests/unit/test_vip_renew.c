/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lifetimes and their renewal: what is renewed, what is left alone, and that nothing is added. */
#include "fake_netlink.h"

#include <haops/vip.h>
#include <linux/if_addr.h>

#define ETH0 2
#define ETH1 3

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, 1000);
}

static int setup_links(void **state)
{
	int code = setup_fake(state);

	(void)fake_link(ETH0, "eth0");
	(void)fake_link(ETH1, "eth1");
	return code;
}

static struct haops_vip vip_of(const char *text, int ifindex, uint32_t valid_lft_s)
{
	return (struct haops_vip){.addr = fake_addr(text),
				  .ifindex = ifindex,
				  .valid_lft_s = valid_lft_s,
				  .preferred_lft_s = HAOPS_VIP_FOREVER};
}

static int renew(struct haops_ctx *ctx, const char *text, int ifindex)
{
	const struct haops_vip vip = vip_of(text, ifindex, 7);

	return haops_vip_renew(ctx, &vip, 1, soon(ctx));
}

static struct rtnl_addr *leased(const char *text, uint8_t prefix_len, int ifindex)
{
	struct rtnl_addr *addr = fake_add(text, prefix_len, ifindex);

	addr->valid_s = 2;
	addr->preferred_s = 2;
	return addr;
}

static void lifetimes_are_added(void **state)
{
	struct haops_vip vips[] = {vip_of("192.0.2.9", ETH0, 3), vip_of("2001:db8::9", ETH0, 4),
				   vip_of("192.0.2.8", ETH0, 0), vip_of("2001:db8::8", ETH0, 5)};

	vips[0].prefix_len = vips[2].prefix_len = 24;
	vips[1].prefix_len = vips[3].prefix_len = 64;
	vips[3].preferred_lft_s = 0;
	assert_int_equal(haops_vip_add(*state, vips, ARRAY_LEN(vips), soon(*state)), 0);
	assert_int_equal(fake.addrs[0].valid_s, 3);
	assert_int_equal(fake.addrs[0].preferred_s, 3);
	assert_int_equal(fake.addrs[1].valid_s, 4);
	assert_int_equal(fake.addrs[1].preferred_s, 4);
	assert_int_equal(fake.addrs[2].valid_s, UINT32_MAX);
	assert_int_equal(fake.addrs[3].valid_s, 5);
	assert_int_equal(fake.addrs[3].preferred_s, 0);
}

static void what_is_there_is_renewed(void **state)
{
	static const char *const addrs[] = {"192.0.2.9", "2001:db8::9"};

	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		struct rtnl_addr *addr = leased(addrs[i], 24, ETH0);

		addr->metric = 77;
		addr->proto = 9;
		addr->flags = IFA_F_NOPREFIXROUTE;
		assert_int_equal(renew(*state, addrs[i], 0), 0);
		assert_int_equal(addr->valid_s, 7);
		assert_int_equal(addr->preferred_s, 7);
		assert_int_equal(addr->metric, 77);
		assert_int_equal(addr->proto, 9);
		assert_true(addr->flags & IFA_F_NOPREFIXROUTE);
		assert_int_equal(renew(*state, addrs[i], ETH0), 0);
	}
	assert_int_equal(fake.closes, fake.sockets);
}

static void deprecated_stays_deprecated(void **state)
{
	struct rtnl_addr *addr = leased("2001:db8::9", 64, ETH0);

	addr->preferred_s = 0;
	assert_int_equal(renew(*state, "2001:db8::9", 0), 0);
	assert_int_equal(addr->valid_s, 7);
	assert_int_equal(addr->preferred_s, 0);
}

static void nothing_is_added(void **state)
{
	assert_int_equal(renew(*state, "192.0.2.9", 0), -ENOENT);
	(void)leased("192.0.2.9", 24, ETH1);
	assert_int_equal(renew(*state, "192.0.2.9", ETH0), -ENOENT);
	assert_non_null(strstr(haops_ctx_error(*state), "192.0.2.9"));
	assert_int_equal(fake.addr_count, 1);
	assert_int_equal(fake.addrs[0].valid_s, 2);
}

static void permanent_is_left_alone(void **state)
{
	(void)fake_add("192.0.2.9", 24, ETH0);
	assert_int_equal(renew(*state, "192.0.2.9", 0), -ENOENT);
	assert_int_equal(fake.addrs[0].valid_s, UINT32_MAX);
	(void)leased("192.0.2.9", 24, ETH1);
	assert_int_equal(renew(*state, "192.0.2.9", 0), 0);
	assert_int_equal(fake.addrs[0].valid_s, UINT32_MAX);
	assert_int_equal(fake.addrs[1].valid_s, 7);
}

static void run_out(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_NEWADDR && fake.addr_count > 0)
		fake_remove(0);
}

/* Its lifetime ends, or it is stopped, between the look and the renewal. */
static void what_goes_meanwhile_stays_away(void **state)
{
	static const char *const addrs[] = {"192.0.2.9", "2001:db8::9"};

	fake.on_request = run_out;
	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		(void)leased(addrs[i], 24, ETH0);
		assert_int_equal(renew(*state, addrs[i], 0), -ENOENT);
		assert_int_equal(fake.addr_count, 0);
	}
}

static void others_are_renewed_nevertheless(void **state)
{
	const struct haops_vip vips[] = {vip_of("192.0.2.7", 0, 7), vip_of("192.0.2.8", 0, 8),
					 vip_of("192.0.2.9", 0, 9)};

	(void)leased("192.0.2.9", 24, ETH0);
	(void)leased("192.0.2.7", 24, ETH0);
	assert_int_equal(haops_vip_renew(*state, vips, 3, soon(*state)), -ENOENT);
	assert_non_null(strstr(haops_ctx_error(*state), "192.0.2.8"));
	assert_int_equal(fake.addrs[0].valid_s, 9);
	assert_int_equal(fake.addrs[1].valid_s, 7);
}

static void refusals_have_their_codes(void **state)
{
	static const struct {
		int refused, code;
	} cases[] = {{-EPERM, -EPERM}, {-ENOMEM, -ENOMEM}, {-EBUSY, -EIO}, {-ENODEV, -ENOENT}};

	(void)leased("192.0.2.9", 24, ETH0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake.refuse_type = RTM_NEWADDR;
		fake.refuse_code = cases[i].refused;
		assert_int_equal(renew(*state, "192.0.2.9", 0), cases[i].code);
		assert_int_not_equal(strlen(haops_ctx_error(*state)), 0);
	}
	fake.refuse_type = 0;
	fake.is_silent = true;
	assert_int_equal(renew(*state, "192.0.2.9", 0), -ETIMEDOUT);
}

static void senseless_wishes_are_refused(void **state)
{
	const struct haops_vip bad[] = {vip_of("192.0.2.9", -1, 3), vip_of("224.0.0.9", 0, 3),
					vip_of("ff02::9", 0, 3), vip_of("192.0.2.9", 0, 0),
					vip_of("192.0.2.9", 0, UINT32_MAX)};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(haops_vip_renew(*state, &bad[i], 1, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_renew(*state, bad, 0, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_renew(*state, NULL, 1, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_renew(NULL, bad, 1, 0), -EINVAL);
	assert_int_equal(fake.sockets, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_links, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lifetimes_are_added),
		TEST(what_is_there_is_renewed),
		TEST(deprecated_stays_deprecated),
		TEST(nothing_is_added),
		TEST(permanent_is_left_alone),
		TEST(what_goes_meanwhile_stays_away),
		TEST(others_are_renewed_nevertheless),
		TEST(refusals_have_their_codes),
		TEST(senseless_wishes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
