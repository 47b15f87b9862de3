/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the state file that says what was seen. One that cannot be written grows old, and is none
 * then. */
#include "mysql/publish.h"

#include <haops/state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* However often it is looked. */
#define PUBLISH_MS 500

void publisher_init(struct publisher *publisher, struct haops_ctx *ctx, const char *resource)
{
	publisher->ctx = ctx;
	(void)snprintf(publisher->state, sizeof(publisher->state), SEEN_STATE, resource);
	/* Of a helper that was killed. */
	publisher->is_there = true;
}

static bool see(struct publisher *publisher, const struct haops_mysql_status *status,
		struct seen *ret_seen)
{
	char *logged = NULL;
	bool is_seen = haops_mysql_gtid_format(publisher->ctx, status->logged, &logged) == 0 &&
		       seen_describe(status, logged, ret_seen);

	free(logged);
	return is_seen;
}

/* Each one wakes who watches the folder. */
static bool is_news(const struct publisher *publisher, const struct seen *seen)
{
	return !publisher->is_there || strcmp(publisher->last.place, seen->place) != 0 ||
	       seen->at_ms - publisher->last.at_ms >= PUBLISH_MS;
}

void publish(struct publisher *publisher, const struct haops_mysql_status *status, int64_t at_ms)
{
	char text[SEEN_TEXT_MAX];
	struct seen seen;

	if (!see(publisher, status, &seen)) {
		publish_nothing(publisher);
		return;
	}
	seen.at_ms = at_ms;
	seen.login_ms = publisher->login_ms;
	if (!is_news(publisher, &seen))
		return;
	(void)seen_format(&seen, text, sizeof(text));
	publisher->is_there = true;
	publisher->last = seen;
	if (haops_state_write(publisher->ctx, publisher->state, text, strlen(text)) < 0)
		publish_nothing(publisher);
}

void publish_nothing(struct publisher *publisher)
{
	if (publisher->is_there)
		publisher->is_there = haops_state_remove(publisher->ctx, publisher->state) < 0;
}
