/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LEASE_HOLD_H
#define HAOPSD_LEASE_HOLD_H

/*
 * How long no lease may begin here after the ring has changed: a node that is not in the new ring
 * may hold one, and its last proof may be as new as the last token. Pure.
 *
 * The ring is silent for token + consensus after a cut, which any lease is shorter than. But where
 * a node joins, or leaves in an orderly way, in the same moment, the new ring comes without the
 * wait for the token. The first own message that comes back in the new ring tells the time of the
 * cut: it was sent when the token had already stopped, or before; the token cannot have been with
 * anybody later than one rotation (below token / 5, which is in a lease's budget) after that.
 * Leases that go on are not held up.
 */

#include <haops/cluster.h>

struct lease_hold {
	struct haops_cluster_ring ring; /* the last one seen */
	uint32_t nodes[HAOPS_CLUSTER_MEMBERS_MAX];
	size_t node_count;
	uint32_t budget_ms; /* token + consensus */
	bool is_waiting;    /* for the first own message in the new ring */
	int64_t until_ms;   /* CLOCK_BOOTTIME; 0: nothing holds */
};

/* Each view, in the order of events. */
void lease_hold_view(struct lease_hold *hold, const struct haops_cluster_view *view);
/* Each message, in the order of events. */
void lease_hold_message(struct lease_hold *hold, const struct haops_cluster_message *message);
/* Until when no lease may begin; INT64_MAX while that is not known. */
int64_t lease_hold_until_ms(const struct lease_hold *hold);

#endif
