/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_VIEW_STATUS_H
#define HAOPS_MYSQL_VIEW_STATUS_H

/* What haops-mysql(8) shows, as trees for a writer. Pure. */

#include "health.h"

void view_status(struct writer *writer, const struct snapshot *snapshot,
		 const struct verdict *verdict);

#endif
