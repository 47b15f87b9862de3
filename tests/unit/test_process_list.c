/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes told apart: by number and start time; a number that was given away is noticed. */
#include "unit.h"

#include <haops/process.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

static void self_is_found(void **state)
{
	struct haops_process self;

	assert_int_equal(haops_process_get(*state, getpid(), &self), 0);
	assert_int_equal(self.ppid, getppid());
	assert_int_equal(self.pgid, getpgrp());
	assert_int_equal(self.sid, getsid(0));
	assert_int_equal(self.uid, geteuid());
	assert_int_equal(self.exe[0], '/');
	assert_false(self.is_exe_deleted);
	assert_true(self.start_ticks > 0);
}

static void ended_process_is_told(void **state)
{
	struct haops_process child;
	pid_t pid = start_child();

	assert_int_equal(haops_process_get(*state, pid, &child), 0);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 10)),
			 -ETIMEDOUT);
	assert_int_equal(haops_process_signal(*state, &child, 0), 0);
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), 0);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 5000)),
			 0);
	/* Not reaped yet: a zombie has ended. */
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), -ESRCH);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(haops_process_get(*state, pid, &child), -ESRCH);
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), -ESRCH);
}

static void *wait_for_ever(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static void process_without_its_first_thread_lives(void **state)
{
	struct haops_process child = {0};
	pid_t pid = fork();
	pthread_t thread;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
			_exit(1);
		pthread_exit(NULL);
	}
	while (child.state != 'Z')
		assert_int_equal(haops_process_get(*state, pid, &child), 0);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 10)),
			 -ETIMEDOUT);
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), 0);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 5000)),
			 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void reused_number_is_not_signalled(void **state)
{
	struct haops_process child;
	pid_t pid = start_child();

	assert_int_equal(haops_process_get(*state, pid, &child), 0);
	child.start_ticks--;
	assert_int_equal(haops_process_signal(*state, &child, SIGKILL), -ESRCH);
	assert_int_equal(haops_process_wait_gone(*state, &child, 1,
						 haops_deadline_after(*state, 5000)),
			 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool is_self(const struct haops_process *process, void *userdata)
{
	return process->pid == *(pid_t *)userdata;
}

/* The number of one who has ended stays that of its group, as long as somebody else is in it. */
static void number_of_a_group_is_no_process(void **state)
{
	struct haops_process leader;
	int fds[2];
	pid_t rest;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setpgid(0, 0);
		rest = start_child();
		if (write(fds[1], &rest, sizeof(rest)) != (ssize_t)sizeof(rest))
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(fds[0], &rest, sizeof(rest)), sizeof(rest));
	assert_int_equal(haops_process_get(*state, pid, &leader), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(haops_process_signal(*state, &leader, SIGCONT), -ESRCH);
	assert_int_equal(haops_process_wait_gone(*state, &leader, 1, 0), 0);
	assert_int_equal(kill(rest, SIGKILL), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void list_is_filtered(void **state)
{
	struct haops_process *list = NULL;
	pid_t pid = getpid();
	size_t count = 0;

	assert_int_equal(haops_process_list(*state, is_self, &pid, &list, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].pid, pid);
	free(list);
}

static int no_proc(const char *path, DIR **ret_dir)
{
	(void)path;
	(void)ret_dir;
	return -EACCES;
}

static ssize_t unreadable(int fd, void *buf, size_t len)
{
	(void)fd;
	(void)buf;
	(void)len;
	return -EIO;
}

static void unknown_is_not_absent(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_process *list = NULL;
	struct haops_process self;
	pid_t pid = getpid();
	size_t count = 0;

	sys.opendir = no_proc;
	sys.read = unreadable;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(haops_process_list(*state, is_self, &pid, &list, &count), -EIO);
	assert_int_equal(haops_process_get(*state, pid, &self), -EIO);
}

static void arguments_are_checked(void **state)
{
	struct haops_process process = {.pid = 0};

	assert_int_equal(haops_process_get(*state, 0, &process), -EINVAL);
	assert_int_equal(haops_process_get(*state, 1, NULL), -EINVAL);
	assert_int_equal(haops_process_signal(*state, &process, SIGTERM), -EINVAL);
	assert_int_equal(haops_process_wait_gone(*state, NULL, 1, 0), -EINVAL);
	assert_int_equal(haops_process_wait_gone(*state, NULL, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(self_is_found),
		TEST_CTX(ended_process_is_told),
		TEST_CTX(process_without_its_first_thread_lives),
		TEST_CTX(reused_number_is_not_signalled),
		TEST_CTX(number_of_a_group_is_no_process),
		TEST_CTX(list_is_filtered),
		TEST_CTX(unknown_is_not_absent),
		TEST_CTX(arguments_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
