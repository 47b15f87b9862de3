/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sent to servers of each generation, in its words and its order; and the same end when a
 * connection is lost after any statement and the operation is called again. */
#include "fake_mysql.h"

#define SECRET "sEcReT"
#define SOURCE_UUID "3e11fa47-71ca-11e1-9e33-c80aa9429562"

#define MARIADB_WAITING                                                                            \
	"SET GLOBAL rpl_semi_sync_master_wait_point='AFTER_SYNC', GLOBAL "                         \
	"rpl_semi_sync_master_timeout=18446744073709551615, GLOBAL "                               \
	"rpl_semi_sync_master_wait_no_slave=ON; "                                                  \
	"SET GLOBAL rpl_semi_sync_master_enabled=ON; "
#define MYSQL_OLD_WAITING                                                                          \
	"SET GLOBAL rpl_semi_sync_master_wait_point='AFTER_SYNC', GLOBAL "                         \
	"rpl_semi_sync_master_timeout=4294967295, GLOBAL rpl_semi_sync_master_wait_no_slave=ON; "  \
	"SET GLOBAL rpl_semi_sync_master_enabled=ON; "
#define MYSQL_NEW_WAITING                                                                          \
	"SET GLOBAL rpl_semi_sync_source_wait_point='AFTER_SYNC', GLOBAL "                         \
	"rpl_semi_sync_source_timeout=4294967295, GLOBAL "                                         \
	"rpl_semi_sync_source_wait_no_replica=ON; "                                                \
	"SET GLOBAL rpl_semi_sync_source_enabled=ON; "
#define MYSQL_OPEN "SET GLOBAL super_read_only=OFF, GLOBAL read_only=OFF"
#define KILLS "; KILL CONNECTION 20; KILL CONNECTION 21; "
#define MYSQL_CLOSE                                                                                \
	"SET GLOBAL super_read_only=ON" KILLS                                                      \
	"SET GLOBAL super_read_only=ON; SET GLOBAL event_scheduler=OFF"

#define CHANGE(words, p, tls_key)                                                                  \
	words " " p "HOST='db''2', " p "PORT=3307, " p "USER='repl', " p "PASSWORD='" SECRET       \
	      "', " p "CONNECT_RETRY=1, " p "SSL=0, " p "SSL_CA='', " p "SSL_CERT='', " p          \
	      "SSL_KEY='', " p "SSL_VERIFY_SERVER_CERT=0" tls_key ", "
#define CHANGE_MASTER(tls_key) CHANGE("CHANGE MASTER TO", "MASTER_", tls_key)
#define CHANGE_SOURCE                                                                              \
	CHANGE("CHANGE REPLICATION SOURCE TO", "SOURCE_", ", GET_SOURCE_PUBLIC_KEY=1")             \
	"SOURCE_AUTO_POSITION=1"

struct golden {
	const char *version;
	const char *drain; /* of a replica whose applier had stopped */
	const char *stop;  /* of one that runs */
	const char *promote;
	const char *demote;
	const char *repoint; /* of a former primary */
	const char *acks;    /* off, of a replica that runs */
};

#define OLD_DRAIN "START SLAVE SQL_THREAD; STOP SLAVE IO_THREAD"
#define OLD_STOP "STOP SLAVE IO_THREAD; STOP SLAVE"
#define NEW_DRAIN "START REPLICA SQL_THREAD; STOP REPLICA IO_THREAD"
#define NEW_STOP "STOP REPLICA IO_THREAD; STOP REPLICA"
#define OLD_RESTART "STOP SLAVE IO_THREAD; START SLAVE IO_THREAD"
#define NEW_RESTART "STOP REPLICA IO_THREAD; START REPLICA IO_THREAD"

#define MARIADB(version_text, own)                                                                 \
	{                                                                                          \
		.version = version_text, .drain = OLD_DRAIN, .stop = OLD_STOP,                     \
		.promote = "STOP SLAVE; RESET SLAVE ALL; "                                         \
			   "SET GLOBAL rpl_semi_sync_slave_enabled=OFF; "                          \
			   "SET GLOBAL gtid_strict_mode=ON; " MARIADB_WAITING                      \
			   "SET GLOBAL read_only=OFF",                                             \
		.demote = "SET GLOBAL read_only=ON" KILLS "SET GLOBAL read_only=ON; "              \
			  "SET GLOBAL event_scheduler=OFF",                                        \
		.repoint = "SET GLOBAL rpl_semi_sync_master_enabled=OFF; STOP SLAVE; " own         \
			   "; START SLAVE",                                                        \
		.acks = "SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " OLD_RESTART,                \
	}

