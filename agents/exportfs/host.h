/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXPORTFS_HOST_H
#define EXPORTFS_HOST_H

/* What the exportfs agent does with files beyond ocf/host.h. Decides nothing. */

#include "ocf/host.h"

#include <stdbool.h>
#include <sys/types.h>

/* Reads a file that is no link and belongs to root; as host_read(). */
int host_read_own(const char *path, size_t max, char **ret_text, size_t *ret_len);
/* Replaces a file as a whole, mode 0644: by a new one that is renamed. 0 or -errno. */
int host_replace(const char *path, const char *text, size_t len);
/* Takes the lock that nfs-utils take for a file (fcntl(2)); it ends with *ret_fd. 0, -EAGAIN while
 * another has it, or -errno. */
int host_lock(const char *path, int *ret_fd);
/* The file system that a path is on. */
bool host_device(const char *path, dev_t *ret_device);

#endif
