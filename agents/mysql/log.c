/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what the server has written into its error log since a start began. */

#include "mysql/log.h"

#include "util/cleanup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX 262144

void mysql_log_mark(struct ocf_run *run, struct mysql_log_mark *mark)
{
	struct stat st;

	mark->at = stat(ocf_str(run, MYSQL_LOG), &st) == 0 ? st.st_size : 0;
}

void mysql_log_error(struct ocf_run *run, const struct mysql_log_mark *mark, char *buf, size_t size)
{
	CLEANUP_FD int fd = open(ocf_str(run, MYSQL_LOG), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CLEANUP_FREE char *text = malloc(READ_MAX + 1);
	ssize_t len = fd >= 0 && text ? pread(fd, text, READ_MAX, mark->at) : -1;

	buf[0] = '\0';
	if (len <= 0)
		return;
	text[len] = '\0';
	mysql_log_pick(text, buf, size);
}
