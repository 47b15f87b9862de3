/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts what is known of all nodes before the library's election. */

#include "mysql/cluster.h"

#include <string.h>

void mysql_elect(struct ocf_run *run, const struct mysql_cluster *cluster,
		 struct haops_mysql_decision *ret_decision)
{
	struct haops_mysql_voter voters[NODES_MAX];
	const char *initial = ocf_str(run, MYSQL_INITIAL_PRIMARY);
	struct haops_mysql_election election = {.voters = voters,
						.voter_count = cluster->nodes.count,
						.candidate = cluster->own,
						.last_primary = cluster->memory.has_primary
									? cluster->memory.primary
									: NULL,
						.initial = initial[0] ? initial : NULL,
						.is_stale_allowed =
							memory_is_stale_allowed(&cluster->memory),
						.durability = mysql_durability(run)};

	for (size_t i = 0; i < cluster->nodes.count; i++) {
		const struct mysql_peer *peer = &cluster->peers[i];
		const char *name = mysql_cluster_name(cluster, i);

		voters[i] =
			(struct haops_mysql_voter){.node = name,
						   .is_safe =
							   memory_is_safe(&cluster->memory, name),
						   .is_bad = memory_is_bad(&cluster->memory, name),
						   .status =
							   peer->has_status ? &peer->status : NULL};
	}
	haops_mysql_elect(&election, ret_decision);
}
