/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_OUTDATE_H
#define HAOPSD_OUTDATE_H

/*
 * Peer outdate, what Heartbeat's dopd did: asks the peer's haopsd to outdate its disk of a DRBD
 * resource, and does so when asked. Exit codes are those of DRBD's fence-peer handler.
 */

#include "heart/message.h"

#include <haops/haops.h>
#include <qb/qbloop.h>

/* DRBD goes on with 3, 4 and 5: it takes the peer's disk for outdated or worse from then on. */
#define OUTDATE_PEER_INCONSISTENT 3
#define OUTDATE_PEER_OUTDATED 4
#define OUTDATE_PEER_UNREACHABLE 5 /* its node is certainly not in the cluster */
#define OUTDATE_PEER_PRIMARY 6
/* Not known: DRBD must not go on. */
#define OUTDATE_FAILED 1

struct outdate;

/* All but event are needed. */
struct outdate_handlers {
	int (*send)(void *userdata, const struct message *message); /* 0 or -errno */
	/* Answer to outdate_ask(): an exit code for DRBD. */
	void (*answered)(void *userdata, uint64_t id, int exit_code, const char *text);
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
	/* Whether a node is certainly not in the cluster: we are in a quorate ring without it, ring
	 * and quorum agree, and no pause of our own puts that in doubt. Asked again and again
	 * while a question to the node waits. Nothing else makes the answer UNREACHABLE: on
	 * it DRBD goes on alone, so that a node that is merely cut off must not get it. */
	bool (*is_gone)(void *userdata, uint32_t nodeid);
};

int outdate_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct outdate_handlers *handlers,
		void *userdata, struct outdate **ret_outdate);
/* Another drbdadm than /usr/sbin/drbdadm: absolute path; NULL for that one. 0 or -ENOMEM. */
int outdate_set_drbdadm(struct outdate *outdate, const char *path);
/* Questions that wait are not answered any more. */
void outdate_free(struct outdate *outdate);
/* Asks a node; answered() tells its answer once, never from within this call. -EINVAL: resource is
 * no name of one; -EAGAIN: too many questions wait; -ENOMEM; or what send() said. */
int outdate_ask(struct outdate *outdate, uint32_t nodeid, const char *resource, int64_t timeout_ms,
		uint64_t *ret_id);
/* A message of type MESSAGE_OUTDATE_*; from is the sender's node. */
void outdate_message(struct outdate *outdate, const struct message *message, uint32_t from,
		     uint32_t own_nodeid);
/* A node left: is_gone() is asked now for the questions to it, rather than a little later. */
void outdate_node_gone(struct outdate *outdate, uint32_t nodeid);

#endif
