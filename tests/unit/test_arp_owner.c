/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The question who has an IPv6 address on a fake wire: who answers, what is no answer, and its end.
 */
#include "fake_wire.h"

#include "arp-owner.h"
#include "arp-packet.h"

#define START_MS 1000000
#define WAIT_MS 300

static struct haops_addr addr;
static uint8_t mac[6];

static int setup(void **state)
{
	int r = setup_wire(state);

	memset(mac, 0, sizeof(mac));
	return r == 0 ? haops_addr_parse(*state, "2001:db8::9", &addr) : r;
}

static int find(void **state, int64_t timeout_ms)
{
	return arp_owner_find(*state, FAKE_IFINDEX, &addr, haops_deadline_after(*state, timeout_ms),
			      mac);
}

/* An advertisement of an address by 02:00:00:00:00:LAST after some time. */
static struct fake_frame *will_come(void **state, int64_t after_ms, const char *text, uint8_t last)
{
	const struct arp_hw hw = {.type = ARPHRD_ETHER, .len = 6, .mac = {2, [5] = last}};
	struct fake_frame *frame = &fake.frames[fake.frame_count++];
	struct arp_packet packet;
	struct haops_addr whose;

	assert_int_equal(haops_addr_parse(*state, text, &whose), 0);
	arp_packet_na(&hw, &whose, false, &packet);
	assert_int_equal(packet.len, sizeof(frame->data));
	memcpy(frame->data, packet.data, packet.len);
	frame->at_ms = START_MS + after_ms;
	return frame;
}

static void owner_answers(void **state)
{
	(void)will_come(state, 20, "2001:db8::9", 0xfe);
	assert_int_equal(find(state, 5000), 0);
	assert_int_equal(mac[5], 0xfe);
	assert_int_equal(fake.sent, 1);
	assert_int_equal(fake.now_ms, START_MS + 20);
}

static void nobody_answers(void **state)
{
	assert_int_equal(find(state, 5000), -ENOENT);
	assert_int_equal(fake.sent, 1);
	assert_int_equal(fake.now_ms, START_MS + WAIT_MS);
}

static void others_are_no_answer(void **state)
{
	(void)will_come(state, 10, "2001:db8::8", 0xfe);
	will_come(state, 20, "2001:db8::9", 0xfe)->pkttype = PACKET_OTHERHOST;
	will_come(state, 30, "2001:db8::9", 0xfe)->pkttype = PACKET_OUTGOING;
	/* What we sent ourselves. */
	(void)will_come(state, 40, "2001:db8::9", 1);
	will_come(state, 50, "2001:db8::9", 0xfe)->data[40] = 135;
	assert_int_equal(find(state, 5000), -ENOENT);
	assert_int_equal(fake.frame_next, 5);
	assert_int_equal(mac[5], 0);
}

static void flood_ends(void **state)
{
	(void)will_come(state, 0, "2001:db8::8", 0xfe);
	fake.is_flood = true;
	assert_int_equal(find(state, 5000), -ENOENT);
	assert_int_equal(fake.now_ms, START_MS + WAIT_MS);
}

static void deadline_of_the_caller_counts(void **state)
{
	assert_int_equal(find(state, 100), -ENOENT);
	assert_int_equal(fake.now_ms, START_MS + 100);
}

static void what_cannot_be_asked(void **state)
{
	fake.flags = IFF_UP;
	assert_int_equal(find(state, 5000), -ENETDOWN);
	fake.flags = IFF_UP | IFF_LOWER_UP;
	fake.socket_code = -EPERM;
	assert_int_equal(find(state, 5000), -EPERM);
	fake.socket_code = 0;
	fake.filter_code = -ENOMEM;
	assert_int_equal(find(state, 5000), -EIO);
	fake.filter_code = 0;
	fake.receive_code = -ENETDOWN;
	assert_int_equal(find(state, 5000), -ENETDOWN);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown_ctx)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(owner_answers),
		TEST(nobody_answers),
		TEST(others_are_no_answer),
		TEST(flood_ends),
		TEST(deadline_of_the_caller_counts),
		TEST(what_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
