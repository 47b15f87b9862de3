/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs one child process: argument vector, bounded output, ended at the deadline. Processes that
 * others started are the matter of process-list.c.
 */
#include "internal.h"

#include <fcntl.h>
#include <haops/process.h>
#include <sys/wait.h>

#define OUTPUT_MAX 1048576
#define READ_CHUNK 4096
/* How long a killed child has to become a zombie; only one in state D takes longer. */
#define REAP_MS 1000
#define REAP_POLL_MS 2
/* What a pipe holds, in chunks: all that a child can have left behind when it ends. */
#define DRAIN_CHUNKS 16

const char *const haops_default_env[] =
	{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

struct child {
	struct haops_ctx *ctx;
	const struct haops_process_spec *spec;
	int64_t deadline_ms;
	pid_t pid;
	int pidfd;
	int input_fd; /* we write, -1 when all is written */
	size_t input_sent;
	int output_fd; /* we read, -1 at its end */
	bool is_term_sent;
	int chunks_after_end;
	struct haops_process_result result;
};

static void close_fd(struct child *child, int *fd)
{
	if (*fd >= 0)
		(void)child->ctx->sys->close(*fd);
	*fd = -1;
}

static int check_spec(struct haops_ctx *ctx, const struct haops_process_spec *spec,
		      const struct haops_process_result *ret_result)
{
	if (!spec || !ret_result || !spec->argv || !spec->argv[0])
		return haops_fail(ctx, EINVAL, "child process: an argument is missing");
	if (spec->argv[0][0] != '/')
		return haops_fail(ctx, EINVAL, "%s: give the absolute path of the program",
				  spec->argv[0]);
	if (spec->output_max_bytes > OUTPUT_MAX)
		return haops_fail(ctx, EINVAL, "%s: output_max_bytes is above %d", spec->argv[0],
				  OUTPUT_MAX);
	return 0;
}

static int fail_run(struct child *child, int code)
{
	const char *program = child->spec->argv[0];

	switch (code) {
	case -ENOENT:
		return haops_fail(child->ctx, ENOENT, "%s: no such program, install it", program);
	case -EACCES:
		return haops_fail(child->ctx, EACCES, "%s may not be executed", program);
	case -ECHILD:
		return haops_fail(child->ctx, EIO,
				  "%s: unknown how it ended: this program must not ignore SIGCHLD",
				  program);
	default:
		return haops_fail(child->ctx, code == -ENOMEM ? ENOMEM : EIO,
				  "%s: cannot be started: %s", program, strerror(-code));
	}
}

/* For a child without a descriptor that tells its end. One in state D is left behind. */
static void end_unwatched(struct child *child)
{
	const struct haops_sys *sys = child->ctx->sys;
	int64_t end_ms = haops_deadline_after(child->ctx, REAP_MS);
	siginfo_t info = {0};

	(void)sys->kill(-child->pid, SIGKILL);
	while (sys->waitid(child->pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0 &&
	       haops_deadline_left_ms(child->ctx, end_ms) > 0)
		(void)sys->poll(NULL, 0, haops_deadline_after(child->ctx, REAP_POLL_MS));
}

static int spawn_with(struct child *child, int fd_in, int fd_out)
{
	const struct haops_process_spec *spec = child->spec;
	const struct haops_spawn spawn = {.argv = spec->argv,
					  .env = spec->env ? spec->env : haops_default_env,
					  .fd_in = fd_in,
					  .fd_out = fd_out,
					  .fd_err = fd_out,
					  .is_session = spec->is_daemon};
	int r = child->ctx->sys->spawn(&spawn, &child->pid);

	if (r < 0)
		return r;
	child->pidfd = child->ctx->sys->pidfd_open(child->pid);
	if (child->pidfd >= 0)
		return 0;
	/* Ended already, and reaped by the kernel. */
	if (child->pidfd == -ESRCH)
		return -ECHILD;
	end_unwatched(child);
	return child->pidfd;
}

static int open_input(struct child *child, int *ret_fd)
{
	int fds[2];
	int r;

	if (!child->spec->input) {
		r = child->ctx->sys->openat(AT_FDCWD, "/dev/null", O_RDONLY, 0);
		if (r >= 0)
			*ret_fd = r;
		return r < 0 ? r : 0;
	}
	/* A socket, not a pipe: written with MSG_NOSIGNAL, a child that does not read kills nobody.
	 */
	r = child->ctx->sys->socketpair(fds);
	if (r < 0)
		return r;
	child->input_fd = fds[0];
	*ret_fd = fds[1];
	return 0;
}

static int start(struct child *child)
{
	CLEANUP_FD int fd_in = -1;
	CLEANUP_FD int fd_out = -1;
	int fds[2];
	int r = open_input(child, &fd_in);

	if (r < 0)
		return r;
	r = child->ctx->sys->pipe(fds);
	if (r < 0)
		return r;
	child->output_fd = fds[0];
	fd_out = fds[1];
	return spawn_with(child, fd_in, fd_out);
}

static void keep_output(struct child *child, const char *data, size_t len)
{
	struct haops_process_result *result = &child->result;
	size_t room = child->spec->output_max_bytes - result->output_len;
	size_t kept = len < room ? len : room;

	memcpy(result->output + result->output_len, data, kept);
	result->output_len += kept;
	result->output[result->output_len] = '\0';
	if (kept < len)
		result->is_truncated = true;
}

static void read_output(struct child *child)
{
	char chunk[READ_CHUNK];
	ssize_t len = child->ctx->sys->read(child->output_fd, chunk, sizeof(chunk));

	if (len > 0)
		keep_output(child, chunk, (size_t)len);
	else if (len != -EAGAIN)
		close_fd(child, &child->output_fd);
}

static void write_input(struct child *child)
{
	const char *rest = child->spec->input + child->input_sent;
	ssize_t len =
		child->ctx->sys->sendto(child->input_fd, rest, strlen(rest), MSG_DONTWAIT, NULL, 0);

	if (len > 0)
		child->input_sent += (size_t)len;
	if ((len < 0 && len != -EAGAIN) || !child->spec->input[child->input_sent])
		close_fd(child, &child->input_fd);
}

/* Signals the whole group; after setsid() or setpgid() of its own it is still the child itself. */
static void signal_child(struct child *child, int sig)
{
	(void)child->ctx->sys->kill(-child->pid, sig);
	(void)child->ctx->sys->pidfd_signal(child->pidfd, sig);
}

/* Until when to wait next: for SIGTERM first, if that is asked for, then to the deadline. */
static int64_t next_stop(const struct child *child)
{
	if (child->is_term_sent || child->spec->term_before_ms <= 0)
		return child->deadline_ms;
	return child->deadline_ms - child->spec->term_before_ms;
}

/* The time of next_stop() has come. */
static int stop(struct child *child)
{
	if (next_stop(child) == child->deadline_ms)
		return -ETIMEDOUT;
	child->is_term_sent = true;
	signal_child(child, SIGTERM);
	return 0;
}

/* Waits for one event. 1 when the child has ended, 0 to go on, -ETIMEDOUT at the deadline. */
static int step(struct child *child)
{
	struct pollfd fds[] = {{.fd = child->pidfd, .events = POLLIN},
			       {.fd = child->output_fd, .events = POLLIN},
			       {.fd = child->input_fd, .events = POLLOUT}};
	int r = child->ctx->sys->poll(fds, ARRAY_LEN(fds), next_stop(child));

	if (r < 0)
		return r;
	/* Output that never ends lets no poll(2) run out of time. */
	if (!fds[0].revents &&
	    (r == 0 || haops_deadline_left_ms(child->ctx, next_stop(child)) == 0))
		return stop(child);
	if (fds[1].revents)
		read_output(child);
	if (fds[2].revents)
		write_input(child);
	/* A child that ended may have left output in the pipe: that comes first. But a process that
	 * it left behind may write for ever. */
	return fds[0].revents && (!fds[1].revents || ++child->chunks_after_end > DRAIN_CHUNKS);
}

/* 0, or -ECHILD when nobody can say how it ended: the kernel reaps for one who ignores SIGCHLD. */
static int reap(struct child *child)
{
	struct pollfd gone = {.fd = child->pidfd, .events = POLLIN};
	bool is_late = child->is_term_sent || child->result.end == HAOPS_PROCESS_TIMED_OUT;
	siginfo_t info = {0};
	int64_t deadline_ms = haops_deadline_after(child->ctx, REAP_MS);
	int r = child->ctx->sys->poll(&gone, 1, deadline_ms);

	if (r > 0)
		r = child->ctx->sys->waitid(child->pid, &info, WEXITED);
	/* That it heeded the SIGTERM makes it no less late. */
	if (is_late) {
		child->result.end = HAOPS_PROCESS_TIMED_OUT;
		return 0;
	}
	if (r < 0)
		return -ECHILD;
	child->result.end =
		info.si_code == CLD_EXITED ? HAOPS_PROCESS_EXITED : HAOPS_PROCESS_SIGNALED;
	child->result.status = info.si_status;
	return 0;
}

static int wait_child(struct child *child)
{
	int r = 0;

	while (r == 0)
		r = step(child);
	if (r < 0)
		child->result.end = HAOPS_PROCESS_TIMED_OUT;
	/* What the child has left in its group ends with it, but for a daemon, which is to stay. */
	if (r < 0 || !child->spec->is_daemon)
		signal_child(child, SIGKILL);
	return reap(child);
}

static void log_end(struct child *child)
{
	static const char *const words[] = {[HAOPS_PROCESS_EXITED] = "exit status",
					    [HAOPS_PROCESS_SIGNALED] = "ended by signal",
					    [HAOPS_PROCESS_TIMED_OUT] = "killed at the deadline,"};

	haops_logf(child->ctx, HAOPS_LOG_DEBUG, "%s: %s %d, %zu bytes of output",
		   child->spec->argv[0], words[child->result.end], child->result.status,
		   child->result.output_len);
}

int haops_process_run(struct haops_ctx *ctx, const struct haops_process_spec *spec,
		      int64_t deadline_ms, struct haops_process_result *ret_result)
{
	struct child child = {.ctx = ctx,
			      .spec = spec,
			      .deadline_ms = deadline_ms,
			      .pidfd = -1,
			      .input_fd = -1,
			      .output_fd = -1};
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_spec(ctx, spec, ret_result);
	if (r < 0)
		return r;
	child.result.output = calloc(1, spec->output_max_bytes + 1);
	if (!child.result.output)
		return haops_fail(ctx, ENOMEM, "%s: no memory for its output", spec->argv[0]);
	haops_logf(ctx, HAOPS_LOG_DEBUG, "%s: starting", spec->argv[0]);
	r = start(&child);
	if (r == 0)
		r = wait_child(&child);
	if (r == 0) {
		log_end(&child);
		*ret_result = child.result;
	} else {
		r = fail_run(&child, r);
		haops_process_result_done(&child.result);
	}
	close_fd(&child, &child.pidfd);
	close_fd(&child, &child.input_fd);
	close_fd(&child, &child.output_fd);
	return r;
}

void haops_process_result_done(struct haops_process_result *result)
{
	if (!result)
		return;
	free(result->output);
	*result = (struct haops_process_result){0};
}
