/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_VIEW_REJOIN_H
#define HAOPS_MYSQL_VIEW_REJOIN_H

/* What "haops mysql rejoin" shows of a diverged node. Pure. */

#include "ways.h"

void view_divergence(struct writer *writer, const struct divergence *divergence,
		     const struct way ways[WAY_COUNT]);

#endif
