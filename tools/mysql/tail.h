/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_TAIL_H
#define HAOPS_MYSQL_TAIL_H

/* The end of a server's binary log, kept in a file for people. */

#include "client.h"
#include "tail-scan.h"

#define TAIL_FOLDER "/var/lib/haops/mysql"
#define TAIL_PATH_MAX SNAPSHOT_TEXT_MAX

/* Makes an empty file with a name of its own in the folder of the resource, which only root can
 * read: RESOURCE/NODE-TIME-KIND. 0 or -errno with a sentence. */
int tail_make_file(struct haops_ctx *ctx, const char *resource, const char *node, const char *kind,
		   char ret_path[TAIL_PATH_MAX]);
/* Reads the kept text. 0 or -errno with a sentence. */
int tail_read(struct haops_ctx *ctx, const char *path, struct tail *ret_tail);
/* A whole file as text, up to a size: -EFBIG, -EINVAL when a NUL is in it. free() it. */
int tail_load(struct haops_ctx *ctx, const char *path, size_t max, char **ret_text);

#endif
