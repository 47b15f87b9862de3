/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8), rejoin: the end of a binary log as mariadb-binlog writes it, where histories
 * part, and what can be taken back. The lines are those of MariaDB 10.11. */

#include "position.h"
#include "tables.h"
#include "unit.h"
#include "ways.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "#261127  6:46:28 server id 2  end_log_pos 1243 CRC32 0x31705acc \t"

static void scan(struct tail *tail, const char *const *lines)
{
	memset(tail, 0, sizeof(*tail));
	for (; *lines; lines++)
		tail_scan(tail, *lines);
	tail_scan_end(tail);
}

static const char *const rows[] = {
	"DELIMITER /*!*/;",
	"# at 4",
	HEAD "Start: binlog v 4, server v 10.11.19-MariaDB created 261127  6:46:19 at startup",
	HEAD "Gtid list [0-1-5,",
	"# 0-2-8]",
	HEAD "Binlog checkpoint binlog.000001",
	HEAD "GTID 0-2-6 trans",
	"START TRANSACTION",
	HEAD "Annotate_rows:",
	"#Q> insert into d.t values(10,'x'), (11,",
	"#Q> '### UPDATE `no`.`table`')",
	HEAD "Table_map: `d`.`t` mapped to number 18",
	HEAD "Write_rows: table id 18 flags: STMT_END_F",
	"### INSERT INTO `d`.`t`",
	"### SET",
	"###   @1=10",
	"###   @2='x'",
	"### INSERT INTO `d`.`t`",
	"### SET",
	"###   @1=11",
	"###   @2=NULL",
	"# Number of rows: 2",
	HEAD "Xid = 15",
	"COMMIT/*!*/;",
	HEAD "GTID 0-2-7 trans",
	HEAD "Update_rows: table id 19 flags: STMT_END_F",
	"### UPDATE `d`.`u`",
	"### WHERE",
	"###   @1=2",
	"### SET",
	"###   @1=3",
	HEAD "GTID 0-7-8 trans",
	HEAD "Delete_rows: table id 18 flags: STMT_END_F",
	"### DELETE FROM `d`.`t`",
	"### WHERE",
	"###   @1=3",
	"###   @2='c'",
	HEAD "Xid = 16",
	"# End of log file",
	NULL,
};

static void test_rows(void **state)
{
	struct tail tail;

	(void)state;
	scan(&tail, rows);
	assert_int_equal(tail.transactions, 3);
	assert_int_equal(tail.others, 0);
	assert_true(tail.is_whole);
	assert_false(tail.is_cut);
	assert_int_equal(tail.table_count, 2);
	assert_string_equal(tail.tables[0].name, "`d`.`t`");
	assert_int_equal(tail.tables[0].rows, 3);
	assert_int_equal(tail.tables[0].least_columns, 2);
	assert_int_equal(tail.tables[0].most_columns, 2);
	assert_string_equal(tail.tables[1].name, "`d`.`u`");
	assert_int_equal(tail.tables[1].most_columns, 1);
	assert_int_equal(tail.pair_count, 2);
	assert_int_equal(tail.pairs[0].server, 2);
	assert_int_equal(tail.pairs[0].first, 6);
	assert_int_equal(tail.pairs[0].last, 7);
	assert_int_equal(tail.pairs[1].server, 7);
}

/* What is no row, or is not known, cannot be taken back. */
static void test_others(void **state)
{
	static const char *const events[] = {
		HEAD "Query\tthread_id=21\texec_time=0\terror_code=0\txid=98",
		HEAD "GTID 0-7-10 ddl",
		HEAD "GTID nonsense",
		HEAD "GTID 0-99999999999-1",
		HEAD "Intvar",
		HEAD "Execute_load_query",
		"#261127  6:46:28 server id 2  end_log_pos 1243",
	};
	struct tail tail;

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const char *const lines[] = {events[i], NULL};

		scan(&tail, lines);
		assert_int_equal(tail.others, 1);
		assert_true(tail.other[0] != '\0');
		assert_false(tail.is_whole);
	}
}

