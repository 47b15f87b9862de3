/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run directory, which a boot empties, keeps of a start: the directories as exported. */

#include "exportfs/exportfs.h"

#include "util/cleanup.h"

#include <haops/state.h>
#include <stdio.h>
#include <string.h>

#define STATE_NAME_MAX 201

static void state_name(struct ocf_run *run, char buf[STATE_NAME_MAX])
{
	(void)snprintf(buf, STATE_NAME_MAX, "exportfs-%.150s", ocf_instance(run));
}

void exportfs_record_write(struct ocf_run *run, const struct exportfs_site *site)
{
	CLEANUP_FREE char *text = NULL;
	char name[STATE_NAME_MAX];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	for (size_t i = 0; i < site->directory_count; i++)
		fprintf(f, "%s\n", site->directories[i].path);
	if (fclose(f) != 0)
		return;
	state_name(run, name);
	if (haops_state_write(ocf_ctx(run), name, text, len) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

void exportfs_record_remove(struct ocf_run *run)
{
	char name[STATE_NAME_MAX];

	state_name(run, name);
	if (haops_state_remove(ocf_ctx(run), name) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void take_path(const char *path, struct exportfs_directory *directory)
{
	if (!directory->is_there && path[0] == '/' && strlen(path) < sizeof(directory->path))
		memcpy(directory->path, path, strlen(path) + 1);
}

bool exportfs_record_read(struct ocf_run *run, struct exportfs_site *site)
{
	CLEANUP_FREE char *text = NULL;
	char name[STATE_NAME_MAX];
	char *state = NULL;
	size_t len;
	size_t i = 0;

	state_name(run, name);
	if (haops_state_read(ocf_ctx(run), name, &text, &len) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &state); site && line && i < site->directory_count;
	     line = strtok_r(NULL, "\n", &state))
		take_path(line, &site->directories[i++]);
	return true;
}
