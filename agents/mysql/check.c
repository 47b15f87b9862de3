/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the server serves: a login and a statement, and at depth 10 a row of the test table. Each
 * within the deadline, whatever the server does. */

#include "mysql/mysql.h"

#include <errno.h>
#include <stdio.h>

static int refused(struct ocf_run *run, const struct haops_process *server, int err)
{
	switch (err) {
	case -ECONNREFUSED:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"process %d runs, but accepts no connection at %s",
				(int)server->pid, ocf_str(run, MYSQL_SOCKET));
	case -ETIMEDOUT:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"process %d runs, but does not answer: it hangs, or is stopped",
				(int)server->pid);
	default:
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", haops_ctx_error(ocf_ctx(run)));
	}
}

/* No account of ours, or no room for one more connection: it answered. */
static int answered(struct ocf_run *run, int err)
{
	if (err == -EUSERS)
		ocf_log(run, HAOPS_LOG_WARNING, "the server has no connection left: %s",
			haops_ctx_error(ocf_ctx(run)));
	return OCF_SUCCESS;
}

static int check_answer(struct ocf_run *run, const struct haops_process *server)
{
	struct haops_mysql *mysql = NULL;
	int r = mysql_login_monitor(run, &mysql);

	if (mysql_login_is_answer(r))
		return answered(run, r);
	if (r == 0)
		r = haops_mysql_check(mysql, NULL, ocf_deadline(run));
	haops_mysql_close(mysql);
	return r < 0 ? refused(run, server, r) : OCF_SUCCESS;
}

static int check_table(struct ocf_run *run, const struct haops_process *server)
{
	struct haops_mysql *mysql = NULL;
	int r = mysql_login_test(run, ocf_deadline(run), &mysql);

	if (r == -EUSERS)
		return answered(run, r);
	if (r == 0)
		r = haops_mysql_check(mysql, ocf_str(run, MYSQL_TEST_TABLE), ocf_deadline(run));
	haops_mysql_close(mysql);
	return r < 0 ? refused(run, server, r) : OCF_SUCCESS;
}

int mysql_check(struct ocf_run *run, const struct haops_process *server, int level)
{
	return level >= 10 ? check_table(run, server) : check_answer(run, server);
}
