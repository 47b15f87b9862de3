/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts, asks, hears and ends a helper process, without ever waiting for it. When is its caller's
 * matter. */
#include "internal.h"

#include "prober/prober.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

int64_t prober_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int spawn(struct prober *prober, const char *const argv[], int fd)
{
	const char *const env[] = {"LC_ALL=C", NULL};
	struct haops_spawn spawn = {.argv = argv, .env = env, .fd_in = fd, .fd_out = fd};
	int null_fd = prober->ctx->sys->openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
	int r;

	if (null_fd < 0)
		return null_fd;
	spawn.fd_err = null_fd;
	r = prober->ctx->sys->spawn(&spawn, &prober->pid);
	(void)prober->ctx->sys->close(null_fd);
	if (r < 0)
		prober->pid = 0;
	return r;
}

int prober_start(struct prober *prober, struct haops_ctx *ctx, const char *const argv[])
{
	int fds[2];
	int r;

	*prober = (struct prober){.ctx = ctx, .fd = -1, .pidfd = -1};
	r = ctx->sys->socketpair(fds);
	if (r < 0)
		return r;
	r = spawn(prober, argv, fds[1]);
	(void)ctx->sys->close(fds[1]);
	if (r < 0) {
		(void)ctx->sys->close(fds[0]);
		return r;
	}
	prober->fd = fds[0];
	prober->pidfd = ctx->sys->pidfd_open(prober->pid);
	if (prober->pidfd >= 0)
		return 0;
	/* Without one we would never learn its end. */
	r = prober->pidfd;
	(void)ctx->sys->kill(prober->pid, SIGKILL);
	prober_forget(prober);
	return r;
}

int prober_ask(struct prober *prober, char question)
{
	ssize_t n = prober->ctx->sys->sendto(prober->fd, &question, 1, MSG_DONTWAIT | MSG_NOSIGNAL,
					     NULL, 0);

	return n < 0 ? (int)n : 0;
}

int prober_hear(struct prober *prober, void *answer, size_t size)
{
	ssize_t n = prober->ctx->sys->recvfrom(prober->fd, answer, size, MSG_DONTWAIT, NULL, NULL);

	if (n < 0)
		return (int)n;
	/* So few bytes, sent at once, come at once. */
	return n == (ssize_t)size ? 0 : -EPIPE;
}

void prober_hang_up(struct prober *prober)
{
	if (prober->fd >= 0)
		(void)prober->ctx->sys->close(prober->fd);
	prober->fd = -1;
}

void prober_kill(struct prober *prober)
{
	if (prober->pidfd >= 0)
		(void)prober->ctx->sys->pidfd_signal(prober->pidfd, SIGKILL);
}

bool prober_reap(struct prober *prober)
{
	siginfo_t info = {0};
	int r = prober->ctx->sys->waitid(prober->pid, &info, WEXITED | WNOHANG);

	if (r == 0 && info.si_pid == 0)
		return false;
	prober_forget(prober);
	return true;
}

void prober_forget(struct prober *prober)
{
	prober_hang_up(prober);
	if (prober->pidfd >= 0)
		(void)prober->ctx->sys->close(prober->pidfd);
	prober->pidfd = -1;
	prober->pid = 0;
}
