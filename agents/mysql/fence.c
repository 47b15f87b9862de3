/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closes the own server for writing, before somebody else may write: by the server itself, or by
 * killing it. */

#include "mysql/cluster.h"

#include <errno.h>
#include <stdlib.h>

/* A server that does not even let us in by then is killed: to wait longer helps nobody. */
#define LOGIN_MS 5000

static int64_t login_limit(struct ocf_run *run, int64_t deadline_ms)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), LOGIN_MS);

	return limit < deadline_ms ? limit : deadline_ms;
}

/* 0 closed, 1 it was closed before, or -errno: it may still write. */
static int close_it(struct ocf_run *run, int64_t deadline_ms)
{
	struct haops_mysql_status status = {.server_id = 0};
	struct haops_mysql_fenced fenced = {.position = NULL};
	struct haops_mysql *mysql = NULL;
	int r = mysql_login_local(run, login_limit(run, deadline_ms), &mysql);

	if (r == 0)
		r = haops_mysql_get_status(mysql, deadline_ms, &status);
	if (r == 0 && !status.is_writable)
		r = 1;
	else if (r == 0)
		r = haops_mysql_demote(mysql, deadline_ms, &fenced);
	if (r == 0)
		ocf_log(run, HAOPS_LOG_INFO, "closed for writing at %s, %u sessions were ended",
			fenced.position, fenced.killed);
	free(fenced.position);
	haops_mysql_status_done(&status);
	haops_mysql_close(mysql);
	return r;
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
	r = close_it(run, deadline_ms);
	if (r >= 0)
		return OCF_SUCCESS;
	ocf_log(run, HAOPS_LOG_ERROR,
		"the server cannot be closed for writing, so it is killed: %s",
		haops_ctx_error(ocf_ctx(run)));
	return mysql_end_all(run, site, MYSQL_NOT_AT_ALL);
}
