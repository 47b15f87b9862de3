/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_VERDICT_H
#define DRBD_VERDICT_H

/* Whether a node may be promoted, by its state, what the cluster remembers, and how DRBD is
 * configured. Pure. */

#include "drbd/facts.h"

/* What the cluster's memory says of the own data. */
enum verdict_memory {
	VERDICT_NO_MEMORY,  /* it is not used: not under Pacemaker, or switched off */
	VERDICT_UNREADABLE, /* used, and not known now */
	VERDICT_NOTHING,    /* nobody was promoted yet, or it cannot be compared */
	VERDICT_HAS_ALL,    /* the own data is the last Primary's, or comes after it */
	VERDICT_LACKS	    /* the last Primary had data that is not here */
};

struct verdict_view {
	const struct facts *facts;
	enum verdict_memory memory;
	bool was_primary; /* by the memory this node was Primary last, and no other since */
	bool is_stale_allowed;
	bool has_fencing;	/* fencing and its handler are configured, or quorum */
	bool has_quorum_option; /* DRBD 9: DRBD itself proves that nobody else has newer data */
	bool requires_fencing;
	bool takes_remote;
	bool allows_two_primaries;
	bool connects_later; /* it is connected after it was promoted only */
};

enum verdict {
	VERDICT_MAY,
	VERDICT_IS_PRIMARY,
	/* May pass by itself: look again. */
	VERDICT_TRANSITION,
	VERDICT_UNKNOWN_MEMORY,
	/* DRBD is asked all the same: it finds out whether that peer still lives. */
	VERDICT_PEER_PRIMARY,
	/* From here on it is refused. */
	VERDICT_NOT_CONFIGURED,
	VERDICT_NO_QUORUM,
	VERDICT_STANDALONE,
	VERDICT_NO_REMOTE,
	VERDICT_NO_DISK,
	VERDICT_INCONSISTENT,
	VERDICT_SYNCING,
	VERDICT_OUTDATED,
	VERDICT_CONSISTENT,
	VERDICT_PEER_WAS_PRIMARY,
	VERDICT_STALE,
	VERDICT_NO_FENCING
};

enum verdict verdict_decide(const struct verdict_view *view);
bool verdict_is_refusal(enum verdict verdict);
/* Whether the memory matters at all: it costs two programs to ask. */
bool verdict_needs_memory(const struct facts *facts);
/* The exit reason: at most 128 bytes with names of usual length. primary: who was it last. */
void verdict_reason(enum verdict verdict, const char *resource, const char *primary, char *buf,
		    size_t size);

#endif
