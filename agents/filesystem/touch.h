/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_TOUCH_H
#define FILESYSTEM_TOUCH_H

/*
 * What touches paths and devices, and so may never return: each is done in a child with a deadline
 * (child.h). None decides anything.
 */

#include "filesystem/kind.h"
#include "ocf/child.h"

struct touch {
	const char *path;
	const char *text; /* of a status file */
	bool is_direct;	  /* a status file, past the caches */
	int flags;	  /* of umount2(2) */
	pid_t pid;	  /* whose mount namespace, 0: ours */
};

/* Each takes a struct touch. The code is 0 or -errno, unless it says otherwise. */
void touch_real_path(const void *arg, struct child_answer *answer); /* text: without links */
void touch_device(const void *arg, struct child_answer *answer); /* text: "MAJOR:MINOR" of a block
								     device, else -ENOTBLK */
void touch_folder(const void *arg, struct child_answer *answer); /* makes it, if it is not there */
void touch_unmount(const void *arg, struct child_answer *answer);
/* Whether nobody has the device for himself, as a mounted file system has; -EBUSY. If so, what the
 * kernel remembers of its content is forgotten. */
void touch_exclusive(const void *arg, struct child_answer *answer);
void touch_flush(const void *arg, struct child_answer *answer);
void touch_read(const void *arg, struct child_answer *answer); /* the first block of a device */
void touch_root(const void *arg, struct child_answer *answer); /* asks a server, not a cache */
/* Writes a file with its folder, and reads it; text: the step that failed. */
void touch_status(const void *arg, struct child_answer *answer);
void touch_remove(const void *arg, struct child_answer *answer);

/* Asks one of them. Its code, -ETIMEDOUT, or -errno. text (of CHILD_TEXT_MAX bytes) may be NULL. */
int touch_ask(struct haops_ctx *ctx, void (*fn)(const void *arg, struct child_answer *answer),
	      const struct touch *touch, int64_t deadline_ms, char *text);

#endif
