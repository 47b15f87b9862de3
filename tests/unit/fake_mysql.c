/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server that is a handful of variables. See fake_mysql.h. */
#include "fake_mysql.h"

#include "mysql_rows.h"

#include <stdio.h>
#include <strings.h>

#define SOURCE_UUID "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define OWN_ID 99

struct link {
	struct fake_mysql *fake;
};

static struct fake_mysql *the_fake;
static int64_t now_ns;
static struct haops_sys fake_sys;

static int64_t fake_now(void)
{
	return now_ns;
}

int64_t fake_mysql_now_ms(void)
{
	return now_ns / 1000000;
}

static int fake_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	(void)fds;
	assert_int_equal(count, 0);
	if (now_ns < deadline_ms * 1000000)
		now_ns = deadline_ms * 1000000;
	return 0;
}

static void on_log(void *userdata, enum haops_log_level level, const char *message)
{
	struct fake_mysql *fake = userdata;
	size_t len = strlen(fake->log);

	(void)level;
	(void)snprintf(fake->log + len, sizeof(fake->log) - len, "%s\n", message);
}

static bool is_mariadb(const struct fake_mysql *fake)
{
	return strstr(fake->version, "MariaDB") != NULL;
}

static bool is_mysql_since(const struct fake_mysql *fake, unsigned int version)
{
	struct haops_mysql_identity server;

	assert_true(dialect_parse_server(fake->version, &server));
	return server.flavor == HAOPS_MYSQL_MYSQL && server.version >= version;
}

/* From 8.0.22 on it is spoken to, and answers, in new words. */
static bool has_new_words(const struct fake_mysql *fake)
{
	return is_mysql_since(fake, 80022);
}

void fake_mysql_init(struct fake_mysql *fake, const char *version)
{
	bool is_maria = strstr(version, "MariaDB") != NULL;
	const char *set = is_maria ? "0-1-10" : SOURCE_UUID ":1-10";

	*fake = (struct fake_mysql){.version = version,
				    .has_semi_sync = true,
				    .is_read_only = true,
				    .is_super_read_only = true,
				    .is_strict = true,
				    .gtid_mode = "ON",
				    .acks_setting = true,
				    .acks_now = true,
				    .sources = 1,
				    .source_port = 3306,
				    .using_gtid = "Slave_Pos",
				    .receiver = {.state = "Yes"},
				    .applier = {.state = "Yes"}};
	(void)snprintf(fake->source_host, sizeof(fake->source_host), "db1");
	(void)snprintf(fake->source_file, sizeof(fake->source_file), "bin.000001");
	(void)snprintf(fake->logged, sizeof(fake->logged), "%s", set);
	(void)snprintf(fake->position, sizeof(fake->position), "%s", set);
	(void)snprintf(fake->applied, sizeof(fake->applied), "%s", set);
	(void)snprintf(fake->received, sizeof(fake->received), "%s", set);
	fake->has_new_names = is_mysql_since(fake, 80026);
	the_fake = fake;
	now_ns = 1000000000;
}

void fake_mysql_done(struct fake_mysql *fake)
{
	assert_int_equal(fake->open_links, 0);
	for (size_t i = 0; i < fake->statement_count; i++)
		free(fake->statements[i]);
	fake->statement_count = 0;
}

struct haops_ctx *fake_mysql_ctx(struct fake_mysql *fake)
{
	struct haops_ctx *ctx = NULL;

	assert_int_equal(haops_ctx_new(&ctx), 0);
	fake_sys = haops_sys_linux;
	fake_sys.now_ns = fake_now;
	fake_sys.poll = fake_poll;
	haops_ctx_set_sys(ctx, &fake_sys);
	haops_ctx_set_log(ctx, HAOPS_LOG_DEBUG, on_log, fake);
	return ctx;
}

struct haops_mysql *fake_mysql_connect(struct haops_ctx *ctx)
{
	const struct haops_mysql_target target = {.socket = "/run/fake"};
	struct haops_mysql *mysql = NULL;

	assert_int_equal(session_connect(ctx, &boundary_fake, &target,
					 haops_deadline_after(ctx, 1000), &mysql),
			 0);
	return mysql;
}

