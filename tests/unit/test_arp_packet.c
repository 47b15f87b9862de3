/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP and neighbour discovery packets against bytes that were put together by hand from the RFCs
 * (the checksums by another program), and the reader of ARP messages. */
#include "unit.h"

#include "arp-packet.h"

#include <net/if_arp.h>
#include <stdio.h>

#include <linux/if_ether.h>

static const struct arp_hw ether = {
	.type = ARPHRD_ETHER,
	.len = 6,
	.mac = {0x02, 0, 0, 0, 0, 0x01},
	.broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
};

static const struct arp_hw infiniband = {
	.type = ARPHRD_INFINIBAND,
	.len = 20,
	.mac = {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
		0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93},
	.broadcast = {0x00, 0xff, 0xff, 0xff, 0xff, 0x12, 0x40, 0x1b, 0x80, 0x07,
		      0,    0,	  0,	0,    0,    0,	  0xff, 0xff, 0xff, 0xff},
};

static const uint8_t peer_mac[] = {0x02, 0, 0, 0, 0, 0xfe};

static struct haops_addr addr_of(void **state, const char *text)
{
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(*state, text, &addr), 0);
	return addr;
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[2 * ARP_PACKET_MAX + 1] = "";

	for (size_t i = 0; i < len; i++)
		(void)snprintf(text + 2 * i, sizeof(text) - 2 * i, "%02x", bytes[i]);
	assert_string_equal(text, hex);
}

static void assert_packet(const struct arp_packet *packet, uint16_t protocol, const char *dest,
			  const char *data)
{
	assert_int_equal(packet->protocol, protocol);
	assert_hex(packet->dest, packet->dest_len, dest);
	assert_hex(packet->data, packet->len, data);
}

static void arp_announcements(void **state)
{
	struct haops_addr addr = addr_of(state, "192.0.2.9");
	struct arp_packet packet;

	arp_packet_request(&ether, &addr, &packet);
	assert_packet(&packet, ETH_P_ARP, "ffffffffffff",
		      "0001080006040001"
		      "020000000001c0000209"
		      "000000000000c0000209");
	arp_packet_reply(&ether, &addr, &packet);
	assert_packet(&packet, ETH_P_ARP, "ffffffffffff",
		      "0001080006040002"
		      "020000000001c0000209"
		      "020000000001c0000209");
}

static void arp_questions(void **state)
{
	struct haops_addr addr = addr_of(state, "192.0.2.9");
	struct haops_addr target = addr_of(state, "192.0.2.1");
	struct arp_packet packet;

	arp_packet_probe(&ether, &addr, &packet);
	assert_packet(&packet, ETH_P_ARP, "ffffffffffff",
		      "0001080006040001"
		      "02000000000100000000"
		      "000000000000c0000209");
	arp_packet_ask(&ether, &addr, &target, NULL, &packet);
	assert_packet(&packet, ETH_P_ARP, "ffffffffffff",
		      "0001080006040001"
		      "020000000001c0000209"
		      "000000000000c0000201");
	arp_packet_ask(&ether, &addr, &target, peer_mac, &packet);
	assert_packet(&packet, ETH_P_ARP, "0200000000fe",
		      "0001080006040001"
		      "020000000001c0000209"
		      "000000000000c0000201");
}

static void arp_on_infiniband(void **state)
{
	struct haops_addr addr = addr_of(state, "192.0.2.9");
	struct arp_packet packet;

	arp_packet_request(&infiniband, &addr, &packet);
	assert_packet(&packet, ETH_P_ARP, "00ffffffff12401b8007000000000000ffffffff",
		      "0020080014040001"
		      "808182838485868788898a8b8c8d8e8f90919293c0000209"
		      "0000000000000000000000000000000000000000c0000209");
	arp_packet_reply(&infiniband, &addr, &packet);
	assert_packet(&packet, ETH_P_ARP, "00ffffffff12401b8007000000000000ffffffff",
		      "0020080014040002"
		      "808182838485868788898a8b8c8d8e8f90919293c0000209"
		      "808182838485868788898a8b8c8d8e8f90919293c0000209");
}