static const struct golden goldens[] = {
	MARIADB("10.11.19-MariaDB-0+deb12u1-log",
		CHANGE_MASTER("") "MASTER_USE_GTID=slave_pos, MASTER_DEMOTE_TO_SLAVE=1"),
	MARIADB("5.5.5-10.6.21-MariaDB-log", "SET GLOBAL gtid_slave_pos='0-2-12'; " CHANGE_MASTER(
						     "") "MASTER_USE_GTID=slave_pos"),
	MARIADB("11.8.2-MariaDB",
		CHANGE_MASTER("") "MASTER_USE_GTID=slave_pos, MASTER_DEMOTE_TO_SLAVE=1"),
	{
		.version = "5.7.44-log",
		.drain = OLD_DRAIN,
		.stop = OLD_STOP,
		.promote =
			"STOP SLAVE; RESET SLAVE ALL; "
			"SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " MYSQL_OLD_WAITING MYSQL_OPEN,
		.demote = MYSQL_CLOSE,
		.repoint =
			"SET GLOBAL rpl_semi_sync_master_enabled=OFF; STOP SLAVE; " CHANGE_MASTER(
				"") "MASTER_AUTO_POSITION=1; START SLAVE",
		.acks = "SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " OLD_RESTART,
	},
	{
		.version = "8.0.20",
		.drain = OLD_DRAIN,
		.stop = OLD_STOP,
		.promote =
			"STOP SLAVE; RESET SLAVE ALL; "
			"SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " MYSQL_OLD_WAITING MYSQL_OPEN,
		.demote = MYSQL_CLOSE,
		.repoint =
			"SET GLOBAL rpl_semi_sync_master_enabled=OFF; STOP SLAVE; " CHANGE_MASTER(
				", GET_MASTER_PUBLIC_KEY=1") "MASTER_AUTO_POSITION=1; START SLAVE",
		.acks = "SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " OLD_RESTART,
	},
	{
		.version = "8.0.22",
		.drain = NEW_DRAIN,
		.stop = NEW_STOP,
		.promote =
			"STOP REPLICA; RESET REPLICA ALL; "
			"SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " MYSQL_OLD_WAITING MYSQL_OPEN,
		.demote = MYSQL_CLOSE,
		.repoint =
			"SET GLOBAL rpl_semi_sync_master_enabled=OFF; STOP REPLICA; " CHANGE_MASTER(
				", GET_MASTER_PUBLIC_KEY=1") "MASTER_AUTO_POSITION=1; START "
							     "REPLICA",
		.acks = "SET GLOBAL rpl_semi_sync_slave_enabled=OFF; " NEW_RESTART,
	},
	{
		.version = "8.0.36-28", /* Percona Server */
		.drain = NEW_DRAIN,
		.stop = NEW_STOP,
		.promote = "STOP REPLICA; RESET REPLICA ALL; "
			   "SET GLOBAL rpl_semi_sync_replica_enabled=OFF; " MYSQL_NEW_WAITING
				   MYSQL_OPEN,
		.demote = MYSQL_CLOSE,
		.repoint =
			"SET GLOBAL rpl_semi_sync_source_enabled=OFF; STOP REPLICA; " CHANGE_SOURCE
			"; START REPLICA",
		.acks = "SET GLOBAL rpl_semi_sync_replica_enabled=OFF; " NEW_RESTART,
	},
	{
		.version = "8.4.0",
		.drain = NEW_DRAIN,
		.stop = NEW_STOP,
		.promote = "STOP REPLICA; RESET REPLICA ALL; "
			   "SET GLOBAL rpl_semi_sync_replica_enabled=OFF; " MYSQL_NEW_WAITING
				   MYSQL_OPEN,
		.demote = MYSQL_CLOSE,
		.repoint =
			"SET GLOBAL rpl_semi_sync_source_enabled=OFF; STOP REPLICA; " CHANGE_SOURCE
			"; START REPLICA",
		.acks = "SET GLOBAL rpl_semi_sync_replica_enabled=OFF; " NEW_RESTART,
	},
};

/* Operations: what the server is like before, and what is done */

static bool is_mariadb(const struct fake_mysql *fake)
{
	return strstr(fake->version, "MariaDB") != NULL;
}

static void prepare_drain(struct fake_mysql *fake)
{
	fake->applier.state = "No";
	fake->receiver.state = "Connecting";
	fake->applies_after = 2;
	(void)snprintf(fake->received, sizeof(fake->received), "%s",
		       is_mariadb(fake) ? "0-1-15" : SOURCE_UUID ":1-15");
}

static int do_drain(struct haops_mysql *mysql)
{
	const struct haops_mysql_wait wait = {.deadline_ms =
						      haops_deadline_after(mysql->ctx, 20000)};
	uint64_t applied = 0;

	return haops_mysql_drain(mysql, &wait, &applied);
}

static void prepare_nothing(struct fake_mysql *fake)
{
	(void)fake;
}

static int do_stop(struct haops_mysql *mysql)
{
	const struct haops_mysql_wait wait = {.deadline_ms =
						      haops_deadline_after(mysql->ctx, 20000)};

	return haops_mysql_stop_replication(mysql, &wait);
}