const char *fake_mysql_changes(const struct fake_mysql *fake)
{
	static char text[8192];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < fake->statement_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? "; " : "",
					fake->statements[i]);
	return text;
}

/* What the fake does */

static bool begins(const char *text, const char *word)
{
	return !strncmp(text, word, strlen(word));
}

/* "START SLAVE" or "START REPLICA", with what is behind it; NULL: it is something else. */
static const char *after(const struct fake_mysql *fake, const char *statement, const char *verb)
{
	const char *noun = has_new_words(fake) ? "REPLICA" : "SLAVE";
	size_t len = strlen(verb);

	if (strncmp(statement, verb, len) != 0 || statement[len] != ' ')
		return NULL;
	statement += len + 1;
	return begins(statement, noun) ? statement + strlen(noun) : NULL;
}

static bool is_stopped(const struct fake_thread *thread)
{
	return !strcmp(thread->state, "No");
}

static void start_thread(struct fake_thread *thread, const struct fake_thread *outcome)
{
	*thread = outcome->state ? *outcome : (struct fake_thread){.state = "Yes"};
}

static void start(struct fake_mysql *fake, const char *what)
{
	if (fake->drops_at_start)
		fake->receiver.state = "No";
	if (is_mariadb(fake) && is_stopped(&fake->receiver) && is_stopped(&fake->applier))
		memcpy(fake->received, fake->applied, sizeof(fake->received));
	if (strcmp(what, " SQL_THREAD") != 0) {
		start_thread(&fake->receiver, &fake->started_receiver);
		fake->acks_now = fake->acks_setting && !strcmp(fake->receiver.state, "Yes");
		if (!strcmp(fake->receiver.state, "Yes"))
			(void)snprintf(fake->source_file, sizeof(fake->source_file), "bin.1");
	}
	if (strcmp(what, " IO_THREAD") != 0)
		start_thread(&fake->applier, &fake->started_applier);
	if (!fake->applies_after && !strcmp(fake->applier.state, "Yes"))
		memcpy(fake->applied, fake->received, sizeof(fake->applied));
}

static void stop(struct fake_mysql *fake, const char *what)
{
	fake->receiver.state = "No";
	fake->acks_now = false;
	if (!*what)
		fake->applier.state = "No";
}

static void forget(struct fake_mysql *fake)
{
	fake->sources = 0;
	fake->received[0] = '\0';
}

static void change(struct fake_mysql *fake, const char *statement)
{
	const char *host = strstr(statement, "HOST='") + strlen("HOST='");

	(void)snprintf(fake->source_host, sizeof(fake->source_host), "%.*s",
		       (int)strcspn(host, "'"), host);
	fake->source_port =
		(unsigned int)strtoul(strstr(statement, "PORT=") + strlen("PORT="), NULL, 10);
	fake->source_file[0] = '\0';
	fake->sources = 1;
	fake->using_gtid = "Slave_Pos";
	fake->receiver = fake->applier = (struct fake_thread){.state = "No"};
	if (strstr(statement, "MASTER_DEMOTE_TO_SLAVE=1"))
		memcpy(fake->applied, fake->position, sizeof(fake->applied));
}

static void kill_session(struct fake_mysql *fake, const char *statement, struct answer *answer)
{
	unsigned int id = (unsigned int)strtoul(strrchr(statement, ' ') + 1, NULL, 10);

	for (size_t i = 0; i < FAKE_SESSIONS_MAX; i++) {
		struct fake_session *session = &fake->sessions[i];

		if (session->id != id || !id)
			continue;
		assert_string_not_equal(session->user, "system user");
		assert_string_not_equal(session->command, "Binlog Dump");
		session->is_killed = true;
		session->holds_up = false;
		if (!session->stays_dying)
			session->id = 0;
		return;
	}
	answer_set_error(answer, 1094, "Unknown thread id");
}

static void close_server(struct fake_mysql *fake, struct answer *answer)
{
	for (size_t i = 0; i < FAKE_SESSIONS_MAX; i++)
		if (fake->sessions[i].id && fake->sessions[i].holds_up) {
			now_ns += 1000000000;
			answer_set_error(answer, 1205, "Lock wait timeout exceeded");
			return;
		}
	fake->is_read_only = fake->is_super_read_only = true;
}

