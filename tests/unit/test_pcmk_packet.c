/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets between haopsd and its Pacemaker helper. */

#include "unit.h"

#include "pcmk/packet.h"

#include <stdio.h>

static struct packet sample(void)
{
	struct packet packet = {.type = PACKET_REPORT, .id = 0x0102030405060708, .number = -5};

	packet_set_text(&packet, 0, "vip");
	packet_set_text(&packet, 1, "haops:IPaddr2");
	packet_set_text(&packet, 2, "address 192.0.2.1 was removed from eth0");
	return packet;
}

static void test_round_trip(void **state)
{
	struct packet packet = sample();
	struct packet decoded;
	uint8_t buf[PACKET_BYTES_MAX];
	int len = packet_encode(&packet, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(packet_decode(buf, (size_t)len, &decoded), 0);
	assert_int_equal(decoded.type, PACKET_REPORT);
	assert_true(decoded.id == packet.id && decoded.number == -5);
	for (size_t i = 0; i < PACKET_TEXTS; i++)
		assert_string_equal(decoded.text[i], packet.text[i]);
}

static void test_largest_fits(void **state)
{
	struct packet packet = {.type = PACKET_LOG};
	uint8_t buf[PACKET_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < PACKET_TEXTS; i++)
		memset(packet.text[i], 'x', PACKET_TEXT_MAX - 1);
	assert_true(packet_encode(&packet, buf, sizeof(buf)) > 0);
	packet.text[1][PACKET_TEXT_MAX - 1] = 'x';
	assert_int_equal(packet_encode(&packet, buf, sizeof(buf)), -EMSGSIZE);
}

static void test_every_length_is_checked(void **state)
{
	struct packet packet = sample();
	struct packet decoded = {.id = 42};
	uint8_t buf[PACKET_BYTES_MAX];
	int len = packet_encode(&packet, buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < (size_t)len; i++) {
		assert_int_equal(packet_decode(buf, i, &decoded), -EBADMSG);
		assert_int_equal(packet_encode(&packet, buf, i), -EMSGSIZE);
	}
	assert_int_equal(decoded.id, 42);
	buf[len] = 0;
	assert_int_equal(packet_decode(buf, (size_t)len + 1, &decoded), -EBADMSG);
}

static void test_rubbish(void **state)
{
	struct packet packet = sample();
	struct packet decoded;
	uint8_t buf[PACKET_BYTES_MAX];
	size_t len = (size_t)packet_encode(&packet, buf, sizeof(buf));

	(void)state;
	buf[0] ^= 1;
	assert_int_equal(packet_decode(buf, len, &decoded), -EBADMSG);
	buf[0] ^= 1;
	buf[26] = '\0'; /* inside the first text */
	assert_int_equal(packet_decode(buf, len, &decoded), -EBADMSG);
	buf[26] = 'v';
	buf[4] = 0;
	assert_int_equal(packet_decode(buf, len, &decoded), -EPROTONOSUPPORT);
	buf[4] = PACKET_WITHDRAW + 1;
	assert_int_equal(packet_decode(buf, len, &decoded), -EPROTONOSUPPORT);
}

static void test_texts_are_cleaned_and_cut(void **state)
{
	struct packet packet;
	char text[PACKET_TEXT_MAX + 10];

	(void)state;
	packet_set_text(&packet, 0, "a\nb\tc\x7f");
	assert_string_equal(packet.text[0], "a b c ");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	packet_set_text(&packet, 0, text);
	assert_int_equal(strlen(packet.text[0]), PACKET_TEXT_MAX - 1);
	/* "é", of which only the first byte would fit. */
	text[PACKET_TEXT_MAX - 2] = (char)0xc3;
	text[PACKET_TEXT_MAX - 1] = (char)0xa9;
	packet_set_text(&packet, 0, text);
	assert_int_equal(strlen(packet.text[0]), PACKET_TEXT_MAX - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_largest_fits),
		cmocka_unit_test(test_every_length_is_checked),
		cmocka_unit_test(test_rubbish),
		cmocka_unit_test(test_texts_are_cleaned_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