static void advertisements(void **state)
{
	struct haops_addr addr = addr_of(state, "2001:db8::9");
	struct haops_addr carry = addr_of(state, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff1");
	struct arp_hw ones = ether;
	struct arp_packet packet;

	arp_packet_na(&ether, &addr, false, &packet);
	assert_packet(&packet, ETH_P_IPV6, "333300000001",
		      "6000000000203aff20010db8000000000000000000000009ff02000000000000"
		      "00000000000000018800f91a2000000020010db8000000000000000000000009"
		      "0201020000000001");
	arp_packet_na(&ether, &addr, true, &packet);
	assert_packet(&packet, ETH_P_IPV6, "333300000001",
		      "6000000000203aff20010db8000000000000000000000009ff02000000000000"
		      "00000000000000018800791aa000000020010db8000000000000000000000009"
		      "0201020000000001");
	/* Carries run through the whole sum. */
	memset(ones.mac, 0xff, 6);
	arp_packet_na(&ones, &carry, false, &packet);
	assert_packet(&packet, ETH_P_IPV6, "333300000001",
		      "6000000000203afffffffffffffffffffffffffffffffff1ff02000000000000"
		      "0000000000000001880056bc20000000fffffffffffffffffffffffffffffff1"
		      "0201ffffffffffff");
}

static void advertisement_on_infiniband(void **state)
{
	struct haops_addr addr = addr_of(state, "2001:db8::9");
	struct arp_packet packet;

	arp_packet_na(&infiniband, &addr, false, &packet);
	assert_packet(&packet, ETH_P_IPV6, "00ffffffff12601b800700000000000000000001",
		      "6000000000303aff20010db8000000000000000000000009ff02000000000000"
		      "000000000000000188009ba02000000020010db8000000000000000000000009"
		      "02030000808182838485868788898a8b8c8d8e8f90919293");
}

static void solicitations(void **state)
{
	struct haops_addr addr = addr_of(state, "2001:db8::9");
	struct haops_addr target = addr_of(state, "2001:db8::1234:5678");
	struct arp_packet packet;

	arp_packet_ns(&ether, &addr, &target, NULL, &packet);
	assert_packet(&packet, ETH_P_IPV6, "3333ff345678",
		      "6000000000203aff20010db8000000000000000000000009ff02000000000000"
		      "00000001ff34567887005cca0000000020010db8000000000000000012345678"
		      "0101020000000001");
	arp_packet_ns(&ether, &addr, &target, peer_mac, &packet);
	assert_packet(&packet, ETH_P_IPV6, "0200000000fe",
		      "6000000000203aff20010db800000000000000000000000920010db800000000"
		      "000000001234567887001b160000000020010db8000000000000000012345678"
		      "0101020000000001");
}

static void solicitation_without_our_address(void **state)
{
	struct haops_addr target = addr_of(state, "2001:db8::1234:5678");
	struct arp_packet packet;

	arp_packet_ns_probe(&ether, &target, &packet);
	assert_packet(&packet, ETH_P_IPV6, "3333ff345678",
		      "6000000000183aff00000000000000000000000000000000ff02000000000000"
		      "00000001ff34567887008d960000000020010db8000000000000000012345678");
}

static void advertisement_is_read(void **state)
{
	struct haops_addr addr = addr_of(state, "2001:db8::9");
	struct arp_packet packet;
	struct haops_addr target;
	uint8_t padded[ARP_PACKET_MAX + 8] = {0};
	uint8_t mac[6] = {0};

	arp_packet_na(&ether, &addr, true, &packet);
	assert_true(arp_packet_parse_na(packet.data, packet.len, &target, mac));
	assert_int_equal(haops_addr_cmp(&target, &addr), 0);
	assert_memory_equal(mac, ether.mac, 6);
	memcpy(padded, packet.data, packet.len);
	assert_true(arp_packet_parse_na(padded, sizeof(padded), &target, mac));
	/* An option before it, and one that has no length. */
	memcpy(padded + 72, padded + 64, 8);
	memcpy(padded + 64, (uint8_t[]){14, 1}, 2);
	padded[5] = 40;
	assert_true(arp_packet_parse_na(padded, sizeof(padded), &target, mac));
	padded[65] = 0;
	assert_false(arp_packet_parse_na(padded, sizeof(padded), &target, mac));
}

static void is_no_advertisement(void **state)
{
	/* Each byte that makes it another packet: a version, header, router, type, code, option. */
	static const uint8_t wrong[][2] = {{0, 0x40}, {6, 17}, {7, 254}, {40, 135}, {41, 1},
					   {64, 1},   {65, 2}, {65, 0},	 {5, 24},   {4, 1}};
	struct haops_addr addr = addr_of(state, "2001:db8::9");
	struct haops_addr target = {.family = 77};
	struct arp_packet packet;
	uint8_t mac[6] = {77};

	arp_packet_na(&ether, &addr, false, &packet);
	for (size_t len = 0; len < packet.len; len++)
		assert_false(arp_packet_parse_na(packet.data, len, &target, mac));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arp_packet other = packet;

		other.data[wrong[i][0]] = wrong[i][1];
		assert_false(arp_packet_parse_na(other.data, other.len, &target, mac));
	}
	arp_packet_na(&infiniband, &addr, false, &packet);
	assert_false(arp_packet_parse_na(packet.data, packet.len, &target, mac));
	assert_int_equal(target.family, 77);
	assert_int_equal(mac[0], 77);
}

