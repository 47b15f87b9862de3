/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_ROUND_H
#define HAOPS_ARP_ROUND_H

/* Which packets one round of announcements consists of, one after the other. Sends nothing. */

#include "arp-packet.h"

#include <haops/arp.h>

/* A host that is told directly. */
struct arp_target {
	struct haops_addr addr;
	bool has_mac;
	uint8_t mac[ARP_MAC_MAX];
};

struct arp_round {
	const struct haops_announcement *what;
	struct arp_hw hw;
	bool is_router; /* of the IPv6 side of the interface */
	struct arp_target targets[HAOPS_ARP_TARGETS_MAX];
	size_t target_count;

	size_t addr_index; /* where the next packet comes from; 0 at the beginning */
	size_t step;
};

/* NULL when what is within its documented ranges, else what is wrong with it. */
const char *arp_round_check(const struct haops_announcement *what);

/* Builds the next packet of a round; false when there is none. */
bool arp_round_next(struct arp_round *round, struct arp_packet *ret_packet);

#endif
