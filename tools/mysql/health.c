/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges a snapshot; see health.h. A server that does not answer is unknown, never well. */

#include "health.h"

#include <inttypes.h>
#include <string.h>

const char *health_presence_name(enum presence presence)
{
	static const char *const names[] = {"unknown", "offline", "unclean",
					    "pending", "standby", "online"};

	return (unsigned int)presence <= PRESENCE_ONLINE ? names[presence] : names[0];
}

const char *health_role_name(enum role role)
{
	static const char *const names[] = {"unknown", "stopped", "unpromoted", "promoted"};

	return (unsigned int)role <= ROLE_PROMOTED ? names[role] : names[0];
}

const char *health_thread_name(enum haops_mysql_thread thread)
{
	static const char *const names[] = {"stopped", "connecting", "running"};

	return (unsigned int)thread <= HAOPS_MYSQL_RUNNING ? names[thread] : "unknown";
}

static void judge_pacemaker(const struct snapshot *s, struct verdict *verdict)
{
	if (s->dc[0] == '\0')
		verdict_add(verdict, LEVEL_CRITICAL,
			    "Pacemaker has elected no controller: it decides nothing now");
	else if (!s->is_quorate)
		verdict_add(verdict, LEVEL_CRITICAL,
			    "no quorum: nothing is promoted in this part of the cluster");
}

static void judge_writers(const struct snapshot *s, struct verdict *verdict)
{
	char names[SNAPSHOT_TEXT_MAX] = "";
	size_t len = 0;

	for (size_t i = 0; i < s->node_count; i++) {
		if (server_is_writable(&s->nodes[i].server) && len + 1 < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len > 0 ? " and " : "", s->nodes[i].name);
	}
	if (s->writable_count > 1)
		verdict_add(verdict, LEVEL_CRITICAL, "%s are writable at the same time", names);
	if (s->writable_count == 0 && s->is_promotable)
		verdict_add(verdict, LEVEL_CRITICAL, "no server that answers takes writes");
}

/* Of a resource that is not promotable: it is on one node or on none. */
static void judge_plain(const struct snapshot *s, struct verdict *verdict)
{
	bool is_started = s->is_promotable;

	for (size_t i = 0; i < s->node_count; i++)
		is_started |= s->nodes[i].role > ROLE_STOPPED || s->nodes[i].server.is_answering;
	if (!is_started)
		verdict_add(verdict, LEVEL_CRITICAL, "the server runs on no node");
}

/* What Pacemaker, memory and servers say of the primary has to be the same. */
static void judge_primary(const struct snapshot *s, struct verdict *verdict)
{
	const struct db_node *primary = snapshot_primary(s);

	if (!s->is_promotable || !primary)
		return;
	if (primary->role != ROLE_PROMOTED)
		verdict_add(verdict, LEVEL_CRITICAL, "%s is writable, but Pacemaker has it %s",
			    primary->name, health_role_name(primary->role));
	if (!s->memory.has_primary)
		verdict_add(verdict, LEVEL_CRITICAL,
			    "%s is writable, but the CIB remembers no primary", primary->name);
	else if (strcmp(s->memory.primary, primary->name) != 0)
		verdict_add(verdict, LEVEL_CRITICAL,
			    "%s is writable, but the last primary that the CIB remembers is %s",
			    primary->name, s->memory.primary);
}

static size_t safe_replicas(const struct snapshot *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->node_count; i++)
		count += s->nodes[i].is_safe && i != s->primary;
	return count;
}

static void judge_durability(const struct snapshot *s, struct verdict *verdict)
{
	const struct db_node *primary = snapshot_primary(s);
	const struct haops_mysql_status *status = primary ? &primary->server.status : NULL;

	if (!s->is_promotable || !status || s->durability != HAOPS_MYSQL_SAFE)
		return;
	if (status->waits_for_ack && status->ackers == 0)
		verdict_add(verdict, LEVEL_CRITICAL,
			    "commits on %s wait: no replica that acknowledges is connected",
			    primary->name);
	if (!status->waits_for_ack && safe_replicas(s) > 0)
		verdict_add(verdict, LEVEL_CRITICAL,
			    "commits on %s do not wait for a replica, though the safe set has one",
			    primary->name);
	if (safe_replicas(s) == 0)
		verdict_add(verdict, LEVEL_WARNING,
			    "only %s has what is written: the safe set has no other node",
			    primary->name);
}

static void judge_threads(const struct db_node *node, struct verdict *verdict)
{
	const struct haops_mysql_status *status = &node->server.status;

	if (!status->is_replica) {
		verdict_add(verdict, LEVEL_WARNING, "%s replicates from nobody", node->name);
		return;
	}
	if (status->receiver != HAOPS_MYSQL_RUNNING)
		verdict_add(verdict, LEVEL_WARNING, "%s: the receiver is %s%s%s", node->name,
			    health_thread_name(status->receiver),
			    status->receiver_error[0] ? ": " : "", status->receiver_error);
	if (status->applier != HAOPS_MYSQL_RUNNING)
		verdict_add(verdict, LEVEL_WARNING, "%s: the applier is %s%s%s", node->name,
			    health_thread_name(status->applier),
			    status->applier_error[0] ? ": " : "", status->applier_error);
	if (status->source_count > 1)
		verdict_add(verdict, LEVEL_WARNING,
			    "%s has %u sources: more than one is not managed", node->name,
			    status->source_count);
	if (!status->uses_gtid)
		verdict_add(verdict, LEVEL_WARNING, "%s does not replicate by GTID", node->name);
}

