/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_CALM_H
#define MYSQL_CALM_H

/*
 * A monitor that found everything in its place leaves a description of what it saw. As long as the
 * own server and the cluster's configuration look the same, the next ones have nothing to do, and
 * ask neither Pacemaker nor other servers; nor their own server, if haopsd has just looked at it.
 * Pure.
 */

#include "seen.h"

#define CALM_MAX 1024
/* Everything is looked at again after this, whatever it looks like. */
#define CALM_MS 60000

/* One process, by what cannot be another one's. */
struct calm_process {
	int pid;
	uint64_t ticks;
};

/* The configuration's file: inode, and when it was written; 0: not known. */
struct calm_stamp {
	uint64_t inode;
	uint64_t at_ns;
};

struct calm_view {
	struct calm_process executor; /* whose attributes were set */
	struct calm_process server;
	struct calm_stamp cib;
	const char *place; /* of the server, see seen.h */
};

/* False: what it looks like is no reason to rest. */
bool calm_describe(const struct calm_view *view, char ret_text[CALM_MAX]);

/* What is kept: the description, when all was looked at, and the commits that were acknowledged. */
struct calm_note {
	int64_t at_ms;
	uint64_t acked;
	char text[CALM_MAX];
};

int calm_format(const struct calm_note *note, char *buf, size_t size);
bool calm_parse(const char *text, struct calm_note *ret_note);

/* Whether what was seen since, and is described by text, is what was noted, and commits that wait
 * move. */
bool calm_lasts(const struct calm_note *note, const char *text, const struct seen *seen,
		int64_t now_ms);

#endif
