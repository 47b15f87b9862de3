/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the framework's output goes: descriptors, files and the socket of syslog. Each write is
 * bounded in time, because a log that hangs must not hang an action. Decides and formats nothing.
 */
#include "ocf/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <util/cleanup.h>

#define WRITE_WAIT_MS 200
#define WRITE_TRIES_MAX 16

void ocf_sink_prepare(void)
{
	struct pollfd std[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	/* A reader that went away is an error of write(2); haops_process_run() gives children the
	 * default again. */
	(void)signal(SIGPIPE, SIG_IGN);
	/* Ignored by whoever started us, it would take the exit status of every child away. */
	(void)signal(SIGCHLD, SIG_DFL);
	/* With 0, 1 or 2 closed, the first socket would get that number, and messages with it. */
	if (poll(std, ARRAY_LEN(std), 0) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(std); i++) {
		if (std[i].revents & POLLNVAL)
			(void)open("/dev/null", O_RDWR);
	}
}

bool ocf_sink_is_terminal(void)
{
	/* Standard input, as stock agents ask: it is what tells a person from the cluster. */
	return isatty(STDIN_FILENO) == 1;
}

/* 0 when nothing could be written yet, but may be later. */
static ssize_t write_some(int fd, const char *data, size_t len)
{
	struct pollfd want = {.fd = fd, .events = POLLOUT};
	int ready = poll(&want, 1, WRITE_WAIT_MS);
	ssize_t done;

	if (ready == 0)
		return -ETIMEDOUT;
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	/* A pipe that is ready takes PIPE_BUF bytes, more than a line, so this does not wait. */
	done = write(fd, data, len);
	if (done < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	return done;
}

int ocf_sink_write(int fd, const char *data, size_t len)
{
	for (int i = 0; i < WRITE_TRIES_MAX && len > 0; i++) {
		ssize_t done = write_some(fd, data, len);

		if (done < 0)
			return (int)done;
		data += done;
		len -= (size_t)done;
	}
	return len > 0 ? -EAGAIN : 0;
}

int ocf_sink_open(const char *path, int flags, mode_t mode)
{
	/* O_NONBLOCK: opening a FIFO that nobody reads must fail, not wait. */
	CLEANUP_FD int fd =
		open(path,
		     O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags,
		     mode);

	return fd < 0 ? -errno : take_fd(&fd);
}

int ocf_sink_make_parents(const char *path)
{
	char dir[4096];
	size_t len = strlen(path);

	if (len >= sizeof(dir))
		return -ENAMETOOLONG;
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/')
			continue;
		memcpy(dir, path, i);
		dir[i] = '\0';
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int ocf_sink_borrow(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	return copy < 0 ? -errno : copy;
}

static int connect_unix(const char *path, int type)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(addr.sun_path))
		return -EIO;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(&fd);
}

int ocf_sink_syslog(const char *path)
{
	int fd = connect_unix(path, SOCK_DGRAM);

	/* A syslog daemon may listen by stream as well. */
	return fd == -EPROTOTYPE ? connect_unix(path, SOCK_STREAM) : fd;
}
