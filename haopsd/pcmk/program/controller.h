/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_CONTROLLER_H
#define HAOPSD_PCMK_CONTROLLER_H

/*
 * The connection to this node's controller: its name of the node, pings, failures told. Each
 * question is answered through program.h, at a deadline of its own at the latest.
 */

#include "judge.h"
#include "program.h"

/* -ENOMEM */
int controller_open(struct program *program, struct controller **ret_controller);
void controller_close(struct controller *controller);
/* Connects when it is not, and asks for the node's name. 0 or -errno. */
int controller_connect(struct controller *controller);
/* Not from within a callback of the connection. Questions that wait are answered UNAVAILABLE. */
void controller_disconnect(struct controller *controller);
/* The node's name once it is known; until then, and when not connected, NULL. */
const char *controller_node(const struct controller *controller);
/* Its answer is told by program_alive(). */
void controller_ping(struct controller *controller, uint64_t id, int64_t asked_ms);
/* A failure, or a wish for a look. Its answer: program_answer(). */
void controller_report(struct controller *controller, uint64_t id,
		       const struct judge_verdict *verdict);

#endif
