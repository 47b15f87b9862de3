/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory, which a boot empties, keeps of a start: the directories as exported. */

#include "exportfs/exportfs.h"

#include "util/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS "paths"

void exportfs_record_write(struct ocf_run *run, const struct exportfs_site *site)
{
	CLEANUP_FREE char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	for (size_t i = 0; i < site->directory_count; i++)
		fprintf(f, "%s\n", site->directories[i].path);
	if (fclose(f) == 0)
		ocf_note_write(run, PATHS, text);
}

void exportfs_watch(struct ocf_run *run, struct exportfs_site *site)
{
	size_t count = site->directory_count * site->clients.count;
	CLEANUP_FREE struct haops_watch_object *objects =
		calloc(count > 0 ? count : 1, sizeof(*objects));
	struct haops_watch what = {.objects = objects};

	if (!objects) {
		ocf_log(run, HAOPS_LOG_WARNING, "memory is short: haopsd does not watch it");
		return;
	}
	for (size_t i = 0; i < site->directory_count; i++)
		for (size_t k = 0; k < site->clients.count; k++) {
			struct haops_watch_object *object = &objects[what.object_count++];

			object->kind = HAOPS_WATCH_EXPORT;
			object->nfs_export.directory = site->directories[i].path;
			object->nfs_export.client = site->clients.text + site->clients.offsets[k];
		}
	ocf_watch_put(run, &what);
}

void exportfs_record_remove(struct ocf_run *run)
{
	ocf_note_remove(run, PATHS);
}

static void take_path(const char *path, struct exportfs_directory *directory)
{
	if (!directory->is_there && path[0] == '/' && strlen(path) < sizeof(directory->path))
		memcpy(directory->path, path, strlen(path) + 1);
}

bool exportfs_record_read(struct ocf_run *run, struct exportfs_site *site)
{
	CLEANUP_FREE char *text = NULL;
	char *state = NULL;
	size_t i = 0;

	if (ocf_note_read(run, PATHS, &text) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &state); site && line && i < site->directory_count;
	     line = strtok_r(NULL, "\n", &state))
		take_path(line, &site->directories[i++]);
	return true;
}
