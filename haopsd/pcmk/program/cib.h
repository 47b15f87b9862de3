/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_CIB_H
#define HAOPSD_PCMK_CIB_H

/*
 * The connection to the CIB, and what Pacemaker's status code makes of its content: kept until the
 * CIB changes, made anew after a short rest, or at once when it is wanted.
 */

#include "program.h"

#include <crm/pengine/status.h>

/* -ENOMEM */
int cib_open(struct program *program, struct cib **ret_cib);
void cib_close(struct cib *cib);
/* Connects when it is not; 0 or -errno. May block, see program.h. */
int cib_connect(struct cib *cib);
void cib_disconnect(struct cib *cib);
bool cib_is_connected(const struct cib *cib);
/* The cluster as of now; valid until the loop is entered again. NULL: the CIB does not answer. */
const pe_working_set_t *cib_cluster(struct cib *cib);
/* What was worked out may be out of date although the CIB did not change, if it is older than a
 * second or so: time alone ends a failure, or a rule. */
void cib_doubt(struct cib *cib);

#endif
