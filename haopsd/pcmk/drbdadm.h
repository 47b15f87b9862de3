/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_DRBDADM_H
#define HAOPSD_PCMK_DRBDADM_H

/*
 * What the end of "drbdadm outdate" means in the exit codes of DRBD's fence-peer handler, and what
 * "drbdadm dstate" says. Pure.
 */

#include "child.h"

#include <stddef.h>

/* The exit code for DRBD's handler (outdate.h) that the end of "drbdadm outdate RESOURCE" stands
 * for; a sentence for the log in text. What is not known for certain is OUTDATE_FAILED. */
int drbdadm_judge(const struct child_end *end, char *text, size_t size);

/* Whether that end says little, and the disk does: DRBD 8.4 tells success and changes nothing while
 * it takes the connection for whole, DRBD 9 refuses meanwhile, and of several volumes the first
 * alone may have been looked at. */
bool drbdadm_is_to_be_seen(const struct child_end *end);

enum drbdadm_disk {
	DRBDADM_DISK_UNKNOWN,
	DRBDADM_DISK_GOOD,    /* one of its volumes, at least, may become Primary */
	DRBDADM_DISK_OUTDATED /* all of them are outdated, or worse */
};

/* What "drbdadm dstate RESOURCE" says of the own disk. */
enum drbdadm_disk drbdadm_judge_disk(const struct child_end *end);

#endif
