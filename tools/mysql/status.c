/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops mysql status: asks all, has it judged, and shows it. */

#include "run.h"
#include "view-status.h"

void status_run(struct run *run, struct writer *writer)
{
	struct verdict verdict;
	int r = run_look_all(run);

	if (r != 0) {
		(void)run_failed(run, writer, r);
		return;
	}
	health_judge(&run->snapshot, &verdict);
	view_status(writer, &run->snapshot, &verdict);
	run->exit_status = (int)verdict.level;
}
