/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether everything is exported, by both tables. Starts no program. */

#include "exportfs/exportfs.h"

/*
 * A table that a reboot left behind exports nothing: no server has read it. Before the server's
 * first start of this boot our own start may have filled it, as some configurations have it.
 */
static int is_alive(struct ocf_run *run, bool *ret_is_alive)
{
	struct haops_nfs_server server;
	int r = haops_nfs_server_query(ocf_ctx(run), &server);

	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	*ret_is_alive = server.threads > 0 || exportfs_record_read(run, NULL);
	return OCF_SUCCESS;
}

static int judge(struct ocf_run *run, const struct exportfs_seen *seen)
{
	bool alive = false;
	int r;

	if (!seen->listed && !seen->in_kernel)
		return OCF_NOT_RUNNING;
	r = is_alive(run, &alive);
	if (r != OCF_SUCCESS)
		return r;
	if (!alive && !seen->in_kernel)
		return OCF_NOT_RUNNING;
	if (seen->listed == seen->wanted)
		return OCF_SUCCESS;
	if (!seen->listed)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%.80s is not exported any more, but the kernel still serves it",
				seen->missing);
	return ocf_fail(run, OCF_ERR_GENERIC, "%zu of %zu exports are missing, one of %.80s",
			seen->wanted - seen->listed, seen->wanted, seen->missing);
}

int exportfs_monitor(struct ocf_run *run)
{
	struct exportfs_site site;
	struct exportfs_seen seen;
	int r = exportfs_site_find(run, &site);

	if (r == OCF_SUCCESS)
		r = exportfs_look(run, &site, &seen);
	if (r == OCF_SUCCESS)
		r = judge(run, &seen);
	if (r == OCF_SUCCESS && !ocf_is_probe(run))
		exportfs_rmtab_backup(run, &site);
	if (r == OCF_SUCCESS && ocf_watch_is_wanted(run, false))
		exportfs_watch(run, &site);
	return r;
}
