/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor of a promotable resource: what the server is, whether it may be that, and what is to
 * be done about it. */

#include "mysql/cluster.h"
#include "ocf/host.h"

#include <errno.h>
#include <string.h>

#define GRANT_MS 3000
#define GRANT_PAUSE_MS 100

static int unreachable(struct ocf_run *run, const struct haops_process *server)
{
	return ocf_fail(run, OCF_ERR_GENERIC, "process %d runs, but: %s", (int)server->pid,
			haops_ctx_error(ocf_ctx(run)));
}

static bool is_remembered(const struct mysql_cluster *cluster)
{
	return cluster->memory.has_primary &&
	       strcmp(cluster->memory.primary, mysql_cluster_name(cluster, cluster->own)) == 0;
}

/* Another node that Pacemaker, or the server itself, takes for the primary; or nodes.count. */
static size_t find_rival(struct ocf_run *run, struct mysql_cluster *cluster)
{
	size_t primary = mysql_cluster_primary(cluster);

	for (size_t i = 0; i < cluster->nodes.count; i++)
		if (i != cluster->own && cluster->peers[i].is_promoted)
			return i;
	if (primary < cluster->nodes.count && primary != cluster->own &&
	    mysql_ask(run, cluster, primary) && cluster->peers[primary].status.is_writable)
		return primary;
	return cluster->nodes.count;
}

static int stand_down(struct ocf_run *run, struct mysql_cluster *cluster, size_t rival)
{
	struct mysql_site site;

	mysql_site_find(run, &site);
	if (mysql_fence(run, &site, ocf_deadline(run)) != OCF_SUCCESS)
		return OCF_ERR_GENERIC;
	if (rival < cluster->nodes.count)
		return ocf_fail(run, OCF_FAILED_PROMOTED,
				"%s is primary: this server was open for writing as well, and was "
				"closed",
				mysql_cluster_name(cluster, rival));
	return ocf_fail(run, OCF_ERR_GENERIC,
			"this server was open for writing without having been promoted, and was "
			"closed");
}

/*
 * The memory names another one, or nobody: it was lost, or an old one came back with a node that
 * had been cut off. Pacemaker has promoted this one, so it is remembered anew.
 */
static int remember_again(struct ocf_run *run, struct mysql_cluster *cluster)
{
	struct memory wanted = cluster->memory;
	const char *own = mysql_cluster_name(cluster, cluster->own);

	if (memory_set_primary(&wanted, own, "") < 0 || memory_set_safe(&wanted, own, true) < 0)
		return mysql_problem(cluster, E2BIG, "the memory has no room");
	ocf_log(run, HAOPS_LOG_WARNING,
		"the cluster's memory does not know that this node was promoted: written anew");
	return mysql_memory_write(run, cluster, &wanted);
}

static int watch_primary(struct ocf_run *run, struct mysql_cluster *cluster,
			 struct haops_mysql *mysql)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;

	if (!is_remembered(cluster)) {
		size_t rival = find_rival(run, cluster);

		if (rival < cluster->nodes.count || !cluster->peers[cluster->own].is_promoted)
			return stand_down(run, cluster, rival);
		if (remember_again(run, cluster) < 0)
			ocf_log(run, HAOPS_LOG_ERROR, "%s", cluster->problem);
	}
	/* Reads go on, and each commit waits for room: whoever can write is to do it. */
	if (mysql_is_full(run))
		return ocf_fail(run, OCF_FAILED_PROMOTED,
				"the file system of %s is full: commits wait for room",
				ocf_str(run, MYSQL_DATADIR));
	mysql_keep_safe(run, cluster, mysql);
	if (!cluster->peers[cluster->own].has_status)
		return ocf_fail(run, OCF_FAILED_PROMOTED, "%s", cluster->problem);
	mysql_rank(run, cluster);
	if (ocf_bool(run, MYSQL_DEGRADED_CODES) && own->waits_for_ack && own->ackers == 0)
		return OCF_DEGRADED_PROMOTED;
	return OCF_RUNNING_PROMOTED;
}

/* More than max_slave_lag behind a primary that is there. */
static bool is_outdated(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	return ocf_bool(run, MYSQL_EVICT_OUTDATED_SLAVES) && mysql_is_following(cluster) &&
	       cluster->peers[cluster->own].status.lag_s > ocf_int(run, MYSQL_MAX_SLAVE_LAG);
}

/* The primary grants it when it sees this one replicate: at its own monitor, if it did not before.
 */
static bool may_be_granted(struct ocf_run *run, const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;

	return mysql_durability(run) == HAOPS_MYSQL_SAFE &&
	       cluster->peers[cluster->own].has_status && mysql_is_following(cluster) &&
	       !own->acks && own->delay_s == 0 &&
	       !memory_is_bad(&cluster->memory, mysql_cluster_name(cluster, cluster->own));
}

static void await_grant(struct ocf_run *run, struct mysql_cluster *cluster,
			struct haops_mysql *mysql)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), GRANT_MS);

	while (may_be_granted(run, cluster) && haops_deadline_left_ms(ocf_ctx(run), limit) > 0) {
		host_pause_for(ocf_ctx(run), GRANT_PAUSE_MS, ocf_deadline(run));
		if (mysql_cluster_remember(run, cluster) < 0)
			return;
		mysql_acks_adjust(run, cluster, mysql);
		if (mysql_ask_own(run, cluster, mysql) < 0)
			return;
	}
}

