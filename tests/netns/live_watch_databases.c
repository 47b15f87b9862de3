/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher and the helpers that look at databases; what those find is in the tests' hands. With
 * real servers: tests/daemon. */
#include "watching.h"

#include "looker/looker.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#define EACH_MS 100

static char folder[] = "/tmp/haops-test-databases-XXXXXX";

static const char *path_of(const char *name, const char *end)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	(void)snprintf(path[turn], sizeof(path[turn]), "%s/%s%s", folder, name, end);
	return path[turn];
}

/* What the helper of that database answers from now on. */
static void say(const char *name, const char *text)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s", path_of(name, ".new"));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	assert_int_equal(rename(path, path_of(name, "")), 0);
}

/* What the helper was asked. */
static const char *asked(const char *name)
{
	static char text[65536];
	int fd = open(path_of(name, ".log"), O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static pid_t pid_of(const char *name)
{
	const char *at = strrchr(asked(name), ':');

	while (at && at > asked(name) && at[-1] != ' ')
		at--;
	return at ? (pid_t)strtol(at, NULL, 10) : 0;
}

struct wish {
	bool (*is_so)(const struct wish *wish);
	const char *name;
	size_t len;
	pid_t pid;
	int64_t until_ns;
};

static bool is_asked_more(const struct wish *wish)
{
	return strlen(asked(wish->name)) >= wish->len;
}

static bool has_other_pid(const struct wish *wish)
{
	return pid_of(wish->name) != 0 && pid_of(wish->name) != wish->pid;
}

static bool is_gone(const struct wish *wish)
{
	return kill(wish->pid, 0) < 0;
}

static void on_tick(void *data)
{
	struct wish *wish = data;
	qb_loop_timer_handle timer;

	if (now_ns() >= wish->until_ns || (wish->is_so && wish->is_so(wish))) {
		qb_loop_stop(watching.loop);
		return;
	}
	assert_int_equal(qb_loop_timer_add(watching.loop, QB_LOOP_LOW, 5000000, wish, on_tick,
					   &timer),
			 0);
}

static void run(struct wish *wish, int64_t ms)
{
	qb_loop_timer_handle timer;

	wish->until_ns = now_ns() + ms * 1000000;
	assert_int_equal(qb_loop_timer_add(watching.loop, QB_LOOP_LOW, 1, wish, on_tick, &timer),
			 0);
	watching.wanted_count = 0;
	qb_loop_run(watching.loop);
}

static void run_until(struct wish *wish)
{
	run(wish, WATCH_WAIT_MS);
	assert_true(wish->is_so(wish));
}

static void run_for(int64_t ms)
{
	struct wish wish = {.is_so = NULL};

	run(&wish, ms);
}

static void wait_asked(const char *name, size_t more)
{
	struct wish wish = {.is_so = is_asked_more,
			    .name = name,
			    .len = strlen(asked(name)) + more};

	run_until(&wish);
}

static void put_database(const char *resource, const char *name, enum haops_watch_role role)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_DATABASE};
	char path[128];

	(void)snprintf(path, sizeof(path), "%s", path_of(name, ""));
	object.database.socket = path;
	object.database.role = role;
	object.database.stuck_ms = 4711;
	put_objects(resource, &object, 1);
}

static int setup_databases(void **state)
{
	if (setup_watching(state) < 0)
		return -1;
	(void)snprintf(folder + strlen(folder) - 6, 7, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	watcher_set_database_interval(watching.watcher, EACH_MS);
	return 0;
}

static int teardown_databases(void **state)
{
	CLEANUP_DIR DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = teardown_watching(state);

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)rmdir(folder);
	return r;
}

static void a_fault_that_was_seen_twice_is_told_once(void **state)
{
	const char *log;

	(void)state;
	say("db", "fine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	wait_asked("db", 30);
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
	say("db", "fault it is odd\n");
	expect_lost("mysql", "it is odd");
	log = asked("db");
	assert_ptr_equal(strstr(log, "primary 4711 "), log);
	/* The confirmation is asked for at once, with less time. */
	assert_non_null(strchr(log, 'a'));
	wait_asked("db", 3);
	say("db", "fault it is odder\n");
	wait_asked("db", 3);
	assert_int_equal(told_count(TOLD_LOST, NULL), 1);
	say("db", "fine\n");
	(void)expect(TOLD_SETTLED, "mysql");
	say("db", "fault again\n");
	expect_lost("mysql", "again");
}

static void one_that_is_faulty_from_the_beginning_is_told(void **state)
{
	(void)state;
	say("db", "fault for ever\n");
	put_database("mysql", "db", HAOPS_WATCH_REPLICA);
	expect_lost("mysql", "for ever");
	assert_non_null(strstr(asked("db"), ":qa"));
}

static void a_fault_that_is_not_seen_again_is_none(void **state)
{
	(void)state;
	say("db",
	    "fine\nfault a\nfine\nfault b\nunknown \nfault c\nfine\nunknown \nfault d\nunknown "
	    "\nfine\n");
	put_database("mysql", "db", HAOPS_WATCH_PLAIN);
	wait_asked("db", 35);
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
	assert_int_equal(told_count(TOLD_EVENT, NULL), 0);
}

static void what_cannot_be_looked_at_is_told_and_no_loss(void **state)
{
	(void)state;
	say("db", "unknown the account may not\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text,
			       "cannot be watched now: the account may not"));
	wait_asked("db", 10);
	say("db", "fine\n");
	assert_non_null(strstr(expect(TOLD_EVENT, "")->text, "is watched again"));
	say("db", "unknown the account may not\n");
	(void)expect(TOLD_EVENT, "warning");
	wait_asked("db", 10);
	assert_int_equal(told_count(TOLD_EVENT, NULL), 3);
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
}

