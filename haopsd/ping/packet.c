/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds echo requests and takes echo replies apart. Whether a reply was asked for is the matter of
 * group.c. */
#include "ping/packet.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#define IP_HEADER_MIN 20
#define IP_HEADER_PROTOCOL 9

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void write16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* Over a packet with its checksum in place it is 0 (RFC 1071). */
static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += read16(data + i);
	if (len % 2)
		sum += (uint32_t)data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void ping_request_build(sa_family_t family, const struct ping_echo *echo,
			uint8_t buf[PING_PACKET_LEN])
{
	memset(buf, 0, PING_PACKET_LEN);
	buf[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	write16(buf + 4, echo->id);
	write16(buf + 6, echo->seq);
	memcpy(buf + 8, echo->cookie, PING_COOKIE_LEN);
	if (family == AF_INET)
		write16(buf + 2, checksum(buf, PING_PACKET_LEN));
}

/* Bytes of the IPv4 header, 0 when it is none of an ICMP packet. */
static size_t ip_header_len(const uint8_t *data, size_t len)
{
	size_t header;

	if (len < IP_HEADER_MIN || data[0] >> 4 != 4 || data[IP_HEADER_PROTOCOL] != IPPROTO_ICMP)
		return 0;
	header = (size_t)(data[0] & 0x0f) * 4;
	return header >= IP_HEADER_MIN && header <= len ? header : 0;
}

int ping_reply_parse(enum ping_form form, const uint8_t *data, size_t len,
		     struct ping_echo *ret_echo)
{
	uint8_t type = form == PING_FORM_ICMP6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;

	if (form == PING_FORM_IPV4) {
		size_t header = ip_header_len(data, len);

		if (header == 0)
			return -EBADMSG;
		data += header;
		len -= header;
	}
	if (len != PING_PACKET_LEN || data[0] != type || data[1] != 0)
		return -EBADMSG;
	if (form != PING_FORM_ICMP6 && checksum(data, len) != 0)
		return -EBADMSG;
	ret_echo->id = read16(data + 4);
	ret_echo->seq = read16(data + 6);
	memcpy(ret_echo->cookie, data + 8, PING_COOKIE_LEN);
	return 0;
}
