/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_DISK_H
#define HAOPSD_DISK_H

/*
 * The disk probe: a helper process, haopsd-disk, writes a small new file in disk_path every
 * disk_interval, and answers after each one that is on disk. A disk that hangs holds that process
 * (state D), never haopsd. Descriptors and timers are in the caller's qb_loop; no call blocks, and
 * none waits for the helper to end.
 */

#include "heart/config.h"

#include <haops/haops.h>
#include <qb/qbloop.h>
#include <stdint.h>
#include <sys/types.h>

struct disk;

struct disk_handlers {
	const char *program; /* path of the helper; NULL for the installed one */
	/* A test write is on disk since then, CLOCK_BOOTTIME in ms. */
	void (*written)(void *userdata, int64_t written_ms);
	/* One sentence for people, once per trouble: disk full, read-only, the helper ended. That a
	 * write hangs is told by its age: see heart_disk(). */
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

/* config and handlers are copied. While disk_path is "" no helper runs. NULL: memory is short. A
 * helper that ended or cannot be started is started again, after a growing pause of 1 to 60 s. */
struct disk *disk_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct config *config,
		      const struct disk_handlers *handlers, void *userdata);
/* The helper gets SIGKILL, and is not waited for: in state D it would hold us. */
void disk_free(struct disk *disk);
void disk_reconfigure(struct disk *disk, const struct config *config);
pid_t disk_pid(const struct disk *disk); /* of the helper; 0: not running */

#endif
