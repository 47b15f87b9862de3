/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a database server's status, or its silence, means for its role. */
#include "unit.h"

#include "mysql/verdict.h"

#define START_MS 1000000

static char socket_path[] = "/run/db.sock";
static struct verdict_memory memory;
static char text[LOOK_TEXT_MAX];

static int setup(void **state)
{
	(void)state;
	memory = (struct verdict_memory){.acked = 0};
	(void)snprintf(text, sizeof(text), "left over");
	return 0;
}

static struct haops_watch_object object_of(enum haops_watch_role role, uint32_t stuck_ms)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_DATABASE};

	object.database.socket = socket_path;
	object.database.role = role;
	object.database.stuck_ms = stuck_ms;
	return object;
}

static enum look_verdict judge(const struct haops_watch_object *object,
			       const struct haops_mysql_status *status, int64_t after_ms)
{
	const struct verdict_look look = {.at_ms = START_MS + after_ms, .status = status};

	return database_judge(&memory, object, &look, text);
}

static const struct haops_mysql_status primary = {.is_writable = true};
static const struct haops_mysql_status replica = {.is_read_only = true,
						  .is_replica = true,
						  .receiver = HAOPS_MYSQL_RUNNING,
						  .applier = HAOPS_MYSQL_RUNNING};

static void what_is_as_it_should_be_is_fine(void **state)
{
	static const struct haops_mysql_status idle = {.is_read_only = true};
	struct haops_mysql_status connecting = replica;
	const struct {
		enum haops_watch_role role;
		const struct haops_mysql_status *status;
	} right[] = {
		{HAOPS_WATCH_PRIMARY, &primary},    {HAOPS_WATCH_REPLICA, &replica},
		{HAOPS_WATCH_REPLICA, &connecting}, {HAOPS_WATCH_PLAIN, &primary},
		{HAOPS_WATCH_PLAIN, &replica},	    {HAOPS_WATCH_PLAIN, &idle},
	};

	(void)state;
	/* The primary is gone, and another one is being found. */
	connecting.receiver = HAOPS_MYSQL_CONNECTING;
	connecting.receiver_errno = 2003;
	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		struct haops_watch_object object = object_of(right[i].role, 5000);

		(void)setup(NULL);
		for (int64_t ms = 0; ms < 60000; ms += 1000)
			assert_int_equal(judge(&object, right[i].status, ms), LOOK_FINE);
		assert_string_equal(text, "");
	}
}

static void the_wrong_role_is_told_at_once(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PRIMARY, 0);
	struct haops_mysql_status status = replica;

	(void)state;
	assert_int_equal(judge(&object, &replica, 0), LOOK_FAULT);
	assert_string_equal(text, "database /run/db.sock is read-only, and should be the primary");
	object.database.role = HAOPS_WATCH_REPLICA;
	status.is_writable = true;
	assert_int_equal(judge(&object, &status, 10), LOOK_FAULT);
	assert_string_equal(text, "database /run/db.sock is writable, and should be a replica");
}

struct thread_case {
	struct haops_mysql_status status;
	const char *text;
};

static const struct thread_case stopped[] = {
	{{.is_replica = true, .receiver = HAOPS_MYSQL_RUNNING},
	 "database /run/db.sock does not replicate: its applier is stopped"},
	{{.is_replica = true, .applier = HAOPS_MYSQL_RUNNING},
	 "database /run/db.sock does not replicate: its receiver is stopped"},
	{{.is_replica = true,
	  .receiver = HAOPS_MYSQL_CONNECTING,
	  .applier_errno = 1062,
	  .applier_error = "Duplicate\nentry '\xc3\xa4'"},
	 "database /run/db.sock does not replicate: its applier is stopped, error 1062: Duplicate "
	 "entry '?\?'"},
	{{.is_replica = true,
	  .applier = HAOPS_MYSQL_RUNNING,
	  .receiver_errno = 1236,
	  .receiver_error = "gone"},
	 "database /run/db.sock does not replicate: its receiver is stopped, error 1236: gone"},
	{{.is_replica = false}, "database /run/db.sock does not replicate: it has no source"},
};

