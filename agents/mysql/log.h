/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_LOG_H
#define MYSQL_LOG_H

/* The error log of the server. */

#include "mysql/mysql.h"

/* Where the log ended. */
struct mysql_log_mark {
	off_t at;
};

void mysql_log_mark(struct ocf_run *run, struct mysql_log_mark *ret_mark);
/* What the server told as an error since then, without its time; "" if nothing. */
void mysql_log_error(struct ocf_run *run, const struct mysql_log_mark *mark, char *buf,
		     size_t size);

/* launch.c: waits until the server answers; mark is where its start began, told what it said of
 * itself. */
int mysql_wait_answer(struct ocf_run *run, const struct haops_process *server,
		      const struct mysql_log_mark *mark, const char *told);

/* log-pick.c, pure: the first error that a text tells of, "" if there is none. */
void mysql_log_pick(const char *text, char *buf, size_t size);

#endif
