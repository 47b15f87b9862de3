/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts, ends and reaps the process haopsd-ipc. It gets nothing of ours but its end of the link:
 * no signal mask, no real-time priority, no descriptor. */

#include "ipc/child.h"

#include "ipc/link.h"
#include "util/cleanup.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_attributes(posix_spawnattr_t *attributes)
{
	const struct sched_param normal = {0};
	sigset_t none;
	sigset_t all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setschedpolicy(attributes, SCHED_OTHER);
	if (r == 0)
		r = posix_spawnattr_setschedparam(attributes, &normal);
	if (r == 0)
		r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
								 POSIX_SPAWN_SETSIGDEF |
								 POSIX_SPAWN_SETSCHEDULER);
	return -r;
}

static int spawn(const char *path, pid_t before, int fd, pid_t *ret_pid)
{
	char name[] = "haopsd-ipc";
	char number[16];
	char *argv[] = {name, before > 0 ? number : NULL, NULL};
	char *environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	snprintf(number, sizeof(number), "%d", (int)before);
	if (posix_spawnattr_init(&attributes) != 0)
		return -ENOMEM;
	if (posix_spawn_file_actions_init(&actions) != 0) {
		posix_spawnattr_destroy(&attributes);
		return -ENOMEM;
	}
	r = set_attributes(&attributes);
	if (r == 0)
		r = -posix_spawn_file_actions_adddup2(&actions, fd, LINK_FD);
	if (r == 0)
		r = -posix_spawn(ret_pid, path, &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return r;
}

int ipc_child_start(const char *path, struct child *child)
{
	CLEANUP_FD int ours = -1;
	CLEANUP_FD int theirs = -1;
	int fds[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	ours = fds[0];
	theirs = fds[1];
	r = spawn(path, child->before, theirs, &child->pid);
	if (r < 0) {
		child->pid = 0;
		return r;
	}
	child->fd = take_fd(&ours);
	return 0;
}

void ipc_child_release(struct child *child)
{
	if (child->fd >= 0)
		(void)close(child->fd);
	child->fd = -1;
}

void ipc_child_end(struct child *child)
{
	ipc_child_release(child);
	if (child->pid > 0)
		(void)kill(child->pid, SIGKILL);
}

bool ipc_child_reap(struct child *child)
{
	pid_t pid = child->pid;

	if (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0)
		return false;
	if (pid > 0)
		child->before = pid;
	child->pid = 0;
	return true;
}
