/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_REPOINT_H
#define HAOPS_MYSQL_PLAN_REPOINT_H

/* Making a server replicate from another. Pure. */

#include "plan.h"

struct repoint {
	const struct haops_mysql_source *source; /* wanted */

	/* done so far; zeros at first */
	bool is_strict;
	bool is_changed;
	bool is_started;
	bool has_taken_own;
	unsigned int looks; /* since it was started */
	char *shown;	    /* of the statement with the password */
};

int plan_repoint(void *repoint, const struct view *view, struct step *ret_step);
void plan_repoint_done(struct repoint *repoint);

#endif
