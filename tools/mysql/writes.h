/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_WRITES_H
#define HAOPS_MYSQL_WRITES_H

/* Statements that have been changing data for long: the question to the server, and its answer.
 * Pure. */

#include "snapshot.h"

/* Its first row is whether the account may see the sessions of others. */
extern const char writes_question[];
void writes_read(const char *rows, struct long_writes *ret_writes);

#endif
