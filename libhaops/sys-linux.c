/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system boundary on Linux: one thin function per call, EINTR hidden, -errno as result.
 * Nothing is decided here.
 */
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <haops/process.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS 1000000
#define DETACH_KEEP_MAX 8

/* Makes the call again when a signal interrupted it, and turns errno into a result. */
#define CALL(expression)                                                                           \
	do {                                                                                       \
		__typeof__(expression) result_;                                                    \
		do {                                                                               \
			result_ = (expression);                                                    \
		} while (result_ < 0 && errno == EINTR);                                           \
		return result_ < 0 ? -errno : result_;                                             \
	} while (0)

static int64_t linux_now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t linux_boottime_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int linux_socket(int domain, int type, int protocol)
{
	CALL(socket(domain, type | SOCK_CLOEXEC, protocol));
}

static int linux_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	CALL(bind(fd, addr, len));
}

/* Not repeated after EINTR: the connection goes on by itself (POSIX connect). */
static int linux_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (connect(fd, addr, len) < 0)
		return errno == EINTR ? -EINPROGRESS : -errno;
	return 0;
}

static int linux_listen(int fd, int backlog)
{
	CALL(listen(fd, backlog));
}

static int linux_accept(int fd)
{
	CALL(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

static int linux_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	CALL(setsockopt(fd, level, name, value, len));
}

static int linux_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	CALL(getsockopt(fd, level, name, value, len));
}

static ssize_t linux_sendto(int fd, const void *data, size_t len, int flags,
			    const struct sockaddr *addr, socklen_t addr_len)
{
	CALL(sendto(fd, data, len, flags | MSG_NOSIGNAL, addr, addr_len));
}

static int linux_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int count, int flags)
{
	CALL(sendmmsg(fd, msgs, count, flags | MSG_NOSIGNAL));
}

static ssize_t linux_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			      socklen_t *addr_len)
{
	CALL(recvfrom(fd, buf, len, flags, addr, addr_len));
}

static ssize_t linux_recvmsg(int fd, struct msghdr *msg, int flags)
{
	CALL(recvmsg(fd, msg, flags | MSG_CMSG_CLOEXEC));
}

static int linux_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	for (;;) {
		int64_t left_ns = deadline_ms * NS_PER_MS - linux_now_ns();
		struct timespec left = {0};
		int ready;

		if (left_ns > 0) {
			left.tv_sec = (time_t)(left_ns / NS_PER_S);
			left.tv_nsec = (long)(left_ns % NS_PER_S);
		}
		ready = ppoll(fds, (nfds_t)count, &left, NULL);
		if (ready >= 0)
			return ready;
		if (errno != EINTR)
			return -errno;
	}
}

static int linux_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	CALL(openat(dirfd, path, flags | O_CLOEXEC, mode));
}

static ssize_t linux_read(int fd, void *buf, size_t len)
{
	CALL(read(fd, buf, len));
}

static ssize_t linux_write(int fd, const void *data, size_t len)
{
	CALL(write(fd, data, len));
}

/* Not repeated after EINTR: Linux has released the descriptor already (close(2)). */
static int linux_close(int fd)
{
	return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

static int linux_fstat(int fd, struct stat *ret_stat)
{
	CALL(fstat(fd, ret_stat));
}

static int linux_fchown(int fd, uid_t uid, gid_t gid)
{
	CALL(fchown(fd, uid, gid));
}

static int linux_stat(const char *path, struct stat *ret_stat)
{
	CALL(stat(path, ret_stat));
}

static int linux_mkdir(const char *path, mode_t mode)
{
	CALL(mkdir(path, mode));
}

static int linux_renameat(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path)
{
	CALL(renameat(old_dirfd, old_path, new_dirfd, new_path));
}

static int linux_unlinkat(int dirfd, const char *path, int flags)
{
	CALL(unlinkat(dirfd, path, flags));
}

static ssize_t linux_readlink(const char *path, char *buf, size_t len)
{
	CALL(readlink(path, buf, len));
}

static int linux_opendir(const char *path, DIR **ret_dir)
{
	DIR *dir = opendir(path);

	if (!dir)
		return -errno;
	*ret_dir = dir;
	return 0;
}

static int linux_readdir(DIR *dir, struct dirent **ret_entry)
{
	errno = 0;
	*ret_entry = readdir(dir);
	return *ret_entry ? 0 : -errno;
}

static int linux_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_SETLK, &lock) < 0)
		return errno == EACCES ? -EAGAIN : -errno;
	return 0;
}

static int linux_lock_holder(int fd, pid_t *ret_pid)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_GETLK, &lock) < 0)
		return -errno;
	*ret_pid = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
	return 0;
}

