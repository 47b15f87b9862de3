/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets one round of announcements consists of, and in which order. Pure. */
#include "arp-round.h"

#include <sys/socket.h>

#define ADDRS_MAX 4096

/* The steps of an address, in their order; those behind STEP_TARGETS are one for each target. */
enum { STEP_REQUEST, STEP_REPLY, STEP_TARGETS };

const char *arp_round_check(const struct haops_announcement *what)
{
	if (what->ifindex < 1)
		return "the number of the interface must be 1 or above";
	if (!what->addrs || what->count < 1 || what->count > ADDRS_MAX)
		return "there must be 1 to 4096 addresses";
	if (what->form != HAOPS_ARP_BOTH && what->form != HAOPS_ARP_REQUEST &&
	    what->form != HAOPS_ARP_REPLY)
		return "the form is none of the known ones";
	if (what->target_count > HAOPS_ARP_TARGETS_MAX || (what->target_count && !what->targets))
		return "there must be 0 to 16 targets";
	for (size_t i = 0; i < what->count; i++)
		if (!haops_addr_is_unicast(&what->addrs[i]))
			return "one of the addresses cannot be a host's own";
	for (size_t i = 0; i < what->target_count; i++)
		if (!haops_addr_is_unicast(&what->targets[i]))
			return "one of the targets cannot be a host's address";
	return NULL;
}

static bool build_v4(const struct arp_round *round, const struct haops_addr *addr, size_t step,
		     struct arp_packet *ret_packet)
{
	enum haops_arp_form form = round->what->form;

	if (step == STEP_REQUEST && form != HAOPS_ARP_REPLY)
		arp_packet_request(&round->hw, addr, ret_packet);
	else if (step == STEP_REPLY && form != HAOPS_ARP_REQUEST)
		arp_packet_reply(&round->hw, addr, ret_packet);
	else
		return false;
	return true;
}

static bool build_for_all(const struct arp_round *round, const struct haops_addr *addr, size_t step,
			  struct arp_packet *ret_packet)
{
	if (addr->family == AF_INET)
		return build_v4(round, addr, step, ret_packet);
	if (step != STEP_REQUEST)
		return false;
	arp_packet_na(&round->hw, addr, round->is_router, ret_packet);
	return true;
}

static bool build_for_target(const struct arp_round *round, const struct haops_addr *addr,
			     const struct arp_target *target, struct arp_packet *ret_packet)
{
	const uint8_t *mac = target->has_mac ? target->mac : NULL;

	if (target->addr.family != addr->family || haops_addr_cmp(&target->addr, addr) == 0)
		return false;
	if (addr->family == AF_INET)
		arp_packet_ask(&round->hw, addr, &target->addr, mac, ret_packet);
	else
		arp_packet_ns(&round->hw, addr, &target->addr, mac, ret_packet);
	return true;
}

bool arp_round_next(struct arp_round *round, struct arp_packet *ret_packet)
{
	while (round->addr_index < round->what->count) {
		const struct haops_addr *addr = &round->what->addrs[round->addr_index];
		size_t step = round->step++;

		if (step >= STEP_TARGETS + round->target_count) {
			round->addr_index++;
			round->step = 0;
		} else if (step < STEP_TARGETS) {
			if (build_for_all(round, addr, step, ret_packet))
				return true;
		} else if (build_for_target(round, addr, &round->targets[step - STEP_TARGETS],
					    ret_packet)) {
			return true;
		}
	}
	return false;
}
