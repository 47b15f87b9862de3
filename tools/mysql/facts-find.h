/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_FACTS_FIND_H
#define HAOPS_MYSQL_FACTS_FIND_H

/* The database among Pacemaker's resources. */

#include "facts.h"

/* One of its instances, as facts_read(). */
int facts_find(const pe_working_set_t *cluster, struct facts_question *question,
	       const pe_resource_t **ret_resource);
/* The primitive's name, without the number of an instance that is like the others. */
void facts_name(const pe_resource_t *resource, char name[SNAPSHOT_NAME_MAX]);
/* The clone or group around it, or itself. */
const pe_resource_t *facts_top(const pe_resource_t *resource);

/* Each instance of each database. */
typedef void facts_visit(const pe_resource_t *resource, void *userdata);
void facts_each(const GList *resources, facts_visit *visit, void *userdata);

#endif
