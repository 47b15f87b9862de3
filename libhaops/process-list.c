/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes as /proc shows them: look up, list, signal and wait for exactly the one that is meant.
 * Starts none, see process.c.
 */
#include "internal.h"
#include "proc-stat.h"

#include <fcntl.h>
#include <haops/process.h>
#include <limits.h>
#include <stdio.h>

#define PATH_LEN_MAX 64
#define STAT_LEN_MAX 1024
#define DELETED_LEN_MAX 16
#define WAIT_COUNT_MAX 65536
#define LIST_STEP 64

/* Reads a file of /proc as a whole into buf, NUL at the end. Its length, or -errno. */
static ssize_t read_proc(struct haops_ctx *ctx, pid_t pid, const char *file, char *buf, size_t size)
{
	char path[PATH_LEN_MAX];
	CLEANUP_FD int fd = -1;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = ctx->sys->openat(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	len = ctx->sys->read(fd, buf, size - 1);
	if (len >= 0)
		buf[len] = '\0';
	return len;
}

/* A zombie and a kernel thread have no exe, and another user's cannot be read: "" then. */
static void read_exe(struct haops_ctx *ctx, struct haops_process *process)
{
	char target[HAOPS_PROCESS_TEXT_MAX + DELETED_LEN_MAX];
	char path[PATH_LEN_MAX];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)process->pid);
	len = ctx->sys->readlink(path, target, sizeof(target) - 1);
	if (len < 0 || (size_t)len >= sizeof(target) - 1)
		return;
	target[len] = '\0';
	process->is_exe_deleted = proc_exe_cut_deleted(target);
	if (strlen(target) < sizeof(process->exe))
		memcpy(process->exe, target, strlen(target) + 1);
}

/* All but the command line. 0, -ESRCH, or another -errno. */
static int read_process(struct haops_ctx *ctx, pid_t pid, struct haops_process *process)
{
	char text[STAT_LEN_MAX];
	char path[PATH_LEN_MAX];
	struct stat st;
	ssize_t len = read_proc(ctx, pid, "stat", text, sizeof(text));
	int r;

	if (len < 0)
		return (int)len;
	if (proc_stat_parse(text, process) < 0)
		return -EIO;
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	r = ctx->sys->stat(path, &st);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	process->uid = st.st_uid;
	read_exe(ctx, process);
	return 0;
}

static int get_process(struct haops_ctx *ctx, pid_t pid, struct haops_process *ret_process)
{
	struct haops_process process = {0};
	char text[HAOPS_PROCESS_TEXT_MAX];
	ssize_t len;
	int r = read_process(ctx, pid, &process);

	if (r < 0)
		return r;
	len = read_proc(ctx, pid, "cmdline", text, sizeof(text));
	if (len == -ESRCH)
		return -ESRCH;
	if (len > 0)
		proc_cmdline_format(text, (size_t)len, process.cmdline);
	*ret_process = process;
	return 0;
}

int haops_process_get(struct haops_ctx *ctx, pid_t pid, struct haops_process *ret_process)
{
	int r;

	if (!ctx)
		return -EINVAL;
	if (pid < 1 || !ret_process)
		return haops_fail(ctx, EINVAL, "process %d: no number of a process", (int)pid);
	r = get_process(ctx, pid, ret_process);
	if (r == -ESRCH)
		return haops_fail(ctx, ESRCH, "process %d does not exist", (int)pid);
	if (r < 0)
		return haops_fail(ctx, EIO, "process %d: cannot read /proc: %s", (int)pid,
				  strerror(-r));
	return 0;
}

struct process_list {
	struct haops_process *items;
	size_t count;
	size_t capacity;
};

