/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_REMEMBER_H
#define HAOPS_MYSQL_REMEMBER_H

/* What the CIB remembers of a resource, into a snapshot. Pure. */

#include "snapshot.h"

/* text: lines NAME<TAB>VALUE, as the agent's codec reads them. What is not understood is told in
 * damage. */
void remember(struct snapshot *snapshot, const char *text);

#endif
