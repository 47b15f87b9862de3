/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory keeps of one run of the server: its process, and that it was promoted. */

#include "mysql/mysql.h"

#include "util/cleanup.h"

#include <haops/state.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_NAME_MAX 201
#define PID_TEXT_MAX 64

static void state_name(struct ocf_run *run, char buf[STATE_NAME_MAX])
{
	(void)snprintf(buf, STATE_NAME_MAX, "mysql-process-%.150s", ocf_instance(run));
}

void mysql_record_write(struct ocf_run *run, const struct haops_process *server)
{
	char text[PID_TEXT_MAX + MYSQL_PATH_MAX];
	char name[STATE_NAME_MAX];
	int len = snprintf(text, sizeof(text), "%d %" PRIu64 " %s", (int)server->pid,
			   server->start_ticks, ocf_str(run, MYSQL_DATADIR));

	state_name(run, name);
	if (haops_state_write(ocf_ctx(run), name, text, (size_t)len) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

void mysql_record_remove(struct ocf_run *run)
{
	char name[STATE_NAME_MAX];

	state_name(run, name);
	if (haops_state_remove(ocf_ctx(run), name) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

/* A record of another data directory is one of an earlier definition of the resource. */
bool mysql_record_read(struct ocf_run *run, pid_t *ret_pid, uint64_t *ret_ticks)
{
	CLEANUP_FREE char *text = NULL;
	char name[STATE_NAME_MAX];
	size_t len;
	int pid = 0;
	int end = 0;

	state_name(run, name);
	if (haops_state_read(ocf_ctx(run), name, &text, &len) < 0 ||
	    sscanf(text, "%d %" SCNu64 "%n", &pid, ret_ticks, &end) != 2 || pid < 1 ||
	    text[end] != ' ' || strcmp(text + end + 1, ocf_str(run, MYSQL_DATADIR)) != 0)
		return false;
	*ret_pid = pid;
	return true;
}

static void role_name(struct ocf_run *run, char buf[STATE_NAME_MAX])
{
	(void)snprintf(buf, STATE_NAME_MAX, "mysql-primary-%.150s", ocf_instance(run));
}

static int role_text(const struct haops_process *server, char buf[PID_TEXT_MAX])
{
	return snprintf(buf, PID_TEXT_MAX, "%d %" PRIu64, (int)server->pid, server->start_ticks);
}

void mysql_role_write(struct ocf_run *run, const struct haops_process *server)
{
	char text[PID_TEXT_MAX];
	char name[STATE_NAME_MAX];

	role_name(run, name);
	if (haops_state_write(ocf_ctx(run), name, text, (size_t)role_text(server, text)) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

void mysql_role_remove(struct ocf_run *run)
{
	char name[STATE_NAME_MAX];

	role_name(run, name);
	if (haops_state_remove(ocf_ctx(run), name) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

bool mysql_role_is_primary(struct ocf_run *run, const struct haops_process *server)
{
	char wanted[PID_TEXT_MAX];
	char name[STATE_NAME_MAX];
	CLEANUP_FREE char *text = NULL;
	size_t len;

	role_name(run, name);
	(void)role_text(server, wanted);
	return haops_state_read(ocf_ctx(run), name, &text, &len) == 0 && strcmp(text, wanted) == 0;
}
