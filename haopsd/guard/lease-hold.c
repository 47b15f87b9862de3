/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds new leases back after a change of the ring that may have cut an owner off. Pure. */
#include "guard/lease-hold.h"

#include <string.h>

static bool is_in(const struct haops_cluster_view *view, uint32_t node)
{
	for (size_t i = 0; i < view->ring_count; i++)
		if (view->ring_nodes[i] == node)
			return true;
	return false;
}

/* Whether somebody may be outside of the new ring who was inside of one a moment ago: with us, or,
 * as far as we who have just come can know, with the others. */
static bool is_anybody_out(const struct lease_hold *hold, const struct haops_cluster_view *view)
{
	for (size_t i = 0; i < hold->node_count; i++)
		if (!is_in(view, hold->nodes[i]))
			return true;
	return view->expected_votes == 0 || view->total_votes < view->expected_votes;
}

static void keep_ring(struct lease_hold *hold, const struct haops_cluster_view *view)
{
	size_t count = view->ring_count;

	if (count > HAOPS_CLUSTER_MEMBERS_MAX)
		count = HAOPS_CLUSTER_MEMBERS_MAX;
	hold->ring = view->ring;
	hold->node_count = count;
	for (size_t i = 0; i < count; i++)
		hold->nodes[i] = view->ring_nodes[i];
}

void lease_hold_view(struct lease_hold *hold, const struct haops_cluster_view *view)
{
	bool is_same = hold->ring.seq == view->ring.seq && hold->ring.nodeid == view->ring.nodeid;

	if (view->token_ms > 0 && view->consensus_ms > 0)
		hold->budget_ms = view->token_ms + view->consensus_ms;
	/* Own messages are overdue while the ring is formed; the new one is told before they are
	 * back. */
	if ((view->state != HAOPS_CLUSTER_UP && view->state != HAOPS_CLUSTER_SILENT) || is_same)
		return;
	if (is_anybody_out(hold, view))
		hold->is_waiting = true;
	keep_ring(hold, view);
}

void lease_hold_message(struct lease_hold *hold, const struct haops_cluster_message *message)
{
	int64_t sent_ms = message->sent_ms;
	int64_t until_ms;

	if (!hold->is_waiting || !message->is_own || hold->budget_ms == 0)
		return;
	if (sent_ms > message->received_ms)
		sent_ms = message->received_ms;
	until_ms = sent_ms + hold->budget_ms;
	if (until_ms > hold->until_ms)
		hold->until_ms = until_ms;
	hold->is_waiting = false;
}

int64_t lease_hold_until_ms(const struct lease_hold *hold)
{
	return hold->is_waiting ? INT64_MAX : hold->until_ms;
}
