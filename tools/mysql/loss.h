/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_LOSS_H
#define HAOPS_MYSQL_LOSS_H

/* Whether there is a loss to be accepted, and what is known of it. Pure. */

#include "snapshot.h"
#include "writer.h"

/* False: why there is nothing to accept, and what to do instead. now: each node judged without
 * the acceptance; then: with it. */
bool loss_is_open(const struct snapshot *now, const struct snapshot *then,
		  char ret_why[SNAPSHOT_TEXT_MAX]);
/* What is known to be lost with each node that could be promoted then. */
void loss_view(struct writer *writer, const struct snapshot *then);

#endif
