/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, links and /proc entries that the nginx agent looks at, see host.h. Decides nothing. */

#include "nginx/host.h"

#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PROC_PATH_MAX 64
#define CHILDREN_TEXT_MAX 65536

struct file_stamp host_stamp(const char *path)
{
	struct file_stamp stamp = {0, 0, 0, 0};
	struct stat st;

	if (stat(path, &st) != 0)
		return stamp;
	stamp.dev = st.st_dev;
	stamp.ino = st.st_ino;
	stamp.size = (uint64_t)st.st_size;
	/* The time of the last change of any kind: a copy can keep its modification time. */
	stamp.ctime_ns = (uint64_t)st.st_ctim.tv_sec * 1000000000U + (uint64_t)st.st_ctim.tv_nsec;
	return stamp;
}

uint64_t host_clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* As for nginx, a folder that is not there has no files. */
static int is_unreadable(const char *path, int code)
{
	(void)path;
	return code != ENOENT && code != ENOTDIR;
}

int host_glob(const char *pattern, int (*fn)(const char *path, void *userdata), void *userdata)
{
	glob_t found = {0};
	int code = glob(pattern, 0, is_unreadable, &found);
	int r = code == GLOB_NOSPACE ? -ENOMEM : code == GLOB_ABORTED ? -EIO : 0;

	for (size_t i = 0; code == 0 && r == 0 && i < found.gl_pathc; i++)
		r = fn(found.gl_pathv[i], userdata);
	globfree(&found);
	return r;
}

int host_children(pid_t pid, pid_t *ret_children, size_t max)
{
	CLEANUP_FREE char *text = NULL;
	char path[PROC_PATH_MAX];
	char *at;
	char *end;
	size_t count = 0;
	size_t len;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	r = host_read(path, CHILDREN_TEXT_MAX, &text, &len);
	if (r < 0)
		return r;
	for (at = text; count < max; at = end) {
		long child = strtol(at, &end, 10);

		if (end == at || child < 1 || child > INT_MAX)
			break;
		ret_children[count++] = (pid_t)child;
	}
	return (int)count;
}

static unsigned long socket_number(const char *link)
{
	char target[PROC_PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);

	if (len <= 8)
		return 0;
	target[len] = '\0';
	return strncmp(target, "socket:[", 8) == 0 ? strtoul(target + 8, NULL, 10) : 0;
}

int host_find_socket(pid_t pid, bool (*fn)(unsigned long inode, void *userdata), void *userdata)
{
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *entry;
	char path[PROC_PATH_MAX];
	char link[PROC_PATH_MAX + NAME_MAX + 2];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		unsigned long inode;

		(void)snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		inode = socket_number(link);
		if (inode && fn(inode, userdata))
			return 1;
	}
	return 0;
}
