/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the own server the primary: everything received is applied, all others are asked, what
 * another one has more is fetched, the cluster remembers it, and only then it is opened for
 * writing. Each step looks first, so an action that was killed anywhere is simply run again.
 */

#include "mysql/cluster.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rounds of asking and fetching; each fetches from another node that has more. */
#define ROUNDS_MAX 16
/* Somebody who is just closing or starting is worth this. */
#define WAIT_MS 10000
#define PAUSE_MS 250
/* Kept for the steps behind the draining. */
#define KEEP_MS 10000
#define STALL_MS 60000

struct election {
	struct ocf_run *run;
	struct mysql_cluster *cluster;
	struct haops_mysql *mysql;
	int64_t wait_ms; /* until when to wait for others */
	struct haops_mysql_decision decision;
};

static void on_progress(void *userdata, uint64_t applied, uint64_t left)
{
	ocf_log(userdata, HAOPS_LOG_INFO, "applying what was received: %llu done, %llu left",
		(unsigned long long)applied, (unsigned long long)left);
}

static struct haops_mysql_wait patience(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - KEEP_MS;
	struct haops_mysql_wait wait = {.deadline_ms =
						haops_deadline_after(ocf_ctx(run),
								     left > 1000 ? left : 1000),
					.stall_ms = STALL_MS,
					.progress = on_progress,
					.userdata = run};

	return wait;
}

static const struct haops_mysql_status *own_status(const struct election *e)
{
	return &e->cluster->peers[e->cluster->own].status;
}

static int apply_all(struct election *e)
{
	const struct haops_mysql_wait wait = patience(e->run);
	uint64_t applied = 0;
	int r = mysql_ask_own(e->run, e->cluster, e->mysql);

	if (r < 0 || !own_status(e)->is_replica)
		return r;
	r = mysql_apply_left(e->run, e->cluster, e->mysql);
	if (r == 0)
		r = haops_mysql_drain(e->mysql, &wait, &applied);
	if (r < 0)
		return mysql_problem(e->cluster, -r, "%s", haops_ctx_error(ocf_ctx(e->run)));
	if (applied > 0)
		ocf_log(e->run, HAOPS_LOG_INFO, "%llu transactions were still to be applied",
			(unsigned long long)applied);
	return mysql_ask_own(e->run, e->cluster, e->mysql);
}

/* Until the own server has all that the other one had when it was asked. */
static int fetch(struct election *e)
{
	const struct haops_mysql_wait wait = patience(e->run);
	const struct mysql_peer *ahead = &e->cluster->peers[e->decision.ahead];
	const char *name = mysql_cluster_name(e->cluster, e->decision.ahead);
	int r;

	ocf_log(e->run, HAOPS_LOG_INFO, "%s has more: fetching it from there", name);
	r = mysql_repoint_to(e->run, e->cluster, e->mysql, e->decision.ahead);
	while (r == 0) {
		r = mysql_ask_own(e->run, e->cluster, e->mysql);
		if (r < 0 || haops_mysql_gtid_covers(own_status(e)->all, ahead->status.all))
			return r;
		if (own_status(e)->receiver == HAOPS_MYSQL_STOPPED)
			return mysql_problem(e->cluster, EIO, "fetching from %s: %s", name,
					     own_status(e)->receiver_error);
		if (haops_deadline_left_ms(ocf_ctx(e->run), wait.deadline_ms) == 0)
			return mysql_problem(e->cluster, ETIMEDOUT,
					     "what %s has more did not arrive in time", name);
		host_pause(ocf_ctx(e->run), wait.deadline_ms);
	}
	return r;
}

/* 0 it may; 1 again; or -errno. */
static int judge(struct election *e)
{
	switch (e->decision.verdict) {
	case HAOPS_MYSQL_MAY:
		return 0;
	case HAOPS_MYSQL_CATCH_UP: {
		int r = fetch(e);

		return r < 0 ? r : 1;
	}
	case HAOPS_MYSQL_WAIT:
		if (haops_deadline_left_ms(ocf_ctx(e->run), e->wait_ms) > 0)
			return 1;
		break;
	case HAOPS_MYSQL_REFUSE:
		break;
	}
	return mysql_problem(e->cluster, EPERM, "%s", e->decision.reason);
}

static void pause_before_asking_again(const struct election *e)
{
	if (e->decision.verdict == HAOPS_MYSQL_WAIT)
		host_pause_for(ocf_ctx(e->run), PAUSE_MS, ocf_deadline(e->run));
}

/* Everything is applied, and nobody that counts has more. */
static int become_fit(struct election *e)
{
	int r = 1;

	for (int fetched = 0; r == 1 && fetched < ROUNDS_MAX;) {
		r = apply_all(e);
		if (r < 0)
			break;
		mysql_ask_all(e->run, e->cluster);
		mysql_elect(e->run, e->cluster, &e->decision);
		fetched += e->decision.verdict == HAOPS_MYSQL_CATCH_UP;
		r = judge(e);
		if (r == 1)
			pause_before_asking_again(e);
	}
	return r == 1 ? mysql_problem(e->cluster, EIO, "others still have more: %s",
				      e->decision.reason)
		      : r;
}

