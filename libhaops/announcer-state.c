/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a background sender knows and what follows from it. Pure: asks nobody, sends nothing. */
#include "announcer-state.h"

#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

static void restart(struct announcer_state *state, int64_t now_ms)
{
	state->first_ms = now_ms;
	state->rounds_done = 0;
}

void announcer_state_take(struct announcer_state *state, const struct haops_addr *addrs,
			  size_t count)
{
	size_t kept = 0;

	memcpy(state->addrs, addrs, count * sizeof(*addrs));
	qsort(state->addrs, count, sizeof(*addrs), haops_addr_cmp);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && haops_addr_cmp(&state->addrs[kept - 1], &state->addrs[i]) == 0)
			continue;
		state->addrs[kept] = state->addrs[i];
		state->is_usable[kept++] = true;
	}
	state->count = kept;
}

static void notice_addr(struct announcer_state *state, const struct nlmsghdr *nlh, int64_t now_ms)
{
	const struct haops_addr *known;
	struct rtnl_addr addr;
	bool was_usable;
	size_t i;

	if (rtnl_msg_parse_addr(nlh, &addr) < 0) {
		state->must_look_addrs = true;
		return;
	}
	if (addr.ifindex != state->ifindex)
		return;
	known = bsearch(&addr.local, state->addrs, state->count, sizeof(addr.local),
			haops_addr_cmp);
	if (!known)
		return;
	if (nlh->nlmsg_type == RTM_DELADDR) {
		/* It may be there with another prefix length still. */
		state->must_look_addrs = true;
		return;
	}
	i = (size_t)(known - state->addrs);
	was_usable = state->is_usable[i];
	state->is_usable[i] = !(addr.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
	if (state->is_usable[i] && !was_usable)
		restart(state, now_ms);
}

static void notice_link(struct announcer_state *state, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *info = NLMSG_DATA(nlh);

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) || info->ifi_index == state->ifindex)
		state->must_look_link = true;
}

void announcer_state_notice(struct announcer_state *state, const struct nlmsghdr *nlh,
			    int64_t now_ms)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWADDR:
	case RTM_DELADDR:
		notice_addr(state, nlh, now_ms);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		notice_link(state, nlh);
		break;
	default:
		break;
	}
}

/* Neighbours have to hear of the addresses anew: the carrier is back (it may have gone and come
 * back between two looks), or the hardware address is another one. */
static bool is_news(const struct announcer_state *state, const struct haops_link *link)
{
	return !state->is_live || link->carrier_up_count != state->carrier_up_count ||
	       memcmp(link->mac, state->mac, sizeof(state->mac)) != 0;
}

void announcer_state_link(struct announcer_state *state, const struct haops_link *link,
			  bool is_first, int64_t now_ms)
{
	bool is_live;

	state->must_look_link = false;
	if (!link) {
		state->is_link_gone = true;
		return;
	}
	is_live = link->is_up && link->has_carrier;
	if (is_live && !is_first && is_news(state, link))
		restart(state, now_ms);
	state->is_live = is_live;
	/* What happened without a carrier is news when it is back. */
	if (is_live || is_first) {
		state->carrier_up_count = link->carrier_up_count;
		memcpy(state->mac, link->mac, sizeof(state->mac));
	}
}

void announcer_state_found(struct announcer_state *state, const struct haops_vip_found *found,
			   int64_t now_ms)
{
	size_t kept = 0;

	state->must_look_addrs = false;
	for (size_t i = 0; i < state->count; i++) {
		bool is_here = found[i].ifindex == state->ifindex;
		bool is_usable = is_here && found[i].state == HAOPS_VIP_PRESENT;

		if (found[i].state == HAOPS_VIP_UNKNOWN) {
			state->must_look_addrs = true;
			is_usable = state->is_usable[i];
		} else if (found[i].state == HAOPS_VIP_ABSENT || !is_here) {
			continue;
		}
		if (is_usable && !state->is_usable[i])
			restart(state, now_ms);
		state->addrs[kept] = state->addrs[i];
		state->is_usable[kept++] = is_usable;
	}
	state->count = kept;
}

bool announcer_state_is_over(const struct announcer_state *state)
{
	return state->is_link_gone || state->count == 0;
}

static bool has_usable(const struct announcer_state *state)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->is_usable[i])
			return true;
	return false;
}

int64_t announcer_state_due(const struct announcer_state *state)
{
	if (announcer_state_is_over(state) || state->must_look_addrs || !state->is_live ||
	    !has_usable(state))
		return ARP_SCHEDULE_DONE;
	return arp_schedule_next(&state->schedule, state->first_ms, state->rounds_done);
}

void announcer_state_sent(struct announcer_state *state, bool is_down, int64_t now_ms)
{
	/* A notice of its return is still to come: the listening began before. */
	if (is_down)
		state->is_live = false;
	else
		state->rounds_done = arp_schedule_advance(&state->schedule, state->first_ms, now_ms,
							  state->rounds_done);
}
