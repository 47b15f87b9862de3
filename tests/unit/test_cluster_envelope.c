/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire format: what we write we read, what a later version appends is skipped, the rest is
 * refused. */
#include "unit.h"

#include "envelope.h"

static const struct envelope sample = {.kind = ENVELOPE_USER,
				       .incarnation = 0x1122334455667788,
				       .seq = 7,
				       .sent_ms = 123456789,
				       .body = "body",
				       .body_len = 4};

/* The sample as bytes; its length. */
static size_t make(uint8_t data[128])
{
	envelope_encode(&sample, data);
	memcpy(data + ENVELOPE_LEN, sample.body, sample.body_len);
	return ENVELOPE_LEN + sample.body_len;
}

static void test_bytes_are_as_documented(void **state)
{
	const uint8_t wanted[ENVELOPE_LEN] = {'H',  'a',  'o',	'C',  1, 1, 0,	  40,	0,    0,
					      0,    4,	  2,	0,    0, 0, 0x11, 0x22, 0x33, 0x44,
					      0x55, 0x66, 0x77, 0x88, 0, 0, 0,	  0,	0,    0,
					      0,    7,	  0,	0,    0, 0, 0x07, 0x5b, 0xcd, 0x15};
	uint8_t data[128];

	(void)state;
	(void)make(data);
	assert_memory_equal(data, wanted, sizeof(wanted));
}

static void test_reads_what_it_wrote(void **state)
{
	uint8_t data[128];
	size_t len = make(data);
	struct envelope got;

	(void)state;
	assert_int_equal(envelope_decode(data, len, &got), 0);
	assert_int_equal(got.kind, sample.kind);
	assert_true(got.incarnation == sample.incarnation && got.seq == sample.seq &&
		    got.sent_ms == sample.sent_ms);
	assert_int_equal(got.body_len, 4);
	assert_memory_equal(got.body, "body", 4);
}

static void test_later_header_is_skipped(void **state)
{
	uint8_t data[128] = {0};
	struct envelope got;

	(void)state;
	(void)make(data);
	data[4] = 9;  /* its version; it still speaks so that version 1 understands */
	data[7] = 48; /* and its header has 8 bytes more */
	data[12] = 77;
	memcpy(data + 48, "body", 4);
	assert_int_equal(envelope_decode(data, 52, &got), 0);
	assert_memory_equal(got.body, "body", 4);
	assert_int_equal(got.kind, 77);
}

static void test_asks_for_later_version(void **state)
{
	uint8_t data[128];
	size_t len = make(data);
	struct envelope got = {.seq = 99};

	(void)state;
	data[4] = data[5] = 2;
	data[7] = 3; /* whatever the rest is */
	assert_int_equal(envelope_decode(data, len, &got), -ENOTSUP);
	assert_true(got.seq == 99);
}

/* Each change of one byte that must make it rubbish. */
static void test_rubbish_is_refused(void **state)
{
	static const struct {
		unsigned int at;
		uint8_t value;
	} changes[] = {{0, 'h'}, {3, 0},  {4, 0},  {7, 39},   {7, 45},
		       {6, 1},	 {11, 3}, {11, 5}, {8, 0x80}, {32, 0x80}};
	struct envelope got = {.seq = 99};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		uint8_t data[128];
		size_t len = make(data);

		data[changes[i].at] = changes[i].value;
		assert_int_equal(envelope_decode(data, len, &got), -EPROTO);
	}
	assert_true(got.seq == 99);
}

static void test_numbers_that_must_not_be_zero(void **state)
{
	uint8_t data[128];
	size_t len = make(data);
	struct envelope got;

	(void)state;
	memset(data + 24, 0, 8);
	assert_int_equal(envelope_decode(data, len, &got), -EPROTO);
	data[12] = ENVELOPE_HELLO;
	assert_int_equal(envelope_decode(data, len, &got), 0);
	memset(data + 16, 0, 8);
	assert_int_equal(envelope_decode(data, len, &got), -EPROTO);
}

static void test_every_length_is_safe(void **state)
{
	uint8_t data[128];
	size_t len = make(data);
	struct envelope got;

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(envelope_decode(data, cut, &got), -EPROTO);
}

static void test_message_too_long(void **state)
{
	static uint8_t data[ENVELOPE_LEN + HAOPS_CLUSTER_MESSAGE_MAX + 1];
	struct envelope envelope = sample, got;

	(void)state;
	envelope.body_len = HAOPS_CLUSTER_MESSAGE_MAX;
	envelope_encode(&envelope, data);
	assert_int_equal(envelope_decode(data, sizeof(data) - 1, &got), 0);
	envelope.body_len++;
	envelope_encode(&envelope, data);
	assert_int_equal(envelope_decode(data, sizeof(data), &got), -EPROTO);
}

static void check_name(const uint8_t *body, size_t len, const char *wanted)
{
	struct envelope hello = {.kind = ENVELOPE_HELLO, .body = body, .body_len = len};
	char name[HAOPS_CLUSTER_NAME_MAX];

	memset(name, 'x', sizeof(name));
	envelope_decode_name(&hello, name);
	assert_string_equal(name, wanted);
}

static void test_names(void **state)
{
	uint8_t body[ENVELOPE_HELLO_MAX + 8];
	char longest[HAOPS_CLUSTER_NAME_MAX + 1];
	size_t len = envelope_encode_name("node-1", body);

	(void)state;
	assert_int_equal(len, 8);
	check_name(body, len, "node-1");
	check_name(body, len + 5, "node-1"); /* a later version says more */
	check_name(body, len - 1, "");
	check_name(body, 1, "");
	check_name(body, 0, "");
	body[3] = '\033';
	check_name(body, len, "");
	assert_int_equal(envelope_encode_name("", body), 2);
	check_name(body, 2, "");
	memset(longest, 'n', sizeof(longest));
	longest[HAOPS_CLUSTER_NAME_MAX] = '\0';
	assert_int_equal(envelope_encode_name(longest, body), 2 + HAOPS_CLUSTER_NAME_MAX - 1);
	longest[HAOPS_CLUSTER_NAME_MAX - 1] = '\0';
	check_name(body, 2 + HAOPS_CLUSTER_NAME_MAX - 1, longest);
	body[0] = 1;
	body[1] = 0;
	check_name(body, ENVELOPE_HELLO_MAX, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_are_as_documented),
		cmocka_unit_test(test_reads_what_it_wrote),
		cmocka_unit_test(test_later_header_is_skipped),
		cmocka_unit_test(test_asks_for_later_version),
		cmocka_unit_test(test_rubbish_is_refused),
		cmocka_unit_test(test_numbers_that_must_not_be_zero),
		cmocka_unit_test(test_every_length_is_safe),
		cmocka_unit_test(test_message_too_long),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
