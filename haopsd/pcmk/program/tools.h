/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_TOOLS_H
#define HAOPSD_PCMK_TOOLS_H

/*
 * Pacemaker's own programs, run for what its libraries have no public call for: attrd_updater and
 * stonith_admin. Each question is answered through program.h when the program ends, or at its
 * deadline.
 */

#include "program.h"

/* -ENOMEM */
int tools_open(struct program *program, struct tools **ret_tools);
/* What still runs goes on by itself. */
void tools_close(struct tools *tools);
void tools_set_attribute(struct tools *tools, const struct packet *packet);
void tools_fence(struct tools *tools, const struct packet *packet);

#endif
