/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sd_notify(3)'s protocol without libsystemd. Knows nothing of the daemon. */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <util/cleanup.h>
#include <util/num.h>

static int connect_to(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	CLEANUP_FD int fd = -1;

	if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(addr.sun_path))
		return -EINVAL;
	memcpy(addr.sun_path, name, len);
	if (name[0] == '@')
		addr.sun_path[0] = '\0'; /* abstract: its length counts, no NUL ends it */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return -errno;
	return take_fd(&fd);
}

static int read_watchdog(int64_t *ret_ms)
{
	const char *interval = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t usec = 0;
	int64_t whose = 0;

	if (!interval)
		return 0;
	if (pid && num_parse(pid, 1, INT32_MAX, &whose) < 0)
		return -EINVAL;
	if (pid && whose != getpid())
		return 0;
	if (num_parse(interval, 1, INT64_MAX, &usec) < 0)
		return -EINVAL;
	*ret_ms = usec / 1000 > 0 ? usec / 1000 : 1;
	return 0;
}

int notify_open(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int64_t watchdog_ms = 0;
	int fd = name ? connect_to(name) : -1;
	int r = read_watchdog(&watchdog_ms);

	*notify = (struct notify){.fd = fd >= 0 ? fd : -1, .watchdog_ms = watchdog_ms};
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	if (name && fd < 0)
		return fd;
	return r;
}

void notify_close(struct notify *notify)
{
	cleanup_fd(&notify->fd);
	notify->fd = -1;
}

bool notify_is_wanted(const struct notify *notify)
{
	return notify->fd >= 0;
}

int notify_send(const struct notify *notify, const char *assignments)
{
	if (notify->fd < 0)
		return 0;
	return send(notify->fd, assignments, strlen(assignments), MSG_NOSIGNAL) < 0 ? -errno : 0;
}
