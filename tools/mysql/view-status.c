/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one screen of "haops mysql status", and its tree for programs. Judges nothing. */

#include "view-status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Pacemaker's. */
#define SCORE_INFINITY 1000000

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static bool is_for_people(const struct writer *writer)
{
	return writer->options->form == WRITER_TEXT;
}

static void show_pacemaker(struct writer *writer, const struct snapshot *s)
{
	out_begin(writer, "pacemaker", NULL);
	out_text(writer, "controller", NULL, s->dc);
	out_bool(writer, "quorate", NULL, s->is_quorate);
	out_bool(writer, "fencing", NULL, s->has_fencing);
	out_bool(writer, "managed", NULL, s->is_managed);
	out_bool(writer, "maintenance", NULL, s->is_maintained);
	out_text(writer, "constraint", NULL, s->constraint);
	out_level(writer, s->dc[0] && s->is_quorate ? LEVEL_OK : LEVEL_CRITICAL);
	out_say(writer, "Pacemaker", "%s, fencing %s%s%s",
		!s->dc[0]	? "no controller"
		: s->is_quorate ? "quorate"
				: "NO quorum",
		s->has_fencing ? "on" : "off", s->is_managed ? "" : ", unmanaged",
		s->is_maintained ? ", maintenance" : "");
	out_end(writer);
}

static void list_safe(const struct snapshot *s, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < s->node_count; i++) {
		if (s->nodes[i].is_safe && len + 1 < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len > 0 ? " " : "",
						s->nodes[i].name);
	}
}

static void show_memory(struct writer *writer, const struct snapshot *s)
{
	const struct remembered *memory = &s->memory;
	char safe[SNAPSHOT_TEXT_MAX];

	list_safe(s, safe, sizeof(safe));
	out_begin(writer, "memory", NULL);
	out_number(writer, "epoch", NULL, memory->epoch);
	out_text(writer, "last_primary", NULL, memory->primary);
	out_text(writer, "gtid", NULL, memory->gtid);
	out_text(writer, "safe", NULL, safe);
	out_bool(writer, "stale_allowed", NULL, memory->is_stale_allowed);
	out_text(writer, "damage", NULL, memory->damage);
	if (memory->has_primary)
		out_say(writer, "Remembered", "epoch %" PRIu64 ": %s was promoted last, with %s%s",
			memory->epoch, memory->primary, memory->gtid[0] ? memory->gtid : "nothing",
			memory->is_stale_allowed ? "; a loss is accepted" : "");
	else
		out_say(writer, "Remembered", "nobody was promoted yet");
	out_text(writer, NULL, "Safe set", safe);
	out_end(writer);
}

/* Of a resource that is not promotable: where it runs. */
static const struct db_node *find_started(const struct snapshot *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (s->nodes[i].role > ROLE_STOPPED)
			return &s->nodes[i];
	return NULL;
}

static void show_plain(struct writer *writer, const struct snapshot *s)
{
	const struct db_node *node = find_started(s);

	if (!node) {
		out_level(writer, LEVEL_CRITICAL);
		out_say(writer, "Server", "runs on no node");
	} else if (!node->server.is_answering) {
		out_level(writer, node->is_own ? LEVEL_CRITICAL : LEVEL_WARNING);
		out_say(writer, "Server", "%s; it does not answer%s", node->name,
			node->is_own ? "" : " us: ask there");
	} else {
		out_say(writer, "Server", "%s; it %s", node->name,
			server_is_writable(&node->server) ? "takes writes" : "is read-only");
	}
}

