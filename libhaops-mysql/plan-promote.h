/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_PROMOTE_H
#define HAOPS_MYSQL_PLAN_PROMOTE_H

/* From a drained replica to a primary. Pure. */

#include "plan-durability.h"

struct promote {
	struct durability durability; /* with what is wanted */
	bool is_silent;		      /* it does not acknowledge */
	bool is_strict;
	bool is_opened;
};

int plan_promote(void *promote, const struct view *view, struct step *ret_step);

#endif