/* An update that logs only what it changed. */
static void test_partial_rows(void **state)
{
	static const char *const lines[] =
		{"### UPDATE `d`.`t`", "### WHERE",  "###   @1=2", "### SET",
		 "###   @2='x'",       "###   @3=1", NULL};
	struct tail tail;

	(void)state;
	scan(&tail, lines);
	assert_int_equal(tail.tables[0].least_columns, 1);
	assert_int_equal(tail.tables[0].most_columns, 2);
}

static void test_bounds(void **state)
{
	struct tail tail = {0};
	char line[TAIL_NAME_MAX + 64];

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(line, sizeof(line), "### INSERT INTO `d`.`t%d`", i);
		tail_scan(&tail, line);
		(void)snprintf(line, sizeof(line), HEAD "GTID 0-%d-1 trans", i);
		tail_scan(&tail, line);
	}
	assert_int_equal(tail.table_count, TAIL_TABLES_MAX);
	assert_int_equal(tail.pair_count, TAIL_PAIRS_MAX);
	assert_true(tail.is_cut);
	memset(&tail, 0, sizeof(tail));
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memcpy(line, "### INSERT INTO ", 16);
	tail_scan(&tail, line);
	assert_true(tail.is_cut);
	assert_int_equal(tail.table_count, 0);
}

static void test_common_position(void **state)
{
	static const struct {
		const char *own;
		const char *primary;
		int result;
		const char *position;
	} table[] = {
		{"0-1-5514", "0-1-5513,0-2-5613", 0, "0-1-5513"},
		{"0-1-5,0-2-8,0-7-9", "0-1-6", 0, "0-1-5"},
		{"0-1-5,0-2-8,0-3-12", "0-1-5,0-2-7,0-3-10", 0, "0-3-10"},
		{"0-1-5,1-2-8", "0-1-6", 0, "0-1-5"},
		{"0-1-5,1-2-8", "0-1-6,1-2-7", 0, "0-1-5,1-2-7"},
		{"0-2-8", "0-1-6", -ENOENT, NULL},
		{"", "0-1-6", -ENOENT, NULL},
		{"0-1-5", "", -ENOENT, NULL},
		{"0-1", "0-1-6", -EINVAL, NULL},
		{"0-1-5", "x", -EINVAL, NULL},
		{"0-1-99999999999999999999999", "0-1-6", -EINVAL, NULL},
		{"4294967296-1-1", "0-1-6", -EINVAL, NULL},
	};
	char position[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(position_common(table[i].own, table[i].primary, position,
						 sizeof(position)),
				 table[i].result);
		if (table[i].position)
			assert_string_equal(position, table[i].position);
	}
	assert_int_equal(position_common("0-1-5", "0-1-5", position, 4), -EINVAL);
}

