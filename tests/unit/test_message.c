/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daemons say to each other: there and back, mixed versions, rubbish. */
#include "heart/message.h"

#include "unit.h"

#include <stdio.h>

static struct message full_heartbeat(void)
{
	struct message message = {.type = MESSAGE_HEARTBEAT};
	struct message_heartbeat *beat = &message.heartbeat;

	beat->seq = UINT64_MAX;
	beat->keepalive_ms = 1000;
	beat->deadtime_ms = 30000;
	beat->config_hash = UINT32_MAX;
	beat->disk_age_ms = UINT32_MAX;
	beat->lag_ms = 255;
	beat->has_carrier = true;
	beat->pings_up = 256;
	beat->pings_total = UINT16_MAX;
	beat->is_paused = true;
	beat->silent_count = MESSAGE_NODES_MAX;
	for (uint32_t i = 0; i < MESSAGE_NODES_MAX; i++)
		beat->silent[i] = i * 33554432;
	(void)snprintf(beat->version, sizeof(beat->version), "0.1.0-with-a-name-of-31-bytes-");
	return message;
}

static struct message full_outdate(enum message_type type)
{
	struct message message = {.type = type};

	message.outdate.id = UINT64_C(0x0123456789abcdef);
	message.outdate.nodeid = 3;
	message.outdate.result = -5;
	memset(message.outdate.resource, 'r', MESSAGE_TEXT_MAX - 1);
	memset(message.outdate.text, 't', MESSAGE_TEXT_MAX - 1);
	return message;
}

static void check_there_and_back(const struct message *message)
{
	uint8_t buf[MESSAGE_BYTES_MAX];
	struct message back;
	int len = message_encode(message, buf, sizeof(buf));

	assert_true(len >= 2);
	assert_int_equal(message_decode(buf, (size_t)len, &back), 0);
	assert_int_equal(back.type, message->type);
	if (message->type == MESSAGE_HEARTBEAT)
		assert_memory_equal(&back.heartbeat, &message->heartbeat, sizeof(back.heartbeat));
	else if (message->type != MESSAGE_GOODBYE)
		assert_memory_equal(&back.outdate, &message->outdate, sizeof(back.outdate));
	/* A buffer that is too small by any number of bytes is not written beyond. */
	for (size_t size = 0; size < (size_t)len; size++) {
		uint8_t *small = malloc(size ? size : 1);

		assert_non_null(small);
		assert_int_equal(message_encode(message, small, size), -EMSGSIZE);
		free(small);
	}
}

static void all_that_is_said_arrives(void **state)
{
	struct message small = {.type = MESSAGE_HEARTBEAT, .heartbeat = {.seq = 1}};
	struct message goodbye = {.type = MESSAGE_GOODBYE};
	struct message messages[4] = {full_heartbeat(), full_outdate(MESSAGE_OUTDATE_ASK),
				      full_outdate(MESSAGE_OUTDATE_ANSWER), goodbye};

	(void)state;
	memset(&messages[0].heartbeat.version, 0, sizeof(messages[0].heartbeat.version));
	memcpy(messages[0].heartbeat.version, "0.1.0", 5);
	for (size_t i = 0; i < 4; i++)
		check_there_and_back(&messages[i]);
	check_there_and_back(&small);
}

static void a_usual_heartbeat_is_small(void **state)
{
	struct message message = {.type = MESSAGE_HEARTBEAT,
				  .heartbeat = {.seq = 100000,
						.keepalive_ms = 1000,
						.deadtime_ms = 30000,
						.config_hash = 0x12345678,
						.disk_age_ms = 2000,
						.has_carrier = true,
						.pings_up = 1,
						.pings_total = 1,
						.version = "0.1.0"}};
	uint8_t buf[MESSAGE_BYTES_MAX];

	(void)state;
	assert_true(message_encode(&message, buf, sizeof(buf)) <= 80);
}

static void every_cut_is_rubbish_or_less(void **state)
{
	struct message message = full_heartbeat(), back;
	uint8_t buf[MESSAGE_BYTES_MAX];
	int len = message_encode(&message, buf, sizeof(buf));

	(void)state;
	for (size_t cut = 0; cut < (size_t)len; cut++) {
		int r = message_decode(buf, cut, &back);

		/* At the end of a field it is a message that says less. */
		assert_true(r == -EBADMSG || (r == 0 && back.heartbeat.seq == UINT64_MAX));
	}
}

static void fields_of_later_versions_are_passed_over(void **state)
{
	static const uint8_t data[] = {1,    0,	   50, 0, 3, 0, 1, 2, 3, /* unknown field 50 */
				       1,    0,	   1,  0, 7,		 /* seq 7 in one byte */
				       0xff, 0xff, 0,  0,		 /* unknown, empty, twice */
				       0xff, 0xff, 0,  0};
	struct message message;

	(void)state;
	assert_int_equal(message_decode(data, sizeof(data), &message), 0);
	assert_int_equal(message.heartbeat.seq, 7);
	assert_int_equal(message.heartbeat.keepalive_ms, 0);
}

