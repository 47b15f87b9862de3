/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the servers' words mean together: who is the primary, who lacks what, who may be promoted.
 * All is decided by libhaops-mysql. */

#include "snapshot.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>

static int compare(struct haops_ctx *ctx, struct server *server, const struct server *primary)
{
	struct haops_mysql_comparison comparison = {0};
	int r = haops_mysql_compare(ctx, &server->status, &primary->status, &comparison);

	if (r < 0)
		return r;
	free(server->errant);
	server->errant = comparison.errant;
	server->behind = comparison.behind;
	server->is_ahead = comparison.relation == HAOPS_MYSQL_AHEAD ||
			   comparison.relation == HAOPS_MYSQL_DIVERGED;
	server->is_compared = true;
	return 0;
}

/* As if the primary had just been demoted: it has what it has, and takes no more. */
static void fill_voters(const struct snapshot *snapshot, struct haops_mysql_voter *voters,
			struct haops_mysql_status *closed)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct db_node *node = &snapshot->nodes[i];

		closed[i] = node->server.status;
		closed[i].is_writable = false;
		voters[i] =
			(struct haops_mysql_voter){.node = node->name,
						   .is_safe = node->is_safe,
						   .is_bad = node->is_bad,
						   .status = node->server.is_answering ? &closed[i]
										       : NULL};
	}
}

int snapshot_elect(struct snapshot *snapshot)
{
	CLEANUP_FREE struct haops_mysql_status *closed =
		calloc(SNAPSHOT_NODES_MAX, sizeof(*closed));
	const struct remembered *memory = &snapshot->memory;
	struct haops_mysql_voter voters[SNAPSHOT_NODES_MAX] = {0};
	struct haops_mysql_election election = {.voters = voters,
						.voter_count = snapshot->node_count,
						.last_primary = memory->has_primary
									? memory->primary
									: NULL,
						.initial = snapshot->initial[0] ? snapshot->initial
										: NULL,
						.is_stale_allowed = memory->is_stale_allowed,
						.durability = snapshot->durability};

	if (!closed)
		return -ENOMEM;
	fill_voters(snapshot, voters, closed);
	for (size_t i = 0; i < snapshot->node_count; i++) {
		election.candidate = i;
		haops_mysql_elect(&election, &snapshot->nodes[i].server.decision);
		snapshot->nodes[i].server.is_judged = true;
	}
	return 0;
}

int snapshot_weigh(struct haops_ctx *ctx, struct snapshot *snapshot)
{
	int r = 0;

	snapshot_find_primary(snapshot);
	for (size_t i = 0; i < snapshot->node_count && r == 0; i++) {
		struct server *server = &snapshot->nodes[i].server;

		if (snapshot->primary < snapshot->node_count && i != snapshot->primary &&
		    server->is_answering)
			r = compare(ctx, server, &snapshot->nodes[snapshot->primary].server);
	}
	return r == 0 ? snapshot_elect(snapshot) : r;
}
