/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_POSITION_H
#define HAOPS_MYSQL_POSITION_H

/* Positions of MariaDB as text: where the log of a diverged server leaves that of the primary, and
 * whether what comes after it is only that server's. Pure. */

#include "tail-scan.h"

/* After which position everything in the first's log is only its own, out of both states
 * (@@gtid_binlog_state). 0, -ENOENT: there is none (a whole log is its own), -EINVAL: a text is no
 * state, or there are too many entries. */
int position_common(const char *own, const char *primary, char *ret_position, size_t size);
/* Of each pair what both have, as a state that the own log can be said to have held: of each domain
 * the newest comes last. As above. */
int position_common_state(const char *own, const char *primary, char *ret_state, size_t size);
/* Whether each transaction of the tail is one that the state does not have. */
bool position_is_beyond(const struct tail *tail, const char *primary);

#endif
