/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The duplicate probe on a fake wire: who answers when, what is no answer, and what is unknown. */
#include "fake_wire.h"

#include <haops/arp.h>

#define START_MS 1000000

static struct haops_addr addrs[3]; /* 192.0.2.8, 2001:db8::9, 192.0.2.9 */
static const struct haops_arp_probe_spec usual = {
	.ifindex = FAKE_IFINDEX,
	.addrs = addrs,
	.addr_count = 3,
	.count = 3,
	.interval_ms = 1000,
	.wait_ms = 2000,
};

static bool has_conflict;
static struct haops_arp_conflict conflict;

static int setup(void **state)
{
	int r = setup_wire(state);

	has_conflict = true;
	conflict = (struct haops_arp_conflict){.mac = {9}};
	if (r == 0)
		r = haops_addr_parse(*state, "192.0.2.8", &addrs[0]);
	if (r == 0)
		r = haops_addr_parse(*state, "2001:db8::9", &addrs[1]);
	return r == 0 ? haops_addr_parse(*state, "192.0.2.9", &addrs[2]) : r;
}

static int probe(void **state, const struct haops_arp_probe_spec *how, int64_t timeout_ms)
{
	return haops_arp_probe(*state, how, haops_deadline_after(*state, timeout_ms), &has_conflict,
			       &conflict);
}

/* A message of 02:..:fe after some time. sender, target: last bytes of the addresses, 0 for none.
 */
static void will_come(int64_t after_ms, uint8_t op, uint8_t sender, uint8_t target)
{
	static const uint8_t head[] = {0, 1, 8, 0, 6, 4, 0, 0, 2, 0, 0, 0, 0, 0xfe};
	struct fake_frame *frame = &fake.frames[fake.frame_count++];

	frame->at_ms = START_MS + after_ms;
	memcpy(frame->data, head, sizeof(head));
	frame->data[7] = op;
	if (sender)
		memcpy(frame->data + 14, (uint8_t[]){192, 0, 2, sender}, 4);
	if (target)
		memcpy(frame->data + 24, (uint8_t[]){192, 0, 2, target}, 4);
}

static void nobody_answers(void **state)
{
	static const int64_t due_ms[] = {0, 0, 1000, 1000, 2000, 2000};

	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_false(has_conflict);
	assert_int_equal(conflict.mac[0], 9);
	assert_int_equal(fake.sent, 6);
	for (size_t i = 0; i < ARRAY_LEN(due_ms); i++)
		assert_int_equal(fake.sent_ms[i], START_MS + due_ms[i]);
	assert_int_equal(fake.now_ms, START_MS + 4000);
}

static void somebody_answers(void **state)
{
	will_come(1500, ARPOP_REPLY, 9, 0);
	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_true(has_conflict);
	assert_int_equal(haops_addr_cmp(&conflict.addr, &addrs[2]), 0);
	assert_memory_equal(conflict.mac, ((uint8_t[]){2, 0, 0, 0, 0, 0xfe}), 6);
	assert_int_equal(fake.now_ms, START_MS + 1500);
	assert_int_equal(fake.sent, 4);
}

static void somebody_uses_it(void **state)
{
	will_come(10, ARPOP_REQUEST, 8, 1);
	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_true(has_conflict);
	assert_int_equal(haops_addr_cmp(&conflict.addr, &addrs[0]), 0);
}

static void somebody_probes_for_it(void **state)
{
	will_come(3999, ARPOP_REQUEST, 0, 9);
	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_true(has_conflict);
	assert_int_equal(haops_addr_cmp(&conflict.addr, &addrs[2]), 0);
}

static void others_are_no_conflict(void **state)
{
	will_come(10, ARPOP_REPLY, 7, 9);
	will_come(20, ARPOP_REQUEST, 1, 9);
	will_come(30, ARPOP_REQUEST, 0, 7);
	will_come(40, ARPOP_REPLY, 0, 9);
	/* What we sent ourselves. */
	will_come(50, ARPOP_REQUEST, 0, 9);
	fake.frames[4].data[13] = 1;
	/* No ARP for IPv4. */
	will_come(60, ARPOP_REPLY, 9, 0);
	fake.frames[5].data[3] = 6;
	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_false(has_conflict);
	assert_int_equal(fake.frame_next, 6);
}

static void other_vlan_is_another_network(void **state)
{
	will_come(10, ARPOP_REQUEST, 9, 1);
	fake.frames[0].pkttype = PACKET_OTHERHOST;
	assert_int_equal(probe(state, &usual, 4000), 0);
	assert_false(has_conflict);
	assert_int_equal(fake.frame_next, 1);
}

