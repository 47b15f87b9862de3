/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start of a promotable resource: a server that is closed from its first moment, whose settings
 * keep the promise, which has applied what it had received, and replicates from the primary if
 * there is one.
 */

#include "mysql/cluster.h"
#include "mysql/datadir.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPTIONS_MAX 16
#define KEEP_MS 3000
#define LAUNCHES_MAX 3
#define PRIMARY_MS 10000
/* Attempts that fail are counted by a server (max_connect_errors). */
#define PRIMARY_PAUSE_MS 500
/* Of servers that come back: above what people use. */
#define FIRST_ID 2147483648UL
#define IDS_OF_A_NODE 65536UL

/*
 * Closed for writing, replicating nothing, acknowledging nothing, waiting for nobody. A receiver
 * that is stopped tells its source so over another connection: where the source's power is off, the
 * stop takes as long as that one may try.
 */
static const char *const mariadb_options[] = {"--read-only=1",
					      "--skip-slave-start",
					      "--gtid-strict-mode=1",
					      "--rpl-semi-sync-master-enabled=0",
					      "--loose-rpl-semi-sync-slave-kill-conn-timeout=1",
					      NULL};
static const char *const mysql_options[] = {"--super-read-only=1",
					    "--loose-skip-slave-start",
					    "--loose-skip-replica-start",
					    "--loose-rpl-semi-sync-master-enabled=0",
					    "--loose-rpl-semi-sync-source-enabled=0",
					    "--loose-rpl-semi-sync-slave-enabled=0",
					    "--loose-rpl-semi-sync-replica-enabled=0",
					    NULL};

static size_t add_options(const char **options, size_t count, const char *const *more)
{
	for (; *more && count < OPTIONS_MAX; more++)
		options[count++] = *more;
	return count;
}

bool mysql_rejoins_by_truncation(const struct ocf_run *run)
{
	return strcmp(ocf_str(run, MYSQL_REJOIN_POLICY), "truncate") == 0;
}

/* One that Pacemaker knows as promoted is waited for: the network may have come back just now, and
 * a start without it keeps for ever what could have been cut off. */
