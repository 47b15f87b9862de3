/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to the own server by its socket: who logs in. What is said over them is the matter of
 * others. */

#include "mysql/mysql.h"

#include <errno.h>

static int login(struct ocf_run *run, const char *user, const char *password, int64_t deadline_ms,
		 struct haops_mysql **ret_mysql)
{
	const struct haops_mysql_target target = {.socket = ocf_str(run, MYSQL_SOCKET),
						  .user = user,
						  .password = password[0] ? password : NULL};

	return haops_mysql_connect(ocf_ctx(run), &target, deadline_ms, ret_mysql);
}

int mysql_login_local(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql)
{
	int r = login(run, "root", "", deadline_ms, ret_mysql);

	/* The stock agents' replication user may do all of it. */
	if (r == -EACCES && ocf_str(run, MYSQL_REPLICATION_PASSWD)[0])
		r = login(run, ocf_str(run, MYSQL_REPLICATION_USER),
			  ocf_str(run, MYSQL_REPLICATION_PASSWD), deadline_ms, ret_mysql);
	return r;
}

int mysql_login_test(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql)
{
	return login(run, ocf_str(run, MYSQL_TEST_USER), ocf_str(run, MYSQL_TEST_PASSWD),
		     deadline_ms, ret_mysql);
}

bool mysql_login_is_answer(int err)
{
	return err == -EACCES || err == -EUSERS;
}
