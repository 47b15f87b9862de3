/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adding and removing when the kernel refuses, others interfere, or time is up. */
#include "fake_netlink.h"

#include <haops/vip.h>
#include <linux/if_addr.h>
#include <stdio.h>

#define ETH0 2
#define ETH1 3
#define MANY 40

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, 1000);
}

static struct haops_vip vip_of(const char *text, uint8_t prefix_len)
{
	return (struct haops_vip){.addr = fake_addr(text),
				  .ifindex = ETH0,
				  .prefix_len = prefix_len,
				  .preferred_lft_s = HAOPS_VIP_FOREVER};
}

static int add(struct haops_ctx *ctx, const char *text, uint8_t prefix_len)
{
	const struct haops_vip vip = vip_of(text, prefix_len);

	return haops_vip_add(ctx, &vip, 1, soon(ctx));
}

static int take_away(struct haops_ctx *ctx, const char *text, size_t *removed)
{
	const struct haops_addr addr = fake_addr(text);

	return haops_vip_remove(ctx, &addr, 1, soon(ctx), removed);
}

static int setup_links(void **state)
{
	int code = setup_fake(state);

	(void)fake_link(ETH0, "eth0");
	(void)fake_link(ETH1, "eth1");
	return code;
}

static void refuse(int type, int code, const char *text)
{
	fake.refuse_type = type;
	fake.refuse_code = code;
	fake.refuse_text = text;
}

static void senseless_wishes_change_nothing(void **state)
{
	struct haops_vip bad[] = {vip_of("224.0.0.1", 24),    vip_of("192.0.2.9", 33),
				  vip_of("2001:db8::9", 129), vip_of("192.0.2.9", 24),
				  vip_of("2001:db8::9", 64),  vip_of("192.0.2.9", 24),
				  vip_of("192.0.2.9", 24)};

	bad[3].ifindex = 0;
	bad[4].has_broadcast = true;
	memset(bad[5].label, 'x', sizeof(bad[5].label));
	bad[6].addr.family = AF_UNIX;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(haops_vip_add(*state, &bad[i], 1, soon(*state)), -EINVAL);
		assert_int_not_equal(strlen(haops_ctx_error(*state)), 0);
	}
	assert_int_equal(haops_vip_add(*state, bad, 0, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_add(*state, bad, HAOPS_VIP_MAX + 1, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_add(*state, NULL, 1, soon(*state)), -EINVAL);
	assert_int_equal(haops_vip_add(NULL, bad, 1, 0), -EINVAL);
	assert_int_equal(haops_vip_remove(*state, NULL, 1, soon(*state), NULL), -EINVAL);
	assert_int_equal(haops_vip_remove(NULL, NULL, 1, 0, NULL), -EINVAL);
	assert_int_equal(fake.sockets, 0);
}

static void refusals_have_their_codes(void **state)
{
	static const struct {
		int refused, code;
		const char *sentence;
	} cases[] = {
		{-EPERM, -EPERM, "cannot add 2001:db8::9 to eth0: run as root"},
		{-ENODEV, -ENODEV, "cannot add 2001:db8::9: eth0 is gone"},
		{-ENOMEM, -ENOMEM, "cannot add 2001:db8::9 to eth0: Cannot allocate memory: why"},
		{-ENOBUFS, -ENOMEM,
		 "cannot add 2001:db8::9 to eth0: No buffer space available: "
		 "why"},
		{-EINVAL, -EIO, "cannot add 2001:db8::9 to eth0: Invalid argument: why"},
		{-EACCES, -EIO,
		 "cannot add 2001:db8::9: IPv6 is disabled on eth0 (see sysctl "
		 "net.ipv6.conf.eth0.disable_ipv6)"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		refuse(RTM_NEWADDR, cases[i].refused, "why");
		assert_int_equal(add(*state, "2001:db8::9", 64), cases[i].code);
		assert_string_equal(haops_ctx_error(*state), cases[i].sentence);
		assert_int_equal(fake.addr_count, 0);
	}
	assert_int_equal(fake.closes, fake.sockets);
}

/* The third of three fails: the first was there before, the second is taken away again. */
static void failure_is_undone(void **state)
{
	const struct haops_vip vips[] = {vip_of("192.0.2.7", 24), vip_of("192.0.2.8", 24),
					 vip_of("192.0.2.9", 24)};

	(void)fake_add("192.0.2.7", 24, ETH0);
	(void)fake_add("192.0.2.8", 24, ETH1);
	refuse(RTM_NEWADDR, -EINVAL, NULL);
	fake.refuse_after = 2;
	assert_int_equal(haops_vip_add(*state, vips, 3, soon(*state)), -EIO);
	assert_int_equal(fake.addr_count, 2);
	assert_int_equal(fake.addrs[1].ifindex, ETH1);
	assert_non_null(strstr(haops_ctx_error(*state), "cannot add 192.0.2.9 to eth0"));
}

static void be_busy_at_removal(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_DELADDR)
		refuse(RTM_DELADDR, -EBUSY, NULL);
}

static void undo_that_fails_keeps_the_reason(void **state)
{
	const struct haops_vip vips[] = {vip_of("192.0.2.8", 24), vip_of("192.0.2.9", 24)};

	refuse(RTM_NEWADDR, -EINVAL, NULL);
	fake.refuse_after = 1;
	fake.on_request = be_busy_at_removal;
	assert_int_equal(haops_vip_add(*state, vips, 2, soon(*state)), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "cannot add 192.0.2.9 to eth0"));
	assert_int_equal(fake.addr_count, 1);
}