static int remember(struct election *e)
{
	struct memory *wanted = malloc(sizeof(*wanted));
	const char *own = mysql_cluster_name(e->cluster, e->cluster->own);
	CLEANUP_FREE char *gtid = NULL;
	int r = wanted ? haops_mysql_gtid_format(ocf_ctx(e->run), own_status(e)->logged, &gtid)
		       : -ENOMEM;

	if (r < 0) {
		free(wanted);
		return mysql_problem(e->cluster, -r, "memory is short");
	}
	*wanted = e->cluster->memory;
	/* One that is too long for the memory is of no use to people either. */
	r = memory_set_primary(wanted, own, strlen(gtid) < MEMORY_GTID_MAX ? gtid : "");
	if (r == 0)
		r = memory_set_safe(wanted, own, true);
	if (r == 0)
		r = memory_set_acks(wanted, own, 0);
	r = r < 0 ? mysql_problem(e->cluster, -r, "the memory has no room")
		  : mysql_memory_write(e->run, e->cluster, wanted);
	free(wanted);
	return r;
}

static int open_it(struct election *e)
{
	const char *own = mysql_cluster_name(e->cluster, e->cluster->own);
	size_t others =
		memory_count_safe(&e->cluster->memory) - memory_is_safe(&e->cluster->memory, own);
	bool waits = mysql_durability(e->run) == HAOPS_MYSQL_SAFE && others > 0;
	int r = haops_mysql_promote(e->mysql, waits ? HAOPS_MYSQL_SAFE : HAOPS_MYSQL_ASYNC,
				    ocf_deadline(e->run));

	return r == 0 ? 0 : mysql_problem(e->cluster, -r, "%s", haops_ctx_error(ocf_ctx(e->run)));
}

static bool is_primary_already(const struct election *e)
{
	return own_status(e)->is_writable && e->cluster->memory.has_primary &&
	       strcmp(e->cluster->memory.primary,
		      mysql_cluster_name(e->cluster, e->cluster->own)) == 0;
}

static int promote(struct election *e)
{
	int r = mysql_ask_own(e->run, e->cluster, e->mysql);

	if (r < 0 || is_primary_already(e))
		return r;
	r = become_fit(e);
	if (r < 0)
		return r;
	ocf_log(e->run, HAOPS_LOG_INFO, "elected: %s", e->decision.reason);
	if (e->decision.given_up > 0)
		ocf_log(e->run, HAOPS_LOG_WARNING,
			"as the operator allowed, %llu transactions are given up",
			(unsigned long long)e->decision.given_up);
	r = remember(e);
	return r == 0 ? open_it(e) : r;
}

/* On a connection of its own, whose session logs nothing then. The role does not depend on it. */
static void start_events(struct election *e)
{
	struct haops_mysql *mysql = NULL;
	size_t count = 0;
	int r = mysql_login_local(e->run, ocf_deadline(e->run), &mysql);

	if (r == 0)
		r = haops_mysql_start_events(mysql, ocf_deadline(e->run), &count);
	haops_mysql_close(mysql);
	if (r < 0)
		ocf_log(e->run, HAOPS_LOG_ERROR,
			"scheduled events do not run; enable them by hand: %s",
			haops_ctx_error(ocf_ctx(e->run)));
	else if (count > 0)
		ocf_log(e->run, HAOPS_LOG_INFO, "%zu scheduled events were enabled", count);
}

static void tell(struct election *e)
{
	int64_t all_ms;
	int64_t programs_ms;

	mysql_keep_safe(e->run, e->cluster, e->mysql);
	if (mysql_ask_own(e->run, e->cluster, e->mysql) == 0)
		mysql_rank(e->run, e->cluster);
	ocf_shares(e->run, &all_ms, &programs_ms);
	ocf_log(e->run, HAOPS_LOG_INFO,
		"this node is the primary, epoch %llu, after %lld ms, of which %lld ms were "
		"Pacemaker's programs",
		(unsigned long long)e->cluster->memory.epoch, (long long)all_ms,
		(long long)programs_ms);
}

/* Pacemaker would try again at once: the score says that it is of no use. */
static void give_up(struct election *e)
{
	(void)ocf_fail(e->run, OCF_ERR_GENERIC, "%s", e->cluster->problem);
	if (e->decision.reason[0] && mysql_ask_own(e->run, e->cluster, e->mysql) == 0)
		mysql_rank(e->run, e->cluster);
}

static void remember_role(struct ocf_run *run)
{
	struct haops_process server;

	if (mysql_instance_quick(run, &server) == 1)
		mysql_role_write(run, &server);
}

int mysql_promote(struct ocf_run *run)
{
	struct election e = {.run = run, .wait_ms = haops_deadline_after(ocf_ctx(run), WAIT_MS)};
	int r;

	if (!mysql_is_promotable(run))
		return mysql_not_promotable(run);
	ocf_watch_remove(run);
	mysql_rest_end(run);
	r = mysql_login_local(run, ocf_deadline(run), &e.mysql);
	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	e.cluster = mysql_cluster_load(run);
	r = e.cluster ? promote(&e) : -EIO;
	if (r == 0 && mysql_has_events(run))
		start_events(&e);
	if (r == 0)
		tell(&e);
	else if (e.cluster)
		give_up(&e);
	mysql_cluster_free(e.cluster);
	haops_mysql_close(e.mysql);
	if (r < 0)
		return OCF_ERR_GENERIC;
	mysql_watch_again(run, HAOPS_WATCH_PRIMARY);
	remember_role(run);
	return OCF_SUCCESS;
}
