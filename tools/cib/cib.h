/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_CIB_H
#define HAOPS_CIB_H

/* What the files of haops-cib share. */

#include "options.h"

#include <crm/cib.h>

/* Exit codes. */
enum cib_exit {
	CIB_DONE = 0,
	CIB_FAILED = 1,
	CIB_USAGE = 2,
	CIB_UNKNOWN = 3,  /* no answer in time: what was to be written may be written or not */
	CIB_NO_QUORUM = 4 /* nothing was written */
};

/* One line on standard error; returns code. */
enum cib_exit cib_complain(enum cib_exit code, const char *what, int rc);
/* A value as one line: what would end it is replaced. */
void cib_print_text(const char *text);

/* set.c */
enum cib_exit cib_get_set(cib_t *cib, const struct options *options);
enum cib_exit cib_set_set(cib_t *cib, const struct options *options);

/* nodes.c */
enum cib_exit cib_print_nodes(cib_t *cib, const struct options *options);

#endif
