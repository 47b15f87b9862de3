/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the resource down. Done when the kernel does not know it any more. */

#include "drbd/drbd.h"

#define AGAIN_MS 300

static int give_up(struct ocf_run *run, const char *problem)
{
	return ocf_fail(run, OCF_ERR_GENERIC, "%s is not down: %s", ocf_str(run, DRBD_RESOURCE),
			problem[0] ? problem : "the kernel still has it");
}

/* Secondary first, then down, until it is gone. */
static int take_down(struct ocf_run *run, struct facts *facts)
{
	char problem[DRBD_LINE_MAX] = "";

	for (;;) {
		int r = drbd_make_secondary(run);

		if (r != OCF_SUCCESS)
			return r == OCF_NOT_RUNNING ? OCF_SUCCESS : r;
		if (drbd_is_late(run))
			return give_up(run, problem);
		drbd_setup_change(run, "down", ocf_str(run, DRBD_RESOURCE), problem);
		/* There is no time for a look at what a tool hangs in. */
		if (problem[0] && drbd_is_late(run))
			return give_up(run, problem);
		r = drbd_look(run, NULL, facts);
		if (r != OCF_SUCCESS || !facts->is_configured)
			return r;
		drbd_pause(run, AGAIN_MS);
	}
}

int drbd_stop(struct ocf_run *run)
{
	struct facts facts;
	int r;

	ocf_watch_remove(run);
	r = ocf_require(run, DRBD_RESOURCE);
	if (r == OCF_SUCCESS)
		r = drbd_look(run, NULL, &facts);
	if (r != OCF_SUCCESS)
		return r;
	if (facts.is_primary)
		ocf_log(run, HAOPS_LOG_WARNING, "%s is still Primary: it is demoted",
			ocf_str(run, DRBD_RESOURCE));
	if (facts.is_configured) {
		r = take_down(run, &facts);
		if (r == OCF_SUCCESS)
			ocf_log(run, HAOPS_LOG_INFO, "%s is down", ocf_str(run, DRBD_RESOURCE));
	}
	if (r != OCF_SUCCESS)
		return r;
	drbd_forget_hint(run);
	drbd_score_remove(run);
	drbd_outdate_self(run, &facts);
	return OCF_SUCCESS;
}
