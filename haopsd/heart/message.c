/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encodes and decodes what daemons say to each other. Sends and receives nothing, and does not
 * judge what is said beyond its form.
 */
#include "heart/message.h"

#include <errno.h>
#include <string.h>

#define HEADER_LEN 4 /* of a field: number and length */
#define NUMBER_LEN_MAX 8

enum field {
	FIELD_SEQ = 1,
	FIELD_KEEPALIVE = 2,
	FIELD_DEADTIME = 3,
	FIELD_CONFIG_HASH = 4,
	FIELD_DISK_AGE = 5,
	FIELD_LAG = 6,
	FIELD_CARRIER = 7,
	FIELD_PINGS_UP = 8,
	FIELD_PINGS_TOTAL = 9,
	FIELD_PAUSED = 10,
	FIELD_SILENT = 11,
	FIELD_VERSION = 12,
	FIELD_ID = 32,
	FIELD_NODEID = 33,
	FIELD_RESOURCE = 34,
	FIELD_RESULT = 35,
	FIELD_TEXT = 36,
	FIELD_MAX = 63
};

struct writer {
	uint8_t *data;
	size_t size;
	size_t len;
	bool is_full;
};

static void put_number_bytes(struct writer *w, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		w->data[w->len++] = (uint8_t)(value >> (8 * i));
}

static bool put_header(struct writer *w, enum field field, size_t len)
{
	if (w->is_full || w->size - w->len < HEADER_LEN + len) {
		w->is_full = true;
		return false;
	}
	put_number_bytes(w, (uint64_t)field, 2);
	put_number_bytes(w, len, 2);
	return true;
}

/* A number takes the bytes that it needs; 0 is left out. */
static void put_number(struct writer *w, enum field field, uint64_t value)
{
	size_t len = value > UINT32_MAX ? 8 : value > UINT16_MAX ? 4 : value > UINT8_MAX ? 2 : 1;

	if (value != 0 && put_header(w, field, len))
		put_number_bytes(w, value, len);
}

/* Line ends and other control characters become spaces: the text goes to a log. */
static void put_text(struct writer *w, enum field field, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	if (len == 0 || !put_header(w, field, len))
		return;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		w->data[w->len++] = c < 0x20 || c == 0x7f ? ' ' : c;
	}
}

static void put_nodes(struct writer *w, enum field field, const uint32_t *nodes, size_t count)
{
	if (count == 0)
		return;
	if (count > MESSAGE_NODES_MAX)
		count = MESSAGE_NODES_MAX;
	if (!put_header(w, field, count * sizeof(uint32_t)))
		return;
	for (size_t i = 0; i < count; i++)
		put_number_bytes(w, nodes[i], sizeof(uint32_t));
}

static void put_heartbeat(struct writer *w, const struct message_heartbeat *beat)
{
	put_number(w, FIELD_SEQ, beat->seq);
	put_number(w, FIELD_KEEPALIVE, beat->keepalive_ms);
	put_number(w, FIELD_DEADTIME, beat->deadtime_ms);
	put_number(w, FIELD_CONFIG_HASH, beat->config_hash);
	put_number(w, FIELD_DISK_AGE, beat->disk_age_ms);
	put_number(w, FIELD_LAG, beat->lag_ms);
	put_number(w, FIELD_CARRIER, beat->has_carrier);
	put_number(w, FIELD_PINGS_UP, beat->pings_up);
	put_number(w, FIELD_PINGS_TOTAL, beat->pings_total);
	put_number(w, FIELD_PAUSED, beat->is_paused);
	put_nodes(w, FIELD_SILENT, beat->silent, beat->silent_count);
	put_text(w, FIELD_VERSION, beat->version, sizeof(beat->version));
}

static void put_outdate(struct writer *w, const struct message_outdate *outdate)
{
	put_number(w, FIELD_ID, outdate->id);
	put_number(w, FIELD_NODEID, outdate->nodeid);
	put_text(w, FIELD_RESOURCE, outdate->resource, sizeof(outdate->resource));
	put_number(w, FIELD_RESULT, (uint32_t)outdate->result);
	put_text(w, FIELD_TEXT, outdate->text, sizeof(outdate->text));
}

int message_encode(const struct message *message, uint8_t *buf, size_t size)
{
	struct writer w = {.data = buf, .size = size};

	if (size < 2)
		return -EMSGSIZE;
	put_number_bytes(&w, (uint64_t)message->type, 2);
	if (message->type == MESSAGE_HEARTBEAT)
		put_heartbeat(&w, &message->heartbeat);
	else if (message->type != MESSAGE_GOODBYE)
		put_outdate(&w, &message->outdate);
	return w.is_full ? -EMSGSIZE : (int)w.len;
}

static uint64_t read_number(const uint8_t *data, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)data[i] << (8 * i);
	return value;
}

/* A field's bytes, and how each kind of value is taken out of it; false when it does not fit. */
struct field_bytes {
	const uint8_t *data;
	size_t len;
};

static bool get_number(struct field_bytes f, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;

	if (f.len == 0 || f.len > NUMBER_LEN_MAX)
		return false;
	value = read_number(f.data, f.len);
	if (value > max)
		return false;
	*ret_value = value;
	return true;
}

static bool get_u64(struct field_bytes f, uint64_t *ret_value)
{
	return get_number(f, UINT64_MAX, ret_value);
}