/* Of the primary: how its commits wait. */
static void show_primary(struct writer *writer, const struct snapshot *s)
{
	const struct db_node *node = snapshot_primary(s);
	const struct haops_mysql_status *status = node ? &node->server.status : NULL;

	out_text(writer, "primary", NULL, node ? node->name : "");
	out_text(writer, "durability", NULL, s->durability == HAOPS_MYSQL_SAFE ? "safe" : "async");
	if (!s->is_promotable) {
		show_plain(writer, s);
		return;
	}
	if (!status) {
		out_level(writer, LEVEL_CRITICAL);
		out_say(writer, "Primary", "%s",
			s->writable_count > 1 ? "MORE THAN ONE" : "none takes writes");
		return;
	}
	if (status->waits_for_ack)
		out_say(writer, "Primary", "%s; commits wait for one of %u replica%s", node->name,
			status->ackers, status->ackers == 1 ? "" : "s");
	else
		out_say(writer, "Primary", "%s; commits wait for nobody", node->name);
}

static void show_server(struct writer *writer, const struct server *server)
{
	const struct haops_mysql_status *status = &server->status;

	out_bool(writer, "answers", NULL, server->is_answering);
	out_text(writer, "trouble", NULL, server->trouble);
	out_text(writer, "server", NULL, status->server.text);
	out_number(writer, "server_id", NULL, status->server_id);
	out_bool(writer, "writable", NULL, server_is_writable(server));
	out_text(writer, "logged", NULL, or_empty(server->logged));
	out_text(writer, "applied", NULL, or_empty(server->applied));
	out_text(writer, "received", NULL, or_empty(server->received));
	out_bool(writer, "replica", NULL, status->is_replica);
	out_text(writer, "source", NULL, status->source_host);
	out_text(writer, "receiver", NULL,
		 server->is_answering ? health_thread_name(status->receiver) : "unknown");
	out_number(writer, "receiver_errno", NULL, status->receiver_errno);
	out_text(writer, "receiver_error", NULL, status->receiver_error);
	out_text(writer, "applier", NULL,
		 server->is_answering ? health_thread_name(status->applier) : "unknown");
	out_number(writer, "applier_errno", NULL, status->applier_errno);
	out_text(writer, "applier_error", NULL, status->applier_error);
	out_ms(writer, "lag_ms", NULL,
	       server->is_answering && status->is_replica && status->lag_s >= 0
		       ? status->lag_s * 1000
		       : -1);
	out_ms(writer, "delay_ms", NULL, (int64_t)status->delay_s * 1000);
	out_bool(writer, "acks", NULL, status->acks);
	out_bool(writer, "waits_for_ack", NULL, status->waits_for_ack);
	out_number(writer, "ackers", NULL, status->ackers);
	out_number(writer, "unacked", NULL, status->unacked);
	out_bool(writer, "compared", NULL, server->is_compared);
	out_number(writer, "behind", NULL, server->behind);
	out_text(writer, "errant", NULL, or_empty(server->errant));
}

static const char *verdict_word(const struct server *server)
{
	static const char *const words[] = {"yes", "catch-up", "waits", "no"};

	if (!server->is_judged || (unsigned int)server->decision.verdict > HAOPS_MYSQL_REFUSE)
		return "unknown";
	return words[server->decision.verdict];
}

/* As Pacemaker writes it; "" when there is none. */
static const char *score_text(const struct db_node *node, char buf[16])
{
	buf[0] = '\0';
	if (node->has_score && abs(node->score) >= SCORE_INFINITY)
		snprintf(buf, 16, "%sINFINITY", node->score < 0 ? "-" : "");
	else if (node->has_score)
		snprintf(buf, 16, "%d", node->score);
	return buf;
}

/* A resource that is not promotable has no roles but these two. */
static const char *role_word(const struct snapshot *s, const struct db_node *node)
{
	return !s->is_promotable && node->role == ROLE_UNPROMOTED ? "started"
								  : health_role_name(node->role);
}

