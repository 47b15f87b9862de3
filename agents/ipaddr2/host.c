/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this agent asks the system for itself, because libhaops has no call for it. Nothing else
 * does. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "util/cleanup.h"

int ipaddr2_enter_netns_of(pid_t pid)
{
	CLEANUP_FD int fd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

void ipaddr2_sleep_ms(int64_t ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
