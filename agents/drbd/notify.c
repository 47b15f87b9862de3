/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others did or are about to do: connect to who starts, look at the state again after all
 * else. Nothing depends on it, and Pacemaker ignores how it ends. */

#include "drbd/drbd.h"

#include <string.h>

static bool is_meta(const struct ocf_run *run, const char *name, const char *value)
{
	const char *found = ocf_meta(run, name);

	return found && strcmp(found, value) == 0;
}

int drbd_notify(struct ocf_run *run)
{
	struct facts facts;

	if (ocf_require(run, DRBD_RESOURCE) != OCF_SUCCESS ||
	    drbd_look(run, NULL, &facts) != OCF_SUCCESS || !facts.is_configured)
		return OCF_SUCCESS;
	if (is_meta(run, "notify_operation", "start")) {
		/* An instance that is not connected yet, or to a peer that is gone, connects now.
		 */
		if (!ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE))
			(void)drbd_adjust(run);
		if (drbd_look(run, NULL, &facts) != OCF_SUCCESS)
			return OCF_SUCCESS;
	}
	if (is_meta(run, "notify_type", "post")) {
		drbd_score_update(run, &facts);
		drbd_remember_change(run, &facts);
		if (facts.has_unknown_peer)
			drbd_outdate_self(run, &facts);
	}
	return OCF_SUCCESS;
}

/* What may change while it runs is read anew by each action. */
int drbd_reload_agent(struct ocf_run *run)
{
	struct facts facts;
	int r = drbd_look(run, NULL, &facts);

	if (r != OCF_SUCCESS)
		return r;
	if (!facts.is_configured)
		return ocf_fail(run, OCF_NOT_RUNNING, "%s is not started",
				ocf_str(run, DRBD_RESOURCE));
	if (facts.is_primary || !ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE))
		r = drbd_adjust(run);
	drbd_score_update(run, &facts);
	return r;
}
