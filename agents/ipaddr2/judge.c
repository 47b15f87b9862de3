/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides whether an address that the kernel shows is as it is wanted. Pure: looks at nothing else.
 */

#include "ipaddr2/ipaddr2.h"

static bool is_loopback_addr(const struct haops_addr *addr)
{
	if (addr->family == AF_INET)
		return addr->bytes[0] == 127;
	for (size_t i = 0; i < 15; i++) {
		if (addr->bytes[i] != 0)
			return false;
	}
	return addr->bytes[15] == 1;
}

/*
 * An address that is on the loopback interface only is that of an LVS real server or of a router,
 * and none of this resource's, unless it is wanted there.
 */
static bool is_elsewhere(const struct haops_addr *addr, const struct haops_vip_found *found,
			 int ifindex)
{
	return found->ifindex == IPADDR2_LOOPBACK_IFINDEX && ifindex != IPADDR2_LOOPBACK_IFINDEX &&
	       !(ifindex == 0 && is_loopback_addr(addr));
}

enum ipaddr2_fit ipaddr2_judge(const struct haops_addr *addr, const struct haops_vip_found *found,
			       int ifindex, int prefix_len)
{
	if (found->state == HAOPS_VIP_UNKNOWN)
		return FIT_UNKNOWN;
	if (found->state == HAOPS_VIP_ABSENT || is_elsewhere(addr, found, ifindex))
		return FIT_ABSENT;
	if (ifindex != 0 && found->ifindex != ifindex)
		return FIT_WRONG_LINK;
	if (prefix_len >= 0 && found->prefix_len != prefix_len)
		return FIT_WRONG_PREFIX;
	return found->state == HAOPS_VIP_DUPLICATE ? FIT_DUPLICATE : FIT_RIGHT;
}

void ipaddr2_tally_add(struct ipaddr2_tally *tally, enum ipaddr2_fit fit)
{
	if (fit == FIT_ABSENT) {
		if (tally->absent++ == 0)
			tally->first_absent = tally->total;
	} else if (fit != FIT_RIGHT && tally->wrong == FIT_RIGHT) {
		tally->wrong = fit;
		tally->first_wrong = tally->total;
	}
	tally->total++;
}
