/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starts a program that goes on in the foreground, and waits until it says that it is ready. What
 * its messages mean is read in notify-text.c; a program that is waited for is the matter of
 * process.c.
 */
#include "internal.h"
#include "notify-text.h"

#include <fcntl.h>
#include <haops/process.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/un.h>
#include <sys/wait.h>

#define ENV_MAX 256
#define OUTPUT_MODE 0640
#define MESSAGE_MAX 4096
#define SOCKET_NAME_MAX 64

static const char ENTRY[] = "NOTIFY_SOCKET=@";

struct service {
	struct haops_ctx *ctx;
	const struct haops_process_service *spec;
	int notify_fd; /* -1: it says nothing */
	char socket_entry[SOCKET_NAME_MAX];
	const char *env[ENV_MAX + 2];
	int pidfd;
	bool is_ready;
	struct haops_process_started started;
};

static int check_service(struct haops_ctx *ctx, const struct haops_process_service *spec,
			 const struct haops_process_started *ret_started)
{
	if (!spec || !ret_started || !spec->argv || !spec->argv[0])
		return haops_fail(ctx, EINVAL, "service: an argument is missing");
	if (spec->argv[0][0] != '/')
		return haops_fail(ctx, EINVAL, "%s: give the absolute path of the program",
				  spec->argv[0]);
	if ((spec->folder && spec->folder[0] != '/') || (spec->output && spec->output[0] != '/'))
		return haops_fail(ctx, EINVAL, "%s: %s is no absolute path", spec->argv[0],
				  spec->folder && spec->folder[0] != '/' ? spec->folder
									 : spec->output);
	return 0;
}

static int check_folder(struct service *s)
{
	const char *folder = s->spec->folder;
	struct stat st;
	int r = folder ? s->ctx->sys->stat(folder, &st) : 0;

	if (r == -ENOENT || (r == 0 && folder && !S_ISDIR(st.st_mode)))
		return haops_fail(s->ctx, ENOENT, "%s: there is no folder %s to work in",
				  s->spec->argv[0], folder);
	if (r < 0)
		return haops_fail(s->ctx, EIO, "%s: %s: %s", s->spec->argv[0], folder,
				  strerror(-r));
	return 0;
}

static int fail_output(struct service *s, int code)
{
	const char *path = s->spec->output;

	switch (code) {
	case -ELOOP:
		return haops_fail(s->ctx, EINVAL, "%s is a symbolic link: name the file itself",
				  path);
	case -ENOENT:
	case -ENOTDIR:
		return haops_fail(s->ctx, ENOENT, "%s: its folder does not exist", path);
	case -EISDIR:
	case -ENXIO:
		return haops_fail(s->ctx, EINVAL, "%s is no file", path);
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return haops_fail(s->ctx, EACCES, "%s may not be written: %s", path,
				  strerror(-code));
	default:
		return haops_fail(s->ctx, EIO, "%s cannot be written: %s", path, strerror(-code));
	}
}

static int open_null(struct service *s)
{
	int fd = s->ctx->sys->openat(AT_FDCWD, "/dev/null", O_RDWR, 0);

	return fd < 0 ? haops_fail(s->ctx, EIO, "/dev/null: %s", strerror(-fd)) : fd;
}

/* In a folder of the user's whose next move is unknown: neither a link nor a pipe is followed. */
static int open_output(struct service *s)
{
	const struct haops_sys *sys = s->ctx->sys;
	const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	const char *path = s->spec->output;
	CLEANUP_FD int fd = -1;
	struct stat st;
	int r = 0;

	if (!path)
		return open_null(s);
	fd = sys->openat(AT_FDCWD, path, flags | O_CREAT | O_EXCL, OUTPUT_MODE);
	if (fd >= 0 && s->spec->user)
		r = sys->fchown(fd, s->spec->user->uid, s->spec->user->gid);
	else if (fd == -EEXIST)
		fd = sys->openat(AT_FDCWD, path, flags, 0);
	if (fd < 0 || r < 0)
		return fail_output(s, fd < 0 ? fd : r);
	r = sys->fstat(fd, &st);
	if (r < 0)
		return fail_output(s, r);
	return S_ISREG(st.st_mode) ? take_fd(&fd) : fail_output(s, -ENXIO);
}