static void a_thread_that_stays_stopped_is_told_at_the_second_look(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_REPLICA, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stopped); i++) {
		(void)setup(NULL);
		assert_int_equal(judge(&object, &replica, 0), LOOK_FINE);
		assert_int_equal(judge(&object, &stopped[i].status, 1000), LOOK_FINE);
		assert_int_equal(judge(&object, &stopped[i].status, 1995), LOOK_IDLE);
		assert_string_equal(text, stopped[i].text);
		assert_int_equal(judge(&object, &stopped[i].status, 2000), LOOK_IDLE);
		assert_int_equal(judge(&object, &replica, 3000), LOOK_FINE);
		assert_int_equal(judge(&object, &stopped[i].status, 4000), LOOK_FINE);
	}
}

/* Looks that happen to come while it is being repointed: often, and each time for an instant. */
static void a_thread_that_is_stopped_for_an_instant_is_no_fault(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_REPLICA, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stopped); i++) {
		(void)setup(NULL);
		assert_int_equal(judge(&object, &replica, 0), LOOK_FINE);
		for (int64_t ms = 100; ms < 1800; ms += 100)
			assert_int_equal(judge(&object, &stopped[i].status, ms), LOOK_FINE);
		assert_int_equal(judge(&object, &replica, 1900), LOOK_FINE);
		/* After a long pause between looks it may just have stopped. */
		assert_int_equal(judge(&object, &stopped[i].status, 60000), LOOK_FINE);
		assert_int_equal(judge(&object, &stopped[i].status, 60500), LOOK_FINE);
		assert_int_equal(judge(&object, &stopped[i].status, 61000), LOOK_IDLE);
	}
}

static void one_that_never_replicated_is_told_after_a_while(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_REPLICA, 0);

	(void)state;
	assert_int_equal(judge(&object, &stopped[0].status, 0), LOOK_FINE);
	assert_int_equal(judge(&object, &stopped[0].status, 1000), LOOK_FINE);
	assert_int_equal(judge(&object, &stopped[0].status, 2000), LOOK_IDLE);
}

/* One thread, then the other: neither is stopped for long. */
static void each_thread_has_its_own_time(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_REPLICA, 0);

	(void)state;
	assert_int_equal(judge(&object, &stopped[0].status, 0), LOOK_FINE);
	assert_int_equal(judge(&object, &stopped[1].status, 1500), LOOK_FINE);
	assert_int_equal(judge(&object, &stopped[0].status, 3000), LOOK_FINE);
	assert_int_equal(judge(&object, &stopped[1].status, 4500), LOOK_FINE);
}

static enum look_verdict judge_waiting(const struct haops_watch_object *object,
				       unsigned int waiting, uint64_t acked, int64_t after_ms)
{
	struct haops_mysql_status status = primary;

	status.waiting = waiting;
	status.acked = acked;
	return judge(object, &status, after_ms);
}

static void commits_that_get_no_acknowledgement_are_told(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PRIMARY, 5000);

	(void)state;
	assert_int_equal(judge_waiting(&object, 0, 7, 0), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 1, 7, 1000), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 2, 7, 5999), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 3, 7, 6000), LOOK_STUCK);
	assert_string_equal(text, "database /run/db.sock does not commit: 3 wait for a replica, "
				  "none got it for 5 s");
	/* One came: the others wait since now, as far as anybody can tell. */
	assert_int_equal(judge_waiting(&object, 2, 8, 7000), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 2, 8, 11999), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 2, 8, 12000), LOOK_STUCK);
	assert_int_equal(judge_waiting(&object, 0, 10, 13000), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 1, 10, 14000), LOOK_FINE);
	assert_int_equal(judge_waiting(&object, 1, 10, 18000), LOOK_FINE);
}

