/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides about leases by times and flags. Pure; renews and removes nothing. */
#include "guard/lease-policy.h"

#include "lease-page.h"

#define PAUSE_MIN_MS 1000
#define PERIOD_MIN_MS 100
#define PERIOD_MAX_MS 1000

static int64_t older_part(const struct guard_proof *proof)
{
	return proof->echo_ms < proof->pacemaker_ms ? proof->echo_ms : proof->pacemaker_ms;
}

enum haops_lease_verdict lease_verdict(const struct guard_proof *proof, int64_t now_ms,
				       int64_t resumed_ms)
{
	if (proof->is_two_node)
		return HAOPS_LEASE_TWO_NODE;
	if (!proof->is_quorate)
		return HAOPS_LEASE_NO_QUORUM;
	if (proof->is_paused || proof->echo_ms < resumed_ms)
		return HAOPS_LEASE_PAUSED;
	if (!lease_is_fresh(proof->echo_ms, now_ms))
		return HAOPS_LEASE_NO_ECHO;
	if (!lease_is_fresh(proof->pacemaker_ms, now_ms))
		return HAOPS_LEASE_NO_PACEMAKER;
	return proof->pacemaker_ms < resumed_ms ? HAOPS_LEASE_PAUSED : HAOPS_LEASE_OK;
}

/* The part that is too old for a renewal, when lease_verdict() is content with both. */
static enum haops_lease_verdict stale_part(const struct guard_proof *proof)
{
	return proof->echo_ms <= proof->pacemaker_ms ? HAOPS_LEASE_NO_ECHO
						     : HAOPS_LEASE_NO_PACEMAKER;
}

static int64_t limit_of(const struct lease_facts *facts)
{
	return lease_limit_ms(facts->lease_ms, facts->proof.token_ms, facts->proof.consensus_ms);
}

/* The oldest proof that a renewal is begun on: a tenth below the limit, for the time that it takes,
 * and not above the lease, where the address is dropped instead. */
static int64_t renew_age(const struct lease_facts *facts)
{
	int64_t age = limit_of(facts) * 9 / 10;

	return age < (int64_t)facts->lease_ms ? age : (int64_t)facts->lease_ms;
}

static int64_t period_of(const struct lease_facts *facts)
{
	int64_t period = facts->lease_ms / 5;

	if (period < PERIOD_MIN_MS)
		return PERIOD_MIN_MS;
	return period > PERIOD_MAX_MS ? PERIOD_MAX_MS : period;
}

static bool is_broken(const struct lease_facts *facts)
{
	return facts->renewed_ms > 0 && facts->renewed_ms <= facts->proof.broken_ms;
}

/* How old the newest proof is that the address can rest on. Without one of our own it was given by
 * the haopsd before us, on a proof from before we began; or we forgot what we renewed it on. */
static int64_t basis_age(const struct lease_facts *facts, int64_t age_ms)
{
	if (age_ms >= 0)
		return age_ms;
	return facts->now_ms - (facts->renewed_ms > 0 ? facts->renewed_ms : facts->begun_ms);
}

/*
 * The kernel's lifetime is no excuse for an address that rests on too old a proof: it stands still
 * while the machine is suspended. Without quorum the others may have it, and take the address; that
 * is dropped however fresh the rest is, once we have proven anything ourselves: before that we have
 * just begun, and do not know. So is what was renewed before our Corosync ended, though it may be
 * back already: the others have seen this node leave.
 */
static bool must_drop(const struct lease_facts *facts, int64_t age_ms)
{
	if (is_broken(facts) || basis_age(facts, age_ms) > (int64_t)facts->lease_ms)
		return true;
	if (age_ms < 0 && facts->renewed_ms <= 0)
		return false;
	return facts->proof.is_two_node || !facts->proof.is_quorate;
}

struct lease_decision lease_decide(const struct lease_facts *facts)
{
	const struct guard_proof *proof = &facts->proof;
	int64_t older = older_part(proof);
	struct lease_decision decision = {.action = LEASE_WAIT, .age_ms = -1};

	if (older > 0)
		decision.age_ms = facts->now_ms > older ? facts->now_ms - older : 0;
	decision.verdict = lease_verdict(proof, facts->now_ms, facts->resumed_ms);
	decision.is_too_long =
		proof->token_ms > 0 && proof->consensus_ms > 0 && limit_of(facts) < 0;
	if (must_drop(facts, decision.age_ms)) {
		decision.action = LEASE_DROP;
		if (decision.verdict == HAOPS_LEASE_OK)
			decision.verdict =
				is_broken(facts) ? HAOPS_LEASE_NO_ECHO : stale_part(proof);
		return decision;
	}
	if (decision.verdict != HAOPS_LEASE_OK || proof->token_ms == 0 ||
	    proof->consensus_ms == 0 || decision.age_ms > renew_age(facts))
		return decision;
	if (facts->renewed_ms <= 0 || facts->now_ms - facts->renewed_ms >= period_of(facts))
		decision.action = LEASE_RENEW;
	return decision;
}

bool lease_was_late(const struct lease_facts *facts)
{
	int64_t age = facts->now_ms - older_part(&facts->proof);

	return age > limit_of(facts) || age > (int64_t)facts->lease_ms;
}

bool lease_is_pause(int64_t gap_ms, uint32_t token_ms)
{
	int64_t limit = token_ms / 2;

	return gap_ms > (limit > PAUSE_MIN_MS ? limit : PAUSE_MIN_MS);
}

const char *lease_reason(enum haops_lease_verdict verdict)
{
	switch (verdict) {
	case HAOPS_LEASE_OK:
		return "proof is fresh";
	case HAOPS_LEASE_TWO_NODE:
		return "a two_node cluster without qdevice has no majority";
	case HAOPS_LEASE_NO_QUORUM:
		return "this part of the cluster has no quorum";
	case HAOPS_LEASE_NO_ECHO:
		return "own messages do not come back through Corosync";
	case HAOPS_LEASE_NO_PACEMAKER:
		return "Pacemaker does not answer (its controller, or pacemakerd)";
	case HAOPS_LEASE_PAUSED:
		return "this machine or haopsd stood still, and nothing is proven since";
	case HAOPS_LEASE_HELD:
		return "a node that is not in the ring may still have leases";
	case HAOPS_LEASE_NO_DAEMON:
		break;
	}
	return "haopsd has not proven anything";
}
