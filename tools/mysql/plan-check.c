/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What forbids a planned move of the primary, in sentences that say what to do. */

#include "health.h"
#include "plan.h"

#include <inttypes.h>
#include <string.h>

#define REFUSE(verdict, ...) verdict_add(verdict, LEVEL_CRITICAL, __VA_ARGS__)

static void check_cluster(const struct snapshot *s, struct verdict *verdict)
{
	if (!s->is_promotable)
		REFUSE(verdict,
		       "%s is not promotable: there is no primary to move, only the resource",
		       s->top);
	if (s->dc[0] == '\0' || !s->is_quorate)
		REFUSE(verdict, "Pacemaker decides nothing now: %s",
		       s->dc[0] ? "no quorum" : "it has elected no controller");
	if (s->is_maintained || !s->is_managed)
		REFUSE(verdict, "%s is %s: Pacemaker would not move it", s->top,
		       s->is_maintained ? "in maintenance" : "unmanaged");
	if (s->constraint[0])
		REFUSE(verdict,
		       "constraint %s of an earlier move is in force: take it away first with "
		       "crm_resource --clear --resource %s",
		       s->constraint, s->top);
}

static void check_primary(const struct snapshot *s, struct verdict *verdict)
{
	const struct db_node *primary = snapshot_primary(s);

	if (s->writable_count > 1)
		REFUSE(verdict, "more than one server is writable: see haops mysql status");
	else if (!primary)
		REFUSE(verdict, "no server that answers is writable: nothing to move, see haops "
				"mysql status");
	else if (primary->role != ROLE_PROMOTED)
		REFUSE(verdict, "%s is writable, but Pacemaker has it %s", primary->name,
		       health_role_name(primary->role));
}

static void check_place(const struct db_node *node, struct verdict *verdict)
{
	if (node->presence != PRESENCE_ONLINE)
		REFUSE(verdict, "%s is %s in Pacemaker", node->name,
		       health_presence_name(node->presence));
	else if (node->is_maintained)
		REFUSE(verdict, "%s is in maintenance", node->name);
	else if (node->role != ROLE_UNPROMOTED)
		REFUSE(verdict, "Pacemaker has the server on %s %s: it has to run there first",
		       node->name, health_role_name(node->role));
	if (node->has_score && node->score < 0)
		REFUSE(verdict, "%s has a promotion score below 0: Pacemaker would not promote it",
		       node->name);
}

static void check_threads(const struct db_node *node, const struct db_node *primary,
			  struct verdict *verdict)
{
	const struct haops_mysql_status *status = &node->server.status;

	if (!status->is_replica) {
		REFUSE(verdict, "%s replicates from nobody", node->name);
		return;
	}
	if (status->receiver != HAOPS_MYSQL_RUNNING)
		REFUSE(verdict, "the receiver on %s is %s%s%s", node->name,
		       health_thread_name(status->receiver), status->receiver_error[0] ? ": " : "",
		       status->receiver_error);
	if (status->applier != HAOPS_MYSQL_RUNNING)
		REFUSE(verdict, "the applier on %s is %s%s%s", node->name,
		       health_thread_name(status->applier), status->applier_error[0] ? ": " : "",
		       status->applier_error);
	if (primary && strcmp(status->source_host, primary->host) != 0)
		REFUSE(verdict, "%s replicates from %s, not from the primary %s", node->name,
		       status->source_host, primary->host);
}

static void check_lag(const struct db_node *node, const struct plan_wish *wish,
		      struct verdict *verdict)
{
	const struct haops_mysql_status *status = &node->server.status;

	if (status->delay_s > 0)
		REFUSE(verdict, "%s is delayed by %u s on purpose", node->name, status->delay_s);
	else if (status->lag_s < 0)
		REFUSE(verdict, "it is not known how far %s is behind", node->name);
	else if (status->lag_s > wish->max_lag_s)
		REFUSE(verdict,
		       "%s is %" PRId64 " s behind, and clients would wait that long; let it catch "
		       "up, or allow it with --max-lag",
		       node->name, status->lag_s);
}

static void check_data(const struct snapshot *s, const struct db_node *node,
		       struct verdict *verdict)
{
	const struct server *server = &node->server;

	if (node->is_bad)
		REFUSE(verdict, "%s has diverged: %s; see haops mysql rejoin %s", node->name,
		       node->bad, node->name);
	else if (server->errant && server->errant[0])
		REFUSE(verdict,
		       "%s has transactions that the primary never had (%.200s); see haops mysql "
		       "rejoin %s",
		       node->name, server->errant, node->name);
	if (!node->is_safe && s->durability == HAOPS_MYSQL_SAFE)
		REFUSE(verdict, "%s is not in the safe set: it may lack acknowledged writes",
		       node->name);
	if (server->is_judged && server->decision.verdict == HAOPS_MYSQL_WAIT)
		REFUSE(verdict, "%s may not be promoted now: %s", node->name,
		       server->decision.reason);
	if (server->is_judged && server->decision.verdict == HAOPS_MYSQL_REFUSE)
		REFUSE(verdict, "%s may not be promoted: %s", node->name, server->decision.reason);
}

static void check_writes(const struct snapshot *s, struct verdict *verdict)
{
	const struct long_writes *writes = &s->writes;

	if (!writes->is_known && writes->trouble[0])
		verdict_add(verdict, LEVEL_WARNING,
			    "it is not known whether long statements write now: %s",
			    writes->trouble);
	for (size_t i = 0; i < writes->count && i < SNAPSHOT_WRITES_MAX; i++)
		REFUSE(verdict,
		       "session %" PRIu64 " of %s has been writing for %" PRId64
		       " s and would be ended (%s); wait for it, or end it",
		       writes->list[i].session, writes->list[i].user, writes->list[i].seconds,
		       writes->list[i].text);
	if (writes->count > SNAPSHOT_WRITES_MAX)
		REFUSE(verdict, "%zu more sessions have been writing for long",
		       writes->count - SNAPSHOT_WRITES_MAX);
}

void plan_check(const struct snapshot *snapshot, const struct plan_wish *wish,
		struct verdict *ret_verdict)
{
	const struct db_node *node = snapshot_look(snapshot, wish->to);

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	check_cluster(snapshot, ret_verdict);
	check_primary(snapshot, ret_verdict);
	if (!node) {
		REFUSE(ret_verdict, "there is no node %s", wish->to);
		return;
	}
	check_place(node, ret_verdict);
	if (node->server.is_answering) {
		check_threads(node, snapshot_primary(snapshot), ret_verdict);
		check_lag(node, wish, ret_verdict);
	} else {
		REFUSE(ret_verdict, "the server on %s does not answer: %s", node->name,
		       node->server.trouble);
	}
	check_data(snapshot, node, ret_verdict);
	check_writes(snapshot, ret_verdict);
}
