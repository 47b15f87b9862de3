/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Closes the own server for writing, before somebody else may write: by the server itself, or by
 * killing it.
 *
 * Commits that wait for replicas which do not answer are a reason to kill it. To end their sessions
 * would commit them, and what nobody else has could never be cut off again (rejoin_policy): this
 * node would have diverged for what no client was told. It is looked for once, before anything is
 * closed: what begins to wait after that is ended with its session.
 */

#include "mysql/cluster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A server that does not even let us in by then is killed: to wait longer helps nobody. */
#define LOGIN_MS 5000
/* A replica's disk may pause; part of the time at most. */
#define STUCK_MS 3000
#define STUCK_PART 4

static int64_t login_limit(struct ocf_run *run, int64_t deadline_ms)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), LOGIN_MS);

	return limit < deadline_ms ? limit : deadline_ms;
}

static int end_sessions(struct ocf_run *run, struct haops_mysql *mysql, int64_t deadline_ms)
{
	struct haops_mysql_fenced fenced = {.position = NULL};
	int r = haops_mysql_demote(mysql, deadline_ms, &fenced);

	if (r == 0)
		ocf_log(run, HAOPS_LOG_INFO, "closed for writing at %s, %u sessions were ended",
			fenced.position, fenced.killed);
	else
		ocf_log(run, HAOPS_LOG_ERROR, "%s", haops_ctx_error(ocf_ctx(run)));
	free(fenced.position);
	return r;
}

static bool is_ahead(struct ocf_run *run, struct haops_mysql *mysql,
		     struct haops_mysql_status *status, int64_t deadline_ms)
{
	int64_t wait_ms = haops_deadline_left_ms(ocf_ctx(run), deadline_ms) / STUCK_PART;

	if (status->server.flavor != HAOPS_MYSQL_MARIADB || !mysql_rejoins_by_truncation(run))
		return false;
	if (wait_ms > STUCK_MS)
		wait_ms = STUCK_MS;
	if (mysql_is_stuck(run, mysql, status, wait_ms, deadline_ms) <= 0)
		return false;
	ocf_log(run, HAOPS_LOG_WARNING, "%u commits wait for a replica, and none acknowledges",
		status->waiting);
	return true;
}

/* Whether it is closed now. Otherwise it has to be killed. */
static bool close_it(struct ocf_run *run, int64_t deadline_ms)
{
	struct haops_mysql_status status = {.server_id = 0};
	struct haops_mysql *mysql = NULL;
	bool is_closed = false;
	int r = mysql_login_local(run, login_limit(run, deadline_ms), &mysql);

	if (r == 0)
		r = haops_mysql_get_status(mysql, deadline_ms, &status);
	if (r < 0)
		ocf_log(run, HAOPS_LOG_ERROR, "%s", haops_ctx_error(ocf_ctx(run)));
	else
		is_closed = !status.is_writable || (!is_ahead(run, mysql, &status, deadline_ms) &&
						    end_sessions(run, mysql, deadline_ms) == 0);
	haops_mysql_status_done(&status);
	haops_mysql_close(mysql);
	return is_closed;
}

int mysql_fence(struct ocf_run *run, const struct mysql_site *site, int64_t deadline_ms)
{
	struct haops_process server;
	bool is_new;
	int r;

	/* It may be watched as the primary, which it is no more. */
	ocf_watch_remove(run);
	mysql_role_remove(run);
	mysql_rest_end(run);
	r = mysql_instance_find(run, site, &server, &is_new);
	if (r != OCF_SUCCESS)
		return r == OCF_NOT_RUNNING ? OCF_SUCCESS : r;
	if (close_it(run, deadline_ms))
		return OCF_SUCCESS;
	ocf_log(run, HAOPS_LOG_WARNING,
		"the server cannot be closed for writing as it should be, so it is killed");
	return mysql_end_all(run, site, MYSQL_NOT_AT_ALL);
}
