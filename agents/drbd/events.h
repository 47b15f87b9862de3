/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_EVENTS_H
#define DRBD_EVENTS_H

/* Reads what "drbdsetup events2 --now" prints, of DRBD 8.4 and of DRBD 9. Pure. */

#include "drbd/state.h"

/* An estimate beyond that is none: DRBD divides by next to nothing. */
#define EVENTS_LEFT_MAX_S 315360000

/*
 * Fills the state of that resource. 0; -EAGAIN: the text ends before the dump does, so that what
 * is missing in it says nothing; -EBADMSG: a line is not understood; -E2BIG: more volumes or peers
 * than there is room for. *ret_state is changed in any case.
 */
int events_read(const char *text, const char *resource, struct state *ret_state);

/* The next resource that the text tells of behind *at, which begins at the text; false: there is no
 * more. One may be named twice. */
bool events_next(const char **at, char ret_name[STATE_NAME_MAX]);

#endif
