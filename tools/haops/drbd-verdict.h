/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_DRBD_VERDICT_H
#define HAOPS_TOOL_DRBD_VERDICT_H

/* What is wrong with DRBD on this node, in sentences: warnings all of them, since what it means for
 * a resource is for its agent and Pacemaker to say. Pure. */

#include "drbd-report.h"
#include "problems.h"

void drbd_verdict_judge(const struct drbd_report *report, struct verdict *verdict);

/* Of a row: the own disk, and the connection to the peer. */
enum writer_level drbd_verdict_disk(const struct drbd_report *report, size_t row);
enum writer_level drbd_verdict_connection(const struct drbd_row *row);

#endif
