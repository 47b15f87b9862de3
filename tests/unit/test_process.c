/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes: real ones of /bin, their output, their end at the deadline. */
#include "unit.h"

#include <haops/process.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN(ctx, ms, spec, result)                                                                 \
	haops_process_run(ctx, spec, haops_deadline_after(ctx, ms), result)

static void status_and_output(void **state)
{
	const char *const argv[] = {"/bin/echo", "one two", "$HOME;id", NULL};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 100};
	struct haops_process_result result;

	assert_int_equal(RUN(*state, 5000, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_EXITED);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.output, "one two $HOME;id\n");
	assert_false(result.is_truncated);
	haops_process_result_done(&result);
	haops_process_result_done(&result);
	haops_process_result_done(NULL);
}

static void output_is_bounded(void **state)
{
	const char *const argv[] = {"/usr/bin/head", "-c", "3000000", "/dev/zero", NULL};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 10};
	struct haops_process_result result;

	assert_int_equal(RUN(*state, 10000, &spec, &result), 0);
	assert_int_equal(result.status, 0);
	assert_int_equal(result.output_len, 10);
	assert_true(result.is_truncated);
	haops_process_result_done(&result);
}

static void input_reaches_the_child(void **state)
{
	static char input[300001];
	const char *const argv[] = {"/usr/bin/wc", "-c", NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.input = input,
						.output_max_bytes = 20};
	struct haops_process_result result;

	memset(input, 'x', sizeof(input) - 1);
	assert_int_equal(RUN(*state, 10000, &spec, &result), 0);
	assert_string_equal(result.output, "300000\n");
	haops_process_result_done(&result);
}

