/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters, and what this host has to have for them. */

#include "exportfs/exportfs.h"
#include "ocf/host.h"

#include <sys/stat.h>

static int check_fsid(struct ocf_run *run)
{
	const char *fsid = ocf_str(run, P_FSID);
	char last[EXPORTFS_FSID_MAX];
	struct table_words words;

	if (table_split(ocf_str(run, P_DIRECTORY), false, &words) || words.count < 2)
		return OCF_SUCCESS;
	if (!table_is_number(fsid))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"fsid %.40s: several directories need a number to count on from",
				fsid);
	if (!table_fsid(fsid, words.count - 1, last, sizeof(last)))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"fsid %.40s leaves no room for %zu directories", fsid, words.count);
	return OCF_SUCCESS;
}

static int check_directories(struct ocf_run *run)
{
	struct exportfs_site site;
	struct stat st;
	int r = exportfs_site_find(run, &site);

	for (size_t i = 0; r == OCF_SUCCESS && i < site.directory_count; i++)
		if (stat(site.directories[i].path, &st) < 0 || !S_ISDIR(st.st_mode))
			r = ocf_fail(run, OCF_ERR_ARGS,
				     "%.80s is no directory here: is its file system mounted?",
				     site.directories[i].path);
	return r;
}

int exportfs_validate(struct ocf_run *run, int level)
{
	if (level < 10)
		return check_fsid(run);
	if (!host_is_program("/usr/sbin/exportfs") && !host_is_program("/sbin/exportfs"))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"exportfs is not installed (Debian: package nfs-kernel-server)");
	return check_directories(run);
}
