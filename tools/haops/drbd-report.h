/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_DRBD_REPORT_H
#define HAOPS_TOOL_DRBD_REPORT_H

/* What DRBD on this node is doing, a row for each volume and peer, out of what its tools and the
 * kernel tell. Pure. */

#include "drbd/state.h"

#define DRBD_TROUBLE_MAX 256

struct drbd_row {
	char resource[STATE_NAME_MAX];
	enum state_role role;
	bool is_suspended; /* I/O waits */
	uint32_t volume;
	int64_t minor;
	enum state_disk disk;
	bool is_client; /* has no disk on purpose */
	bool lacks_quorum;
	char peer[STATE_NAME_MAX]; /* ""; there is none, and what follows is not known */
	enum state_connection connection;
	enum state_role peer_role;
	enum state_disk peer_disk;
	enum state_sync sync;
	const char *replication; /* DRBD's own word; NULL: not known */
	int permille;		 /* of a resynchronisation; -1: none, or not told */
	int64_t left_ms;	 /* the same */
};

struct drbd_report {
	bool is_there;			/* DRBD is on this node */
	bool is_silent;			/* and did not answer */
	char trouble[DRBD_TROUBLE_MAX]; /* why there are no rows, "" for none */
	struct drbd_row *rows;		/* a resource's together, and of these a volume's */
	size_t count;
	size_t room;
};

/*
 * Rows for all that "drbdsetup events2 --now --statistics" told; what has no minor here is left
 * out. proc: /proc/drbd, or NULL. 0, or what events_read() returns, or -ENOMEM, with no rows.
 */
int drbd_report_fill(struct drbd_report *report, const char *events, const char *proc);
/* Empty again. */
void drbd_report_done(struct drbd_report *report);

/* Whether a row is the first of its resource, and of its volume. */
bool drbd_report_begins_resource(const struct drbd_report *report, size_t row);
bool drbd_report_begins_volume(const struct drbd_report *report, size_t row);

#endif
