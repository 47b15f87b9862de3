/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_FACTS_H
#define HAOPS_MYSQL_FACTS_H

/* What Pacemaker's state says of a resource of agent ocf:haops:mysql. Asks nobody. */

#include "access.h"

#include <crm/pengine/status.h>

struct facts_question {
	const char *resource;	      /* the primitive or its clone; NULL: the only one */
	const char *own;	      /* this node's name */
	char text[SNAPSHOT_TEXT_MAX]; /* why there is no answer */
};

/* Fills a zeroed snapshot's Pacemaker part. 0, or -ENOENT (no such resource) or -ENOTUNIQ (there
 * are several) with a text. */
int facts_read(pe_working_set_t *cluster, struct facts_question *question,
	       struct snapshot *snapshot, struct access *ret_access);

#endif