static void timeout_is_told(void **state)
{
	fake.is_silent = true;
	assert_int_equal(add(*state, "192.0.2.9", 24), -ETIMEDOUT);
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), -ETIMEDOUT);
}

static void add_when_added(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_NEWADDR && fake.addr_count == 0)
		(void)fake_add("2001:db8::9", 64, ETH0);
}

static void add_otherwise_when_added(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_NEWADDR && fake.addr_count == 0)
		(void)fake_add("2001:db8::9", 128, ETH0);
}

static void vanish_after_added(const struct nlmsghdr *nlh)
{
	add_when_added(nlh);
	if (nlh->nlmsg_type == RTM_GETADDR)
		fake.addr_count = 0;
}

/* Somebody adds the same between our look and our addition. */
static void races_are_looked_at_again(void **state)
{
	fake.on_request = add_when_added;
	assert_int_equal(add(*state, "2001:db8::9", 64), 0);
	fake.addr_count = 0;
	fake.on_request = add_otherwise_when_added;
	assert_int_equal(add(*state, "2001:db8::9", 64), -EADDRINUSE);
	assert_int_equal(fake.addr_count, 1);
	fake.on_request = vanish_after_added;
	assert_int_equal(add(*state, "2001:db8::9", 64), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "by another program meanwhile"));
}

static void many_are_added_and_removed(void **state)
{
	struct haops_vip vips[MANY];
	struct haops_addr addrs[MANY];
	size_t removed = 0;
	char text[32];

	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "%s%u",
			       i % 2 ? "192.0.2." : "2001:db8::", i + 1);
		vips[i] = vip_of(text, 24);
		addrs[i] = vips[i].addr;
	}
	assert_int_equal(haops_vip_add(*state, vips, MANY, soon(*state)), 0);
	assert_int_equal(fake.addr_count, MANY);
	/* two dumps, twice since nothing is there, one batch */
	assert_int_equal(fake.sends, 5);
	assert_int_equal(haops_vip_remove(*state, addrs, MANY, soon(*state), &removed), 0);
	assert_int_equal(removed, MANY);
	assert_int_equal(fake.addr_count, 0);
	assert_int_equal(fake.sends, 5 + 7);
}

static void vanish_before_removal(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_DELADDR)
		fake.addr_count = 0;
}

static void vanished_is_removed(void **state)
{
	size_t removed = 99;

	(void)fake_add("192.0.2.9", 24, ETH0);
	fake.on_request = vanish_before_removal;
	assert_int_equal(take_away(*state, "192.0.2.9", &removed), 0);
	assert_int_equal(removed, 0);
	/* Or the whole interface did. */
	(void)fake_add("192.0.2.9", 24, ETH0);
	fake.link_count = 0;
	assert_int_equal(take_away(*state, "192.0.2.9", &removed), 0);
}

