/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The primary's work for the safe set: one step after the other, each decided in safe-set.c by what
 * was asked just before. */

#include "mysql/cluster.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 8
/* What is left of the action's time when no further step is begun. */
#define KEEP_MS 4000
#define REASON_MAX 256
/* Commits that do not move for so long. */
#define STUCK_MS 300

static bool follows(const struct mysql_cluster *cluster, const struct mysql_peer *peer)
{
	const struct haops_mysql_status *status = &peer->status;

	return peer->has_status && status->is_replica &&
	       strcmp(status->source_host, mysql_cluster_address(cluster, cluster->own)) == 0 &&
	       status->receiver == HAOPS_MYSQL_RUNNING && status->applier == HAOPS_MYSQL_RUNNING &&
	       status->receiver_errno == 0 && status->applier_errno == 0;
}

static size_t fill_peers(const struct mysql_cluster *cluster, struct safe_peer peers[NODES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < cluster->nodes.count; i++) {
		const struct mysql_peer *peer = &cluster->peers[i];

		if (i == cluster->own)
			continue;
		peers[count++] =
			(struct safe_peer){.node = mysql_cluster_name(cluster, i),
					   /* It answers: it is there, whatever Pacemaker has been
					      told so far. */
					   .presence = peer->has_status ? SAFE_UP : peer->presence,
					   .status = peer->has_status ? &peer->status : NULL,
					   .instance = peer->has_status ? peer->status.instance : 0,
					   .follows = follows(cluster, peer)};
	}
	return count;
}

static enum safe_step decide(struct ocf_run *run, const struct mysql_cluster *cluster,
			     bool is_stuck, struct memory *wanted, char reason[REASON_MAX])
{
	struct safe_peer peers[NODES_MAX];
	const struct safe_view view = {.memory = &cluster->memory,
				       .own = mysql_cluster_name(cluster, cluster->own),
				       .status = &cluster->peers[cluster->own].status,
				       .durability = mysql_durability(run),
				       .peers = peers,
				       .peer_count = fill_peers(cluster, peers),
				       .is_stuck = is_stuck};

	return safe_set_next(&view, wanted, reason, REASON_MAX);
}

static int perform(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		   enum safe_step step, const struct memory *wanted)
{
	enum haops_mysql_durability durability =
		step == SAFE_WAIT_ON ? HAOPS_MYSQL_SAFE : HAOPS_MYSQL_ASYNC;
	int r;

	if (step == SAFE_PUBLISH)
		return mysql_memory_write(run, cluster, wanted);
	r = haops_mysql_set_durability(mysql, durability, ocf_deadline(run));
	return r == 0 ? 0 : mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void tell(struct ocf_run *run, enum safe_step step, const char *reason)
{
	if (step == SAFE_PUBLISH)
		ocf_log(run, HAOPS_LOG_INFO, "%s", reason);
	else
		ocf_log(run, HAOPS_LOG_INFO, "commits wait for %s from now on",
			step == SAFE_WAIT_ON ? "a replica" : "no replica");
}

/* With nobody who acknowledges it is no wonder. */
static bool is_stuck(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	struct mysql_peer *own = &cluster->peers[cluster->own];
	int r = own->status.ackers > 0
			? mysql_is_stuck(run, mysql, &own->status, STUCK_MS, ocf_deadline(run))
			: 0;

	if (r < 0) {
		own->has_status = false;
		(void)mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
	}
	return r > 0 && own->status.ackers > 0;
}

/* Its own status first: who has it all then has it all now. False: nothing is left to be done. */
static bool one_step(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		     struct memory *wanted)
{
	enum safe_step step;
	char reason[REASON_MAX];
	bool stuck = mysql_ask_own(run, cluster, mysql) == 0 && is_stuck(run, cluster, mysql);

	if (!cluster->peers[cluster->own].has_status) {
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
		return false;
	}
	mysql_ask_all(run, cluster);
	step = decide(run, cluster, stuck, wanted, reason);
	if (step == SAFE_NONE)
		return false;
	if (perform(run, cluster, mysql, step, wanted) < 0) {
		ocf_log(run, HAOPS_LOG_WARNING, "%s: %s", reason, cluster->problem);
		return false;
	}
	tell(run, step, reason);
	return true;
}

/* A member of the safe set that acknowledges as it was granted. */
static bool is_member(const struct mysql_cluster *cluster, size_t node, uint64_t instance)
{
	const char *name = mysql_cluster_name(cluster, node);

	return memory_is_safe(&cluster->memory, name) && !memory_is_bad(&cluster->memory, name) &&
	       memory_acks(&cluster->memory, name) == instance;
}

static bool are_all_led(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;
	size_t others = cluster->nodes.count - 1;

	for (size_t i = 0; i < cluster->nodes.count; i++) {
		const struct mysql_peer *peer = &cluster->peers[i];

		if (i != cluster->own &&
		    (!follows(cluster, peer) || (mysql_durability(run) == HAOPS_MYSQL_SAFE &&
						 !is_member(cluster, i, peer->status.instance))))
			return false;
	}
	return mysql_durability(run) != HAOPS_MYSQL_SAFE || others == 0 ||
	       (own->waits_for_ack && own->ackers == others);
}

bool mysql_is_settled(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	const struct mysql_peer *own = &cluster->peers[cluster->own];
	const char *name = mysql_cluster_name(cluster, cluster->own);

	if (!own->has_status || memory_is_bad(&cluster->memory, name))
		return false;
	if (mysql_durability(run) == HAOPS_MYSQL_SAFE && !memory_is_safe(&cluster->memory, name))
		return false;
	if (own->status.is_writable)
		return mysql_cluster_primary(cluster) == cluster->own && are_all_led(run, cluster);
	return mysql_is_following(cluster) &&
	       (mysql_durability(run) != HAOPS_MYSQL_SAFE ||
		(own->status.acks && is_member(cluster, cluster->own, own->status.instance)));
}

void mysql_keep_safe(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	struct memory *wanted = calloc(1, sizeof(*wanted));

	for (int i = 0; wanted && i < STEPS_MAX; i++)
		if (haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) < KEEP_MS ||
		    !one_step(run, cluster, mysql, wanted))
			break;
	free(wanted);
}
