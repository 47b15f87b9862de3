/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_EVENTS_H
#define HAOPSD_EVENTS_H

/* The last things that people should know, for "haops status". Pure; the oldest make room. */

#include "ipc/status.h"

struct events {
	struct status_event list[STATUS_EVENTS_MAX];
	size_t next;  /* where the next one goes */
	size_t count; /* STATUS_EVENTS_MAX at most */
};

void events_add(struct events *events, enum heart_level level, int64_t wall_ms, const char *text);
/* Oldest first; room for STATUS_EVENTS_MAX. Returns how many. */
size_t events_copy(const struct events *events, struct status_event *ret_list);

#endif
