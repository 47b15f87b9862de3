/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_SEEN_H
#define HAOPS_CLUSTER_SEEN_H

/*
 * Which messages were received already, by incarnation and number: a message whose sender lost its
 * Corosync before it came back is sent again. Pure; its size is fixed.
 */

#include <stdbool.h>
#include <stdint.h>

/* Incarnations that are remembered: all members, and as many that were here lately. */
#define SEEN_MAX 256
/* How far back from the highest number a late one is still told from a double. More than what can
 * be under way at once (HAOPS_CLUSTER's unechoed_max). */
#define SEEN_WINDOW 256

struct seen_sender {
	uint64_t incarnation; /* 0: free */
	uint64_t last;	      /* highest number */
	uint64_t bits[SEEN_WINDOW / 64];
	uint64_t used; /* turn of the last message */
};

struct seen {
	struct seen_sender senders[SEEN_MAX];
	uint64_t turn;
};

/* Whether this message is new; from now on it is not. */
bool seen_is_new(struct seen *seen, uint64_t incarnation, uint64_t seq);

#endif
