/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies NFSv3's list of mounts to a file that moves with the data, and back. It is for
 * showmount(8) and the like, so a failure is a warning. */

#include "exportfs/exportfs.h"
#include "exportfs/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RMTAB "/var/lib/nfs/rmtab"
/* rpc.mountd's. */
#define RMTAB_LOCK "/var/lib/nfs/.rmtab.lock"
#define TABLE_MAX (4U * 1024U * 1024U)
#define LOCK_MS 2000
#define BACKUP_PATH_MAX (2 * EXPORTFS_PATH_MAX)

static bool is_wanted(const struct ocf_run *run, const struct exportfs_directory *directory)
{
	return directory->is_there && strcmp(ocf_str(run, P_RMTAB_BACKUP), "none") != 0;
}

static void backup_path(const struct ocf_run *run, const struct exportfs_directory *directory,
			char buf[BACKUP_PATH_MAX])
{
	(void)snprintf(buf, BACKUP_PATH_MAX, "%s/%s", directory->path,
		       ocf_str(run, P_RMTAB_BACKUP));
}

static void warn(struct ocf_run *run, const char *path, int r)
{
	ocf_log(run, HAOPS_LOG_WARNING, "the list of NFSv3 mounts in %s is not up to date: %s",
		path, strerror(-r));
}

static bool is_same(const char *path, const char *text)
{
	CLEANUP_FREE char *old = NULL;
	size_t len;
	int r = host_read_own(path, TABLE_MAX, &old, &len);

	/* With no mount ever, no file. */
	if (r == -ENOENT)
		return !text[0];
	return r == 0 && strcmp(old, text) == 0;
}

static int backup_one(const char *rmtab, const char *directory, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t count;
	int r = table_rmtab_pick(rmtab, directory, &text, &count);

	if (r < 0 || is_same(path, text))
		return r;
	return host_replace(path, text, strlen(text));
}

void exportfs_rmtab_backup(struct ocf_run *run, const struct exportfs_site *site)
{
	CLEANUP_FREE char *rmtab = NULL;
	char path[BACKUP_PATH_MAX];
	size_t len;

	if (host_read(RMTAB, TABLE_MAX, &rmtab, &len) < 0)
		return;
	for (size_t i = 0; i < site->directory_count; i++) {
		int r;

		if (!is_wanted(run, &site->directories[i]))
			continue;
		backup_path(run, &site->directories[i], path);
		r = backup_one(rmtab, site->directories[i].path, path);
		/* A file system that is exported to be read is mounted so. */
		if (r < 0 && r != -EROFS)
			warn(run, path, r);
	}
}

static int take_lock(struct ocf_run *run, int *ret_fd)
{
	int64_t limit = ocf_deadline_within(run, LOCK_MS);

	for (;;) {
		int r = host_lock(RMTAB_LOCK, ret_fd);

		if (r != -EAGAIN || haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return r;
		host_pause(ocf_ctx(run), limit);
	}
}

static int restore_one(const char *more, const char *directory)
{
	CLEANUP_FREE char *rmtab = NULL;
	CLEANUP_FREE char *text = NULL;
	size_t count = 0;
	size_t len;
	int r = host_read(RMTAB, TABLE_MAX, &rmtab, &len);

	if (r == 0 || r == -ENOENT)
		r = table_rmtab_merge(rmtab ? rmtab : "", more, directory, &text, &count);
	return r == 0 && count ? host_replace(RMTAB, text, strlen(text)) : r;
}

void exportfs_rmtab_restore(struct ocf_run *run, const struct exportfs_site *site)
{
	CLEANUP_FD int lock = -1;
	char path[BACKUP_PATH_MAX];
	int r = take_lock(run, &lock);

	for (size_t i = 0; i < site->directory_count && r == 0; i++) {
		CLEANUP_FREE char *more = NULL;
		size_t len;

		if (!is_wanted(run, &site->directories[i]))
			continue;
		backup_path(run, &site->directories[i], path);
		r = host_read_own(path, TABLE_MAX, &more, &len);
		r = r == 0 ? restore_one(more, site->directories[i].path) : r;
		/* The first start has nothing to take back. */
		if (r == -ENOENT)
			r = 0;
	}
	if (r < 0)
		warn(run, RMTAB, r);
}
