/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_PLAN_H
#define HAOPS_MYSQL_PLAN_H

/* A planned move of the primary: what forbids it, and what is to be done next. Pure: looks at
 * snapshots and moments that are handed in. */

#include "problems.h"
#include "snapshot.h"

struct plan_wish {
	const char *to;
	int64_t max_lag_s; /* of the candidate */
};

/* What forbids the move, each with LEVEL_CRITICAL; what is only told, with LEVEL_WARNING. */
void plan_check(const struct snapshot *snapshot, const struct plan_wish *wish,
		struct verdict *ret_verdict);

enum plan_phase {
	PLAN_DEMOTE,  /* the old primary is still writable */
	PLAN_PROMOTE, /* nobody is */
	PLAN_FOLLOW,  /* the new one is; the old one is to replicate from it */
	PLAN_SETTLE,  /* until Pacemaker would leave it there */
	PLAN_STAY,    /* the constraint is gone: does it stay? */
	PLAN_BACK,    /* it failed, the constraint is gone: who takes writes? */
	PLAN_END
};

enum plan_result {
	PLAN_OPEN,	/* it is not over */
	PLAN_MOVED,	/* as wished */
	PLAN_ALONE,	/* moved, but the old primary does not replicate from the new one */
	PLAN_UNDONE,	/* the old primary takes writes again */
	PLAN_ELSEWHERE, /* a third one does */
	PLAN_NOBODY	/* nobody does, or it is not known */
};

enum plan_action {
	PLAN_WAIT,  /* look again soon */
	PLAN_GO_ON, /* step again at once, with this snapshot */
	PLAN_CLEAR, /* take the constraint away, then say plan_cleared() */
	PLAN_FINISH /* see plan.result */
};

#define PLAN_TEXT_MAX 768

struct plan {
	char from[SNAPSHOT_NAME_MAX];
	char to[SNAPSHOT_NAME_MAX];
	enum plan_phase phase;
	enum plan_result result;
	int64_t began_ms;
	int64_t deadline_ms;
	int64_t undo_ms;	  /* how long undoing may take */
	int64_t last_writable_ms; /* when the old one was last seen writable */
	int64_t opened_ms;	  /* when the new one was first seen writable; 0: not yet */
	int64_t known_failure_s;  /* the candidate's last failure before it began */
	bool is_closed;		  /* the old one was seen read-only */
	bool is_clearing;
	bool is_failed;
	char why[PLAN_TEXT_MAX];  /* why it failed */
	char news[PLAN_TEXT_MAX]; /* of the last step, for people; "" for none */
};

/* The move is about to be asked for. */
void plan_begin(struct plan *plan, const struct snapshot *snapshot, const char *to, int64_t now_ms,
		int64_t timeout_ms);
enum plan_action plan_step(struct plan *plan, const struct snapshot *snapshot, int64_t now_ms);
/* The operator wants no more of it, or the tools failed: undone as far as it can be. */
void plan_abort(struct plan *plan, const char *why);
void plan_cleared(struct plan *plan, int64_t now_ms);
/* How long nobody took writes, at most; -1: not known. */
int64_t plan_gap_ms(const struct plan *plan);

#endif