static bool finds_primary(struct ocf_run *run, struct mysql_cluster *cluster, size_t primary)
{
	int64_t limit = ocf_deadline_within(run, PRIMARY_MS);

	while (!mysql_is_open(run, cluster, primary)) {
		if (!cluster->peers[primary].is_promoted ||
		    haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return false;
		host_pause_for(ocf_ctx(run), PRIMARY_PAUSE_MS, limit);
	}
	return true;
}

/* What nobody acknowledged may be cut off a former primary, never off a member of the safe set. */
static bool is_old_primary(struct ocf_run *run, struct mysql_cluster *cluster)
{
	size_t primary = mysql_cluster_primary(cluster);

	return mysql_rejoins_by_truncation(run) && primary < cluster->nodes.count &&
	       primary != cluster->own &&
	       !memory_is_safe(&cluster->memory, mysql_cluster_name(cluster, cluster->own)) &&
	       finds_primary(run, cluster, primary);
}

/* The index is where the server itself wrote it at its last life. */
static bool find_index(struct ocf_run *run, char path[2 * MYSQL_PATH_MAX])
{
	return datadir_find_index(run, path, 2 * MYSQL_PATH_MAX);
}

/* False: nothing is cut off, since it could not be saved. */
static bool save_tail(struct ocf_run *run, struct mysql_cluster *cluster)
{
	char index[2 * MYSQL_PATH_MAX];

	if (!find_index(run, index)) {
		ocf_log(run, HAOPS_LOG_INFO, "no binary log was found: nothing is cut off");
		return false;
	}
	if (mysql_tail_save(run, cluster, index) == 0)
		return true;
	ocf_log(run, HAOPS_LOG_WARNING, "nothing is cut off: %s", cluster->problem);
	return false;
}

/*
 * What is cut off may have been acknowledged all the same, and then the primary has it and sends
 * it. But a server skips what comes with its own server_id, without a word. So it gets another one,
 * which no transaction bears yet, and no other node has.
 */
static void make_id(struct ocf_run *run, const struct mysql_cluster *cluster, char *option,
		    size_t size)
{
	const struct mysql_peer *primary = &cluster->peers[mysql_cluster_primary(cluster)];
	CLEANUP_FREE char *logged = NULL;
	unsigned long id = FIRST_ID + cluster->own * IDS_OF_A_NODE;
	char part[32];

	if (haops_mysql_gtid_format(ocf_ctx(run), primary->status.logged, &logged) < 0)
		logged = NULL;
	for (unsigned long i = 0; i < IDS_OF_A_NODE; i++, id++) {
		(void)snprintf(part, sizeof(part), "-%lu-", id);
		if (!logged || !strstr(logged, part))
			break;
	}
	(void)snprintf(option, size, "--server-id=%lu", id);
	ocf_log(run, HAOPS_LOG_INFO, "its server_id is %lu until its next start", id);
}

static int launch(struct ocf_run *run, struct mysql_site *site, struct mysql_cluster *cluster,
		  struct haops_process *ret_server)
{
	const char *options[OPTIONS_MAX + 1] = {NULL};
	char server_id[32];
	bool notifies;
	bool is_mariadb;
	size_t count;

	mysql_site_features(site, &notifies, &is_mariadb);
	count = add_options(options, 0, is_mariadb ? mariadb_options : mysql_options);
	if (mysql_durability(run) == HAOPS_MYSQL_SAFE)
		options[count++] = "--sync-relay-log=1";
	if (mysql_has_events(run))
		options[count++] = "--event-scheduler=OFF";
	if (is_mariadb && is_old_primary(run, cluster) && save_tail(run, cluster)) {
		ocf_log(run, HAOPS_LOG_INFO,
			"%s is primary: what this server wrote and nobody acknowledged is cut off",
			cluster->memory.primary);
		options[count++] = "--rpl-semi-sync-slave-enabled=1";
		options[count++] = "--init-rpl-role=SLAVE";
		make_id(run, cluster, server_id, sizeof(server_id));
		options[count++] = server_id;
	} else if (is_mariadb) {
		options[count++] = "--rpl-semi-sync-slave-enabled=0";
	}
	return mysql_launch(run, site, options, ret_server);
}

/*
 * A grant to acknowledge is for one run of the server, told by the second of its start. One that
 * was given to the run before must not fit this one.
 */
static bool has_old_grant(struct ocf_run *run, struct mysql_cluster *cluster)
{
	const char *own = mysql_cluster_name(cluster, cluster->own);
	struct haops_mysql *mysql = NULL;
	bool has = false;

	if (memory_acks(&cluster->memory, own) == 0)
		return false;
	if (mysql_login_local(run, ocf_deadline(run), &mysql) == 0 &&
	    mysql_ask_own(run, cluster, mysql) == 0)
		has = cluster->peers[cluster->own].status.instance ==
		      memory_acks(&cluster->memory, own);
	haops_mysql_close(mysql);
	return has;
}

static void wait_next_second(struct ocf_run *run)
{
	time_t now = time(NULL);

	while (time(NULL) == now && haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > 0)
		host_pause(ocf_ctx(run), ocf_deadline(run));
}

int mysql_replica_launch(struct ocf_run *run, struct mysql_site *site,
			 struct haops_process *ret_server)
{
	CLEANUP_CLUSTER struct mysql_cluster *cluster = mysql_cluster_load(run);
	int r = OCF_ERR_GENERIC;

	for (int i = 0; cluster && i < LAUNCHES_MAX; i++) {
		r = launch(run, site, cluster, ret_server);
		if (r != OCF_SUCCESS || !has_old_grant(run, cluster))
			return r;
		ocf_log(run, HAOPS_LOG_INFO,
			"started in the second of the run before: started once more");
		r = mysql_end_all(run, site, MYSQL_FULLY);
		if (r != OCF_SUCCESS)
			return r;
		wait_next_second(run);
		r = OCF_ERR_GENERIC;
	}
	return r;
}

int mysql_apply_left(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - KEEP_MS;
	int r = haops_mysql_apply_left(mysql,
				       haops_deadline_after(ocf_ctx(run), left > 0 ? left : 0));

	return r == 0 ? 0 : mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
}

/* Closed, whoever started it. */
static int require_closed(struct mysql_cluster *cluster)
{
	const struct haops_mysql_status *own = &cluster->peers[cluster->own].status;

	if (own->is_writable)
		return mysql_problem(cluster, EPERM,
				     "the server is open for writing before it was promoted: does "
				     "an init_file or another program open it?");
	if (own->server_id == 0)
		return mysql_problem(cluster, EINVAL, "server_id is 0: give each server its own");
	return 0;
}

static int check_ids(struct ocf_run *run, struct mysql_cluster *cluster)
{
	size_t primary = mysql_cluster_primary(cluster);

	if (primary == cluster->nodes.count || primary == cluster->own ||
	    cluster->peers[primary].presence == SAFE_DOWN || !mysql_ask(run, cluster, primary) ||
	    cluster->peers[primary].status.server_id !=
		    cluster->peers[cluster->own].status.server_id)
		return 0;
	return mysql_problem(cluster, EINVAL,
			     "server_id %u is that of %s, too: give each server its own",
			     cluster->peers[primary].status.server_id,
			     mysql_cluster_name(cluster, primary));
}

/* Where the primary is there and this is no member of the safe set, all that was received can be
 * fetched again. */
static bool has_to_keep(struct ocf_run *run, struct mysql_cluster *cluster)
{
	size_t primary = mysql_cluster_primary(cluster);

	return memory_is_safe(&cluster->memory, mysql_cluster_name(cluster, cluster->own)) ||
	       primary == cluster->nodes.count || primary == cluster->own ||
	       !mysql_is_open(run, cluster, primary);
}

static int begin(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	int r = mysql_ask_own(run, cluster, mysql);

	if (r == 0)
		r = require_closed(cluster);
	if (r == 0)
		r = mysql_settings_check(run, cluster, mysql);
	if (r == 0)
		r = check_ids(run, cluster);
	if (r < 0)
		return r;
	/* It stays up: what it has counts in an election, applied or not. */
	if (has_to_keep(run, cluster) && mysql_apply_left(run, cluster, mysql) < 0)
		ocf_log(run, HAOPS_LOG_ERROR, "what was received is not applied: %s",
			cluster->problem);
	else if (mysql_ask_own(run, cluster, mysql) == 0 && mysql_follow(run, cluster, mysql) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", cluster->problem);
	r = mysql_ask_own(run, cluster, mysql);
	if (r == 0)
		mysql_rank(run, cluster);
	return r;
}

int mysql_replica_begin(struct ocf_run *run)
{
	CLEANUP_CLUSTER struct mysql_cluster *cluster = NULL;
	struct haops_mysql *mysql = NULL;
	int r = mysql_login_local(run, ocf_deadline(run), &mysql);

	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	cluster = mysql_cluster_load(run);
	r = cluster ? begin(run, cluster, mysql) : -EIO;
	haops_mysql_close(mysql);
	if (r < 0 && cluster)
		return ocf_fail(run, r == -EINVAL ? OCF_ERR_ARGS : OCF_ERR_GENERIC, "%s",
				cluster->problem);
	return r < 0 ? OCF_ERR_GENERIC : OCF_SUCCESS;
}
