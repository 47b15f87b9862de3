/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether the resource is up, and in which role: one program, and a second only where a peer
 * is missing or something has changed. */

#include "drbd/drbd.h"

/* A Primary whose data nobody can read or write. Frozen I/O was asked for, and goes on later. */
static bool is_useless(const struct facts *facts)
{
	return facts->is_primary && !facts->is_suspended && !facts->is_uptodate &&
	       !facts->is_transitional && !facts->has_uptodate_peer;
}

static int judge(struct ocf_run *run, const struct facts *facts)
{
	bool is_degraded = ocf_bool(run, DRBD_DEGRADED_CODES) && facts_is_degraded(facts);

	if (!facts->is_configured)
		return OCF_NOT_RUNNING;
	if (is_useless(facts))
		return ocf_fail(run, OCF_FAILED_PROMOTED,
				"%s is Primary without access to UpToDate data (here: %s)",
				ocf_str(run, DRBD_RESOURCE), state_disk_word(facts->worst));
	if (facts->is_primary)
		return is_degraded ? OCF_DEGRADED_PROMOTED : OCF_RUNNING_PROMOTED;
	return is_degraded ? OCF_DEGRADED : OCF_SUCCESS;
}

int drbd_monitor(struct ocf_run *run)
{
	struct facts facts;
	int r = ocf_require(run, DRBD_RESOURCE);

	if (r == OCF_SUCCESS)
		r = drbd_look(run, NULL, &facts);
	if (r != OCF_SUCCESS)
		return r;
	/* A probe of what is not there has nothing to say about scores: another action may be about
	 * to. */
	if (facts.is_configured || !ocf_is_probe(run))
		drbd_score_update(run, &facts);
	if (facts.is_primary && !ocf_is_probe(run)) {
		drbd_remember_change(run, &facts);
		drbd_unfence(run, &facts);
	}
	if (facts.is_configured && ocf_watch_is_wanted(run, false))
		drbd_watch(run);
	return judge(run, &facts);
}
