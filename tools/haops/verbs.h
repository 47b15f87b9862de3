/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_VERBS_H
#define HAOPS_TOOL_VERBS_H

/* The commands for scripts, in the manner of Heartbeat's cl_status: one word, one exit status. */

#include "options.h"

/* Writes the word and returns the exit status. Pure. */
int verb_run(struct writer *writer, const struct options *options, const struct status *status);

#endif
