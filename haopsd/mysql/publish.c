/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the state file that says what was seen. One that cannot be written grows old, and is none
 * then. */
#include "mysql/publish.h"

#include <haops/state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void publisher_init(struct publisher *publisher, struct haops_ctx *ctx, const char *resource)
{
	publisher->ctx = ctx;
	(void)snprintf(publisher->state, sizeof(publisher->state), SEEN_STATE, resource);
	/* Of a helper that was killed. */
	publisher->is_there = true;
}

void publish(struct publisher *publisher, const struct haops_mysql_status *status, int64_t at_ms)
{
	char text[SEEN_TEXT_MAX];
	char *logged = NULL;
	struct seen seen;

	if (haops_mysql_gtid_format(publisher->ctx, status->logged, &logged) < 0 ||
	    !seen_describe(status, logged, &seen)) {
		free(logged);
		publish_nothing(publisher);
		return;
	}
	free(logged);
	seen.at_ms = at_ms;
	seen.login_ms = publisher->login_ms;
	(void)seen_format(&seen, text, sizeof(text));
	publisher->is_there = true;
	if (haops_state_write(publisher->ctx, publisher->state, text, strlen(text)) < 0)
		publish_nothing(publisher);
}

void publish_nothing(struct publisher *publisher)
{
	if (publisher->is_there)
		publisher->is_there = haops_state_remove(publisher->ctx, publisher->state) < 0;
}
