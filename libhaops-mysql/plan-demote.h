/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_PLAN_DEMOTE_H
#define HAOPS_MYSQL_PLAN_DEMOTE_H

/* Closing a server for writing, whoever holds it up. Pure. */

#include "plan.h"
#include "sessions.h"

enum demote_stage {
	DEMOTE_LOOK,	/* it was looked at */
	DEMOTE_CLOSING, /* it was told to become read-only */
	DEMOTE_LISTING, /* its sessions were asked for */
	DEMOTE_KILLING, /* one of them was killed */
	DEMOTE_EVENTS	/* the event scheduler was told to stop */
};

/* Zeros at first. */
struct demote {
	enum demote_stage stage;
	bool is_closed; /* at the last look */
	bool has_stopped_events;
	struct sessions sessions;
	size_t at;	/* in them */
	uint64_t fence; /* sessions up to this one may have begun before it was closed */
	bool are_gone;	/* those */
	char *position; /* at the look before */
	unsigned int killed;
};

int plan_demote(void *demote, const struct view *view, struct step *ret_step);
void plan_demote_done(struct demote *demote);

#endif
