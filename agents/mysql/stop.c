/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends the server: SIGTERM, and SIGKILL before the deadline; whatever would start it again goes
 * first. Success only when a search finds nothing of it.
 */

#include "mysql/cluster.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A login shows whether the server serves; how long SIGTERM has with one that does not, or whose
 * disk is full: MariaDB 10.11 hangs for good when it comes just before it is ready, and waits for
 * room to write at its end. */
#define LOGIN_MS 2000
#define DEAF_MS 10000
/* Kept for SIGKILL: to tear down the memory of a large server takes its time, too. */
#define KILL_MIN_MS 3000
#define KILL_PART 10
#define KILL_ROUNDS 8
#define KILL_ROUND_MS 1000
#define PID_TEXT_MAX 64

static void send_signal(struct ocf_run *run, const struct haops_process *process, int sig)
{
	int r = haops_process_signal(ocf_ctx(run), process, sig);

	if (r < 0 && r != -ESRCH)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

/* mysqld_safe first: it takes no SIGTERM, and would start the server again. */
static void signal_all(struct ocf_run *run, const struct mysql_instance *in, int sig)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->roles[i] == IDENTITY_GUARD || in->roles[i] == IDENTITY_START)
			send_signal(run, &in->list[i], SIGKILL);
	for (size_t i = 0; i < in->count; i++)
		if (in->roles[i] == IDENTITY_SERVER)
			send_signal(run, &in->list[i], sig);
	/* A stopped process takes no signal but KILL before it is continued. */
	for (size_t i = 0; i < in->count && sig != SIGKILL; i++)
		if (in->roles[i] == IDENTITY_SERVER)
			send_signal(run, &in->list[i], SIGCONT);
}

/* Only a search that finds nothing says that it is gone: 0 gone, 1 not, or -errno. */
static int step(struct ocf_run *run, const struct mysql_site *site, int sig, int64_t limit_ms)
{
	struct mysql_instance in;
	int r = mysql_instance_scan(run, site, &in);

	if (r < 0)
		return r;
	if (in.count == 0) {
		mysql_instance_free(&in);
		return 0;
	}
	ocf_log(run, HAOPS_LOG_INFO, "%s to the server, process %d",
		sig == SIGKILL ? "SIGKILL" : "SIGTERM",
		(int)(in.server ? in.server : &in.list[0])->pid);
	signal_all(run, &in, sig);
	r = haops_process_wait_gone(ocf_ctx(run), in.list, in.count, limit_ms);
	mysql_instance_free(&in);
	return r == 0 || r == -ETIMEDOUT ? 1 : r;
}

static int still_there(struct ocf_run *run, const struct mysql_site *site)
{
	struct mysql_instance in;
	int r = mysql_instance_scan(run, site, &in);

	if (r < 0)
		return ocf_fail_haops(run, r, "processes");
	r = OCF_SUCCESS;
	if (in.count)
		r = ocf_fail(run, OCF_ERR_GENERIC,
			     "server process %d is still there after SIGKILL (state %c)",
			     (int)in.list[0].pid, in.list[0].state);
	mysql_instance_free(&in);
	return r;
}

static int64_t term_limit(struct ocf_run *run, enum mysql_patience patience)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int64_t kept = left / KILL_PART > KILL_MIN_MS ? left / KILL_PART : KILL_MIN_MS;
	int64_t wait = kept < left / 2 ? left - kept : left / 2;

	if (patience == MYSQL_NOT_AT_ALL)
		wait = 0;
	else if (patience == MYSQL_SHORTLY && wait > DEAF_MS)
		wait = DEAF_MS;
	return haops_deadline_after(ocf_ctx(run), wait);
}

static int64_t kill_limit(struct ocf_run *run)
{
	return ocf_deadline_within(run, KILL_ROUND_MS);
}

int mysql_end_all(struct ocf_run *run, const struct mysql_site *site, enum mysql_patience patience)
{
	int64_t limit = term_limit(run, patience);
	int r = 1;

	/* What a start that was killed had just begun can appear after the first search. */
	while (r == 1 && haops_deadline_left_ms(ocf_ctx(run), limit) > 0)
		r = step(run, site, SIGTERM, limit);
	for (int i = 0; r == 1 && (i < KILL_ROUNDS ||
				   haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > 0);
	     i++)
		r = step(run, site, SIGKILL, kill_limit(run));
	if (r < 0)
		return ocf_fail_haops(run, r, "processes");
	return r == 0 ? OCF_SUCCESS : still_there(run, site);
}

static bool names_dead_process(struct ocf_run *run, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	struct haops_process p;
	size_t len;
	long pid;
	int r;

	if (host_read(path, PID_TEXT_MAX, &text, &len) < 0)
		return false;
	pid = strtol(text, NULL, 10);
	if (pid <= 0 || pid >= 0x7fffffff)
		return false;
	r = haops_process_get(ocf_ctx(run), (pid_t)pid, &p);
	return r == -ESRCH || (r == 0 && p.state == 'Z');
}

/* What the server removes itself when it is not killed. */
static void remove_leftovers(struct ocf_run *run)
{
	char lock[MYSQL_SOCKET_MAX + 8];

	(void)snprintf(lock, sizeof(lock), "%s.lock", ocf_str(run, MYSQL_SOCKET));
	(void)host_remove_dead_socket(ocf_str(run, MYSQL_SOCKET));
	if (names_dead_process(run, lock))
		(void)host_remove(lock);
	if (names_dead_process(run, ocf_str(run, MYSQL_PID)))
		(void)host_remove(ocf_str(run, MYSQL_PID));
}

/* Whether the server that runs serves. True as well if none runs. */
static bool is_serving(struct ocf_run *run, const struct mysql_site *site)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int64_t limit =
		haops_deadline_after(ocf_ctx(run),
				     left / KILL_PART < LOGIN_MS ? left / KILL_PART : LOGIN_MS);
	struct haops_mysql *mysql = NULL;
	struct haops_process server;
	bool is_new;
	int r;

	if (mysql_instance_find(run, site, &server, &is_new) != OCF_SUCCESS)
		return true;
	r = mysql_login_local(run, limit, &mysql);
	haops_mysql_close(mysql);
	return r == 0 || mysql_login_is_answer(r);
}

static int64_t fence_limit(struct ocf_run *run)
{
	return haops_deadline_after(ocf_ctx(run),
				    haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) / 2);
}

int mysql_stop(struct ocf_run *run)
{
	struct mysql_site site;
	int r;

	ocf_watch_remove(run);
	mysql_site_find(run, &site);
	if (mysql_is_promotable(run)) {
		mysql_attributes_clear(run);
		/* What is not closed is killed; that is looked at below. */
		(void)mysql_fence(run, &site, fence_limit(run));
	}
	r = mysql_end_all(run, &site,
			  is_serving(run, &site) && !mysql_is_full(run) ? MYSQL_FULLY
									: MYSQL_SHORTLY);
	if (r != OCF_SUCCESS)
		return r;
	remove_leftovers(run);
	mysql_record_remove(run);
	return OCF_SUCCESS;
}
