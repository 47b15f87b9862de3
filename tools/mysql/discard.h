/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_DISCARD_H
#define HAOPS_MYSQL_DISCARD_H

/* Takes back what only a diverged node has, while its server runs. */

#include "run.h"
#include "ways.h"

/* Does it, and looks whether the node is clean then. 0 or -errno with a text. */
int discard_do(struct run *run, struct divergence *divergence);

#endif