static void judge_lag(const struct snapshot *s, const struct db_node *node, struct verdict *verdict)
{
	int64_t lag_s = node->server.status.lag_s;

	if (s->max_lag_s > 0 && lag_s > s->max_lag_s)
		verdict_add(verdict, LEVEL_WARNING,
			    "%s is %" PRId64 " s behind, more than the %" PRId64 " s allowed",
			    node->name, lag_s, s->max_lag_s);
	if (node->server.status.delay_s > 0)
		verdict_add(verdict, LEVEL_WARNING,
			    "%s is delayed by %u s on purpose: it cannot be promoted", node->name,
			    node->server.status.delay_s);
}

static void judge_replica(const struct snapshot *s, const struct db_node *node,
			  struct verdict *verdict)
{
	const struct server *server = &node->server;

	/* The mark says it already. */
	if (!node->is_bad && server->errant && server->errant[0])
		verdict_add(verdict, LEVEL_WARNING,
			    "%s has transactions that the primary never had (%.200s): see haops "
			    "mysql rejoin %s",
			    node->name, server->errant, node->name);
	/* A diverged node stays up without replicating. */
	if (node->is_bad || !s->is_promotable)
		return;
	judge_threads(node, verdict);
	judge_lag(s, node, verdict);
	if (!node->is_safe && server_replicates(server))
		verdict_add(verdict, LEVEL_WARNING, "%s is not in the safe set yet", node->name);
}

static void judge_node(const struct snapshot *s, const struct db_node *node,
		       struct verdict *verdict)
{
	if (node->is_bad)
		verdict_add(verdict, LEVEL_WARNING,
			    "%s has diverged: %s; see haops mysql rejoin %s", node->name, node->bad,
			    node->name);
	if (node->presence != PRESENCE_ONLINE)
		verdict_add(verdict, LEVEL_WARNING, "%s is %s in Pacemaker", node->name,
			    health_presence_name(node->presence));
	if (node->failure[0])
		verdict_add(verdict, LEVEL_WARNING, "%s: last failure: %s", node->name,
			    node->failure);
	if (!node->server.is_answering && (s->is_promotable || node->role > ROLE_STOPPED))
		verdict_add(verdict,
			    node->role == ROLE_PROMOTED || (!s->is_promotable && node->is_own)
				    ? LEVEL_CRITICAL
				    : LEVEL_WARNING,
			    "%s does not answer: %s", node->name, node->server.trouble);
	else if (node->server.is_answering && !node->server.status.is_writable)
		judge_replica(s, node, verdict);
}

static void judge_settings(const struct snapshot *s, struct verdict *verdict)
{
	if (s->is_maintained)
		verdict_add(verdict, LEVEL_WARNING, "%s is in maintenance: nobody fails over",
			    s->top);
	else if (!s->is_managed)
		verdict_add(verdict, LEVEL_WARNING, "%s is unmanaged: nobody fails over", s->top);
	if (s->memory.damage[0])
		verdict_add(verdict, LEVEL_WARNING, "what the CIB remembers is not understood: %s",
			    s->memory.damage);
	if (s->memory.is_stale_allowed)
		verdict_add(verdict, LEVEL_WARNING,
			    "a loss is accepted for epoch %" PRIu64 ": see haops mysql allow-stale",
			    s->memory.epoch);
	if (s->constraint[0])
		verdict_add(verdict, LEVEL_WARNING,
			    "constraint %s of an earlier move is in force; crm_resource --clear "
			    "--resource %s takes it away",
			    s->constraint, s->top);
	if (s->is_promotable && !s->has_fencing)
		verdict_add(verdict, LEVEL_WARNING,
			    "fencing is off: without it a lost primary may go on writing");
}

void health_judge(const struct snapshot *snapshot, struct verdict *ret_verdict)
{
	struct verdict all = {0};

	judge_pacemaker(snapshot, &all);
	judge_writers(snapshot, &all);
	judge_plain(snapshot, &all);
	judge_primary(snapshot, &all);
	judge_durability(snapshot, &all);
	for (size_t i = 0; i < snapshot->node_count; i++)
		judge_node(snapshot, &snapshot->nodes[i], &all);
	judge_settings(snapshot, &all);
	memset(ret_verdict, 0, sizeof(*ret_verdict));
	for (int level = LEVEL_CRITICAL; level >= LEVEL_WARNING; level--) {
		for (size_t i = 0; i < all.count; i++) {
			if ((int)all.problems[i].level == level)
				verdict_add(ret_verdict, all.problems[i].level, "%s",
					    all.problems[i].text);
		}
	}
	ret_verdict->more = all.more;
}