/* What is lost stays so while nobody knows better. */
static void a_loss_and_then_nothing_known(void **state)
{
	(void)state;
	say("db", "fault x\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	expect_lost("mysql", "x");
	say("db", "unknown y\n");
	wait_asked("db", 5);
	watcher_retry(watching.watcher, "mysql");
	wait_asked("db", 5);
	assert_int_equal(told_count(TOLD_LOST, NULL), 1);
	assert_int_equal(told_count(TOLD_SETTLED, NULL), 0);
	say("db", "fault x\n");
	expect_lost("mysql", "x");
	say("db", "fine\n");
	(void)expect(TOLD_SETTLED, "mysql");
}

static bool is_idle(void)
{
	struct watcher_entry entry;

	watcher_entry_at(watching.watcher, 0, &entry);
	assert_true(entry.is_lost);
	return entry.is_idle;
}

/* A monitor may mend what is idle; one that turned out to be worse than that is told once more. */
static void idle_and_then_worse(void **state)
{
	(void)state;
	say("db", "idle x\n");
	put_database("mysql", "db", HAOPS_WATCH_REPLICA);
	expect_lost("mysql", "x");
	assert_true(is_idle());
	wait_asked("db", 3);
	assert_int_equal(told_count(TOLD_LOST, NULL), 1);
	say("db", "fault y\n");
	expect_lost("mysql", "y");
	assert_false(is_idle());
	say("db", "fine\n");
	(void)expect(TOLD_SETTLED, "mysql");
}

static void asked_again_it_looks_again(void **state)
{
	(void)state;
	watcher_set_database_interval(watching.watcher, 3600000);
	say("db", "fault x\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	expect_lost("mysql", "x");
	watcher_retry(watching.watcher, "mysql");
	expect_lost("mysql", "x");
	say("db", "fine\n");
	watcher_retry(watching.watcher, "mysql");
	(void)expect(TOLD_SETTLED, "mysql");
	assert_string_equal(strchr(asked("db"), ':'), ":qaaa");
	watcher_set_database_interval(watching.watcher, EACH_MS);
	wait_asked("db", 3);
}

static void stop_is_no_loss(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct wish wish = {.is_so = is_gone};

		say("db", "fine\nfine\nfault stopped\n");
		put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
		wait_asked("db", 4);
		wish.pid = pid_of("db");
		/* In the midst of it. */
		take_away("mysql");
		run_until(&wish);
		(void)unlink(path_of("db", ".log"));
		settle();
	}
	/* It may have been seen twice before it was taken away. */
	assert_int_equal(told_count(TOLD_LOST, "mysql"), told_count(TOLD_SETTLED, "mysql"));
}

static void another_role_is_another_helper(void **state)
{
	struct wish wish = {.is_so = is_gone};

	(void)state;
	say("db", "fault read-only\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	expect_lost("mysql", "read-only");
	say("db", "fine\n");
	wish.pid = pid_of("db");
	put_database("mysql", "db", HAOPS_WATCH_REPLICA);
	(void)expect(TOLD_SETTLED, "mysql");
	run_until(&wish);
	wait_asked("db", 3);
	assert_non_null(strstr(asked("db"), "replica 4711 "));
	assert_true(pid_of("db") != wish.pid);
	assert_int_equal(told_count(TOLD_LOST, NULL), 1);
	assert_int_equal(told_count(TOLD_EVENT, NULL), 0);
}

static void a_stopped_helper_tells_nothing(void **state)
{
	pid_t pid;

	(void)state;
	say("db", "fine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	wait_asked("db", 20);
	pid = pid_of("db");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	run_for(2000); /* what is tested is that this time passes */
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
	assert_int_equal(told_count(TOLD_EVENT, NULL), 0);
	assert_int_equal(kill(pid, SIGCONT), 0);
	wait_asked("db", 3);
	assert_int_equal(pid_of("db"), pid);
}

static void a_killed_helper_is_started_again(void **state)
{
	struct wish wish = {.is_so = has_other_pid, .name = "db"};

	(void)state;
	say("db", "fine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	for (int i = 0; i < 2; i++) {
		wait_asked("db", 3);
		wish.pid = pid_of("db");
		assert_int_equal(kill(wish.pid, SIGKILL), 0);
		run_until(&wish);
		/* It was reaped. */
		assert_int_equal(kill(wish.pid, 0), -1);
	}
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
	assert_int_equal(told_count(TOLD_EVENT, "warning"), 2);
	say("db", "fault x\n");
	expect_lost("mysql", "x");
}

/* Killed after the first look of two, it has found nothing. */
static void a_helper_killed_between_two_looks(void **state)
{
	struct wish wish = {.is_so = has_other_pid, .name = "db"};

	(void)state;
	say("db", "fine\nfault x\nend\nfine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	wait_asked("db", 16);
	wish.pid = pid_of("db");
	run_until(&wish);
	wait_asked("db", 3);
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
}

static void a_silent_helper_is_ended(void **state)
{
	struct wish wish = {.is_so = has_other_pid, .name = "db"};

	(void)state;
	say("db", "silence\nfine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	wait_asked("db", 14);
	wish.pid = pid_of("db");
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text, "does not answer"));
	run_until(&wish);
	wait_asked("db", 3);
	assert_int_equal(told_count(TOLD_LOST, NULL), 0);
}

static void a_stopped_helper_that_nobody_wants_is_ended(void **state)
{
	struct wish wish = {.is_so = is_gone};

	(void)state;
	say("db", "fine\n");
	put_database("mysql", "db", HAOPS_WATCH_PRIMARY);
	wait_asked("db", 14);
	wish.pid = pid_of("db");
	assert_int_equal(kill(wish.pid, SIGSTOP), 0);
	take_away("mysql");
	run_until(&wish);
	assert_int_equal(told_count(TOLD_EVENT, NULL), 0);
}

static void too_many_are_told(void **state)
{
	char names[LOOKERS_MAX + 1][16];

	(void)state;
	for (size_t i = 0; i <= LOOKERS_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "db%zu", i);
		say(names[i], "fine\n");
		put_database(names[i], names[i], HAOPS_WATCH_PLAIN);
		settle();
	}
	assert_int_equal(told_count(TOLD_EVENT, "warning"), 1);
	for (size_t i = 0; i < LOOKERS_MAX; i++)
		wait_asked(names[i], 1);
	assert_string_equal(asked(names[LOOKERS_MAX]), "");
	/* There is room again. */
	take_away(names[3]);
	settle();
	put_database(names[LOOKERS_MAX], names[LOOKERS_MAX], HAOPS_WATCH_PLAIN);
	wait_asked(names[LOOKERS_MAX], 5);
	say(names[7], "fault x\n");
	expect_lost(names[7], "x");
	assert_int_equal(told_count(TOLD_EVENT, "warning"), 1);
}

/* A record is lost with the first of its objects, whatever they are. */
static void process_and_database_of_one_record(void **state)
{
	struct haops_watch_object objects[2] = {{.kind = HAOPS_WATCH_PROCESS},
						{.kind = HAOPS_WATCH_DATABASE}};
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", path_of("db", ""));
	objects[0].process.pid = 1;
	objects[0].process.start_time = 4711;
	objects[1].database.socket = path;
	say("db", "fault x\n");
	put_objects("mysql", objects, 2);
	expect_lost("mysql", "process 1 has ended");
	wait_asked("db", 16);
	assert_int_equal(told_count(TOLD_LOST, NULL), 1);
	watcher_retry(watching.watcher, "mysql");
	expect_lost("mysql", "process 1 has ended (and 1 more)");
}

#define TEST_DATABASES(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, setup_databases, teardown_databases)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DATABASES(a_fault_that_was_seen_twice_is_told_once),
		TEST_DATABASES(one_that_is_faulty_from_the_beginning_is_told),
		TEST_DATABASES(a_fault_that_is_not_seen_again_is_none),
		TEST_DATABASES(what_cannot_be_looked_at_is_told_and_no_loss),
		TEST_DATABASES(a_loss_and_then_nothing_known),
		TEST_DATABASES(idle_and_then_worse),
		TEST_DATABASES(asked_again_it_looks_again),
		TEST_DATABASES(stop_is_no_loss),
		TEST_DATABASES(another_role_is_another_helper),
		TEST_DATABASES(a_stopped_helper_tells_nothing),
		TEST_DATABASES(a_killed_helper_is_started_again),
		TEST_DATABASES(a_helper_killed_between_two_looks),
		TEST_DATABASES(a_silent_helper_is_ended),
		TEST_DATABASES(a_stopped_helper_that_nobody_wants_is_ended),
		TEST_DATABASES(too_many_are_told),
		TEST_DATABASES(process_and_database_of_one_record),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
