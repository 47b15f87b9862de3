/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_DRBDNAME_H
#define HAOPSD_PCMK_DRBDNAME_H

/*
 * What may be given to drbdadm as the name of a resource. Pure.
 */

#include <stdbool.h>

/* Bytes of a resource's name with the NUL: drbdadm's own limit is 128 bytes. */
#define DRBDNAME_MAX 129

/* Whether text is the name of one DRBD resource, and nothing else that drbdadm understands ("all",
 * a minor number, a volume, a connection, an option). */
bool drbdname_is_resource(const char *text);

#endif
