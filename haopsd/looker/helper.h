/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LOOKER_HELPER_H
#define HAOPSD_LOOKER_HELPER_H

/* The conversation of a helper with haopsd; compiled into each helper. */

#include "looker/protocol.h"

/* The answer is LOOK_UNKNOWN without a text when it is called. */
typedef void (*helper_look_fn)(void *userdata, char question, struct look_answer *ret_answer);

/* Ends with haopsd, however that ends. Before anything else. */
void helper_begin(void);
/* Until the stream ends: haopsd has ended, or wants it no more. 0, or 1: an answer was not taken.
 */
int helper_run(helper_look_fn look, void *userdata);

#endif
