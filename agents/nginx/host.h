/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_HOST_H
#define NGINX_HOST_H

/* What the nginx agent looks at on its host beyond ocf/host.h. */

#include "nginx/verdict.h"
#include "ocf/host.h"

#include <stdbool.h>
#include <sys/types.h>

/* How a file is now; all 0 if it is not there. */
struct file_stamp host_stamp(const char *path);
/* The clock of file times. */
uint64_t host_clock_ns(void);
/* Calls fn with each path that matches a pattern, until it returns another number than 0. That
 * number, or -errno. */
int host_glob(const char *pattern, int (*fn)(const char *path, void *userdata), void *userdata);
/* The children of a process, the eldest first, up to max of them. Returns how many, or -errno if
 * the kernel does not tell. */
int host_children(pid_t pid, pid_t *ret_children, size_t max);

/* Calls fn with the number of each socket that a process has open, until it returns true: 1 then, 0
 * when it did for none (or the process has ended), or -errno. */
int host_find_socket(pid_t pid, bool (*fn)(unsigned long inode, void *userdata), void *userdata);

#endif
