/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends the role of a primary: no write is possible on this server any more when it succeeds. */

#include "mysql/cluster.h"

/* Kept for killing the server if it cannot be closed. */
#define KILL_PART 5

/* Pacemaker demotes what was taken out of its configuration, and does not tell any more that it is
 * a promotable clone.
 */
static bool was_promoted(struct ocf_run *run)
{
	struct haops_process server;

	return mysql_instance_quick(run, &server) == 1 && mysql_role_is_primary(run, &server);
}

int mysql_demote(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	struct mysql_site site;
	int r;

	if (!mysql_is_promotable(run) && !was_promoted(run))
		return mysql_not_promotable(run);
	mysql_site_find(run, &site);
	r = mysql_fence(run, &site, haops_deadline_after(ocf_ctx(run), left - left / KILL_PART));
	if (r == OCF_SUCCESS)
		mysql_watch_again(run, HAOPS_WATCH_PLAIN);
	return r;
}
