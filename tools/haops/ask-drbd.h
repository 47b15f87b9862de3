/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_ASK_DRBD_H
#define HAOPS_TOOL_ASK_DRBD_H

/* Asks DRBD on this node, by drbdsetup and /proc/drbd. Ends within some 2 s, also when drbdsetup
 * hangs in the kernel. */

#include "drbd-report.h"

#include <haops/haops.h>

struct ask_drbd {
	struct haops_ctx *ctx; /* NULL: not asked yet */
	int64_t rest_ms;       /* until when one that hung is not asked again; 0: it did not */
};

/* Fills the report anew. */
void ask_drbd(struct ask_drbd *ask, struct drbd_report *report);
void ask_drbd_end(struct ask_drbd *ask);

#endif