static const uint8_t reply[46] = {0,   1, 8, 0, 6, 4, 0, 2, 2, 0, 0,   0, 0, 0xfe,
				  192, 0, 2, 9, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1};

static void is_read(void **state)
{
	struct haops_addr sender = addr_of(state, "192.0.2.9");
	struct haops_addr target = addr_of(state, "192.0.2.1");
	struct arp_message message;

	assert_true(arp_packet_parse(reply, sizeof(reply), &message));
	assert_true(arp_packet_parse(reply, 28, &message));
	assert_int_equal(message.op, ARPOP_REPLY);
	assert_memory_equal(message.sender_mac, peer_mac, 6);
	assert_int_equal(haops_addr_cmp(&message.sender, &sender), 0);
	assert_int_equal(haops_addr_cmp(&message.target, &target), 0);
}

static void is_no_arp(void **state)
{
	/* Each byte of the head that makes it another message. */
	static const uint8_t wrong[][2] = {{0, 1},  {1, 6}, {2, 0}, {3, 6}, {4, 20},
					   {5, 16}, {6, 1}, {7, 0}, {7, 3}, {7, 8}};
	struct arp_message message = {.op = 77};

	(void)state;
	for (size_t len = 0; len < 28; len++)
		assert_false(arp_packet_parse(reply, len, &message));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		uint8_t data[28];

		memcpy(data, reply, sizeof(data));
		data[wrong[i][0]] = wrong[i][1];
		assert_false(arp_packet_parse(data, sizeof(data), &message));
	}
	assert_int_equal(message.op, 77);
}

static struct arp_message message_of(void **state, uint16_t op, const char *sender,
				     const char *target)
{
	struct arp_message message = {
		.op = op,
		.sender = addr_of(state, sender),
		.target = addr_of(state, target),
	};

	memcpy(message.sender_mac, peer_mac, sizeof(peer_mac));
	return message;
}

static void claims(void **state)
{
	struct haops_addr ours = addr_of(state, "192.0.2.9");
	struct haops_addr claimed;
	struct arp_message message = message_of(state, ARPOP_REPLY, "192.0.2.9", "192.0.2.1");

	assert_true(arp_packet_claims(&message, &ether, &claimed));
	assert_int_equal(haops_addr_cmp(&claimed, &ours), 0);
	message = message_of(state, ARPOP_REQUEST, "192.0.2.9", "192.0.2.1");
	assert_true(arp_packet_claims(&message, &ether, &claimed));
	assert_int_equal(haops_addr_cmp(&claimed, &ours), 0);
	/* Another one that probes for it. */
	message = message_of(state, ARPOP_REQUEST, "0.0.0.0", "192.0.2.9");
	assert_true(arp_packet_claims(&message, &ether, &claimed));
	assert_int_equal(haops_addr_cmp(&claimed, &ours), 0);
	/* Who only asks for it does not have it. */
	message = message_of(state, ARPOP_REQUEST, "192.0.2.1", "192.0.2.9");
	assert_true(arp_packet_claims(&message, &ether, &claimed));
	assert_int_not_equal(haops_addr_cmp(&claimed, &ours), 0);
	message = message_of(state, ARPOP_REPLY, "0.0.0.0", "192.0.2.9");
	assert_false(arp_packet_claims(&message, &ether, &claimed));
	/* Our own, come back through a switch. */
	message = message_of(state, ARPOP_REQUEST, "192.0.2.9", "192.0.2.9");
	memcpy(message.sender_mac, ether.mac, 6);
	assert_false(arp_packet_claims(&message, &ether, &claimed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(arp_announcements),
		TEST_CTX(arp_questions),
		TEST_CTX(arp_on_infiniband),
		TEST_CTX(advertisements),
		TEST_CTX(solicitations),
		TEST_CTX(solicitation_without_our_address),
		TEST_CTX(advertisement_is_read),
		TEST_CTX(is_no_advertisement),
		TEST_CTX(advertisement_on_infiniband),
		TEST_CTX(is_read),
		TEST_CTX(is_no_arp),
		TEST_CTX(claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
