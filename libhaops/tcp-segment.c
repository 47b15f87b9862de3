/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds a tickle. Sends nothing. */
#include "tcp-segment.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define FLAG_ACK 0x10
#define WINDOW 1024

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* len is even here. */
static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The pseudo header of IPv4 and that of IPv6 (RFC 8200, 8.1) add up to the same. */
static uint16_t checksum(const struct haops_tcp_connection *connection, const uint8_t *segment)
{
	size_t addr_len = connection->local.family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_TCP + TCP_SEGMENT_LEN;

	sum = add_words(sum, connection->local.bytes, addr_len);
	sum = add_words(sum, connection->peer.bytes, addr_len);
	return fold(add_words(sum, segment, TCP_SEGMENT_LEN));
}

void tcp_segment_tickle(const struct haops_tcp_connection *connection,
			uint8_t ret_segment[TCP_SEGMENT_LEN])
{
	memset(ret_segment, 0, TCP_SEGMENT_LEN);
	put16(ret_segment, connection->local_port);
	put16(ret_segment + 2, connection->peer_port);
	ret_segment[12] = (TCP_SEGMENT_LEN / 4) << 4;
	ret_segment[13] = FLAG_ACK;
	put16(ret_segment + 14, WINDOW);
	put16(ret_segment + 16, checksum(connection, ret_segment));
}
