/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each result that drain, promote, demote and the settings document, from servers in the state that
 * leads to it. */
#include "mysql_fixture.h"

/* Draining */

static int drain(struct fixture *f, int64_t limit_ms, int64_t stall_ms)
{
	const struct haops_mysql_wait wait = {.deadline_ms = in(f, limit_ms), .stall_ms = stall_ms};

	return haops_mysql_drain(f->mysql, &wait, NULL);
}

static void count_calls(void *userdata, uint64_t applied, uint64_t left)
{
	unsigned int *calls = userdata;

	assert_int_equal(applied + left, 5);
	(*calls)++;
}

static void test_drain_waits(void **state)
{
	unsigned int calls = 0;
	uint64_t applied = 0;
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	receive(&f, "0-1-15");
	f.fake.applies_after = 4;
	assert_int_equal(haops_mysql_drain(f.mysql,
					   &(struct haops_mysql_wait){.deadline_ms = in(&f, 9000),
								      .progress = count_calls,
								      .userdata = &calls},
					   &applied),
			 0);
	assert_int_equal(applied, 5);
	assert_int_equal(calls, 3);
	assert_non_null(strstr(f.fake.told, "MASTER_GTID_WAIT('0-1-15', 1)"));
	end(&f);
}

static void test_drain_times_out(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	receive(&f, "0-1-15");
	f.fake.applies_after = 99;
	assert_int_equal(drain(&f, 4000, 0), -ETIMEDOUT);
	assert_says(&f, "5 transactions up to 0-1-15");
	assert_in_range(fake_mysql_now_ms(), 4900, 5000);
	assert_int_equal(drain(&f, 60000, 2500), -ETIMEDOUT);
	assert_says(&f, "has not moved on for 3000 ms");
	assert_int_equal(ask(&f), 0);
	end(&f);
}

static void test_drain_busy(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	receive(&f, "0-1-15");
	f.fake.receiver.state = f.fake.applier.state = "No";
	assert_int_equal(drain(&f, 4000, 0), -EBUSY);
	assert_says(&f, "would throw them away");
	f.fake.using_gtid = "No";
	assert_int_equal(drain(&f, 4000, 0), -EBUSY);
	f.fake.using_gtid = "Slave_Pos";
	f.fake.sources = 2;
	assert_int_equal(drain(&f, 4000, 0), -EBUSY);
	f.fake.sources = 1;
	f.fake.receiver.state = "Yes";
	f.fake.started_applier = (struct fake_thread){.state = "No"};
	assert_int_equal(drain(&f, 4000, 0), -EBUSY);
	assert_says(&f, "somebody stopped it");
	assert_string_equal(fake_mysql_changes(&f.fake), "START SLAVE SQL_THREAD");
	end(&f);
}

/* The receiver ends between the look and the start of the applier: that cannot be undone, only
 * told. */
static void test_drain_thrown_away(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	receive(&f, "0-1-15");
	f.fake.applier.state = "No";
	f.fake.started_applier = (struct fake_thread){.state = "Yes"};
	f.fake.applies_after = 9;
	f.fake.drops_at_start = true;
	assert_int_equal(drain(&f, 4000, 0), -EIO);
	assert_says(&f, "thrown away");
	end(&f);
}

static void test_drain_errors(void **state)
{
	const struct fake_thread failed = {"No", 1062, "Duplicate entry"};
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	receive(&f, "0-1-15");
	f.fake.applier = failed;
	f.fake.started_applier = failed;
	assert_int_equal(drain(&f, 4000, 0), -EBADMSG);
	assert_says(&f, "Duplicate entry (1062)");
	f.fake.receiver.state = "No";
	assert_int_equal(drain(&f, 4000, 0), -EBADMSG);
	f.fake.sources = 0;
	assert_int_equal(drain(&f, 4000, 0), -ENODATA);
	assert_int_equal(drain(&f, 4000, -1), -EINVAL);
	assert_int_equal(haops_mysql_drain(f.mysql, NULL, NULL), -EINVAL);
	assert_int_equal(haops_mysql_drain(NULL, NULL, NULL), -EINVAL);
	end(&f);
}

/* MySQL keeps its relay log: with both threads stopped the applier is started. */
static void test_drain_mysql(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MYSQL);
	receive(&f, "3e11fa47-71ca-11e1-9e33-c80aa9429562:5-15");
	f.fake.receiver.state = f.fake.applier.state = "No";
	assert_int_equal(drain(&f, 4000, 0), 0);
	assert_string_equal(fake_mysql_changes(&f.fake), "START REPLICA SQL_THREAD");
	end(&f);
}

