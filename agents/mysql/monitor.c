/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether the server runs and serves. With a record of its start: one look at one process and
 * one connection. */

#include "mysql/cluster.h"

#define DEPTH 10

static int monitor_clone(struct ocf_run *run, const struct haops_process *server,
			 struct mysql_watched *ret_watched)
{
	int r = ocf_check_level(run) >= DEPTH ? mysql_check(run, server, DEPTH) : OCF_SUCCESS;

	return r == OCF_SUCCESS ? mysql_clone_monitor(run, server, ret_watched) : r;
}

/* What all is right with, as what it was found to be. */
static void watch(struct ocf_run *run, const struct haops_process *server,
		  const struct mysql_watched *watched)
{
	if (ocf_watch_is_wanted(run, !watched->is_same && !mysql_is_watched_as(run, watched->role)))
		mysql_watch(run, server, watched->role);
}

static bool is_well(int code)
{
	return code == OCF_SUCCESS || code == OCF_DEGRADED || code == OCF_RUNNING_PROMOTED ||
	       code == OCF_DEGRADED_PROMOTED;
}

int mysql_monitor(struct ocf_run *run)
{
	struct mysql_watched watched = {.role = HAOPS_WATCH_PLAIN,
					.is_same = !mysql_is_promotable(run)};
	struct haops_process server;
	struct mysql_site site;
	bool is_new;
	int r;

	mysql_site_find(run, &site);
	r = mysql_instance_find(run, &site, &server, &is_new);
	if (r != OCF_SUCCESS)
		return r;
	/* Known without a search from now on; but a probe changes nothing. */
	if (is_new && !ocf_is_probe(run)) {
		mysql_record_write(run, &server);
		ocf_watch_remove(run);
	}
	if (!mysql_is_promotable(run))
		r = mysql_check(run, &server, ocf_check_level(run));
	else
		r = monitor_clone(run, &server, &watched);
	if (is_well(r) && !ocf_is_probe(run))
		watch(run, &server, &watched);
	return r;
}
