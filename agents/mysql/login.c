/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to the own server by its socket: who logs in. What is said over them is the matter of
 * others. */

#include "mysql/mysql.h"

#include "ocf/host.h"

#include <haops/lease.h>

#include <errno.h>
#include <nss.h>

/* A place that is kept for administrators is taken for moments, by clients that are turned away. */
#define CROWD_MS 2000
/* How long a monitor waits to be let in, as Pacemaker does nothing else with a resource meanwhile.
 * Where haopsd runs, it has told of a hang by then. Otherwise it is what the client of the stock
 * agents waits. */
#define WATCHED_MS 6000
#define PATIENCE_MS 10000

static int login(struct ocf_run *run, const char *user, const char *password, int64_t deadline_ms,
		 struct haops_mysql **ret_mysql)
{
	const struct haops_mysql_target target = {.socket = ocf_str(run, MYSQL_SOCKET),
						  .user = user,
						  .password = password[0] ? password : NULL};

	/* libmariadb asks for the port of "mysql" in each process, used or not (getservbyname(3)):
	 * Debian's nsswitch.conf has it search for a database of services first, in each folder of
	 * the linker's. That was a tenth of a monitor. */
	(void)__nss_configure_lookup("services", "files");
	return haops_mysql_connect(ocf_ctx(run), &target, deadline_ms, ret_mysql);
}

/* What only asks whether it serves has its answer at once; who has work there tries for a while. */
static int login_as_root(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), CROWD_MS);
	int r = login(run, "root", "", deadline_ms, ret_mysql);

	if (limit > deadline_ms)
		limit = deadline_ms;
	while (r == -EUSERS && mysql_is_promotable(run) &&
	       haops_deadline_left_ms(ocf_ctx(run), limit) > 0) {
		host_pause(ocf_ctx(run), limit);
		r = login(run, "root", "", deadline_ms, ret_mysql);
	}
	return r;
}

int mysql_login_local(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql)
{
	int r = login_as_root(run, deadline_ms, ret_mysql);

	/* The stock agents' replication user may do all of it. */
	if (r == -EACCES && ocf_str(run, MYSQL_REPLICATION_PASSWD)[0])
		r = login(run, ocf_str(run, MYSQL_REPLICATION_USER),
			  ocf_str(run, MYSQL_REPLICATION_PASSWD), deadline_ms, ret_mysql);
	return r;
}

static bool is_haopsd_there(struct ocf_run *run)
{
	struct haops_lease_status status;

	return haops_lease_query(ocf_ctx(run), &status) == 0 &&
	       status.verdict != HAOPS_LEASE_NO_DAEMON;
}

int mysql_login_monitor(struct ocf_run *run, struct haops_mysql **ret_mysql)
{
	int64_t limit_ms = is_haopsd_there(run) ? WATCHED_MS : PATIENCE_MS;

	return mysql_login_local(run, ocf_deadline_within(run, limit_ms), ret_mysql);
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