static void lost_carrier_is_no_silence(void **state)
{
	fake.flap_ms = START_MS + 1500;
	assert_int_equal(probe(state, &usual, 4000), -ENETDOWN);
	assert_true(has_conflict); /* untouched */
	assert_non_null(strstr(haops_ctx_error(*state), "the carrier was lost meanwhile"));
}

static void flood_ends(void **state)
{
	will_come(10, ARPOP_REPLY, 7, 9);
	fake.is_flood = true;
	assert_int_equal(probe(state, &usual, 4000), -EIO);
}

static void unknown_is_no_answer(void **state)
{
	fake.drops = 2;
	assert_int_equal(probe(state, &usual, 4000), -EIO);
	assert_true(has_conflict); /* untouched */
	assert_int_equal(conflict.mac[0], 9);
	fake.drops = 0;
	fake.receive_code = -ENETDOWN;
	assert_int_equal(probe(state, &usual, 4000), -ENETDOWN);
	fake.receive_code = 0;
	fake.filter_code = -ENOMEM;
	assert_int_equal(probe(state, &usual, 4000), -EIO);
	fake.filter_code = 0;
	fake.bind_code = -ENODEV;
	assert_int_equal(probe(state, &usual, 4000), -ENODEV);
	fake.bind_code = 0;
	fake.results[fake.calls] = -ENETDOWN;
	assert_int_equal(probe(state, &usual, 4000), -ENETDOWN);
	fake.socket_code = -EPERM;
	assert_int_equal(probe(state, &usual, 4000), -EPERM);
	fake.flags = IFF_UP;
	assert_int_equal(probe(state, &usual, 4000), -ENETDOWN);
	fake.flags |= IFF_NOARP;
	assert_int_equal(probe(state, &usual, 4000), -EOPNOTSUPP);
	fake.link_code = -ENODEV;
	assert_int_equal(probe(state, &usual, 4000), -ENODEV);
	assert_true(has_conflict);
}

static void time_must_suffice(void **state)
{
	assert_int_equal(probe(state, &usual, 3999), -ETIMEDOUT);
	assert_string_equal(haops_ctx_error(*state),
			    "probe on eth7: it takes 4000 ms and only 3999 ms are left");
	assert_int_equal(fake.now_ms, START_MS);
	assert_int_equal(fake.sent, 0);
}

static void only_ethernet_is_asked(void **state)
{
	fake.type = ARPHRD_INFINIBAND;
	fake.mac_len = 20;
	assert_int_equal(probe(state, &usual, 4000), -EOPNOTSUPP);
	assert_int_equal(fake.sent, 0);
}

static void ipv6_is_passed_over(void **state)
{
	struct haops_arp_probe_spec how = usual;

	how.addrs = &addrs[1];
	how.addr_count = 1;
	assert_int_equal(probe(state, &how, 0), 0);
	assert_false(has_conflict);
	assert_int_equal(fake.now_ms, START_MS);
	assert_int_equal(fake.packet_sockets, 0);
}

static void assert_refused(void **state, struct haops_arp_probe_spec how)
{
	assert_int_equal(probe(state, &how, 30000), -EINVAL);
}

static void nonsense_is_refused(void **state)
{
	struct haops_arp_probe_spec how = usual;
	bool place;

	how.ifindex = 0;
	assert_refused(state, how);
	how = usual;
	how.addr_count = 4097;
	assert_refused(state, how);
	how.addr_count = 0;
	assert_refused(state, how);
	how = usual;
	how.addrs = NULL;
	assert_refused(state, how);
	how = usual;
	how.count = 0;
	assert_refused(state, how);
	how.count = 11;
	assert_refused(state, how);
	how = usual;
	how.interval_ms = 9;
	assert_refused(state, how);
	how = usual;
	how.wait_ms = 10001;
	assert_refused(state, how);
	addrs[0].bytes[0] = 224;
	assert_refused(state, usual);
	assert_int_equal(haops_arp_probe(*state, NULL, 0, &has_conflict, &conflict), -EINVAL);
	assert_int_equal(haops_arp_probe(*state, &usual, 0, NULL, &conflict), -EINVAL);
	assert_int_equal(haops_arp_probe(*state, &usual, 0, &place, NULL), -EINVAL);
	assert_int_equal(haops_arp_probe(NULL, &usual, 0, &place, &conflict), -EINVAL);
	assert_int_equal(fake.packet_sockets, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown_ctx)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(other_vlan_is_another_network),
		TEST(lost_carrier_is_no_silence),
		TEST(flood_ends),
		TEST(nobody_answers),
		TEST(somebody_answers),
		TEST(somebody_uses_it),
		TEST(somebody_probes_for_it),
		TEST(others_are_no_conflict),
		TEST(unknown_is_no_answer),
		TEST(time_must_suffice),
		TEST(only_ethernet_is_asked),
		TEST(ipv6_is_passed_over),
		TEST(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