static int watch_replica(struct ocf_run *run, struct mysql_cluster *cluster,
			 struct haops_mysql *mysql)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;

	if (mysql_follow(run, cluster, mysql) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
	if (!cluster->peers[cluster->own].has_status)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", cluster->problem);
	mysql_acks_adjust(run, cluster, mysql);
	await_grant(run, cluster, mysql);
	if (!cluster->peers[cluster->own].has_status)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", cluster->problem);
	mysql_rank(run, cluster);
	if (is_outdated(run, cluster))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"%lld seconds behind the primary (max_slave_lag: %lld)",
				(long long)own->lag_s,
				(long long)ocf_int(run, MYSQL_MAX_SLAVE_LAG));
	if (ocf_bool(run, MYSQL_DEGRADED_CODES) && !mysql_is_following(cluster))
		return OCF_DEGRADED;
	return OCF_SUCCESS;
}

/* haopsd sees a replica's threads stop before a monitor does. What they stopped with is for people
 * to mend, and what never ran has not stopped. */
static enum haops_watch_role role_of(const struct mysql_cluster *cluster)
{
	const struct mysql_peer *own = &cluster->peers[cluster->own];

	if (own->has_status && own->status.is_writable)
		return HAOPS_WATCH_PRIMARY;
	return own->has_status && mysql_is_following(cluster) ? HAOPS_WATCH_REPLICA
							      : HAOPS_WATCH_PLAIN;
}

static int look(struct ocf_run *run, const struct haops_process *server, struct haops_mysql *mysql,
		struct mysql_watched *ret_watched)
{
	CLEANUP_CLUSTER struct mysql_cluster *cluster = NULL;
	struct calm_stamp before = mysql_rest_stamp();
	int r;

	cluster = mysql_cluster_load(run);
	if (!cluster)
		return OCF_ERR_GENERIC;
	if (mysql_ask_own(run, cluster, mysql) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", cluster->problem);
	r = cluster->peers[cluster->own].status.is_writable ? watch_primary(run, cluster, mysql)
							    : watch_replica(run, cluster, mysql);
	if ((r == OCF_SUCCESS || r == OCF_RUNNING_PROMOTED) && mysql_is_settled(run, cluster))
		mysql_rest_begin(run, server, &cluster->peers[cluster->own].status, before);
	else
		mysql_rest_end(run);
	ret_watched->role = role_of(cluster);
	return r;
}

static int as_before(bool is_primary, struct mysql_watched *ret_watched)
{
	*ret_watched =
		(struct mysql_watched){is_primary ? HAOPS_WATCH_PRIMARY : HAOPS_WATCH_REPLICA,
				       .is_same = true};
	return is_primary ? OCF_RUNNING_PROMOTED : OCF_SUCCESS;
}

/* A probe only says what it is, and where nothing changed there is nothing else to be said. */
static int watch(struct ocf_run *run, const struct haops_process *server, struct haops_mysql *mysql,
		 struct mysql_watched *ret_watched)
{
	struct haops_mysql_status status;
	bool is_writable;
	bool may_rest;

	if (haops_mysql_get_status(mysql, ocf_deadline(run), &status) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", haops_ctx_error(ocf_ctx(run)));
	is_writable = status.is_writable;
	may_rest = ocf_is_probe(run) || mysql_rest_may(run, server, &status);
	haops_mysql_status_done(&status);
	if (!may_rest || (is_writable && !ocf_is_probe(run) && mysql_is_full(run)))
		return look(run, server, mysql, ret_watched);
	return as_before(is_writable, ret_watched);
}

/* Nothing has changed, and haopsd has looked at it within the last seconds. */
static bool rest(struct ocf_run *run, const struct haops_process *server,
		 struct mysql_watched *ret_watched, int *ret_code)
{
	bool is_primary;

	if (ocf_is_probe(run) || !mysql_rest_is_seen(run, server, &is_primary) ||
	    (is_primary && mysql_is_full(run)))
		return false;
	*ret_code = as_before(is_primary, ret_watched);
	return true;
}

/*
 * It turned us away with an answer of its own, so it serves those that are in; to move would only
 * drop them. It is what it was made, unless somebody else has become that meanwhile.
 */
static int crowded(struct ocf_run *run, const struct haops_process *server,
		   struct mysql_watched *ret_watched)
{
	CLEANUP_CLUSTER struct mysql_cluster *cluster = NULL;
	size_t rival;

	ocf_log(run, HAOPS_LOG_WARNING,
		"the server has no connection left, not even for its agent, which cannot look "
		"after "
		"it: raise max_connections, or limit its clients");
	if (!mysql_role_is_primary(run, server))
		return OCF_SUCCESS;
	ret_watched->role = HAOPS_WATCH_PRIMARY;
	if (ocf_is_probe(run))
		return OCF_RUNNING_PROMOTED;
	cluster = mysql_cluster_load(run);
	if (!cluster)
		return OCF_ERR_GENERIC;
	rival = is_remembered(cluster) ? cluster->nodes.count : find_rival(run, cluster);
	if (rival < cluster->nodes.count)
		return ocf_fail(run, OCF_FAILED_PROMOTED, "%s is primary, and so was this server",
				mysql_cluster_name(cluster, rival));
	return OCF_RUNNING_PROMOTED;
}

int mysql_clone_monitor(struct ocf_run *run, const struct haops_process *server,
			struct mysql_watched *ret_watched)
{
	struct haops_mysql *mysql = NULL;
	int r;

	if (rest(run, server, ret_watched, &r))
		return r;
	r = mysql_login_monitor(run, &mysql);
	if (r == -EUSERS)
		return crowded(run, server, ret_watched);
	if (r < 0)
		return unreachable(run, server);
	r = watch(run, server, mysql, ret_watched);
	haops_mysql_close(mysql);
	return r;
}
