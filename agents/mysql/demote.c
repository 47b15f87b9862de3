/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends the role of a primary: no write is possible on this server any more when it succeeds. */

#include "mysql/cluster.h"

/* Kept for killing the server if it cannot be closed. */
#define KILL_PART 5

/* One that was closed already has no role left to end: the monitor closes a server that is open and
 * that nobody promoted, and Pacemaker demotes it all the same. To refuse that would keep the
 * resource off this node. */
static int end_no_role(struct ocf_run *run, int64_t deadline_ms)
{
	struct haops_mysql_status status = {.server_id = 0};
	struct haops_mysql *mysql = NULL;
	int r = mysql_login_local(run, deadline_ms, &mysql);

	if (r == 0)
		r = haops_mysql_get_status(mysql, deadline_ms, &status);
	if (r < 0)
		r = ocf_fail_haops(run, r, NULL);
	else
		r = status.is_writable ? mysql_not_promotable(run) : OCF_SUCCESS;
	haops_mysql_status_done(&status);
	haops_mysql_close(mysql);
	return r;
}

/* Pacemaker demotes what was taken out of its configuration, and does not tell any more that it is
 * a promotable clone.
 */
static int demote_removed(struct ocf_run *run, const struct mysql_site *site, int64_t deadline_ms)
{
	struct haops_process server;
	int r = mysql_instance_quick(run, &server);

	if (r == 0)
		return OCF_SUCCESS;
	if (r < 0)
		return mysql_not_promotable(run);
	return mysql_role_is_primary(run, &server) ? mysql_fence(run, site, deadline_ms)
						   : end_no_role(run, deadline_ms);
}

int mysql_demote(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int64_t limit = haops_deadline_after(ocf_ctx(run), left - left / KILL_PART);
	struct mysql_site site;
	int r;

	mysql_site_find(run, &site);
	if (!mysql_is_promotable(run))
		return demote_removed(run, &site, limit);
	r = mysql_fence(run, &site, limit);
	if (r == OCF_SUCCESS)
		mysql_watch_again(run, HAOPS_WATCH_PLAIN);
	return r;
}
