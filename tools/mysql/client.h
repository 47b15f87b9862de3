/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_CLIENT_H
#define HAOPS_MYSQL_CLIENT_H

/* The server's own client programs, as child processes with a deadline: mariadb and mariadb-binlog.
 * Accounts reach them through a file in memory, never on a command line. Each call is 0, or -errno
 * with a sentence in the context: -ENOENT the program is not installed, -EIO it failed, as it says.
 */

#include "access.h"

/* Where, and as whom: root over the socket of this node, or the replication account over TCP. */
struct client {
	const struct access *access;
	const struct db_node *node;
	bool is_local;
	int64_t deadline_ms; /* of each call */
};

/* Root's here if this process is root, else the replication account's. */
struct client client_for(const struct access *access, const struct db_node *node,
			 int64_t deadline_ms);

/* Runs statements; ret_rows is what they give, a row a line, columns with a tab between; free(). */
int client_query(struct haops_ctx *ctx, const struct client *client, const char *sql,
		 char **ret_rows);
/* Runs a script on the server of this node, as root; it ends at the first error. */
int client_apply(struct haops_ctx *ctx, const struct client *client, const char *script);

struct client_log {
	const char *position; /* everything after it */
	const char *file;     /* is there, and overwritten */
	bool is_flashback;    /* what takes it back; otherwise to be read, with decoded rows */
};

/* Writes a part of the binary log into a file. */
int client_read_log(struct haops_ctx *ctx, const struct client *client,
		    const struct client_log *log);

/* That file's content, pure: -EINVAL when a value cannot be in an option file. */
int client_options_text(const struct client *client, char *buf, size_t size);

#endif
