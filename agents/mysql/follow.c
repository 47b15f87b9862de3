/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the own server a replica of the primary, unless its data has diverged. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long both threads have to be seen running; the receiver goes on trying afterwards. */
#define REPOINT_MS 20000
#define KEEP_MS 2000

static const struct haops_mysql_status *own_status(const struct mysql_cluster *cluster)
{
	return &cluster->peers[cluster->own].status;
}

static bool is_source(const struct mysql_cluster *cluster, size_t node)
{
	const struct haops_mysql_status *own = own_status(cluster);

	return own->is_replica &&
	       strcmp(own->source_host, mysql_cluster_address(cluster, node)) == 0;
}

bool mysql_is_following(const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = own_status(cluster);
	size_t primary = mysql_cluster_primary(cluster);

	return primary < cluster->nodes.count && primary != cluster->own &&
	       is_source(cluster, primary) && own->receiver == HAOPS_MYSQL_RUNNING &&
	       own->applier == HAOPS_MYSQL_RUNNING;
}

bool mysql_is_waiting(const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = own_status(cluster);
	size_t primary = mysql_cluster_primary(cluster);

	return primary < cluster->nodes.count && primary != cluster->own &&
	       is_source(cluster, primary) && own->receiver == HAOPS_MYSQL_CONNECTING &&
	       own->applier == HAOPS_MYSQL_RUNNING;
}

bool mysql_has_let_go(const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = own_status(cluster);
	size_t primary = mysql_cluster_primary(cluster);

	return primary < cluster->nodes.count && primary != cluster->own &&
	       cluster->peers[primary].presence == SAFE_DOWN && is_source(cluster, primary) &&
	       own->receiver == HAOPS_MYSQL_STOPPED && own->receiver_errno == 0 &&
	       own->applier == HAOPS_MYSQL_RUNNING;
}

static int64_t limit_of(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - KEEP_MS;

	return haops_deadline_after(ocf_ctx(run), left < REPOINT_MS ? left : REPOINT_MS);
}

static const char *or_null(const struct ocf_run *run, enum mysql_param param)
{
	return ocf_is_set(run, param) ? ocf_str(run, param) : NULL;
}

