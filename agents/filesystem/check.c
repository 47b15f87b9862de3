/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Depth 10 and 20: whether device and file system do their work. All of it in children that are
 * given up in time. */

#include "filesystem/filesystem.h"
#include "filesystem/touch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *explain(int err)
{
	return err == -ETIMEDOUT ? "no answer in time" : strerror(-err);
}

/* A device that was taken out and came back has another name than what is mounted. */
static int check_read(struct ocf_run *run, const struct fs_site *site,
		      const struct mountinfo *entry)
{
	const struct touch device = {.path = entry->source[0] == '/' ? entry->source
								     : site->device.link};
	const struct touch root = {.path = entry->path};
	int r;

	if (site->facts.is_block) {
		r = touch_ask(ocf_ctx(run), touch_read, &device, ocf_deadline(run), NULL);
		return r < 0 ? ocf_fail(run, OCF_ERR_GENERIC, "device %s cannot be read: %s",
					device.path, explain(r))
			     : OCF_SUCCESS;
	}
	r = touch_ask(ocf_ctx(run), touch_root, &root, ocf_deadline(run), NULL);
	return r < 0 ? ocf_fail(run, OCF_ERR_GENERIC, "%s (%s) does not answer: %s", entry->path,
				entry->source, explain(r))
		     : OCF_SUCCESS;
}

/* The kernel does that to ext4 and others when it finds an error. */
static int check_writable(struct ocf_run *run, const struct fs_site *site,
			  const struct mountinfo *entry)
{
	if (site->facts.is_read_only || options_have(entry->options, "ro") ||
	    !options_have(entry->system_options, "ro"))
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%s has become read-only, by an error or by remounting: see the kernel's "
			"log",
			entry->path);
}

static int check_write(struct ocf_run *run, const struct fs_site *site,
		       const struct mountinfo *entry)
{
	char name[FS_PATH_MAX];
	char path[FS_PATH_MAX * 2];
	char step[CHILD_TEXT_MAX] = "write";
	const struct touch touch = {.path = path,
				    .text = ocf_instance(run),
				    .is_direct = site->facts.is_block};
	int r;

	fs_status_file(run, name, sizeof(name));
	(void)snprintf(path, sizeof(path), "%s/%s", entry->path, name);
	r = touch_ask(ocf_ctx(run), touch_status, &touch, ocf_deadline(run), step);
	if (r == -ENOSPC || r == -EDQUOT) {
		/* It would be as full after a restart, and on another node. */
		ocf_log(run, HAOPS_LOG_WARNING, "%s is full: there is no room for %s", entry->path,
			name);
		return OCF_SUCCESS;
	}
	return r < 0 ? ocf_fail(run, OCF_ERR_GENERIC, "cannot %s status file %s: %s", step, path,
				explain(r))
		     : OCF_SUCCESS;
}

int fs_check_level(struct ocf_run *run, const struct fs_site *site, const struct mountinfo *entry)
{
	int code = OCF_SUCCESS;

	if (ocf_check_level(run) >= 10)
		code = check_writable(run, site, entry);
	if (code == OCF_SUCCESS && ocf_check_level(run) >= 20)
		return check_write(run, site, entry);
	if (code == OCF_SUCCESS && ocf_check_level(run) >= 10)
		return check_read(run, site, entry);
	return code;
}