static void child_that_does_not_read_harms_nobody(void **state)
{
	static char input[1000001];
	const char *const argv[] = {"/bin/true", NULL};
	const struct haops_process_spec spec = {.argv = argv, .input = input};
	struct haops_process_result result;

	memset(input, 'x', sizeof(input) - 1);
	assert_int_equal(RUN(*state, 5000, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_EXITED);
	haops_process_result_done(&result);
}

static void killed_at_the_deadline(void **state)
{
	const char *const argv[] = {"/bin/sleep", "60", NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_process_result result;
	int64_t begin = haops_sys_linux.now_ns();

	assert_int_equal(RUN(*state, 100, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_TIMED_OUT);
	assert_in_range(haops_sys_linux.now_ns() - begin, 99000000, 5000000000);
	haops_process_result_done(&result);
}

static void term_comes_before_kill(void **state)
{
	const char *const argv[] = {"/bin/sleep", "60", NULL};
	const struct haops_process_spec spec = {.argv = argv, .term_before_ms = 59000};
	struct haops_process_result result;

	int64_t begin = haops_sys_linux.now_ns();

	assert_int_equal(RUN(*state, 59050, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_TIMED_OUT);
	assert_in_range(haops_sys_linux.now_ns() - begin, 49000000, 20000000000);
	haops_process_result_done(&result);
}

static void what_a_child_leaves_behind_ends_with_it(void **state)
{
	/* The grandchild holds the pipe open: the call must not wait for it, and must end it. */
	const char *const argv[] = {"/bin/sh", "-c", "sleep 60 & echo $!", NULL};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 20};
	struct haops_process grandchild = {0};
	struct haops_process_result result;

	assert_int_equal(RUN(*state, 30000, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_EXITED);
	grandchild.pid = (pid_t)strtol(result.output, NULL, 10);
	if (haops_process_get(*state, grandchild.pid, &grandchild) == 0)
		assert_int_equal(haops_process_wait_gone(*state, &grandchild, 1,
							 haops_deadline_after(*state, 5000)),
				 0);
	haops_process_result_done(&result);
}

static void daemon_stays(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "sleep 60 & echo $!", NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.output_max_bytes = 20,
						.is_daemon = true};
	struct haops_process grandchild;
	struct haops_process_result result;

	assert_int_equal(RUN(*state, 30000, &spec, &result), 0);
	assert_int_equal(haops_process_get(*state, (pid_t)strtol(result.output, NULL, 10),
					   &grandchild),
			 0);
	assert_int_equal(haops_process_signal(*state, &grandchild, SIGKILL), 0);
	assert_int_equal(haops_process_wait_gone(*state, &grandchild, 1,
						 haops_deadline_after(*state, 5000)),
			 0);
	haops_process_result_done(&result);
}

static int poll_with_output_at_hand(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	int ready = haops_sys_linux.poll(fds, count, deadline_ms);

	/* As if the child had written again meanwhile. */
	if (ready == 0 && count == 3)
		fds[1].revents = POLLIN;
	return ready == 0 && count == 3 ? 1 : ready;
}

static ssize_t read_without_end(int fd, void *buf, size_t len)
{
	(void)fd;
	memset(buf, 'y', len);
	return (ssize_t)len;
}

static void endless_output_does_not_move_the_deadline(void **state)
{
	const char *const argv[] = {"/bin/sleep", "10", NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_result result;
	int64_t begin = haops_sys_linux.now_ns();

	sys.poll = poll_with_output_at_hand;
	sys.read = read_without_end;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(RUN(*state, 100, &spec, &result), 0);
	assert_int_equal(result.end, HAOPS_PROCESS_TIMED_OUT);
	assert_in_range(haops_sys_linux.now_ns() - begin, 99000000, 5000000000);
	haops_process_result_done(&result);
}

static pid_t last_pid;

static int spawn_noting_pid(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	int r = haops_sys_linux.spawn(spawn, ret_pid);

	last_pid = *ret_pid;
	return r;
}

static int report_fd;

static int spawn_reporting_pid(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	int r = haops_sys_linux.spawn(spawn, ret_pid);

	if (r == 0 && write(report_fd, ret_pid, sizeof(*ret_pid)) != sizeof(*ret_pid))
		_exit(1);
	return r;
}

/* Runs spec in a process that is killed then; the child of that. */
static struct haops_process child_of_a_killed_caller(struct haops_ctx *ctx,
						     const struct haops_process_spec *spec)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_result result;
	struct haops_process child = {0};
	int fds[2];
	pid_t caller;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	report_fd = fds[1];
	sys.spawn = spawn_reporting_pid;
	caller = fork();
	if (caller == 0) {
		haops_ctx_set_sys(ctx, &sys);
		_exit(RUN(ctx, 60000, spec, &result) != 0);
	}
	assert_int_equal(read(fds[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(haops_process_get(ctx, pid, &child), 0);
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return child;
}

static void child_ends_with_a_killed_caller(void **state)
{
	const char *const argv[] = {"/bin/sleep", "60", NULL};
	struct haops_process_spec spec = {.argv = argv};
	struct haops_process child = child_of_a_killed_caller(*state, &spec);

	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 5000)),
			 0);
	spec.is_daemon = true;
	child = child_of_a_killed_caller(*state, &spec);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 50)),
			 -ETIMEDOUT);
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), 0);
}

