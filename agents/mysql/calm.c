/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Describes a server that is in its place, in a cluster that is. */
#include "mysql/calm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool calm_describe(const struct calm_view *view, char ret_text[CALM_MAX])
{
	int len;

	if (view->cib.inode == 0)
		return false;
	len = snprintf(ret_text, CALM_MAX,
		       "%d/%" PRIu64 " %d/%" PRIu64 " %" PRIu64 "/%" PRIu64 " %s",
		       view->executor.pid, view->executor.ticks, view->server.pid,
		       view->server.ticks, view->cib.inode, view->cib.at_ns, view->place);
	return len > 0 && len < CALM_MAX;
}

int calm_format(const struct calm_note *note, char *buf, size_t size)
{
	return snprintf(buf, size, "%" PRId64 " %" PRIu64 "\n%s", note->at_ms, note->acked,
			note->text);
}

bool calm_parse(const char *text, struct calm_note *ret_note)
{
	const char *line = strchr(text, '\n');

	if (!line || strlen(line + 1) >= CALM_MAX ||
	    sscanf(text, "%" SCNd64 " %" SCNu64 "\n", &ret_note->at_ms, &ret_note->acked) != 2)
		return false;
	(void)snprintf(ret_note->text, CALM_MAX, "%s", line + 1);
	return true;
}

bool calm_lasts(const struct calm_note *note, const char *text, const struct seen *seen,
		int64_t now_ms)
{
	if (now_ms < note->at_ms || now_ms - note->at_ms >= CALM_MS)
		return false;
	/* What was seen before all was looked at is of another time. */
	if (seen->at_ms < note->at_ms)
		return false;
	if (seen->waiting > 0 && seen->acked == note->acked)
		return false;
	return strcmp(note->text, text) == 0;
}
