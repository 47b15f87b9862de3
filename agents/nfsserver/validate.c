/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters, and what this host has to have for them. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"

static int validate_syntax(struct ocf_run *run)
{
	/* pcs validates before it makes the clone, and does not say that it will. */
	if (ocf_is_clone(run) && ocf_is_set(run, P_SHARED_INFODIR))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"a clone cannot have nfs_shared_infodir: one node has it at a "
				"time");
	if (ocf_is_set(run, P_LEASE_TIME) && ocf_is_set(run, P_GRACE_TIME) &&
	    ocf_int(run, P_GRACE_TIME) < ocf_int(run, P_LEASE_TIME))
		ocf_log(run, HAOPS_LOG_WARNING,
			"grace_time is below lease_time: clients may come too late to take their "
			"locks back");
	return OCF_SUCCESS;
}

static int check_script(struct ocf_run *run)
{
	if (nfsserver_mode(run) != NFSSERVER_SCRIPT || host_is_program(ocf_str(run, P_INIT_SCRIPT)))
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_INSTALLED,
			"nfs_init_script %.60s is no program here: give an absolute path",
			ocf_str(run, P_INIT_SCRIPT));
}

int nfsserver_validate(struct ocf_run *run, int level)
{
	static const char *const nfsd_paths[] = {"/usr/sbin/rpc.nfsd", "/sbin/rpc.nfsd", NULL};
	int r;

	if (level < 10)
		return validate_syntax(run);
	r = check_script(run);
	if (r == OCF_SUCCESS && !nfsserver_program(nfsd_paths))
		r = ocf_fail(run, OCF_ERR_INSTALLED,
			     "rpc.nfsd is not installed (Debian: package nfs-kernel-server)");
	if (r == OCF_SUCCESS && ocf_str(run, P_NOTIFY_CMD)[0] == '/' &&
	    !host_is_program(ocf_str(run, P_NOTIFY_CMD)))
		r = ocf_fail(run, OCF_ERR_INSTALLED, "nfs_notify_cmd %.80s is no program here",
			     ocf_str(run, P_NOTIFY_CMD));
	return r;
}
