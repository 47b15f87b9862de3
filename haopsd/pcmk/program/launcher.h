/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_LAUNCHER_H
#define HAOPSD_PCMK_LAUNCHER_H

/*
 * The connection to pacemakerd, which starts and minds Pacemaker's other daemons: only whether it
 * answers. It connects and reconnects by itself; no call waits for pacemakerd.
 */

#include "program.h"

/* -ENOMEM */
int launcher_open(struct program *program, struct launcher **ret_launcher);
void launcher_close(struct launcher *launcher);
/* The answer is told by program_alive(), with this or a later question's time. False: it cannot be
 * asked now. */
bool launcher_ping(struct launcher *launcher, int64_t asked_ms);

#endif