static void set_semi_sync(struct fake_mysql *fake, const char *statement, struct answer *answer)
{
	const char *waits = fake->has_new_names ? "rpl_semi_sync_source_" : "rpl_semi_sync_master_";
	const char *acks = fake->has_new_names ? "rpl_semi_sync_replica_" : "rpl_semi_sync_slave_";
	bool is_on = strstr(statement, "enabled=ON") != NULL;

	if (!fake->has_semi_sync || (!strstr(statement, waits) && !strstr(statement, acks))) {
		answer_set_error(answer, 1193, "Unknown system variable");
	} else if (strstr(statement, acks)) {
		fake->acks_setting = is_on;
	} else if (strstr(statement, "_enabled=")) {
		fake->waits = is_on;
		fake->has_fallen_back = false;
	} else {
		fake->is_after_sync = strstr(statement, "wait_point='AFTER_SYNC'") != NULL;
		fake->waits_for_ever =
			strstr(statement, is_mariadb(fake) ? "timeout=18446744073709551615,"
							   : "timeout=4294967295,") != NULL;
	}
}

static void set_global(struct fake_mysql *fake, const char *what, struct answer *answer)
{
	if (begins(what, "rpl_semi_sync_"))
		set_semi_sync(fake, what, answer);
	else if (!strcmp(what, is_mariadb(fake) ? "read_only=ON" : "super_read_only=ON"))
		close_server(fake, answer);
	else if (!strcmp(what, is_mariadb(fake) ? "read_only=OFF"
						: "super_read_only=OFF, GLOBAL read_only=OFF"))
		fake->is_read_only = fake->is_super_read_only = fake->opens_again;
	else if (!strcmp(what, "gtid_strict_mode=ON") && is_mariadb(fake))
		fake->is_strict = true;
	else if (!strcmp(what, "event_scheduler=OFF"))
		fake->has_events = false;
	else if (begins(what, "gtid_slave_pos='") && is_mariadb(fake))
		(void)snprintf(fake->applied, sizeof(fake->applied), "%.*s",
			       (int)strcspn(what + 16, "'"), what + 16);
	else
		answer_set_error(answer, 1064, "You have an error in your SQL syntax");
}

static void obey(struct fake_mysql *fake, const char *statement, struct answer *answer)
{
	const char *begins_change = is_mysql_since(fake, 80023)
					    ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST"
					    : "CHANGE MASTER TO MASTER_HOST";

	if (begins(statement, "SET GLOBAL "))
		set_global(fake, statement + strlen("SET GLOBAL "), answer);
	else if (after(fake, statement, "START"))
		start(fake, after(fake, statement, "START"));
	else if (after(fake, statement, "STOP"))
		stop(fake, after(fake, statement, "STOP"));
	else if (after(fake, statement, "RESET"))
		forget(fake);
	else if (begins(statement, begins_change))
		change(fake, statement);
	else if (begins(statement, "KILL CONNECTION "))
		kill_session(fake, statement, answer);
	else if (!begins(statement, "SET SESSION "))
		answer_set_error(answer, 1064, "You have an error in your SQL syntax");
}

/* What the fake tells */

static const char *on(bool is_on)
{
	return is_on ? "ON" : "OFF";
}

static void tell_sets(struct fake_mysql *fake, struct answer *answer)
{
	char text[1024];

	if (fake->moves_on)
		(void)snprintf(fake->position, sizeof(fake->position), "0-1-%u",
			       100 + fake->moves++);
	(void)snprintf(text, sizeof(text), "own_id\tlogged\tapplied\tposition\n%d\t%s\t%s\t%s\n",
		       OWN_ID, fake->logged, fake->applied, fake->position);
	rows_fill(answer, text);
}