static void test_common_state(void **state)
{
	static const struct {
		const char *own;
		const char *primary;
		const char *common;
	} table[] = {
		{"0-1-5514", "0-1-5513,0-2-5613", "0-1-5513"},
		{"0-3-12,0-1-5,0-2-8", "0-1-5,0-2-7,0-3-10", "0-1-5,0-2-7,0-3-10"},
		{"1-1-4,0-2-3,0-1-9", "0-1-20,0-2-3,1-1-4", "0-2-3,0-1-9,1-1-4"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(position_common_state(table[i].own, table[i].primary, text,
						       sizeof(text)),
				 0);
		assert_string_equal(text, table[i].common);
	}
	assert_int_equal(position_common_state("0-2-8", "0-1-6", text, sizeof(text)), -ENOENT);
	assert_int_equal(position_common_state("x", "0-1-6", text, sizeof(text)), -EINVAL);
}

static void test_beyond(void **state)
{
	struct tail tail;

	(void)state;
	scan(&tail, rows);
	assert_true(position_is_beyond(&tail, "0-1-6"));
	assert_true(position_is_beyond(&tail, "0-1-6,0-2-5"));
	assert_false(position_is_beyond(&tail, "0-1-6,0-2-6"));
	assert_false(position_is_beyond(&tail, "0-7-8"));
	assert_false(position_is_beyond(&tail, "nonsense"));
	tail.is_cut = true;
	assert_false(position_is_beyond(&tail, "0-1-6"));
}

static void test_tables(void **state)
{
	static const struct {
		const char *rows;
		const char *why; /* NULL: allowed */
	} table[] = {
		{"`d`.`u`\t1\tInnoDB\t0\n`d`.`t`\t2\tInnoDB\t0\n", NULL},
		{"`d`.`u`\t1\tInnoDB\t0\n`d`.`t`\t2\tMyISAM\t0\n",
		 "`d`.`t` has engine MyISAM, without transactions"},
		{"`d`.`u`\t1\tInnoDB\t0\n`d`.`t`\t3\tInnoDB\t0\n",
		 "not all columns of `d`.`t` are in the log"},
		{"`d`.`u`\t1\tInnoDB\t1\n`d`.`t`\t2\tInnoDB\t0\n",
		 "foreign keys to `d`.`u` change other rows (CASCADE, SET NULL), which no log has"},
		{"`d`.`t`\t2\tInnoDB\t0\n", "`d`.`u` is not there any more"},
		{"`d`.`t`\n`d`.`u`\n", "`d`.`t` is not there any more"},
		{"`d`.`t`\t\n`d`.`u`\n", "`d`.`t` has engine , without transactions"},
		{"", "`d`.`t` is not there any more"},
	};
	char why[256];
	struct tail tail;

	(void)state;
	scan(&tail, rows);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		why[0] = '\0';
		assert_int_equal(tables_allow(&tail, table[i].rows, why, sizeof(why)),
				 table[i].why == NULL);
		assert_string_equal(why, table[i].why ? table[i].why : "");
	}
}

static void test_question(void **state)
{
	char question[4096];
	struct tail tail = {.table_count = 1};

	(void)state;
	(void)snprintf(tail.tables[0].name, TAIL_NAME_MAX, "`d`.`it's\\`");
	assert_int_equal(tables_question(&tail, question, sizeof(question)), 0);
	assert_non_null(strstr(question, "HAVING name IN ('`d`.`it\\'s\\\\`')"));
	assert_int_equal(tables_question(&tail, question, 100), -ENOSPC);
}

/* A node that can be helped by a flashback; each test takes one condition away. */
static void make(struct divergence *d, struct snapshot *s)
{
	static const struct access access = {.socket = "/run/m.sock",
					     .datadir = "/var/lib/mysql",
					     .config = "/etc/my.cnf"};
	static char own[] = "0-1-5,0-2-7,0-7-8";
	static char primary[] = "0-1-6";

	memset(s, 0, sizeof(*s));
	memset(d, 0, sizeof(*d));
	s->node_count = 3;
	(void)snprintf(s->top, sizeof(s->top), "ms");
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(s->nodes[i].name, SNAPSHOT_NAME_MAX, "n%zu", i + 1);
		s->nodes[i].server.is_answering = true;
		s->nodes[i].is_safe = true;
	}
	s->nodes[0].server.logged = primary;
	s->nodes[1].server.logged = own;
	s->nodes[1].is_bad = true;
	s->nodes[2].server.status.is_replica = true;
	s->nodes[2].server.status.receiver = HAOPS_MYSQL_RUNNING;
	s->nodes[2].server.status.applier = HAOPS_MYSQL_RUNNING;
	d->snapshot = s;
	d->access = &access;
	d->primary = &s->nodes[0];
	d->node = &s->nodes[1];
	(void)snprintf(d->position, sizeof(d->position), "0-1-5");
	(void)snprintf(d->file, sizeof(d->file), "/file");
	scan(&d->tail, rows);
}

static void check_flashback(const struct divergence *d, bool is_possible, const char *why)
{
	struct way ways[WAY_COUNT];

	ways_judge(d, ways);
	assert_int_equal(ways[WAY_FLASHBACK].is_possible, is_possible);
	assert_string_equal(ways[WAY_FLASHBACK].why, why);
	assert_int_equal(ways[WAY_FLASHBACK].commands[0] != '\0', is_possible);
	assert_true(ways[WAY_REBUILD].is_possible);
}

