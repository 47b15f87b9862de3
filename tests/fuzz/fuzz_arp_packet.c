/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the readers of ARP messages and of neighbour advertisements: what they accept must
 * be what they say. The rest is read as messages of the kernel about neighbours. */

#include "arp-neigh.h"
#include "arp-packet.h"

#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const uint8_t *data, size_t size)
{
	static const struct arp_hw own = {.type = ARPHRD_ETHER, .len = 6, .mac = {2}};
	struct arp_message message;
	struct haops_addr claimed;

	if (!arp_packet_parse(data, size, &message))
		return;
	if (size < 28 || message.op < 1 || message.op > 2 ||
	    memcmp(message.sender_mac, data + 8, 6) != 0 ||
	    memcmp(message.sender.bytes, data + 14, 4) != 0 ||
	    memcmp(message.target.bytes, data + 24, 4) != 0)
		abort();
	if (arp_packet_claims(&message, &own, &claimed) &&
	    haops_addr_cmp(&claimed, &message.sender) != 0 &&
	    haops_addr_cmp(&claimed, &message.target) != 0)
		abort();
}

static void check_advertisement(const uint8_t *data, size_t size)
{
	struct haops_addr target;
	uint8_t mac[6];

	if (arp_packet_parse_na(data, size, &target, mac) &&
	    (size < 72 || memcmp(target.bytes, data + 48, 16) != 0 ||
	     !memmem(data + 66, size - 66, mac, sizeof(mac))))
		abort();
}

/* The caller of these has checked that the length in the head is that of the message. */
static void check_neighbour(const uint8_t *data, size_t size)
{
	uint8_t mac[ARP_MAC_MAX];
	struct nlmsghdr *nlh;

	if (size < sizeof(*nlh))
		return;
	nlh = malloc(size);
	if (!nlh)
		abort();
	memcpy(nlh, data, size);
	nlh->nlmsg_len = (uint32_t)size;
	(void)arp_neigh_parse(nlh, 6, mac);
	(void)arp_neigh_parse(nlh, ARP_MAC_MAX, mac);
	(void)arp_neigh_parse_broadcast(nlh, 6, mac);
	free(nlh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_message(data, size);
	check_advertisement(data, size);
	check_neighbour(data, size);
	return 0;
}
