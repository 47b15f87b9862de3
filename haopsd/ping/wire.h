/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PING_WIRE_H
#define HAOPSD_PING_WIRE_H

/* Sockets for ICMP and ICMPv6 echo, and the clock: all that touches the system here. */

#include "ping/packet.h"

#include <haops/addr.h>
#include <haops/haops.h>
#include <stdbool.h>

struct ping_wire {
	struct haops_ctx *ctx;
	sa_family_t family;
	enum ping_form form;
	uint16_t id;
	int fd; /* -1: closed */
};

int64_t ping_now_us(void); /* CLOCK_BOOTTIME */
/* Unpredictable bytes; false when the kernel has none yet. */
bool ping_random(void *buf, size_t len);

/* A raw socket, or an ICMP datagram socket where that is not allowed; 0 or -errno. */
int ping_wire_open(struct ping_wire *wire, struct haops_ctx *ctx, sa_family_t family);
void ping_wire_close(struct ping_wire *wire);
/* 0 or -errno; never blocks. echo's id is set. */
int ping_wire_send(struct ping_wire *wire, const struct haops_addr *to, struct ping_echo *echo);
/* 0 for an echo reply to our id, -EBADMSG for anything else, -EAGAIN when nothing waits, or another
 * -errno. */
int ping_wire_receive(struct ping_wire *wire, struct haops_addr *ret_from,
		      struct ping_echo *ret_echo);

#endif
