/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structs as fields and back; see record.h. Every length is checked against both ends: what came,
 * and the member it goes into. */

#include "ipc/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 6
#define ROOM_FIRST 4096

static void put_le(uint8_t *to, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *from, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

/* Room for len more bytes; NULL when memory is short. */
static uint8_t *extend(struct record_buffer *buffer, size_t len)
{
	size_t room = buffer->room ? buffer->room : ROOM_FIRST;
	uint8_t *data = buffer->data;

	if (buffer->is_short)
		return NULL;
	while (room < buffer->len + len)
		room *= 2;
	if (room != buffer->room)
		data = realloc(buffer->data, room);
	if (!data) {
		buffer->is_short = true;
		return NULL;
	}
	buffer->data = data;
	buffer->room = room;
	data += buffer->len;
	buffer->len += len;
	return data;
}

void record_put(struct record_buffer *buffer, uint16_t number, const void *value, size_t len)
{
	uint8_t *to = extend(buffer, HEAD_BYTES + len);

	if (!to)
		return;
	put_le(to, number, 2);
	put_le(to + 2, len, 4);
	if (len > 0)
		memcpy(to + HEAD_BYTES, value, len);
}

size_t record_begin(struct record_buffer *buffer, uint16_t number)
{
	size_t begin = buffer->len;

	record_put(buffer, number, NULL, 0);
	return begin;
}

void record_end(struct record_buffer *buffer, size_t begin)
{
	if (!buffer->is_short)
		put_le(buffer->data + begin + 2, buffer->len - begin - HEAD_BYTES, 4);
}

/* The bits of an integer member, signed ones carried over to 64. */
static uint64_t load(const void *member, size_t size, bool is_signed)
{
	uint64_t value = 0;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;

	if (size == sizeof(u8)) {
		memcpy(&u8, member, sizeof(u8));
		value = u8;
	} else if (size == sizeof(u16)) {
		memcpy(&u16, member, sizeof(u16));
		value = u16;
	} else if (size == sizeof(u32)) {
		memcpy(&u32, member, sizeof(u32));
		value = is_signed ? (uint64_t)(int64_t)(int32_t)u32 : u32;
	} else {
		memcpy(&value, member, sizeof(value));
	}
	return value;
}

/* A value that a later version has made wider than the member becomes the largest it holds. */
static void store(void *member, size_t size, bool is_signed, uint64_t value)
{
	uint8_t u8 = (uint8_t)(value > UINT8_MAX ? UINT8_MAX : value);
	uint16_t u16 = (uint16_t)(value > UINT16_MAX ? UINT16_MAX : value);
	uint32_t u32 = (uint32_t)(value > UINT32_MAX ? UINT32_MAX : value);
	int64_t wide = (int64_t)value;
	int32_t i32 = (int32_t)(wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : wide);

	if (size == sizeof(u8))
		memcpy(member, &u8, sizeof(u8));
	else if (size == sizeof(u16))
		memcpy(member, &u16, sizeof(u16));
	else if (size == sizeof(u32) && is_signed)
		memcpy(member, &i32, sizeof(i32));
	else if (size == sizeof(u32))
		memcpy(member, &u32, sizeof(u32));
	else
		memcpy(member, &value, sizeof(value));
}

static void encode_integer(struct record_buffer *buffer, const struct record_field *field,
			   uint64_t value)
{
	uint8_t bytes[8];
	size_t len = sizeof(bytes);

	put_le(bytes, value, sizeof(bytes));
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	if (len > 0)
		record_put(buffer, field->number, bytes, len);
}

static void encode_counters(struct record_buffer *buffer, const struct record_field *field,
			    const uint8_t *member)
{
	size_t count = field->size / sizeof(uint64_t);
	size_t used = 0;
	uint8_t *to;

	for (size_t i = 0; i < count; i++) {
		if (load(member + i * sizeof(uint64_t), sizeof(uint64_t), false) != 0)
			used = i + 1;
	}
	to = used > 0 ? extend(buffer, HEAD_BYTES + used * sizeof(uint64_t)) : NULL;
	if (!to)
		return;
	put_le(to, field->number, 2);
	put_le(to + 2, used * sizeof(uint64_t), 4);
	for (size_t i = 0; i < used; i++)
		put_le(to + HEAD_BYTES + i * sizeof(uint64_t),
		       load(member + i * sizeof(uint64_t), sizeof(uint64_t), false), 8);
}

static void encode_field(struct record_buffer *buffer, const struct record_field *field,
			 const void *record)
{
	const uint8_t *member = (const uint8_t *)record + field->offset;
	size_t len;

	switch ((enum record_kind)field->kind) {
	case RECORD_BOOL:
	case RECORD_UINT:
	case RECORD_DOUBLE:
		encode_integer(buffer, field, load(member, field->size, false));
		break;
	case RECORD_INT:
		encode_integer(buffer, field, load(member, field->size, true));
		break;
	case RECORD_TEXT:
		len = strnlen((const char *)member, field->size - 1);
		if (len > 0)
			record_put(buffer, field->number, member, len);
		break;
	case RECORD_COUNTERS:
		encode_counters(buffer, field, member);
		break;
	}
}

void record_encode(struct record_buffer *buffer, const struct record_table *table,
		   const void *record)
{
	for (size_t i = 0; i < table->count; i++)
		encode_field(buffer, &table->fields[i], record);
}

int record_next(const uint8_t **data, size_t *len, struct record_view *ret_view)
{
	size_t value_len;

	if (*len == 0)
		return 0;
	if (*len < HEAD_BYTES)
		return -EBADMSG;
	value_len = (size_t)get_le(*data + 2, 4);
	if (value_len > *len - HEAD_BYTES)
		return -EBADMSG;
	ret_view->number = (uint16_t)get_le(*data, 2);
	ret_view->value = *data + HEAD_BYTES;
	ret_view->len = value_len;
	*data += HEAD_BYTES + value_len;
	*len -= HEAD_BYTES + value_len;
	return 1;
}

static int decode_integer(const struct record_field *field, const struct record_view *view,
			  uint8_t *member)
{
	uint64_t value;
	bool is_true;

	if (view->len > sizeof(value))
		return -EBADMSG;
	value = get_le(view->value, view->len);
	if (field->kind == RECORD_BOOL) {
		is_true = value != 0;
		memcpy(member, &is_true, sizeof(is_true));
	} else {
		store(member, field->size, field->kind == RECORD_INT, value);
	}
	return 0;
}

static int decode_counters(const struct record_field *field, const struct record_view *view,
			   uint8_t *member)
{
	size_t room = field->size / sizeof(uint64_t);
	size_t count = view->len / sizeof(uint64_t);

	if (view->len % sizeof(uint64_t) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < count && i < room; i++)
		store(member + i * sizeof(uint64_t), sizeof(uint64_t), false,
		      get_le(view->value + i * sizeof(uint64_t), sizeof(uint64_t)));
	return 0;
}

/* Cut when it is longer than the member. */
static void decode_text(const struct record_field *field, const struct record_view *view,
			uint8_t *member)
{
	size_t len = view->len < field->size ? view->len : field->size - 1;

	if (len > 0)
		memcpy(member, view->value, len);
	memset(member + len, 0, field->size - len);
}

int record_set(const struct record_table *table, const struct record_view *view, void *record)
{
	const struct record_field *field = NULL;
	uint8_t *member;

	for (size_t i = 0; i < table->count && !field; i++) {
		if (table->fields[i].number == view->number)
			field = &table->fields[i];
	}
	if (!field)
		return 0;
	member = (uint8_t *)record + field->offset;
	switch ((enum record_kind)field->kind) {
	case RECORD_TEXT:
		decode_text(field, view, member);
		return 0;
	case RECORD_COUNTERS:
		return decode_counters(field, view, member);
	case RECORD_BOOL:
	case RECORD_UINT:
	case RECORD_INT:
	case RECORD_DOUBLE:
		break;
	}
	return decode_integer(field, view, member);
}

int record_decode(const struct record_table *table, const struct record_view *view, void *record)
{
	const uint8_t *data = view->value;
	size_t len = view->len;
	struct record_view next;
	int r;

	while ((r = record_next(&data, &len, &next)) > 0) {
		r = record_set(table, &next, record);
		if (r < 0)
			return r;
	}
	return r;
}
