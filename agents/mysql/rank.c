/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells Pacemaker how fit this node is for promotion, and whether clients may read from it. */

#include "mysql/cluster.h"
#include "mysql/reader.h"
#include "mysql/score.h"

#include <string.h>

/* Until the first monitor. */
#define FRESH 280

static void tell_score(struct ocf_run *run, struct mysql_cluster *cluster,
		       const struct haops_mysql_decision *decision)
{
	const struct score_view view = {.memory = &cluster->memory,
					.own = mysql_cluster_name(cluster, cluster->own),
					.status = &cluster->peers[cluster->own].status,
					.durability = mysql_durability(run),
					.place = cluster->own,
					.max_lag_s = ocf_int(run, MYSQL_MAX_SLAVE_LAG),
					.decision = decision};
	int score = 0;
	bool has_score = score_decide(&view, &score);

	/* Of one that was just started more is expected of those that never were away. */
	if (has_score && score > FRESH && strcmp(ocf_action_name(run), "start") == 0)
		score -= FRESH;
	mysql_score_set(run, has_score, score);
}

static void tell_reader(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	struct reader_limits limits = {.out_s = ocf_int(run, ocf_is_set(run, MYSQL_READER_LAG_OUT)
								     ? MYSQL_READER_LAG_OUT
								     : MYSQL_MAX_SLAVE_LAG)};
	const char *own = mysql_cluster_name(cluster, cluster->own);

	limits.in_s = ocf_is_set(run, MYSQL_READER_LAG_IN) ? ocf_int(run, MYSQL_READER_LAG_IN)
							   : limits.out_s / 2;
	mysql_reader_set(run,
			 !memory_is_bad(&cluster->memory, own) &&
				 reader_decide(&cluster->peers[cluster->own].status, &limits,
					       mysql_is_following(cluster), mysql_reader_was(run)));
}

void mysql_rank(struct ocf_run *run, struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;
	struct haops_mysql_decision decision;
	/* While the primary is gone and Pacemaker acts, nothing is to change, and nobody to be
	 * waited for. */
	bool is_electing = !own->is_writable && !mysql_is_following(cluster) &&
			   !mysql_is_waiting(cluster) && !mysql_has_let_go(cluster);

	/* Nobody is seen to be primary: would this one be let through? */
	if (is_electing) {
		mysql_ask_all(run, cluster);
		mysql_elect(run, cluster, &decision);
		ocf_log(run, HAOPS_LOG_INFO, "as a candidate: %s", decision.reason);
	}
	tell_score(run, cluster, is_electing ? &decision : NULL);
	tell_reader(run, cluster);
}
