/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_OWNER_H
#define HAOPS_ARP_OWNER_H

#include "internal.h"

#include <haops/addr.h>

/* Asks once which other host on an Ethernet interface has an IPv6 address. 0, -ENOENT when nobody
 * says so within a moment, or another -errno. */
int arp_owner_find(struct haops_ctx *ctx, int ifindex, const struct haops_addr *addr,
		   int64_t deadline_ms, uint8_t ret_mac[6]);

#endif
