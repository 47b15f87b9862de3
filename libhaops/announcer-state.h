/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ANNOUNCER_STATE_H
#define HAOPS_ANNOUNCER_STATE_H

/*
 * What a background sender knows and what follows from it: which addresses are still its own, and
 * when the next round is due. Fed with what the kernel reports; touches nothing itself.
 */

#include "arp-schedule.h"
#include "rtnl-msg.h"

#include <haops/link.h>
#include <haops/vip.h>

struct announcer_state {
	int ifindex;
	struct haops_arp_schedule schedule;
	struct haops_addr *addrs; /* in order; those that are gone are taken out */
	bool *is_usable;	  /* for each: neither tentative nor a duplicate */
	size_t count;

	bool must_look_link; /* something happened: the kernel has to be asked */
	bool must_look_addrs;
	bool is_link_gone;
	bool is_live; /* up and with carrier */
	uint32_t carrier_up_count;
	uint8_t mac[HAOPS_LINK_MAC_MAX];

	int64_t first_ms; /* of the schedule that is being followed */
	uint32_t rounds_done;
};

/* Takes the addresses over, each once, into arrays of that size: usable until something else is
 * known. */
void announcer_state_take(struct announcer_state *state, const struct haops_addr *addrs,
			  size_t count);

/* A notice of rtnetlink. What it says of the interface is not taken as the truth, but as a reason
 * to ask: one that leaves a bridge is reported as deleted, too. */
void announcer_state_notice(struct announcer_state *state, const struct nlmsghdr *nlh,
			    int64_t now_ms);

/* What the kernel said when it was asked. link is NULL when the interface is gone; is_first:
 * nothing is known to have changed. found is in the order of addrs. */
void announcer_state_link(struct announcer_state *state, const struct haops_link *link,
			  bool is_first, int64_t now_ms);
void announcer_state_found(struct announcer_state *state, const struct haops_vip_found *found,
			   int64_t now_ms);

/* Nothing is left to be announced, now or later. */
bool announcer_state_is_over(const struct announcer_state *state);

/* When the next round is due, ARP_SCHEDULE_DONE while there is none: also while it is not known
 * which addresses are there. */
int64_t announcer_state_due(const struct announcer_state *state);
/* A round was tried at now_ms. is_down: the interface took nothing. */
void announcer_state_sent(struct announcer_state *state, bool is_down, int64_t now_ms);

#endif