static void come_back(const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == RTM_GETADDR && fake.addr_count == 0)
		(void)fake_add("192.0.2.9", 24, ETH1);
}

static void who_comes_back_is_no_success(void **state)
{
	size_t removed = 99;

	fake.on_request = come_back;
	assert_int_equal(take_away(*state, "192.0.2.9", &removed), -EIO);
	assert_string_equal(haops_ctx_error(*state),
			    "192.0.2.9 is on eth1 again each time it is removed: find out who adds "
			    "it");
	assert_int_equal(removed, 99);
}

static void refused_removal_is_told(void **state)
{
	(void)fake_add("192.0.2.9", 24, ETH0);
	refuse(RTM_DELADDR, -EPERM, NULL);
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), -EPERM);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot remove 192.0.2.9 from eth0: run as root");
	refuse(RTM_DELADDR, -EBUSY, "held");
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), -EIO);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot remove 192.0.2.9 from eth0: Device or resource busy: held");
	/* The name of the interface is a courtesy, not a condition. */
	refuse(RTM_DELADDR, -EBUSY, NULL);
	fake.links[0].link.ifindex = 99;
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "from interface number 2: Device"));
}

static void interruption_is_no_removal(void **state)
{
	size_t removed = 0;

	(void)fake_add("192.0.2.9", 24, ETH0);
	fake.interrupt_dumps = 1;
	fake.interrupted_are_empty = true;
	assert_int_equal(take_away(*state, "192.0.2.9", &removed), 0);
	assert_int_equal(removed, 1);
	assert_int_equal(fake.addr_count, 0);
}

static void keep_log(void *userdata, enum haops_log_level level, const char *message)
{
	if (level == HAOPS_LOG_WARNING)
		(void)snprintf(userdata, HAOPS_ERROR_MAX, "%s", message);
}

static void add_companions(void)
{
	fake.addr_count = 0;
	(void)fake_add("192.0.2.9", 24, ETH0);
	fake_add("192.0.2.7", 24, ETH0)->flags = IFA_F_SECONDARY;
}

static void companions_are_protected(void **state)
{
	char warning[HAOPS_ERROR_MAX] = "";

	haops_ctx_set_log(*state, HAOPS_LOG_INFO, keep_log, warning);
	add_companions();
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), 0);
	assert_true(fake.links[0].promote);
	assert_false(fake.links[1].promote);
	assert_non_null(strstr(warning, "otherwise 192.0.2.7 would have been removed"));
	/* Not set where it is set, for the interface or for all. */
	warning[0] = '\0';
	add_companions();
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), 0);
	fake.links[0].promote = false;
	fake.promote_all = '1';
	add_companions();
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), 0);
	assert_false(fake.links[0].promote);
	assert_string_equal(warning, "");
}

/* That the wanted one goes comes first. */
static void protection_that_fails_is_no_obstacle(void **state)
{
	char warning[HAOPS_ERROR_MAX] = "";

	haops_ctx_set_log(*state, HAOPS_LOG_INFO, keep_log, warning);
	add_companions();
	refuse(RTM_SETLINK, -EOPNOTSUPP, NULL);
	assert_int_equal(take_away(*state, "192.0.2.9", NULL), 0);
	assert_non_null(strstr(warning, "192.0.2.7 and other addresses on eth0 may go together"));
}

#define TEST_CHANGE(test) cmocka_unit_test_setup_teardown(test, setup_links, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CHANGE(senseless_wishes_change_nothing),
		TEST_CHANGE(refusals_have_their_codes),
		TEST_CHANGE(failure_is_undone),
		TEST_CHANGE(undo_that_fails_keeps_the_reason),
		TEST_CHANGE(timeout_is_told),
		TEST_CHANGE(races_are_looked_at_again),
		TEST_CHANGE(many_are_added_and_removed),
		TEST_CHANGE(vanished_is_removed),
		TEST_CHANGE(who_comes_back_is_no_success),
		TEST_CHANGE(refused_removal_is_told),
		TEST_CHANGE(interruption_is_no_removal),
		TEST_CHANGE(companions_are_protected),
		TEST_CHANGE(protection_that_fails_is_no_obstacle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
