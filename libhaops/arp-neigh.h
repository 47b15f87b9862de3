/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_NEIGH_H
#define HAOPS_ARP_NEIGH_H

/* What only the kernel knows: hardware addresses of neighbours and groups. */

#include "arp-packet.h"
#include "internal.h"

#include <linux/netlink.h>

/* An interface that has neighbours, and the length of hardware addresses there. */
struct arp_neigh_link {
	int ifindex;
	size_t hw_len;
};

/* Asks for the hardware address of addr on an interface. Whether it is known: not knowing it, for
 * whatever reason, is no failure. */
bool arp_neigh_get(struct haops_ctx *ctx, const struct arp_neigh_link *link,
		   const struct haops_addr *addr, int64_t deadline_ms,
		   uint8_t ret_mac[ARP_MAC_MAX]);

/* The hardware address of broadcasts on an interface. -ENODEV, -ETIMEDOUT, -EIO. */
int arp_neigh_broadcast(struct haops_ctx *ctx, const struct arp_neigh_link *link,
			int64_t deadline_ms, uint8_t ret_mac[ARP_MAC_MAX]);

/* The pure parts. buf has at least 256 bytes. The parser takes RTM_NEWNEIGH: whether it names a
 * hardware address of hw_len bytes that is in use. */
struct nlmsghdr *arp_neigh_put_get(void *buf, int ifindex, const struct haops_addr *addr);
bool arp_neigh_parse(const struct nlmsghdr *nlh, size_t hw_len, uint8_t ret_mac[ARP_MAC_MAX]);
/* RTM_NEWLINK: whether it names a broadcast address of hw_len bytes. */
bool arp_neigh_parse_broadcast(const struct nlmsghdr *nlh, size_t hw_len,
			       uint8_t ret_mac[ARP_MAC_MAX]);

#endif
