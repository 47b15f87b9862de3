/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the exportfs agent reads and replaces, see host.h. */

#include "exportfs/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_MAX 2200

int host_read_own(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	/* In an exported directory: a link would be what a client has made. */
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return -EPERM;
	return host_read(path, max, ret_text, ret_len);
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

int host_replace(const char *path, const char *text, size_t len)
{
	char temporary[TEMPORARY_MAX];
	CLEANUP_FD int fd = -1;
	int r;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid()) >=
	    sizeof(temporary))
		return -ENAMETOOLONG;
	(void)unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

int host_lock(const char *path, int *ret_fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) < 0)
		return errno == EACCES ? -EAGAIN : -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

bool host_device(const char *path, dev_t *ret_device)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	*ret_device = st.st_dev;
	return true;
}
