/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_LIB_NFS_H
#define HAOPS_LIB_NFS_H

/* Files of the NFS server, for nfs.c and nfs-export.c. */

#include <stddef.h>

struct haops_ctx;

/* A whole file of up to max bytes or a little more; -EFBIG. *ret_text ends with NUL, is to be
 * freed. */
int nfs_read(struct haops_ctx *ctx, const char *path, size_t max, char **ret_text);
/* By one write, as the kernel takes commands. */
int nfs_write(struct haops_ctx *ctx, const char *path, const char *text);

#endif