/* In the abstract name space: the user reaches it wherever it may not look. */
static int open_socket(struct service *s)
{
	const struct haops_sys *sys = s->ctx->sys;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const int on = 1;
	CLEANUP_FD int fd = -1;
	int len;
	int r;

	len = snprintf(s->socket_entry, sizeof(s->socket_entry), "%shaops-%d-%" PRIx64, ENTRY,
		       (int)sys->getpid(), (uint64_t)sys->now_ns()) -
	      (int)strlen(ENTRY);
	memcpy(addr.sun_path + 1, s->socket_entry + strlen(ENTRY), (size_t)len);
	fd = sys->socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0)
		return fd;
	r = sys->setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (r == 0)
		r = sys->bind(fd, (const struct sockaddr *)&addr,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					  (size_t)len));
	if (r < 0)
		return r;
	s->notify_fd = take_fd(&fd);
	return 0;
}

static int make_env(struct service *s)
{
	const char *const *from = s->spec->env ? s->spec->env : haops_default_env;
	size_t count = 0;

	for (; from[count]; count++) {
		if (count == ENV_MAX)
			return haops_fail(s->ctx, EINVAL, "%s: more than %d environment variables",
					  s->spec->argv[0], ENV_MAX);
		s->env[count] = from[count];
	}
	if (s->notify_fd >= 0)
		s->env[count] = s->socket_entry;
	return 0;
}

static int fail_start(struct service *s, int code)
{
	const char *program = s->spec->argv[0];

	switch (code) {
	case -ENOENT:
		return haops_fail(s->ctx, ENOENT, "%s: no such program, install it", program);
	case -EACCES:
		return haops_fail(s->ctx, EACCES, "%s may not be executed", program);
	case -EPERM:
		return haops_fail(s->ctx, EPERM, "%s cannot be started as user %u: run as root",
				  program, s->spec->user ? (unsigned int)s->spec->user->uid : 0);
	default:
		return haops_fail(s->ctx, code == -ENOMEM ? ENOMEM : EIO,
				  "%s: cannot be started: %s", program, strerror(-code));
	}
}

static void end_it(struct service *s, pid_t pid)
{
	siginfo_t info = {0};

	(void)s->ctx->sys->kill(-pid, SIGKILL);
	(void)s->ctx->sys->kill(pid, SIGKILL);
	(void)s->ctx->sys->waitid(pid, &info, WEXITED);
}

/* What it is stays known when it ends meanwhile: nobody has waited for it. */
static int look_at(struct service *s, pid_t pid)
{
	int r;

	s->pidfd = s->ctx->sys->pidfd_open(pid);
	r = s->pidfd < 0 ? s->pidfd : 0;
	if (r == 0)
		return haops_process_get(s->ctx, pid, &s->started.process) < 0 ? -EIO : 0;
	return haops_fail(s->ctx, EIO, "%s: cannot be watched: %s", s->spec->argv[0], strerror(-r));
}

static int launch(struct service *s)
{
	CLEANUP_FD int null_fd = open_null(s);
	CLEANUP_FD int output_fd = -1;
	struct haops_spawn spawn = {.argv = s->spec->argv,
				    .env = s->env,
				    .is_session = true,
				    .folder = s->spec->folder ? s->spec->folder : "/",
				    .user = s->spec->user};
	pid_t pid = 0;
	int r;

	if (null_fd < 0)
		return null_fd;
	output_fd = open_output(s);
	if (output_fd < 0)
		return output_fd;
	spawn.fd_in = null_fd;
	spawn.fd_out = output_fd;
	spawn.fd_err = output_fd;
	r = s->ctx->sys->spawn(&spawn, &pid);
	if (r < 0)
		return fail_start(s, r);
	r = look_at(s, pid);
	if (r < 0)
		end_it(s, pid);
	return r;
}

