/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory keeps of one run of the server: its process, and that it was promoted. */

#include "mysql/mysql.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS "process"
#define PRIMARY "primary"
#define PID_TEXT_MAX 64

void mysql_record_write(struct ocf_run *run, const struct haops_process *server)
{
	char text[PID_TEXT_MAX + MYSQL_PATH_MAX];

	(void)snprintf(text, sizeof(text), "%d %" PRIu64 " %s", (int)server->pid,
		       server->start_ticks, ocf_str(run, MYSQL_DATADIR));
	ocf_note_write(run, PROCESS, text);
}

void mysql_record_remove(struct ocf_run *run)
{
	ocf_note_remove(run, PROCESS);
}

/* A record of another data directory is one of an earlier definition of the resource. */
bool mysql_record_read(struct ocf_run *run, pid_t *ret_pid, uint64_t *ret_ticks)
{
	CLEANUP_FREE char *text = NULL;
	int pid = 0;
	int end = 0;

	if (ocf_note_read(run, PROCESS, &text) < 0 ||
	    sscanf(text, "%d %" SCNu64 "%n", &pid, ret_ticks, &end) != 2 || pid < 1 ||
	    text[end] != ' ' || strcmp(text + end + 1, ocf_str(run, MYSQL_DATADIR)) != 0)
		return false;
	*ret_pid = pid;
	return true;
}

static void role_text(const struct haops_process *server, char buf[PID_TEXT_MAX])
{
	(void)snprintf(buf, PID_TEXT_MAX, "%d %" PRIu64, (int)server->pid, server->start_ticks);
}

void mysql_role_write(struct ocf_run *run, const struct haops_process *server)
{
	char text[PID_TEXT_MAX];

	role_text(server, text);
	ocf_note_write(run, PRIMARY, text);
}

void mysql_role_remove(struct ocf_run *run)
{
	ocf_note_remove(run, PRIMARY);
}

bool mysql_role_is_primary(struct ocf_run *run, const struct haops_process *server)
{
	CLEANUP_FREE char *text = NULL;
	char wanted[PID_TEXT_MAX];

	role_text(server, wanted);
	return ocf_note_read(run, PRIMARY, &text) == 0 && strcmp(text, wanted) == 0;
}
