/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts the server as its user, and waits until it answers: by its own word, then by a login. */

#include "mysql/log.h"
#include "ocf/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OPTIONS_MAX 5
#define OPTION_MAX (MYSQL_PATH_MAX + 32)
#define MORE_MAX 16
/* One login; a server that has just begun to listen may be slow. */
#define LOGIN_MS 5000

struct command {
	char options[OPTIONS_MAX][OPTION_MAX];
	struct args args;
	const char *argv[1 + OPTIONS_MAX + ARGS_MAX + MORE_MAX + 1];
};

/* --datadir early: it has to be found in what ps shows, which is cut. */
static void make_command(struct ocf_run *run, const struct mysql_site *site,
			 const char *const *more, struct command *c)
{
	static const struct {
		const char *name;
		enum mysql_param param;
	} options[OPTIONS_MAX] = {{"defaults-file", MYSQL_CONFIG},
				  {"datadir", MYSQL_DATADIR},
				  {"socket", MYSQL_SOCKET},
				  {"pid-file", MYSQL_PID},
				  {"log-error", MYSQL_LOG}};
	size_t count = 0;

	c->argv[count++] = site->binary;
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		(void)snprintf(c->options[i], OPTION_MAX, "--%s=%s", options[i].name,
			       ocf_str(run, options[i].param));
		c->argv[count++] = c->options[i];
	}
	/* Its syntax was checked before. */
	if (args_split(ocf_str(run, MYSQL_ADDITIONAL_PARAMETERS), false, &c->args))
		c->args.count = 0;
	for (size_t i = 0; i < c->args.count; i++)
		c->argv[count++] = c->args.words[i];
	for (size_t i = 0; more && more[i] && i < MORE_MAX; i++)
		c->argv[count++] = more[i];
	c->argv[count] = NULL;
}

static int ended(struct ocf_run *run, const struct mysql_log_mark *mark)
{
	char error[256];

	mysql_log_error(run, mark, error, sizeof(error));
	if (error[0])
		return ocf_fail(run, OCF_ERR_GENERIC, "the server does not start: %s", error);
	return ocf_fail(run, OCF_ERR_GENERIC, "the server ended right after its start: see %s",
			ocf_str(run, MYSQL_LOG));
}

static int64_t login_limit(struct ocf_run *run)
{
	return ocf_deadline_within(run, LOGIN_MS);
}

static bool is_gone(struct ocf_run *run, const struct haops_process *server)
{
	struct haops_process now;
	int r = haops_process_get(ocf_ctx(run), server->pid, &now);

	return r == -ESRCH ||
	       (r == 0 && (now.start_ticks != server->start_ticks || now.state == 'Z'));
}

/* 1 it answers, 0 not in time, -ESRCH it has ended. */
static int wait_answer(struct ocf_run *run, const struct haops_process *server)
{
	for (;;) {
		struct haops_mysql *mysql = NULL;
		int r = mysql_login_local(run, login_limit(run), &mysql);

		haops_mysql_close(mysql);
		if (r == 0 || mysql_login_is_answer(r))
			return 1;
		if (is_gone(run, server))
			return -ESRCH;
		if (haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) == 0)
			return 0;
		host_pause(ocf_ctx(run), ocf_deadline(run));
	}
}

int mysql_wait_answer(struct ocf_run *run, const struct haops_process *server,
		      const struct mysql_log_mark *mark, const char *told)
{
	int r = wait_answer(run, server);

	if (r == 1)
		return OCF_SUCCESS;
	if (r < 0)
		return ended(run, mark);
	return ocf_fail(run, OCF_ERR_GENERIC, "process %d runs, but does not answer in time%s%s",
			(int)server->pid, told[0] ? ": " : "", told);
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int mysql_launch(struct ocf_run *run, const struct mysql_site *site, const char *const *more,
		 struct haops_process *ret_server)
{
	const struct haops_process_user user = {.uid = site->uid,
						.gid = site->gid,
						.groups = site->groups,
						.group_count = site->group_count};
	struct haops_process_service service = {.user = &user};
	struct haops_process_started started;
	struct mysql_log_mark mark;
	struct command command;
	bool is_mariadb;
	int r;

	make_command(run, site, more, &command);
	mysql_site_features(site, &service.notifies, &is_mariadb);
	service.argv = command.argv;
	service.folder = ocf_str(run, MYSQL_DATADIR);
	/* One that is a link the server has to open itself. */
	service.output = is_link(ocf_str(run, MYSQL_LOG)) ? NULL : ocf_str(run, MYSQL_LOG);
	mysql_log_mark(run, &mark);
	r = haops_process_start(ocf_ctx(run), &service, ocf_deadline(run), &started);
	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	if (started.progress == HAOPS_PROCESS_ENDED)
		return ended(run, &mark);
	mysql_record_write(run, &started.process);
	*ret_server = started.process;
	return mysql_wait_answer(run, &started.process, &mark, started.text);
}
