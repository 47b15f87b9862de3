/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether this nginx runs. With a record of its start: one look at one process. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The master starts a worker that ended within milliseconds. */
#define WORKER_WAIT_MS 1000
#define CHILDREN_MAX 4096

static int orphans(struct ocf_run *run, const struct nginx_instance *in)
{
	/* Not "stopped": they still hold the port, and answer. Pacemaker is to stop them. */
	return ocf_fail(run, OCF_ERR_GENERIC,
			"nginx's master process is gone, %zu of its workers are left (first: %d)",
			in->member_count, (int)in->list[0].pid);
}

static int search(struct ocf_run *run, struct nginx_site *site, struct haops_process *ret_master)
{
	struct nginx_instance in;
	int r = nginx_instance_scan(run, site, &in);

	if (r < 0)
		return nginx_scan_fail(run, site, r);
	if (in.master) {
		*ret_master = *in.master;
		/* Known without a search from now on; but a probe changes nothing. */
		if (!ocf_is_probe(run))
			nginx_record_write(run, site, in.master);
		/* A binary upgrade has another master. */
		if (ocf_watch_is_wanted(run, true))
			nginx_watch(run, in.master);
		r = OCF_SUCCESS;
	} else {
		r = in.member_count ? orphans(run, &in) : OCF_NOT_RUNNING;
	}
	nginx_instance_free(&in);
	return r;
}

/* What the children of a master tell. */
struct children {
	bool has_worker;
	bool has_ending;
};

/*
 * Looks for a worker that takes requests: of this master, or of the one that an upgrade made its
 * child. Those that a reload or a QUIT left to finish their requests are none.
 */
static struct children look_at_children(struct ocf_run *run, pid_t master, bool is_upgrade)
{
	pid_t pids[CHILDREN_MAX];
	int count = host_children(master, pids, CHILDREN_MAX);
	/* Of a kernel that does not tell, nothing is asked. */
	struct children found = {.has_worker = count < 0 && !is_upgrade};

	/* The youngest first: after many reloads there may be hundreds that only end. */
	for (int i = count - 1; i >= 0 && !found.has_worker; i--) {
		struct haops_process child;

		if (haops_process_get(ocf_ctx(run), pids[i], &child) < 0)
			continue;
		found.has_ending |= group_is_ending(&child);
		found.has_worker = group_is_worker(&child) ||
				   (group_is_titled_master(&child) && !is_upgrade &&
				    look_at_children(run, child.pid, true).has_worker);
	}
	return found;
}

enum nginx_service nginx_service(struct ocf_run *run, const struct haops_process *master)
{
	int64_t limit = ocf_deadline_within(run, WORKER_WAIT_MS);

	/* "master_process off" has no worker, and no title. */
	if (!group_is_titled(master))
		return NGINX_SERVES;
	for (;;) {
		struct children found = look_at_children(run, master->pid, false);
		struct haops_process now;

		if (found.has_worker)
			return NGINX_SERVES;
		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return found.has_ending ? NGINX_ENDS : NGINX_HAS_NO_WORKER;
		host_pause(ocf_ctx(run), limit);
		if (haops_process_get(ocf_ctx(run), master->pid, &now) == -ESRCH)
			return NGINX_GONE;
	}
}

static int require_service(struct ocf_run *run, const struct haops_process *master)
{
	switch (nginx_service(run, master)) {
	case NGINX_SERVES:
		return OCF_SUCCESS;
	case NGINX_GONE:
		return OCF_NOT_RUNNING;
	case NGINX_ENDS:
		/* Not "stopped": Pacemaker is to end what is left before it starts it again. */
		return ocf_fail(run, OCF_ERR_GENERIC,
				"nginx (master process %d) was told to end: it takes no requests, "
				"and waits for open ones",
				(int)master->pid);
	case NGINX_HAS_NO_WORKER:
		break;
	}
	return ocf_fail(run, OCF_ERR_GENERIC,
			"nginx's master process %d has no worker: see its error log",
			(int)master->pid);
}

int nginx_alive(struct ocf_run *run, struct nginx_site *site, struct haops_process *ret_master)
{
	int r = nginx_instance_quick(run, site, ret_master);

	if (r < 0)
		return ocf_fail_haops(run, r, "master process");
	r = r == 1 ? OCF_SUCCESS : search(run, site, ret_master);
	return r == OCF_SUCCESS ? require_service(run, ret_master) : r;
}

/* nginx goes on with the configuration that it has; but its next start would fail. */
static void warn_config(struct ocf_run *run, const struct nginx_site *site)
{
	struct verdict verdict;

	if (!site->is_installed || !site->config[0] ||
	    nginx_verdict_now(run, site, &verdict) != OCF_SUCCESS)
		return;
	if (verdict.is_news && !verdict.is_good)
		ocf_log(run, HAOPS_LOG_WARNING,
			"nginx runs, but would not start again with its configuration: %s",
			verdict.message);
	verdict_free(&verdict);
}

int nginx_monitor(struct ocf_run *run)
{
	struct nginx_site site;
	struct haops_process master;
	int r;

	nginx_site_find(run, &site);
	r = nginx_alive(run, &site, &master);
	if (r != OCF_SUCCESS || ocf_is_probe(run))
		return r;
	if (ocf_watch_is_wanted(run, false))
		nginx_watch(run, &master);
	if (!site.config[0])
		(void)nginx_site_defaults(run, &site);
	warn_config(run, &site);
	return nginx_check(run, &site, ocf_check_level(run));
}
