/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_RECORD_H
#define HAOPSD_RECORD_H

/*
 * Structs as bytes and back, by a table that names their members: a record is a row of fields
 * (number 2 bytes, length 4 bytes, value), all little-endian. What is 0 is left out; what is not
 * known is passed over. Pure; knows no struct of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
	RECORD_BOOL,
	RECORD_UINT, /* unsigned integer or enum, of 1, 2, 4 or 8 bytes */
	RECORD_INT,  /* signed, of 4 or 8 bytes */
	RECORD_DOUBLE,
	RECORD_TEXT,	/* array of char with a NUL */
	RECORD_COUNTERS /* array of uint64_t */
};

struct record_field {
	uint16_t number; /* never used again for something else */
	uint8_t kind;
	size_t offset;
	size_t size; /* of the member */
};

struct record_table {
	const struct record_field *fields;
	size_t count;
};

#define RECORD_FIELD(nr, record_kind, type, member)                                                \
	{                                                                                          \
		.number = (nr), .kind = (record_kind), .offset = offsetof(type, member),           \
		.size = sizeof(((type *)NULL)->member)                                             \
	}

/* Bytes that grow. */
struct record_buffer {
	uint8_t *data;
	size_t len;
	size_t room;
	bool is_short; /* memory was; what came after is not in it */
};

void record_put(struct record_buffer *buffer, uint16_t number, const void *value, size_t len);
/* A field that holds fields: everything put between begin and end. */
size_t record_begin(struct record_buffer *buffer, uint16_t number);
void record_end(struct record_buffer *buffer, size_t begin);
void record_encode(struct record_buffer *buffer, const struct record_table *table,
		   const void *record);

/* One field as it lies in the bytes. */
struct record_view {
	uint16_t number;
	const uint8_t *value;
	size_t len;
};

/* Takes the next field from *data: 1, 0 at the end, -EBADMSG. */
int record_next(const uint8_t **data, size_t *len, struct record_view *ret_view);
/* Sets the member of record that view is about, if the table has it: 0 or -EBADMSG. */
int record_set(const struct record_table *table, const struct record_view *view, void *record);
/* All fields of a record. */
int record_decode(const struct record_table *table, const struct record_view *view, void *record);

#endif
