/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Background senders from outside: what is refused, what can go wrong when one is made, and that
 * only a sender is ended. A fake stands in for faults; what a sender does is tested live. */
#include "unit.h"

#include "announcer-name.h"

#include <fcntl.h>
#include <haops/arp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 5000

static char name[64];
static struct haops_sys sys;
static struct haops_addr addr;
static const struct haops_announcement what = {.ifindex = 1, .addrs = &addr, .count = 1};
static const struct haops_arp_schedule once = {.burst_count = 1};

static int setup(void **state)
{
	if (setup_ctx(state) < 0)
		return -1;
	sys = haops_sys_linux;
	haops_ctx_set_sys(*state, &sys);
	(void)snprintf(name, sizeof(name), "test-%d", (int)getpid());
	return haops_addr_parse(*state, "192.0.2.9", &addr);
}

static int stop(void **state, int64_t timeout_ms)
{
	return haops_announcer_stop(*state, name, haops_deadline_after(*state, timeout_ms));
}

static void assert_none(void **state)
{
	bool is_running = true;

	assert_int_equal(haops_announcer_query(*state, name, &is_running), 0);
	assert_false(is_running);
}

static void nonsense_is_refused(void **state)
{
	char text[ANNOUNCER_NAME_MAX + 2] = "";
	struct haops_announcement nothing = what;
	struct haops_arp_schedule never = {.burst_count = 0};
	bool is_running;

	memset(text, 'x', ANNOUNCER_NAME_MAX + 1);
	assert_int_equal(haops_announcer_start(NULL, name, &what, &once, 0), -EINVAL);
	assert_int_equal(haops_announcer_start(*state, "", &what, &once, 0), -EINVAL);
	assert_int_equal(haops_announcer_start(*state, text, &what, &once, 0), -EINVAL);
	assert_int_equal(haops_announcer_start(*state, name, NULL, &once, 0), -EINVAL);
	assert_int_equal(haops_announcer_start(*state, name, &what, NULL, 0), -EINVAL);
	assert_int_equal(haops_announcer_start(*state, name, &what, &never, 0), -EINVAL);
	nothing.count = 0;
	assert_int_equal(haops_announcer_start(*state, name, &nothing, &once, 0), -EINVAL);
	assert_int_equal(haops_announcer_stop(NULL, name, 0), -EINVAL);
	assert_int_equal(haops_announcer_stop(*state, NULL, 0), -EINVAL);
	assert_int_equal(haops_announcer_query(NULL, name, &is_running), -EINVAL);
	assert_int_equal(haops_announcer_query(*state, text, &is_running), -EINVAL);
	assert_int_equal(haops_announcer_query(*state, name, NULL), -EINVAL);
}

static int no_pipe(int fds[2])
{
	(void)fds;
	return -EMFILE;
}

static pid_t no_fork(void)
{
	return -EAGAIN;
}

static int no_detach(const char *comm, int *keep, size_t count)
{
	(void)comm;
	(void)keep;
	(void)count;
	return -EMFILE;
}

static int die_at_once(const char *comm, int *keep, size_t count)
{
	(void)comm;
	(void)keep;
	(void)count;
	_exit(3);
}

static void assert_start_fails(void **state, const char *reason)
{
	assert_int_equal(haops_announcer_start(*state, name, &what, &once, 0), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), reason));
	assert_none(state);
}

static void failed_start_leaves_nothing(void **state)
{
	/* The address is not on lo. */
	assert_start_fails(state, "none of the addresses is on interface number 1");
	sys.detach = die_at_once;
	assert_start_fails(state, "ended before it ran");
	sys.detach = no_detach;
	assert_start_fails(state, "cannot go into the background: Too many open files");
	sys.fork = no_fork;
	assert_start_fails(state, "no new process: Resource temporarily unavailable");
	sys.pipe = no_pipe;
	assert_start_fails(state, "no pipe: Too many open files");
}

/* A process that holds the name, called comm. */
static pid_t make_holder(void **state, const char *comm)
{
	int gate[2];
	char byte;
	int fd = -1;
	pid_t pid;

	assert_int_equal(pipe(gate), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, comm);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (announcer_name_take(*state, name, &fd) < 0 || write(gate[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(gate[1]);
	assert_int_equal(read(gate[0], &byte, 1), 1);
	(void)close(gate[0]);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void sender_is_ended(void **state)
{
	pid_t pid = make_holder(state, ANNOUNCER_COMM);
	bool is_running = false;

	assert_int_equal(haops_announcer_query(*state, name, &is_running), 0);
	assert_true(is_running);
	assert_int_equal(haops_announcer_start(*state, name, &what, &once, 0), -EBUSY);
	assert_int_equal(stop(state, WAIT_MS), 0);
	assert_int_equal(end_of(pid), SIGKILL);
	assert_none(state);
	assert_int_equal(stop(state, WAIT_MS), 0);
}

static void stopped_sender_is_ended(void **state)
{
	pid_t pid = make_holder(state, ANNOUNCER_COMM);

	(void)kill(pid, SIGSTOP);
	assert_int_equal(stop(state, WAIT_MS), 0);
	assert_int_equal(end_of(pid), SIGKILL);
}

static void nobody_else_is_ended(void **state)
{
	pid_t pid = make_holder(state, "IPaddr2");

	assert_int_equal(stop(state, 20), -ETIMEDOUT);
	assert_int_equal(kill(pid, 0), 0);
	(void)kill(pid, SIGTERM);
	assert_int_equal(end_of(pid), SIGTERM);
}

static uid_t other_user(void)
{
	return geteuid() + 1;
}

static void strangers_sender_is_none_of_ours(void **state)
{
	pid_t pid = make_holder(state, ANNOUNCER_COMM);

	sys.geteuid = other_user;
	assert_int_equal(stop(state, WAIT_MS), 0);
	assert_none(state);
	assert_int_equal(haops_announcer_start(*state, name, &what, &once, 0), -EIO);
	(void)kill(pid, SIGTERM);
	assert_int_equal(end_of(pid), SIGTERM);
}

static int no_pidfd(pid_t pid)
{
	(void)pid;
	return -EMFILE;
}

static int no_signal(int pidfd, int sig)
{
	(void)pidfd;
	(void)sig;
	return -EPERM;
}

static int lost_signal(int pidfd, int sig)
{
	(void)pidfd;
	(void)sig;
	return 0;
}

static int no_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd;
	(void)path;
	(void)flags;
	(void)mode;
	return -EACCES;
}

static void unknown_is_not_ended(void **state)
{
	pid_t pid = make_holder(state, ANNOUNCER_COMM);

	sys.pidfd_signal = lost_signal;
	assert_int_equal(stop(state, 20), -ETIMEDOUT);
	assert_non_null(strstr(haops_ctx_error(*state), "did not end in time after SIGKILL"));
	sys.pidfd_signal = no_signal;
	assert_int_equal(stop(state, WAIT_MS), -EIO);
	sys.openat = no_openat;
	assert_int_equal(stop(state, WAIT_MS), -EIO);
	sys.pidfd_open = no_pidfd;
	assert_int_equal(stop(state, WAIT_MS), -EIO);
	assert_int_equal(kill(pid, 0), 0);
	(void)kill(pid, SIGTERM);
	assert_int_equal(end_of(pid), SIGTERM);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown_ctx)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nonsense_is_refused),  TEST(failed_start_leaves_nothing),
		TEST(sender_is_ended),	    TEST(stopped_sender_is_ended),
		TEST(nobody_else_is_ended), TEST(strangers_sender_is_none_of_ours),
		TEST(unknown_is_not_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
