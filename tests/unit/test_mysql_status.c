/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers answered, read into their status. */
#include "mysql_recorded.h"
#include "mysql_rows.h"
#include "status.h"

struct texts {
	const char *version;
	const char *sets;
	const char *variables;
	const char *replica;
	const char *counters;
};

static const struct texts mariadb_primary = {"10.11.19-MariaDB-log", mariadb_primary_sets,
					     mariadb_primary_variables, "",
					     mariadb_primary_counters};
static const struct texts mariadb_replica = {"10.11.19-MariaDB-log", mariadb_replica_sets,
					     mariadb_replica_variables, mariadb_replica_replica,
					     mariadb_replica_counters};
static const struct texts mysql84 = {"8.4.0", mysql84_sets, mysql84_variables, mysql84_replica,
				     mysql84_counters};
static const struct texts mysql57 = {"5.7.44-log", mysql57_sets, mysql57_variables, mysql57_replica,
				     mysql57_counters};

static int read_texts(struct haops_ctx *ctx, const struct texts *texts, struct facts *ret_facts)
{
	struct status_answers answers = {0};
	struct haops_mysql_identity server;
	int r;

	assert_true(dialect_parse_server(texts->version, &server));
	rows_fill(&answers.sets, texts->sets);
	rows_fill(&answers.variables, texts->variables);
	rows_fill(&answers.replica, texts->replica);
	rows_fill(&answers.counters, texts->counters);
	r = status_read(ctx, &server, dialect_find(&server), &answers, ret_facts);
	status_answers_done(&answers);
	return r;
}