static bool get_u32(struct field_bytes f, uint32_t *ret_value)
{
	uint64_t value;

	if (!get_number(f, UINT32_MAX, &value))
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool get_u16(struct field_bytes f, uint16_t *ret_value)
{
	uint64_t value;

	if (!get_number(f, UINT16_MAX, &value))
		return false;
	*ret_value = (uint16_t)value;
	return true;
}

static bool get_bool(struct field_bytes f, bool *ret_value)
{
	uint64_t value;

	if (!get_number(f, 1, &value))
		return false;
	*ret_value = value == 1;
	return true;
}

static bool get_text(struct field_bytes f, char *text, size_t size)
{
	if (f.len >= size)
		return false;
	for (size_t i = 0; i < f.len; i++)
		if (f.data[i] < 0x20 || f.data[i] == 0x7f)
			return false;
	memcpy(text, f.data, f.len);
	text[f.len] = '\0';
	return true;
}

static bool get_nodes(struct field_bytes f, uint32_t nodes[MESSAGE_NODES_MAX], uint16_t *ret_count)
{
	size_t count = f.len / sizeof(uint32_t);

	if (f.len % sizeof(uint32_t) != 0 || count > MESSAGE_NODES_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		nodes[i] = (uint32_t)read_number(f.data + i * sizeof(uint32_t), sizeof(uint32_t));
	*ret_count = (uint16_t)count;
	return true;
}

static bool get_heartbeat(unsigned int number, struct field_bytes f, struct message_heartbeat *beat)
{
	switch (number) {
	case FIELD_SEQ:
		return get_u64(f, &beat->seq);
	case FIELD_KEEPALIVE:
		return get_u32(f, &beat->keepalive_ms);
	case FIELD_DEADTIME:
		return get_u32(f, &beat->deadtime_ms);
	case FIELD_CONFIG_HASH:
		return get_u32(f, &beat->config_hash);
	case FIELD_DISK_AGE:
		return get_u32(f, &beat->disk_age_ms);
	case FIELD_LAG:
		return get_u32(f, &beat->lag_ms);
	case FIELD_CARRIER:
		return get_bool(f, &beat->has_carrier);
	case FIELD_PINGS_UP:
		return get_u16(f, &beat->pings_up);
	case FIELD_PINGS_TOTAL:
		return get_u16(f, &beat->pings_total);
	case FIELD_PAUSED:
		return get_bool(f, &beat->is_paused);
	case FIELD_SILENT:
		return get_nodes(f, beat->silent, &beat->silent_count);
	case FIELD_VERSION:
		return get_text(f, beat->version, sizeof(beat->version));
	default:
		return true;
	}
}

static bool get_outdate(unsigned int number, struct field_bytes f, struct message_outdate *outdate)
{
	uint32_t result;

	switch (number) {
	case FIELD_ID:
		return get_u64(f, &outdate->id);
	case FIELD_NODEID:
		return get_u32(f, &outdate->nodeid);
	case FIELD_RESOURCE:
		return get_text(f, outdate->resource, sizeof(outdate->resource));
	case FIELD_RESULT:
		if (!get_u32(f, &result))
			return false;
		outdate->result = (int32_t)result;
		return true;
	case FIELD_TEXT:
		return get_text(f, outdate->text, sizeof(outdate->text));
	default:
		return true;
	}
}

static bool get_field(unsigned int number, struct field_bytes f, struct message *message)
{
	switch (message->type) {
	case MESSAGE_HEARTBEAT:
		return get_heartbeat(number, f, &message->heartbeat);
	case MESSAGE_OUTDATE_ASK:
	case MESSAGE_OUTDATE_ANSWER:
		return get_outdate(number, f, &message->outdate);
	case MESSAGE_GOODBYE:
		break;
	}
	return true;
}

static int get_fields(const uint8_t *data, size_t len, struct message *message)
{
	uint64_t seen = 0;
	size_t pos = 0;

	while (pos < len) {
		struct field_bytes f;
		unsigned int number;

		if (len - pos < HEADER_LEN)
			return -EBADMSG;
		number = (unsigned int)read_number(data + pos, 2);
		f.len = (size_t)read_number(data + pos + 2, 2);
		pos += HEADER_LEN;
		if (len - pos < f.len || (number <= FIELD_MAX && (seen >> number & 1)))
			return -EBADMSG;
		f.data = data + pos;
		pos += f.len;
		if (number > FIELD_MAX)
			continue;
		seen |= UINT64_C(1) << number;
		if (!get_field(number, f, message))
			return -EBADMSG;
	}
	return 0;
}

/* What a message cannot do without. */
static bool is_complete(const struct message *message)
{
	switch (message->type) {
	case MESSAGE_HEARTBEAT:
		return message->heartbeat.seq != 0;
	case MESSAGE_OUTDATE_ASK:
		return message->outdate.resource[0] != '\0' && message->outdate.nodeid != 0;
	case MESSAGE_OUTDATE_ANSWER:
	case MESSAGE_GOODBYE:
		break;
	}
	return true;
}

int message_decode(const uint8_t *data, size_t len, struct message *ret_message)
{
	struct message message;
	uint64_t type;

	if (len < 2)
		return -EBADMSG;
	type = read_number(data, 2);
	if (type == 0)
		return -EBADMSG;
	if (type > MESSAGE_OUTDATE_ANSWER)
		return -EPROTONOSUPPORT;
	memset(&message, 0, sizeof(message));
	message.type = (enum message_type)type;
	if (get_fields(data + 2, len - 2, &message) < 0 || !is_complete(&message))
		return -EBADMSG;
	*ret_message = message;
	return 0;
}
