/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges what DRBD tells; see drbd-verdict.h. A peer's disk is judged where it is. */

#include "drbd-verdict.h"

#include <string.h>

/* Whether any peer brings the volume of a row up to date. */
static bool is_target(const struct drbd_report *report, size_t row)
{
	size_t first = row;

	while (!drbd_report_begins_volume(report, first))
		first--;
	for (size_t i = first; i < report->count; i++) {
		if (i > first && drbd_report_begins_volume(report, i))
			break;
		if (report->rows[i].sync == STATE_SYNC_TARGET)
			return true;
	}
	return false;
}

/* What is wrong with the disk; NULL: nothing, or it is on its way. */
static const char *defect_of(const struct drbd_report *report, size_t index)
{
	const struct drbd_row *row = &report->rows[index];

	switch (row->disk) {
	case STATE_DISKLESS:
		return row->is_client ? NULL
				      : "has no disk here (Diskless): look at the disk, then "
					"\"drbdadm attach\"";
	case STATE_FAILED:
		return "has a disk here that failed: look at it";
	case STATE_INCONSISTENT:
		return is_target(report, index)
			       ? NULL
			       : "is Inconsistent here, and no resynchronisation runs: it needs a "
				 "connection to a node with good data";
	case STATE_OUTDATED:
		return is_target(report, index)
			       ? NULL
			       : "is Outdated here: it needs a connection to a node with the "
				 "newest data";
	case STATE_DISK_UNKNOWN:
	case STATE_ATTACHING:
	case STATE_DETACHING:
	case STATE_NEGOTIATING:
	case STATE_CONSISTENT:
	case STATE_UPTODATE:
	default:
		return NULL;
	}
}

enum writer_level drbd_verdict_disk(const struct drbd_report *report, size_t row)
{
	return defect_of(report, row) || report->rows[row].lacks_quorum ? LEVEL_WARNING : LEVEL_OK;
}

enum writer_level drbd_verdict_connection(const struct drbd_row *row)
{
	return row->peer[0] && row->connection == STATE_STANDALONE ? LEVEL_WARNING : LEVEL_OK;
}

static void judge_volume(const struct drbd_report *report, size_t index, struct verdict *verdict)
{
	const struct drbd_row *row = &report->rows[index];
	const char *defect = defect_of(report, index);

	if (defect)
		verdict_add(verdict, LEVEL_WARNING, "DRBD: volume %u of %s %s", row->volume,
			    row->resource, defect);
	if (row->lacks_quorum)
		verdict_add(verdict, LEVEL_WARNING, "DRBD: volume %u of %s has no quorum",
			    row->volume, row->resource);
}

void drbd_verdict_judge(const struct drbd_report *report, struct verdict *verdict)
{
	uint32_t first_volume = 0;

	if (report->is_silent)
		verdict_add(verdict, LEVEL_WARNING, "DRBD: %s", report->trouble);
	for (size_t i = 0; i < report->count; i++) {
		const struct drbd_row *row = &report->rows[i];

		if (drbd_report_begins_resource(report, i)) {
			first_volume = row->volume;
			if (row->is_suspended)
				verdict_add(verdict, LEVEL_WARNING,
					    "DRBD: %s is suspended, and who writes to it waits",
					    row->resource);
		}
		/* All volumes share the connection. */
		if (row->volume == first_volume && drbd_verdict_connection(row) != LEVEL_OK)
			verdict_add(verdict, LEVEL_WARNING,
				    "DRBD: %s is StandAlone, and does not try to connect to %s: "
				    "after a split brain choose whose data is given up, otherwise "
				    "\"drbdadm connect\"",
				    row->resource, row->peer);
		if (drbd_report_begins_volume(report, i))
			judge_volume(report, i, verdict);
	}
}