static void assert_set(struct haops_ctx *ctx, const struct haops_mysql_gtid *set,
		       const char *expected)
{
	char *text = NULL;

	assert_int_equal(haops_mysql_gtid_format(ctx, set, &text), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void test_mariadb_primary(void **state)
{
	struct haops_ctx *ctx = *state;
	struct facts facts;
	const struct haops_mysql_status *status = &facts.status;

	assert_int_equal(read_texts(ctx, &mariadb_primary, &facts), 0);
	assert_int_equal(status->server_id, 1);
	assert_int_equal(status->instance, 1795763412);
	assert_true(status->is_writable && status->has_binlog && status->logs_applied);
	assert_false(status->is_read_only || status->is_replica || status->acks);
	assert_true(status->waits_for_ack);
	assert_int_equal(status->ackers, 1);
	assert_int_equal(status->lag_s, -1);
	assert_set(ctx, status->logged, "0-1-2");
	assert_set(ctx, status->applied, "");
	assert_set(ctx, status->received, "");
	assert_set(ctx, status->all, "0-1-2");
	assert_int_equal(facts.own_id, 11);
	assert_int_equal(facts.changed_rows, 2);
	assert_true(facts.is_strict && facts.waits_after_sync && facts.waits_for_ever &&
		    facts.waits_without);
	facts_done(&facts);
}

static void test_mariadb_replica(void **state)
{
	struct haops_ctx *ctx = *state;
	struct facts facts;
	const struct haops_mysql_status *status = &facts.status;

	assert_int_equal(read_texts(ctx, &mariadb_replica, &facts), 0);
	assert_true(status->is_read_only && status->is_replica && status->uses_gtid);
	assert_false(status->is_writable || status->waits_for_ack);
	assert_int_equal(status->source_count, 1);
	assert_string_equal(status->source_host, "127.0.0.1");
	assert_int_equal(status->source_port, 3301);
	assert_int_equal(status->receiver, HAOPS_MYSQL_RUNNING);
	assert_int_equal(status->applier, HAOPS_MYSQL_RUNNING);
	assert_int_equal(status->lag_s, 0);
	assert_true(status->acks && facts.is_acking_on && facts.is_fed);
	assert_set(ctx, status->received, "0-1-2");
	assert_string_equal(facts.semi_waits, "rpl_semi_sync_master");
	assert_false(facts.needs_relay || facts.waits_after_sync || facts.waits_for_ever);
	facts_done(&facts);
}

static void test_mariadb_broken(void **state)
{
	struct texts texts = mariadb_replica;
	struct facts facts;
	const struct haops_mysql_status *status = &facts.status;

	texts.replica = mariadb_broken_replica;
	assert_int_equal(read_texts(*state, &texts, &facts), 0);
	assert_int_equal(status->receiver, HAOPS_MYSQL_CONNECTING);
	assert_int_equal(status->applier, HAOPS_MYSQL_STOPPED);
	assert_int_equal(status->receiver_errno, 2013);
	assert_int_equal(status->applier_errno, 1062);
	assert_non_null(strstr(status->applier_error, "Duplicate entry '3'"));
	assert_int_equal(status->lag_s, -1);
	assert_set(*state, status->received, "0-1-3");
	assert_set(*state, status->all, "0-1-3");
	facts_done(&facts);
}

static void test_mariadb_restarted(void **state)
{
	struct texts texts = mariadb_replica;
	struct facts facts;

	texts.replica = mariadb_restarted_replica;
	assert_int_equal(read_texts(*state, &texts, &facts), 0);
	assert_true(facts.needs_relay);
	assert_string_equal(facts.relay_file, "relay.000002");
	assert_string_equal(facts.relay_pos, "1051");
	assert_set(*state, facts.status.received, "");
	assert_int_equal(status_set_received(*state, &facts, "0-1-7"), 0);
	assert_set(*state, facts.status.received, "0-1-7");
	assert_set(*state, facts.status.all, "0-1-7");
	assert_string_equal(facts.received_text, "0-1-7");
	assert_int_equal(status_set_received(*state, &facts, "nonsense"), -EPROTO);
	facts_done(&facts);
}

static void test_mysql84(void **state)
{
	struct haops_ctx *ctx = *state;
	struct facts facts;
	const struct haops_mysql_status *status = &facts.status;

	assert_int_equal(read_texts(ctx, &mysql84, &facts), 0);
	assert_false(status->is_read_only || status->is_writable); /* read_only alone */
	assert_int_equal(status->source_count, 1); /* group replication's channel is none */
	assert_string_equal(status->source_host, "db1");
	assert_int_equal(status->source_port, 3307);
	assert_int_equal(status->lag_s, 17);
	assert_int_equal(status->delay_s, 5);
	assert_true(status->uses_gtid && status->acks && facts.has_events && facts.is_fed);
	assert_set(ctx, status->received, "3e11fa47-71ca-11e1-9e33-c80aa9429562:6-20");
	assert_set(ctx, status->applied, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12");
	assert_set(ctx, status->all, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-20");
	assert_string_equal(facts.semi_waits, "rpl_semi_sync_source");
	assert_string_equal(facts.semi_acks, "rpl_semi_sync_replica");
	assert_int_equal(facts.changed_rows, 321);
	assert_int_equal(status->unacked, 3);
	facts_done(&facts);
}

static void test_mysql57(void **state)
{
	struct facts facts;
	const struct haops_mysql_status *status = &facts.status;

	assert_int_equal(read_texts(*state, &mysql57, &facts), 0);
	assert_true(status->is_writable && status->is_replica && status->logs_applied);
	assert_int_equal(status->receiver, HAOPS_MYSQL_STOPPED);
	assert_false(facts.needs_relay); /* it tells what is in the relay log */
	assert_null(facts.semi_waits);
	assert_null(facts.semi_acks);
	facts_done(&facts);
}

/* One line of an answer changed. */
static int read_changed(struct haops_ctx *ctx, const struct texts *texts, const char *from,
			const char *to)
{
	const char *at = strstr(texts->variables, from);
	struct texts changed = *texts;
	struct facts facts;
	char text[2048];
	int r;

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - texts->variables),
		       texts->variables, to, at + strlen(from));
	changed.variables = text;
	r = read_texts(ctx, &changed, &facts);
	if (r == 0)
		facts_done(&facts);
	return r;
}

static void test_not_understood(void **state)
{
	assert_int_equal(read_changed(*state, &mariadb_replica, "read_only\tON", "read_only\tON"),
			 0);
	assert_int_equal(read_changed(*state, &mariadb_replica, "read_only\tON",
				      "read_only\tNO_LOCK"),
			 0);
	assert_int_equal(read_changed(*state, &mariadb_replica, "read_only\tON", "x\tON"), -EPROTO);
	assert_int_equal(read_changed(*state, &mariadb_replica, "server_id\t2",
				      "server_id\t4294967296"),
			 -EPROTO);
	assert_int_equal(read_changed(*state, &mariadb_replica, "server_id\t2", "x\t2"), -EPROTO);
	assert_int_equal(read_changed(*state, &mariadb_replica, "log_bin\tON", "log_bin\tMAYBE"),
			 -EPROTO);
	assert_int_equal(read_changed(*state, &mysql84, "super_read_only\tOFF", "x\tOFF"), -EPROTO);
	assert_int_equal(read_changed(*state, &mysql84, "gtid_mode\tON",
				      "gtid_mode\tOFF_PERMISSIVE"),
			 -ENOTSUP);
}

static void test_sets_not_understood(void **state)
{
	static const char *const sets[] = {"",
					   "own_id\tlogged\tapplied\tposition\n",
					   "own_id\tlogged\tapplied\tposition\n1\tNULL\t\t\n",
					   "own_id\tlogged\tapplied\tposition\nx\t\t\t\n",
					   "own_id\tlogged\tapplied\tposition\n1\t0-1\t\t\n",
					   "own_id\tlogged\tapplied\n1\t\t\n"};
	struct texts texts = mariadb_primary;
	struct facts facts;

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		texts.sets = sets[i];
		assert_int_equal(read_texts(*state, &texts, &facts), -EPROTO);
	}
}

/* A setting that says ON while nothing waits any more. */
static void test_fallen_back(void **state)
{
	struct texts texts = mariadb_primary;
	struct facts facts;

	texts.counters = "Variable_name\tValue\nRpl_semi_sync_master_status\tOFF\n";
	assert_int_equal(read_texts(*state, &texts, &facts), 0);
	assert_true(facts.is_waiting_on);
	assert_false(facts.status.waits_for_ack);
	facts_done(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(test_mariadb_primary), TEST_CTX(test_mariadb_replica),
		TEST_CTX(test_mariadb_broken),	TEST_CTX(test_mariadb_restarted),
		TEST_CTX(test_mysql84),		TEST_CTX(test_mysql57),
		TEST_CTX(test_not_understood),	TEST_CTX(test_sets_not_understood),
		TEST_CTX(test_fallen_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
