/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_SESSION_H
#define HAOPS_MYSQL_SESSION_H

/* A connection to a server: one statement, or one look at it. What is to be done is the plans'
 * affair. */

#include "boundary.h"
#include "status.h"

#define SESSION_WHERE_MAX 288

struct haops_mysql {
	struct haops_ctx *ctx;
	const struct boundary *boundary;
	struct link *link; /* NULL: lost */
	struct haops_mysql_identity server;
	const struct dialect *dialect; /* NULL: it is too old */
	char where[SESSION_WHERE_MAX]; /* socket, or address and port, for sentences */
};

/* A statement, and what people may see of it: NULL for all. */
struct statement {
	const char *text;
	const char *shown;
	bool changes; /* it is logged as a change */
};

/* haops_mysql_connect() by way of any boundary. */
int session_connect(struct haops_ctx *ctx, const struct boundary *boundary,
		    const struct haops_mysql_target *target, int64_t deadline_ms,
		    struct haops_mysql **ret_mysql);

/*
 * Sends a statement. 0: the server answered, and what it refuses is an answer, too. -ETIMEDOUT,
 * -EPROTO the answer is beyond its bounds, -ENOMEM, -EIO: the connection is closed.
 */
int session_run(struct haops_mysql *mysql, const struct statement *statement, int64_t deadline_ms,
		struct answer *ret_answer);

/* Fails by what the server refused a statement with: -EACCES or -EIO. */
int session_refuse(struct haops_mysql *mysql, const struct statement *statement,
		   const struct answer *answer);

/* Looks at the server: -ENOTSUP, -EACCES, -EPROTO, -ETIMEDOUT, -ENOMEM, -EIO. */
int session_look(struct haops_mysql *mysql, int64_t deadline_ms, struct facts *ret_facts);

#endif
