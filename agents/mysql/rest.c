/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps what a monitor found in its place, for the next ones: see calm.h. */

#include "mysql/cluster.h"
#include "ocf/host.h"

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

/* What the own status shows. */
static bool see(struct ocf_run *run, const struct haops_mysql_status *status, struct seen *ret_seen)
{
	CLEANUP_FREE char *logged = NULL;

	if (haops_mysql_gtid_format(ocf_ctx(run), status->logged, &logged) < 0 ||
	    !seen_describe(status, logged, ret_seen))
		return false;
	ret_seen->at_ms = host_boot_ms();
	return true;
}

static bool describe(struct ocf_run *run, const struct haops_process *server,
		     const struct seen *seen, struct calm_stamp cib, char text[CALM_MAX])
{
	struct calm_view view = {.server = {server->pid, server->start_ticks},
				 .cib = cib,
				 .place = seen->place};
	struct haops_process executor;

	if (haops_process_get(ocf_ctx(run), getppid(), &executor) < 0)
		return false;
	view.executor = (struct calm_process){executor.pid, executor.start_ticks};
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

static bool lasts(struct ocf_run *run, const struct haops_process *server, const struct seen *seen)
{
	struct calm_note note;
	char text[CALM_MAX];

	if (!read_note(run, &note) || !describe(run, server, seen, mysql_rest_stamp(), text) ||
	    !calm_lasts(&note, text, seen, host_boot_ms()))
		return false;
	if (note.acked != seen->acked) {
		note.acked = seen->acked;
		write_note(run, &note);
	}
	return true;
}

bool mysql_rest_may(struct ocf_run *run, const struct haops_process *server,
		    const struct haops_mysql_status *status)
{
	struct seen seen;

	return see(run, status, &seen) && lasts(run, server, &seen);
}

bool mysql_rest_is_seen(struct ocf_run *run, const struct haops_process *server,
			bool *ret_is_primary)
{
	CLEANUP_FREE char *text = NULL;
	struct seen seen;

	if (ocf_note_read(run, SEEN_KIND, &text) < 0 || !seen_parse(text, &seen) ||
	    !seen_is_fresh(&seen, host_boot_ms()) || !lasts(run, server, &seen))
		return false;
	*ret_is_primary = seen.place[0] == 'P';
	return true;
}

void mysql_rest_begin(struct ocf_run *run, const struct haops_process *server,
		      const struct haops_mysql_status *status, struct calm_stamp before)
{
	struct calm_note note = {.at_ms = host_boot_ms(), .acked = status->acked};
	struct seen seen;

	if (see(run, status, &seen) && describe(run, server, &seen, before, note.text))
		write_note(run, &note);
	else
		mysql_rest_end(run);
}

void mysql_rest_end(struct ocf_run *run)
{
	ocf_note_remove(run, CALM);
	ocf_note_remove(run, SEEN_KIND);
}