static void default_signals(void)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &by_default, NULL);
}

/* The child of linux_spawn(). */
struct spawned {
	const struct haops_spawn *spawn;
	pid_t parent;
	/* -errno of what failed before its program ran; volatile: no compiler knows that the child
	 * writes it for the caller. */
	volatile int code;
};

static int spawned_descriptors(const struct haops_spawn *spawn)
{
	int fds[] = {spawn->fd_in, spawn->fd_out, spawn->fd_err};

	for (int i = 0; i < 3; i++) {
		/* One in the place of another would be lost, and one in its own would be closed. */
		if (fds[i] < 3)
			fds[i] = fcntl(fds[i], F_DUPFD, 3);
		if (fds[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			return -errno;
	return close_range(3, UINT_MAX, 0) < 0 ? -errno : 0;
}

/*
 * posix_spawn(3) cannot do this: whoever kills the caller's process group does not reach a child
 * that has one of its own, so the kernel is to kill it when the caller ends.
 */
static int spawned_end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* A service outlives the caller. Last of all: one whose caller was killed before it ran is not to
 * come up after a stop has seen that nothing runs. */
static int be_independent(void)
{
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, 0) < 0)
		return -errno;
	return 0;
}

/* Has the caller's memory until its program runs: makes system calls, and nothing else. */
static void __attribute__((noreturn, noinline)) spawned_main(struct spawned *child)
{
	const struct haops_spawn *spawn = child->spawn;
	sigset_t none;
	int r;

	default_signals();
	r = !spawn->is_session && setpgid(0, 0) < 0 ? -errno : 0;
	if (r == 0)
		r = spawned_end_with(child->parent);
	if (r == 0)
		r = spawned_descriptors(spawn);
	if (r == 0 && spawn->folder && chdir(spawn->folder) < 0)
		r = -errno;
	if (r == 0 && spawn->is_session)
		r = be_independent();
	if (r == 0) {
		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)execve(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
			     (char *const *)(uintptr_t)spawn->env);
		r = -errno;
	}
	child->code = r;
	_exit(127);
}

static int spawn_as_caller(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	struct spawned child = {.spawn = spawn, .parent = getpid()};
	sigset_t all;
	sigset_t old;
	pid_t pid;

	/* A handler of ours must not run in the child, which has our memory. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	/* Copies no page, and goes on here when the child runs its program or has ended. */
	pid = vfork();
	if (pid == 0)
		spawned_main(&child);
	if (pid < 0)
		child.code = -errno;
	else if (child.code < 0)
		(void)waitpid(pid, NULL, 0);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (child.code < 0)
		return child.code;
	*ret_pid = pid;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes what is above 2 and not in keep, which is sorted. */
static int close_others(const int *keep, size_t count)
{
	unsigned int first = 3;

	for (size_t i = 0; i < count; i++) {
		unsigned int kept = (unsigned int)keep[i];

		if (kept > first && close_range(first, kept - 1, 0) < 0)
			return -errno;
		first = kept + 1;
	}
	return close_range(first, UINT_MAX, 0) < 0 ? -errno : 0;
}

static int become_user(const struct haops_process_user *user)
{
	if (setgroups(user->group_count, user->groups) < 0 || setgid(user->gid) < 0 ||
	    setuid(user->uid) < 0)
		return -errno;
	return 0;
}

static int exec_descriptors(const struct haops_spawn *spawn, int *report)
{
	int fds[] = {spawn->fd_in, spawn->fd_out, spawn->fd_err, *report};

	/* Above what is overwritten below. */
	for (size_t i = 0; i < 4; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (fds[i] < 0)
			return -errno;
	}
	*report = fds[3];
	for (int fd = 0; fd < 3; fd++)
		if (dup2(fds[fd], fd) < 0)
			return -errno;
	return close_others(report, 1);
}

/* In the child, between fork(2) and execve(2). Returns only on failure. */
static int exec_as_user(const struct haops_spawn *spawn, pid_t parent, int *report)
{
	sigset_t none;
	int r;

	(void)sigemptyset(&none);
	default_signals();
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (!spawn->is_session && setpgid(0, 0) < 0)
		return -errno;
	r = spawn->is_session ? spawned_end_with(parent) : 0;
	if (r == 0)
		r = exec_descriptors(spawn, report);
	/* As the caller: the user need not be able to reach it by itself. */
	if (r == 0 && spawn->folder && chdir(spawn->folder) < 0)
		r = -errno;
	if (r == 0)
		r = become_user(spawn->user);
	/* A change of the user has ended what spawned_end_with() asked for. */
	if (r == 0 && spawn->is_session)
		r = spawned_end_with(parent);
	if (r == 0 && spawn->is_session)
		r = be_independent();
	if (r < 0)
		return r;
	(void)execve(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
		     (char *const *)(uintptr_t)spawn->env);
	return -errno;
}

/* Changing the user concerns the C library's threads, so not in a child that shares them. The pipe
 * ends without a word when the program was executed. */
static int spawn_as_user(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	pid_t parent = getpid();
	int fds[2];
	int failed = 0;
	ssize_t len;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		failed = exec_as_user(spawn, parent, &fds[1]);
		_exit(write(fds[1], &failed, sizeof(failed)) < 0 ? 2 : 1);
	}
	if (pid < 0)
		failed = -errno;
	(void)close(fds[1]);
	do {
		len = pid < 0 ? 0 : read(fds[0], &failed, sizeof(failed));
	} while (len < 0 && errno == EINTR);
	(void)close(fds[0]);
	if (failed == 0)
		*ret_pid = pid;
	else if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return failed;
}

