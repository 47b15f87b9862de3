/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for duplicate address detection: notices that come, are lost, are old, or never come. */
#include "fake_netlink.h"

#include <haops/vip.h>
#include <linux/if_addr.h>

#define ETH0 2

static int wait_for(struct haops_ctx *ctx, const char *text)
{
	const struct haops_vip vip = {.addr = fake_addr(text), .ifindex = ETH0, .prefix_len = 64};

	return haops_vip_wait_dad(ctx, &vip, 1, haops_deadline_after(ctx, 1000));
}

static int setup_tentative(void **state)
{
	int code = setup_fake(state);

	(void)fake_link(ETH0, "eth0");
	fake_add("2001:db8::9", 64, ETH0)->flags = IFA_F_TENTATIVE;
	return code;
}

static void ended_before_needs_no_wait(void **state)
{
	fake.addrs[0].flags = 0;
	assert_int_equal(wait_for(*state, "2001:db8::9"), 0);
	assert_int_equal(fake.polls, 0);
	assert_int_equal(fake.closes, 2);
}

static void ipv4_is_passed_over(void **state)
{
	assert_int_equal(wait_for(*state, "192.0.2.9"), 0);
	assert_int_equal(fake.sockets, 0);
}

/* A notice about another address first, then that it ended. */
static void notice_end(void)
{
	struct rtnl_addr other = fake.addrs[0];

	other.ifindex = ETH0 + 1;
	fake_notice(RTM_DELADDR, &other);
	fake.addrs[0].flags = 0;
	fake_notice(RTM_NEWADDR, &fake.addrs[0]);
}

static void notice_ends_the_wait(void **state)
{
	fake.on_wait = notice_end;
	assert_int_equal(wait_for(*state, "2001:db8::9"), 0);
	assert_int_equal(fake.polls, 1);
	assert_int_equal(fake.dumps, 2);
}

static void notice_duplicate(void)
{
	fake.addrs[0].flags = IFA_F_TENTATIVE | IFA_F_DADFAILED;
	fake_notice(RTM_NEWADDR, &fake.addrs[0]);
}

static void duplicate_is_named(void **state)
{
	fake.on_wait = notice_duplicate;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -EADDRINUSE);
	assert_non_null(strstr(haops_ctx_error(*state), "another host on eth0 has 2001:db8::9"));
}

static void notice_removal(void)
{
	fake_notice(RTM_DELADDR, &fake.addrs[0]);
	fake.addr_count = 0;
}

static void removal_ends_the_wait(void **state)
{
	fake.on_wait = notice_removal;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -ENOENT);
	assert_int_equal(wait_for(*state, "2001:db8::9"), -ENOENT);
}

static void notice_old_removal(void)
{
	fake_notice(RTM_DELADDR, &fake.addrs[0]);
	fake.addrs[0].flags = 0;
}

static void old_news_is_looked_at_again(void **state)
{
	fake.on_wait = notice_old_removal;
	assert_int_equal(wait_for(*state, "2001:db8::9"), 0);
	assert_int_equal(fake.dumps, 2);
}

static void notice_old_end(void)
{
	struct rtnl_addr before = fake.addrs[0];

	if (fake.polls > 2)
		return;
	before.flags = 0;
	fake_notice(RTM_NEWADDR, &before);
}

static void old_good_news_are_looked_at_again(void **state)
{
	fake.on_wait = notice_old_end;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -ETIMEDOUT);
	assert_true(fake.dumps > 1);
}

static void notice_again(void)
{
	fake_notice(RTM_NEWADDR, &fake.addrs[0]);
	fake.now_ns += 100000000;
}

static void endless_notices_do_not_move_the_deadline(void **state)
{
	fake.on_wait = notice_again;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -ETIMEDOUT);
	assert_true(fake.polls <= 11);
}

static void lose_notice(void)
{
	fake.addrs[0].flags = 0;
	fake.lose = 1;
	fake_notice(RTM_NEWADDR, &fake.addrs[0]);
}

static void lost_notices_are_made_up_for(void **state)
{
	fake.on_wait = lose_notice;
	assert_int_equal(wait_for(*state, "2001:db8::9"), 0);
	assert_int_equal(fake.dumps, 2);
}

static void endless_detection_is_named(void **state)
{
	assert_int_equal(wait_for(*state, "2001:db8::9"), -ETIMEDOUT);
	assert_non_null(strstr(haops_ctx_error(*state), "2001:db8::9 on eth0 is still tentative"));
	assert_non_null(strstr(haops_ctx_error(*state), "has carrier"));
}

static void failures_are_told(void **state)
{
	fake.bind_code = -EPERM;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -EIO);
	fake.bind_code = 0;
	fake.refuse_type = RTM_GETADDR;
	fake.refuse_code = -EBUSY;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -EIO);
	fake.refuse_type = 0;
	fake.poll_code = -EINVAL;
	assert_int_equal(wait_for(*state, "2001:db8::9"), -EIO);
	assert_int_equal(haops_vip_wait_dad(*state, NULL, 1, 0), -EINVAL);
	assert_int_equal(haops_vip_wait_dad(NULL, NULL, 1, 0), -EINVAL);
	assert_int_equal(fake.closes, fake.sockets);
}

#define TEST_DAD(test) cmocka_unit_test_setup_teardown(test, setup_tentative, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DAD(ended_before_needs_no_wait),
		TEST_DAD(ipv4_is_passed_over),
		TEST_DAD(notice_ends_the_wait),
		TEST_DAD(duplicate_is_named),
		TEST_DAD(removal_ends_the_wait),
		TEST_DAD(old_news_is_looked_at_again),
		TEST_DAD(old_good_news_are_looked_at_again),
		TEST_DAD(endless_notices_do_not_move_the_deadline),
		TEST_DAD(lost_notices_are_made_up_for),
		TEST_DAD(endless_detection_is_named),
		TEST_DAD(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
