/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters, and what this host has to have for them. */

#include "filesystem/filesystem.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <string.h>

#define FILESYSTEMS_MAX 65536

static int validate_clone(struct ocf_run *run)
{
	const char *fstype = ocf_str(run, FS_FSTYPE);

	if (!ocf_is_clone(run))
		return OCF_SUCCESS;
	switch (clone_judge(fstype, ocf_str(run, FS_OPTIONS), ocf_bool(run, FS_FORCE_CLONES))) {
	case FS_CLONE_SAFE:
		return OCF_SUCCESS;
	case FS_CLONE_READ_ONLY:
		ocf_log(run, HAOPS_LOG_WARNING,
			"%s is no file system for several nodes: allowed, since it is mounted "
			"read-only",
			fstype);
		return OCF_SUCCESS;
	case FS_CLONE_FORCED:
		ocf_log(run, HAOPS_LOG_WARNING,
			"%s is no file system for several nodes: allowed by force_clones", fstype);
		return OCF_SUCCESS;
	case FS_CLONE_REFUSED:
		break;
	}
	return ocf_fail(run, OCF_ERR_CONFIGURED,
			"%s on %s as a clone would destroy it: make no clone, or set force_clones "
			"if each node has its own",
			fstype, ocf_str(run, FS_DEVICE));
}

static int validate_syntax(struct ocf_run *run)
{
	struct fs_site site = {.last_id = 0};
	int code = fs_site_read(run, &site);

	if (code != OCF_SUCCESS)
		return code;
	if (site.facts.kind == FS_BIND && ocf_str(run, FS_DEVICE)[0] != '/')
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"device %s is no absolute path: a bind mount is of a folder",
				ocf_str(run, FS_DEVICE));
	if (site.facts.has_secret)
		ocf_log(run, HAOPS_LOG_WARNING,
			"options hold a password: put it into a file, see credentials= of "
			"mount.cifs(8)");
	return validate_clone(run);
}

/* A module may still be loaded: that is no reason to fail before a start has tried. */
static int validate_host(struct ocf_run *run)
{
	static const char *const programs[] = {"/bin/mount", "/usr/bin/mount"};
	CLEANUP_FREE char *text = NULL;
	struct fs_site site = {.last_id = 0};
	size_t len;

	if (!host_is_program(programs[0]) && !host_is_program(programs[1]))
		return ocf_fail(run, OCF_ERR_INSTALLED, "mount(8) is not there: install it");
	if (fs_site_read(run, &site) == OCF_SUCCESS && site.facts.module &&
	    host_read("/proc/filesystems", FILESYSTEMS_MAX, &text, &len) == 0 &&
	    !filesystems_have(text, site.facts.module))
		ocf_log(run, HAOPS_LOG_INFO, "file system type %s is not loaded yet",
			site.facts.module);
	return OCF_SUCCESS;
}

int fs_validate(struct ocf_run *run, int level)
{
	return level < 10 ? validate_syntax(run) : validate_host(run);
}
