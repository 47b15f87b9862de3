/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends nginx: QUIT to the master, then TERM, then KILL to everything that belongs to it, orphaned
 * workers included. Success only when a search finds none of them.
 */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TERM_WAIT_MS 5000
#define KILL_WAIT_MS 2000
/* Kept for looking again and for telling the result. */
#define KILL_ROUNDS 8

struct step {
	int sig;
	const char *name;
	int64_t wait_ms;
};

static void send_signal(struct ocf_run *run, const struct haops_process *process, int sig)
{
	int r = haops_process_signal(ocf_ctx(run), process, sig);

	if (r < 0 && r != -ESRCH)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

/* Signals the master first: it would replace a worker that ends before it. */
static void signal_all(struct ocf_run *run, const struct nginx_instance *in, int sig)
{
	if (in->master)
		send_signal(run, in->master, sig);
	for (size_t i = 0; i < in->count; i++)
		if (&in->list[i] != in->master)
			send_signal(run, &in->list[i], sig);
	/* A stopped process takes no signal but KILL before it is continued. */
	if (sig != SIGKILL)
		for (size_t i = 0; i < in->count; i++)
			send_signal(run, &in->list[i], SIGCONT);
}

static void signal_step(struct ocf_run *run, const struct nginx_instance *in, int sig)
{
	/* The master passes QUIT on; only without one the workers are told themselves. */
	if (sig == SIGQUIT && in->master)
		send_signal(run, in->master, sig);
	else
		signal_all(run, in, sig);
}

static int64_t limit_for(struct ocf_run *run, int64_t wait_ms)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	/* Each step leaves at least half of the time to those after it. */
	return haops_deadline_after(ocf_ctx(run), wait_ms < left / 2 ? wait_ms : left / 2);
}

/* Only a search that finds nothing says that it is gone: 0 gone, 1 not, or -errno. */
static int step_once(struct ocf_run *run, struct nginx_site *site, const struct step *step,
		     enum nginx_end which)
{
	struct nginx_instance in;
	int r = nginx_instance_scan(run, site, &in);

	if (r < 0)
		return r;
	if (in.count == 0 || (which == NGINX_END_ORPHANS && in.master)) {
		nginx_instance_free(&in);
		return 0;
	}
	ocf_log(run, step->sig == SIGQUIT ? HAOPS_LOG_DEBUG : HAOPS_LOG_INFO,
		"%s to %zu nginx processes, first %d", step->name, in.count, (int)in.list[0].pid);
	signal_step(run, &in, step->sig);
	r = haops_process_wait_gone(ocf_ctx(run), in.list, in.count, limit_for(run, step->wait_ms));
	nginx_instance_free(&in);
	return r == 0 || r == -ETIMEDOUT ? 1 : r;
}

static int still_there(struct ocf_run *run, struct nginx_site *site)
{
	struct nginx_instance in;
	int r = nginx_instance_scan(run, site, &in);

	if (r < 0)
		return nginx_scan_fail(run, site, r);
	r = OCF_SUCCESS;
	if (in.count)
		r = ocf_fail(run, OCF_ERR_GENERIC,
			     "nginx process %d is still there after SIGKILL (state %c)",
			     (int)in.list[0].pid, in.list[0].state);
	nginx_instance_free(&in);
	return r;
}

int nginx_end(struct ocf_run *run, struct nginx_site *site, enum nginx_end which)
{
	const struct step steps[] = {
		{SIGQUIT, "SIGQUIT", ocf_int(run, NGINX_GRACEFUL_TIMEOUT)},
		{SIGTERM, "SIGTERM", TERM_WAIT_MS},
		{SIGKILL, "SIGKILL", KILL_WAIT_MS},
	};
	size_t first = which == NGINX_END_ALL && steps[0].wait_ms > 0 ? 0 : 1;
	int r = 1;

	for (size_t i = first; i < 3 && r == 1; i++)
		r = step_once(run, site, &steps[i], which);
	/* A process that was just being started can appear after the first search. */
	for (int i = 0; i < KILL_ROUNDS && r == 1; i++)
		r = step_once(run, site, &steps[2], which);
	if (r < 0)
		return nginx_scan_fail(run, site, r);
	return r == 0 ? OCF_SUCCESS : still_there(run, site);
}

static bool names_dead_process(struct ocf_run *run, const char *path)
{
	struct haops_process p;
	char *text;
	size_t len;
	long pid;

	if (path[0] != '/' || host_read(path, 64, &text, &len) < 0)
		return false;
	pid = strtol(text, NULL, 10);
	free(text);
	return pid > 0 && pid < 0x7fffffff &&
	       haops_process_get(ocf_ctx(run), (pid_t)pid, &p) == -ESRCH;
}

/* What nginx removes itself when it is not killed. */
static void remove_leftovers(struct ocf_run *run, const struct nginx_site *site)
{
	struct verdict verdict;
	const char *pid_file;

	if (!nginx_verdict_last(run, site, &verdict))
		return;
	pid_file = verdict.facts.pid[0] ? verdict.facts.pid : site->default_pid;
	if (names_dead_process(run, pid_file))
		(void)host_remove(pid_file);
	for (size_t i = 0; i < verdict.facts.listen_count; i++)
		if (strncmp(verdict.facts.listens[i].addr, "unix:", 5) == 0)
			(void)host_remove_dead_socket(verdict.facts.listens[i].addr + 5);
	verdict_free(&verdict);
}

int nginx_stop(struct ocf_run *run)
{
	struct nginx_site site;
	int r;

	ocf_watch_remove(run);
	nginx_site_find(run, &site);
	r = nginx_end(run, &site, NGINX_END_ALL);
	if (r != OCF_SUCCESS)
		return r;
	remove_leftovers(run, &site);
	nginx_record_remove(run);
	nginx_starting_set(run, false);
	return OCF_SUCCESS;
}
