/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The primary's next step with the safe set. Asks and writes nothing. */
#include "mysql/safe-set.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct answer {
	const struct safe_view *view;
	struct memory *memory; /* with the S to be published */
	char *reason;
	size_t size;
};

static void HAOPS_PRINTF(2, 3) explain(struct answer *answer, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(answer->reason, answer->size, fmt, args);
	va_end(args);
}

static bool is_safe(const struct safe_view *view, const struct safe_peer *peer)
{
	return memory_is_safe(view->memory, peer->node);
}

static bool is_good(const struct safe_view *view, const struct safe_peer *peer)
{
	return peer->status && peer->follows && peer->status->delay_s == 0 &&
	       !memory_is_bad(view->memory, peer->node);
}

/* Everything that the primary had logged when it was asked, which was before. */
static bool has_all(const struct safe_view *view, const struct safe_peer *peer)
{
	return is_good(view, peer) &&
	       haops_mysql_gtid_covers(peer->status->all, view->status->logged);
}

/* Whether this run of its server was granted to acknowledge, or has to be first. */
static bool is_granted(const struct safe_view *view, const struct safe_peer *peer)
{
	return peer->instance > 0 && memory_acks(view->memory, peer->node) == peer->instance;
}

/* It acknowledges nothing until it is granted anew. */
static bool is_mute(const struct safe_view *view, const struct safe_peer *peer)
{
	if (peer->presence == SAFE_DOWN)
		return true;
	return memory_is_bad(view->memory, peer->node) && peer->status && !peer->status->acks;
}

static size_t count_others(const struct safe_view *view)
{
	return memory_count_safe(view->memory) - memory_is_safe(view->memory, view->own);
}

/* Whether S without this peer has a second holder of all acknowledged writes. */
static bool has_holder(const struct safe_view *view, const struct safe_peer *without)
{
	for (size_t i = 0; i < view->peer_count; i++)
		if (&view->peers[i] != without && is_safe(view, &view->peers[i]) &&
		    has_all(view, &view->peers[i]))
			return true;
	return false;
}

/* One that is gone. The last one goes without a holder: the primary alone has all then. */
static enum safe_step shrink(struct answer *answer)
{
	const struct safe_view *view = answer->view;

	for (size_t i = 0; i < view->peer_count; i++) {
		const struct safe_peer *peer = &view->peers[i];

		if (!is_safe(view, peer) || !is_mute(view, peer))
			continue;
		if (count_others(view) > 1 && !has_holder(view, peer))
			continue;
		(void)memory_set_safe(answer->memory, peer->node, false);
		(void)memory_set_acks(answer->memory, peer->node, 0);
		explain(answer, "%.64s %s: it is no member of the safe set any more", peer->node,
			peer->presence == SAFE_DOWN ? "is down" : "has diverged");
		return SAFE_PUBLISH;
	}
	return SAFE_NONE;
}

/* Grants it to each that replicates and has no grant yet; how many. */
static size_t grant(struct answer *answer, bool is_member)
{
	const struct safe_view *view = answer->view;
	size_t granted = 0;

	for (size_t i = 0; i < view->peer_count; i++) {
		const struct safe_peer *peer = &view->peers[i];

		if (!is_good(view, peer) || peer->instance == 0 || is_granted(view, peer) ||
		    memory_set_acks(answer->memory, peer->node, peer->instance) < 0)
			continue;
		if (is_member)
			(void)memory_set_safe(answer->memory, peer->node, true);
		explain(answer, "%.64s replicates: it %s", peer->node,
			is_member ? "is a member of the safe set, and may acknowledge"
				  : "may acknowledge");
		granted++;
	}
	return granted;
}

/* Those that were granted it, and may have it, become members, all at once. */
static enum safe_step take_in(struct answer *answer)
{
	for (size_t i = 0; i < answer->memory->node_count; i++)
		if (answer->memory->nodes[i].acks > 0)
			answer->memory->nodes[i].is_safe = true;
	explain(answer, "a replica has what is acknowledged: the safe set has %zu members",
		memory_count_safe(answer->memory));
	return SAFE_PUBLISH;
}

/*
 * S is the primary alone, and nobody counts on replicas: they are granted to acknowledge, then
 * commits wait for them, and when one has all that was logged before, all that were granted it are
 * members. None acknowledges that is not one by then.
 */
static enum safe_step begin(struct answer *answer)
{
	const struct safe_view *view = answer->view;
	bool has_all_one = false;

	if (grant(answer, false) > 0)
		return SAFE_PUBLISH;
	for (size_t i = 0; i < view->peer_count; i++)
		has_all_one |= is_granted(view, &view->peers[i]) &&
			       has_all(view, &view->peers[i]) && view->peers[i].status->acks;
	if (view->status->waits_for_ack && (view->status->ackers == 0 || view->is_stuck))
		return SAFE_WAIT_OFF;
	if (!has_all_one)
		return SAFE_NONE;
	if (!view->status->waits_for_ack)
		return view->status->ackers > 0 ? SAFE_WAIT_ON : SAFE_NONE;
	return take_in(answer);
}

/*
 * What waits is on a member of S, which will never say so: S becomes the primary alone, whose
 * commits wait for nobody, and begins anew. Nothing is acknowledged in between that is not on all
 * of S.
 */
static enum safe_step release(struct answer *answer)
{
	const struct safe_view *view = answer->view;

	if (!view->is_stuck || !has_holder(view, NULL))
		return SAFE_NONE;
	for (size_t i = 0; i < view->peer_count; i++)
		(void)memory_set_safe(answer->memory, view->peers[i].node, false);
	explain(answer, "commits wait for what a replica has, and had before it acknowledged: the "
			"safe set begins anew");
	return SAFE_PUBLISH;
}

enum safe_step safe_set_next(const struct safe_view *view, struct memory *ret_memory,
			     char *ret_reason, size_t size)
{
	struct answer answer = {view, ret_memory, ret_reason, size};
	enum safe_step step;

	*ret_memory = *view->memory;
	ret_reason[0] = '\0';
	if (view->durability != HAOPS_MYSQL_SAFE)
		return view->status->waits_for_ack ? SAFE_WAIT_OFF : SAFE_NONE;
	if (!memory_is_safe(view->memory, view->own)) {
		(void)memory_set_safe(ret_memory, view->own, true);
		explain(&answer, "the primary is a member of the safe set");
		return SAFE_PUBLISH;
	}
	if (count_others(view) == 0)
		return begin(&answer);
	if (!view->status->waits_for_ack)
		return SAFE_WAIT_ON;
	step = release(&answer);
	if (step == SAFE_NONE)
		step = shrink(&answer);
	if (step == SAFE_NONE && grant(&answer, true) > 0)
		step = SAFE_PUBLISH;
	return step;
}

bool safe_set_may_ack(const struct memory *memory, const char *own, uint64_t instance,
		      const struct haops_mysql_status *status)
{
	return instance > 0 && memory_acks(memory, own) == instance &&
	       !memory_is_bad(memory, own) && status->delay_s == 0;
}
