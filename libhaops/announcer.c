/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Background senders from outside: made, found, and ended for certain. What one does while it lives
 * is in announcer-loop.c. */
#include "announcer-loop.h"
#include "announcer-name.h"
#include "arp-round.h"
#include "arp-schedule.h"

#include <fcntl.h>
#include <haops/arp.h>
#include <stdio.h>
#include <sys/wait.h>

#define START_MS 5000 /* for a sender to say that it runs; it takes about one */
#define QUERY_MS 1000
#define PAUSE_MS 1
#define COMM_PATH_MAX 32
#define COMM_MAX 16

static int check_name(struct haops_ctx *ctx, const char *name)
{
	if (!name || !name[0] || strlen(name) > ANNOUNCER_NAME_MAX)
		return haops_fail(ctx, EINVAL, "sender: its name must have 1 to %d bytes",
				  ANNOUNCER_NAME_MAX);
	return 0;
}

/* The child only makes the sender and ends at once, so that the sender is nobody's child here: a
 * caller that lives on has no zombie to take care of. */
static void __attribute__((noreturn)) run_child(struct announcer_loop *loop)
{
	struct haops_ctx *ctx = loop->ctx;
	pid_t pid = ctx->sys->fork();

	if (pid == 0)
		announcer_loop_run(loop);
	ctx->sys->exit_child(pid < 0);
}

static void reap_child(struct haops_ctx *ctx, pid_t pid, int64_t deadline_ms)
{
	CLEANUP_FD int pidfd = ctx->sys->pidfd_open(pid);
	struct pollfd poll = {.fd = pidfd, .events = POLLIN};
	siginfo_t info = {0};

	if (pidfd >= 0)
		(void)ctx->sys->poll(&poll, 1, deadline_ms);
	/* A caller that ignores SIGCHLD has no child to reap any more. */
	(void)ctx->sys->waitid(pid, &info, WEXITED | WNOHANG);
}

/* Waits for the sender's word. */
static int read_report(struct haops_ctx *ctx, const char *name, int fd, int64_t deadline_ms)
{
	struct pollfd poll = {.fd = fd, .events = POLLIN};
	struct announcer_report report = {0};
	int r = ctx->sys->poll(&poll, 1, deadline_ms);
	ssize_t got;

	if (r <= 0)
		return haops_fail(ctx, EIO, "sender %s did not start within %d ms", name, START_MS);
	got = ctx->sys->read(fd, &report, sizeof(report));
	if (got != (ssize_t)sizeof(report))
		return haops_fail(ctx, EIO, "sender %s ended before it ran", name);
	report.sentence[sizeof(report.sentence) - 1] = '\0';
	if (report.code < 0)
		return haops_fail(ctx, report.code == -ENOMEM ? ENOMEM : EIO, "sender %s: %s", name,
				  report.sentence);
	return 0;
}

static int fork_sender(struct announcer_loop *loop, const int report_fds[2])
{
	struct haops_ctx *ctx = loop->ctx;
	int64_t deadline_ms = haops_deadline_after(ctx, START_MS);
	pid_t pid = ctx->sys->fork();
	int r;

	if (pid == 0)
		run_child(loop);
	(void)ctx->sys->close(report_fds[1]);
	if (pid < 0)
		return haops_fail(ctx, EIO, "sender %s: no new process: %s", loop->name,
				  strerror(-pid));
	r = read_report(ctx, loop->name, report_fds[0], deadline_ms);
	reap_child(ctx, pid, deadline_ms);
	return r;
}

static int start(struct announcer_loop *loop)
{
	struct haops_ctx *ctx = loop->ctx;
	CLEANUP_FD int name_fd = -1;
	CLEANUP_FD int report_fd = -1;
	int report_fds[2];
	int r;

	r = announcer_name_take(ctx, loop->name, &name_fd);
	if (r < 0)
		return r;
	r = ctx->sys->pipe(report_fds);
	if (r < 0)
		return haops_fail(ctx, EIO, "sender %s: no pipe: %s", loop->name, strerror(-r));
	report_fd = report_fds[0];
	loop->name_fd = name_fd;
	loop->report_fd = report_fds[1];
	return fork_sender(loop, report_fds);
}

int haops_announcer_start(struct haops_ctx *ctx, const char *name,
			  const struct haops_announcement *what,
			  const struct haops_arp_schedule *schedule, uint32_t skip_rounds)
{
	struct announcer_loop loop = {
		.ctx = ctx,
		.name = name,
		.what = what,
		.schedule = schedule,
		.skip_rounds = skip_rounds,
	};
	char sentence[HAOPS_ERROR_MAX];
	const char *wrong;
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_name(ctx, name);
	if (r < 0)
		return r;
	wrong = what && schedule ? arp_round_check(what) : "an argument is missing";
	if (!wrong)
		wrong = arp_schedule_check(schedule);
	if (wrong)
		return haops_fail(ctx, EINVAL, "sender %s: %s", name, wrong);
	r = start(&loop);
	if (r == -EIO) {
		/* One that did not answer in time must not run after all. */
		(void)snprintf(sentence, sizeof(sentence), "%s", ctx->error);
		if (haops_announcer_stop(ctx, name, haops_deadline_after(ctx, QUERY_MS)) == 0)
			return haops_fail(ctx, EIO, "%s", sentence);
	}
	return r;
}

