/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Applies what MariaDB's relay log holds while no thread runs. By GTID, starting any thread would
 * throw it away (MDEV-4698); by file and position it would not. So it is read that way once, and
 * replication by GTID is set again. Each step looks first: an interrupted call is made again.
 */
#include "internal.h"
#include "relay.h"
#include "session.h"
#include "text.h"

#include <stdio.h>

#define PAUSE_MS 20
#define GTID_MAX 64
#define POS_MAX sizeof(((struct relay *)0)->pos)
#define BY_GTID "CHANGE MASTER TO MASTER_USE_GTID=slave_pos"

static const char READ_ALL[] = "Slave has read all relay log";

/* Takes text, which may be NULL. */
static int run(struct haops_mysql *mysql, char *text, int64_t deadline_ms)
{
	const struct statement statement = {.text = text, .changes = true};
	struct answer answer = {0};
	int r = text ? session_run(mysql, &statement, deadline_ms, &answer)
		     : haops_fail(mysql->ctx, ENOMEM, "memory is short");

	if (r == 0 && answer.code)
		r = session_refuse(mysql, &statement, &answer);
	answer_done(&answer);
	free(text);
	return r;
}

/* 1 all is applied, 0 not yet, or a failure. */
static int look(struct haops_mysql *mysql, int64_t deadline_ms)
{
	const struct statement statement = {.text = mysql->dialect->words[WORD_ASK_REPLICA]};
	struct answer answer = {0};
	const char *running;
	const char *state;
	int r = session_run(mysql, &statement, deadline_ms, &answer);

	if (r == 0 && answer.code)
		r = session_refuse(mysql, &statement, &answer);
	if (r == 0) {
		running = answer_get(&answer, 0, "Slave_SQL_Running", "Replica_SQL_Running");
		state = answer_get(&answer, 0, "Slave_SQL_Running_State", "Slave_SQL_State");
		if (!running || strcmp(running, "Yes") != 0)
			r = haops_fail(mysql->ctx, EBADMSG,
				       "%s: the applier stopped amid what was left: %s",
				       mysql->where,
				       answer_get(&answer, 0, "Last_SQL_Error", "Last_Error"));
		else
			r = state && strncmp(state, READ_ALL, strlen(READ_ALL)) == 0;
	}
	answer_done(&answer);
	return r;
}

static int wait_applied(struct haops_mysql *mysql, int64_t deadline_ms)
{
	struct pollfd nothing = {.fd = -1};

	for (;;) {
		int64_t until_ms = haops_deadline_after(mysql->ctx, PAUSE_MS);
		int r = look(mysql, deadline_ms);

		if (r != 0)
			return r < 0 ? r : 0;
		if (haops_deadline_left_ms(mysql->ctx, deadline_ms) <= PAUSE_MS)
			return haops_fail(mysql->ctx, ETIMEDOUT,
					  "%s: what was left is not applied yet; the applier runs",
					  mysql->where);
		(void)mysql->ctx->sys->poll(&nothing, 1, until_ms);
	}
}

static bool is_stopped(const struct haops_mysql_status *status)
{
	return status->receiver == HAOPS_MYSQL_STOPPED && status->applier == HAOPS_MYSQL_STOPPED;
}

/* By GTID, with both threads stopped, and something that only the relay log has. */
static bool is_left(const struct facts *facts)
{
	const struct haops_mysql_status *status = &facts->status;

	return status->uses_gtid && is_stopped(status) && facts->relay_file[0] &&
	       (facts->is_relay_unknown ||
		!haops_mysql_gtid_covers(status->applied, status->received));
}

/* Whether a row begins a transaction that is not applied. 1, 0 or a failure. */
static int is_wanted(struct haops_mysql *mysql, const struct answer *page, size_t row,
		     const struct haops_mysql_gtid *applied)
{
	const char *type = answer_get(page, row, "Event_type", NULL);
	const char *info = answer_get(page, row, "Info", NULL);
	const char *at = info ? strstr(info, "GTID ") : NULL;
	struct haops_mysql_gtid *one = NULL;
	char text[GTID_MAX];
	int r;

	if (!type || strcmp(type, "Gtid") != 0 || !at)
		return 0;
	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(at + 5, " "), at + 5);
	r = haops_mysql_gtid_parse(mysql->ctx, HAOPS_MYSQL_MARIADB, text, &one);
	if (r == 0)
		r = !haops_mysql_gtid_covers(applied, one);
	haops_mysql_gtid_free(one);
	return r;
}

