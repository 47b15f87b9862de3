/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands for scripts; see verbs.h. Judges by the same measures as the views. */

#include "verbs.h"

#include <string.h>

static int word(struct writer *writer, const char *text, int code)
{
	out_number(writer, "code", NULL, (uint64_t)code);
	out_text(writer, "result", "", text);
	return code;
}

static int hbstatus(struct writer *writer, const struct status *status)
{
	bool is_up = status->cluster_state == HAOPS_CLUSTER_UP;

	return word(writer, is_up ? "running" : verdict_cluster_name(status->cluster_state),
		    is_up ? LEVEL_OK : LEVEL_CRITICAL);
}

static int nodestatus(struct writer *writer, const struct status *status, const char *node)
{
	const struct status_peer *peer = view_find(status, node);
	struct status_peer own;
	bool is_up = status->cluster_state == HAOPS_CLUSTER_UP;

	view_own_peer(status, &own);
	if (!peer && view_is_node(&own, node))
		return word(writer, is_up ? "active" : verdict_cluster_name(status->cluster_state),
			    is_up ? LEVEL_OK : LEVEL_CRITICAL);
	if (!peer)
		return word(writer, "there is no such node", EXIT_NO_SUCH);
	/* Left in order is well for the cluster, but this node is not active. */
	if (peer->state == HEART_LEFT)
		return word(writer, verdict_state_name(peer->state), LEVEL_CRITICAL);
	return word(writer, verdict_state_name(peer->state), (int)verdict_peer_level(peer));
}

static int rscstatus_all(struct writer *writer, const struct status *status)
{
	for (size_t i = 0; i < status->watched_count; i++) {
		if (status->watched[i].is_lost)
			return word(writer, "lost", LEVEL_CRITICAL);
	}
	return word(writer, status->watched_total > 0 ? "whole" : "none", LEVEL_OK);
}

static int rscstatus(struct writer *writer, const struct status *status, const char *resource)
{
	for (size_t i = 0; i < status->watched_count; i++) {
		const struct status_watched *watched = &status->watched[i];

		if (strcmp(watched->resource, resource) != 0)
			continue;
		return word(writer, watched->is_lost ? "lost" : "whole",
			    watched->is_lost ? LEVEL_CRITICAL : LEVEL_OK);
	}
	return word(writer, "none", EXIT_NO_SUCH);
}

int verb_run(struct writer *writer, const struct options *options, const struct status *status)
{
	switch (options->command->kind) {
	case COMMAND_HBSTATUS:
		return hbstatus(writer, status);
	case COMMAND_NODESTATUS:
	case COMMAND_IS_ACTIVE:
		return nodestatus(writer, status, options->arguments[0]);
	case COMMAND_RSCSTATUS:
		if (options->arguments[0])
			return rscstatus(writer, status, options->arguments[0]);
		return rscstatus_all(writer, status);
	case COMMAND_VIEW:
	case COMMAND_RELOAD:
	case COMMAND_SET:
	case COMMAND_MYSQL:
		break;
	}
	return EXIT_USAGE;
}
