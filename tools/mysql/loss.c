/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What allow-stale shows, and when it is of no use; see loss.h. */

#include "loss.h"

#include "health.h"

#include <inttypes.h>
#include <string.h>

static bool may(const struct db_node *node)
{
	return node->server.is_answering && node->server.is_judged &&
	       (node->server.decision.verdict == HAOPS_MYSQL_MAY ||
		node->server.decision.verdict == HAOPS_MYSQL_CATCH_UP);
}

static const struct db_node *first_that_may(const struct snapshot *s)
{
	for (size_t i = 0; i < s->node_count; i++) {
		if (may(&s->nodes[i]))
			return &s->nodes[i];
	}
	return NULL;
}

static bool why_not(char ret_why[SNAPSHOT_TEXT_MAX], const char *text, const char *name)
{
	(void)snprintf(ret_why, SNAPSHOT_TEXT_MAX, "%.200s%.300s", name, text);
	return false;
}

bool loss_is_open(const struct snapshot *now, const struct snapshot *then,
		  char ret_why[SNAPSHOT_TEXT_MAX])
{
	const struct db_node *without = first_that_may(now);

	if (!now->is_promotable)
		return why_not(ret_why, " is not promotable: there is nothing to promote",
			       now->top);
	if (!now->dc[0] || !now->is_quorate)
		return why_not(ret_why, "without quorum nothing is promoted, whatever is accepted",
			       "");
	if (!now->memory.has_primary)
		return why_not(ret_why,
			       "nobody was promoted yet: a new cluster begins with the parameter "
			       "initial_primary",
			       "");
	if (now->writable_count > 0)
		return why_not(ret_why, "a server takes writes: nothing is to be accepted", "");
	if (without)
		return why_not(ret_why,
			       " may be promoted without a loss: let Pacemaker do it, or see haops "
			       "mysql status for what holds it up",
			       without->name);
	if (!first_that_may(then))
		return why_not(ret_why,
			       "even with a loss accepted nobody could be promoted: see haops "
			       "mysql "
			       "status",
			       "");
	return true;
}

static void show_node(struct writer *writer, const struct db_node *node)
{
	const struct server *server = &node->server;

	out_item(writer);
	out_text(writer, "name", "NODE", node->name);
	out_bool(writer, "safe", "SAFE", node->is_safe);
	out_level(writer, server->is_answering ? LEVEL_OK : LEVEL_WARNING);
	out_bool(writer, "answers", "ANSWERS", server->is_answering);
	out_text(writer, "logged", "LOGGED", server->logged ? server->logged : "");
	out_text(writer, "received", NULL, server->received ? server->received : "");
	out_bool(writer, "may", "MAY THEN", may(node));
	out_number(writer, "given_up", "KNOWN LOSS", server->decision.given_up);
	out_keep(writer);
	out_text(writer, "reason", "WHY",
		 server->is_answering ? server->decision.reason : server->trouble);
	out_item_end(writer);
}

void loss_view(struct writer *writer, const struct snapshot *then)
{
	const struct remembered *memory = &then->memory;

	out_number(writer, "epoch", NULL, memory->epoch);
	out_text(writer, "last_primary", NULL, memory->primary);
	out_text(writer, "gtid", NULL, memory->gtid);
	out_say(writer, "Epoch", "%" PRIu64 ": %s was promoted last, with %s", memory->epoch,
		memory->primary, memory->gtid[0] ? memory->gtid : "nothing");
	out_level(writer, LEVEL_CRITICAL);
	out_say(writer, "Lost",
		"what %s and others that do not answer have acknowledged since, and "
		"nobody who answers has",
		memory->primary);
	out_list(writer, "nodes", "node", "Nodes");
	for (size_t i = 0; i < then->node_count; i++)
		show_node(writer, &then->nodes[i]);
	out_list_end(writer);
}
