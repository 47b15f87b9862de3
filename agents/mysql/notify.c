/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others did is an occasion to look sooner than the next monitor would: replicas turn to a new
 * primary, the primary takes replicas into the safe set or out of it. Nothing depends on it, and
 * Pacemaker ignores how it ends.
 */

#include "mysql/cluster.h"
#include "ocf/host.h"

#include <string.h>

/* How long primary and replicas have for each other at such an occasion. */
#define SETTLE_MS 5000
#define PAUSE_MS 30

static bool is_type(const struct ocf_run *run, const char *type, const char *operation)
{
	const char *found_type = ocf_meta(run, "notify_type");
	const char *found_operation = ocf_meta(run, "notify_operation");

	return found_type && found_operation && strcmp(found_type, type) == 0 &&
	       strcmp(found_operation, operation) == 0;
}

static void pause_for(struct ocf_run *run, int64_t ms)
{
	int64_t until = haops_deadline_after(ocf_ctx(run), ms);

	while (haops_deadline_left_ms(ocf_ctx(run), until) > 0)
		host_pause(ocf_ctx(run), until);
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
		pause_for(run, PAUSE_MS);
	} while (haops_deadline_left_ms(ocf_ctx(run), limit) > 0);
}

/* The primary grants it when it sees this one replicate. */
static void await_grant(struct ocf_run *run, struct mysql_cluster *cluster,
			struct haops_mysql *mysql)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), SETTLE_MS);
	const struct mysql_peer *own = &cluster->peers[cluster->own];

	mysql_acks_adjust(run, cluster, mysql);
	while (mysql_durability(run) == HAOPS_MYSQL_SAFE &&
	       haops_deadline_left_ms(ocf_ctx(run), limit) > 0) {
		if (mysql_ask_own(run, cluster, mysql) < 0 || own->status.acks ||
		    !mysql_is_following(cluster))
			return;
		pause_for(run, PAUSE_MS);
		if (mysql_cluster_remember(run, cluster) < 0)
			return;
		mysql_acks_adjust(run, cluster, mysql);
	}
}

static void look(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	if (mysql_ask_own(run, cluster, mysql) < 0)
		return;
	if (cluster->peers[cluster->own].status.is_writable) {
		lead(run, cluster, mysql);
		return;
	}
	if (mysql_follow(run, cluster, mysql) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
	await_grant(run, cluster, mysql);
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
