/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_H
#define HAOPS_MYSQL_PLAN_H

/*
 * What to do next on a server. A plan is a pure function: it is shown what was seen and what it has
 * done so far, and says one step. So one that was interrupted anywhere begins anew, and finds what
 * is left to do. runner.c carries the steps out.
 */

#include "status.h"

#define PLAN_SENTENCE_MAX 384

enum step_kind {
	STEP_DONE,
	STEP_RUN,   /* a statement */
	STEP_PAUSE, /* then look again; past the deadline, the operation has failed */
	STEP_REFUSE
};

struct step {
	enum step_kind kind;
	char *statement; /* RUN; the runner frees it */
	const char
		*shown; /* RUN: what may be logged of it; NULL: all. Its end is not the plan's. */
	bool changes;	/* RUN: something of the server is changed */
	bool may_fail;	/* RUN: an error of the server is an answer for the plan */
	bool looks;	/* RUN: when it was done, look at the server before the next step */
	int64_t pause_ms;
	int err;			  /* REFUSE, and PAUSE when time is up (0: ETIMEDOUT) */
	char sentence[PLAN_SENTENCE_MAX]; /* the same */
};

struct view {
	const struct dialect *dialect;
	const struct facts *facts;   /* as of the last look */
	const struct answer *answer; /* to the last statement; NULL: none since that look */
	int64_t now_ms;
	int64_t deadline_ms;
};

/* 0, or -ENOMEM. memory is the plan's: what is wanted, and what it has done. */
typedef int (*plan_next_fn)(void *memory, const struct view *view, struct step *ret_step);

/* Steps; each returns 0 or -ENOMEM. */
int step_done(struct step *step);
int step_refuse(struct step *step, int err, const char *fmt, ...) HAOPS_PRINTF(3, 4);
int step_pause(struct step *step, int64_t pause_ms, const char *fmt, ...) HAOPS_PRINTF(3, 4);

/* A change, and then a look. text comes from malloc(); NULL: memory is short. */
int step_change(struct step *step, char *text);
int step_word(struct step *step, const struct view *view, enum word word);

/* A setting of which nothing else depends: no look. */
int step_set(struct step *step, char *text);

#endif
