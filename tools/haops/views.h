/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_VIEWS_H
#define HAOPS_TOOL_VIEWS_H

/* What the commands show of a status, as a tree for a writer. Pure. */

#include "drbd-verdict.h"
#include "verdict.h"

enum view { VIEW_STATUS, VIEW_MEMBERS, VIEW_HEARTBEAT, VIEW_WATCHED, VIEW_LINKS, VIEW_EVENTS };

/* All that is wrong here. */
void view_judge(const struct status *status, const struct drbd_report *drbd,
		struct verdict *verdict);
/* drbd: of status alone; not there for the others. node: only this one (members, heartbeat); NULL
 * for all. */
void view_show(struct writer *writer, enum view view, const struct status *status,
	       const struct drbd_report *drbd, const char *node);

/* The parts that have to do with nodes (views-nodes.c). */
void view_nodes(struct writer *writer, const struct status *status, const char *node);
void view_heartbeats(struct writer *writer, const struct status *status, const char *node);

/* That of DRBD (views-drbd.c). */
void view_drbd(struct writer *writer, const struct drbd_report *report);

/* A peer by name or number; NULL: there is none. own is made up for this node, which haopsd does
 * not list among its peers. */
const struct status_peer *view_find(const struct status *status, const char *node);
void view_own_peer(const struct status *status, struct status_peer *own);
bool view_is_node(const struct status_peer *peer, const char *node);

#endif
