/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_SYS_H
#define HAOPS_SYS_H

/*
 * The system boundary: every contact of libhaops with the kernel goes through this table, and
 * nothing but sys-linux.c implements it for real. A test copies haops_sys_linux, replaces the
 * members whose faults it wants, and hands the copy to haops_ctx_set_sys().
 *
 * Each member that can fail returns a result of 0 or above, or -errno; errno itself is no channel.
 * EINTR never comes out: the call is made again.
 */

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

struct haops_ctx;

struct haops_process_user;

struct haops_spawn {
	const char *const *argv;
	const char *const *env;
	int fd_in; /* becomes descriptors 0, 1 and 2 of the child */
	int fd_out;
	int fd_err;
	/* In a session of its own, and stays. Else in a process group of its own, and killed when
	 * the calling thread ends; a program that changes its user loses that (prctl(2)). */
	bool is_session;
	const char *folder;		       /* its working folder, NULL for the caller's */
	const struct haops_process_user *user; /* NULL for the caller's; -EPERM without the right */
};

struct haops_sys {
	int64_t (*now_ns)(void);      /* CLOCK_MONOTONIC; cannot fail */
	int64_t (*boottime_ns)(void); /* CLOCK_BOOTTIME: goes on while suspended; cannot fail */

	int (*socket)(int domain, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*listen)(int fd, int backlog);
	int (*accept)(int fd); /* the new descriptor */
	int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
	int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *len);
	ssize_t (*sendto)(int fd, const void *data, size_t len, int flags,
			  const struct sockaddr *addr, socklen_t addr_len);
	int (*sendmmsg)(int fd, struct mmsghdr *msgs, unsigned int count, int flags);
	ssize_t (*recvfrom)(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			    socklen_t *addr_len);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
	/* Waits until deadline_ms; 0 when it passed. The signal mask is untouched. */
	int (*poll)(struct pollfd *fds, size_t count, int64_t deadline_ms);

	int (*openat)(int dirfd, const char *path, int flags, mode_t mode);
	ssize_t (*read)(int fd, void *buf, size_t len);
	ssize_t (*write)(int fd, const void *data, size_t len);
	int (*close)(int fd);
	int (*fstat)(int fd, struct stat *ret_stat);
	int (*fchown)(int fd, uid_t uid, gid_t gid);
	int (*stat)(const char *path, struct stat *ret_stat);
	int (*mkdir)(const char *path, mode_t mode);
	int (*renameat)(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path);
	int (*unlinkat)(int dirfd, const char *path, int flags);
	ssize_t (*readlink)(const char *path, char *buf, size_t len);
	int (*opendir)(const char *path, DIR **ret_dir);
	int (*readdir)(DIR *dir, struct dirent **ret_entry); /* NULL at the end */
	int (*lock)(int fd);				     /* -EAGAIN when another holds it */
	int (*lock_holder)(int fd, pid_t *ret_pid);	     /* 0 when nobody holds it */

	uid_t (*geteuid)(void);
	pid_t (*getpid)(void);
	int (*spawn)(const struct haops_spawn *spawn, pid_t *ret_pid); /* -errno of exec, too */
	pid_t (*fork)(void);
	/*
	 * For a child that goes on alone, under name: session of its own, default signals (SIGPIPE
	 * is ignored), working directory /, descriptors 0 to 2 on /dev/null, all others closed but
	 * those of keep. One of keep that was below 3 gets a new number there.
	 */
	int (*detach)(const char *name, int *keep, size_t count);
	void (*exit_child)(int status) __attribute__((noreturn)); /* _exit(2) */
	int (*waitid)(pid_t pid, siginfo_t *ret_info, int options);
	int (*kill)(pid_t pid, int sig); /* below 0: a process group */
	int (*pidfd_open)(pid_t pid);
	int (*pidfd_signal)(int pidfd, int sig);
	int (*setns)(int fd, int kind);
	int (*pipe)(int fds[2]);
	int (*socketpair)(int fds[2]); /* stream, of family unix */
};

extern const struct haops_sys haops_sys_linux;

/* For tests: use another table from now on. It must live as long as the context. */
void haops_ctx_set_sys(struct haops_ctx *ctx, const struct haops_sys *sys);

#endif