static int linux_spawn(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	return spawn->user ? spawn_as_user(spawn, ret_pid) : spawn_as_caller(spawn, ret_pid);
}

static pid_t linux_fork(void)
{
	CALL(fork());
}

static int detach_descriptors(int *keep, size_t count)
{
	int sorted[DETACH_KEEP_MAX];
	int null_fd;

	if (count > DETACH_KEEP_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < 3)
			keep[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, 3);
		if (keep[i] < 0)
			return -errno;
		sorted[i] = keep[i];
	}
	null_fd = open("/dev/null", O_RDWR);
	if (null_fd < 0)
		return -errno;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null_fd, fd) < 0)
			return -errno;
	qsort(sorted, count, sizeof(sorted[0]), by_number);
	return close_others(sorted, count);
}

static int linux_detach(const char *name, int *keep, size_t count)
{
	sigset_t none;

	(void)setsid();
	(void)prctl(PR_SET_NAME, name);
	(void)sigemptyset(&none);
	default_signals();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Not to hold the file system of the caller's directory. */
	if (chdir("/") < 0)
		return -errno;
	return detach_descriptors(keep, count);
}

static void __attribute__((noreturn)) linux_exit_child(int status)
{
	_exit(status);
}

static int linux_waitid(pid_t pid, siginfo_t *ret_info, int options)
{
	CALL(waitid(P_PID, (id_t)pid, ret_info, options));
}

static int linux_kill(pid_t pid, int sig)
{
	CALL(kill(pid, sig));
}

static int linux_pidfd_open(pid_t pid)
{
	CALL((int)syscall(SYS_pidfd_open, pid, 0));
}

static int linux_pidfd_signal(int pidfd, int sig)
{
	CALL((int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

static int linux_setns(int fd, int kind)
{
	CALL(setns(fd, kind));
}

static int linux_pipe(int fds[2])
{
	CALL(pipe2(fds, O_CLOEXEC));
}

static int linux_socketpair(int fds[2])
{
	CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
}

const struct haops_sys haops_sys_linux = {
	.now_ns = linux_now_ns,
	.boottime_ns = linux_boottime_ns,
	.socket = linux_socket,
	.bind = linux_bind,
	.connect = linux_connect,
	.listen = linux_listen,
	.accept = linux_accept,
	.setsockopt = linux_setsockopt,
	.getsockopt = linux_getsockopt,
	.sendto = linux_sendto,
	.sendmmsg = linux_sendmmsg,
	.recvfrom = linux_recvfrom,
	.recvmsg = linux_recvmsg,
	.poll = linux_poll,
	.openat = linux_openat,
	.read = linux_read,
	.write = linux_write,
	.close = linux_close,
	.fstat = linux_fstat,
	.fchown = linux_fchown,
	.stat = linux_stat,
	.mkdir = linux_mkdir,
	.renameat = linux_renameat,
	.unlinkat = linux_unlinkat,
	.readlink = linux_readlink,
	.opendir = linux_opendir,
	.readdir = linux_readdir,
	.lock = linux_lock,
	.lock_holder = linux_lock_holder,
	.geteuid = geteuid,
	.getpid = getpid,
	.spawn = linux_spawn,
	.fork = linux_fork,
	.detach = linux_detach,
	.exit_child = linux_exit_child,
	.waitid = linux_waitid,
	.kill = linux_kill,
	.pidfd_open = linux_pidfd_open,
	.pidfd_signal = linux_pidfd_signal,
	.setns = linux_setns,
	.pipe = linux_pipe,
	.socketpair = linux_socketpair,
};
