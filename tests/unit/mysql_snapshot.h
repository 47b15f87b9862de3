/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_SNAPSHOT_H
#define HAOPS_TESTS_MYSQL_SNAPSHOT_H

/* A database cluster that is well, for tests that break one thing: n1 is the primary, n2 and n3
 * replicate from it and acknowledge. Nothing in it is to be freed. */

#include "snapshot.h"

#include <stdio.h>
#include <string.h>

static inline void world_name(char *to, const char *text)
{
	(void)snprintf(to, SNAPSHOT_NAME_MAX, "%s", text);
}

static inline void world_primary(struct snapshot *s, size_t index)
{
	struct db_node *node = &s->nodes[index];

	node->role = ROLE_PROMOTED;
	node->score = 2000;
	node->server.status.is_writable = true;
	node->server.status.is_read_only = false;
	node->server.status.is_replica = false;
	node->server.status.waits_for_ack = true;
	node->server.status.ackers = 2;
	node->server.status.acks = false;
	node->server.is_compared = false;
	s->primary = index;
	s->writable_count = 1;
}

static inline void world_replica(struct snapshot *s, size_t index, const char *source)
{
	struct db_node *node = &s->nodes[index];
	struct haops_mysql_status *status = &node->server.status;

	node->role = ROLE_UNPROMOTED;
	node->score = 1000;
	status->is_writable = false;
	status->is_read_only = true;
	status->is_replica = true;
	status->source_count = 1;
	world_name(status->source_host, source);
	status->receiver = HAOPS_MYSQL_RUNNING;
	status->applier = HAOPS_MYSQL_RUNNING;
	status->uses_gtid = true;
	status->acks = true;
	status->waits_for_ack = false;
	status->ackers = 0;
	node->server.is_compared = true;
}

static inline void world_node(struct snapshot *s, size_t index)
{
	struct db_node *node = &s->nodes[index];

	(void)snprintf(node->name, sizeof(node->name), "n%zu", index + 1);
	world_name(node->host, node->name);
	node->is_safe = true;
	node->presence = PRESENCE_ONLINE;
	node->has_score = true;
	node->has_reads = true;
	node->is_readable = true;
	node->server.is_answering = true;
	node->server.status.server_id = (uint32_t)index + 1;
	world_name(node->server.status.server.text, "10.11.19-MariaDB");
	node->server.is_judged = true;
	node->server.decision.verdict = HAOPS_MYSQL_MAY;
}

static inline void world_make(struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	world_name(s->resource, "mysql");
	world_name(s->top, "ms");
	world_name(s->dc, "n3");
	s->is_promotable = true;
	s->is_notified = true;
	s->is_managed = true;
	s->is_quorate = true;
	s->has_fencing = true;
	s->durability = HAOPS_MYSQL_SAFE;
	s->memory.has_primary = true;
	s->memory.epoch = 7;
	world_name(s->memory.primary, "n1");
	world_name(s->memory.gtid, "0-1-5513");
	s->node_count = 3;
	s->nodes[0].is_own = true;
	for (size_t i = 0; i < 3; i++)
		world_node(s, i);
	world_primary(s, 0);
	world_replica(s, 1, "n1");
	world_replica(s, 2, "n1");
}

#endif
