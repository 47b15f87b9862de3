/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_SESSIONS_H
#define HAOPS_MYSQL_SESSIONS_H

/* Which sessions of SHOW PROCESSLIST belong to clients. Pure. */

#include "answer.h"

struct sessions {
	uint64_t *ids; /* of clients that are not being killed yet */
	size_t count;
	uint64_t highest;  /* of all that are listed */
	uint64_t last_old; /* highest of the clients up to a given number, 0 for none */
};

/*
 * Those of clients: neither of the server itself, nor of replicas that fetch the log, nor our own.
 * last_old is about those up to old_max. 0, -EPROTO or -ENOMEM.
 */
int sessions_read(const struct answer *answer, uint64_t own_id, uint64_t old_max,
		  struct sessions *ret_sessions);
void sessions_done(struct sessions *sessions);

#endif