static void test_drain_while_waiting(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	f.fake.waits = true;
	assert_int_equal(drain(&f, 4000, 0), 0);
	assert_string_equal(fake_mysql_changes(&f.fake),
			    "SET GLOBAL rpl_semi_sync_master_enabled=OFF; STOP SLAVE IO_THREAD");
	end(&f);
}

static void test_stop(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(haops_mysql_stop_replication(NULL, NULL), -EINVAL);
	receive(&f, "0-1-15");
	f.fake.receiver.state = f.fake.applier.state = "No";
	assert_int_equal(haops_mysql_stop_replication(f.mysql,
						      &(struct haops_mysql_wait){
							      .deadline_ms = in(&f, 900)}),
			 -EBUSY);
	f.fake.sources = 0;
	assert_int_equal(haops_mysql_stop_replication(f.mysql,
						      &(struct haops_mysql_wait){
							      .deadline_ms = in(&f, 900)}),
			 -ENODATA);
	end(&f);
}

/* Promoting, and how commits wait */

static int promote(struct fixture *f, enum haops_mysql_durability durability)
{
	return haops_mysql_promote(f->mysql, durability, in(f, 2000));
}

static void test_promote_busy(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EBUSY);
	f.fake.receiver.state = "No";
	receive(&f, "0-1-15");
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EBUSY);
	assert_says(&f, "5 transactions up to 0-1-15");
	f.fake.using_gtid = "No";
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EBUSY);
	assert_int_equal(f.fake.statement_count, 0);
	end(&f);
}

static void test_promote_unsupported(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MYSQL);
	f.fake.receiver.state = "No";
	f.fake.has_semi_sync = false;
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -ENOTSUP);
	assert_int_equal(f.fake.statement_count, 0);
	f.fake.sources = 3;
	assert_int_equal(promote(&f, HAOPS_MYSQL_ASYNC), -ENOTSUP);
	f.fake.sources = 1;
	assert_int_equal(promote(&f, HAOPS_MYSQL_ASYNC), 0);
	assert_string_equal(fake_mysql_changes(&f.fake),
			    "STOP REPLICA; RESET REPLICA ALL; "
			    "SET GLOBAL super_read_only=OFF, GLOBAL read_only=OFF");
	end(&f);
}

static void test_promote_fails(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(haops_mysql_promote(NULL, HAOPS_MYSQL_SAFE, 0), -EINVAL);
	assert_int_equal(promote(&f, (enum haops_mysql_durability)7), -EINVAL);
	f.fake.sources = 0;
	f.fake.refused = "SET GLOBAL read_only=OFF";
	f.fake.refused_code = 1227;
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EACCES);
	f.fake.refused_code = 1290;
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EIO);
	f.fake.refused = NULL;
	f.fake.opens_again = true;
	assert_int_equal(promote(&f, HAOPS_MYSQL_SAFE), -EIO);
	assert_says(&f, "read-only again");
	f.fake.is_slow = true;
	assert_int_equal(haops_mysql_promote(f.mysql, HAOPS_MYSQL_SAFE, in(&f, 450)), -ETIMEDOUT);
	end(&f);
}

static int set_durability(struct fixture *f, enum haops_mysql_durability durability)
{
	return haops_mysql_set_durability(f->mysql, durability, in(f, 2000));
}

static void test_durability(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MYSQL);
	assert_int_equal(haops_mysql_set_durability(NULL, HAOPS_MYSQL_SAFE, 0), -EINVAL);
	assert_int_equal(set_durability(&f, (enum haops_mysql_durability)7), -EINVAL);
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_SAFE), 0);
	f.fake.has_fallen_back = true;
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_SAFE), 0);
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_ASYNC), 0);
	assert_string_equal(fake_mysql_changes(&f.fake),
			    "SET GLOBAL rpl_semi_sync_source_wait_point='AFTER_SYNC', "
			    "GLOBAL rpl_semi_sync_source_timeout=4294967295, "
			    "GLOBAL rpl_semi_sync_source_wait_no_replica=ON; "
			    "SET GLOBAL rpl_semi_sync_source_enabled=ON; "
			    "SET GLOBAL rpl_semi_sync_source_enabled=OFF; "
			    "SET GLOBAL rpl_semi_sync_source_enabled=ON; "
			    "SET GLOBAL rpl_semi_sync_source_enabled=OFF");
	f.fake.refused = "SET GLOBAL";
	f.fake.refused_code = 1227;
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_SAFE), -EIO);
	f.fake.refused = NULL;
	f.fake.has_semi_sync = false;
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_SAFE), -ENOTSUP);
	assert_int_equal(set_durability(&f, HAOPS_MYSQL_ASYNC), 0);
	f.fake.is_slow = true;
	assert_int_equal(haops_mysql_set_durability(f.mysql, HAOPS_MYSQL_SAFE, in(&f, 50)),
			 -ETIMEDOUT);
	end(&f);
}

