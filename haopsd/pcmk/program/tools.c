/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs attrd_updater and stonith_admin, without a shell and never waiting. What they print is kept
 * up to a bound, for the reason of a failure.
 */
#include "tools.h"

#include "internal.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

#define ATTRD_UPDATER "/usr/sbin/attrd_updater"
#define STONITH_ADMIN "/usr/sbin/stonith_admin"
#define RUNNING_MAX 16
#define OUTPUT_MAX 160
#define ATTRIBUTE_MS 4000
#define FENCE_MIN_MS 1000
#define FENCE_MAX_MS 600000
#define OPTION_MAX (PACKET_TEXT_MAX + 32)

struct running {
	struct tools *tools; /* NULL: this place is free */
	uint64_t id;	     /* 0: haopsd has had its answer */
	const char *name;
	pid_t pid;
	int pidfd;
	int output_fd;
	guint end_source;
	guint timer;
	char output[OUTPUT_MAX];
};

struct tools {
	struct program *program;
	struct running running[RUNNING_MAX];
};

static const char *const TOOL_ENV[] =
	{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

static void release(struct running *running)
{
	const struct haops_sys *sys = running->tools->program->ctx->sys;

	if (running->end_source)
		g_source_remove(running->end_source);
	if (running->timer)
		g_source_remove(running->timer);
	if (running->pidfd >= 0)
		(void)sys->close(running->pidfd);
	if (running->output_fd >= 0)
		(void)sys->close(running->output_fd);
	memset(running, 0, sizeof(*running));
}

static void answer(struct running *running, enum pcmk_result result, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

static void answer(struct running *running, enum pcmk_result result, const char *fmt, ...)
{
	char text[PACKET_TEXT_MAX];
	uint64_t id = running->id;
	va_list args;

	running->id = 0;
	if (id == 0)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	program_answer(running->tools->program, id, result, text);
}

/* The beginning of its output; it has ended, so nothing is waited for. */
static void read_output(struct running *running)
{
	const struct haops_sys *sys = running->tools->program->ctx->sys;
	struct pollfd ready = {.fd = running->output_fd, .events = POLLIN};
	ssize_t len;

	if (sys->poll(&ready, 1, 0) <= 0)
		return;
	len = sys->read(running->output_fd, running->output, sizeof(running->output) - 1);
	running->output[len > 0 ? len : 0] = '\0';
	running->output[strcspn(running->output, "\n")] = '\0';
}

static gboolean on_end(gint fd, GIOCondition condition, gpointer data)
{
	struct running *running = data;
	siginfo_t info = {0};

	(void)fd;
	(void)condition;
	if (running->tools->program->ctx->sys->waitid(running->pid, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid != running->pid)
		return G_SOURCE_CONTINUE;
	read_output(running);
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		answer(running, PCMK_REPORTED, "%s succeeded", running->name);
	else if (info.si_code == CLD_EXITED)
		answer(running, PCMK_UNAVAILABLE, "%s failed with exit code %d: %s", running->name,
		       info.si_status, running->output[0] ? running->output : "no reason given");
	else
		answer(running, PCMK_UNAVAILABLE, "%s was ended by signal %d", running->name,
		       info.si_status);
	running->end_source = 0;
	release(running);
	return G_SOURCE_REMOVE;
}

/* on_end() follows, and frees the place. */
static gboolean on_deadline(gpointer data)
{
	struct running *running = data;

	running->timer = 0;
	(void)running->tools->program->ctx->sys->kill(-running->pid, SIGKILL);
	answer(running, PCMK_UNAVAILABLE, "%s did not end in time", running->name);
	return G_SOURCE_REMOVE;
}

static int spawn(struct running *running, const char *const *argv)
{
	const struct haops_sys *sys = running->tools->program->ctx->sys;
	CLEANUP_FD int null_fd = sys->openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
	CLEANUP_FD int fd_out = -1;
	int fds[2];
	int r = null_fd < 0 ? null_fd : sys->pipe(fds);

	if (r < 0)
		return r;
	running->output_fd = fds[0];
	fd_out = fds[1];
	r = sys->spawn(&(const struct haops_spawn){.argv = argv,
						   .env = TOOL_ENV,
						   .fd_in = null_fd,
						   .fd_out = fd_out,
						   .fd_err = fd_out},
		       &running->pid);
	if (r < 0)
		return r;
	running->pidfd = sys->pidfd_open(running->pid);
	if (running->pidfd < 0)
		(void)sys->kill(-running->pid, SIGKILL);
	return running->pidfd < 0 ? running->pidfd : 0;
}

static struct running *place(struct tools *tools)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (!tools->running[i].tools)
			return &tools->running[i];
	return NULL;
}

/* argv[0] is a path; timeout_ms until it is killed. */
static void run(struct tools *tools, uint64_t id, const char *const *argv, int64_t timeout_ms)
{
	struct running *running = place(tools);
	int r;

	if (!running) {
		program_answer(tools->program, id, PCMK_UNAVAILABLE,
			       "too many of Pacemaker's programs run already");
		return;
	}
	*running = (struct running){.tools = tools,
				    .id = id,
				    .name = argv[0],
				    .pidfd = -1,
				    .output_fd = -1};
	r = spawn(running, argv);
	if (r < 0) {
		answer(running, PCMK_UNAVAILABLE, "%s cannot be started: %s", argv[0],
		       strerror(-r));
		release(running);
		return;
	}
	running->end_source = g_unix_fd_add(running->pidfd, G_IO_IN, on_end, running);
	running->timer = g_timeout_add((guint)timeout_ms, on_deadline, running);
}

void tools_set_attribute(struct tools *tools, const struct packet *packet)
{
	char name[OPTION_MAX];
	char value[OPTION_MAX];
	char delay[OPTION_MAX];
	const char *argv[] = {ATTRD_UPDATER, name, value, delay, NULL};

	(void)snprintf(name, sizeof(name), "--name=%s", packet->text[0]);
	(void)snprintf(value, sizeof(value), "--update-both=%s", packet->text[1]);
	(void)snprintf(delay, sizeof(delay), "--delay=%" PRId64 "ms",
		       packet->number > 0 ? packet->number : 0);
	run(tools, packet->id, argv, ATTRIBUTE_MS);
}

void tools_fence(struct tools *tools, const struct packet *packet)
{
	char node[OPTION_MAX];
	char timeout[OPTION_MAX];
	const char *argv[] = {STONITH_ADMIN, node, timeout, NULL};
	int64_t timeout_ms = packet->number;

	if (timeout_ms < FENCE_MIN_MS || timeout_ms > FENCE_MAX_MS)
		timeout_ms = FENCE_MAX_MS;
	(void)snprintf(node, sizeof(node), "--fence=%s", packet->text[0]);
	(void)snprintf(timeout, sizeof(timeout), "--timeout=%" PRId64, (timeout_ms + 999) / 1000);
	run(tools, packet->id, argv, timeout_ms);
}

int tools_open(struct program *program, struct tools **ret_tools)
{
	struct tools *tools = calloc(1, sizeof(*tools));

	if (!tools)
		return -ENOMEM;
	tools->program = program;
	*ret_tools = tools;
	return 0;
}

void tools_close(struct tools *tools)
{
	if (!tools)
		return;
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (tools->running[i].tools)
			release(&tools->running[i]);
	free(tools);
}
