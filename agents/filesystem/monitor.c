/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says whether our file system is mounted: by the kernel's table, without touching a file. */

#include "filesystem/filesystem.h"

static int fail_other(struct ocf_run *run, const struct fs_site *site,
		      const struct mountinfo *entry)
{
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%s is mounted from %s (%s), not from %s as it is now", entry->path,
			entry->source, entry->device, site->device.source);
}

static int judge_found(struct ocf_run *run, const struct fs_site *site,
		       const struct fs_found *found)
{
	switch (found->where) {
	case FS_ABSENT:
		return OCF_NOT_RUNNING;
	case FS_MOUNTED:
		if (!found->cover)
			return OCF_SUCCESS;
		return ocf_fail(run, OCF_ERR_GENERIC, "%s is hidden: %s (%s) was mounted over it",
				site->device.source, found->cover->source, found->cover->fstype);
	case FS_MOVED:
		return ocf_fail(run, OCF_ERR_GENERIC, "%s is mounted on %s now, not on %s",
				site->device.source, found->entry->path, site->path);
	case FS_OTHER_DEVICE:
		/* Maybe ours under its old number: never "stopped". */
		return fail_other(run, site, found->entry);
	case FS_FOREIGN:
		break;
	}
	if (!ocf_is_probe(run))
		return fail_other(run, site, found->entry);
	ocf_log(run, HAOPS_LOG_WARNING, "%s is mounted from %s, not from %s", found->entry->path,
		found->entry->source, site->device.source);
	return OCF_NOT_RUNNING;
}

int fs_monitor(struct ocf_run *run)
{
	struct fs_site site = {.last_id = 0};
	struct fs_found found;
	int code;

	if (ocf_is_probe(run) && !fs_site_is_named(run))
		return OCF_NOT_RUNNING;
	code = fs_site_read(run, &site);
	if (code == OCF_SUCCESS)
		code = fs_find(run, &site, &found);
	if (code != OCF_SUCCESS)
		return code;
	code = judge_found(run, &site, &found);
	if (code == OCF_SUCCESS && ocf_watch_is_wanted(run, false))
		fs_watch(run, found.entry);
	if (code == OCF_SUCCESS && !ocf_is_probe(run))
		code = fs_check_level(run, &site, found.entry);
	fs_found_done(&found);
	return code;
}

/* What may be reloaded counts from the next action on. */
int fs_reload_agent(struct ocf_run *run)
{
	int code = fs_monitor(run);

	return code == OCF_NOT_RUNNING
		       ? ocf_fail(run, OCF_ERR_GENERIC, "%s is not mounted: nothing to reload",
				  ocf_str(run, FS_DIRECTORY))
		       : code;
}
