/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_BELL_H
#define HAOPSD_BELL_H

/*
 * A timer for what happens many times a second. qb_loop's own timers wait in whole milliseconds,
 * rounded down, and turn the loop without a pause through the rest: half a millisecond of CPU time
 * for each. This one is a descriptor, and costs nothing while it waits. CLOCK_BOOTTIME.
 */

#include <errno.h>
#include <poll.h>
#include <qb/qbloop.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct bell {
	int fd; /* -1: not open */
	qb_loop_t *loop;
	void (*ring)(void *data);
	void *data;
};

static inline int32_t bell_on_readable(int32_t fd, int32_t events, void *data)
{
	struct bell *bell = data;
	uint64_t count;

	(void)events;
	/* Set anew since then: not yet. */
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		bell->ring(bell->data);
	return 0;
}

static inline void bell_close(struct bell *bell)
{
	if (bell->fd < 0)
		return;
	(void)qb_loop_poll_del(bell->loop, bell->fd);
	(void)close(bell->fd);
	bell->fd = -1;
}

/* loop, ring and data are set; bell must stay where it is. 0 or -errno. */
static inline int bell_open(struct bell *bell, enum qb_loop_priority priority)
{
	int r;

	bell->fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (bell->fd < 0)
		return -errno;
	r = qb_loop_poll_add(bell->loop, priority, bell->fd, POLLIN, bell, bell_on_readable);
	if (r == 0)
		return 0;
	(void)close(bell->fd);
	bell->fd = -1;
	return r;
}

/* Rings once after that time, 0 and above; replaces what was set. */
static inline int bell_set(const struct bell *bell, int64_t in_ms)
{
	struct itimerspec at = {
		.it_value = {.tv_sec = in_ms / 1000, .tv_nsec = (long)(in_ms % 1000) * 1000000}};

	if (in_ms <= 0)
		at.it_value = (struct timespec){.tv_nsec = 1};
	return timerfd_settime(bell->fd, 0, &at, NULL) < 0 ? -errno : 0;
}

static inline void bell_stop(const struct bell *bell)
{
	static const struct itimerspec never = {0};

	if (bell->fd >= 0)
		(void)timerfd_settime(bell->fd, 0, &never, NULL);
}

#endif
