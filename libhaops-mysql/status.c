/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a server's answers into its status. Asks nothing: see session.c. */
#include "status.h"
#include "internal.h"
#include "text.h"

#include <stdio.h>
#include <strings.h>

struct reading {
	struct haops_ctx *ctx;
	const struct dialect *dialect;
	const struct status_answers *answers;
	struct facts *facts;
	size_t row; /* of the source in question */
};

static int not_understood(const struct reading *reading, const char *what, const char *value)
{
	return haops_fail(reading->ctx, EPROTO, "%s: %s \"%.40s\" is not understood",
			  reading->facts->status.server.text, what, value ? value : "NULL");
}

static bool is_any(const char *value, const char *const *words)
{
	for (; value && *words; words++)
		if (!strcasecmp(value, *words))
			return true;
	return false;
}

static bool is_on(const char *value)
{
	return is_any(value, (const char *const[]){"ON", "1", "YES", "TRUE", NULL});
}

static bool is_off(const char *value)
{
	return is_any(value, (const char *const[]){"OFF", "0", "NO", "FALSE", NULL});
}

static uint64_t number_or_0(const char *text)
{
	uint64_t number = 0;

	(void)text_to_number(text, &number);
	return number;
}

static void put(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text ? text : "");
}

static const char *variable(const struct reading *reading, const char *name)
{
	return answer_variable(&reading->answers->variables, name);
}

/* A variable or a counter whose name begins with what the plug-in is called. */
static const char *semi(const struct answer *answer, const char *prefix, const char *end)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s%s", prefix, end);
	return answer_variable(answer, name);
}

static int read_set(const struct reading *reading, const char *text,
		    struct haops_mysql_gtid **ret_set)
{
	int r = haops_mysql_gtid_parse(reading->ctx, reading->dialect->flavor, text, ret_set);

	return r == -EINVAL ? -EPROTO : r;
}

static int read_sets(const struct reading *reading)
{
	const struct answer *sets = &reading->answers->sets;
	const char *own_id = answer_get(sets, 0, "own_id", NULL);
	const char *logged = answer_get(sets, 0, "logged", NULL);
	const char *applied = answer_get(sets, 0, "applied", NULL);
	const char *position = answer_get(sets, 0, "position", NULL);
	struct facts *facts = reading->facts;
	int r;

	if (!text_to_number(own_id, &facts->own_id))
		return not_understood(reading, "the number of our session", own_id);
	if (!logged || !applied || !position)
		return not_understood(reading, "its sets of transactions", NULL);
	facts->status.instance = number_or_0(answer_get(sets, 0, "instance", NULL));
	facts->position = strdup(position);
	facts->applied_text = strdup(applied);
	if (!facts->position || !facts->applied_text)
		return haops_fail(reading->ctx, ENOMEM, "memory is short");
	r = read_set(reading, logged, &facts->status.logged);
	return r < 0 ? r : read_set(reading, applied, &facts->status.applied);
}

static int read_number(const struct reading *reading, const char *name, uint64_t max,
		       uint64_t *ret_number)
{
	const char *value = variable(reading, name);

	if (!text_to_number(value, ret_number) || *ret_number > max)
		return not_understood(reading, name, value);
	return 0;
}

static int read_switch(const struct reading *reading, const char *name, bool *ret_is_on)
{
	const char *value = variable(reading, name);

	if (!is_on(value) && !is_off(value))
		return not_understood(reading, name, value);
	*ret_is_on = is_on(value);
	return 0;
}

/* Newer MariaDB has more ways of being read-only than ON: all that is not OFF. */
static int read_writability(const struct reading *reading)
{
	struct haops_mysql_status *status = &reading->facts->status;
	const char *read_only = variable(reading, "read_only");
	bool is_super_read_only = false;
	int r = 0;

	if (!read_only)
		return not_understood(reading, "read_only", NULL);
	if (reading->dialect->flavor == HAOPS_MYSQL_MYSQL)
		r = read_switch(reading, "super_read_only", &is_super_read_only);
	status->is_writable = is_off(read_only) && !is_super_read_only;
	status->is_read_only = reading->dialect->flavor == HAOPS_MYSQL_MYSQL ? is_super_read_only
									     : !is_off(read_only);
	return r;
}