static void tell_variables(const struct fake_mysql *fake, struct answer *answer)
{
	const char *waits = fake->has_new_names ? "source" : "master";
	const char *acks = fake->has_new_names ? "replica" : "slave";
	const char *longest = is_mariadb(fake) ? "18446744073709551615" : "4294967295";
	char text[2048];
	size_t len =
		(size_t)snprintf(text, sizeof(text),
				 "Variable_name\tValue\nserver_id\t2\nread_only\t%s\nlog_bin\tON\n"
				 "log_%s_updates\tON\nevent_scheduler\t%s\n",
				 on(fake->is_read_only), has_new_words(fake) ? "replica" : "slave",
				 on(fake->has_events));

	if (is_mariadb(fake))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "gtid_strict_mode\t%s\n",
					on(fake->is_strict));
	else
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"super_read_only\t%s\ngtid_mode\t%s\n",
					on(fake->is_super_read_only), fake->gtid_mode);
	if (fake->has_semi_sync)
		(void)snprintf(text + len, sizeof(text) - len,
			       "rpl_semi_sync_%s_enabled\t%s\nrpl_semi_sync_%s_timeout\t%s\n"
			       "rpl_semi_sync_%s_wait_point\t%s\nrpl_semi_sync_%s_wait_no_%s\tON\n"
			       "rpl_semi_sync_%s_enabled\t%s\n",
			       waits, on(fake->waits), waits,
			       fake->waits_for_ever ? longest : "10000", waits,
			       fake->is_after_sync ? "AFTER_SYNC" : "AFTER_COMMIT", waits, acks,
			       acks, on(fake->acks_setting));
	rows_fill(answer, text);
}

static void tell_counters(const struct fake_mysql *fake, struct answer *answer)
{
	const char *waits = fake->has_new_names ? "source" : "master";
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "Variable_name\tValue\nHandler_write\t%u\nRpl_semi_sync_%s_status\t%s\n"
		       "Rpl_semi_sync_%s_clients\t1\nRpl_semi_sync_%s_no_tx\t0\n"
		       "Rpl_semi_sync_%s_wait_sessions\t%u\nRpl_semi_sync_%s_status\t%s\n",
		       fake->changed_rows, waits, on(fake->waits && !fake->has_fallen_back), waits,
		       waits, waits, fake->waiting_sessions,
		       fake->has_new_names ? "replica" : "slave", on(fake->acks_now));
	rows_fill(answer, text);
}

static void tell_replica(const struct fake_mysql *fake, struct answer *answer)
{
	bool is_new = has_new_words(fake);
	char text[2048];
	size_t len = (size_t)snprintf(
		text, sizeof(text),
		"%s_Host\t%s_Port\t%s_Log_File\t%s_IO_Running\t%s_SQL_Running\tLast_IO_Errno\t"
		"Last_IO_Error\tLast_SQL_Errno\tLast_SQL_Error\tSeconds_Behind_%s\tSQL_Delay\t"
		"Relay_Log_File\tRelay_Log_Pos\t%s\t%s\n",
		is_new ? "Source" : "Master", is_new ? "Source" : "Master",
		is_new ? "Source" : "Master", is_new ? "Replica" : "Slave",
		is_new ? "Replica" : "Slave", is_new ? "Source" : "Master",
		is_mariadb(fake) ? "Gtid_IO_Pos" : "Retrieved_Gtid_Set",
		is_mariadb(fake) ? "Using_Gtid" : "Auto_Position");

	for (unsigned int i = 0; i < fake->sources; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len,
			"%s\t%u\t%s\t%s\t%s\t%u\t%s\t%u\t%s\t0\t0\trelay.000001\t4\t%s\t%s\n",
			fake->source_host, fake->source_port, fake->source_file,
			fake->receiver.state, fake->applier.state, fake->receiver.code,
			fake->receiver.text ? fake->receiver.text : "", fake->applier.code,
			fake->applier.text ? fake->applier.text : "", fake->received,
			is_mariadb(fake) ? fake->using_gtid : "1");
	rows_fill(answer, text);
}

static void tell_sessions(const struct fake_mysql *fake, struct answer *answer)
{
	char text[2048];
	size_t len =
		(size_t)snprintf(text, sizeof(text),
				 "Id\tUser\tCommand\n99\troot\tQuery\n3\tsystem user\tConnect\n"
				 "4\trepl\tBinlog Dump\n5\tevent_scheduler\tDaemon\n");

	for (size_t i = 0; i < FAKE_SESSIONS_MAX; i++)
		if (fake->sessions[i].id)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%u\t%s\t%s\n",
						fake->sessions[i].id, fake->sessions[i].user,
						fake->sessions[i].is_killed
							? "Killed"
							: fake->sessions[i].command);
	rows_fill(answer, text);
}

