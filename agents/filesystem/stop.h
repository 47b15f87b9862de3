/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_STOP_H
#define FILESYSTEM_STOP_H

/* A stop under way, between stop.c and room.c. */

#include "filesystem/filesystem.h"

/* No exit code: look again. */
#define STOP_GO_ON (-1)

struct stop {
	struct ocf_run *run;
	struct fs_site site;
	int64_t limit_ms; /* when to give up */
	int64_t kill_ms;  /* from when on SIGKILL */
	struct table_goal goal;
	char device[32];	       /* "MAJOR:MINOR", "" when not known */
	char device_path[FS_PATH_MAX]; /* where that is, "" for none */
	char root[FS_PATH_MAX];
	struct fs_target wanted;      /* device and root only: for copies elsewhere */
	bool is_shared_device;	      /* mounted elsewhere, too, as something of its own */
	char seen[FS_PATH_MAX + 256]; /* the reason to fail with, by the last look; "" before */
	uint64_t seen_id;	      /* which mount that was */
	int64_t retry_ms;	      /* between two tries where there is nobody to wait for */
	struct fs_holders told;	      /* who got SIGTERM */
};

/* room.c: makes room on a mount that is busy: ends its users as force_unmount says, and waits for
 * them. STOP_GO_ON, or an exit code with the reason given: the time is over. */
void room_begin(struct stop *stop);
int room_make(struct stop *stop, const struct fs_target *target);
void room_end(struct stop *stop);

#endif
