/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_WAYS_H
#define HAOPS_MYSQL_WAYS_H

/* How a diverged node comes back, and what speaks against each way. Pure. */

#include "access.h"
#include "tail-scan.h"
#include "writer.h"

#define WAYS_COMMANDS_MAX 4096

/* What is known of a diverged node. */
struct divergence {
	const struct snapshot *snapshot;
	const struct access *access;
	const struct db_node *node;
	const struct db_node *primary;
	bool is_local;			  /* this is root, on that node */
	char position[SNAPSHOT_GTID_MAX]; /* where the histories part; "" when not known */
	char state[SNAPSHOT_GTID_MAX];	  /* what both have, as a state */
	char file[SNAPSHOT_TEXT_MAX];	  /* what only this node has; "" when not kept */
	char trouble[SNAPSHOT_TEXT_MAX];  /* why it is not kept */
	struct tail tail;
	char tables[SNAPSHOT_TEXT_MAX]; /* why its rows cannot be taken back; "" when they can */
	bool is_strict;			/* its server stops at the first row that does not fit */
};

struct way {
	const char *name;
	bool is_possible;
	char why[SNAPSHOT_TEXT_MAX]; /* not, or what it does */
	char commands[WAYS_COMMANDS_MAX];
};

enum { WAY_TRUNCATE, WAY_FLASHBACK, WAY_REBUILD, WAY_COUNT };

void ways_judge(const struct divergence *divergence, struct way ways[WAY_COUNT]);
/* Whether the flashback may be done from here now. False: why not, and what to do. */
bool ways_allow_discard(const struct divergence *divergence, const struct way *flashback,
			bool has_yes, char text[SNAPSHOT_TEXT_MAX]);

#endif
