/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_DISK_PROTOCOL_H
#define HAOPSD_DISK_PROTOCOL_H

/*
 * Between haopsd and its helper haopsd-disk, over a stream socket that is the helper's descriptors
 * 0 and 1. Both are of one build. One question at a time: a byte, answered after the write. The end
 * of the stream ends the helper.
 */

#include <stdint.h>

#define DISK_ASK 'w'

struct disk_answer {
	int64_t written_ms; /* CLOCK_BOOTTIME; 0 when it was not written */
	int32_t error;	    /* 0, or errno of the step that failed */
	int32_t step;	    /* enum disk_step */
};

enum disk_step { DISK_STEP_FOLDER, DISK_STEP_CREATE, DISK_STEP_WRITE, DISK_STEP_SYNC };

#endif
