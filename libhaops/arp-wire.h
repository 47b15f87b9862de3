/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_WIRE_H
#define HAOPS_ARP_WIRE_H

/* A packet(7) socket on an interface, and many packets through it in few system calls. */

#include "arp-packet.h"
#include "internal.h"

#include <linux/filter.h>

struct arp_wire {
	int fd;
	int ifindex;
	const char *what; /* what is being done, for the sentence: "cannot <what> on eth0" */
	char ifname[HAOPS_LINK_NAME_MAX];
	uint32_t carrier_up_count;
	struct arp_hw hw;
};

/* Makes the next packet to be sent; false when there is none. */
typedef bool (*arp_wire_next_fn)(void *arg, struct arp_packet *ret_packet);

/* Looks at the interface; wire->what is given, and there is no socket yet. -ENODEV, -ENETDOWN,
 * -EOPNOTSUPP, -ETIMEDOUT, -EIO, as all of these with the sentence set. */
int arp_wire_look(struct haops_ctx *ctx, int ifindex, int64_t deadline_ms, struct arp_wire *wire);

/* A socket of its own, which sends and hears nothing until it is bound: wire->fd, to be closed. */
int arp_wire_open(struct haops_ctx *ctx, struct arp_wire *wire);
/* Has such a socket hear packets of a protocol (ETH_P_) that a filter lets through. */
int arp_wire_listen(struct haops_ctx *ctx, const struct arp_wire *wire, uint16_t protocol,
		    const struct sock_fprog *filter);
/* The context's socket: wire->fd, not to be closed. */
int arp_wire_share(struct haops_ctx *ctx, struct arp_wire *wire);
/* Closes the context's socket, if it is open. */
void arp_wire_unshare(struct haops_ctx *ctx);

/* Sends what next makes until it makes no more. The same failures, -ENOMEM and -EPERM. */
int arp_wire_send(struct haops_ctx *ctx, const struct arp_wire *wire, arp_wire_next_fn next,
		  void *arg, int64_t deadline_ms);

/* A failed system call on the socket. */
int arp_wire_fail(struct haops_ctx *ctx, const struct arp_wire *wire, int code);

#endif