/* Its pipes have the numbers 0 to 2 then, in any order. */
static void caller_without_standard_descriptors(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "read x && echo \"$x\" >&2 && echo end", NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.input = "in\n",
						.output_max_bytes = 20};
	struct haops_process_result result = {0};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			(void)close(fd);
		_exit(RUN(*state, 5000, &spec, &result) != 0 ||
		      strcmp(result.output, "in\nend\n") != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int no_pidfd(pid_t pid)
{
	(void)pid;
	return -EMFILE;
}

static void child_that_cannot_be_watched_is_ended(void **state)
{
	const char *const argv[] = {"/bin/sleep", "60", NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_result result;

	sys.spawn = spawn_noting_pid;
	sys.pidfd_open = no_pidfd;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(RUN(*state, 5000, &spec, &result), -EIO);
	assert_int_equal(kill(last_pid, 0), -1);
}

static int never_waited_for(pid_t pid, siginfo_t *ret_info, int options)
{
	(void)pid;
	/* In state D it would block for ever. */
	assert_true(options & WNOHANG);
	*ret_info = (siginfo_t){0};
	return 0;
}

static void child_that_does_not_end_is_left_behind(void **state)
{
	const char *const argv[] = {"/bin/true", NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_result result;
	int64_t begin = haops_sys_linux.now_ns();

	sys.spawn = spawn_noting_pid;
	sys.pidfd_open = no_pidfd;
	sys.waitid = never_waited_for;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(RUN(*state, 5000, &spec, &result), -EIO);
	assert_in_range(haops_sys_linux.now_ns() - begin, 0, 4000000000);
	assert_int_equal(waitpid(last_pid, NULL, 0), last_pid);
}

static void unknown_end_is_no_success(void **state)
{
	const char *const slow[] = {"/bin/sh", "-c", "sleep 0.05; exit 3", NULL};
	const char *const fast[] = {"/bin/false", NULL};
	struct haops_process_spec spec = {.argv = slow};
	struct haops_process_result result;

	assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	assert_int_equal(RUN(*state, 5000, &spec, &result), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "SIGCHLD"));
	spec.argv = fast;
	assert_int_equal(RUN(*state, 5000, &spec, &result), -EIO);
	assert_true(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
}

static void what_cannot_be_started(void **state)
{
	const char *const missing[] = {"/no/such/program", NULL};
	const char *const no_program[] = {"/etc/passwd", NULL};
	const char *const relative[] = {"true", NULL};
	const char *const empty[] = {NULL};
	struct haops_process_result result;
	struct haops_process_spec spec = {.argv = missing};

	assert_int_equal(RUN(*state, 1000, &spec, &result), -ENOENT);
	spec.argv = no_program;
	assert_int_equal(RUN(*state, 1000, &spec, &result), -EACCES);
	spec.argv = relative;
	assert_int_equal(RUN(*state, 1000, &spec, &result), -EINVAL);
	spec.argv = empty;
	assert_int_equal(RUN(*state, 1000, &spec, &result), -EINVAL);
	spec = (struct haops_process_spec){.argv = missing, .output_max_bytes = 1 << 21};
	assert_int_equal(RUN(*state, 1000, &spec, &result), -EINVAL);
	assert_int_equal(haops_process_run(NULL, &spec, 0, &result), -EINVAL);
}

static void environment_is_ours(void **state)
{
	const char *const argv[] = {"/usr/bin/env", NULL};
	const char *const env[] = {"ONLY=this", NULL};
	struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 1000};
	struct haops_process_result result;

	assert_int_equal(setenv("HAOPS_SECRET", "x", 1), 0);
	assert_int_equal(RUN(*state, 5000, &spec, &result), 0);
	assert_null(strstr(result.output, "HAOPS_SECRET"));
	assert_non_null(strstr(result.output, "LC_ALL=C\n"));
	haops_process_result_done(&result);
	spec.env = env;
	assert_int_equal(RUN(*state, 5000, &spec, &result), 0);
	assert_string_equal(result.output, "ONLY=this\n");
	haops_process_result_done(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(status_and_output),
		TEST_CTX(output_is_bounded),
		TEST_CTX(input_reaches_the_child),
		TEST_CTX(child_that_does_not_read_harms_nobody),
		TEST_CTX(killed_at_the_deadline),
		TEST_CTX(endless_output_does_not_move_the_deadline),
		TEST_CTX(child_that_cannot_be_watched_is_ended),
		TEST_CTX(child_that_does_not_end_is_left_behind),
		TEST_CTX(child_ends_with_a_killed_caller),
		TEST_CTX(caller_without_standard_descriptors),
		TEST_CTX(unknown_end_is_no_success),
		TEST_CTX(term_comes_before_kill),
		TEST_CTX(what_a_child_leaves_behind_ends_with_it),
		TEST_CTX(daemon_stays),
		TEST_CTX(what_cannot_be_started),
		TEST_CTX(environment_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
