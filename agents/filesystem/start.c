/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts: device there, file system checked, mount point made, then mount(8), and a look at what
 * the kernel says. */

#include "filesystem/filesystem.h"
#include "filesystem/touch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *explain(int err)
{
	return err == -ETIMEDOUT ? "no answer in time" : strerror(-err);
}

static int look_device(struct ocf_run *run, const struct fs_site *site)
{
	const struct touch touch = {.path = site->device.link};

	return touch_ask(ocf_ctx(run), touch_device, &touch, ocf_deadline(run), NULL);
}

static int require_device(struct ocf_run *run, const struct fs_site *site)
{
	int r = look_device(run, site);

	/* A disk that came up this moment may still get its names. */
	if (r == -ENOENT) {
		fs_settle(run, site);
		r = look_device(run, site);
	}
	/* Without udev, mount(8) finds what is named by UUID or label. */
	if (r == 0 || (r == -ENOENT && site->device.source[0] != '/'))
		return OCF_SUCCESS;
	if (r == -ENOTBLK)
		return ocf_fail(run, OCF_ERR_INSTALLED, "device %s is no block device",
				site->device.link);
	return ocf_fail(run, r == -ENOENT ? OCF_ERR_INSTALLED : OCF_ERR_GENERIC, "device %s: %s",
			site->device.link, explain(r));
}

static int require_folder(struct ocf_run *run, const struct fs_site *site)
{
	const struct touch touch = {.path = site->path};
	int r = touch_ask(ocf_ctx(run), touch_folder, &touch, ocf_deadline(run), NULL);

	if (r == 0)
		return OCF_SUCCESS;
	return ocf_fail(run, r == -ETIMEDOUT ? OCF_ERR_GENERIC : OCF_ERR_INSTALLED,
			"mount point %s cannot be made: %s", site->path, explain(r));
}

/* What was read of the device before another node wrote to it is old. */
static void flush_device(struct ocf_run *run, const struct fs_site *site)
{
	const struct touch touch = {.path = site->device.link};
	int r = touch_ask(ocf_ctx(run), touch_flush, &touch, ocf_deadline(run), NULL);

	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "buffers of %s are not flushed: %s",
			site->device.link, explain(r));
}

/* Nothing is mounted there yet, nor below. */
static int require_free(struct ocf_run *run, const struct fs_site *site,
			const struct fs_found *found)
{
	const struct mountinfo *below = table_below(&found->table, site->path);

	if (found->where == FS_MOVED)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s is mounted on %s already, not on %s: unmount it",
				site->device.source, found->entry->path, site->path);
	if (found->cover)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s is mounted on %s, hidden by %s, which was mounted over it: "
				"unmount that",
				site->device.source, site->path, found->cover->source);
	if (found->where != FS_ABSENT)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s is mounted on %s already, where %s is to be: unmount it",
				found->entry->source, site->path, site->device.source);
	if (below)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s is mounted below %s, and would be hidden: unmount it",
				below->path, site->path);
	return OCF_SUCCESS;
}

/* mount(8) has said that it is done: the kernel is to say so, too. */
static int confirm(struct ocf_run *run, struct fs_site *site)
{
	struct fs_found found;
	int code = fs_find(run, site, &found);

	if (code != OCF_SUCCESS)
		return code;
	if (found.where == FS_MOUNTED) {
		ocf_log(run, HAOPS_LOG_INFO, "%s mounted on %s", found.entry->source,
			found.entry->path);
		if (!site->facts.is_read_only && options_have(found.entry->options, "ro"))
			ocf_log(run, HAOPS_LOG_WARNING, "%s is mounted read-only",
				found.entry->path);
		fs_watch(run, found.entry);
	} else {
		code = ocf_fail(run, OCF_ERR_GENERIC,
				"mount said that %s is mounted on %s, the kernel does not",
				site->device.source, site->path);
	}
	fs_found_done(&found);
	return code;
}

static int mount_it(struct ocf_run *run, struct fs_site *site)
{
	int code = OCF_SUCCESS;

	if (site->facts.is_block)
		code = require_device(run, site);
	if (code == OCF_SUCCESS)
		code = fs_check(run, site);
	if (code == OCF_SUCCESS)
		code = require_folder(run, site);
	if (code == OCF_SUCCESS && site->facts.is_block && look_device(run, site) == 0)
		flush_device(run, site);
	if (code == OCF_SUCCESS)
		code = fs_mount(run, site);
	return code == OCF_SUCCESS ? confirm(run, site) : code;
}

int fs_start(struct ocf_run *run)
{
	struct fs_site site = {.last_id = 0};
	struct fs_found found;
	int code = fs_site_read(run, &site);

	(void)!chdir("/");
	if (code == OCF_SUCCESS)
		code = fs_find(run, &site, &found);
	if (code != OCF_SUCCESS)
		return code;
	if (found.where == FS_MOUNTED && !found.cover) {
		fs_watch(run, found.entry);
		fs_found_done(&found);
		return OCF_SUCCESS;
	}
	code = require_free(run, &site, &found);
	fs_found_done(&found);
	if (code == OCF_SUCCESS)
		ocf_watch_remove(run);
	return code == OCF_SUCCESS ? mount_it(run, &site) : code;
}