static int read_gtid_mode(const struct reading *reading)
{
	const char *mode = variable(reading, "gtid_mode");

	reading->facts->is_strict = is_on(variable(reading, "gtid_strict_mode"));
	if (reading->dialect->flavor == HAOPS_MYSQL_MYSQL && !is_on(mode))
		return haops_fail(reading->ctx, ENOTSUP,
				  "%s: gtid_mode is %.40s: it has to be ON to replicate by GTID",
				  reading->facts->status.server.text, mode ? mode : "unknown");
	return 0;
}

static int read_variables(const struct reading *reading)
{
	struct haops_mysql_status *status = &reading->facts->status;
	const char *updates = variable(reading, "log_slave_updates");
	uint64_t server_id;
	int r = read_number(reading, "server_id", UINT32_MAX, &server_id);

	if (r < 0)
		return r;
	status->server_id = (uint32_t)server_id;
	status->logs_applied = is_on(updates ? updates : variable(reading, "log_replica_updates"));
	reading->facts->has_events = is_on(variable(reading, "event_scheduler"));
	r = read_switch(reading, "log_bin", &status->has_binlog);
	if (r == 0)
		r = read_writability(reading);
	return r < 0 ? r : read_gtid_mode(reading);
}

static void read_waiting(const struct reading *reading)
{
	const struct answer *variables = &reading->answers->variables;
	const struct answer *counters = &reading->answers->counters;
	struct facts *facts = reading->facts;
	const char *prefix = facts->semi_waits;
	const char *without = semi(variables, prefix, "_wait_no_slave");
	const char *limit = semi(variables, prefix, "_timeout");
	const char *point = semi(variables, prefix, "_wait_point");

	if (!without)
		without = semi(variables, prefix, "_wait_no_replica");
	facts->is_waiting_on = is_on(semi(variables, prefix, "_enabled"));
	facts->waits_after_sync = point && !strcasecmp(point, "AFTER_SYNC");
	facts->waits_for_ever = limit && !strcmp(limit, reading->dialect->semi_sync_timeout);
	facts->waits_without = is_on(without);
	facts->waiting_count = number_or_0(semi(counters, prefix, "_wait_sessions"));
	/* Once a time limit has passed the setting says ON and nothing waits. */
	facts->status.waits_for_ack =
		facts->is_waiting_on && is_on(semi(counters, prefix, "_status"));
	facts->status.ackers = (unsigned int)number_or_0(semi(counters, prefix, "_clients"));
	facts->status.waiting = (unsigned int)facts->waiting_count;
	facts->status.acked = number_or_0(semi(counters, prefix, "_yes_tx"));
	facts->status.unacked = number_or_0(semi(counters, prefix, "_no_tx"));
}

/* Changing the setting changes nothing until the receiver is started again. */
static void read_acking(const struct reading *reading)
{
	struct facts *facts = reading->facts;

	facts->is_acking_on =
		is_on(semi(&reading->answers->variables, facts->semi_acks, "_enabled"));
	facts->status.acks = facts->is_acking_on;
	if (facts->status.receiver == HAOPS_MYSQL_RUNNING)
		facts->status.acks =
			is_on(semi(&reading->answers->counters, facts->semi_acks, "_status"));
}

static const char *first_prefix(const struct reading *reading, const char *old_prefix,
				const char *new_prefix)
{
	if (semi(&reading->answers->variables, old_prefix, "_enabled"))
		return old_prefix;
	return semi(&reading->answers->variables, new_prefix, "_enabled") ? new_prefix : NULL;
}

