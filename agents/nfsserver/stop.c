/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stops the server: threads, exports, programs, mounts. Success only when none of them is left. */

#include "nfsserver/nfsserver.h"
#include "nfsserver/query.h"

static void stop_by_others(struct ocf_run *run)
{
	static const char *const units[] = {"nfs-server.service", "nfs-mountd.service",
					    "nfs-idmapd.service", "rpc-statd.service",
					    "nfsdcld.service",	  NULL};

	const char *const script[] = {ocf_str(run, P_INIT_SCRIPT), "stop", NULL};

	/* What they leave is ended all the same. */
	if (nfsserver_mode(run) == NFSSERVER_SYSTEMD)
		nfsserver_systemctl_try(run, "stop", units);
	if (nfsserver_mode(run) == NFSSERVER_SCRIPT)
		(void)nfsserver_try(run, script, true);
}

static int verify(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	int r = nfsserver_look(run, &seen);

	if (r != OCF_SUCCESS)
		return r;
	if (seen.server.threads > 0)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%d threads of the NFS server run again: who started them?",
				seen.server.threads);
	return OCF_SUCCESS;
}

int nfsserver_stop(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	int r;

	ocf_watch_remove(run);
	r = nfsserver_look(run, &seen);
	if (r != OCF_SUCCESS)
		return r;
	/* rpc.statd and others may serve this host as a client: they are none of ours then. */
	if (seen.server.threads == 0 && !seen.is_bound && !nfsserver_record_is_there(run)) {
		nfs_server_has_ended(run);
		return OCF_SUCCESS;
	}
	if (seen.server.threads > 0) {
		nfsserver_clients_keep(run, true);
		nfsserver_state_save(run);
		nfs_server_ends(run);
	}
	stop_by_others(run);
	r = nfsserver_threads_end(run);
	if (r != OCF_SUCCESS)
		return r;
	/* What the kernel has of exports keeps their file systems mounted. */
	nfsserver_exportfs(run, "-au");
	nfsserver_exportfs(run, "-f");
	r = nfsserver_daemons_end(run);
	if (r == OCF_SUCCESS)
		r = nfsserver_mounts_end(run);
	if (r == OCF_SUCCESS)
		r = verify(run);
	if (r != OCF_SUCCESS)
		return r;
	nfsserver_record_remove(run);
	nfsserver_notify_forget(run);
	nfsserver_clients_forget(run);
	if (seen.server.threads > 0)
		ocf_log(run, HAOPS_LOG_INFO, "NFS server stopped");
	return OCF_SUCCESS;
}
