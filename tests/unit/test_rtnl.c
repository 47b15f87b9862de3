/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink socket when the kernel interrupts, loses, cuts, refuses or is silent: no part of a
 * dump is ever taken for the whole. */
#include "fake_netlink.h"

#include "rtnl.h"

#include <haops/vip.h>
#include <stdalign.h>

#define TIMEOUT_MS 1000

static int query(struct haops_ctx *ctx, const char *text, enum haops_vip_state *ret_state)
{
	const struct haops_addr addr = fake_addr(text);
	struct haops_vip_found found = {.state = HAOPS_VIP_UNKNOWN};
	int code = haops_vip_query(ctx, &addr, 1, 0, haops_deadline_after(ctx, TIMEOUT_MS), &found);

	*ret_state = found.state;
	return code;
}

static void expect(struct haops_ctx *ctx, int code, enum haops_vip_state state)
{
	enum haops_vip_state found;

	assert_int_equal(query(ctx, "192.0.2.9", &found), code);
	assert_int_equal(found, state);
	assert_int_equal(fake.closes, fake.sockets);
}

static void dump_is_read(void **state)
{
	(void)fake_add("192.0.2.8", 24, 2);
	expect(*state, 0, HAOPS_VIP_ABSENT);
	(void)fake_add("192.0.2.9", 24, 2);
	expect(*state, 0, HAOPS_VIP_PRESENT);
	/* socket, send, one reception for each datagram, close: and no wait */
	assert_int_equal(fake.polls, 0);
	/* what is not there is looked for twice */
	assert_int_equal(fake.sends, 3);
}

static void interrupted_dump_is_no_absence(void **state)
{
	(void)fake_add("192.0.2.9", 24, 2);
	fake.interrupt_dumps = 3;
	fake.interrupted_are_empty = true;
	expect(*state, 0, HAOPS_VIP_PRESENT);
	assert_int_equal(fake.dumps, 4);
}

static void endless_interruption_is_unknown(void **state)
{
	fake.interrupt_dumps = 1000000;
	fake.interrupted_are_empty = true;
	expect(*state, -ETIMEDOUT, HAOPS_VIP_UNKNOWN);
	assert_non_null(strstr(haops_ctx_error(*state), "changes faster than it can be read"));
	/* It did not spin all the time. */
	assert_in_range(fake.dumps, 10, 1000);
}

static void lost_messages_are_asked_again(void **state)
{
	(void)fake_add("192.0.2.9", 24, 2);
	fake.lose = 1;
	expect(*state, 0, HAOPS_VIP_PRESENT);
	assert_int_equal(fake.dumps, 2);
}

static void take_long(const struct nlmsghdr *nlh)
{
	(void)nlh;
	fake.now_ns += INT64_C(1000000) * TIMEOUT_MS;
}

static void long_dump_ends_at_the_deadline(void **state)
{
	(void)fake_add("192.0.2.9", 24, 2);
	fake.on_request = take_long;
	expect(*state, -ETIMEDOUT, HAOPS_VIP_UNKNOWN);
	assert_int_equal(fake.polls, 0);
}

static void silence_is_unknown(void **state)
{
	fake.is_silent = true;
	expect(*state, -ETIMEDOUT, HAOPS_VIP_UNKNOWN);
	assert_string_equal(haops_ctx_error(*state), "cannot read the IPv4 addresses of this host: "
						     "the kernel did not answer in time");
}

static void cut_answer_is_unknown(void **state)
{
	(void)fake_add("192.0.2.8", 24, 2);
	fake.cut = true;
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
	fake.cut = false;
	fake.half = true;
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
}

static void refusal_is_quoted(void **state)
{
	fake.refuse_type = RTM_GETADDR;
	fake.refuse_code = -EBUSY;
	fake.refuse_text = "come back later";
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot read the IPv4 addresses of this host: Device or resource "
			    "busy: come back later");
	/* Memory is the only refusal with a code of its own. */
	fake.refuse_code = -ENOMEM;
	expect(*state, -ENOMEM, HAOPS_VIP_UNKNOWN);
	fake.refuse_code = -EINVAL;
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
}

static void forged_answers_are_passed_over(void **state)
{
	(void)fake_add("192.0.2.9", 24, 2);
	fake.is_forged = true;
	expect(*state, 0, HAOPS_VIP_PRESENT);
}

