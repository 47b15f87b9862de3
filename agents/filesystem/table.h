/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_TABLE_H
#define FILESYSTEM_TABLE_H

/* A table of mounts, as text of mountinfo, and what it tells of paths. Pure: looks at no path. */

#include "util/mountinfo.h"

#include <stddef.h>
#include <sys/types.h>

struct mount_table {
	char *text; /* owned */
	struct mountinfo *list;
	size_t count;
};

/* Takes text over. 0, -ENOMEM, or -EBADMSG: a line is none, so nothing is known. */
int table_parse(char *text, struct mount_table *ret_table);
void table_free(struct mount_table *table);

/* Whether path is folder or in it. */
bool path_is_in(const char *path, const char *folder);
/* An absolute path without double and trailing slashes and "."; false if it has "..", is not
 * absolute or too long: then the text alone tells nothing. */
bool path_normalize(const char *path, char *out, size_t size);

/* What is on top at exactly this path, or NULL. */
const struct mountinfo *table_top(const struct mount_table *table, const char *path);
/* The mount that a file of this path is on, or NULL. */
const struct mountinfo *table_owner(const struct mount_table *table, const char *path);
const struct mountinfo *table_find(const struct mount_table *table, uint64_t id);
/* Whether any mount shows this file system. */
bool table_has_device(const struct mount_table *table, const char *device);
/* Something mounted below path, or NULL. */
const struct mountinfo *table_below(const struct mount_table *table, const char *path);

/*
 * What has to be unmounted next so that main, with all that is in it, goes away: one in which
 * nothing else is mounted. With copies, other mounts of its file system that show nothing but what
 * main shows are to go, too. NULL when nothing is left.
 */
struct table_goal {
	const char *path;
	const char *device; /* NULL: no copies */
	const char *root;
};
const struct mountinfo *table_next(const struct mount_table *table, const struct table_goal *goal);
/* Whether it is one of them. */
bool table_is_goal(const struct mountinfo *mount, const struct mount_table *table,
		   const struct table_goal *goal);

#endif
