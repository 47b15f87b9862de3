/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends the exports: success only when both tables show none of them, whatever is remembered. */

#include "exportfs/exportfs.h"

static int end_one(struct ocf_run *run, const struct haops_nfs_export *what, size_t directory)
{
	struct haops_nfs_found found;
	int r = haops_nfs_export_query(ocf_ctx(run), what, &found);

	(void)directory;
	if (r == 0 && !found.is_listed && !found.is_in_kernel)
		return OCF_SUCCESS;
	if (r == 0)
		r = haops_nfs_export_remove(ocf_ctx(run), what, ocf_deadline(run));
	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	ocf_log(run, HAOPS_LOG_INFO, "%s is not exported to %s any more", what->directory,
		what->client);
	return OCF_SUCCESS;
}

int exportfs_stop(struct ocf_run *run)
{
	struct exportfs_site site;
	struct exportfs_seen seen;
	int r;

	ocf_watch_remove(run);
	/* Without a client or a directory there was never an export. */
	if (!ocf_str(run, P_DIRECTORY)[0] || !ocf_str(run, P_CLIENTSPEC)[0])
		return OCF_SUCCESS;
	r = exportfs_site_find(run, &site);
	if (r != OCF_SUCCESS)
		return r;
	r = exportfs_look(run, &site, &seen);
	if (r != OCF_SUCCESS)
		return r;
	if (seen.listed)
		exportfs_rmtab_backup(run, &site);
	r = exportfs_each(run, &site, end_one);
	if (r != OCF_SUCCESS)
		return r;
	if (seen.listed || seen.in_kernel || exportfs_record_read(run, NULL))
		exportfs_release(run, &site);
	exportfs_record_remove(run);
	return OCF_SUCCESS;
}
