/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has a running nginx read its configuration again, after nginx itself found it right. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Whether the master has a worker that was not there before. */
static bool has_new_worker(const struct nginx_instance *now, const struct nginx_instance *before)
{
	for (size_t i = 0; i < now->count; i++) {
		bool is_old = !group_is_worker(&now->list[i]) || !now->master ||
			      now->list[i].ppid != now->master->pid;

		for (size_t k = 0; k < before->count && !is_old; k++)
			is_old = before->list[k].pid == now->list[i].pid &&
				 before->list[k].start_ticks == now->list[i].start_ticks;
		if (!is_old)
			return true;
	}
	return false;
}

static int wait_new_workers(struct ocf_run *run, struct nginx_site *site,
			    const struct nginx_instance *before)
{
	for (;;) {
		struct nginx_instance now;
		bool is_done;
		int r = nginx_instance_scan(run, site, &now);

		if (r < 0)
			return nginx_scan_fail(run, site, r);
		is_done = has_new_worker(&now, before);
		r = now.master ? OCF_SUCCESS : OCF_NOT_RUNNING;
		nginx_instance_free(&now);
		if (is_done)
			return OCF_SUCCESS;
		if (r != OCF_SUCCESS)
			return ocf_fail(run, OCF_ERR_GENERIC, "nginx ended while it was reloaded");
		if (haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) == 0)
			return ocf_fail(run, OCF_ERR_GENERIC,
					"nginx did not take its new configuration: see its error "
					"log");
		host_pause(ocf_ctx(run), ocf_deadline(run));
	}
}

static int send_hup(struct ocf_run *run, struct nginx_site *site, const struct nginx_instance *in)
{
	int r = haops_process_signal(ocf_ctx(run), in->master, SIGHUP);

	if (r < 0)
		return ocf_fail_haops(run, r, "master process");
	/* "master_process off" has no workers to be replaced. */
	if (!group_is_titled(in->master))
		return OCF_SUCCESS;
	r = wait_new_workers(run, site, in);
	if (r == OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_INFO, "nginx has read its configuration again");
	return r;
}

int nginx_reload(struct ocf_run *run)
{
	struct nginx_site site;
	struct nginx_instance in;
	struct verdict verdict;
	int r;

	nginx_site_find(run, &site);
	r = nginx_site_require(run, &site);
	if (r != OCF_SUCCESS)
		return r;
	r = nginx_verdict_require(run, &site, &verdict);
	if (r != OCF_SUCCESS)
		return r;
	verdict_free(&verdict);
	r = nginx_instance_scan(run, &site, &in);
	if (r < 0)
		return nginx_scan_fail(run, &site, r);
	/* As the stock agent: what does not run is started. One that is ending hears no HUP. */
	r = in.master && nginx_service(run, in.master) == NGINX_SERVES ? send_hup(run, &site, &in)
								       : nginx_start(run);
	nginx_instance_free(&in);
	return r;
}

/* Reloadable parameters are read anew by each monitor: there is nothing to be told to nginx. */
int nginx_reload_agent(struct ocf_run *run)
{
	struct nginx_site site;
	struct haops_process master;

	nginx_site_find(run, &site);
	return nginx_alive(run, &site, &master);
}
