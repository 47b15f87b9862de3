/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_ANSWER_H
#define MYSQL_ANSWER_H

/* What a server of the safe set's tests says. */

#include "unit.h"

#include <haops/mysql.h>
#include <stdio.h>

/* One server's answer: transactions 1 to pos. */
static inline void make_status(struct haops_ctx *ctx, uint64_t pos,
			       struct haops_mysql_status *ret_status)
{
	char text[40] = "";

	*ret_status = (struct haops_mysql_status){0};
	if (pos > 0)
		(void)snprintf(text, sizeof(text), "0-1-%llu", (unsigned long long)pos);
	assert_int_equal(haops_mysql_gtid_parse(ctx, HAOPS_MYSQL_MARIADB, text,
						&ret_status->logged),
			 0);
	assert_int_equal(haops_mysql_gtid_parse(ctx, HAOPS_MYSQL_MARIADB, text, &ret_status->all),
			 0);
}

#endif
