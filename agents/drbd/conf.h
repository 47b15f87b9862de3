/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_CONF_H
#define DRBD_CONF_H

/* What "drbdadm dump RESOURCE" tells of the configuration that matters to a promotion. Pure. */

#include <stdbool.h>

#define CONF_TEXT_MAX 256

enum conf_fencing { CONF_DONT_CARE, CONF_RESOURCE_ONLY, CONF_RESOURCE_AND_STONITH };

struct conf {
	enum conf_fencing fencing;
	char handler[CONF_TEXT_MAX]; /* fence-peer; "" for none; cut if it is longer */
	bool allows_two_primaries;
	bool has_quorum; /* option quorum is something but off */
};

/* 0, or -EBADMSG: it does not end where it should. */
int conf_read(const char *text, struct conf *ret_conf);
/* NULL when fencing is configured (or quorum, which needs none), else what is missing. */
const char *conf_fencing_defect(const struct conf *conf);

#endif
