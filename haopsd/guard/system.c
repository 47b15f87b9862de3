/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's contact with the system. Decides nothing. */
#include "guard/system.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"

#define NS_PER_MS 1000000
#define WATCHED (IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
#define EVENTS_MAX 16384
/* Reads of one turn: who changes records without end delays no renewal. */
#define READS_MAX 4

int64_t guard_boottime_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

int guard_tick_set(int fd, int64_t tick_ms)
{
	const struct timespec tick = {.tv_sec = tick_ms / 1000,
				      .tv_nsec = (long)(tick_ms % 1000) * NS_PER_MS};
	const struct itimerspec timer = {.it_interval = tick, .it_value = tick};

	return timerfd_settime(fd, 0, &timer, NULL) < 0 ? -errno : 0;
}

int guard_tick_new(int64_t tick_ms)
{
	CLEANUP_FD int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	r = guard_tick_set(fd, tick_ms);
	return r < 0 ? r : take_fd(&fd);
}

int guard_wake_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

void guard_wake(int fd)
{
	const uint64_t one = 1;

	/* It fails only when it is readable already. */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void guard_drain(int fd)
{
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

void guard_wait(struct pollfd *fds, size_t count)
{
	while (poll(fds, (nfds_t)count, -1) < 0 && errno == EINTR)
		;
}

int guard_watch_new(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int guard_watch_dir(int fd, const char *path)
{
	return inotify_add_watch(fd, path, WATCHED | IN_ONLYDIR) < 0 ? -errno : 0;
}

/* Copies an event out: the buffer's alignment holds for its first one only. */
static size_t take_event(const char *at, size_t left, struct inotify_event *ret_event,
			 char name[GUARD_FILE_NAME_MAX])
{
	size_t len;

	name[0] = '\0';
	if (left < sizeof(*ret_event))
		return left;
	memcpy(ret_event, at, sizeof(*ret_event));
	len = sizeof(*ret_event) + ret_event->len;
	if (len > left)
		return left;
	if (ret_event->len > 0 && ret_event->len <= GUARD_FILE_NAME_MAX) {
		memcpy(name, at + sizeof(*ret_event), ret_event->len);
		name[ret_event->len - 1] = '\0';
	}
	return len;
}

void guard_watch_read(int fd, void (*changed)(void *userdata, const char *file), void *userdata,
		      bool *ret_is_lost)
{
	alignas(struct inotify_event) char buf[EVENTS_MAX];
	char name[GUARD_FILE_NAME_MAX];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t len = read(fd, buf, sizeof(buf));
		size_t at = 0;

		if (len <= 0)
			return;
		while (at < (size_t)len) {
			struct inotify_event event = {0};

			at += take_event(buf + at, (size_t)len - at, &event, name);
			if (event.mask &
			    (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
				*ret_is_lost = true;
			else if (name[0])
				changed(userdata, name);
		}
	}
}

int guard_page_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int guard_page_write(int fd, const void *data, size_t len)
{
	ssize_t written;

	do {
		written = pwrite(fd, data, len, 0);
	} while (written < 0 && errno == EINTR);
	if (written < 0)
		return -errno;
	return (size_t)written == len ? 0 : -EIO;
}

bool guard_page_is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || st.st_nlink == 0;
}

void guard_boot_id(char *buf, size_t size)
{
	CLEANUP_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[len > 0 ? len : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

int guard_be_realtime(int priority)
{
	const struct sched_param param = {.sched_priority = priority};

	return -pthread_setschedparam(pthread_self(), SCHED_RR | SCHED_RESET_ON_FORK, &param);
}

pid_t guard_pid(void)
{
	return getpid();
}