/* A second passes, or what was received is applied before. */
static void wait_for_set(struct fake_mysql *fake, struct answer *answer)
{
	bool is_done = fake->applies_after && !--fake->applies_after;

	now_ns += is_done ? 1000000 : 1000000000;
	if (is_done && !strcmp(fake->applier.state, "Yes"))
		memcpy(fake->applied, fake->received, sizeof(fake->applied));
	rows_fill(answer, is_done ? "w\n0\n" : "w\n-1\n");
}

static bool tell(struct fake_mysql *fake, const char *statement, struct answer *answer)
{
	if (begins(statement, "SELECT CONNECTION_ID()"))
		tell_sets(fake, answer);
	else if (begins(statement, "SHOW GLOBAL VARIABLES"))
		tell_variables(fake, answer);
	else if (begins(statement, "SHOW GLOBAL STATUS"))
		tell_counters(fake, answer);
	else if (!strcmp(statement, is_mariadb(fake)	  ? "SHOW ALL SLAVES STATUS"
				    : has_new_words(fake) ? "SHOW REPLICA STATUS"
							  : "SHOW SLAVE STATUS"))
		tell_replica(fake, answer);
	else if (!strcmp(statement, "SHOW PROCESSLIST"))
		tell_sessions(fake, answer);
	else if (begins(statement, is_mariadb(fake) ? "SELECT MASTER_GTID_WAIT("
						    : "SELECT WAIT_FOR_EXECUTED_GTID_SET("))
		wait_for_set(fake, answer);
	else if (begins(statement, "SHOW RELAYLOG EVENTS") && is_mariadb(fake))
		answer_set_error(answer, 1220, "Could not find target log");
	else
		return false;
	return true;
}

static void note(struct fake_mysql *fake, const char *statement)
{
	assert_true(fake->statement_count < FAKE_STATEMENTS_MAX);
	fake->statements[fake->statement_count++] = strdup(statement);
}

static int fake_query(struct link *link, const char *statement, int64_t deadline_ms,
		      struct answer *ret_answer)
{
	struct fake_mysql *fake = link->fake;
	size_t len = strlen(fake->told);

	(void)snprintf(fake->told + len, sizeof(fake->told) - len, "%.60s\n", statement);
	if (fake->is_slow)
		now_ns += 100000000;
	if (now_ns > deadline_ms * 1000000)
		return -ETIMEDOUT;
	if (fake->refused && begins(statement, fake->refused)) {
		answer_set_error(ret_answer, fake->refused_code,
				 strstr(statement, "sEcReT") ? "refused, near 'sEcReT'"
							     : "refused");
		return 0;
	}
	if (tell(fake, statement, ret_answer))
		return 0;
	obey(fake, statement, ret_answer);
	if (!begins(statement, "SET SESSION "))
		note(fake, statement);
	return fake->dies_after && fake->statement_count >= fake->dies_after ? -EIO : 0;
}

static int fake_connect(struct haops_ctx *ctx, const struct haops_mysql_target *target,
			int64_t deadline_ms, struct link **ret_link, struct answer *ret_answer)
{
	struct link *link;

	(void)ctx;
	(void)target;
	(void)deadline_ms;
	if (the_fake->connect_result < 0) {
		answer_set_error(ret_answer, the_fake->connect_code,
				 the_fake->connect_text ? the_fake->connect_text : "");
		return the_fake->connect_result;
	}
	link = calloc(1, sizeof(*link));
	assert_non_null(link);
	link->fake = the_fake;
	the_fake->open_links++;
	*ret_link = link;
	return 0;
}

static const char *fake_server_text(const struct link *link)
{
	return link->fake->version;
}

static void fake_close(struct link *link)
{
	link->fake->open_links--;
	free(link);
}

const struct boundary boundary_fake = {.connect = fake_connect,
				       .query = fake_query,
				       .server_text = fake_server_text,
				       .close = fake_close};
