/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_ASK_H
#define HAOPS_TOOL_ASK_H

/* Asks haopsd, and says in a sentence why it could not. Ends within 5 s whatever haopsd does. */

#include "ipc/ipc.h"

#define ASK_TEXT_MAX 512

struct ask {
	struct ipc_client *client; /* NULL: not connected */
	char text[ASK_TEXT_MAX];   /* why it failed */
};

/* An initialised status, filled anew. 0 or an exit status with text. */
int ask_status(struct ask *ask, struct status *status);
/* The same; waits a moment for the state of the links when haopsd has to ask for it first. */
int ask_status_with_links(struct ask *ask, struct status *status);
/* A change: 0 or an exit status with text. */
int ask_change(struct ask *ask, enum ipc_verb verb, const char *argument);
void ask_end(struct ask *ask);

#endif
