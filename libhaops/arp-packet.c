/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ARP (RFC 826, 5227, 4391) and neighbour discovery (RFC 4861) packets as bytes. Pure: touches no
 * socket, and knows neither when nor why a packet is sent. */
#include "arp-packet.h"

#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_ether.h>

#define IPV4_LEN 4
#define IPV6_LEN 16
#define IPV6_HEADER_LEN 40
#define ND_HEADER_LEN 24 /* type, code, checksum, flags, target */
#define ND_HOP_LIMIT 255 /* anything less is thrown away: it came through a router */
#define ND_ALIGN 8

static const uint8_t zeros[ARP_MAC_MAX];

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void set_dest(const struct arp_hw *hw, const uint8_t *dest, struct arp_packet *packet)
{
	memcpy(packet->dest, dest, hw->len);
	packet->dest_len = hw->len;
}

/* What differs between the ARP packets; all addresses are of the protocol's or hardware's length.
 */
struct arp_fields {
	uint16_t op;
	const uint8_t *sender;
	const uint8_t *target_mac;
	const uint8_t *target;
};

static void put_arp(const struct arp_hw *hw, const struct arp_fields *fields,
		    struct arp_packet *packet)
{
	uint8_t *at = packet->data;

	at = put_u16(at, hw->type);
	at = put_u16(at, ETH_P_IP);
	*at++ = hw->len;
	*at++ = IPV4_LEN;
	at = put_u16(at, fields->op);
	at = put_bytes(at, hw->mac, hw->len);
	at = put_bytes(at, fields->sender, IPV4_LEN);
	at = put_bytes(at, fields->target_mac, hw->len);
	at = put_bytes(at, fields->target, IPV4_LEN);
	packet->len = (uint8_t)(at - packet->data);
	packet->protocol = ETH_P_ARP;
}

void arp_packet_request(const struct arp_hw *hw, const struct haops_addr *addr,
			struct arp_packet *ret_packet)
{
	struct arp_fields fields = {ARPOP_REQUEST, addr->bytes, zeros, addr->bytes};

	*ret_packet = (struct arp_packet){0};
	put_arp(hw, &fields, ret_packet);
	set_dest(hw, hw->broadcast, ret_packet);
}

void arp_packet_reply(const struct arp_hw *hw, const struct haops_addr *addr,
		      struct arp_packet *ret_packet)
{
	struct arp_fields fields = {ARPOP_REPLY, addr->bytes, hw->mac, addr->bytes};

	*ret_packet = (struct arp_packet){0};
	put_arp(hw, &fields, ret_packet);
	set_dest(hw, hw->broadcast, ret_packet);
}

void arp_packet_probe(const struct arp_hw *hw, const struct haops_addr *addr,
		      struct arp_packet *ret_packet)
{
	struct arp_fields fields = {ARPOP_REQUEST, zeros, zeros, addr->bytes};

	*ret_packet = (struct arp_packet){0};
	put_arp(hw, &fields, ret_packet);
	set_dest(hw, hw->broadcast, ret_packet);
}

void arp_packet_ask(const struct arp_hw *hw, const struct haops_addr *addr,
		    const struct haops_addr *target, const uint8_t *target_mac,
		    struct arp_packet *ret_packet)
{
	struct arp_fields fields = {ARPOP_REQUEST, addr->bytes, zeros, target->bytes};

	*ret_packet = (struct arp_packet){0};
	put_arp(hw, &fields, ret_packet);
	set_dest(hw, target_mac ? target_mac : hw->broadcast, ret_packet);
}

/* The hardware address that a multicast group has: RFC 2464 section 7, RFC 4391 section 4. */
static void set_multicast_dest(const struct arp_hw *hw, const uint8_t group[IPV6_LEN],
			       struct arp_packet *packet)
{
	uint8_t dest[ARP_MAC_MAX] = {0x33, 0x33};