static void types_of_later_versions_are_not_for_us(void **state)
{
	static const uint8_t later[] = {5, 0, 1, 2, 3}, latest[] = {0xff, 0xff};
	struct message message;

	(void)state;
	assert_int_equal(message_decode(later, sizeof(later), &message), -EPROTONOSUPPORT);
	assert_int_equal(message_decode(latest, sizeof(latest), &message), -EPROTONOSUPPORT);
}

static void rubbish_is_refused(void **state)
{
	static const struct {
		size_t len;
		uint8_t data[24];
	} rows[] = {
		{0, {0}},
		{1, {1}},
		{2, {0, 0}},		    /* no type */
		{2, {1, 0}},		    /* a heartbeat without a number */
		{7, {1, 0, 1, 0, 1, 0, 0}}, /* number 0 */
		{6, {1, 0, 1, 0, 1, 0}},    /* cut */
		{5, {1, 0, 1, 0, 1}},	    /* cut in the header */
		{6, {1, 0, 1, 0, 0, 0}},    /* a number of no bytes */
		{15, {1, 0, 1, 0, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}},	/* and of nine */
		{12, {1, 0, 1, 0, 1, 0, 5, 1, 0, 1, 0, 5}},		/* the same field twice */
		{16, {1, 0, 1, 0, 1, 0, 5, 2, 0, 5, 0, 0, 0, 0, 0, 1}}, /* over 32 bits */
		{14, {1, 0, 1, 0, 1, 0, 5, 8, 0, 3, 0, 0, 0, 1}},	/* over 16 bits */
		{12, {1, 0, 1, 0, 1, 0, 5, 7, 0, 1, 0, 2}},		/* neither true nor false */
		{14, {1, 0, 1, 0, 1, 0, 5, 11, 0, 3, 0, 1, 1, 1}}, /* three quarters of a node */
		{12, {1, 0, 1, 0, 1, 0, 5, 12, 0, 1, 0, 27}},	   /* a control character */
		{12, {1, 0, 1, 0, 1, 0, 5, 12, 0, 1, 0, 0}},	   /* a NUL */
		{12, {3, 0, 33, 0, 1, 0, 3, 32, 0, 1, 0, 1}},	   /* asks for no resource */
		{7, {3, 0, 34, 0, 1, 0, 'r'}},			   /* asks nobody */
	};
	struct message message;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(message_decode(rows[i].data, rows[i].len, &message), -EBADMSG);
}

static void texts_that_are_too_long_are_refused(void **state)
{
	uint8_t data[600] = {4, 0, 36, 0};
	struct message message;

	(void)state;
	memset(data + 6, 'x', sizeof(data) - 6);
	data[4] = 255;
	assert_int_equal(message_decode(data, 6 + 255, &message), 0);
	assert_int_equal(strlen(message.outdate.text), 255);
	data[4] = 0;
	data[5] = 1;
	assert_int_equal(message_decode(data, 6 + 256, &message), -EBADMSG);
}

static void texts_become_one_line(void **state)
{
	struct message message = {.type = MESSAGE_OUTDATE_ANSWER}, back;
	uint8_t buf[MESSAGE_BYTES_MAX];
	int len;

	(void)state;
	(void)snprintf(message.outdate.text, sizeof(message.outdate.text),
		       "a\nb\tc\x7f"
		       "d \xc3\xa4");
	len = message_encode(&message, buf, sizeof(buf));
	assert_int_equal(message_decode(buf, (size_t)len, &back), 0);
	assert_string_equal(back.outdate.text, "a b c d \xc3\xa4");
}

static void too_many_silent_nodes_are_refused(void **state)
{
	uint8_t data[7 + 4 + 4 * (MESSAGE_NODES_MAX + 1)] = {1, 0, 1, 0, 1, 0, 5, 11, 0};
	struct message message;

	(void)state;
	data[9] = (4 * MESSAGE_NODES_MAX) & 0xff;
	data[10] = (4 * MESSAGE_NODES_MAX) >> 8;
	assert_int_equal(message_decode(data, sizeof(data) - 4, &message), 0);
	assert_int_equal(message.heartbeat.silent_count, MESSAGE_NODES_MAX);
	data[9] = (4 * (MESSAGE_NODES_MAX + 1)) & 0xff;
	assert_int_equal(message_decode(data, sizeof(data), &message), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_said_arrives),
		cmocka_unit_test(a_usual_heartbeat_is_small),
		cmocka_unit_test(every_cut_is_rubbish_or_less),
		cmocka_unit_test(fields_of_later_versions_are_passed_over),
		cmocka_unit_test(types_of_later_versions_are_not_for_us),
		cmocka_unit_test(rubbish_is_refused),
		cmocka_unit_test(texts_that_are_too_long_are_refused),
		cmocka_unit_test(texts_become_one_line),
		cmocka_unit_test(too_many_silent_nodes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