static void many_quick_commits_are_none_that_wait(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PRIMARY, 5000);

	(void)state;
	for (int64_t i = 0; i < 100; i++)
		assert_int_equal(judge_waiting(&object, 5, (uint64_t)i, i * 1000), LOOK_FINE);
}

static void without_a_limit_commits_may_wait(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PRIMARY, 0);

	(void)state;
	for (int64_t ms = 0; ms < 3600000; ms += 1000)
		assert_int_equal(judge_waiting(&object, 5, 7, ms), LOOK_FINE);
}

static enum look_verdict judge_failure(const struct haops_watch_object *object, int code,
				       int64_t after_ms)
{
	const struct verdict_look look = {.at_ms = START_MS + after_ms,
					  .code = code,
					  .sentence = "why\tnot"};

	return database_judge(&memory, object, &look, text);
}

static void silence_is_a_fault(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PLAIN, 0);

	(void)state;
	assert_int_equal(judge_failure(&object, -ETIMEDOUT, 0), LOOK_FAULT);
	assert_string_equal(text, "database /run/db.sock takes connections and does not answer");
}

static void what_cannot_be_found_out_is_unknown(void **state)
{
	static const int codes[] = {-EACCES, -EUSERS, -EIO, -EPROTO, -ENOTSUP, -EINVAL, -ENOMEM};
	struct haops_watch_object object = object_of(HAOPS_WATCH_PRIMARY, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		for (int64_t ms = 0; ms < 10000; ms += 1000)
			assert_int_equal(judge_failure(&object, codes[i], ms), LOOK_UNKNOWN);
		assert_string_equal(text, "why not");
	}
}

static void only_who_answered_before_can_cease_to(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_PLAIN, 0);

	(void)state;
	for (int64_t ms = 0; ms < 10000; ms += 1000)
		assert_int_equal(judge_failure(&object, -ECONNREFUSED, ms), LOOK_UNKNOWN);
	assert_string_equal(text, "why not");
	assert_int_equal(judge(&object, &primary, 10000), LOOK_FINE);
	assert_int_equal(judge_failure(&object, -ECONNREFUSED, 11000), LOOK_UNKNOWN);
	assert_string_equal(text, "");
	assert_int_equal(judge_failure(&object, -ECONNREFUSED, 12000), LOOK_FAULT);
	assert_string_equal(text, "database /run/db.sock takes no connections any more");
	assert_int_equal(judge(&object, &primary, 13000), LOOK_FINE);
	assert_int_equal(judge_failure(&object, -ECONNREFUSED, 14000), LOOK_UNKNOWN);
}

static void the_longest_sentence_is_cut(void **state)
{
	struct haops_watch_object object = object_of(HAOPS_WATCH_REPLICA, 0);
	char longest[HAOPS_WATCH_SOCKET_MAX];
	struct haops_mysql_status status = stopped[2].status;

	(void)state;
	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	object.database.socket = longest;
	memset(status.applier_error, 'x', sizeof(status.applier_error) - 1);
	assert_int_equal(judge(&object, &status, 0), LOOK_FINE);
	assert_int_equal(judge(&object, &status, 2000), LOOK_IDLE);
	assert_int_equal(strlen(text), LOOK_TEXT_MAX - 1);
	assert_non_null(strstr(text, "is stopped, error 1062: xxx"));
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_as_it_should_be_is_fine),
		TEST(the_wrong_role_is_told_at_once),
		TEST(a_thread_that_stays_stopped_is_told_at_the_second_look),
		TEST(a_thread_that_is_stopped_for_an_instant_is_no_fault),
		TEST(one_that_never_replicated_is_told_after_a_while),
		TEST(each_thread_has_its_own_time),
		TEST(commits_that_get_no_acknowledgement_are_told),
		TEST(many_quick_commits_are_none_that_wait),
		TEST(without_a_limit_commits_may_wait),
		TEST(silence_is_a_fault),
		TEST(what_cannot_be_found_out_is_unknown),
		TEST(only_who_answered_before_can_cease_to),
		TEST(the_longest_sentence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
