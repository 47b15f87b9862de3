/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_NETNS_H
#define HAOPS_TESTS_NETNS_H

/* A network namespace of its own for each live test, which ends with the test program, and ip(8) to
 * furnish it. Without root it is made inside a user namespace. */

#include "../unit/unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define IP_WORDS_MAX 24

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static inline void enter_user_namespace(void)
{
	unsigned int uid = geteuid();
	unsigned int gid = getegid();
	char map[32];

	if (uid == 0)
		return;
	assert_int_equal(unshare(CLONE_NEWUSER), 0);
	write_file("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
}

/* Starts "ip WORDS" and returns its process. */
static inline pid_t ip_start(const char *words)
{
	char text[256];
	char *argv[IP_WORDS_MAX + 1] = {NULL};
	char *rest = text;
	pid_t pid;

	(void)snprintf(text, sizeof(text), "ip %s", words);
	for (size_t i = 0; i < IP_WORDS_MAX && rest; i++)
		argv[i] = strsep(&rest, " ");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execvp("ip", argv);
		_exit(127);
	}
	return pid;
}

static inline int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static inline void ip(const char *words)
{
	assert_int_equal(end_of(ip_start(words)), 0);
}

/* A new namespace with lo, and the pair va and vb that is up. */
static inline int setup_netns(void **state)
{
	if (setup_ctx(state) < 0 || unshare(CLONE_NEWNET) < 0)
		return -1;
	ip("link set lo up");
	ip("link add name va type veth peer name vb");
	ip("link set va up");
	ip("link set vb up");
	return 0;
}

/* The kernel makes the route to a new IPv6 address in another context, soon. A connected socket. */
static inline int connect_when_routed(const struct sockaddr *addr, socklen_t len)
{
	int64_t until_ns = haops_sys_linux.now_ns() + INT64_C(5000000000);
	int fd = -1;
	int r;

	do {
		if (fd >= 0)
			(void)close(fd);
		fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		r = connect(fd, addr, len);
	} while (r < 0 && haops_sys_linux.now_ns() < until_ns);
	assert_int_equal(r, 0);
	return fd;
}

#define TEST_NETNS(test) cmocka_unit_test_setup_teardown(test, setup_netns, teardown_ctx)

#endif
