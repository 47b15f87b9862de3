/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name of a background sender: held by one, told of truly, and not to be taken from us by
 * strangers without our noticing. On real sockets; other users by a fake. */
#include "unit.h"

#include "announcer-name.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 5000

static char name[64];
static struct haops_sys sys;

static uid_t other_user(void)
{
	return geteuid() + 1;
}

static int setup(void **state)
{
	if (setup_ctx(state) < 0)
		return -1;
	sys = haops_sys_linux;
	haops_ctx_set_sys(*state, &sys);
	(void)snprintf(name, sizeof(name), "test-%d", (int)getpid());
	return 0;
}

static struct announcer_holder holder_of(void **state)
{
	struct announcer_holder holder = {.kind = ANNOUNCER_STRANGER};

	assert_int_equal(announcer_name_holder(*state, name, haops_deadline_after(*state, WAIT_MS),
					       &holder),
			 0);
	return holder;
}

static void address_is_abstract(void **state)
{
	struct sockaddr_un addr;

	(void)state;
	assert_int_equal(announcer_name_address("IPaddr2-vip-0", &addr), 2 + 1 + 15 + 13);
	assert_int_equal(addr.sun_family, AF_UNIX);
	assert_memory_equal(addr.sun_path, "\0haops-announce/IPaddr2-vip-0", 29);
}

static void long_names_are_told_apart(void **state)
{
	char text[ANNOUNCER_NAME_MAX + 1] = "";
	struct sockaddr_un addr;
	struct sockaddr_un other;

	(void)state;
	memset(text, 'x', ANNOUNCER_NAME_MAX);
	assert_true(announcer_name_address(text, &addr) <= sizeof(addr));
	text[ANNOUNCER_NAME_MAX - 1] = 'y';
	assert_int_equal(announcer_name_address(text, &other),
			 announcer_name_address(text, &other));
	assert_memory_not_equal(&addr, &other, sizeof(addr));
	/* The longest that is not cut, and the one behind it. */
	for (size_t len = 89; len < 93; len++) {
		text[len] = '\0';
		assert_true(announcer_name_address(text, &addr) <= sizeof(addr));
		text[len] = 'x';
	}
}

static void one_has_it(void **state)
{
	struct announcer_holder holder;
	int other = -7;
	int fd = -1;

	assert_int_equal(holder_of(state).kind, ANNOUNCER_NOBODY);
	assert_int_equal(announcer_name_take(*state, name, &fd), 0);
	holder = holder_of(state);
	assert_int_equal(holder.kind, ANNOUNCER_OURS);
	assert_int_equal(holder.pid, getpid());
	assert_int_equal(announcer_name_take(*state, name, &other), -EBUSY);
	assert_int_equal(other, -7);
	(void)close(fd);
	assert_int_equal(holder_of(state).kind, ANNOUNCER_NOBODY);
}

static void child_adopts_it(void **state)
{
	struct announcer_holder holder;
	int gate[2];
	char byte;
	pid_t pid;
	int fd = -1;

	assert_int_equal(pipe(gate), 0);
	assert_int_equal(announcer_name_take(*state, name, &fd), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(gate[0]);
		if (announcer_name_adopt(*state, fd) < 0 || write(gate[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(fd);
	assert_int_equal(read(gate[0], &byte, 1), 1);
	holder = holder_of(state);
	assert_int_equal(holder.kind, ANNOUNCER_OURS);
	assert_int_equal(holder.pid, pid);
	(void)kill(pid, SIGSTOP);
	assert_int_equal(holder_of(state).pid, pid);
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(holder_of(state).kind, ANNOUNCER_NOBODY);
	(void)close(gate[0]);
	(void)close(gate[1]);
}

static void strangers_are_seen(void **state)
{
	char wanted[160];
	int fd = -1;
	int other;

	assert_int_equal(announcer_name_take(*state, name, &fd), 0);
	sys.geteuid = other_user;
	assert_int_equal(holder_of(state).kind, ANNOUNCER_STRANGER);
	assert_int_equal(announcer_name_take(*state, name, &other), -EIO);
	(void)snprintf(wanted, sizeof(wanted),
		       "the name of sender %s is taken by process %d of user %u, which is no "
		       "sender: end it",
		       name, (int)getpid(), geteuid());
	assert_string_equal(haops_ctx_error(*state), wanted);
	(void)close(fd);
}

static void bound_is_not_held(void **state)
{
	struct sockaddr_un addr;
	socklen_t len = announcer_name_address(name, &addr);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int other;

	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, len), 0);
	assert_int_equal(holder_of(state).kind, ANNOUNCER_NOBODY);
	assert_int_equal(announcer_name_take(*state, name, &other), -EIO);
	(void)close(fd);
}

/* A queue that is full is unknown; cleared, it is not. */
static void full_queue_is_unknown(void **state)
{
	struct announcer_holder holder = {.pid = 77};
	int fd = -1;

	assert_int_equal(announcer_name_take(*state, name, &fd), 0);
	assert_int_equal(listen(fd, 1), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(holder_of(state).kind, ANNOUNCER_OURS);
	assert_int_equal(announcer_name_holder(*state, name, haops_deadline_after(*state, 5),
					       &holder),
			 -ETIMEDOUT);
	assert_int_equal(holder.pid, 77);
	announcer_name_clear(*state, fd);
	assert_int_equal(holder_of(state).kind, ANNOUNCER_OURS);
	(void)close(fd);
}

static int no_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return -ENOMEM;
}

static int no_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	(void)fd;
	(void)level;
	(void)option;
	(void)value;
	(void)len;
	return -ENOBUFS;
}

static int no_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return -EMFILE;
}

static int no_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return -EACCES;
}

static int no_listen(int fd, int backlog)
{
	(void)fd;
	(void)backlog;
	return -EINVAL;
}

static void failures_are_unknown(void **state)
{
	struct announcer_holder holder;
	int64_t deadline_ms = haops_deadline_after(*state, WAIT_MS);
	int other;
	int fd = -1;

	assert_int_equal(announcer_name_take(*state, name, &fd), 0);
	sys.getsockopt = no_getsockopt;
	assert_int_equal(announcer_name_holder(*state, name, deadline_ms, &holder), -EIO);
	sys.connect = no_connect;
	assert_int_equal(announcer_name_holder(*state, name, deadline_ms, &holder), -EIO);
	assert_int_equal(announcer_name_take(*state, name, &other), -EIO);
	(void)close(fd);
	sys.listen = no_listen;
	assert_int_equal(announcer_name_take(*state, name, &fd), -EIO);
	sys.bind = no_bind;
	assert_int_equal(announcer_name_take(*state, name, &fd), -EIO);
	sys.socket = no_socket;
	assert_int_equal(announcer_name_take(*state, name, &fd), -EIO);
	assert_int_equal(announcer_name_holder(*state, name, deadline_ms, &holder), -EIO);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown_ctx)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(address_is_abstract),
		TEST(long_names_are_told_apart),
		TEST(one_has_it),
		TEST(child_adopts_it),
		TEST(strangers_are_seen),
		TEST(bound_is_not_held),
		TEST(full_queue_is_unknown),
		TEST(failures_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
