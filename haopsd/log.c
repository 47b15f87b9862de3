/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message to syslog's socket and to standard error. Not syslog(3), which waits for ever when
 * the daemon behind the socket does not read. Opens nothing before there is a message.
 */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <util/cleanup.h>

#define LINE_MAX_BYTES 2048

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[HAOPS_LOG_ERROR] = {"error", LOG_ERR},
	[HAOPS_LOG_WARNING] = {"warning", LOG_WARNING},
	[HAOPS_LOG_INFO] = {"info", LOG_INFO},
	[HAOPS_LOG_DEBUG] = {"debug", LOG_DEBUG},
};

void log_open(struct log *log, const char *path, bool is_stderr)
{
	*log = (struct log){.path = path,
			    .fd = -1,
			    .is_stderr = is_stderr,
			    .level = HAOPS_LOG_INFO};
}

void log_close(struct log *log)
{
	cleanup_fd(&log->fd);
	log->fd = -1;
}

static int connect_syslog(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return take_fd(&fd);
}

/* Control characters would let what a peer sent look like a message of its own. */
static void put_clean(char *line, size_t size, const char *text)
{
	size_t len = strlen(line);

	for (; *text && len + 1 < size; text++)
		line[len++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
	line[len] = '\0';
}

static bool to_syslog(struct log *log, enum haops_log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	char date[32] = "";
	time_t now = time(NULL);
	struct tm parts;

	if (localtime_r(&now, &parts))
		(void)strftime(date, sizeof(date), "%b %e %T", &parts);
	(void)snprintf(line, sizeof(line), "<%d>%s haopsd[%d]: %s",
		       LOG_DAEMON | levels[level].priority, date, (int)getpid(),
		       level <= HAOPS_LOG_WARNING ? levels[level].name : "");
	if (level <= HAOPS_LOG_WARNING)
		put_clean(line, sizeof(line), ": ");
	put_clean(line, sizeof(line), text);
	/* Once more with a new socket: the daemon behind it may have been started anew. */
	for (int i = 0; i < 2; i++) {
		if (log->fd < 0)
			log->fd = connect_syslog(log->path);
		if (log->fd >= 0 && send(log->fd, line, strlen(line), MSG_NOSIGNAL) >= 0)
			return true;
		if (log->fd < 0 || errno == EAGAIN || errno == ENOBUFS)
			return false;
		log_close(log);
	}
	return false;
}

static bool to_stderr(enum haops_log_level level, const char *text)
{
	struct pollfd want = {.fd = STDERR_FILENO, .events = POLLOUT};
	char line[LINE_MAX_BYTES];

	if (poll(&want, 1, 0) != 1 || !(want.revents & POLLOUT))
		return false;
	(void)snprintf(line, sizeof(line) - 1, "haopsd: %s: ", levels[level].name);
	put_clean(line, sizeof(line) - 1, text);
	(void)strncat(line, "\n", 2);
	return write(STDERR_FILENO, line, strlen(line)) >= 0;
}

void log_write(struct log *log, enum haops_log_level level, const char *text)
{
	char lost[64];
	bool is_done;

	if (level > log->level)
		return;
	if (log->dropped > 0) {
		(void)snprintf(lost, sizeof(lost), "%" PRIu64 " messages could not be logged",
			       log->dropped);
		if (!to_syslog(log, HAOPS_LOG_WARNING, lost) && !log->is_stderr) {
			log->dropped++;
			return;
		}
		log->dropped = 0;
	}
	is_done = to_syslog(log, level, text);
	if (log->is_stderr || !is_done)
		is_done = to_stderr(level, text) || is_done;
	if (!is_done)
		log->dropped++;
}
