/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_DURABILITY_H
#define HAOPS_MYSQL_PLAN_DURABILITY_H

/* Semi-synchronous replication: how commits wait, and who acknowledges. Pure. */

#include "plan.h"

struct durability {
	enum haops_mysql_durability wanted;
	bool is_set;   /* how to wait was said */
	bool is_reset; /* it had fallen back, and was switched off to be switched on */
	bool is_switched;
};

/* true: step is the next one; false: nothing is left to do. */
bool plan_durability_step(struct durability *durability, const struct view *view,
			  struct step *step);

/* haops_mysql_set_durability() */
int plan_durability(void *durability, const struct view *view, struct step *ret_step);

/* Commits wait for nobody; for a read-only server, where only its applier commits. */
int plan_stop_waiting(const struct facts *facts, struct step *step);

struct acks {
	bool wanted;
	bool is_set;
	bool is_restarted;
};

/* haops_mysql_set_acks() */
int plan_acks(void *acks, const struct view *view, struct step *ret_step);

/* The setting alone. */
int plan_set_acking(const struct facts *facts, bool acks, struct step *step);

#endif