static void read_semi_sync(const struct reading *reading)
{
	struct facts *facts = reading->facts;

	facts->semi_waits = first_prefix(reading, "rpl_semi_sync_master", "rpl_semi_sync_source");
	facts->semi_acks = first_prefix(reading, "rpl_semi_sync_slave", "rpl_semi_sync_replica");
	if (facts->semi_waits)
		read_waiting(reading);
	if (facts->semi_acks)
		read_acking(reading);
}

static void read_changed_rows(const struct reading *reading)
{
	static const char *const names[] = {"Handler_write",	   "Handler_update",
					    "Handler_delete",	   "Innodb_rows_inserted",
					    "Innodb_rows_updated", "Innodb_rows_deleted"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		reading->facts->changed_rows +=
			number_or_0(answer_variable(&reading->answers->counters, names[i]));
}

static const char *column(const struct reading *reading, const char *name, const char *new_name)
{
	return answer_get(&reading->answers->replica, reading->row, name, new_name);
}

static bool is_source(const struct answer *replica, size_t row)
{
	const char *host = answer_get(replica, row, "Master_Host", "Source_Host");
	const char *channel = answer_get(replica, row, "Channel_Name", NULL);

	return host && *host && !(channel && !strncmp(channel, "group_replication_", 18));
}

static void count_sources(struct reading *reading)
{
	const struct answer *replica = &reading->answers->replica;
	struct haops_mysql_status *status = &reading->facts->status;

	for (size_t i = replica->row_count; i > 0; i--)
		if (is_source(replica, i - 1)) {
			reading->row = i - 1;
			status->source_count++;
		}
	status->is_replica = status->source_count > 0;
}

static int read_thread(const struct reading *reading, const char *value,
		       enum haops_mysql_thread *ret_thread)
{
	const char *const on_the_way[] = {"Connecting", "Preparing", NULL};

	if (is_on(value))
		*ret_thread = HAOPS_MYSQL_RUNNING;
	else if (is_off(value))
		*ret_thread = HAOPS_MYSQL_STOPPED;
	else if (is_any(value, on_the_way))
		*ret_thread = HAOPS_MYSQL_CONNECTING;
	else
		return not_understood(reading, "the state of a thread", value);
	return 0;
}

static int read_threads(const struct reading *reading)
{
	struct haops_mysql_status *status = &reading->facts->status;
	int r = read_thread(reading, column(reading, "Slave_IO_Running", "Replica_IO_Running"),
			    &status->receiver);

	if (r < 0)
		return r;
	status->receiver_errno = (unsigned int)number_or_0(column(reading, "Last_IO_Errno", NULL));
	status->applier_errno = (unsigned int)number_or_0(column(reading, "Last_SQL_Errno", NULL));
	put(status->receiver_error, sizeof(status->receiver_error),
	    column(reading, "Last_IO_Error", NULL));
	put(status->applier_error, sizeof(status->applier_error),
	    column(reading, "Last_SQL_Error", NULL));
	return read_thread(reading, column(reading, "Slave_SQL_Running", "Replica_SQL_Running"),
			   &status->applier);
}

/*
 * MariaDB tells a position of what was received also when it is gone: after CHANGE MASTER it is the
 * one from before, with no file of the source's. After a restart it tells none. With a thread that
 * runs it is right, as starting one threw the rest away.
 */
static bool needs_relay(const struct reading *reading, const char *received)
{
	const struct haops_mysql_status *status = &reading->facts->status;

	return reading->dialect->purges_relay_log && status->uses_gtid &&
	       status->receiver == HAOPS_MYSQL_STOPPED && status->applier == HAOPS_MYSQL_STOPPED &&
	       (!received || !*received || !reading->facts->is_fed);
}

static int read_received(const struct reading *reading)
{
	struct facts *facts = reading->facts;
	const char *received = column(reading, "Gtid_IO_Pos", "Retrieved_Gtid_Set");
	const char *source_file = column(reading, "Master_Log_File", "Source_Log_File");
	const char *using_gtid = column(reading, "Using_Gtid", NULL);

	facts->is_fed = source_file && *source_file;
	facts->status.uses_gtid =
		using_gtid ? !is_off(using_gtid) : is_on(column(reading, "Auto_Position", NULL));
	put(facts->relay_file, sizeof(facts->relay_file), column(reading, "Relay_Log_File", NULL));
	put(facts->relay_pos, sizeof(facts->relay_pos), column(reading, "Relay_Log_Pos", NULL));
	facts->needs_relay = needs_relay(reading, received);
	return status_set_received(reading->ctx, facts, facts->needs_relay ? "" : received);
}

static void read_tls(const struct reading *reading)
{
	const char *allowed = column(reading, "Master_SSL_Allowed", "Source_SSL_Allowed");

	reading->facts->tells_tls = allowed != NULL;
	reading->facts->has_tls = is_on(allowed);
	put(reading->facts->source_ca, sizeof(reading->facts->source_ca),
	    column(reading, "Master_SSL_CA_File", "Source_SSL_CA_File"));
}

static int read_source(struct reading *reading)
{
	struct haops_mysql_status *status = &reading->facts->status;
	const char *lag;
	uint64_t lag_s;
	int r;

	count_sources(reading);
	status->lag_s = -1;
	if (!status->is_replica)
		return status_set_received(reading->ctx, reading->facts, "");
	put(status->source_host, sizeof(status->source_host),
	    column(reading, "Master_Host", "Source_Host"));
	status->source_port =
		(unsigned int)number_or_0(column(reading, "Master_Port", "Source_Port"));
	read_tls(reading);
	status->delay_s = (unsigned int)number_or_0(column(reading, "SQL_Delay", NULL));
	lag = column(reading, "Seconds_Behind_Master", "Seconds_Behind_Source");
	if (text_to_number(lag, &lag_s) && lag_s < INT64_MAX)
		status->lag_s = (int64_t)lag_s;
	r = read_threads(reading);
	return r < 0 ? r : read_received(reading);
}

static int unite(struct haops_ctx *ctx, struct haops_mysql_status *status)
{
	struct haops_mysql_gtid *some = NULL;
	int r;

	status->all = haops_mysql_gtid_free(status->all);
	r = haops_mysql_gtid_unite(ctx, status->logged, status->applied, &some);
	if (r == 0)
		r = haops_mysql_gtid_unite(ctx, some, status->received, &status->all);
	haops_mysql_gtid_free(some);
	return r;
}

int status_set_received(struct haops_ctx *ctx, struct facts *facts, const char *text)
{
	struct haops_mysql_status *status = &facts->status;
	char *kept = strdup(text ? text : "");
	int r;

	if (!kept)
		return haops_fail(ctx, ENOMEM, "memory is short");
	free(facts->received_text);
	facts->received_text = kept;
	status->received = haops_mysql_gtid_free(status->received);
	r = haops_mysql_gtid_parse(ctx, status->server.flavor, kept, &status->received);
	if (r == 0)
		r = unite(ctx, status);
	return r == -EINVAL ? -EPROTO : r;
}

int status_read(struct haops_ctx *ctx, const struct haops_mysql_identity *server,
		const struct dialect *dialect, const struct status_answers *answers,
		struct facts *ret_facts)
{
	struct facts facts = {.status.server = *server};
	struct reading reading = {.ctx = ctx,
				  .dialect = dialect,
				  .answers = answers,
				  .facts = &facts};
	int r = read_variables(&reading);

	if (r == 0)
		r = read_sets(&reading);
	if (r == 0)
		r = read_source(&reading);
	if (r < 0) {
		facts_done(&facts);
		return r;
	}
	read_semi_sync(&reading);
	read_changed_rows(&reading);
	*ret_facts = facts;
	return 0;
}

void status_answers_done(struct status_answers *answers)
{
	answer_done(&answers->sets);
	answer_done(&answers->variables);
	answer_done(&answers->replica);
	answer_done(&answers->counters);
}

void facts_done(struct facts *facts)
{
	haops_mysql_status_done(&facts->status);
	free(facts->position);
	free(facts->applied_text);
	free(facts->received_text);
	*facts = (struct facts){0};
}
