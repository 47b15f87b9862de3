/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding things in a snapshot; see snapshot.h. */

#include "snapshot.h"

#include <string.h>

const struct db_node *snapshot_look(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (strcmp(snapshot->nodes[i].name, name) == 0)
			return &snapshot->nodes[i];
	}
	return NULL;
}

struct db_node *snapshot_find(struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (strcmp(snapshot->nodes[i].name, name) == 0)
			return &snapshot->nodes[i];
	}
	return NULL;
}

struct db_node *snapshot_add(struct snapshot *snapshot, const char *name, size_t len)
{
	struct db_node *node = &snapshot->nodes[snapshot->node_count];

	if (snapshot->node_count == SNAPSHOT_NODES_MAX || len == 0 || len >= sizeof(node->name))
		return NULL;
	/* One past the end is nobody. */
	if (snapshot->primary == snapshot->node_count)
		snapshot->primary++;
	snapshot->node_count++;
	memcpy(node->name, name, len);
	node->name[len] = '\0';
	return node;
}

const struct db_node *snapshot_primary(const struct snapshot *snapshot)
{
	return snapshot->primary < snapshot->node_count ? &snapshot->nodes[snapshot->primary]
							: NULL;
}

const struct db_node *snapshot_promoted(const struct snapshot *snapshot)
{
	const struct db_node *found = NULL;

	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (snapshot->nodes[i].role != ROLE_PROMOTED)
			continue;
		if (found)
			return NULL;
		found = &snapshot->nodes[i];
	}
	return found;
}

bool server_replicates(const struct server *server)
{
	return server->is_answering && server->status.is_replica &&
	       server->status.receiver == HAOPS_MYSQL_RUNNING &&
	       server->status.applier == HAOPS_MYSQL_RUNNING;
}

bool server_is_writable(const struct server *server)
{
	return server->is_answering && server->status.is_writable;
}

void snapshot_find_primary(struct snapshot *snapshot)
{
	snapshot->writable_count = 0;
	snapshot->primary = snapshot->node_count;
	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (!server_is_writable(&snapshot->nodes[i].server))
			continue;
		snapshot->primary = i;
		snapshot->writable_count++;
	}
	if (snapshot->writable_count != 1)
		snapshot->primary = snapshot->node_count;
}

void snapshot_move_servers(struct snapshot *from, struct snapshot *to)
{
	for (size_t i = 0; i < from->node_count; i++) {
		struct db_node *node = snapshot_find(to, from->nodes[i].name);

		if (!node)
			continue;
		node->server = from->nodes[i].server;
		memset(&from->nodes[i].server, 0, sizeof(from->nodes[i].server));
	}
	snapshot_find_primary(to);
}
