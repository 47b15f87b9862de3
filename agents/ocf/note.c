/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of a resource in the run directory, see ocf.h. */

#include "ocf/run.h"

#include <errno.h>
#include <haops/state.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 201

static void make_name(const struct ocf_run *run, const char *kind, char buf[NAME_BYTES])
{
	(void)snprintf(buf, NAME_BYTES, "%.30s-%.16s-%.150s", run->agent->name, kind,
		       ocf_instance(run));
}

static void warn(struct ocf_run *run, int r)
{
	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

void ocf_note_write(struct ocf_run *run, const char *kind, const char *text)
{
	char name[NAME_BYTES];

	make_name(run, kind, name);
	warn(run, haops_state_write(ocf_ctx(run), name, text, strlen(text)));
}

void ocf_note_remove(struct ocf_run *run, const char *kind)
{
	char name[NAME_BYTES];

	make_name(run, kind, name);
	warn(run, haops_state_remove(ocf_ctx(run), name));
}

int ocf_note_read(struct ocf_run *run, const char *kind, char **ret_text)
{
	char name[NAME_BYTES];
	size_t len;

	make_name(run, kind, name);
	return haops_state_read(ocf_ctx(run), name, ret_text, &len);
}

bool ocf_note_is_there(struct ocf_run *run, const char *kind)
{
	char *text = NULL;
	int r = ocf_note_read(run, kind, &text);

	free(text);
	return r != -ENOENT;
}
