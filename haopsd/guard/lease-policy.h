/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LEASE_POLICY_H
#define HAOPSD_LEASE_POLICY_H

/*
 * Decides, for one leased resource at one moment, whether its addresses get more lifetime, are to
 * be taken away, or are left to the lifetime that they have. Pure: times and flags in, a word out.
 */

#include "guard/guard.h"

enum lease_action {
	LEASE_WAIT,  /* nothing is due, or nothing can be said: the lifetime goes on running out */
	LEASE_RENEW, /* now */
	LEASE_DROP   /* take the addresses away now */
};

struct lease_facts {
	int64_t now_ms;
	struct guard_proof proof;
	int64_t resumed_ms; /* end of our last pause: what was sent before it proves nothing new */
	uint32_t lease_ms;
	int64_t renewed_ms; /* last renewal, 0 never */
	int64_t begun_ms;   /* when this haopsd began to look after leases */
};

struct lease_decision {
	enum lease_action action;
	enum haops_lease_verdict verdict; /* what is missing; OK when nothing is */
	bool is_too_long;		  /* for the totem times: never renewed */
	int64_t age_ms;			  /* of the proof; -1 when there never was one */
};

struct lease_decision lease_decide(const struct lease_facts *facts);
/* After a renewal was made: whether it came too late (we were stopped in the middle of it), so that
 * the addresses have to go at once. facts->now_ms is the time after it. */
bool lease_was_late(const struct lease_facts *facts);
/* Whether we stood still between two looks at the clock. */
bool lease_is_pause(int64_t gap_ms, uint32_t token_ms);
/* The first thing that is missing for a renewal, whatever the lease is. */
enum haops_lease_verdict lease_verdict(const struct guard_proof *proof, int64_t now_ms,
				       int64_t resumed_ms);
/* What is missing, for people; "proof is fresh" for OK. */
const char *lease_reason(enum haops_lease_verdict verdict);

#endif
