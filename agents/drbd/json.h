/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_JSON_H
#define DRBD_JSON_H

/* Reads what "drbdsetup status --json" of DRBD 9 prints (8.4 has no such form). Pure. */

#include "drbd/state.h"

/* As events_read(): 0, -EBADMSG or -E2BIG. A resource that is not in it is not configured. */
int json_read(const char *text, const char *resource, struct state *ret_state);

#endif
