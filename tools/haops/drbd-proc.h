/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_DRBD_PROC_H
#define HAOPS_TOOL_DRBD_PROC_H

/* Reads /proc/drbd of DRBD 8.4, whose drbdsetup does not tell how far a resynchronisation is. Pure.
 */

#include <stdint.h>

struct drbd_progress {
	int permille;	/* -1: not told */
	int64_t left_s; /* -1: not told, or it stands still */
};

/* 0; -ENOENT: there is no such minor in the text, as always with DRBD 9. */
int drbd_proc_find(const char *text, int64_t minor, struct drbd_progress *ret_progress);

#endif
