/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Duplicate address detection on the kernel: it ends well, it finds another host, it does not end.
 * The other host is the other end of a veth pair. */
#include "netns.h"

#include <haops/link.h>
#include <haops/vip.h>

#define WAIT_MS 10000
#define SHORT_MS 300
#define MANY 20

static struct haops_vip vip_of(struct haops_ctx *ctx, const char *text)
{
	struct haops_vip vip = {.prefix_len = 64, .preferred_lft_s = HAOPS_VIP_FOREVER};
	struct haops_link link;

	assert_int_equal(haops_addr_parse(ctx, text, &vip.addr), 0);
	assert_int_equal(haops_link_get(ctx, "va", haops_deadline_after(ctx, WAIT_MS), &link), 0);
	vip.ifindex = link.ifindex;
	return vip;
}

static struct haops_vip added(struct haops_ctx *ctx, const char *text)
{
	const struct haops_vip vip = vip_of(ctx, text);

	assert_int_equal(haops_vip_add(ctx, &vip, 1, haops_deadline_after(ctx, WAIT_MS)), 0);
	return vip;
}

static int wait_dad(struct haops_ctx *ctx, const struct haops_vip *vip, int64_t timeout_ms)
{
	return haops_vip_wait_dad(ctx, vip, 1, haops_deadline_after(ctx, timeout_ms));
}

static enum haops_vip_state state_of(struct haops_ctx *ctx, const struct haops_vip *vip)
{
	struct haops_vip_found found;

	assert_int_equal(haops_vip_query(ctx, &vip->addr, 1, 0, haops_deadline_after(ctx, WAIT_MS),
					 &found),
			 0);
	return found.state;
}

static void ends_well(void **state)
{
	const struct haops_vip vip = added(*state, "2001:db8::9");

	assert_int_equal(state_of(*state, &vip), HAOPS_VIP_TENTATIVE);
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), 0);
	assert_int_equal(state_of(*state, &vip), HAOPS_VIP_PRESENT);
	/* And at once when it has ended before. */
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), 0);
}

static void many_end_well(void **state)
{
	struct haops_vip vips[MANY + 1];
	char text[64];

	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "2001:db8::1:%x", i);
		vips[i] = vip_of(*state, text);
	}
	vips[MANY] = vip_of(*state, "192.0.2.9");
	vips[MANY].prefix_len = 24;
	assert_int_equal(haops_vip_add(*state, vips, MANY + 1,
				       haops_deadline_after(*state, WAIT_MS)),
			 0);
	assert_int_equal(haops_vip_wait_dad(*state, vips, MANY + 1,
					    haops_deadline_after(*state, WAIT_MS)),
			 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(state_of(*state, &vips[i]), HAOPS_VIP_PRESENT);
}

static void duplicate_is_named(void **state)
{
	struct haops_vip vip;

	ip("addr add 2001:db8::9/64 dev vb nodad");
	vip = added(*state, "2001:db8::9");
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), -EADDRINUSE);
	assert_non_null(
		strstr(haops_ctx_error(*state), "2001:db8::9 is in use by the host with MAC"));
	assert_non_null(strstr(haops_ctx_error(*state), " on va: "));
	/* It is left in place, and found. */
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), -EADDRINUSE);
	assert_int_equal(haops_vip_remove(*state, &vip.addr, 1,
					  haops_deadline_after(*state, WAIT_MS), NULL),
			 0);
	assert_int_equal(state_of(*state, &vip), HAOPS_VIP_ABSENT);
}

/* An address with a lifetime is deleted by the kernel when it turns out to be a duplicate. */
static void duplicate_may_vanish(void **state)
{
	const struct haops_vip vip = vip_of(*state, "2001:db8::9");

	ip("addr add 2001:db8::9/64 dev vb nodad");
	ip("addr add 2001:db8::9/64 dev va valid_lft 1000 preferred_lft 1000");
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), -ENOENT);
	assert_non_null(strstr(haops_ctx_error(*state), "2001:db8::9 is not on va any more"));
}

static void without_carrier_it_never_ends(void **state)
{
	struct haops_vip vip;

	ip("link set vb down");
	vip = added(*state, "2001:db8::9");
	assert_int_equal(wait_dad(*state, &vip, SHORT_MS), -ETIMEDOUT);
	assert_non_null(strstr(haops_ctx_error(*state), "2001:db8::9 on va is still tentative"));
	assert_int_equal(state_of(*state, &vip), HAOPS_VIP_TENTATIVE);
}

static void carrier_comes_while_waiting(void **state)
{
	struct haops_vip vip;
	pid_t pid;

	ip("link set vb down");
	vip = added(*state, "2001:db8::9");
	pid = ip_start("link set vb up");
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), 0);
	assert_int_equal(end_of(pid), 0);
}

static void interface_goes_while_waiting(void **state)
{
	struct haops_vip vip;
	pid_t pid;

	ip("link set vb down");
	vip = added(*state, "2001:db8::9");
	pid = ip_start("link del va");
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), -ENOENT);
	assert_int_equal(end_of(pid), 0);
}

static void address_goes_while_waiting(void **state)
{
	struct haops_vip vip;
	pid_t pid;

	ip("link set vb down");
	vip = added(*state, "2001:db8::9");
	pid = ip_start("addr del 2001:db8::9/64 dev va");
	assert_int_equal(wait_dad(*state, &vip, WAIT_MS), -ENOENT);
	assert_int_equal(end_of(pid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(ends_well),
		TEST_NETNS(many_end_well),
		TEST_NETNS(duplicate_is_named),
		TEST_NETNS(duplicate_may_vanish),
		TEST_NETNS(without_carrier_it_never_ends),
		TEST_NETNS(carrier_comes_while_waiting),
		TEST_NETNS(interface_goes_while_waiting),
		TEST_NETNS(address_goes_while_waiting),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
