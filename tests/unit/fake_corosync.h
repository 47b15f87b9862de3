/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_FAKE_COROSYNC_H
#define HAOPS_TESTS_FAKE_COROSYNC_H

/* A Corosync of one node that sends back what it is given, and has the faults that a test asks
 * for. Called by the test and by the thread of the library. */

#include "corosync.h"

#include <pthread.h>
#include <stdatomic.h>

#define FAKE_NODEID 1

struct fake_item {
	struct fake_item *next;
	enum { FAKE_MESSAGE, FAKE_CHANGE, FAKE_RING, FAKE_QUORUM } kind;
	struct group_address from; /* of a message, or who else is a member */
	enum group_cause cause;
	bool is_join;
	bool is_quorate;
	struct haops_cluster_ring ring;
	uint32_t nodes[2];
	size_t node_count;
	size_t len;
	uint8_t data[];
};

struct fake {
	/* Faults, for the test to set. */
	_Atomic int open_result;
	_Atomic int join_result;
	_Atomic int send_again;	 /* so many sends get -EAGAIN */
	_Atomic int send_losses; /* so many are taken and lost */
	atomic_bool holds;	 /* what is sent does not come back yet */
	atomic_bool blocks;	 /* calls do not return */
	atomic_bool is_inquorate;
	/* What was called. */
	_Atomic int opens, joins, sends, leaves, closes, under_way, under_way_max;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct fake_item *head, *tail;
	struct corosync_listener listener;
	int fd;
	bool is_open;
	bool is_gone;
};

extern const struct corosync_ops fake_ops;

struct fake *fake_begin(void); /* there is one */
void fake_end(void);
void fake_unblock(void);
void fake_release(void); /* ends holds: what was sent comes back */
void fake_die(void);	 /* the connection is gone */
void fake_message(struct group_address from, const void *data, size_t len);
void fake_peer(struct group_address peer, bool is_join, enum group_cause cause);
void fake_ring(uint64_t seq, size_t node_count, bool is_quorate);

#endif
