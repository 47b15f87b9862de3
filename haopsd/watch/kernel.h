/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_WATCH_KERNEL_H
#define HAOPSD_WATCH_KERNEL_H

/* The watcher's contact with the system, and nothing decided. Results are 0 or above, or -errno;
 * no call waits, every descriptor is close-on-exec. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL_BUF_SIZE 32768

int64_t kernel_boot_ms(void); /* CLOCK_BOOTTIME */
int64_t kernel_now_ns(void);  /* CLOCK_MONOTONIC */

int kernel_inotify(void);
int kernel_inotify_add(int fd, const char *path, uint32_t mask);
void kernel_inotify_remove(int fd, int wd);
ssize_t kernel_read(int fd, void *buf, size_t size);
/* Hands each file of a directory to fn. */
int kernel_list(const char *path, void (*fn)(void *userdata, const char *file), void *userdata);
/* What tells a version of a file from another. */
int kernel_stamp(const char *dir, const char *file, uint64_t ret_stamp[3]);

/* Sockets of a network namespace: one hears of addresses and links, one asks. */
struct kernel_net {
	int listener;
	int asker;
};
int kernel_net_open(struct kernel_net *ret);
void kernel_net_close(struct kernel_net *net);
/*
 * For a namespace by name: a child enters it and sends its sockets, since there is no way back. The
 * result is its socket, readable when it has an answer; ret_id tells the namespace from a later one
 * of that name. -ENOENT: there is none.
 */
int kernel_net_child(const char *name, pid_t *ret_pid, uint64_t ret_id[2]);
/* Takes the answer: 0, or the child's -errno. */
int kernel_net_take(int fd, struct kernel_net *ret);
/* Which namespace has the name now. -ENOENT: none. */
int kernel_net_id(const char *name, uint64_t ret_id[2]);
/* Whether a child of ours is gone; kill: end it. */
bool kernel_reap(pid_t pid, bool kill_it);

int kernel_send(int fd, const void *data, size_t len);
/* One datagram of the kernel's: its length, 0 for one of somebody else's. -ENOBUFS: some were lost;
 * -EMSGSIZE: it was cut. */
ssize_t kernel_receive(int fd, void *buf);

int kernel_pidfd(pid_t pid);
/* Descriptor of the table of mounts; whether its ids are those that agents see. */
int kernel_mountinfo(bool *ret_is_host);
/* The whole file, with a NUL; free it. -EAGAIN: it changed while it was read. */
int kernel_read_mountinfo(int fd, char **ret_text);
void kernel_close(int *fd);

#endif
