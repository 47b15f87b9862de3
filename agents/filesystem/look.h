/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_LOOK_H
#define FILESYSTEM_LOOK_H

/*
 * Looks at all processes for what holds a mount, or shows its file system in another mount
 * namespace. A process can be in a state in which reading of it does not return: so this runs in a
 * child, which tells whom it looks at.
 */

#include "filesystem/filesystem.h"

#include <stdatomic.h>

struct look {
	const struct fs_target *target;
	pid_t after;	 /* processes up to this number were looked at */
	pid_t agent;	 /* not to be found */
	bool for_copies; /* mounts in other namespaces, not processes */
	atomic_int *at;	 /* in memory that is shared: who is looked at now */
};

enum look_news { LOOK_HOLDER, LOOK_COPY, LOOK_DONE };

struct look_message {
	enum look_news news;
	struct fs_holder holder;
	struct fs_target copy;
};

/* For child_start(): arg is a struct look; writes messages. */
void look_at_processes(void *arg, int out);

#endif