static void broken_system_is_unknown(void **state)
{
	fake.socket_code = -EMFILE;
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
	fake.socket_code = 0;
	fake.send_code = -ENOBUFS;
	expect(*state, -EIO, HAOPS_VIP_UNKNOWN);
	fake.send_code = 0;
	fake.is_silent = true;
	fake.poll_code = -ENOMEM;
	expect(*state, -ENOMEM, HAOPS_VIP_UNKNOWN);
}

/* Setting links up, as the simplest batch. */
struct ups {
	size_t acked;
	int last;
	int stop_at;
};

static struct nlmsghdr *build_up(void *arg, size_t index, void *buf)
{
	(void)arg, (void)index;
	return rtnl_msg_put_link_up(buf, 2);
}

static int ack_up(void *arg, size_t index, int code, const char *text)
{
	struct ups *ups = arg;

	(void)text;
	assert_int_equal(index, ups->acked++);
	ups->last = code;
	return ups->stop_at && (int)index == ups->stop_at ? -EIO : 0;
}

static int run_ups(struct haops_ctx *ctx, size_t count, struct ups *ups)
{
	const struct rtnl_batch batch = {.count = count,
					 .build = build_up,
					 .ack = ack_up,
					 .arg = ups};
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;

	assert_int_equal(rtnl_open(ctx, NETLINK_ROUTE, 0, haops_deadline_after(ctx, TIMEOUT_MS),
				   &rtnl),
			 0);
	rtnl.what = "set links up";
	return rtnl_run(&rtnl, &batch);
}

static void batch_is_confirmed_one_by_one(void **state)
{
	struct ups ups = {0};

	(void)fake_link(2, "eth0");
	assert_int_equal(run_ups(*state, 250, &ups), 0);
	assert_int_equal(ups.acked, 250);
	assert_int_equal(fake.requests, 250);
	assert_int_equal(fake.sends, 3);
}

static void batch_stops_where_told(void **state)
{
	struct ups ups = {.stop_at = 10};

	assert_int_equal(run_ups(*state, 250, &ups), -EIO);
	assert_int_equal(ups.last, -ENODEV);
	/* What was sent together was acknowledged together. */
	assert_int_equal(ups.acked, fake.requests);
	assert_int_equal(fake.sends, 1);
}

static void lost_acknowledgement_is_no_success(void **state)
{
	struct ups ups = {0};

	(void)fake_link(2, "eth0");
	fake.lose = 1;
	assert_int_equal(run_ups(*state, 3, &ups), -ETIMEDOUT);
	assert_non_null(strstr(haops_ctx_error(*state), "confirmation was lost"));
	fake_netlink_reset();
	(void)fake_link(2, "eth0");
	fake.lose_acks = 1;
	assert_int_equal(run_ups(*state, 1, &ups), -ETIMEDOUT);
}

static void passed_deadline_sends_nothing(void **state)
{
	struct ups ups = {0};
	const struct rtnl_batch batch = {.count = 1, .build = build_up, .ack = ack_up, .arg = &ups};
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;

	assert_int_equal(rtnl_open(*state, NETLINK_ROUTE, 0, 0, &rtnl), 0);
	rtnl.what = "set links up";
	assert_int_equal(rtnl_run(&rtnl, &batch), -ETIMEDOUT);
	assert_int_equal(fake.sends, 0);
}

static void closing_twice_is_fine(void **state)
{
	struct rtnl rtnl = RTNL_INIT;

	assert_null(rtnl_close(NULL));
	assert_null(rtnl_close(&rtnl));
	assert_int_equal(rtnl_open(*state, NETLINK_ROUTE, 0, 0, &rtnl), 0);
	assert_null(rtnl_close(&rtnl));
	assert_null(rtnl_close(&rtnl));
	assert_int_equal(fake.closes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_FAKE(dump_is_read),
		TEST_FAKE(interrupted_dump_is_no_absence),
		TEST_FAKE(endless_interruption_is_unknown),
		TEST_FAKE(lost_messages_are_asked_again),
		TEST_FAKE(long_dump_ends_at_the_deadline),
		TEST_FAKE(silence_is_unknown),
		TEST_FAKE(cut_answer_is_unknown),
		TEST_FAKE(refusal_is_quoted),
		TEST_FAKE(forged_answers_are_passed_over),
		TEST_FAKE(broken_system_is_unknown),
		TEST_FAKE(batch_is_confirmed_one_by_one),
		TEST_FAKE(batch_stops_where_told),
		TEST_FAKE(lost_acknowledgement_is_no_success),
		TEST_FAKE(passed_deadline_sends_nothing),
		TEST_FAKE(closing_twice_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