static int list_append(struct process_list *list, const struct haops_process *process)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity + LIST_STEP;
		struct haops_process *items = realloc(list->items, capacity * sizeof(*list->items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = *process;
	return 0;
}

/* Number of a process out of an entry's name, 0 when it is another file. */
static pid_t entry_pid(const char *name)
{
	char *end = NULL;
	long number;

	if (name[0] < '1' || name[0] > '9')
		return 0;
	number = strtol(name, &end, 10);
	return *end || number > INT_MAX ? 0 : (pid_t)number;
}

struct process_filter {
	bool (*is_wanted)(const struct haops_process *process, void *userdata);
	void *userdata;
};

static int list_scan(struct haops_ctx *ctx, DIR *dir, const struct process_filter *filter,
		     struct process_list *list)
{
	for (;;) {
		struct haops_process process;
		struct dirent *entry;
		pid_t pid;
		int r = ctx->sys->readdir(dir, &entry);

		if (r < 0 || !entry)
			return r;
		pid = entry_pid(entry->d_name);
		if (pid == 0)
			continue;
		r = get_process(ctx, pid, &process);
		if (r == -ESRCH)
			continue;
		if (r == 0 && filter->is_wanted(&process, filter->userdata))
			r = list_append(list, &process);
		if (r < 0)
			return r;
	}
}

int haops_process_list(struct haops_ctx *ctx,
		       bool (*is_wanted)(const struct haops_process *process, void *userdata),
		       void *userdata, struct haops_process **ret_list, size_t *ret_count)
{
	struct process_filter filter = {.is_wanted = is_wanted, .userdata = userdata};
	struct process_list list = {0};
	CLEANUP_DIR DIR *dir = NULL;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!is_wanted || !ret_list || !ret_count)
		return haops_fail(ctx, EINVAL, "list of processes: an argument is missing");
	r = ctx->sys->opendir("/proc", &dir);
	if (r == 0)
		r = list_scan(ctx, dir, &filter, &list);
	if (r < 0) {
		free(list.items);
		return haops_fail(ctx, r == -ENOMEM ? ENOMEM : EIO,
				  "list of processes: cannot read /proc: %s", strerror(-r));
	}
	*ret_list = list.items;
	*ret_count = list.count;
	return 0;
}

/* A handle on exactly this process. Its pidfd is opened before the start time is compared, so a
 * number that was given away in between is noticed. The descriptor, -ESRCH, or another -errno. */
static int open_process(struct haops_ctx *ctx, const struct haops_process *process)
{
	struct haops_process now = {0};
	CLEANUP_FD int pidfd = ctx->sys->pidfd_open(process->pid);
	int r;

	/* So Linux 6.1 says of one that has ended and whose group is still there. */
	if (pidfd == -EINVAL)
		return -ESRCH;
	if (pidfd < 0)
		return pidfd;
	r = read_process(ctx, process->pid, &now);
	if (r < 0)
		return r;
	if (now.start_ticks != process->start_ticks)
		return -ESRCH;
	return take_fd(&pidfd);
}

/* State Z does not tell: a process whose first thread ended before the others has it, too. */
static int signal_living(struct haops_ctx *ctx, int pidfd, int sig)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	int r = ctx->sys->poll(&ended, 1, 0);

	if (r != 0)
		return r < 0 ? r : -ESRCH;
	return ctx->sys->pidfd_signal(pidfd, sig);
}

int haops_process_signal(struct haops_ctx *ctx, const struct haops_process *process, int sig)
{
	CLEANUP_FD int pidfd = -1;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!process || process->pid < 1 || sig < 0 || sig > SIGRTMAX)
		return haops_fail(ctx, EINVAL, "signal %d: no process or no signal", sig);
	pidfd = open_process(ctx, process);
	r = pidfd < 0 ? pidfd : signal_living(ctx, pidfd, sig);
	if (r == -ESRCH)
		return haops_fail(ctx, ESRCH, "process %d has ended", (int)process->pid);
	if (r == -EPERM)
		return haops_fail(ctx, EPERM, "signal %d to process %d: not allowed, run as root",
				  sig, (int)process->pid);
	if (r < 0)
		return haops_fail(ctx, EIO, "signal %d to process %d: %s", sig, (int)process->pid,
				  strerror(-r));
	return 0;
}

static int wait_one_gone(struct haops_ctx *ctx, const struct haops_process *process,
			 int64_t deadline_ms)
{
	CLEANUP_FD int pidfd = open_process(ctx, process);
	struct pollfd wait = {.fd = pidfd, .events = POLLIN};
	int r;

	if (pidfd == -ESRCH)
		return 0;
	if (pidfd < 0)
		return haops_fail(ctx, EIO, "process %d: cannot watch it: %s", (int)process->pid,
				  strerror(-pidfd));
	r = ctx->sys->poll(&wait, 1, deadline_ms);
	if (r < 0)
		return haops_fail(ctx, EIO, "process %d: cannot wait for it: %s", (int)process->pid,
				  strerror(-r));
	if (r == 0)
		return haops_fail(ctx, ETIMEDOUT, "process %d (%s) is still there",
				  (int)process->pid, process->cmdline);
	return 0;
}

int haops_process_wait_gone(struct haops_ctx *ctx, const struct haops_process *list, size_t count,
			    int64_t deadline_ms)
{
	if (!ctx)
		return -EINVAL;
	if (count > WAIT_COUNT_MAX || (count > 0 && !list))
		return haops_fail(ctx, EINVAL, "wait for processes: the list is wrong");
	for (size_t i = 0; i < count; i++) {
		int r = wait_one_gone(ctx, &list[i], deadline_ms);

		if (r < 0)
			return r;
	}
	return 0;
}