/* Whether the process is a sender: while one is made, its maker holds the name for a moment. */
static int is_sender(struct haops_ctx *ctx, pid_t pid)
{
	static const char wanted[] = ANNOUNCER_COMM "\n";
	CLEANUP_FD int fd = -1;
	char path[COMM_PATH_MAX];
	char comm[COMM_MAX] = "";
	ssize_t got;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = ctx->sys->openat(AT_FDCWD, path, O_RDONLY, 0);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	got = ctx->sys->read(fd, comm, sizeof(comm));
	if (got < 0)
		return got == -ESRCH ? 0 : (int)got;
	return got == (ssize_t)sizeof(wanted) - 1 && memcmp(comm, wanted, sizeof(wanted) - 1) == 0;
}

/* Whether pid holds the name, seen while pidfd keeps the number from being given to another. */
static int is_holder(struct haops_ctx *ctx, const char *name, pid_t pid, int64_t deadline_ms)
{
	struct announcer_holder holder;
	int r = announcer_name_holder(ctx, name, deadline_ms, &holder);

	if (r < 0)
		return r;
	if (holder.kind != ANNOUNCER_OURS || holder.pid != pid)
		return 0;
	r = is_sender(ctx, pid);
	return r < 0 ? haops_fail(ctx, EIO, "sender %s: process %d cannot be looked at: %s", name,
				  (int)pid, strerror(-r))
		     : r;
}

/* 0 when it ended, or is another process by now. */
static int end_process(struct haops_ctx *ctx, const char *name, pid_t pid, int64_t deadline_ms)
{
	CLEANUP_FD int pidfd = ctx->sys->pidfd_open(pid);
	struct pollfd poll = {.fd = pidfd, .events = POLLIN};
	int r;

	if (pidfd == -ESRCH)
		return 0;
	if (pidfd < 0)
		return haops_fail(ctx, EIO, "sender %s: process %d cannot be held: %s", name,
				  (int)pid, strerror(-pidfd));
	r = is_holder(ctx, name, pid, deadline_ms);
	if (r <= 0)
		return r;
	r = ctx->sys->pidfd_signal(pidfd, SIGKILL);
	if (r < 0 && r != -ESRCH)
		return haops_fail(ctx, EIO, "sender %s: process %d cannot be ended: %s", name,
				  (int)pid, strerror(-r));
	r = ctx->sys->poll(&poll, 1, deadline_ms);
	if (r < 0)
		return haops_fail(ctx, EIO, "sender %s: process %d cannot be waited for: %s", name,
				  (int)pid, strerror(-r));
	if (r == 0)
		return haops_fail(ctx, ETIMEDOUT,
				  "sender %s: process %d did not end in time after SIGKILL", name,
				  (int)pid);
	return 0;
}

/* 1 when there is a sender still, 0 when there is none. */
static int stop_once(struct haops_ctx *ctx, const char *name, int64_t deadline_ms)
{
	struct announcer_holder holder;
	int r = announcer_name_holder(ctx, name, deadline_ms, &holder);

	if (r < 0 || holder.kind == ANNOUNCER_NOBODY)
		return r;
	if (holder.kind == ANNOUNCER_STRANGER) {
		haops_logf(ctx, HAOPS_LOG_WARNING,
			   "the name of sender %s is taken by process %d of user %u, which is no "
			   "sender",
			   name, (int)holder.pid, (unsigned int)holder.uid);
		return 0;
	}
	if (holder.pid == 0)
		return haops_fail(ctx, EIO,
				  "sender %s runs in another process namespace: stop it there",
				  name);
	r = end_process(ctx, name, holder.pid, deadline_ms);
	return r < 0 ? r : 1;
}

int haops_announcer_stop(struct haops_ctx *ctx, const char *name, int64_t deadline_ms)
{
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_name(ctx, name);
	if (r < 0)
		return r;
	for (;;) {
		int64_t pause_ms;

		r = stop_once(ctx, name, deadline_ms);
		if (r <= 0)
			return r;
		if (haops_deadline_left_ms(ctx, deadline_ms) == 0)
			return haops_fail(ctx, ETIMEDOUT, "sender %s is still there", name);
		pause_ms = haops_now_ms(ctx) + PAUSE_MS;
		(void)ctx->sys->poll(NULL, 0, pause_ms < deadline_ms ? pause_ms : deadline_ms);
	}
}

int haops_announcer_query(struct haops_ctx *ctx, const char *name, bool *ret_is_running)
{
	struct announcer_holder holder;
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_name(ctx, name);
	if (r < 0)
		return r;
	if (!ret_is_running)
		return haops_fail(ctx, EINVAL, "sender %s: no place for the answer", name);
	r = announcer_name_holder(ctx, name, haops_deadline_after(ctx, QUERY_MS), &holder);
	if (r < 0)
		return haops_fail(ctx, EIO, "%s", ctx->error);
	*ret_is_running = holder.kind == ANNOUNCER_OURS;
	return 0;
}