static void show_node_for_programs(struct writer *writer, const struct snapshot *s,
				   const struct db_node *node)
{
	char score[16];

	out_item(writer);
	out_text(writer, "name", NULL, node->name);
	out_bool(writer, "own", NULL, node->is_own);
	out_text(writer, "presence", NULL, health_presence_name(node->presence));
	out_text(writer, "role", NULL, role_word(s, node));
	out_bool(writer, "safe", NULL, node->is_safe);
	out_bool(writer, "granted", NULL,
		 node->granted != 0 && node->server.is_answering &&
			 node->granted == node->server.status.instance);
	out_bool(writer, "bad", NULL, node->is_bad);
	out_text(writer, "bad_reason", NULL, node->bad);
	out_text(writer, "score", NULL, score_text(node, score));
	out_text(writer, "readable", NULL,
		 !node->has_reads    ? "unknown"
		 : node->is_readable ? "yes"
				     : "no");
	out_text(writer, "failure", NULL, node->failure);
	show_server(writer, &node->server);
	out_text(writer, "promotable", NULL, verdict_word(&node->server));
	out_text(writer, "promotable_reason", NULL,
		 node->server.is_judged ? node->server.decision.reason : "");
	out_number(writer, "given_up", NULL, node->server.decision.given_up);
	out_item_end(writer);
}

/* What is to be said of a node in one cell. */
static const char *remark(const struct db_node *node)
{
	const struct haops_mysql_status *status = &node->server.status;

	if (!node->server.is_answering)
		return node->server.trouble;
	if (node->is_bad)
		return "diverged";
	if (status->applier_error[0])
		return status->applier_error;
	return status->receiver_error;
}

static enum writer_level thread_level(const struct db_node *node, enum haops_mysql_thread thread)
{
	return !node->server.status.is_replica || thread == HAOPS_MYSQL_RUNNING ? LEVEL_OK
										: LEVEL_WARNING;
}

static void show_threads(struct writer *writer, const struct db_node *node)
{
	const struct haops_mysql_status *status = &node->server.status;
	bool is_told = node->server.is_answering && status->is_replica;

	out_ms(writer, NULL, "LAG", is_told && status->lag_s >= 0 ? status->lag_s * 1000 : -1);
	out_level(writer, thread_level(node, status->receiver));
	out_text(writer, NULL, "RECEIVER", is_told ? health_thread_name(status->receiver) : "");
	out_level(writer, thread_level(node, status->applier));
	out_text(writer, NULL, "APPLIER", is_told ? health_thread_name(status->applier) : "");
}

static void show_acks(struct writer *writer, const struct db_node *node)
{
	const struct haops_mysql_status *status = &node->server.status;
	const char *text = "";

	if (node->server.is_answering)
		text = status->is_replica ? (status->acks ? "yes" : "no") : "";
	out_text(writer, NULL, "ACKS", text);
}

static void show_name_and_role(struct writer *writer, const struct snapshot *s,
			       const struct db_node *node)
{
	out_text(writer, NULL, "NODE", node->name);
	out_text(writer, NULL, "ROLE",
		 node->presence == PRESENCE_ONLINE || node->presence == PRESENCE_STANDBY
			 ? role_word(s, node)
			 : health_presence_name(node->presence));
}

static void show_writes(struct writer *writer, const struct server *server)
{
	out_level(writer, server->is_answering ? LEVEL_OK : LEVEL_WARNING);
	out_text(writer, NULL, "WRITES",
		 !server->is_answering	      ? "unknown"
		 : server->status.is_writable ? "yes"
					      : "no");
}

/* Where it is stopped nobody expects an answer. */
static void show_plain_node(struct writer *writer, const struct snapshot *s,
			    const struct db_node *node)
{
	bool is_stopped = node->role == ROLE_STOPPED && !node->server.is_answering;

	out_item(writer);
	show_name_and_role(writer, s, node);
	if (is_stopped)
		out_text(writer, NULL, "WRITES", "");
	else
		show_writes(writer, &node->server);
	out_keep(writer);
	out_level(writer, LEVEL_WARNING);
	out_text(writer, NULL, "REMARK", is_stopped ? "" : remark(node));
	out_item_end(writer);
}

