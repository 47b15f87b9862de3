/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_GUARD_SYSTEM_H
#define HAOPSD_GUARD_SYSTEM_H

/* What the guard wants of the system: clock, tick, wake-ups, the watched directory, its page.
 * 0, a descriptor, or -errno. */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GUARD_FILE_NAME_MAX 256

int64_t guard_boottime_ms(void);
/* A descriptor that is readable every tick_ms. */
int guard_tick_new(int64_t tick_ms);
int guard_tick_set(int fd, int64_t tick_ms);
/* A descriptor that guard_wake() makes readable. */
int guard_wake_new(void);
void guard_wake(int fd);
/* Empties one of the above. */
void guard_drain(int fd);
/* Waits until one is readable. */
void guard_wait(struct pollfd *fds, size_t count);

/* inotify. read: the next names that changed; is_lost: changes were lost, or the directory went:
 * look at all of it, and watch it anew. */
int guard_watch_new(void);
int guard_watch_dir(int fd, const char *path);
void guard_watch_read(int fd, void (*changed)(void *userdata, const char *file), void *userdata,
		      bool *ret_is_lost);

/* The page, which is there already: opened, and written in place. */
int guard_page_open(const char *path);
int guard_page_write(int fd, const void *data, size_t len);
bool guard_page_is_gone(int fd);
/* "" when it cannot be read. */
void guard_boot_id(char *buf, size_t size);

/* Real-time priority for the calling thread; 0 or -errno. */
int guard_be_realtime(int priority);
pid_t guard_pid(void);

#endif
