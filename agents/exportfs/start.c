/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exports what is not exported yet, and takes NFSv3's list of mounts back. */

#include "exportfs/exportfs.h"

#include <string.h>

#define OPTIONS_MAX 2048

static int export_one(struct ocf_run *run, const struct haops_nfs_export *what, size_t directory)
{
	char options[OPTIONS_MAX];
	char fsid[EXPORTFS_FSID_MAX];
	int r;

	/* Both fit: they were checked. */
	if (!table_fsid(ocf_str(run, P_FSID), directory, fsid, sizeof(fsid)) ||
	    !table_options(ocf_str(run, P_OPTIONS), fsid, options, sizeof(options)))
		return ocf_fail(run, OCF_ERR_CONFIGURED, "parameter options is too long");
	r = haops_nfs_export_add(ocf_ctx(run), what, options, ocf_deadline(run));
	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	ocf_log(run, HAOPS_LOG_INFO, "%s exported to %s", what->directory, what->client);
	return OCF_SUCCESS;
}

static int export_missing(struct ocf_run *run, const struct haops_nfs_export *what,
			  size_t directory)
{
	struct haops_nfs_found found;
	int r = haops_nfs_export_query(ocf_ctx(run), what, &found);

	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	return found.is_listed ? OCF_SUCCESS : export_one(run, what, directory);
}

static void warn_server(struct ocf_run *run)
{
	struct haops_nfs_server server;

	if (haops_nfs_server_query(ocf_ctx(run), &server) == 0 && server.threads == 0)
		ocf_log(run, HAOPS_LOG_WARNING,
			"no NFS server runs here yet: nobody is served before it is started");
}

int exportfs_start(struct ocf_run *run)
{
	struct exportfs_site site;
	struct exportfs_seen seen;
	int r = exportfs_validate(run, 10);

	if (r == OCF_SUCCESS)
		r = exportfs_site_find(run, &site);
	if (r == OCF_SUCCESS)
		r = exportfs_look(run, &site, &seen);
	if (r != OCF_SUCCESS)
		return r;
	ocf_watch_remove(run);
	/* What a reboot left in the table may have other options. */
	if (exportfs_record_read(run, NULL))
		r = exportfs_each(run, &site, export_missing);
	else
		r = exportfs_each(run, &site, export_one);
	if (r != OCF_SUCCESS)
		return r;
	exportfs_record_write(run, &site);
	if (seen.listed < seen.wanted)
		exportfs_rmtab_restore(run, &site);
	warn_server(run);
	exportfs_watch(run, &site);
	return OCF_SUCCESS;
}

int exportfs_reload_agent(struct ocf_run *run)
{
	struct exportfs_site site;
	int r = exportfs_site_find(run, &site);

	/* exportfs(8) gives an export its new options where it stands. */
	return r == OCF_SUCCESS ? exportfs_each(run, &site, export_one) : r;
}
