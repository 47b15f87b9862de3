/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others did is an occasion to look sooner than the next monitor would: replicas turn to a new
 * primary, the primary takes replicas into the safe set or out of it. Nothing depends on it, and
 * Pacemaker ignores how it ends.
 */

#include "mysql/cluster.h"
#include "ocf/host.h"

#include <string.h>

/* How long primary and replicas wait for each other at such an occasion. It has to be short: all of
 * them end before Pacemaker goes on, and a busy one begins them one after the other. Whoever comes
 * too late for it is left to the monitors, which come next. */
#define SETTLE_MS 400
#define PAUSE_MS 30
/* A receiver whose source has no power any more needs a second to stop (replica.c). */
#define LET_GO_MS 1300

static bool is_type(const struct ocf_run *run, const char *type, const char *operation)
{
	const char *found_type = ocf_meta(run, "notify_type");
	const char *found_operation = ocf_meta(run, "notify_operation");

	return found_type && found_operation && strcmp(found_type, type) == 0 &&
	       strcmp(found_operation, operation) == 0;
}

/* Whether the memory has the node that was promoted just now. */
static bool is_promoted_known(const struct ocf_run *run, const struct mysql_cluster *cluster)
{
	const char *names = ocf_meta(run, "notify_promote_uname");
	const char *known = cluster->memory.primary;
	size_t len;

	if (!names)
		return true;
	names += strspn(names, " ");
	len = strcspn(names, " ");
	return len == 0 || (cluster->memory.has_primary && strlen(known) == len &&
			    strncmp(known, names, len) == 0);
}

/* Until each replica that answers acknowledges: they turn to this primary at the same time. */
static void lead(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), SETTLE_MS);
	unsigned int answering;

	do {
		answering = 0;
		mysql_keep_safe(run, cluster, mysql);
		for (size_t i = 0; i < cluster->nodes.count; i++)
			answering += i != cluster->own && cluster->peers[i].has_status;
		if (!cluster->peers[cluster->own].has_status ||
		    mysql_durability(run) != HAOPS_MYSQL_SAFE ||
		    cluster->peers[cluster->own].status.ackers >= answering)
			return;
		host_pause_for(ocf_ctx(run), PAUSE_MS, ocf_deadline(run));
	} while (haops_deadline_left_ms(ocf_ctx(run), limit) > 0);
}

/* Nothing is left to be waited for: it does what a replica is to do, or people have to help it. */
static bool is_placed(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	const struct mysql_peer *own = &cluster->peers[cluster->own];

	if (!own->has_status || own->status.applier_errno != 0 ||
	    memory_is_bad(&cluster->memory, mysql_cluster_name(cluster, cluster->own)))
		return true;
	return mysql_is_following(cluster) &&
	       (own->status.acks || mysql_durability(run) != HAOPS_MYSQL_SAFE);
}

/* One try. False: another one is of no use. */
static bool try_to_follow(struct ocf_run *run, struct mysql_cluster *cluster,
			  struct haops_mysql *mysql)
{
	if (mysql_ask_own(run, cluster, mysql) < 0)
		return false;
	if (mysql_follow(run, cluster, mysql) < 0) {
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
		return false;
	}
	if (!cluster->peers[cluster->own].has_status)
		return false;
	mysql_acks_adjust(run, cluster, mysql);
	return mysql_ask_own(run, cluster, mysql) == 0;
}

/*
 * Behind a new primary: that one grants to acknowledge when it sees this one replicate. This node's
 * copy of the memory may be older than the promotion for a moment.
 */
static void fall_in(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), SETTLE_MS);

	while (try_to_follow(run, cluster, mysql) &&
	       (!is_placed(run, cluster) || !is_promoted_known(run, cluster)) &&
	       haops_deadline_left_ms(ocf_ctx(run), limit) > 0) {
		host_pause_for(ocf_ctx(run), PAUSE_MS, ocf_deadline(run));
		if (mysql_cluster_remember(run, cluster) < 0)
			return;
	}
}

/*
 * The primary was stopped, or its power is off. All replicas stop receiving from it now, at the
 * same time; otherwise the next one would do so in its promotion, and the others only after that,
 * while clients wait. Who has still something to apply holds up nobody, and does it later.
 */
static void let_go(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	const struct haops_mysql_wait wait = {.deadline_ms = ocf_deadline_within(run, LET_GO_MS)};
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;
	size_t primary = mysql_cluster_primary(cluster);

	if (primary == cluster->nodes.count || cluster->peers[primary].presence != SAFE_DOWN ||
	    !haops_mysql_gtid_covers(own->applied, own->received) ||
	    (!mysql_is_following(cluster) && !mysql_is_waiting(cluster)))
		return;
	if (mysql_is_watched_as(run, HAOPS_WATCH_REPLICA))
		mysql_watch_again(run, HAOPS_WATCH_PLAIN);
	/* Then it is done where it is needed. */
	if (haops_mysql_drain(mysql, &wait, NULL) < 0)
		ocf_log(run, HAOPS_LOG_DEBUG, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void look(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	if (mysql_ask_own(run, cluster, mysql) < 0)
		return;
	if (cluster->peers[cluster->own].status.is_writable)
		lead(run, cluster, mysql);
	else if (is_type(run, "post", "promote"))
		fall_in(run, cluster, mysql);
	else if (try_to_follow(run, cluster, mysql) && is_type(run, "post", "stop"))
		let_go(run, cluster, mysql);
}

int mysql_notify(struct ocf_run *run)
{
	CLEANUP_CLUSTER struct mysql_cluster *cluster = NULL;
	struct haops_mysql *mysql = NULL;

	if (!mysql_is_promotable(run))
		return OCF_SUCCESS;
	mysql_rest_end(run);
	if (!is_type(run, "post", "promote") && !is_type(run, "post", "start") &&
	    !is_type(run, "post", "stop"))
		return OCF_SUCCESS;
	/* A server that is stopped has nothing to be told. */
	if (mysql_login_local(run, ocf_deadline(run), &mysql) < 0)
		return OCF_SUCCESS;
	cluster = mysql_cluster_load(run);
	if (cluster)
		look(run, cluster, mysql);
	haops_mysql_close(mysql);
	return OCF_SUCCESS;
}
