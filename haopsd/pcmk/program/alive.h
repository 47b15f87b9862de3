/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_ALIVE_H
#define HAOPSD_PCMK_ALIVE_H

/*
 * haopsd's question whether Pacemaker answers: it does when the controller and pacemakerd both
 * answered what they were asked at that time or later. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

enum alive_party { ALIVE_CONTROLLER = 1, ALIVE_PACEMAKERD = 2 };

/* The question that waits. */
struct alive {
	uint64_t id; /* 0: none */
	int64_t asked_ms;
	unsigned answered; /* of enum alive_party */
};

/* A new question. One that still waits is given up: haopsd asks one at a time. */
void alive_ask(struct alive *alive, uint64_t id, int64_t asked_ms);
/* One of them answered what it was asked at asked_ms. True: that was the last answer that was
 * missing, the question is over, and was *ret_question. */
bool alive_answer(struct alive *alive, enum alive_party party, int64_t asked_ms,
		  struct alive *ret_question);
/* The question is over without proof. Returns its id, 0 when there was none. */
uint64_t alive_give_up(struct alive *alive);
/* Who has not answered, for people. */
const char *alive_missing(const struct alive *alive);

#endif