int mysql_repoint_to(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		     size_t node)
{
	const struct haops_mysql_source source =
		{.host = mysql_cluster_address(cluster, node),
		 .port = (unsigned int)ocf_int(run, MYSQL_REPLICATION_PORT),
		 .user = ocf_str(run, MYSQL_REPLICATION_USER),
		 .password = or_null(run, MYSQL_REPLICATION_PASSWD),
		 .needs_tls = ocf_bool(run, MYSQL_REPLICATION_REQUIRE_SSL),
		 .ca = or_null(run, MYSQL_REPLICATION_MASTER_SSL_CA),
		 .cert = or_null(run, MYSQL_REPLICATION_MASTER_SSL_CERT),
		 .key = or_null(run, MYSQL_REPLICATION_MASTER_SSL_KEY)};
	int r = haops_mysql_repoint(mysql, &source, limit_of(run));

	return r == 0 ? 0 : mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void mark(struct ocf_run *run, struct mysql_cluster *cluster, const char *reason)
{
	ocf_log(run, HAOPS_LOG_ERROR,
		"the data of this node has diverged, and has to be repaired: %s", reason);
	if (mysql_memory_mark(run, cluster, reason) < 0)
		ocf_log(run, HAOPS_LOG_ERROR, "%s", cluster->problem);
}

/* Whether this node has what the primary never had. -ESTALE then, and it is marked. */
static int check_errant(struct ocf_run *run, struct mysql_cluster *cluster, size_t primary)
{
	struct haops_mysql_comparison found;
	char reason[MEMORY_REASON_MAX];
	bool is_errant;

	if (haops_mysql_compare(ocf_ctx(run), own_status(cluster), &cluster->peers[primary].status,
				&found) < 0)
		return mysql_problem(cluster, EIO, "%s", haops_ctx_error(ocf_ctx(run)));
	is_errant = found.errant[0] != '\0';
	if (is_errant) {
		(void)snprintf(reason, sizeof(reason), "%s never had %.200s",
			       mysql_cluster_name(cluster, primary), found.errant);
		mark(run, cluster, reason);
	}
	free(found.errant);
	return is_errant ? mysql_problem(cluster, ESTALE, "%s", reason) : 0;
}

/* Whether one of these, separated by commas, bears its server_id and is beyond its position. */
static bool lacks_own(struct ocf_run *run, const struct haops_mysql_status *own, char *text)
{
	char *state = NULL;
	char part[32];
	bool lacks = false;

	(void)snprintf(part, sizeof(part), "-%u-", own->server_id);
	for (char *one = strtok_r(text, ",", &state); one; one = strtok_r(NULL, ",", &state)) {
		struct haops_mysql_gtid *set = NULL;

		if (!strstr(one, part) ||
		    haops_mysql_gtid_parse(ocf_ctx(run), HAOPS_MYSQL_MARIADB, one, &set) < 0)
			continue;
		lacks |= !haops_mysql_gtid_covers(own->all, set);
		haops_mysql_gtid_free(set);
	}
	return lacks;
}

/*
 * The other way round: what it wrote itself once, lost, and the primary has. Replication would skip
 * that for its server_id, and it would lack it for ever. -ESTALE then, and it is marked.
 */
static int check_own(struct ocf_run *run, struct mysql_cluster *cluster, size_t primary)
{
	struct haops_mysql_gtid *lacking = NULL;
	CLEANUP_FREE char *text = NULL;
	char reason[MEMORY_REASON_MAX];
	int r = haops_mysql_gtid_errant(ocf_ctx(run), cluster->peers[primary].status.logged,
					own_status(cluster)->logged, &lacking);

	if (r == 0)
		r = haops_mysql_gtid_format(ocf_ctx(run), lacking, &text);
	haops_mysql_gtid_free(lacking);
	if (r < 0)
		return mysql_problem(cluster, EIO, "%s", haops_ctx_error(ocf_ctx(run)));
	if (own_status(cluster)->server.flavor != HAOPS_MYSQL_MARIADB ||
	    !lacks_own(run, own_status(cluster), text))
		return 0;
	(void)snprintf(reason, sizeof(reason),
		       "it lost what it wrote itself, and replication skips its own server_id: "
		       "make it anew");
	mark(run, cluster, reason);
	return mysql_problem(cluster, ESTALE, "%s", reason);
}

static void clear_mark(struct ocf_run *run, struct mysql_cluster *cluster)
{
	if (!memory_is_bad(&cluster->memory, mysql_cluster_name(cluster, cluster->own)))
		return;
	if (mysql_memory_mark(run, cluster, NULL) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
	else
		ocf_log(run, HAOPS_LOG_INFO, "the data of this node is whole again");
}

/* A server that writes is primary, whoever else there may be; one that does not is waited for. */
bool mysql_is_open(struct ocf_run *run, struct mysql_cluster *cluster, size_t node)
{
	return cluster->peers[node].presence != SAFE_DOWN && mysql_ask(run, cluster, node) &&
	       cluster->peers[node].status.is_writable;
}

/* A member of the safe set may be one of two that have a write: it applies what it received before
 * it turns to another source, which would throw that away. */
static int keep_all(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	const struct haops_mysql_wait wait = {.deadline_ms = limit_of(run)};
	int r;

	if (!own_status(cluster)->is_replica)
		return 0;
	r = mysql_apply_left(run, cluster, mysql);
	if (r == 0 && (own_status(cluster)->receiver != HAOPS_MYSQL_STOPPED ||
		       own_status(cluster)->applier != HAOPS_MYSQL_STOPPED)) {
		r = haops_mysql_drain(mysql, &wait, NULL);
		if (r < 0)
			r = mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
	}
	return r;
}

static int turn(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		size_t primary)
{
	bool is_member =
		memory_is_safe(&cluster->memory, mysql_cluster_name(cluster, cluster->own));
	int r = check_errant(run, cluster, primary);

	if (r == 0)
		r = check_own(run, cluster, primary);
	if (r < 0)
		return r == -ESTALE ? 0 : r;
	/* It acknowledges nothing to a primary that has not granted it. */
	if (!is_member && own_status(cluster)->acks &&
	    haops_mysql_set_acks(mysql, false, limit_of(run)) < 0)
		return mysql_problem(cluster, EIO, "%s", haops_ctx_error(ocf_ctx(run)));
	r = is_member ? keep_all(run, cluster, mysql) : 0;
	if (r < 0)
		return r;
	r = mysql_repoint_to(run, cluster, mysql, primary);
	if (r == -ESTALE) {
		char reason[MEMORY_REASON_MAX];

		(void)snprintf(reason, sizeof(reason), "%.250s", cluster->problem);
		mark(run, cluster, reason);
		return 0;
	}
	if (r == 0)
		clear_mark(run, cluster);
	return r;
}

/* Its applier stopped amid what came from a source: that is for people to repair. What an attempt
 * to apply the rest of a relay log left is no such error. */
static bool has_failed(const struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = own_status(cluster);

	return own->applier_errno != 0 && own->uses_gtid;
}

/* A row of its own stops no replication before somebody else writes the same. The primary is asked
 * after this server was, so it has all that came from there. */
static void look_for_errant(struct ocf_run *run, struct mysql_cluster *cluster, size_t primary)
{
	if (!memory_is_bad(&cluster->memory, mysql_cluster_name(cluster, cluster->own)) &&
	    mysql_is_open(run, cluster, primary))
		(void)check_errant(run, cluster, primary);
}

int mysql_follow(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	size_t primary = mysql_cluster_primary(cluster);
	int r;

	if (primary == cluster->nodes.count || primary == cluster->own)
		return 0;
	if (mysql_is_following(cluster) || has_failed(cluster)) {
		look_for_errant(run, cluster, primary);
		return 0;
	}
	if (mysql_is_waiting(cluster))
		return 0;
	if (!mysql_is_open(run, cluster, primary))
		return 0;
	/* Its threads are about to be stopped, for as long as there is something to apply. */
	if (mysql_is_watched_as(run, HAOPS_WATCH_REPLICA))
		mysql_watch_again(run, HAOPS_WATCH_PLAIN);
	r = turn(run, cluster, mysql, primary);
	(void)mysql_ask_own(run, cluster, mysql);
	return r;
}

void mysql_acks_adjust(struct ocf_run *run, struct mysql_cluster *cluster,
		       struct haops_mysql *mysql)
{
	const struct haops_mysql_status *own = own_status(cluster);
	bool may = mysql_durability(run) == HAOPS_MYSQL_SAFE &&
		   safe_set_may_ack(&cluster->memory, mysql_cluster_name(cluster, cluster->own),
				    own->instance, own);

	/* To begin with it, it has to have its source: until then there is nothing to acknowledge.
	 */
	if (may == own->acks || (may && !mysql_is_following(cluster)))
		return;
	if (haops_mysql_set_acks(mysql, may, limit_of(run)) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
	else
		ocf_log(run, HAOPS_LOG_INFO, "this replica %s what it receives",
			may ? "acknowledges" : "does not acknowledge");
}
