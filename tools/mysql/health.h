/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_HEALTH_H
#define HAOPS_MYSQL_HEALTH_H

/* How well a database cluster is, and what is wrong, in sentences; the worst come first. Pure. */

#include "problems.h"
#include "snapshot.h"

void health_judge(const struct snapshot *snapshot, struct verdict *ret_verdict);
/* In one word each. */
const char *health_presence_name(enum presence presence);
const char *health_role_name(enum role role);
const char *health_thread_name(enum haops_mysql_thread thread);

#endif
