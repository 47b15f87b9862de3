/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_WATCH_NAME_H
#define HAOPS_WATCH_NAME_H

/* Which state file a resource's watch record is. Pure. "watch-NAME", or for a name that is too long
 * for that, "watch.HASH-BEGINNING": what the record itself says decides then whose it is. */

#include "state-name.h"

void watch_name_state(const char *resource, char ret_name[STATE_NAME_MAX + 1]);
/* Whether a file of the run directory is a whole record; its state name then. */
bool watch_name_of_file(const char *file, char ret_name[STATE_NAME_MAX + 1]);

#endif
