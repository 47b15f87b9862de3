/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves the newest binary log of a former primary before what nobody acknowledged is cut off it:
 * people can still look at it. One copy for each time.
 */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLACE "/var/lib/haops"
#define INDEX_MAX 65536
#define CHUNK 65536

/* log_bin of the configuration would have to be read for another place; the server says it. */
static bool last_line(int fd, char buf[MYSQL_PATH_MAX])
{
	char text[INDEX_MAX + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > INDEX_MAX ? size - INDEX_MAX : 0;
	ssize_t len = pread(fd, text, INDEX_MAX, from);
	char *line;

	if (len <= 1)
		return false;
	if (text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!*line || strlen(line) >= MYSQL_PATH_MAX)
		return false;
	(void)snprintf(buf, MYSQL_PATH_MAX, "%s", line);
	return true;
}

static int make_place(const struct mysql_cluster *cluster, char folder[2 * MYSQL_PATH_MAX])
{
	const char *const parts[] = {PLACE, PLACE "/mysql", folder};

	(void)snprintf(folder, 2 * MYSQL_PATH_MAX, PLACE "/mysql/%.200s", cluster->resource);
	for (size_t i = 0; i < 3; i++)
		if (mkdir(parts[i], 0700) < 0 && errno != EEXIST)
			return -errno;
	return 0;
}

static int copy(int from, int to)
{
	char chunk[CHUNK];
	ssize_t len;

	while ((len = read(from, chunk, sizeof(chunk))) > 0)
		for (ssize_t done = 0, n; done < len; done += n) {
			n = write(to, chunk + done, (size_t)(len - done));
			if (n < 0)
				return -errno;
		}
	return len < 0 || fsync(to) < 0 ? -errno : 0;
}

static int save(const char *log, const char *folder, char saved[3 * MYSQL_PATH_MAX])
{
	const char *slash = strrchr(log, '/');
	CLEANUP_FD int from = open(log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_FD int to = -1;

	if (from < 0)
		return -errno;
	(void)snprintf(saved, 3 * MYSQL_PATH_MAX, "%.450s/%lld-%.250s", folder,
		       (long long)time(NULL), slash ? slash + 1 : log);
	to = open(saved, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return to < 0 ? -errno : copy(from, to);
}

int mysql_tail_save(struct ocf_run *run, struct mysql_cluster *cluster, const char *index)
{
	char folder[2 * MYSQL_PATH_MAX];
	char saved[3 * MYSQL_PATH_MAX];
	char path[2 * MYSQL_PATH_MAX];
	char log[MYSQL_PATH_MAX];
	CLEANUP_FD int fd = open(index, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0 || !last_line(fd, log))
		return mysql_problem(cluster, ENOENT, "%s names no binary log", index);
	(void)snprintf(path, sizeof(path), "%s%s%s",
		       log[0] == '/' ? "" : ocf_str(run, MYSQL_DATADIR), log[0] == '/' ? "" : "/",
		       log);
	r = make_place(cluster, folder);
	if (r == 0)
		r = save(path, folder, saved);
	if (r < 0)
		return mysql_problem(cluster, -r, "%s could not be saved to %s: %s", path, folder,
				     strerror(-r));
	ocf_log(run, HAOPS_LOG_INFO, "the newest binary log was saved as %s", saved);
	return 0;
}
