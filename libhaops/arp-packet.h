/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_PACKET_H
#define HAOPS_ARP_PACKET_H

/* ARP and neighbour discovery packets as bytes: built and read, never sent here. */

#include <haops/addr.h>
#include <haops/link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARP_PACKET_MAX 96 /* a neighbour advertisement on InfiniBand has 88 bytes */
#define ARP_MAC_MAX HAOPS_LINK_MAC_MAX

/* The hardware side of an interface: ARPHRD_ETHER (6 bytes) or ARPHRD_INFINIBAND (20 bytes). */
struct arp_hw {
	uint16_t type;
	uint8_t len;
	uint8_t mac[ARP_MAC_MAX];
	uint8_t broadcast[ARP_MAC_MAX];
};

/* A packet without link-layer header, which the kernel puts in front (packet(7), SOCK_DGRAM). */
struct arp_packet {
	uint16_t protocol; /* ETH_P_ARP or ETH_P_IPV6, host order */
	uint8_t dest[ARP_MAC_MAX];
	uint8_t dest_len;
	uint8_t len;
	uint8_t data[ARP_PACKET_MAX];
};

/* An ARP message that was received on Ethernet. */
struct arp_message {
	uint16_t op;
	uint8_t sender_mac[6];
	struct haops_addr sender;
	struct haops_addr target;
};

/* Announcements of addr by broadcast: RFC 5227 section 2.3, and the same as a reply. */
void arp_packet_request(const struct arp_hw *hw, const struct haops_addr *addr,
			struct arp_packet *ret_packet);
void arp_packet_reply(const struct arp_hw *hw, const struct haops_addr *addr,
		      struct arp_packet *ret_packet);
/* "Does anybody have addr?" without naming an address of ours: RFC 5227 section 2.1.1. */
void arp_packet_probe(const struct arp_hw *hw, const struct haops_addr *addr,
		      struct arp_packet *ret_packet);
/* "Who has target? Tell addr": teaches target where addr is (RFC 826). To target_mac, or to all
 * when it is NULL. */
void arp_packet_ask(const struct arp_hw *hw, const struct haops_addr *addr,
		    const struct haops_addr *target, const uint8_t *target_mac,
		    struct arp_packet *ret_packet);

/* Unsolicited neighbour advertisement of addr to all nodes: RFC 4861 section 7.2.6. */
void arp_packet_na(const struct arp_hw *hw, const struct haops_addr *addr, bool is_router,
		   struct arp_packet *ret_packet);
/* What arp_packet_ask() is for IPv4: a neighbour solicitation, RFC 4861 section 4.3. To target_mac,
 * or to target's solicited-node group when it is NULL. */
void arp_packet_ns(const struct arp_hw *hw, const struct haops_addr *addr,
		   const struct haops_addr *target, const uint8_t *target_mac,
		   struct arp_packet *ret_packet);

/* "Does anybody have target?" without naming an address of ours, as in duplicate address detection:
 * RFC 4862 section 5.4.2. Who has it answers to all nodes. */
void arp_packet_ns_probe(const struct arp_hw *hw, const struct haops_addr *target,
			 struct arp_packet *ret_packet);
/* Whether data is a neighbour advertisement with a hardware address of Ethernet: whose, and which.
 */
bool arp_packet_parse_na(const uint8_t *data, size_t len, struct haops_addr *ret_target,
			 uint8_t ret_mac[6]);

/* Whether data is an ARP request or reply for IPv4 on Ethernet. Trailing bytes are allowed:
 * Ethernet pads short frames. */
bool arp_packet_parse(const uint8_t *data, size_t len, struct arp_message *ret_message);

/* Whether another host claims an address with this message: it sends from it, or probes for it. */
bool arp_packet_claims(const struct arp_message *message, const struct arp_hw *own,
		       struct haops_addr *ret_addr);

#endif
