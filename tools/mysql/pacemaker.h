/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_PACEMAKER_H
#define HAOPS_MYSQL_PACEMAKER_H

/* What Pacemaker is told to do, by its own programs: they know how in each of its versions. Each
 * call ends in time, and says in text why it failed: 0 or -errno. */

#include "snapshot.h"

/* Moves the promoted role; the constraint ends by itself after so many seconds. */
int pacemaker_move(struct haops_ctx *ctx, const char *top, const char *node, int64_t lifetime_s,
		   char text[SNAPSHOT_TEXT_MAX]);
/* Takes the constraints of moves and bans away. */
int pacemaker_clear(struct haops_ctx *ctx, const char *top, char text[SNAPSHOT_TEXT_MAX]);
/* Until it has nothing more to do; -ETIMEDOUT is no failure of the program. */
int pacemaker_settle(struct haops_ctx *ctx, int64_t timeout_ms, char text[SNAPSHOT_TEXT_MAX]);
/* Forgets failures of the resource on a node, and has its state asked for again. */
int pacemaker_cleanup(struct haops_ctx *ctx, const char *resource, const char *node,
		      char text[SNAPSHOT_TEXT_MAX]);
/* Writes a name of what the CIB remembers of a resource, or takes it away. */
int pacemaker_remember(struct haops_ctx *ctx, const char *resource, const char *name,
		       const char *value, char text[SNAPSHOT_TEXT_MAX]);
int pacemaker_forget(struct haops_ctx *ctx, const char *resource, const char *name,
		     char text[SNAPSHOT_TEXT_MAX]);
/* The name of this node. */
int pacemaker_own_name(struct haops_ctx *ctx, char name[SNAPSHOT_NAME_MAX]);

#endif
