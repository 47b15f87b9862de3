/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory keeps of a start: the processes, for the monitor and for haopsd. */

#include "nfsserver/nfsserver.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROCESSES "processes"
#define RECORD_MAX 1024

void nfsserver_record_write(struct ocf_run *run, const struct nfsserver_seen *seen)
{
	char text[RECORD_MAX] = "";
	size_t len = 0;

	for (int i = 0; i < DAEMON_COUNT; i++)
		if (seen->daemons[i].pid)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%d %d %" PRIu64 "\n", i, (int)seen->daemons[i].pid,
						seen->daemons[i].start_ticks);
	ocf_note_write(run, PROCESSES, text);
}

void nfsserver_record_remove(struct ocf_run *run)
{
	ocf_note_remove(run, PROCESSES);
}

bool nfsserver_record_is_there(struct ocf_run *run)
{
	return ocf_note_is_there(run, PROCESSES);
}

static void take_line(struct ocf_run *run, const char *line, struct nfsserver_seen *seen)
{
	struct haops_process p;
	uint64_t ticks;
	int daemon;
	int pid;

	if (sscanf(line, "%d %d %" SCNu64, &daemon, &pid, &ticks) != 3 || daemon < 0 ||
	    daemon >= DAEMON_COUNT || pid < 1 ||
	    haops_process_get(ocf_ctx(run), (pid_t)pid, &p) < 0 || p.start_ticks != ticks ||
	    p.state == 'Z')
		return;
	seen->daemons[daemon] = p;
}

void nfsserver_record_read(struct ocf_run *run, struct nfsserver_seen *seen)
{
	CLEANUP_FREE char *text = NULL;
	char *state = NULL;

	if (ocf_note_read(run, PROCESSES, &text) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		take_line(run, line, seen);
}

void nfsserver_watch(struct ocf_run *run, const struct nfsserver_seen *seen)
{
	struct haops_watch_object objects[DAEMON_COUNT + 1];
	struct haops_watch what = {.objects = objects};
	char path[] = NFSSERVER_STATE;

	memset(objects, 0, sizeof(objects));
	for (int i = 0; i < DAEMON_COUNT; i++) {
		struct haops_watch_object *object = &objects[what.object_count];

		if (!seen->daemons[i].pid ||
		    !nfsserver_daemon_is_needed(run, (enum nfsserver_daemon)i))
			continue;
		object->kind = HAOPS_WATCH_PROCESS;
		object->process.pid = seen->daemons[i].pid;
		object->process.start_time = seen->daemons[i].start_ticks;
		what.object_count++;
	}
	if (seen->is_bound) {
		objects[what.object_count].kind = HAOPS_WATCH_MOUNT;
		objects[what.object_count++].mount.path = path;
	}
	ocf_watch_put(run, &what);
}
