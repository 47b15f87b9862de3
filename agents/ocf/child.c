/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a function in a child and waits for it with a deadline, see child.h. */

#include "ocf/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a killed child may take to end: longer takes only one in state D. */
#define REAP_MS 100
#define OUT_FD 3

/* Output of the agent's is somebody's pipe: a child left behind must not keep it open. */
static void leave_all_but(int out)
{
	int null_fd = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < OUT_FD; fd++)
		(void)dup2(null_fd, fd);
	(void)dup2(out, OUT_FD);
	(void)close_range(OUT_FD + 1, ~0U, 0);
}

static void run_child(void (*fn)(void *arg, int out), void *arg, int out, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The agent may have been killed before. */
	if (getppid() != parent)
		_exit(1);
	leave_all_but(out);
	fn(arg, OUT_FD);
	_exit(0);
}

int child_start(struct child *ret_child, void (*fn)(void *arg, int out), void *arg)
{
	struct child child = {.pidfd = -1, .out = -1};
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child.pid = fork();
	if (child.pid == 0)
		run_child(fn, arg, fds[1], parent);
	(void)close(fds[1]);
	child.out = fds[0];
	if (child.pid > 0)
		child.pidfd = pidfd_open(child.pid, 0);
	if (child.pidfd < 0) {
		int r = -errno;

		if (child.pid > 0)
			(void)kill(child.pid, SIGKILL);
		(void)close(child.out);
		return r;
	}
	*ret_child = child;
	return 0;
}

static int wait_for(const struct haops_ctx *ctx, int fd, int64_t deadline_ms)
{
	struct pollfd want = {.fd = fd, .events = POLLIN};
	int r;

	do {
		int64_t left = haops_deadline_left_ms(ctx, deadline_ms);

		r = poll(&want, 1, left > 1000000 ? 1000000 : (int)left);
	} while (r <= 0 && haops_deadline_left_ms(ctx, deadline_ms) > 0);
	return r > 0;
}

int child_wait(const struct haops_ctx *ctx, const struct child *child, int64_t deadline_ms)
{
	return wait_for(ctx, child->out, deadline_ms);
}

bool child_end(const struct haops_ctx *ctx, struct child *child)
{
	bool is_gone;

	(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	is_gone = wait_for(ctx, child->pidfd, haops_deadline_after(ctx, REAP_MS)) != 0;
	if (is_gone)
		(void)waitpid(child->pid, NULL, 0);
	(void)close(child->pidfd);
	(void)close(child->out);
	child->pidfd = -1;
	child->out = -1;
	return is_gone;
}

static void answer_question(void *arg, int out)
{
	const struct child_question *question = arg;
	struct child_answer answer = {0};

	question->fn(question->arg, &answer);
	/* Less than PIPE_BUF: written whole. */
	(void)!write(out, &answer, sizeof(answer));
}

int child_ask(const struct haops_ctx *ctx, const struct child_question *question,
	      int64_t deadline_ms, struct child_answer *ret_answer, pid_t *ret_left)
{
	struct child_question copy = *question;
	struct child_answer answer;
	struct child child;
	ssize_t len = -1;
	pid_t pid;
	int r = child_start(&child, answer_question, &copy);

	*ret_left = 0;
	if (r < 0)
		return r;
	pid = child.pid;
	r = child_wait(ctx, &child, deadline_ms) ? 0 : -ETIMEDOUT;
	if (r == 0)
		len = read(child.out, &answer, sizeof(answer));
	if (!child_end(ctx, &child))
		*ret_left = pid;
	if (r < 0)
		return r;
	if (len != (ssize_t)sizeof(answer))
		return -EIO;
	*ret_answer = answer;
	return 0;
}
