/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory, which a boot empties, keeps of a start: the directories as exported. */

#include "exportfs/exportfs.h"

#include "util/cleanup.h"

#include <stdio.h>
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
