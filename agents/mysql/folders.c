/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the folders of socket and pid file (they are on file systems that are empty after boot) and
 * gives the log to the server. */

#include "mysql/mysql.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FOLDER_MODE 0755
#define LOG_MODE 0640
/* With less than this free, no event of a binary log is written any more. */
#define FULL_BLOCKS 4

/* Makes folder and what is missing above it. */
static int make_folders(const char *folder)
{
	char path[MYSQL_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s", folder);
	for (char *at = path + 1;; at++) {
		char c = *at;

		if (c != '/' && c != '\0')
			continue;
		*at = '\0';
		if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
			return -errno;
		*at = c;
		if (c == '\0')
			return 0;
	}
}

/* Folders that are there keep their owner and mode. */
static int prepare_folder(struct ocf_run *run, const struct mysql_site *site, const char *file,
			  bool is_server_writing)
{
	char folder[MYSQL_PATH_MAX];
	struct stat st;
	int r = 0;

	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(file, '/') - file), file);
	if (!folder[0])
		return OCF_SUCCESS;
	if (stat(folder, &st) < 0) {
		r = make_folders(folder);
		if (r == 0 && chown(folder, site->uid, site->gid) < 0)
			r = -errno;
		if (r == 0 && stat(folder, &st) < 0)
			r = -errno;
		if (r == 0)
			ocf_log(run, HAOPS_LOG_INFO, "made the folder %s", folder);
	}
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "folder %s cannot be made: %s", folder,
				strerror(-r));
	if (is_server_writing && !mysql_user_may_write(site, &st))
		return ocf_fail(run, OCF_ERR_PERM, "folder %s cannot be written by %s: chown it",
				folder, ocf_str(run, MYSQL_USER));
	return OCF_SUCCESS;
}

static bool may_write_log(const struct mysql_site *site, struct stat st)
{
	st.st_mode |= S_IXUSR | S_IXGRP | S_IXOTH;
	return mysql_user_may_write(site, &st);
}

/* As the stock agent: the log is there, and the server may write it. A link is left as it is. */
static int prepare_log(struct ocf_run *run, const struct mysql_site *site)
{
	const char *path = ocf_str(run, MYSQL_LOG);
	CLEANUP_FD int fd =
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		     LOG_MODE);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return OCF_SUCCESS;
	if (fd < 0 || fstat(fd, &st) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "log %s cannot be written: %s", path,
				strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || may_write_log(site, st))
		return OCF_SUCCESS;
	if (fchown(fd, site->uid, site->gid) < 0 || fchmod(fd, LOG_MODE) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "log %s cannot be given to %s: %s", path,
				ocf_str(run, MYSQL_USER), strerror(errno));
	return OCF_SUCCESS;
}

int mysql_folders_prepare(struct ocf_run *run, const struct mysql_site *site)
{
	int r = prepare_folder(run, site, ocf_str(run, MYSQL_SOCKET), true);

	if (r == OCF_SUCCESS)
		r = prepare_folder(run, site, ocf_str(run, MYSQL_PID), true);
	if (r == OCF_SUCCESS)
		r = prepare_folder(run, site, ocf_str(run, MYSQL_LOG), false);
	return r == OCF_SUCCESS ? prepare_log(run, site) : r;
}

bool mysql_is_full(const struct ocf_run *run)
{
	struct statvfs st;

	return statvfs(ocf_str(run, MYSQL_DATADIR), &st) == 0 && st.f_blocks > 0 &&
	       st.f_bavail < FULL_BLOCKS;
}
