/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_SAFE_SET_H
#define MYSQL_SAFE_SET_H

/*
 * How the safe set S follows the replicas: the next step of the primary, and whether a replica may
 * acknowledge. Keeps the invariant of docs/decisions/0008: every acknowledged write is on two
 * members of S at least, or on the primary alone if S has no other. Pure.
 */

#include "mysql/memory.h"

#include <haops/mysql.h>

/* What Pacemaker says of a node's server. */
enum safe_presence {
	SAFE_UNKNOWN, /* unclean, pending, or not told: it may run */
	SAFE_DOWN,    /* the node is off and not unclean, or the resource was stopped on it */
	SAFE_UP
};

struct safe_peer {
	const char *node;
	enum safe_presence presence;
	const struct haops_mysql_status *status; /* NULL: it does not answer */
	uint64_t instance;			 /* the run of its server, with status */
	bool follows; /* it replicates from this primary, both threads without an error */
};

struct safe_view {
	const struct memory *memory;
	const char *own; /* the primary */
	/* Its own: asked for after where the peers are, so that it holds all that one which is down
	 * ever acknowledged; and before what they have, so that who has all of it still has. */
	const struct haops_mysql_status *status;
	enum haops_mysql_durability durability;
	const struct safe_peer
		*peers; /* all other nodes that may have data; each member of S is one */
	size_t peer_count;
	/*
	 * Commits wait, and none was acknowledged for a while although replicas do. A replica that
	 * begins to acknowledge says nothing of what it had received before; and behind two groups
	 * of commits that wait no further one is logged, whose acknowledgement would be theirs.
	 */
	bool is_stuck;
};

enum safe_step {
	SAFE_NONE,     /* nothing is to be done now */
	SAFE_WAIT_ON,  /* commits are to wait for a replica from now on; then ask again */
	SAFE_WAIT_OFF, /* commits are to wait no more: S has no replica, or nobody wants them to */
	SAFE_PUBLISH   /* the memory is to become what ret_memory holds: written and read back */
};

/*
 * ret_memory: what is to be published. ret_reason: for the log.
 *
 * A grant is for one run of a server, so that one that was down when its membership ended, and is
 * just being started, cannot acknowledge by an old one.
 */
enum safe_step safe_set_next(const struct safe_view *view, struct memory *ret_memory,
			     char *ret_reason, size_t size);

/* Whether the run of the own server may acknowledge what it receives: the primary has granted it.
 */
bool safe_set_may_ack(const struct memory *memory, const char *own, uint64_t instance,
		      const struct haops_mysql_status *status);

#endif
