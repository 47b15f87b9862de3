/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_AGENDA_H
#define HAOPSD_AGENDA_H

/* What is to be done when: one time for each kind of job, so that one timer serves all. Pure. */

#include <stdint.h>

enum agenda_job {
	JOB_BEAT,     /* send a heartbeat */
	JOB_HEART,    /* let the clock decide about peers */
	JOB_LOSSES,   /* report losses, look again */
	JOB_LINKS,    /* ask Corosync for its links */
	JOB_CARRIER,  /* look at our own interfaces */
	JOB_WATCHDOG, /* a sign of life for the service manager */
	JOB_FENCE,    /* hand a silent peer to fencing */
	JOB_SLOW,     /* each 5 s: what needs no hurry */
	JOB_COUNT
};

#define AGENDA_NEVER INT64_MAX

struct agenda {
	int64_t due_ms[JOB_COUNT];
};

void agenda_clear(struct agenda *agenda);
/* At that time, instead of the one that was set. */
void agenda_set(struct agenda *agenda, enum agenda_job job, int64_t due_ms);
/* At that time, unless it is due earlier. */
void agenda_hurry(struct agenda *agenda, enum agenda_job job, int64_t due_ms);
/* Takes one job that is due; JOB_COUNT when none is. */
enum agenda_job agenda_take(struct agenda *agenda, int64_t now_ms);
int64_t agenda_next_ms(const struct agenda *agenda);
/* The next time of something periodic: on its grid, and never in the past. */
int64_t agenda_grid_ms(int64_t due_ms, int64_t interval_ms, int64_t now_ms);

#endif