/* Whether a message is of the process itself, as the kernel says. */
static bool is_from(struct msghdr *msg, pid_t pid)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct ucred cred;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS ||
		    c->cmsg_len < CMSG_LEN(sizeof(cred)))
			continue;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		return cred.pid == pid;
	}
	return false;
}

/* A message may bring descriptors, which a barrier of sd_notify(3) waits for: they are closed. */
static void close_received(struct service *s, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			(void)s->ctx->sys->close(fd);
		}
	}
}

static void receive(struct service *s)
{
	char text[MESSAGE_MAX];
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(64 * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr msg = {.msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t len = s->ctx->sys->recvmsg(s->notify_fd, &msg, MSG_DONTWAIT);

	if (len < 0)
		return;
	close_received(s, &msg);
	if (is_from(&msg, s->started.process.pid))
		notify_text_read(text, (size_t)len, &s->is_ready, s->started.text);
}

static int reap(struct service *s)
{
	siginfo_t info = {0};
	int r = s->ctx->sys->waitid(s->started.process.pid, &info, WEXITED);

	s->started.progress = HAOPS_PROCESS_ENDED;
	s->started.end = info.si_code == CLD_EXITED ? HAOPS_PROCESS_EXITED : HAOPS_PROCESS_SIGNALED;
	s->started.status = info.si_status;
	return r < 0 ? haops_fail(s->ctx, EIO,
				  "%s: unknown how it ended: this program must not ignore SIGCHLD",
				  s->spec->argv[0])
		     : 0;
}

static int wait_ready(struct service *s, int64_t deadline_ms)
{
	struct pollfd fds[] = {{.fd = s->pidfd, .events = POLLIN},
			       {.fd = s->notify_fd, .events = POLLIN}};

	while (!s->is_ready) {
		int r = s->ctx->sys->poll(fds, ARRAY_LEN(fds), deadline_ms);

		if (r < 0)
			return haops_fail(s->ctx, EIO, "%s: cannot wait for it: %s",
					  s->spec->argv[0], strerror(-r));
		/* What it said last comes before its end. */
		if (fds[1].revents)
			receive(s);
		else if (fds[0].revents)
			return reap(s);
		/* Words without end let no poll(2) run out of time. */
		if (r == 0 || (!s->is_ready && haops_deadline_left_ms(s->ctx, deadline_ms) == 0))
			return 0;
	}
	s->started.progress = HAOPS_PROCESS_READY;
	return 0;
}

static int start_and_wait(struct service *s, int64_t deadline_ms)
{
	int r = s->spec->notifies ? open_socket(s) : 0;

	if (r < 0)
		return haops_fail(s->ctx, EIO, "%s: no socket for its messages: %s",
				  s->spec->argv[0], strerror(-r));
	r = make_env(s);
	if (r == 0)
		r = launch(s);
	if (r < 0 || !s->spec->notifies)
		return r;
	r = wait_ready(s, deadline_ms);
	if (r < 0)
		end_it(s, s->started.process.pid);
	return r;
}

int haops_process_start(struct haops_ctx *ctx, const struct haops_process_service *spec,
			int64_t deadline_ms, struct haops_process_started *ret_started)
{
	struct service s = {.ctx = ctx, .spec = spec, .notify_fd = -1, .pidfd = -1};
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_service(ctx, spec, ret_started);
	if (r == 0)
		r = check_folder(&s);
	if (r == 0)
		r = start_and_wait(&s, deadline_ms);
	if (r == 0) {
		haops_logf(ctx, HAOPS_LOG_DEBUG, "%s: started, process %d", spec->argv[0],
			   (int)s.started.process.pid);
		*ret_started = s.started;
	}
	if (s.notify_fd >= 0)
		(void)ctx->sys->close(s.notify_fd);
	if (s.pidfd >= 0)
		(void)ctx->sys->close(s.pidfd);
	return r;
}
