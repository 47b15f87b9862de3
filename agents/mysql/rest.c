/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps what a monitor found in its place, for the next ones: see calm.h. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pacemaker's daemon replaces it with each change of the configuration, the memory's included. */
#define CIB_FILE "/var/lib/pacemaker/cib/cib.xml"
#define CALM "calm"
#define NS_PER_S 1000000000ULL

struct calm_stamp mysql_rest_stamp(void)
{
	struct calm_stamp stamp = {0};
	struct stat st;

	if (stat(CIB_FILE, &st) == 0) {
		stamp.inode = st.st_ino;
		stamp.at_ns = (uint64_t)st.st_mtim.tv_sec * NS_PER_S + (uint64_t)st.st_mtim.tv_nsec;
	}
	return stamp;
}

static bool describe(struct ocf_run *run, const struct haops_process *server,
		     const struct haops_mysql_status *status, struct calm_stamp cib,
		     char text[CALM_MAX])
{
	struct calm_view view = {.server = {server->pid, server->start_ticks},
				 .cib = cib,
				 .status = status};
	CLEANUP_FREE char *logged = NULL;
	struct haops_process executor;

	if (haops_process_get(ocf_ctx(run), getppid(), &executor) < 0 ||
	    haops_mysql_gtid_format(ocf_ctx(run), status->logged, &logged) < 0)
		return false;
	view.executor = (struct calm_process){executor.pid, executor.start_ticks};
	view.logged = logged;
	return calm_describe(&view, text);
}

static void write_note(struct ocf_run *run, const struct calm_note *note)
{
	char text[CALM_MAX + 64];

	(void)calm_format(note, text, sizeof(text));
	ocf_note_write(run, CALM, text);
}

static bool read_note(struct ocf_run *run, struct calm_note *note)
{
	CLEANUP_FREE char *text = NULL;

	return ocf_note_read(run, CALM, &text) == 0 && calm_parse(text, note);
}

bool mysql_rest_may(struct ocf_run *run, const struct haops_process *server,
		    const struct haops_mysql_status *status)
{
	struct calm_note note;
	char text[CALM_MAX];

	if (!read_note(run, &note) || !describe(run, server, status, mysql_rest_stamp(), text) ||
	    !calm_lasts(&note, text, status, haops_deadline_after(ocf_ctx(run), 0)))
		return false;
	if (note.acked != status->acked) {
		note.acked = status->acked;
		write_note(run, &note);
	}
	return true;
}

void mysql_rest_begin(struct ocf_run *run, const struct haops_process *server,
		      const struct haops_mysql_status *status, struct calm_stamp before)
{
	struct calm_note note = {.at_ms = haops_deadline_after(ocf_ctx(run), 0),
				 .acked = status->acked};

	if (describe(run, server, status, before, note.text))
		write_note(run, &note);
	else
		mysql_rest_end(run);
}

void mysql_rest_end(struct ocf_run *run)
{
	ocf_note_remove(run, CALM);
}