/* In this page; 1 found, 0 not, or a failure. */
static int find_in(struct haops_mysql *mysql, const struct answer *page,
		   const struct haops_mysql_gtid *applied, char pos[POS_MAX])
{
	for (size_t i = 0; i < page->row_count; i++) {
		int r = is_wanted(mysql, page, i, applied);
		const char *found = answer_get(page, i, "Pos", NULL);

		if (r < 0)
			return r;
		if (r == 1 && found) {
			(void)snprintf(pos, POS_MAX, "%s", found);
			return 1;
		}
	}
	return 0;
}

/*
 * Where the first transaction begins that is not applied: the place that the server noted may be
 * older, since it is written without care. 1 found, 0 there is none, or a failure.
 */
static int find_place(struct haops_mysql *mysql, const struct facts *facts, int64_t deadline_ms,
		      struct relay *relay)
{
	int r = 0;

	relay_begin(relay, facts->relay_file, facts->relay_pos);
	while (r == 0 && !relay->is_ended) {
		CLEANUP_FREE char *file = text_quote(relay->file);
		CLEANUP_FREE char *text =
			file ? text_format(mysql->dialect->words[WORD_ASK_RELAY], file, relay->pos)
			     : NULL;
		const struct statement statement = {.text = text};
		struct answer answer = {0};

		r = text ? session_run(mysql, &statement, deadline_ms, &answer)
			 : haops_fail(mysql->ctx, ENOMEM, "memory is short");
		if (r == 0 && !answer.code)
			r = find_in(mysql, &answer, facts->status.applied, relay->pos);
		if (r == 0)
			relay_take(relay, &answer);
		answer_done(&answer);
	}
	if (r == 0 && relay->is_unknown)
		r = haops_fail(mysql->ctx, EIO, "%s: the relay log from %s:%s on cannot be read",
			       mysql->where, facts->relay_file, facts->relay_pos);
	return r;
}

static int begin(struct haops_mysql *mysql, const struct relay *relay, int64_t deadline_ms)
{
	CLEANUP_FREE char *file = text_quote(relay->file);

	return run(mysql,
		   file ? text_format("CHANGE MASTER TO MASTER_USE_GTID=no, RELAY_LOG_FILE='%s', "
				      "RELAY_LOG_POS=%s",
				      file, relay->pos)
			: NULL,
		   deadline_ms);
}

/* Nothing is left; a call that was interrupted may have left it without GTID. */
static int finish(struct haops_mysql *mysql, const struct facts *facts, int64_t deadline_ms)
{
	return facts->status.uses_gtid ? 0 : run(mysql, text_format(BY_GTID), deadline_ms);
}

static int apply(struct haops_mysql *mysql, const struct facts *facts, int64_t deadline_ms)
{
	struct relay relay;
	int r = 0;

	if (is_stopped(&facts->status)) {
		r = find_place(mysql, facts, deadline_ms, &relay);
		if (r == 0)
			return finish(mysql, facts, deadline_ms);
		r = r < 0 ? r : begin(mysql, &relay, deadline_ms);
	}
	if (r == 0 && is_stopped(&facts->status))
		r = run(mysql, text_format("START SLAVE SQL_THREAD"), deadline_ms);
	if (r == 0)
		r = wait_applied(mysql, deadline_ms);
	if (r == 0)
		r = run(mysql, text_format("STOP SLAVE"), deadline_ms);
	if (r == 0)
		r = run(mysql, text_format(BY_GTID), deadline_ms);
	return r;
}

int haops_mysql_apply_left(struct haops_mysql *mysql, int64_t deadline_ms)
{
	struct facts facts = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	r = session_look(mysql, deadline_ms, &facts);
	/* One that does not replicate by GTID is left so by a call that was interrupted. */
	if (r == 0 && mysql->dialect->purges_relay_log && facts.status.is_replica &&
	    facts.status.source_count == 1 && !facts.status.is_writable &&
	    facts.status.receiver == HAOPS_MYSQL_STOPPED &&
	    (!facts.status.uses_gtid || is_left(&facts)))
		r = apply(mysql, &facts, deadline_ms);
	facts_done(&facts);
	return r;
}
