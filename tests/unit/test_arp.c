/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One round of announcements onto a fake wire: full queues, interfaces that are down or gone, and
 * everything else that a send can meet. */
#include "fake_wire.h"

#include <haops/arp.h>

#define MANY 600

static struct haops_addr addrs[MANY];

static struct haops_announcement announcement(void **state, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(haops_addr_parse(*state, text, &addrs[i]), 0);
		addrs[i].bytes[addrs[i].family == AF_INET ? 2 : 14] = (uint8_t)(i >> 8);
		addrs[i].bytes[addrs[i].family == AF_INET ? 3 : 15] = (uint8_t)i;
	}
	return (struct haops_announcement){.ifindex = FAKE_IFINDEX, .addrs = addrs, .count = count};
}

static int announce(void **state, size_t count)
{
	struct haops_announcement what = announcement(state, count, "192.0.2.9");

	return haops_arp_announce(*state, &what, haops_deadline_after(*state, 100));
}

static void few_calls_for_many(void **state)
{
	assert_int_equal(announce(state, MANY), 0);
	assert_int_equal(fake.sent, 2 * MANY);
	assert_in_range(fake.calls, 1, 5);
}

static void what_was_not_taken_is_sent_again(void **state)
{
	fake.results[0] = 3;
	fake.results[1] = 1;
	assert_int_equal(announce(state, 5), 0);
	assert_int_equal(fake.sent, 10);
	assert_int_equal(fake.calls, 3);
}

static void full_queue_is_waited_for(void **state)
{
	fake.results[0] = -ENOBUFS;
	fake.results[1] = 4;
	fake.results[2] = -EAGAIN;
	fake.results[3] = -ENOBUFS;
	assert_int_equal(announce(state, 5), 0);
	assert_int_equal(fake.sent, 10);
	assert_int_equal(fake.calls, 5);
	/* Each time at least a millisecond: no busy loop. */
	assert_true(fake.now_ms >= 1000003);
}

static void queue_stays_full(void **state)
{
	fake.sys.sendmmsg = fake_sendmmsg;
	for (size_t i = 0; i < FAKE_RESULTS_MAX; i++)
		fake.results[i] = -ENOBUFS;
	struct haops_announcement what = announcement(state, 1, "192.0.2.9");

	assert_int_equal(haops_arp_announce(*state, &what, haops_deadline_after(*state, 5)),
			 -ETIMEDOUT);
	assert_int_equal(fake.sent, 0);
	assert_string_equal(haops_ctx_error(*state), "cannot announce on eth7 in time: its queue "
						     "is full, not all was sent");
}

static void failures_have_their_codes(void **state)
{
	static const int codes[][2] = {{-ENETDOWN, -ENETDOWN}, {-ENXIO, -ENODEV},
				       {-ENODEV, -ENODEV},     {-EPERM, -EPERM},
				       {-EACCES, -EPERM},      {-EMSGSIZE, -EIO},
				       {-ENOMEM, -EIO}};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		fake.calls = 0;
		fake.results[0] = codes[i][0];
		assert_int_equal(announce(state, 1), codes[i][1]);
	}
	assert_int_equal(fake.sent, 0);
	fake.socket_code = -EPERM;
	fake.netns = 0; /* not to use the open one again */
	assert_int_equal(announce(state, 1), -EPERM);
	assert_string_equal(haops_ctx_error(*state), "cannot announce on eth7: not allowed, run as "
						     "root (CAP_NET_RAW)");
	fake.socket_code = -EMFILE;
	assert_int_equal(announce(state, 1), -EIO);
}

static void link_decides(void **state)
{
	fake.flags = IFF_UP;
	assert_int_equal(announce(state, 1), -ENETDOWN);
	assert_string_equal(haops_ctx_error(*state), "cannot announce on eth7: the interface has "
						     "no carrier, check its cable");
	fake.flags = IFF_LOWER_UP;
	assert_int_equal(announce(state, 1), -ENETDOWN);
	fake.flags = IFF_UP | IFF_LOWER_UP | IFF_NOARP;
	assert_int_equal(announce(state, 1), -EOPNOTSUPP);
	fake.flags = IFF_UP | IFF_LOWER_UP | IFF_LOOPBACK;
	assert_int_equal(announce(state, 1), -EOPNOTSUPP);
	fake.flags = IFF_UP | IFF_LOWER_UP;
	fake.type = ARPHRD_TUNNEL;
	assert_int_equal(announce(state, 1), -EOPNOTSUPP);
	fake.type = ARPHRD_INFINIBAND;
	assert_int_equal(announce(state, 1), -EOPNOTSUPP);
	fake.mac_len = 20;
	assert_int_equal(announce(state, 1), 0);
	fake.link_code = -ENODEV;
	assert_int_equal(announce(state, 1), -ENODEV);
	fake.link_code = -ENOBUFS;
	assert_int_equal(announce(state, 1), -EIO);
}

static void routers_say_so(void **state)
{
	struct haops_announcement what = announcement(state, 1, "2001:db8::9");
	int64_t deadline_ms = haops_deadline_after(*state, 100);

	fake.forwarding = "1";
	assert_int_equal(haops_arp_announce(*state, &what, deadline_ms), 0);
	assert_true(fake.is_router_sent);
	fake.forwarding = "0";
	assert_int_equal(haops_arp_announce(*state, &what, deadline_ms), 0);
	assert_false(fake.is_router_sent);
	fake.forwarding = NULL;
	assert_int_equal(haops_arp_announce(*state, &what, deadline_ms), 0);
	assert_false(fake.is_router_sent);
}

static void socket_is_shared_within_a_namespace(void **state)
{
	assert_int_equal(announce(state, 1), 0);
	assert_int_equal(announce(state, 1), 0);
	assert_int_equal(fake.packet_sockets, 1);
	fake.netns++;
	assert_int_equal(announce(state, 1), 0);
	assert_int_equal(fake.packet_sockets, 2);
	fake.netns = 0;
	assert_int_equal(announce(state, 1), 0);
	assert_int_equal(announce(state, 1), 0);
	assert_int_equal(fake.packet_sockets, 4);
}

static void nonsense_is_refused(void **state)
{
	struct haops_announcement what = announcement(state, 1, "192.0.2.9");

	assert_int_equal(haops_arp_announce(NULL, &what, 0), -EINVAL);
	assert_int_equal(haops_arp_announce(*state, NULL, 0), -EINVAL);
	what.count = 0;
	assert_int_equal(haops_arp_announce(*state, &what, 0), -EINVAL);
	assert_string_equal(haops_ctx_error(*state),
			    "announcement: there must be 1 to 4096 addresses");
	assert_int_equal(fake.packet_sockets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_WIRE(few_calls_for_many),
		TEST_WIRE(what_was_not_taken_is_sent_again),
		TEST_WIRE(full_queue_is_waited_for),
		TEST_WIRE(queue_stays_full),
		TEST_WIRE(failures_have_their_codes),
		TEST_WIRE(link_decides),
		TEST_WIRE(routers_say_so),
		TEST_WIRE(socket_is_shared_within_a_namespace),
		TEST_WIRE(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
