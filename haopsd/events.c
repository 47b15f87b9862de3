/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of the last events. Formats nothing, reads no clock. */
#include "events.h"

#include <stdio.h>

void events_add(struct events *events, enum heart_level level, int64_t wall_ms, const char *text)
{
	struct status_event *event = &events->list[events->next];

	event->wall_ms = wall_ms;
	event->level = level;
	(void)snprintf(event->text, sizeof(event->text), "%s", text);
	events->next = (events->next + 1) % STATUS_EVENTS_MAX;
	if (events->count < STATUS_EVENTS_MAX)
		events->count++;
}

size_t events_copy(const struct events *events, struct status_event *ret_list)
{
	size_t first = (events->next + STATUS_EVENTS_MAX - events->count) % STATUS_EVENTS_MAX;

	for (size_t i = 0; i < events->count; i++)
		ret_list[i] = events->list[(first + i) % STATUS_EVENTS_MAX];
	return events->count;
}
