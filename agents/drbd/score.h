/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_SCORE_H
#define DRBD_SCORE_H

/* The promotion score by the state of the disks, and when a change of it is told. Pure. */

#include "drbd/facts.h"

#include <stdint.h>

/* adjust_master_score: four numbers, none below the one before it. */
struct score_values {
	int consistent; /* data that may not be the newest */
	int remote;	/* good data, but of a peer */
	int alone;	/* good data; what the peer has is not known */
	int good;	/* good data, and none is better */
};

/* NULL, or what is wrong with it as the end of a sentence. */
const char *score_read(const char *text, struct score_values *ret_values);

enum score_kind {
	SCORE_KEEP, /* a passing state: what was told last stays */
	SCORE_NONE, /* is not to be promoted */
	SCORE_SET
};

struct score_view {
	const struct facts *facts;
	struct score_values values;
	bool is_proven; /* only Consistent, but the cluster remembers that nobody has newer data */
	bool takes_remote;	 /* promote works on the data of a peer alone, too */
	bool hides_from_primary; /* no score while a peer that has good data is Primary */
};

enum score_kind score_decide(const struct score_view *view, int *ret_score);

/*
 * A lower score is told once the state has lasted: at the moment a peer is lost, each change of an
 * attribute would interrupt the failover that is about to use it. lower_since_ms: since when it
 * is lower than told, -1 if it was not until now. Loss of all score is never held back.
 */
#define SCORE_LASTS_MS 30000
bool score_is_due(int told, int score, int64_t lower_since_ms, int64_t now_ms);

#endif
