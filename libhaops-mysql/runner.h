/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_RUNNER_H
#define HAOPS_MYSQL_RUNNER_H

/* Carries a plan out on a server: looks, does a step, looks again. */

#include "plan.h"
#include "session.h"

#define OPERATION_CODES_MAX 8

struct operation {
	const char *name;
	plan_next_fn next;
	/* errno values that its callers know; any other one becomes EIO. */
	int codes[OPERATION_CODES_MAX];
	/* EACCES is about another server: what this one does not allow is EIO. */
	bool is_denied_elsewhere;
};

/* 0, or a code of the operation. */
int runner_run(struct haops_mysql *mysql, const struct operation *operation, void *memory,
	       int64_t deadline_ms);

#endif
