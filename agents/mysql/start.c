/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts the server, after a look at what it is to be started on. */

#include "mysql/cluster.h"
#include "mysql/log.h"

#include <string.h>

#define DEPTH 10

static int finish(struct ocf_run *run, const struct haops_process *server)
{
	int level = ocf_check_level(run);
	int r;

	/* As the stock agent: with a password for the test, start ends with it. */
	if (level < DEPTH && ocf_is_set(run, MYSQL_TEST_PASSWD))
		level = DEPTH;
	r = level >= DEPTH ? mysql_check(run, server, level) : OCF_SUCCESS;
	if (r == OCF_SUCCESS && mysql_is_promotable(run))
		r = mysql_replica_begin(run);
	if (r == OCF_SUCCESS)
		mysql_watch(run, server, HAOPS_WATCH_PLAIN);
	return r;
}

static int already(struct ocf_run *run, const struct mysql_site *site,
		   const struct haops_process *server)
{
	struct haops_process again;
	struct mysql_log_mark mark;
	bool is_new;
	int r;

	mysql_record_write(run, server);
	mysql_log_mark(run, &mark);
	/* It may still be on its way: a start that was killed left it. */
	r = mysql_wait_answer(run, server, &mark, "");
	/* Open, as somebody else started it. */
	if (r == OCF_SUCCESS && mysql_is_promotable(run))
		r = mysql_fence(run, site, ocf_deadline(run));
	/* It may have been killed for that. */
	if (r == OCF_SUCCESS)
		r = mysql_instance_find(run, site, &again, &is_new);
	if (r == OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_INFO, "the server runs already, process %d",
			(int)server->pid);
	return r == OCF_SUCCESS ? finish(run, server) : r;
}

/* Looks before it changes anything. */
static int prepare(struct ocf_run *run, struct mysql_site *site)
{
	int r = mysql_datadir_check(run, site);

	if (r == OCF_SUCCESS)
		r = mysql_end_all(run, site, MYSQL_NOT_AT_ALL);
	if (r == OCF_SUCCESS)
		r = mysql_folders_prepare(run, site);
	return r == OCF_SUCCESS ? mysql_datadir_create(run, site) : r;
}

int mysql_start(struct ocf_run *run)
{
	struct haops_process server;
	struct mysql_site site;
	bool is_new;
	int r;

	mysql_site_find(run, &site);
	r = mysql_site_require(run, &site);
	if (r != OCF_SUCCESS)
		return r;
	r = mysql_instance_find(run, &site, &server, &is_new);
	if (r == OCF_SUCCESS) {
		r = already(run, &site, &server);
		if (r == OCF_SUCCESS)
			return r;
	}
	/* Not known: a second one could be started. */
	if (r != OCF_NOT_RUNNING)
		return r;
	/* One that an earlier start left is not true any more. */
	ocf_watch_remove(run);
	r = prepare(run, &site);
	if (r == OCF_SUCCESS)
		r = mysql_is_promotable(run) ? mysql_replica_launch(run, &site, &server)
					     : mysql_launch(run, &site, NULL, &server);
	if (r == OCF_SUCCESS)
		r = finish(run, &server);
	if (r == OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_INFO, "the server is started, process %d", (int)server.pid);
	return r;
}
