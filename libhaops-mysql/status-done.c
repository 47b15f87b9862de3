/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frees what a status holds. Asking for one is another file's affair. */
#include "internal.h"

#include <haops/mysql.h>

void haops_mysql_status_done(struct haops_mysql_status *status)
{
	if (!status)
		return;
	status->logged = haops_mysql_gtid_free(status->logged);
	status->applied = haops_mysql_gtid_free(status->applied);
	status->all = haops_mysql_gtid_free(status->all);
	status->received = haops_mysql_gtid_free(status->received);
}
