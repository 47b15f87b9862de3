/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends the time to reclaim when nobody has anything to take back. NFSv3: rpc.statd writes down each
 * client before its first lock is granted. NFSv4: with nfsdcld the kernel asks for the list itself,
 * and does not wait when it is empty; without it, the list is the folder v4recovery.
 */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define V4_LIST NFSSERVER_STATE "/v4recovery"
#define V4_END "/proc/fs/nfsd/v4_end_grace"
#define V3_END "/proc/fs/lockd/nlm_end_grace"
#define PATH_ROOM 128

static bool has_entries(const char *folder)
{
	size_t count;

	/* What cannot be read may hold something. */
	return host_count(folder, &count) < 0 || count > 0;
}

void nfsserver_reclaim_look(struct nfsserver_reclaim *ret)
{
	const char *statd = nfsserver_statd_folder();
	char now[PATH_ROOM];
	char before[PATH_ROOM];

	(void)snprintf(now, sizeof(now), "%s/sm", statd);
	(void)snprintf(before, sizeof(before), "%s/sm.bak", statd);
	ret->has_v3 = has_entries(now) || has_entries(before);
	ret->has_v4 = has_entries(V4_LIST);
}

static void end(struct ocf_run *run, const char *path, const char *version)
{
	int r = host_tell(path, "Y\n");

	if (r == 0)
		ocf_log(run, HAOPS_LOG_INFO,
			"no client has %s locks to take back: nobody has to wait", version);
	else if (r != -ENOENT)
		ocf_log(run, HAOPS_LOG_WARNING, "the time to reclaim goes on: %s: %s", path,
			strerror(-r));
}

void nfsserver_grace_end(struct ocf_run *run, const struct nfsserver_reclaim *reclaim)
{
	struct haops_nfs_server server;
	struct nfsserver_seen seen;

	if (!ocf_bool(run, P_END_GRACE_EARLY) || nfsserver_look(run, &seen) != OCF_SUCCESS)
		return;
	if (!reclaim->has_v3)
		end(run, V3_END, "NFSv3");
	/* The list of nfsdcld is the kernel's to judge. */
	if (haops_nfs_server_query(ocf_ctx(run), &server) == 0 && server.is_grace &&
	    !seen.daemons[D_NFSDCLD].pid && !reclaim->has_v4)
		end(run, V4_END, "NFSv4");
}
