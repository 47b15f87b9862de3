/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the cluster is to remember of a Primary, and what that says of the own data later. A state
 * file tells what was written last, so that a Primary whose peers are all well asks nobody.
 */

#include "drbd/drbd.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define HINT "memory"

void drbd_own_name(const struct ocf_run *run, char buf[MEMORY_NODE_MAX])
{
	const char *name = ocf_meta(run, "on_node");
	struct utsname host;

	if (!name && uname(&host) == 0)
		name = host.nodename;
	(void)snprintf(buf, MEMORY_NODE_MAX, "%s", name ? name : "?");
}

/* Of 8.4 only: DRBD 9 keeps generations for each peer, and proves by quorum what they prove here.
 */
static bool read_lineage(struct ocf_run *run, struct lineage *lineage)
{
	struct drbd_answer answer;
	bool is_read = false;

	memset(lineage, 0, sizeof(*lineage));
	if (drbd_module_is_9())
		return true;
	if (drbd_adm(run, "get-gi", NULL, &answer) && answer.is_done)
		is_read = lineage_read(answer.output, lineage) == 0;
	if (!is_read)
		ocf_log(run, HAOPS_LOG_WARNING, "%s: drbdadm get-gi: %s",
			ocf_str(run, DRBD_RESOURCE), answer.line);
	drbd_answer_done(&answer);
	return is_read;
}

static enum verdict_memory compare(struct ocf_run *run, const struct memory *memory)
{
	struct lineage lineage;

	if (!memory->has_primary)
		return VERDICT_NOTHING;
	if (!read_lineage(run, &lineage))
		return VERDICT_UNREADABLE;
	/* Without generations, who was Primary last is all that is known. */
	return lineage_compare(&lineage, &memory->data) == LINEAGE_LACKS ? VERDICT_LACKS
									 : VERDICT_HAS_ALL;
}

void drbd_recall(struct ocf_run *run, struct verdict_view *view, struct memory *memory)
{
	char own[MEMORY_NODE_MAX];

	memset(memory, 0, sizeof(*memory));
	if (!drbd_memory_is_used(run)) {
		view->memory = VERDICT_NO_MEMORY;
		return;
	}
	if (drbd_memory_load(run, memory) < 0) {
		view->memory = VERDICT_UNREADABLE;
		return;
	}
	drbd_own_name(run, own);
	view->was_primary = memory->has_primary && strcmp(memory->primary, own) == 0;
	view->is_stale_allowed = memory_is_stale_allowed(memory);
	view->memory = compare(run, memory);
}

void drbd_forget_hint(struct ocf_run *run)
{
	ocf_note_remove(run, HINT);
}

static void write_hint(struct ocf_run *run, const struct generations *data)
{
	struct memory memory = {.data = *data};
	char text[MEMORY_VALUE_MAX];

	memory_data_value(&memory, text);
	ocf_note_write(run, HINT, text);
}

/* data: the generations to compare with, NULL for any. */
static bool is_hint(struct ocf_run *run, const struct generations *data)
{
	CLEANUP_FREE char *text = NULL;
	char wanted[MEMORY_VALUE_MAX];
	struct memory memory = {.has_primary = false};

	if (ocf_note_read(run, HINT, &text) < 0)
		return false;
	if (!data)
		return true;
	memory.data = *data;
	memory_data_value(&memory, wanted);
	return strcmp(text, wanted) == 0;
}

static int remember(struct ocf_run *run, const struct generations *data)
{
	char own[MEMORY_NODE_MAX];
	struct memory memory;
	int r = drbd_memory_load(run, &memory);

	if (r < 0)
		return r;
	drbd_own_name(run, own);
	if (memory_set(&memory, own, data))
		r = drbd_memory_save(run, &memory);
	if (r == 0)
		write_hint(run, data);
	return r;
}

int drbd_remember(struct ocf_run *run)
{
	struct generations data;
	struct lineage lineage;

	if (!drbd_memory_is_used(run))
		return 0;
	if (!read_lineage(run, &lineage))
		return -EIO;
	lineage_current(&lineage, &data);
	return remember(run, &data);
}

void drbd_remember_change(struct ocf_run *run, const struct facts *facts)
{
	struct generations data;
	struct lineage lineage;

	/* What a Primary without a good disk writes is on a peer's. */
	if (!facts->is_primary || !facts->is_uptodate || !drbd_memory_is_used(run))
		return;
	/* A new generation begins only while a peer does not get what is written. */
	if (facts->are_peers_uptodate && is_hint(run, NULL))
		return;
	if (!read_lineage(run, &lineage))
		return;
	lineage_current(&lineage, &data);
	if (!is_hint(run, &data))
		(void)remember(run, &data);
}
