/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_CIB_H
#define HAOPS_MYSQL_CIB_H

/* One connection to Pacemaker's CIB; a file instead where CIB_file names one. Reads only. */

#include "facts.h"

struct cib;

/* 0, or -errno with a text: -EACCES, or Pacemaker does not answer. */
int cib_open(struct cib **ret_cib, char text[SNAPSHOT_TEXT_MAX]);
void cib_close(struct cib *cib);
/* Fills a snapshot anew, whose servers are forgotten already; see facts_read(). -EIO: Pacemaker
 * does not answer, and the snapshot is as it was. */
int cib_look(struct cib *cib, struct facts_question *question, struct snapshot *snapshot,
	     struct access *ret_access);

#endif
