/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_OUTBOX_H
#define HAOPS_CLUSTER_OUTBOX_H

/*
 * Messages of ours from the call that sends them until they come back: which is next, which are
 * under way, which must go again, which are given up. Pure; the caller locks.
 */

#include <haops/cluster.h>

struct outbox_message {
	struct outbox_message *next;
	uint64_t seq;
	uint64_t order; /* turn of its handing to Corosync; 0: it waits */
	int64_t accepted_ms;
	int64_t handed_ms;
	bool is_volatile;
	size_t len;
	uint8_t data[];
};

/* Told for each message that leaves the box: 0 it came back, or why it was given up. */
typedef void (*outbox_done_fn)(void *userdata, uint64_t seq, int result);

struct outbox {
	struct outbox_message *head;
	struct outbox_message *tail;
	uint32_t count;
	uint32_t count_max;
	uint32_t volatile_count;
	uint32_t unechoed;
	uint32_t unechoed_max;
	uint64_t last_seq;
	outbox_done_fn done;
	void *userdata;
};

/* NULL: memory is short. */
struct outbox_message *outbox_message_new(const void *data, size_t len, unsigned int flags,
					  int64_t now_ms);

/* Takes the message over and gives it a number. -EAGAIN when the box is full: it is still the
 * caller's. */
int outbox_add(struct outbox *box, struct outbox_message *message);

/* The message that may be handed over now; NULL when none waits or too many are under way. It stays
 * in place until one of the calls below takes it out, so it can be read without the lock by whoever
 * makes these calls. */
struct outbox_message *outbox_next(const struct outbox *box);

/* It was handed to Corosync, as the order-th thing since the last reset. */
void outbox_handed(struct outbox *box, struct outbox_message *message, uint64_t order,
		   int64_t now_ms);

/* A message came back; its order, 0 when it was not under way. What was handed over before it
 * and did not come back never will (Corosync keeps the order): outbox_lost() tells. */
uint64_t outbox_echo(struct outbox *box, uint64_t seq);

/* Whatever was handed over before this order is lost: volatile ones are given up, others wait
 * again. Returns how many. */
unsigned int outbox_lost(struct outbox *box, uint64_t order);

/* Volatile messages that wait for longer than age_ms are given up. */
void outbox_expire(struct outbox *box, int64_t now_ms, int64_t age_ms);

/* The connection is gone: everything under way is lost, and volatile ones that wait, too. */
void outbox_reset(struct outbox *box);

/* Gives up all (-ECANCELED). */
void outbox_clear(struct outbox *box);

/* When the oldest message under way was handed over; 0 when none is. */
int64_t outbox_oldest_ms(const struct outbox *box);

#endif
