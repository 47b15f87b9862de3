/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PING_PACKET_H
#define HAOPSD_PING_PACKET_H

/* ICMP and ICMPv6 echo (RFC 792, RFC 4443) as bytes. Pure; every length is checked. */

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define PING_COOKIE_LEN 16
#define PING_PACKET_LEN (8 + PING_COOKIE_LEN)

/* What a socket hands out. */
enum ping_form {
	PING_FORM_IPV4, /* a raw socket: the IPv4 header comes first */
	PING_FORM_ICMP, /* a datagram socket: ICMP only */
	PING_FORM_ICMP6 /* either kind of socket; the kernel has checked the checksum */
};

struct ping_echo {
	uint16_t id;
	uint16_t seq;
	uint8_t cookie[PING_COOKIE_LEN]; /* random: who did not see the question cannot answer */
};

/* An echo request. With AF_INET6 the checksum is left to the kernel. */
void ping_request_build(sa_family_t family, const struct ping_echo *echo,
			uint8_t buf[PING_PACKET_LEN]);

/* 0 for an echo reply of exactly our form, else -EBADMSG. */
int ping_reply_parse(enum ping_form form, const uint8_t *data, size_t len,
		     struct ping_echo *ret_echo);

#endif
