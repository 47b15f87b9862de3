/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_TABLES_H
#define HAOPS_MYSQL_TABLES_H

/* Whether the rows of a tail can be taken back exactly, by what the server says of their tables.
 * Pure. */

#include "tail-scan.h"

/* The question: name, number of columns, engine, foreign keys that change other rows. 0, or
 * -ENOSPC. */
int tables_question(const struct tail *tail, char *buf, size_t size);
/* The answer's verdict. False: what forbids it, as a sentence. */
bool tables_allow(const struct tail *tail, const char *rows, char *ret_why, size_t size);

#endif
