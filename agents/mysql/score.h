/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_SCORE_H
#define MYSQL_SCORE_H

/*
 * The promotion score of a node. Ranks, since Pacemaker makes one of everything from 1,000,000 up;
 * and the same as long as nothing changes, since each change interrupts what Pacemaker is doing.
 * Pure.
 */

#include "mysql/memory.h"

#include <haops/mysql.h>

#define SCORE_NEVER (-1000000)
#define SCORE_PRIMARY 2000
#define SCORE_SAFE 900	  /* less 10 for each place in the list of nodes */
#define SCORE_LAGGING 600 /* the same */
#define SCORE_BEHIND 300  /* the same: no member of the safe set yet */
#define SCORE_STEP 10
#define SCORE_PLACES 25

struct score_view {
	const struct memory *memory;
	const char *own;
	const struct haops_mysql_status *status;
	enum haops_mysql_durability durability;
	size_t place;	   /* in the list of nodes, from 0 */
	int64_t max_lag_s; /* 0: no limit */
	/* Nobody is primary: what an election says of this node; else NULL. */
	const struct haops_mysql_decision *decision;
};

/* False: no score, so that it is not promoted; what is known does not suffice. */
bool score_decide(const struct score_view *view, int *ret_score);

#endif
