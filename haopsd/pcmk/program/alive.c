/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether Pacemaker as a whole answers, from the answers of two of its daemons. Who asks them, and
 * for how long, is the matter of the other files.
 */
#include "alive.h"

void alive_ask(struct alive *alive, uint64_t id, int64_t asked_ms)
{
	*alive = (struct alive){.id = id, .asked_ms = asked_ms};
}

bool alive_answer(struct alive *alive, enum alive_party party, int64_t asked_ms,
		  struct alive *ret_question)
{
	/* The answer to an earlier question proves nothing for this one. */
	if (alive->id == 0 || asked_ms < alive->asked_ms)
		return false;
	alive->answered |= party;
	if (alive->answered != (ALIVE_CONTROLLER | ALIVE_PACEMAKERD))
		return false;
	*ret_question = *alive;
	alive->id = 0;
	return true;
}

uint64_t alive_give_up(struct alive *alive)
{
	uint64_t id = alive->id;

	alive->id = 0;
	return id;
}

const char *alive_missing(const struct alive *alive)
{
	switch (alive->answered) {
	case 0:
		return "neither the controller nor pacemakerd answers";
	case ALIVE_CONTROLLER:
		return "pacemakerd does not answer";
	default:
		return "the controller does not answer";
	}
}