static void prepare_promote(struct fake_mysql *fake)
{
	fake->receiver.state = "No";
	fake->is_strict = false;
}

static int do_promote(struct haops_mysql *mysql)
{
	return haops_mysql_promote(mysql, HAOPS_MYSQL_SAFE, haops_deadline_after(mysql->ctx, 9000));
}

static void prepare_demote(struct fake_mysql *fake)
{
	fake->sources = 0;
	fake->is_read_only = fake->is_super_read_only = false;
	fake->waits = true;
	fake->has_events = true;
	fake->sessions[0] = (struct fake_session){.id = 20,
						  .user = "app",
						  .command = "Query",
						  .holds_up = true};
	fake->sessions[1] = (struct fake_session){.id = 21, .user = "app", .command = "Sleep"};
}

static int do_demote(struct haops_mysql *mysql)
{
	return haops_mysql_demote(mysql, haops_deadline_after(mysql->ctx, 9000), NULL);
}

static void prepare_repoint(struct fake_mysql *fake)
{
	fake->waits = true;
	(void)snprintf(fake->logged, sizeof(fake->logged), "%s",
		       is_mariadb(fake) ? "0-1-10,0-2-12" : SOURCE_UUID ":1-10");
	(void)snprintf(fake->position, sizeof(fake->position), "%s",
		       is_mariadb(fake) ? "0-2-12" : SOURCE_UUID ":1-10");
}

static int do_repoint(struct haops_mysql *mysql)
{
	const struct haops_mysql_source source = {.host = "db'2",
						  .port = 3307,
						  .user = "repl",
						  .password = SECRET};

	return haops_mysql_repoint(mysql, &source, haops_deadline_after(mysql->ctx, 9000));
}

static int do_acks(struct haops_mysql *mysql)
{
	return haops_mysql_set_acks(mysql, false, haops_deadline_after(mysql->ctx, 9000));
}

struct case_of {
	const char *name;
	void (*prepare)(struct fake_mysql *fake);
	int (*run)(struct haops_mysql *mysql);
	size_t expected; /* offset in struct golden */
};

static const struct case_of cases[] = {
	{"drain", prepare_drain, do_drain, offsetof(struct golden, drain)},
	{"stop", prepare_nothing, do_stop, offsetof(struct golden, stop)},
	{"promote", prepare_promote, do_promote, offsetof(struct golden, promote)},
	{"demote", prepare_demote, do_demote, offsetof(struct golden, demote)},
	{"repoint", prepare_repoint, do_repoint, offsetof(struct golden, repoint)},
	{"acks", prepare_nothing, do_acks, offsetof(struct golden, acks)},
};

static const char *expected(const struct golden *golden, const struct case_of *one)
{
	const char *text;

	memcpy(&text, (const char *)golden + one->expected, sizeof(text));
	return text;
}

static int run(struct fake_mysql *fake, const struct case_of *one)
{
	struct haops_ctx *ctx = fake_mysql_ctx(fake);
	struct haops_mysql *mysql = fake_mysql_connect(ctx);
	int r = one->run(mysql);

	haops_mysql_close(mysql);
	assert_null(strstr(haops_ctx_error(ctx), SECRET));
	assert_null(strstr(fake->log, SECRET));
	haops_ctx_free(ctx);
	return r;
}

/* What a server is like in the end, as one line. */
static void describe(const struct fake_mysql *fake, char *text, size_t size)
{
	(void)snprintf(text, size, "%d%d %d%d %d%d%d %s %s %u %s %s %s", fake->is_read_only,
		       fake->is_super_read_only, fake->is_strict, fake->has_events, fake->waits,
		       fake->acks_setting, fake->acks_now, fake->applied, fake->received,
		       fake->sources, fake->source_host, fake->receiver.state, fake->applier.state);
}

static void check(const struct golden *golden, const struct case_of *one)
{
	char wanted[512], found[512];
	unsigned int dies_after = 0;
	struct fake_mysql fake;
	size_t count;

	fake_mysql_init(&fake, golden->version);
	one->prepare(&fake);
	assert_int_equal(run(&fake, one), 0);
	assert_string_equal(fake_mysql_changes(&fake), expected(golden, one));
	describe(&fake, wanted, sizeof(wanted));
	count = fake.statement_count;
	fake_mysql_done(&fake);
	while (dies_after++ < count) {
		fake_mysql_init(&fake, golden->version);
		one->prepare(&fake);
		fake.dies_after = dies_after;
		assert_int_equal(run(&fake, one), -EIO);
		fake.dies_after = 0;
		assert_int_equal(run(&fake, one), 0);
		describe(&fake, found, sizeof(found));
		assert_string_equal(found, wanted);
		fake_mysql_done(&fake);
	}
}

static void test_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++)
		for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
			print_message("%s: %s\n", goldens[i].version, cases[k].name);
			check(&goldens[i], &cases[k]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