	if (hw->type == ARPHRD_INFINIBAND) {
		/* Scope and partition key (bytes 5, 8, 9) are those of the broadcast address. */
		memcpy(dest, hw->broadcast, sizeof(dest));
		dest[6] = 0x60;
		dest[7] = 0x1b;
		memcpy(dest + 10, group + 6, 10);
	} else {
		memcpy(dest + 2, group + 12, 4);
	}
	set_dest(hw, dest, packet);
}

/* A link-layer address option; InfiniBand's address is moved up by two bytes (RFC 4391 9.3). */
static uint8_t *put_nd_option(uint8_t *at, uint8_t type, const struct arp_hw *hw)
{
	size_t pad = hw->type == ARPHRD_INFINIBAND ? 2 : 0;

	*at++ = type;
	*at++ = (uint8_t)((2 + pad + hw->len) / ND_ALIGN);
	at = put_bytes(at, zeros, pad);
	return put_bytes(at, hw->mac, hw->len);
}

static uint32_t sum_words(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get_u16(bytes + i);
	return sum;
}

/* RFC 4443 section 2.3. len is even by construction and below 65536. */
static uint16_t icmp6_checksum(const uint8_t *ip, const uint8_t *icmp, size_t len)
{
	uint32_t sum = sum_words(ip + 8, 2 * IPV6_LEN) + (uint32_t)len + IPPROTO_ICMPV6;

	sum += sum_words(icmp, len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

struct nd_fields {
	uint8_t type;
	uint8_t flags;
	uint8_t option; /* 0 for none */
	const uint8_t *source;
	const uint8_t *dest;
	const uint8_t *target;
};

static void put_nd(const struct arp_hw *hw, const struct nd_fields *fields,
		   struct arp_packet *packet)
{
	uint8_t *icmp = packet->data + IPV6_HEADER_LEN;
	uint8_t *end;
	uint8_t *at;

	icmp[0] = fields->type;
	icmp[4] = fields->flags;
	memcpy(icmp + 8, fields->target, IPV6_LEN);
	end = icmp + ND_HEADER_LEN;
	if (fields->option)
		end = put_nd_option(end, fields->option, hw);

	packet->data[0] = 6 << 4;
	at = put_u16(packet->data + 4, (uint16_t)(end - icmp));
	*at++ = IPPROTO_ICMPV6;
	*at++ = ND_HOP_LIMIT;
	at = put_bytes(at, fields->source, IPV6_LEN);
	(void)put_bytes(at, fields->dest, IPV6_LEN);
	(void)put_u16(icmp + 2, icmp6_checksum(packet->data, icmp, (size_t)(end - icmp)));
	packet->len = (uint8_t)(end - packet->data);
	packet->protocol = ETH_P_IPV6;
}

void arp_packet_na(const struct arp_hw *hw, const struct haops_addr *addr, bool is_router,
		   struct arp_packet *ret_packet)
{
	static const uint8_t all_nodes[IPV6_LEN] = {0xff, 0x02, [15] = 0x01};
	struct nd_fields fields = {
		.type = ND_NEIGHBOR_ADVERT,
		.flags = is_router ? 0xa0 : 0x20, /* router, override: RFC 4861 section 4.4 */
		.option = ND_OPT_TARGET_LINKADDR,
		.source = addr->bytes,
		.dest = all_nodes,
		.target = addr->bytes,
	};

	*ret_packet = (struct arp_packet){0};
	put_nd(hw, &fields, ret_packet);
	set_multicast_dest(hw, all_nodes, ret_packet);
}

/* RFC 4291 section 2.7.1 */
static void solicited_group(const struct haops_addr *target, uint8_t ret_group[IPV6_LEN])
{
	static const uint8_t prefix[IPV6_LEN] = {0xff, 0x02, [11] = 0x01, 0xff};

	memcpy(ret_group, prefix, IPV6_LEN);
	memcpy(ret_group + 13, target->bytes + 13, 3);
}

void arp_packet_ns(const struct arp_hw *hw, const struct haops_addr *addr,
		   const struct haops_addr *target, const uint8_t *target_mac,
		   struct arp_packet *ret_packet)
{
	uint8_t group[IPV6_LEN];
	struct nd_fields fields = {
		.type = ND_NEIGHBOR_SOLICIT,
		.option = ND_OPT_SOURCE_LINKADDR,
		.source = addr->bytes,
		.dest = target_mac ? target->bytes : group,
		.target = target->bytes,
	};

	solicited_group(target, group);
	*ret_packet = (struct arp_packet){0};
	put_nd(hw, &fields, ret_packet);
	if (target_mac)
		set_dest(hw, target_mac, ret_packet);
	else
		set_multicast_dest(hw, group, ret_packet);
}

void arp_packet_ns_probe(const struct arp_hw *hw, const struct haops_addr *target,
			 struct arp_packet *ret_packet)
{
	uint8_t group[IPV6_LEN];
	struct nd_fields fields = {
		.type = ND_NEIGHBOR_SOLICIT,
		.source = zeros,
		.dest = group,
		.target = target->bytes,
	};

	solicited_group(target, group);
	*ret_packet = (struct arp_packet){0};
	put_nd(hw, &fields, ret_packet);
	set_multicast_dest(hw, group, ret_packet);
}

static bool is_na(const uint8_t *data, size_t len)
{
	return len >= IPV6_HEADER_LEN + ND_HEADER_LEN && data[0] >> 4 == 6 &&
	       data[6] == IPPROTO_ICMPV6 && data[7] == ND_HOP_LIMIT &&
	       data[IPV6_HEADER_LEN] == ND_NEIGHBOR_ADVERT && data[IPV6_HEADER_LEN + 1] == 0;
}

bool arp_packet_parse_na(const uint8_t *data, size_t len, struct haops_addr *ret_target,
			 uint8_t ret_mac[6])
{
	size_t end = IPV6_HEADER_LEN;
	size_t at = IPV6_HEADER_LEN + ND_HEADER_LEN;

	if (!is_na(data, len))
		return false;
	end += get_u16(data + 4);
	/* What is behind is padding of the link. */
	if (end > len)
		return false;
	while (at + ND_ALIGN <= end && data[at + 1] > 0) {
		if (data[at] == ND_OPT_TARGET_LINKADDR && data[at + 1] == 1) {
			*ret_target = (struct haops_addr){.family = AF_INET6};
			memcpy(ret_target->bytes, data + IPV6_HEADER_LEN + 8, IPV6_LEN);
			memcpy(ret_mac, data + at + 2, 6);
			return true;
		}
		at += (size_t)data[at + 1] * ND_ALIGN;
	}
	return false;
}

static void get_ipv4(const uint8_t *at, struct haops_addr *ret_addr)
{
	*ret_addr = (struct haops_addr){.family = AF_INET};
	memcpy(ret_addr->bytes, at, IPV4_LEN);
}

bool arp_packet_parse(const uint8_t *data, size_t len, struct arp_message *ret_message)
{
	/* Ethernet, IPv4, and the lengths of their addresses. */
	static const uint8_t head[] = {0, ARPHRD_ETHER, 8, 0, 6, IPV4_LEN};
	struct arp_message message;

	if (len < 28 || memcmp(data, head, sizeof(head)) != 0)
		return false;
	message.op = get_u16(data + 6);
	if (message.op != ARPOP_REQUEST && message.op != ARPOP_REPLY)
		return false;
	memcpy(message.sender_mac, data + 8, sizeof(message.sender_mac));
	get_ipv4(data + 14, &message.sender);
	get_ipv4(data + 24, &message.target);
	*ret_message = message;
	return true;
}

bool arp_packet_claims(const struct arp_message *message, const struct arp_hw *own,
		       struct haops_addr *ret_addr)
{
	if (memcmp(message->sender_mac, own->mac, sizeof(message->sender_mac)) == 0)
		return false;
	if (memcmp(message->sender.bytes, zeros, IPV4_LEN) != 0)
		*ret_addr = message->sender;
	else if (message->op == ARPOP_REQUEST)
		*ret_addr = message->target; /* it wants the address as well: RFC 5227 2.1.1 */
	else
		return false;
	return true;
}
