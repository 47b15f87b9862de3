/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts one child, keeps the beginning of its output, tells how it ended. Knows no program; what
 * an exit code means is the caller's matter.
 */
#include "child.h"

#include "internal.h"

#include <fcntl.h>
#include <sys/wait.h>

#define NS_PER_MS UINT64_C(1000000)
#define CHUNK 512
/* How long a killed process has to be gone; only one in state D takes longer. */
#define REAP_MS 1000

static const char *const CHILD_ENV[] =
	{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
	 "DRBD_DONT_WARN_ON_VERSION_MISMATCH=1", NULL};

struct child {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct child_spec spec;
	pid_t pid;
	int pidfd;
	int output_fd;
	qb_loop_timer_handle timer;
	bool has_timer;
	bool is_late;
	size_t output_len;
	char output[CHILD_OUTPUT_MAX];
};

static void close_output(struct child *child)
{
	if (child->output_fd < 0)
		return;
	(void)qb_loop_poll_del(child->loop, child->output_fd);
	(void)child->ctx->sys->close(child->output_fd);
	child->output_fd = -1;
}

static void child_free(struct child *child)
{
	close_output(child);
	if (child->has_timer)
		(void)qb_loop_timer_del(child->loop, child->timer);
	if (child->pidfd >= 0) {
		(void)qb_loop_poll_del(child->loop, child->pidfd);
		(void)child->ctx->sys->close(child->pidfd);
	}
	free(child);
}

/* Its whole group: what it started holds nothing of ours any longer. */
void child_kill(struct child *child)
{
	(void)child->ctx->sys->kill(-child->pid, SIGKILL);
	(void)child->ctx->sys->pidfd_signal(child->pidfd, SIGKILL);
}

static void read_output(struct child *child)
{
	char chunk[CHUNK];
	ssize_t len = child->ctx->sys->read(child->output_fd, chunk, sizeof(chunk));
	size_t room = sizeof(child->output) - 1 - child->output_len;
	size_t kept;

	if (len <= 0) {
		close_output(child);
		return;
	}
	kept = (size_t)len < room ? (size_t)len : room;
	memcpy(child->output + child->output_len, chunk, kept);
	child->output_len += kept;
}

static int32_t on_output(int32_t fd, int32_t revents, void *data)
{
	(void)fd;
	(void)revents;
	read_output(data);
	return 0;
}

/* What it wrote just before its end. Not more than a pipe holds: a grandchild may write for ever.
 */
static void drain_output(struct child *child)
{
	for (int i = 0; i < 65536 / CHUNK && child->output_fd >= 0; i++) {
		struct pollfd ready = {.fd = child->output_fd, .events = POLLIN};

		if (child->ctx->sys->poll(&ready, 1, 0) <= 0)
			return;
		read_output(child);
	}
}

static int32_t on_end(int32_t fd, int32_t revents, void *data)
{
	struct child *child = data;
	struct child_end end = {.exit_code = -1,
				.is_timed_out = child->is_late,
				.output = child->output};
	siginfo_t info = {0};

	(void)fd;
	(void)revents;
	drain_output(child);
	if (child->ctx->sys->waitid(child->pid, &info, WEXITED | WNOHANG) == 0) {
		if (info.si_pid != child->pid)
			return 0;
		if (info.si_code == CLD_EXITED)
			end.exit_code = info.si_status;
		else
			end.signal = info.si_status;
	}
	child->spec.ended(child->spec.userdata, &end);
	child_free(child);
	return 0;
}

static void on_deadline(void *data)
{
	struct child *child = data;

	child->has_timer = false;
	child->is_late = true;
	child_kill(child);
	if (child->spec.late)
		child->spec.late(child->spec.userdata);
}

static int spawn_with(struct child *child, int fd_in, int fd_out)
{
	const struct haops_spawn spawn = {.argv = child->spec.argv,
					  .env = CHILD_ENV,
					  .fd_in = fd_in,
					  .fd_out = fd_out,
					  .fd_err = fd_out};

	return child->ctx->sys->spawn(&spawn, &child->pid);
}

static int spawn(struct child *child)
{
	CLEANUP_FD int null_fd = child->ctx->sys->openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
	CLEANUP_FD int fd_out = -1;
	int fds[2];
	int r;

	if (null_fd < 0)
		return null_fd;
	if (child->spec.fd_in >= 0)
		return spawn_with(child, child->spec.fd_in, null_fd);
	r = child->ctx->sys->pipe(fds);
	if (r < 0)
		return r;
	child->output_fd = fds[0];
	fd_out = fds[1];
	return spawn_with(child, null_fd, fd_out);
}

/* The descriptors that only the child needs are closed by then: one is free even at the limit. */
static int start(struct child *child)
{
	int r = spawn(child);

	if (r < 0)
		return r;
	child->pidfd = child->ctx->sys->pidfd_open(child->pid);
	if (child->pidfd >= 0)
		return 0;
	(void)child->ctx->sys->kill(-child->pid, SIGKILL);
	return child->pidfd;
}

static int enter_loop(struct child *child)
{
	int r = qb_loop_poll_add(child->loop, QB_LOOP_HIGH, child->pidfd, POLLIN, child, on_end);

	if (r == 0 && child->output_fd >= 0)
		r = qb_loop_poll_add(child->loop, QB_LOOP_MED, child->output_fd, POLLIN, child,
				     on_output);
	if (r == 0 && child->spec.timeout_ms > 0) {
		r = qb_loop_timer_add(child->loop, QB_LOOP_MED,
				      (uint64_t)child->spec.timeout_ms * NS_PER_MS, child,
				      on_deadline, &child->timer);
		child->has_timer = r == 0;
	}
	return r;
}

int child_start(struct haops_ctx *ctx, qb_loop_t *loop, const struct child_spec *spec,
		struct child **ret_child)
{
	struct child *child = calloc(1, sizeof(*child));
	int r;

	if (!child)
		return -ENOMEM;
	child->ctx = ctx;
	child->loop = loop;
	child->spec = *spec;
	child->pidfd = -1;
	child->output_fd = -1;
	r = start(child);
	if (r < 0) {
		child_free(child);
		return r;
	}
	r = enter_loop(child);
	if (r < 0) {
		child_forget(child);
		return r;
	}
	child->spec.argv = NULL;
	*ret_child = child;
	return 0;
}

void child_forget(struct child *child)
{
	siginfo_t info = {0};
	struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};

	child_kill(child);
	/* The descriptor can be readable an instant before waitid(2) finds it: this waits for that
	 * instant. */
	if (child->ctx->sys->poll(&ended, 1, haops_deadline_after(child->ctx, REAP_MS)) > 0)
		(void)child->ctx->sys->waitid(child->pid, &info, WEXITED);
	child_free(child);
}

pid_t child_pid(const struct child *child)
{
	return child->pid;
}
