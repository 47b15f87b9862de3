/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts the server: state directory, programs, then the kernel's threads, then the clients are
 * told. */

#include "nfsserver/nfsserver.h"

static int start_daemons(struct ocf_run *run, struct nfsserver_seen *seen,
			 const enum nfsserver_daemon *list, size_t count)
{
	int r = OCF_SUCCESS;

	for (size_t i = 0; i < count && r == OCF_SUCCESS; i++)
		r = nfsserver_daemon_start(run, list[i], seen);
	return r;
}

/* nfsdcld has to listen when the kernel asks it for its clients: as the first thread starts. */
static int start_before(struct ocf_run *run, struct nfsserver_seen *seen)
{
	static const enum nfsserver_daemon all[] = {D_RPCBIND, D_STATD, D_NFSDCLD, D_IDMAPD,
						    D_MOUNTD};
	/* Units of the others, and a script, start threads as well: ours have to be the first. */
	bool is_part = nfsserver_mode(run) != NFSSERVER_DIRECT;

	return start_daemons(run, seen, all, is_part ? 3 : 5);
}

static int start_after(struct ocf_run *run, struct nfsserver_seen *seen)
{
	static const enum nfsserver_daemon rest[] = {D_IDMAPD, D_MOUNTD};
	static const char *const units[] = {"nfs-server.service", NULL};
	enum nfsserver_mode mode = nfsserver_mode(run);
	int r = OCF_SUCCESS;

	if (mode == NFSSERVER_SYSTEMD)
		r = nfsserver_systemctl(run, "start", units);
	if (r == OCF_SUCCESS)
		r = nfsserver_look(run, seen);
	return r == OCF_SUCCESS ? start_daemons(run, seen, rest, 2) : r;
}

static int serve(struct ocf_run *run, const struct nfsserver_reclaim *reclaim)
{
	int r;

	/* Entries that an earlier life left are no exports of this one. */
	nfsserver_exportfs(run, "-r");
	r = nfsserver_threads_start(run);
	if (r != OCF_SUCCESS)
		return r;
	nfsserver_grace_end(run, reclaim);
	nfsserver_clients_forget(run);
	nfsserver_clients_recall(run);
	if (reclaim->has_v3)
		nfsserver_notify(run);
	return OCF_SUCCESS;
}

/* Before any program of the server adds to the lists. */
static void settle_reclaim(struct ocf_run *run, struct nfsserver_reclaim *ret)
{
	nfsserver_notify_gather();
	nfsserver_reclaim_look(ret);
	if (ret->has_v3)
		nfsserver_notify_prepare(run);
}

static int start_server(struct ocf_run *run, struct nfsserver_seen *seen)
{
	struct nfsserver_reclaim reclaim;
	int r;

	/* From here on there is something to be stopped. */
	nfsserver_record_write(run, seen);
	r = nfsserver_state_bind(run);
	if (r == OCF_SUCCESS)
		r = nfsserver_state_prepare(run);
	if (r == OCF_SUCCESS)
		r = nfsserver_mounts_make(run);
	/* What used the other directory has been ended. */
	if (r == OCF_SUCCESS)
		r = nfsserver_look(run, seen);
	if (r != OCF_SUCCESS)
		return r;
	settle_reclaim(run, &reclaim);
	r = start_before(run, seen);
	if (r == OCF_SUCCESS)
		r = serve(run, &reclaim);
	return r == OCF_SUCCESS ? start_after(run, seen) : r;
}

static int finish(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	char text[128];
	int r = nfsserver_look(run, &seen);

	if (r != OCF_SUCCESS)
		return r;
	if (nfsserver_judge(run, &seen, text, sizeof(text)) != OCF_SUCCESS)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s",
				text[0] ? text : "the NFS server ended right after its start");
	nfsserver_record_write(run, &seen);
	nfsserver_watch(run, &seen);
	return OCF_SUCCESS;
}

/* A rpcbind that was killed has forgotten who is where, and the kernel tells it only as it starts
 * its threads. */
static int start_anew(struct ocf_run *run, struct nfsserver_seen *seen)
{
	int r;

	ocf_log(run, HAOPS_LOG_WARNING, "rpcbind does not run: the server is started anew");
	r = nfsserver_stop(run);
	if (r == OCF_SUCCESS)
		r = nfsserver_look(run, seen);
	return r == OCF_SUCCESS ? start_server(run, seen) : r;
}

static int complete(struct ocf_run *run, struct nfsserver_seen *seen)
{
	static const enum nfsserver_daemon all[] = {D_RPCBIND, D_STATD, D_NFSDCLD, D_IDMAPD,
						    D_MOUNTD};

	if (!seen->daemons[D_RPCBIND].pid && nfsserver_daemon_is_needed(run, D_RPCBIND))
		return start_anew(run, seen);
	return start_daemons(run, seen, all, DAEMON_COUNT);
}

int nfsserver_start(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	int r = nfsserver_validate(run, 10);

	if (r == OCF_SUCCESS)
		r = nfsserver_look(run, &seen);
	if (r != OCF_SUCCESS)
		return r;
	if (seen.server.threads > 0 && ocf_is_set(run, P_SHARED_INFODIR) && !seen.is_bound)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"an NFS server runs without nfs_shared_infodir: disable the host's "
				"own nfs-server");
	ocf_watch_remove(run);
	if (seen.server.threads > 0)
		r = complete(run, &seen);
	else
		r = start_server(run, &seen);
	return r == OCF_SUCCESS ? finish(run) : r;
}
