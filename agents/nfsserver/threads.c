/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's threads: lease and grace time, versions and scope are settled before the first. */

#include "nfsserver/addresses.h"
#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "nfsserver/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 24
#define ARGV_MAX 12
#define SCOPE_MAX 65 /* of a host name, sethostname(2) */

static const char *const nfsd_paths[] = {"/usr/sbin/rpc.nfsd", "/sbin/rpc.nfsd", NULL};
static const char *const exportfs_paths[] = {"/usr/sbin/exportfs", "/sbin/exportfs", NULL};

struct job {
	struct ocf_run *run;
	const char *argv[ARGV_MAX];
	size_t count;
	char lease[NUMBER_MAX];
	char grace[NUMBER_MAX];
	int code;
};

/* For programs that set nothing themselves: a script, or rpc.nfsd with an nfs.conf without it. */
static int set_time(struct ocf_run *run, size_t param, const char *path)
{
	char text[NUMBER_MAX];
	int r;

	if (!ocf_is_set(run, param))
		return OCF_SUCCESS;
	(void)snprintf(text, sizeof(text), "%d\n", (int)ocf_int(run, param));
	r = host_tell(path, text);
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "cannot set %s %d (%s): %s",
				nfsserver_params[param].name, (int)ocf_int(run, param), path,
				strerror(-r));
	return OCF_SUCCESS;
}

static int check_time(struct ocf_run *run, size_t param, int seconds)
{
	if (!ocf_is_set(run, param) || seconds == ocf_int(run, param))
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_GENERIC,
			"the server has %d s in place of %s %d: is another in nfs.conf?", seconds,
			nfsserver_params[param].name, (int)ocf_int(run, param));
}

static int start_job(void *userdata)
{
	struct job *job = userdata;

	if (nfsserver_mode(job->run) == NFSSERVER_SCRIPT)
		/* What it starts goes on. */
		job->code = nfsserver_run(job->run, job->argv, true);
	else
		job->code = nfsserver_run(job->run, job->argv, false);
	return 0;
}

static void add_time(struct job *job, size_t param, const char *option, char text[NUMBER_MAX])
{
	if (!ocf_is_set(job->run, param))
		return;
	(void)snprintf(text, NUMBER_MAX, "%d", (int)ocf_int(job->run, param));
	job->argv[job->count++] = option;
	job->argv[job->count++] = text;
}

/* A server whose state moves is the same one on each node. */
static void find_scope(const struct ocf_run *run, char scope[SCOPE_MAX])
{
	struct addresses list;

	(void)snprintf(scope, SCOPE_MAX, "%s", ocf_str(run, P_SERVER_SCOPE));
	if (!scope[0] && ocf_is_set(run, P_SHARED_INFODIR) &&
	    !addresses_parse(ocf_str(run, P_NFS_IP), &list) && list.count)
		(void)snprintf(scope, SCOPE_MAX, "%s", addresses_get(&list, 0));
}

static int run_job(struct job *job)
{
	char scope[SCOPE_MAX];
	int r;

	find_scope(job->run, scope);
	/* The kernel takes the name of whoever starts the threads for the server's scope. */
	if (scope[0])
		r = host_under_name(scope, start_job, job);
	else
		r = start_job(job);
	if (r < 0)
		return ocf_fail(job->run, OCF_ERR_GENERIC, "cannot set nfs_server_scope: %s",
				strerror(-r));
	return job->code;
}

static int launch(struct ocf_run *run)
{
	struct job job = {.run = run, .argv = {nfsserver_program(nfsd_paths)}, .count = 1};

	if (nfsserver_mode(run) == NFSSERVER_SCRIPT) {
		job.argv[0] = ocf_str(run, P_INIT_SCRIPT);
		job.argv[1] = "start";
		return run_job(&job);
	}
	if (!job.argv[0])
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"rpc.nfsd is not installed (Debian: package nfs-kernel-server)");
	/* On its command line they are above those of nfs.conf. */
	add_time(&job, P_LEASE_TIME, "-L", job.lease);
	add_time(&job, P_GRACE_TIME, "-G", job.grace);
	if (ocf_bool(run, P_NFSV4_ONLY)) {
		job.argv[job.count++] = "-N";
		job.argv[job.count++] = "3";
	}
	return run_job(&job);
}

static int verify(struct ocf_run *run)
{
	struct haops_nfs_server server;
	int r = nfs_server_query(run, &server);

	if (r != OCF_SUCCESS)
		return r;
	if (server.threads == 0)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"no thread of the NFS server was started: see the system's log");
	r = check_time(run, P_LEASE_TIME, server.lease_s);
	if (r == OCF_SUCCESS)
		r = check_time(run, P_GRACE_TIME, server.grace_s);
	if (r == OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_INFO,
			"NFS server started, %d threads, lease %d s, grace %d s", server.threads,
			server.lease_s, server.grace_s);
	return r;
}

int nfsserver_threads_start(struct ocf_run *run)
{
	int r = set_time(run, P_LEASE_TIME, "/proc/fs/nfsd/nfsv4leasetime");

	if (r == OCF_SUCCESS)
		r = set_time(run, P_GRACE_TIME, "/proc/fs/nfsd/nfsv4gracetime");
	if (r == OCF_SUCCESS)
		r = launch(run);
	if (r == OCF_SUCCESS)
		r = verify(run);
	if (r == OCF_SUCCESS)
		nfs_server_has_ended(run);
	return r;
}

static void tell_threads_to_end(struct ocf_run *run)
{
	const char *argv[] = {nfsserver_program(nfsd_paths), "0", NULL};

	if (argv[0])
		(void)nfsserver_try(run, argv, false);
	else
		(void)host_tell("/proc/fs/nfsd/threads", "0\n");
}

static int wait_ended(struct ocf_run *run, struct haops_nfs_server *server)
{
	while (haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > 0) {
		int r = nfs_server_query(run, server);

		if (r != OCF_SUCCESS || server->threads == 0)
			return r;
		host_pause(ocf_ctx(run), ocf_deadline(run));
	}
	return ocf_fail(run, OCF_ERR_GENERIC, "%d threads of the NFS server do not end",
			server->threads);
}

int nfsserver_threads_end(struct ocf_run *run)
{
	struct haops_nfs_server server;
	int r = nfs_server_query(run, &server);

	if (r == OCF_SUCCESS && server.threads > 0) {
		tell_threads_to_end(run);
		r = wait_ended(run, &server);
	}
	if (r == OCF_SUCCESS)
		nfs_server_has_ended(run);
	return r;
}

void nfsserver_exportfs(struct ocf_run *run, const char *option)
{
	const char *argv[] = {nfsserver_program(exportfs_paths), option, NULL};

	if (argv[0])
		(void)nfsserver_try(run, argv, false);
}
