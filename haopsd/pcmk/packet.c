/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encodes and decodes the packets between haopsd and its helper: magic, type, id, number, then each
 * text as a length and its bytes, all little-endian. Touches no socket.
 */
#include "packet.h"

#include <errno.h>
#include <string.h>

#define MAGIC UINT32_C(0x314b5048) /* "HPK1" */
#define HEAD_BYTES 24

static void put_number(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

int packet_encode(const struct packet *packet, uint8_t *buf, size_t size)
{
	size_t pos = HEAD_BYTES;

	if (size < HEAD_BYTES)
		return -EMSGSIZE;
	put_number(buf, MAGIC, 4);
	put_number(buf + 4, (uint32_t)packet->type, 4);
	put_number(buf + 8, packet->id, 8);
	put_number(buf + 16, (uint64_t)packet->number, 8);
	for (size_t i = 0; i < PACKET_TEXTS; i++) {
		size_t len = strnlen(packet->text[i], PACKET_TEXT_MAX);

		if (len == PACKET_TEXT_MAX || size - pos < 2 + len)
			return -EMSGSIZE;
		put_number(buf + pos, len, 2);
		memcpy(buf + pos + 2, packet->text[i], len);
		pos += 2 + len;
	}
	return (int)pos;
}

/* One text at *pos; a NUL inside it would hide what follows. */
static int get_text(const uint8_t *data, size_t len, size_t *pos, char *text)
{
	size_t text_len;

	if (len - *pos < 2)
		return -EBADMSG;
	text_len = (size_t)get_number(data + *pos, 2);
	*pos += 2;
	if (text_len >= PACKET_TEXT_MAX || text_len > len - *pos ||
	    memchr(data + *pos, '\0', text_len))
		return -EBADMSG;
	memcpy(text, data + *pos, text_len);
	text[text_len] = '\0';
	*pos += text_len;
	return 0;
}

int packet_decode(const uint8_t *data, size_t len, struct packet *ret_packet)
{
	struct packet packet = {0};
	size_t pos = HEAD_BYTES;
	uint64_t type;

	if (len < HEAD_BYTES || get_number(data, 4) != MAGIC)
		return -EBADMSG;
	type = get_number(data + 4, 4);
	packet.id = get_number(data + 8, 8);
	packet.number = (int64_t)get_number(data + 16, 8);
	for (size_t i = 0; i < PACKET_TEXTS; i++)
		if (get_text(data, len, &pos, packet.text[i]) < 0)
			return -EBADMSG;
	if (pos != len)
		return -EBADMSG;
	if (type < PACKET_REPORT || type > PACKET_WITHDRAW)
		return -EPROTONOSUPPORT;
	packet.type = (enum packet_type)type;
	*ret_packet = packet;
	return 0;
}

/* Where to cut so that no character of several bytes (UTF-8) loses its end. */
static size_t cut_at(const char *text)
{
	size_t len = strnlen(text, PACKET_TEXT_MAX);

	if (len < PACKET_TEXT_MAX)
		return len;
	len = PACKET_TEXT_MAX - 1;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

void packet_set_text(struct packet *packet, size_t index, const char *text)
{
	char *to = packet->text[index];
	size_t len = cut_at(text);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		to[i] = c < ' ' || c == 0x7f ? ' ' : (char)c;
	}
	to[len] = '\0';
}
