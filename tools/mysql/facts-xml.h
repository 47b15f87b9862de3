/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_FACTS_XML_H
#define HAOPS_MYSQL_FACTS_XML_H

/* What Pacemaker's status code keeps to itself, out of the CIB's XML; and secrets out of files. */

#include "snapshot.h"

#include <libxml/tree.h>

/* The last failure of the resource on a node. */
void facts_failure(xmlNode *cib, const char *resource, struct db_node *node);
/* A constraint that crm_resource made for an earlier move or ban, and that has not expired. */
void facts_constraint(xmlNode *cib, struct snapshot *snapshot);
/* What the agent has put into the CIB for the resource, as lines NAME<TAB>VALUE; NULL: memory is
 * short. free() it. */
char *facts_memory(xmlNode *cib, const char *resource);
/* A value that cibsecret(8) keeps outside of the CIB is read from there; others stay as they are.
 */
void facts_secret(const char *resource, const char *name, char *value, size_t size);

#endif
