/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_BOUNDARY_H
#define HAOPS_MYSQL_BOUNDARY_H

/*
 * The boundary to the servers: every contact with libmariadb goes through this table, and nothing
 * but boundary-libmariadb.c implements it for real. A test has a table of its own.
 */

#include "answer.h"

#include <haops/mysql.h>

struct link; /* a connection */

struct boundary {
	/*
	 * 0, -ETIMEDOUT or -ENOMEM. -EIO: refused or impossible, and the answer says why: a number
	 * of the server, or one of the client's own (2000 and above), with its text.
	 */
	int (*connect)(struct haops_ctx *ctx, const struct haops_mysql_target *target,
		       int64_t deadline_ms, struct link **ret_link, struct answer *ret_answer);

	/*
	 * 0: the server answered; a refusal is an answer, too, see its code. Otherwise the
	 * connection is of no use any more: -ETIMEDOUT, -ENOMEM, -EMSGSIZE the answer is beyond its
	 * bounds, -EIO it is lost.
	 */
	int (*query)(struct link *link, const char *statement, int64_t deadline_ms,
		     struct answer *ret_answer);

	/* What the server said it is in the handshake; valid as long as the connection. */
	const char *(*server_text)(const struct link *link);

	/* Waits for nothing. */
	void (*close)(struct link *link);
};

extern const struct boundary boundary_libmariadb;

#endif
