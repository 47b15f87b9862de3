/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire format: headers made and read, lengths checked. Knows nothing of who sent them. */
#include "envelope.h"

#include <errno.h>
#include <string.h>

static const uint8_t magic[4] = {'H', 'a', 'o', 'C'};

static void put_number(uint8_t *at, uint64_t number, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

static uint64_t get_number(const uint8_t *at, unsigned int bytes)
{
	uint64_t number = 0;

	for (unsigned int i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

void envelope_encode(const struct envelope *envelope, uint8_t header[ENVELOPE_LEN])
{
	memset(header, 0, ENVELOPE_LEN);
	memcpy(header, magic, sizeof(magic));
	put_number(header + 4, ENVELOPE_VERSION, 1);
	put_number(header + 5, 1, 1);
	put_number(header + 6, ENVELOPE_LEN, 2);
	put_number(header + 8, envelope->body_len, 4);
	put_number(header + 12, envelope->kind, 1);
	put_number(header + 16, envelope->incarnation, 8);
	put_number(header + 24, envelope->seq, 8);
	put_number(header + 32, (uint64_t)envelope->sent_ms, 8);
}

static bool is_sound(const struct envelope *envelope)
{
	if (!envelope->incarnation || envelope->sent_ms < 0)
		return false;
	return envelope->kind != ENVELOPE_USER ||
	       (envelope->seq && envelope->body_len <= HAOPS_CLUSTER_MESSAGE_MAX);
}

int envelope_decode(const void *data, size_t len, struct envelope *ret_envelope)
{
	const uint8_t *at = data;
	struct envelope envelope = {0};
	size_t header_len;

	if (len < ENVELOPE_LEN || memcmp(at, magic, sizeof(magic)))
		return -EPROTO;
	/* Before anything else: what such a sender means by the rest is not known. */
	if (at[5] > ENVELOPE_VERSION)
		return -ENOTSUP;
	header_len = (size_t)get_number(at + 6, 2);
	envelope.body_len = (size_t)get_number(at + 8, 4);
	if (at[4] < at[5] || header_len < ENVELOPE_LEN || header_len > len ||
	    envelope.body_len != len - header_len)
		return -EPROTO;
	envelope.kind = at[12];
	envelope.incarnation = get_number(at + 16, 8);
	envelope.seq = get_number(at + 24, 8);
	envelope.sent_ms = (int64_t)get_number(at + 32, 8);
	envelope.body = at + header_len;
	if (!is_sound(&envelope))
		return -EPROTO;
	*ret_envelope = envelope;
	return 0;
}

size_t envelope_encode_name(const char *name, uint8_t body[ENVELOPE_HELLO_MAX])
{
	size_t len = strnlen(name, HAOPS_CLUSTER_NAME_MAX - 1);

	put_number(body, len, 2);
	memcpy(body + 2, name, len);
	return 2 + len;
}

void envelope_decode_name(const struct envelope *hello, char ret_name[HAOPS_CLUSTER_NAME_MAX])
{
	const uint8_t *at = hello->body;
	size_t len = hello->body_len >= 2 ? (size_t)get_number(at, 2) : 0;

	ret_name[0] = '\0';
	if (len > hello->body_len - (hello->body_len >= 2 ? 2 : 0) || len >= HAOPS_CLUSTER_NAME_MAX)
		return;
	/* It goes to terminals and logs. */
	for (size_t i = 0; i < len; i++)
		if (at[2 + i] <= ' ' || at[2 + i] >= 0x7f)
			return;
	if (len)
		memcpy(ret_name, at + 2, len);
	ret_name[len] = '\0';
}
