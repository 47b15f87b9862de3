/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the servers of a promotable resource say of themselves: the own one over its connection, the
 * others over TCP. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* On one network a server answers within this, or it is not there. */
#define ASK_MS 2000

void mysql_forget(struct mysql_peer *peer)
{
	if (peer->has_status)
		haops_mysql_status_done(&peer->status);
	memset(&peer->status, 0, sizeof(peer->status));
	peer->has_status = false;
}

static const char *or_null(const struct ocf_run *run, enum mysql_param param)
{
	return ocf_is_set(run, param) ? ocf_str(run, param) : NULL;
}

static struct haops_mysql_target target_of(const struct ocf_run *run,
					   const struct mysql_cluster *cluster, size_t node)
{
	return (struct haops_mysql_target){.host = mysql_cluster_address(cluster, node),
					   .port = (unsigned int)ocf_int(run,
									 MYSQL_REPLICATION_PORT),
					   .user = ocf_str(run, MYSQL_REPLICATION_USER),
					   .password = or_null(run, MYSQL_REPLICATION_PASSWD),
					   .needs_tls =
						   ocf_bool(run, MYSQL_REPLICATION_REQUIRE_SSL),
					   .ca = or_null(run, MYSQL_REPLICATION_MASTER_SSL_CA),
					   .cert = or_null(run, MYSQL_REPLICATION_MASTER_SSL_CERT),
					   .key = or_null(run, MYSQL_REPLICATION_MASTER_SSL_KEY)};
}

static void take(struct ocf_run *run, struct mysql_cluster *cluster, size_t node,
		 const struct haops_mysql_question *question)
{
	struct mysql_peer *peer = &cluster->peers[node];

	peer->has_status = question->result == 0;
	if (peer->has_status)
		peer->status = question->status;
	else
		ocf_log(run, question->result == -ECONNREFUSED ? HAOPS_LOG_DEBUG : HAOPS_LOG_INFO,
			"the server of %s does not tell: %s", mysql_cluster_name(cluster, node),
			question->reason);
}

/* All of these at once. */
static void ask(struct ocf_run *run, struct mysql_cluster *cluster, const size_t *nodes,
		size_t count)
{
	CLEANUP_FREE struct haops_mysql_question *questions =
		calloc(count > 0 ? count : 1, sizeof(*questions));
	int64_t limit = ocf_deadline_within(run, ASK_MS);

	for (size_t i = 0; i < count; i++) {
		mysql_forget(&cluster->peers[nodes[i]]);
		if (questions)
			questions[i].target = target_of(run, cluster, nodes[i]);
	}
	if (!questions || haops_mysql_ask(ocf_ctx(run), questions, count, limit) < 0) {
		ocf_log(run, HAOPS_LOG_WARNING, "memory is short: no other server was asked");
		return;
	}
	for (size_t i = 0; i < count; i++)
		take(run, cluster, nodes[i], &questions[i]);
}

bool mysql_ask(struct ocf_run *run, struct mysql_cluster *cluster, size_t node)
{
	ask(run, cluster, &node, 1);
	return cluster->peers[node].has_status;
}

void mysql_ask_all(struct ocf_run *run, struct mysql_cluster *cluster)
{
	size_t nodes[NODES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < cluster->nodes.count; i++)
		if (i != cluster->own && cluster->peers[i].presence != SAFE_DOWN)
			nodes[count++] = i;
		else if (i != cluster->own)
			mysql_forget(&cluster->peers[i]);
	ask(run, cluster, nodes, count);
}

int mysql_ask_own(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql)
{
	struct mysql_peer *peer = &cluster->peers[cluster->own];
	int r;

	mysql_forget(peer);
	r = haops_mysql_get_status(mysql, ocf_deadline(run), &peer->status);
	peer->has_status = r == 0;
	return r == 0 ? 0 : mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
}