static int set_acks(struct fixture *f, bool acks)
{
	return haops_mysql_set_acks(f->mysql, acks, in(f, 2000));
}

static void test_acks(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(haops_mysql_set_acks(NULL, true, 0), -EINVAL);
	f.fake.applier.state = "No";
	assert_int_equal(set_acks(&f, false), -EBUSY);
	assert_int_equal(f.fake.statement_count, 0);
	f.fake.applier.state = "Yes";
	f.fake.started_receiver = (struct fake_thread){"No", 1236, "not in the master's binlog"};
	assert_int_equal(set_acks(&f, false), -EIO);
	assert_says(&f, "not in the master's binlog (1236)");
	f.fake.started_receiver = (struct fake_thread){.state = "Connecting"};
	assert_int_equal(set_acks(&f, true), -ETIMEDOUT);
	f.fake.receiver.state = "No";
	f.fake.started_receiver = (struct fake_thread){"Connecting", 2003, "Can't connect"};
	assert_int_equal(set_acks(&f, false), 0);
	f.fake.has_semi_sync = false;
	assert_int_equal(set_acks(&f, true), -ENOTSUP);
	assert_int_equal(set_acks(&f, false), 0);
	end(&f);
}

static void test_acks_mysql(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MYSQL);
	f.fake.applier.state = "No";
	assert_int_equal(set_acks(&f, false), -EBUSY);
	f.fake.applier.state = "Yes";
	assert_int_equal(set_acks(&f, false), 0);
	assert_string_equal(fake_mysql_changes(&f.fake),
			    "SET GLOBAL rpl_semi_sync_replica_enabled=OFF; "
			    "STOP REPLICA IO_THREAD; START REPLICA IO_THREAD");
	end(&f);
}

/* Demoting */

static void test_demote(void **state)
{
	struct haops_mysql_fenced fenced = {0};
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	f.fake.is_read_only = false;
	f.fake.sources = 0;
	f.fake.sessions[0] = (struct fake_session){.id = 20,
						   .user = "app",
						   .command = "Query",
						   .holds_up = true};
	f.fake.sessions[1] = (struct fake_session){.id = 21, .user = "app", .command = "Sleep"};
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 9000), &fenced), 0);
	assert_int_equal(fenced.killed, 2);
	assert_string_equal(fenced.position, "0-1-10");
	free(fenced.position);
	end(&f);
}

static void test_demote_fails(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	assert_int_equal(haops_mysql_demote(NULL, 0, NULL), -EINVAL);
	f.fake.is_read_only = false;
	f.fake.refused = "SET GLOBAL read_only";
	f.fake.refused_code = 1227;
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 9000), NULL), -EACCES);
	f.fake.refused_code = 1290;
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 9000), NULL), -EIO);
	f.fake.refused = "KILL";
	f.fake.refused_code = 1095;
	f.fake.sessions[0] = (struct fake_session){.id = 20, .user = "app", .command = "Sleep"};
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 9000), NULL), -EACCES);
	f.fake.refused_code = 1105;
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 9000), NULL), -EIO);
	f.fake.refused_code = 1094;
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 2000), NULL), -ETIMEDOUT);
	end(&f);
}

/* Sessions that do not die, and a position that moves, each until the deadline. */
static void test_demote_times_out(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, MARIADB);
	f.fake.is_read_only = false;
	f.fake.sessions[0] = (struct fake_session){.id = 20,
						   .user = "app",
						   .command = "Query",
						   .stays_dying = true};
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 3000), NULL), -ETIMEDOUT);
	assert_says(&f, "still there");
	f.fake.sessions[0].id = 0;
	f.fake.moves_on = true;
	assert_int_equal(haops_mysql_demote(f.mysql, in(&f, 3000), NULL), -ETIMEDOUT);
	assert_says(&f, "still moves");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drain_waits),
		cmocka_unit_test(test_drain_times_out),
		cmocka_unit_test(test_drain_busy),
		cmocka_unit_test(test_drain_thrown_away),
		cmocka_unit_test(test_drain_errors),
		cmocka_unit_test(test_drain_mysql),
		cmocka_unit_test(test_drain_while_waiting),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_promote_busy),
		cmocka_unit_test(test_promote_unsupported),
		cmocka_unit_test(test_promote_fails),
		cmocka_unit_test(test_durability),
		cmocka_unit_test(test_acks),
		cmocka_unit_test(test_acks_mysql),
		cmocka_unit_test(test_demote),
		cmocka_unit_test(test_demote_fails),
		cmocka_unit_test(test_demote_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