static void test_flashback(void **state)
{
	struct divergence d;
	struct snapshot s;

	(void)state;
	make(&d, &s);
	check_flashback(&d, true, "takes 3 transactions back, row by row; --discard does it");
	(void)snprintf(d.tables, sizeof(d.tables), "no");
	check_flashback(&d, false, "no");
	d.tail.others = 1;
	d.tables[0] = '\0';
	(void)snprintf(d.tail.other, sizeof(d.tail.other), "Query");
	check_flashback(&d, false, "not all of it are rows: Query");
	make(&d, &s);
	d.primary = &s.nodes[1];
	check_flashback(&d, false, "its log has transactions of the primary behind its own");
	make(&d, &s);
	d.tail.is_whole = false;
	check_flashback(&d, false, "its log could not be read as a whole");
	make(&d, &s);
	d.file[0] = '\0';
	(void)snprintf(d.trouble, sizeof(d.trouble), "disk full");
	check_flashback(&d, false, "disk full");
	s.nodes[1].server.status.server.flavor = HAOPS_MYSQL_MYSQL;
	check_flashback(&d, false, "only MariaDB has it");
	s.nodes[1].server.is_answering = false;
	check_flashback(&d, false, "the server does not answer");
}

static void test_other_ways(void **state)
{
	struct way ways[WAY_COUNT];
	struct divergence d;
	struct snapshot s;

	(void)state;
	make(&d, &s);
	ways_judge(&d, ways);
	assert_false(ways[WAY_TRUNCATE].is_possible);
	assert_string_equal(ways[WAY_REBUILD].why,
			    "always: a copy of n3 takes the place of what n2 has");
	assert_non_null(strstr(ways[WAY_REBUILD].commands, "ssh n3 mariadb-backup"));
	s.nodes[2].is_safe = false;
	s.nodes[1].server.is_answering = false;
	ways_judge(&d, ways);
	assert_false(ways[WAY_TRUNCATE].is_possible);
	assert_non_null(strstr(ways[WAY_REBUILD].commands, "ssh n1 mariadb-backup"));
	s.nodes[1].is_bad = false;
	ways_judge(&d, ways);
	assert_true(ways[WAY_TRUNCATE].is_possible);
	assert_string_equal(ways[WAY_TRUNCATE].commands,
			    "crm_resource --cleanup --resource ms --node n2\n");
}

static void check_discard(const struct divergence *d, bool has_yes, const char *wanted)
{
	struct way ways[WAY_COUNT];
	char text[SNAPSHOT_TEXT_MAX] = "";

	ways_judge(d, ways);
	assert_int_equal(ways_allow_discard(d, &ways[WAY_FLASHBACK], has_yes, text), !wanted);
	assert_string_equal(text, wanted ? wanted : "");
}

static void test_discard(void **state)
{
	struct divergence d;
	struct snapshot s;

	(void)state;
	make(&d, &s);
	check_discard(&d, true, "--discard has to be called by root on the node itself");
	d.is_local = true;
	s.nodes[1].is_safe = false;
	check_discard(&d, true, NULL);
	check_discard(&d, false,
		      "nothing was changed: with --yes, what only n2 has is taken back, 3 "
		      "transactions");
	s.nodes[1].server.status.applier = HAOPS_MYSQL_RUNNING;
	check_discard(&d, true, "the server is writable, acknowledges or replicates: not now");
	s.nodes[1].is_safe = true;
	check_discard(&d, true,
		      "the node is in the safe set: what it received may be nowhere else; wait "
		      "until the primary has taken it out");
	s.nodes[1].is_bad = false;
	check_discard(&d, true,
		      "the agent has not marked the node as diverged yet: wait for its next "
		      "monitor");
	d.tail.others = 1;
	(void)snprintf(d.tail.other, sizeof(d.tail.other), "Query");
	check_discard(&d, true,
		      "it cannot be taken back while the server runs: not all of it are rows: "
		      "Query; rebuild it by hand");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_partial_rows),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_common_position),
		cmocka_unit_test(test_common_state),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_flashback),
		cmocka_unit_test(test_other_ways),
		cmocka_unit_test(test_discard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
