/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MYSQL_PUBLISH_H
#define HAOPSD_MYSQL_PUBLISH_H

/* Lets monitors know what a look found: see libhaops-mysql/seen.h. */

#include "seen.h"

struct publisher {
	struct haops_ctx *ctx;
	char state[SEEN_STATE_MAX];
	bool is_there;
	struct seen last; /* that was written */
	int64_t login_ms; /* the caller's: when it asked to be let in the last time that it was */
};

void publisher_init(struct publisher *publisher, struct haops_ctx *ctx, const char *resource);
/* What was asked for at that time. Nothing, if the server is not in its place. */
void publish(struct publisher *publisher, const struct haops_mysql_status *status, int64_t at_ms);
void publish_nothing(struct publisher *publisher);

#endif
