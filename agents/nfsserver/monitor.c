/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether the server runs, with all that it needs. Starts no program. */

#include "nfsserver/nfsserver.h"

#include <stdio.h>

static const char *missing(const struct ocf_run *run, const struct nfsserver_seen *seen)
{
	for (int i = 0; i < DAEMON_COUNT; i++)
		if (!seen->daemons[i].pid &&
		    nfsserver_daemon_is_needed(run, (enum nfsserver_daemon)i))
			return nfsserver_daemon_name((enum nfsserver_daemon)i);
	return NULL;
}

int nfsserver_judge(const struct ocf_run *run, const struct nfsserver_seen *seen, char *text,
		    size_t size)
{
	const char *name = missing(run, seen);
	bool is_shared = ocf_is_set(run, P_SHARED_INFODIR);

	text[0] = '\0';
	/* Its threads have ended; the file system of the state is not free yet. */
	if (seen->server.threads == 0 && seen->is_bound)
		(void)snprintf(text, size, "no thread of the NFS server runs, and %s is in use",
			       NFSSERVER_STATE);
	else if (seen->server.threads == 0)
		return OCF_NOT_RUNNING;
	else if (is_shared && !seen->is_bound)
		(void)snprintf(text, size,
			       "an NFS server runs without nfs_shared_infodir: disable the host's "
			       "own nfs-server");
	else if (name)
		(void)snprintf(text, size, "the NFS server runs, but %s does not", name);
	return text[0] ? OCF_ERR_GENERIC : OCF_SUCCESS;
}

int nfsserver_monitor(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	char text[128];
	int r = nfsserver_look(run, &seen);

	if (r != OCF_SUCCESS)
		return r;
	r = nfsserver_judge(run, &seen, text, sizeof(text));
	if (r == OCF_NOT_RUNNING)
		return r;
	if (r != OCF_SUCCESS)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", text);
	if (ocf_is_probe(run))
		return OCF_SUCCESS;
	nfsserver_notify_pending(run);
	nfsserver_clients_keep(run, false);
	if (seen.is_changed)
		nfsserver_record_write(run, &seen);
	if (ocf_watch_is_wanted(run, seen.is_changed))
		nfsserver_watch(run, &seen);
	return ocf_check_level(run) >= 10 ? nfsserver_check(run, &seen) : OCF_SUCCESS;
}

/* What may change while the server runs is read anew by each action. */
int nfsserver_reload_agent(struct ocf_run *run)
{
	struct nfsserver_seen seen;
	char text[128];
	int r = nfsserver_look(run, &seen);

	if (r != OCF_SUCCESS)
		return r;
	r = nfsserver_judge(run, &seen, text, sizeof(text));
	return r == OCF_ERR_GENERIC ? ocf_fail(run, OCF_ERR_GENERIC, "%s", text) : r;
}
