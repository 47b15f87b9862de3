/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_PROCESS_H
#define HAOPS_PROCESS_H

/**
 * @file process.h
 * @brief Child processes without a shell, services that go on, and processes told apart for
 * certain.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to run, see haops_process_run(). Zero what is not needed. */
struct haops_process_spec {
	/** Arguments, NULL at the end. argv[0] is the absolute path of the program. */
	const char *const *argv;
	/** Environment as NAME=VALUE, NULL at the end; NULL for none but PATH and LC_ALL=C. */
	const char *const *env;
	/** What the program reads on its standard input, or NULL for an empty one. */
	const char *input;
	/** Bytes of output to keep, 0 to 1048576; the rest is read and thrown away. */
	size_t output_max_bytes;
	/** How long before the deadline SIGTERM is sent; SIGKILL follows at the deadline.
	 *  0: SIGKILL at the deadline only. */
	int64_t term_before_ms;
	/** The program goes on in the background by itself (a daemon): it gets a session of its own
	 *  and only the process started here is waited for, not its children's output. */
	bool is_daemon;
};

/** How a child ended. */
enum haops_process_end {
	HAOPS_PROCESS_EXITED,	/**< by itself, result.status is its exit status */
	HAOPS_PROCESS_SIGNALED, /**< by a signal of others, result.status is the signal */
	HAOPS_PROCESS_TIMED_OUT /**< ended at the deadline, or by the SIGTERM before it */
};

/** Result of haops_process_run(). */
struct haops_process_result {
	enum haops_process_end end; /**< how it ended */
	int status;		    /**< exit status or signal, see end */
	char *output;	   /**< standard output and standard error as they came, ends with NUL */
	size_t output_len; /**< bytes in output without the NUL */
	bool is_truncated; /**< it wrote more than output_max_bytes */
};

/**
 * @brief Runs a program and waits for it, without a shell.
 *
 * The child and all of its process group end at the deadline; a child that the kernel does not let
 * go (state D) is left behind and reported as timed out. It gets default signal handlers, /dev/null
 * or the input as standard input, and no descriptor of the caller's. When the caller is killed, the
 * kernel kills the child too, but for a daemon, and what changes its user; not the child's own
 * children.
 *
 * @param ctx the context
 * @param spec what to run; borrowed during the call
 * @param deadline_ms from haops_deadline_after()
 * @param ret_result how it ended; release it with haops_process_result_done()
 * @return 0 the program was started, look at ret_result
 * @return -EINVAL spec is wrong (no absolute path, output_max_bytes too large)
 * @return -ENOENT there is no such program: install it or correct the path
 * @return -EACCES it may not be executed: correct its permissions
 * @return -ENOMEM memory is short
 * @return -EIO the system refused for another reason, or it is unknown how the program ended (the
 * caller ignores SIGCHLD), see haops_ctx_error()
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_process_run(struct haops_ctx *ctx,
						    const struct haops_process_spec *spec,
						    int64_t deadline_ms,
						    struct haops_process_result *ret_result);

/**
 * @brief Frees what a result holds. NULL and a zeroed result are allowed.
 *
 * @param result the result; zeroed afterwards
 */
HAOPS_PUBLIC void haops_process_result_done(struct haops_process_result *result);

/** Bytes that haops_process.exe and .cmdline hold, with the NUL. */
#define HAOPS_PROCESS_TEXT_MAX 256

/** One process, told apart from a later one that got the same number by its start time. */
struct haops_process {
	pid_t pid;	      /**< number of the process */
	pid_t ppid;	      /**< number of its parent */
	pid_t pgid;	      /**< its process group: proc(5) stat field 5 */
	pid_t sid;	      /**< its session: proc(5) stat field 6 */
	uint64_t start_ticks; /**< start time, clock ticks after boot: proc(5) stat field 22 */
	char state;	      /**< letter of proc(5) stat field 3: R, S, D, Z (ended), ... */
	uid_t uid;	      /**< effective user */
	char exe[HAOPS_PROCESS_TEXT_MAX]; /**< path of its program without " (deleted)"; "" if not
					     readable or cut */
	bool is_exe_deleted;		  /**< its program file was replaced or removed since */
	char cmdline[HAOPS_PROCESS_TEXT_MAX]; /**< arguments with spaces between, cut at the end */
};

