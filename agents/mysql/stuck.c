/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Under load commits wait at each moment; but not the same ones, which shows soon. */

#include "mysql/cluster.h"
#include "ocf/host.h"

#define STUCK_LOOK_MS 20

int mysql_is_stuck(struct ocf_run *run, struct haops_mysql *mysql,
		   struct haops_mysql_status *status, int64_t wait_ms, int64_t deadline_ms)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), wait_ms);
	uint64_t acked = status->acked;

	while (status->waits_for_ack && status->waiting > 0 && status->acked == acked) {
		int r;

		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return 1;
		host_pause_for(ocf_ctx(run), STUCK_LOOK_MS, deadline_ms);
		haops_mysql_status_done(status);
		r = haops_mysql_get_status(mysql, deadline_ms, status);
		if (r < 0)
			return r;
	}
	return 0;
}
