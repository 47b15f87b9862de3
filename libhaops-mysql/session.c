/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs one statement on a server, with a deadline, a log line and without a password in it; looks
 * at a server. Does not decide what to run. */
#include "session.h"
#include "internal.h"
#include "relay.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

static const char *visible(const struct statement *statement)
{
	return statement->shown ? statement->shown : statement->text;
}

/* After any of these nobody knows what the server would answer to. */
static int lose(struct haops_mysql *mysql, const struct statement *statement, int code)
{
	const char *shown = visible(statement);

	mysql->boundary->close(mysql->link);
	mysql->link = NULL;
	switch (code) {
	case -ETIMEDOUT:
		return haops_fail(mysql->ctx, ETIMEDOUT,
				  "%s: no answer in time to %.100s: it may have been done or not",
				  mysql->where, shown);
	case -EMSGSIZE:
		return haops_fail(mysql->ctx, EPROTO, "%s: the answer to %.100s is too long",
				  mysql->where, shown);
	case -ENOMEM:
		return haops_fail(mysql->ctx, ENOMEM, "%s: memory is short", mysql->where);
	default:
		return haops_fail(mysql->ctx, EIO,
				  "%s: the connection was lost during %.100s: it may have been "
				  "done or not",
				  mysql->where, shown);
	}
}

static void log_statement(const struct haops_mysql *mysql, const struct statement *statement,
			  const struct answer *answer)
{
	enum haops_log_level level = HAOPS_LOG_DEBUG;

	if (statement->changes && !answer->code)
		level = HAOPS_LOG_INFO;
	if (answer->code)
		haops_logf(mysql->ctx, level, "%s: %.300s: error %u", mysql->where,
			   visible(statement), answer->code);
	else
		haops_logf(mysql->ctx, level, "%s: %.300s", mysql->where, visible(statement));
}

int session_run(struct haops_mysql *mysql, const struct statement *statement, int64_t deadline_ms,
		struct answer *ret_answer)
{
	struct answer answer = {0};
	int r;

	if (!mysql->link)
		return haops_fail(mysql->ctx, EIO, "%s: the connection was lost: connect again",
				  mysql->where);
	r = mysql->boundary->query(mysql->link, statement->text, deadline_ms, &answer);
	if (r < 0) {
		answer_done(&answer);
		return lose(mysql, statement, r);
	}
	log_statement(mysql, statement, &answer);
	*ret_answer = answer;
	return 0;
}

/* Servers quote from a statement that they refuse: what may hold a password is not repeated. */
int session_refuse(struct haops_mysql *mysql, const struct statement *statement,
		   const struct answer *answer)
{
	int err = answer_is_denied(answer) ? EACCES : EIO;

	if (statement->shown)
		return haops_fail(mysql->ctx, err, "%s: refuses %.200s: error %u", mysql->where,
				  statement->shown, answer->code);
	return haops_fail(mysql->ctx, err, "%s: refuses %.100s: %s (%u)", mysql->where,
			  statement->text, answer->text, answer->code);
}

static int ask(struct haops_mysql *mysql, const char *text, int64_t deadline_ms,
	       struct answer *ret_answer)
{
	const struct statement statement = {.text = text};
	int r = session_run(mysql, &statement, deadline_ms, ret_answer);

	if (r == 0 && ret_answer->code)
		r = session_refuse(mysql, &statement, ret_answer);
	return r;
}

/* What was received first: what is applied between the two answers must not look unapplied. */
static int ask_all(struct haops_mysql *mysql, int64_t deadline_ms, struct status_answers *answers)
{
	const char *const *words = mysql->dialect->words;
	int r = ask(mysql, words[WORD_ASK_REPLICA], deadline_ms, &answers->replica);

	if (r == 0)
		r = ask(mysql, words[WORD_ASK_SETS], deadline_ms, &answers->sets);
	if (r == 0)
		r = ask(mysql, words[WORD_ASK_VARIABLES], deadline_ms, &answers->variables);
	if (r == 0)
		r = ask(mysql, words[WORD_ASK_COUNTERS], deadline_ms, &answers->counters);
	return r;
}

static int ask_relay_page(struct haops_mysql *mysql, struct relay *relay, int64_t deadline_ms)
{
	struct answer answer = {0};
	struct statement statement = {0};
	CLEANUP_FREE char *file = text_quote(relay->file);
	CLEANUP_FREE char *text =
		file ? text_format(mysql->dialect->words[WORD_ASK_RELAY], file, relay->pos) : NULL;
	int r;

	if (!text)
		return haops_fail(mysql->ctx, ENOMEM, "memory is short");
	statement.text = text;
	r = session_run(mysql, &statement, deadline_ms, &answer);
	if (r == 0)
		relay_take(relay, &answer);
	answer_done(&answer);
	return r;
}

static int look_at_relay(struct haops_mysql *mysql, int64_t deadline_ms, struct facts *facts)
{
	char text[RELAY_TEXT_MAX];
	struct relay relay;
	int r = 0;

	relay_begin(&relay, facts->relay_file, facts->relay_pos);
	while (!relay.is_ended && r == 0)
		r = ask_relay_page(mysql, &relay, deadline_ms);
	if (r < 0)
		return r;
	relay_text(&relay, text);
	facts->is_relay_unknown = relay.is_unknown;
	return status_set_received(mysql->ctx, facts, text);
}

int session_look(struct haops_mysql *mysql, int64_t deadline_ms, struct facts *ret_facts)
{
	struct status_answers answers = {0};
	struct facts facts = {0};
	int r;

	if (!mysql->dialect)
		return haops_fail(mysql->ctx, ENOTSUP,
				  "%s: %s is too old: MariaDB 10.5 or MySQL 5.7 is needed",
				  mysql->where, mysql->server.text);
	r = ask_all(mysql, deadline_ms, &answers);
	if (r == 0)
		r = status_read(mysql->ctx, &mysql->server, mysql->dialect, &answers, &facts);
	status_answers_done(&answers);
	if (r == 0 && facts.needs_relay)
		r = look_at_relay(mysql, deadline_ms, &facts);
	if (r < 0) {
		facts_done(&facts);
		return r;
	}
	*ret_facts = facts;
	return 0;
}

int haops_mysql_get_status(struct haops_mysql *mysql, int64_t deadline_ms,
			   struct haops_mysql_status *ret_status)
{
	struct facts facts = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	if (!ret_status)
		return haops_fail(mysql->ctx, EINVAL, "no place for the status");
	r = session_look(mysql, deadline_ms, &facts);
	if (r < 0)
		return r;
	*ret_status = facts.status;
	facts.status = (struct haops_mysql_status){0};
	facts_done(&facts);
	return 0;
}

const struct haops_mysql_identity *haops_mysql_server(const struct haops_mysql *mysql)
{
	return mysql ? &mysql->server : NULL;
}
