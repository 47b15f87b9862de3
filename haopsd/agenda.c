/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of jobs. Runs nothing, reads no clock. */
#include "agenda.h"

void agenda_clear(struct agenda *agenda)
{
	for (int i = 0; i < JOB_COUNT; i++)
		agenda->due_ms[i] = AGENDA_NEVER;
}

void agenda_set(struct agenda *agenda, enum agenda_job job, int64_t due_ms)
{
	agenda->due_ms[job] = due_ms;
}

void agenda_hurry(struct agenda *agenda, enum agenda_job job, int64_t due_ms)
{
	if (due_ms < agenda->due_ms[job])
		agenda->due_ms[job] = due_ms;
}

enum agenda_job agenda_take(struct agenda *agenda, int64_t now_ms)
{
	for (int i = 0; i < JOB_COUNT; i++) {
		if (agenda->due_ms[i] > now_ms)
			continue;
		agenda->due_ms[i] = AGENDA_NEVER;
		return (enum agenda_job)i;
	}
	return JOB_COUNT;
}

int64_t agenda_next_ms(const struct agenda *agenda)
{
	int64_t next = AGENDA_NEVER;

	for (int i = 0; i < JOB_COUNT; i++) {
		if (agenda->due_ms[i] < next)
			next = agenda->due_ms[i];
	}
	return next;
}

int64_t agenda_grid_ms(int64_t due_ms, int64_t interval_ms, int64_t now_ms)
{
	/* What was done early begins a grid of its own. */
	int64_t next = (due_ms < now_ms ? due_ms : now_ms) + interval_ms;

	return next > now_ms ? next : now_ms + interval_ms;
}
