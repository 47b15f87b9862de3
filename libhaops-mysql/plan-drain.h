/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_DRAIN_H
#define HAOPS_MYSQL_PLAN_DRAIN_H

/* Applying all that was received: in which order threads are started and stopped. Pure. */

#include "plan.h"

struct drain {
	/* wanted */
	struct haops_ctx *ctx; /* for sets only: nothing is reached by it */
	int64_t stall_ms;      /* 0: none */
	bool stops;	       /* both threads, in the end */
	haops_mysql_progress_fn progress;
	void *userdata;

	/* done so far; zeros at first */
	bool has_begun;
	bool is_started;		 /* we started the applier */
	struct haops_mysql_gtid *target; /* all that was ever seen as received */
	uint64_t left_at_first;
	uint64_t left;
	uint64_t changed_rows;
	int64_t moved_ms; /* when it moved on last */
	int64_t told_ms;  /* when the caller was told last */
};

int plan_drain(void *drain, const struct view *view, struct step *ret_step);
void plan_drain_done(struct drain *drain);

/* Whether a replica has nothing left to apply, and nothing comes in; else refuses with EBUSY. */
bool plan_is_drained(const struct facts *facts, struct step *step);

#endif
