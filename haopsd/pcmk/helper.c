/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts the helper process, receives its packets, ends it, and starts it anew with back-off. Knows
 * nothing of what is asked and answered.
 */
#include "helper.h"

#include "child.h"
#include "internal.h"
#include "system.h"

#include <stdio.h>

#define NS_PER_MS UINT64_C(1000000)
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 5000
/* One that lived so long was well: the next pause is the shortest again. */
#define WELL_MS 10000
#define PACKETS_PER_TURN 64
#define EVENT_MAX 256

struct helper {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	char *path;
	struct helper_handlers handlers;
	void *userdata;
	struct child *child;
	int fd; /* our end; -1: not up */
	bool is_wanted;
	bool is_told; /* the operator knows that it fails */
	int64_t started_ms;
	int64_t pause_ms;
	qb_loop_timer_handle timer;
	bool has_timer;
};

static void start(struct helper *helper);

static void tell(struct helper *helper, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

static void tell(struct helper *helper, enum haops_log_level level, const char *fmt, ...)
{
	char text[EVENT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	helper->handlers.event(helper->userdata, level, text);
}

static void close_socket(struct helper *helper)
{
	if (helper->fd < 0)
		return;
	(void)qb_loop_poll_del(helper->loop, helper->fd);
	(void)helper->ctx->sys->close(helper->fd);
	helper->fd = -1;
	helper->handlers.changed(helper->userdata, false);
}

static void on_pause_over(void *data)
{
	struct helper *helper = data;

	helper->has_timer = false;
	start(helper);
}

static void start_later(struct helper *helper)
{
	if (haops_now_ms(helper->ctx) - helper->started_ms >= WELL_MS) {
		helper->pause_ms = PAUSE_MIN_MS;
		helper->is_told = false;
	}
	helper->has_timer =
		qb_loop_timer_add(helper->loop, QB_LOOP_MED, (uint64_t)helper->pause_ms * NS_PER_MS,
				  helper, on_pause_over, &helper->timer) == 0;
	helper->pause_ms =
		helper->pause_ms * 2 < PAUSE_MAX_MS ? helper->pause_ms * 2 : PAUSE_MAX_MS;
}

static void on_ended(void *userdata, const struct child_end *end)
{
	struct helper *helper = userdata;

	helper->child = NULL;
	close_socket(helper);
	if (!helper->is_told || end->signal == SIGSEGV || end->signal == SIGABRT) {
		if (end->exit_code >= 0)
			tell(helper, HAOPS_LOG_WARNING, "%s ended with exit code %d, started anew",
			     helper->path, end->exit_code);
		else
			tell(helper, HAOPS_LOG_WARNING, "%s was ended by signal %d, started anew",
			     helper->path, end->signal);
	}
	helper->is_told = true;
	start_later(helper);
}

static int32_t on_readable(int32_t fd, int32_t revents, void *data)
{
	struct helper *helper = data;
	struct packet packet;

	(void)revents;
	for (int i = 0; i < PACKETS_PER_TURN && helper->fd == fd; i++) {
		int r = pcmk_system_receive(fd, &packet);

		if (r == -EAGAIN)
			return 0;
		if (r <= 0) {
			/* It is ending, or says rubbish: either way it is of no use any more. */
			close_socket(helper);
			if (helper->child)
				child_kill(helper->child);
			return 0;
		}
		helper->handlers.packet(helper->userdata, &packet);
	}
	return 0;
}

static int spawn_with(struct helper *helper, int fd_in)
{
	const char *argv[] = {helper->path, NULL};
	const struct child_spec spec = {.argv = argv,
					.fd_in = fd_in,
					.ended = on_ended,
					.userdata = helper};

	return child_start(helper->ctx, helper->loop, &spec, &helper->child);
}

static int try_start(struct helper *helper)
{
	CLEANUP_FD int ours = -1;
	CLEANUP_FD int theirs = -1;
	int fds[2];
	int r = pcmk_system_pair(fds);

	if (r < 0)
		return r;
	ours = fds[0];
	theirs = fds[1];
	r = qb_loop_poll_add(helper->loop, QB_LOOP_HIGH, ours, POLLIN, helper, on_readable);
	if (r < 0)
		return r;
	r = spawn_with(helper, theirs);
	if (r < 0) {
		(void)qb_loop_poll_del(helper->loop, ours);
		return r;
	}
	helper->fd = take_fd(&ours);
	return 0;
}

static void start(struct helper *helper)
{
	int r;

	helper->started_ms = haops_now_ms(helper->ctx);
	r = try_start(helper);
	if (r == 0) {
		helper->handlers.changed(helper->userdata, true);
		return;
	}
	if (!helper->is_told)
		tell(helper, HAOPS_LOG_ERROR,
		     "%s cannot be started: %s. Nothing can be reported to Pacemaker until it can",
		     helper->path, strerror(-r));
	helper->is_told = true;
	start_later(helper);
}

int helper_set_path(struct helper *helper, const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	free(helper->path);
	helper->path = copy;
	return 0;
}

int helper_new(struct haops_ctx *ctx, qb_loop_t *loop, const char *path, struct helper **ret_helper)
{
	struct helper *helper = calloc(1, sizeof(*helper));

	if (!helper || helper_set_path(helper, path) < 0) {
		free(helper);
		return -ENOMEM;
	}
	helper->ctx = ctx;
	helper->loop = loop;
	helper->fd = -1;
	helper->pause_ms = PAUSE_MIN_MS;
	*ret_helper = helper;
	return 0;
}

void helper_set_handlers(struct helper *helper, const struct helper_handlers *handlers,
			 void *userdata)
{
	helper->handlers = *handlers;
	helper->userdata = userdata;
}

void helper_free(struct helper *helper)
{
	if (!helper)
		return;
	if (helper->has_timer)
		(void)qb_loop_timer_del(helper->loop, helper->timer);
	if (helper->fd >= 0) {
		(void)qb_loop_poll_del(helper->loop, helper->fd);
		(void)helper->ctx->sys->close(helper->fd);
	}
	if (helper->child)
		child_forget(helper->child);
	free(helper->path);
	free(helper);
}

void helper_want(struct helper *helper)
{
	if (helper->is_wanted)
		return;
	helper->is_wanted = true;
	start(helper);
}

bool helper_is_up(const struct helper *helper)
{
	return helper->fd >= 0;
}

int helper_send(struct helper *helper, const struct packet *packet)
{
	int r;

	if (helper->fd < 0)
		return -ENOTCONN;
	r = pcmk_system_send(helper->fd, packet);
	return r == 0 || r == -EAGAIN ? r : -ENOTCONN;
}

void helper_kill(struct helper *helper, const char *why)
{
	if (!helper->child || helper->fd < 0)
		return;
	tell(helper, HAOPS_LOG_WARNING,
	     "%s (process %d) %s: killed, started anew; Pacemaker may hang", helper->path,
	     (int)child_pid(helper->child), why);
	helper->is_told = true;
	child_kill(helper->child);
	close_socket(helper);
}

pid_t helper_pid(const struct helper *helper)
{
	return helper->child ? child_pid(helper->child) : 0;
}