static void show_node(struct writer *writer, const struct snapshot *s, const struct db_node *node)
{
	const struct server *server = &node->server;
	char behind[32] = "";

	if (server->is_compared)
		snprintf(behind, sizeof(behind), "%" PRIu64, server->behind);
	out_item(writer);
	show_name_and_role(writer, s, node);
	show_writes(writer, server);
	out_text(writer, NULL, "SAFE", node->is_safe ? "yes" : "no");
	show_acks(writer, node);
	show_threads(writer, node);
	out_text(writer, NULL, "BEHIND", behind);
	out_text(writer, NULL, "READS", node->has_reads ? (node->is_readable ? "yes" : "no") : "");
	out_keep(writer);
	out_level(writer, LEVEL_WARNING);
	out_text(writer, NULL, "REMARK", remark(node));
	out_item_end(writer);
}

static void show_positions(struct writer *writer, const struct snapshot *s)
{
	out_list(writer, NULL, NULL, "Positions");
	for (size_t i = 0; i < s->node_count; i++) {
		const struct server *server = &s->nodes[i].server;

		if (!server->is_answering)
			continue;
		out_item(writer);
		out_text(writer, NULL, "NODE", s->nodes[i].name);
		out_text(writer, NULL, "LOGGED", or_empty(server->logged));
		out_text(writer, NULL, "APPLIED", or_empty(server->applied));
		out_text(writer, NULL, "RECEIVED", or_empty(server->received));
		out_level(writer, LEVEL_CRITICAL);
		out_text(writer, NULL, "ONLY HERE", or_empty(server->errant));
		out_item_end(writer);
	}
	out_list_end(writer);
}

static void show_candidates(struct writer *writer, const struct snapshot *s)
{
	out_list(writer, NULL, NULL, "Who may be promoted");
	for (size_t i = 0; i < s->node_count; i++) {
		const struct db_node *node = &s->nodes[i];
		char score[16];

		out_item(writer);
		out_text(writer, NULL, "NODE", node->name);
		out_text(writer, NULL, "MAY", verdict_word(&node->server));
		out_text(writer, NULL, "SCORE", score_text(node, score));
		out_keep(writer);
		out_text(writer, NULL, "WHY", node->server.decision.reason);
		out_item_end(writer);
	}
	out_list_end(writer);
}

static void show_nodes(struct writer *writer, const struct snapshot *s)
{
	out_list(writer, "nodes", "node", "Nodes");
	for (size_t i = 0; i < s->node_count; i++) {
		if (!is_for_people(writer))
			show_node_for_programs(writer, s, &s->nodes[i]);
		else if (s->is_promotable)
			show_node(writer, s, &s->nodes[i]);
		else
			show_plain_node(writer, s, &s->nodes[i]);
	}
	out_list_end(writer);
	if (!is_for_people(writer) || !s->is_promotable)
		return;
	show_positions(writer, s);
	show_candidates(writer, s);
}

void view_status(struct writer *writer, const struct snapshot *snapshot,
		 const struct verdict *verdict)
{
	static const char *const words[] = {"all is well", "WARNING", "CRITICAL", "unknown"};
	const struct snapshot *s = snapshot;

	out_text(writer, "health", NULL, verdict_level_name(verdict->level));
	out_text(writer, "resource", NULL, s->resource);
	out_text(writer, "top", NULL, s->top);
	out_bool(writer, "replicates", NULL, s->is_promotable);
	out_number(writer, "problems_more", NULL, verdict->more);
	out_say(writer, "Resource", "%s%s%s%s", s->top,
		strcmp(s->top, s->resource) != 0 ? " of " : "",
		strcmp(s->top, s->resource) != 0 ? s->resource : "",
		s->is_promotable ? "" : ", not promotable: replication is not managed");
	out_level(writer, verdict->level);
	out_say(writer, "Health", "%s", words[verdict->level]);
	show_primary(writer, s);
	show_pacemaker(writer, s);
	if (s->is_promotable)
		show_memory(writer, s);
	view_problems(writer, verdict);
	show_nodes(writer, s);
}
