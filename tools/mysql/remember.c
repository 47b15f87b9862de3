/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the memory by the agent's own codec, and hands it out to the nodes. Writes nothing. */

#include "remember.h"

#include "mysql/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void damaged(struct snapshot *s, const char *why)
{
	(void)snprintf(s->memory.damage, sizeof(s->memory.damage), "%s", why);
}

/* One of the safe set that is no node any more may have what nobody else has. */
static struct db_node *find(struct snapshot *s, const struct memory_node *remembered)
{
	struct db_node *node = snapshot_find(s, remembered->name);

	if (node || !remembered->is_safe)
		return node;
	node = snapshot_add(s, remembered->name, strlen(remembered->name));
	if (node)
		memcpy(node->host, node->name, sizeof(node->host));
	else
		damaged(s, "the safe set has more nodes than there is room for");
	return node;
}

static void take_node(struct snapshot *s, const struct memory_node *remembered)
{
	struct db_node *node = find(s, remembered);

	if (!node)
		return;
	node->is_safe = remembered->is_safe;
	node->is_bad = remembered->is_bad;
	node->granted = remembered->acks;
	(void)snprintf(node->bad, sizeof(node->bad), "%s", remembered->bad);
}

void remember(struct snapshot *snapshot, const char *text)
{
	/* Too large for a stack. */
	struct memory *memory = malloc(sizeof(*memory));
	struct remembered *to = &snapshot->memory;

	if (!memory || memory_read(text, memory) < 0) {
		damaged(snapshot, "it is more than there is room for");
		free(memory);
		return;
	}
	if (memory->damage[0])
		damaged(snapshot, memory->damage);
	to->has_primary = memory->has_primary;
	to->epoch = memory->epoch;
	to->is_stale_allowed = memory_is_stale_allowed(memory);
	(void)snprintf(to->primary, sizeof(to->primary), "%s", memory->primary);
	(void)snprintf(to->gtid, sizeof(to->gtid), "%s", memory->gtid);
	for (size_t i = 0; i < memory->node_count; i++)
		take_node(snapshot, &memory->nodes[i]);
	free(memory);
}