/**
 * @brief Looks a process up by its number.
 *
 * @param ctx the context
 * @param pid number, 1 and above
 * @param ret_process what /proc says of it
 * @return 0 it exists (a zombie counts: look at state)
 * @return -ESRCH there is none
 * @return -EIO /proc could not be read: unknown, not absent
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_process_get(struct haops_ctx *ctx, pid_t pid,
						    struct haops_process *ret_process);

/**
 * @brief Lists the processes that a filter accepts.
 *
 * Processes of other process namespaces (containers) that can be seen here are offered too.
 *
 * @param ctx the context
 * @param is_wanted decides; called once per process
 * @param userdata handed to is_wanted
 * @param ret_list array of ret_count processes; free it with free()
 * @param ret_count how many
 * @return 0
 * @return -ENOMEM memory is short
 * @return -EIO /proc could not be read: unknown, not empty
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int
haops_process_list(struct haops_ctx *ctx,
		   bool (*is_wanted)(const struct haops_process *process, void *userdata),
		   void *userdata, struct haops_process **ret_list, size_t *ret_count);

/**
 * @brief Sends a signal to exactly this process, never to a later one with the same number.
 *
 * Uses pidfd_open(2) and compares the start time in between.
 *
 * @param ctx the context
 * @param process from haops_process_get() or haops_process_list()
 * @param sig signal number, 0 to only ask whether it is there
 * @return 0 sent
 * @return -ESRCH it has ended
 * @return -EPERM not allowed: run as root
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int
haops_process_signal(struct haops_ctx *ctx, const struct haops_process *process, int sig);

/**
 * @brief Waits until all of these processes have ended.
 *
 * A zombie counts as ended: it holds no address, no port and no file any more.
 *
 * @param ctx the context
 * @param list the processes, 0 to 65536
 * @param count how many
 * @param deadline_ms from haops_deadline_after()
 * @return 0 all are gone
 * @return -ETIMEDOUT at least one is still there; haops_ctx_error() names it
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_process_wait_gone(struct haops_ctx *ctx,
							  const struct haops_process *list,
							  size_t count, int64_t deadline_ms);

/** Whose rights a program gets. */
struct haops_process_user {
	uid_t uid;	     /**< user */
	gid_t gid;	     /**< group */
	const gid_t *groups; /**< further groups, see getgrouplist(3); may be NULL */
	size_t group_count;  /**< how many */
};

/** What to start and leave running, see haops_process_start(). Zero what is not needed. */
struct haops_process_service {
	/** Arguments, NULL at the end. argv[0] is the absolute path of the program. */
	const char *const *argv;
	/** Environment as NAME=VALUE, NULL at the end; NULL for none but PATH and LC_ALL=C. */
	const char *const *env;
	/** Who it runs as; NULL: the caller. */
	const struct haops_process_user *user;
	/** Its working folder, an absolute path; NULL for /. */
	const char *folder;
	/** File that what it writes is appended to, an absolute path and no symbolic link; made
	 * with mode 0640 and given to the user. NULL: it is thrown away. */
	const char *output;
	/** It tells by sd_notify(3) when it is ready: that is waited for. */
	bool notifies;
};

/** How far a program that was started has come. */
enum haops_process_progress {
	HAOPS_PROCESS_STARTING, /**< it runs; it has not said that it is ready */
	HAOPS_PROCESS_READY,	/**< it runs and has said READY=1 */
	HAOPS_PROCESS_ENDED	/**< it has ended already */
};

/** What haops_process_start() saw. */
struct haops_process_started {
	enum haops_process_progress progress; /**< how far it has come */
	struct haops_process process;	      /**< it, also when it has ended */
	enum haops_process_end end;	      /**< when it has ended: how */
	int status;			      /**< exit status or signal, see end */
	char text[HAOPS_PROCESS_TEXT_MAX];    /**< what it said last (STATUS=), one line, or "" */
};

/**
 * @brief Starts a program that goes on by itself in the foreground, as a service manager does.
 *
 * It gets a session of its own, default signal handlers, /dev/null as standard input and no
 * descriptor of the caller's. With notifies, NOTIFY_SOCKET is in its environment, and the call
 * waits until the program itself (no other process is heard) says READY=1, or ends, or until the
 * deadline. At the deadline it is left running: wait on, or end it with haops_process_signal().
 * Without notifies nothing is waited for.
 *
 * It is a child of the caller, so one that ends later stays a zombie until the caller ends.
 *
 * @param ctx the context
 * @param service what to start; borrowed during the call
 * @param deadline_ms until when to wait, from haops_deadline_after()
 * @param ret_started how far it has come
 * @return 0 the program was started, look at ret_started
 * @return -EINVAL service is wrong: a path is not absolute, output is no file
 * @return -ENOENT the program, the working folder or the folder of output does not exist
 * @return -EACCES the program may not be executed, or output may not be written
 * @return -EPERM this process may not change to that user: run as root
 * @return -ENOMEM memory is short
 * @return -EIO the system refused for another reason, see haops_ctx_error(); the program, if it was
 * started, was ended
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_process_start(struct haops_ctx *ctx,
						      const struct haops_process_service *service,
						      int64_t deadline_ms,
						      struct haops_process_started *ret_started);

#ifdef __cplusplus
}
#endif
#endif
