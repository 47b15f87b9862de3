/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs programs of Pacemaker for an action, and knows how long they took together: the rest is the
 * agent's own share. */

#include "ocf/run.h"

static int64_t now_ms(const struct ocf_run *run)
{
	return haops_deadline_after(run->ctx, 0);
}

int ocf_program(struct ocf_run *run, const struct haops_process_spec *spec, int64_t deadline_ms,
		struct haops_process_result *ret_result)
{
	int64_t begin_ms = now_ms(run);
	int r = haops_process_run(run->ctx, spec, deadline_ms, ret_result);

	run->programs_ms += now_ms(run) - begin_ms;
	return r;
}

void ocf_shares(const struct ocf_run *run, int64_t *ret_all_ms, int64_t *ret_programs_ms)
{
	*ret_all_ms = now_ms(run) - run->begin_ms;
	*ret_programs_ms = run->programs_ms;
}
