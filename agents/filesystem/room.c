/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends who keeps a mount busy: SIGTERM, half of the time later SIGKILL, by pidfd, and nobody else.
 * Who that is is found by space.c. */

#include "filesystem/stop.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <errno.h>
#include <haops/process.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long to wait for those who got a signal before a new look. */
#define ROUND_MS 1000
/* Between two tries where there is nobody to wait for: at first, and at most. */
#define RETRY_MIN_MS 10
#define RETRY_MAX_MS 500

void room_begin(struct stop *stop)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(stop->run), stop->limit_ms);

	stop->retry_ms = RETRY_MIN_MS;
	stop->kill_ms = haops_deadline_after(ocf_ctx(stop->run), left / 2);
}

void room_end(struct stop *stop)
{
	fs_holders_done(&stop->told);
}

static struct haops_process as_process(const struct fs_holder *holder)
{
	struct haops_process process = {.pid = holder->pid, .start_ticks = holder->start_ticks};

	(void)snprintf(process.cmdline, sizeof(process.cmdline), "%s", holder->name);
	return process;
}

static bool was_told(const struct stop *stop, const struct fs_holder *holder)
{
	for (size_t i = 0; i < stop->told.count; i++)
		if (stop->told.list[i].pid == holder->pid &&
		    stop->told.list[i].start_ticks == holder->start_ticks)
			return true;
	return false;
}

static void remember(struct stop *stop, const struct fs_holder *holder)
{
	struct fs_holder *list = realloc(stop->told.list, (stop->told.count + 1) * sizeof(*list));

	if (!list)
		return;
	list[stop->told.count++] = *holder;
	stop->told.list = list;
}

static void send_signal(struct stop *stop, const struct fs_holder *holder, int sig)
{
	const struct haops_process process = as_process(holder);
	int r = haops_process_signal(ocf_ctx(stop->run), &process, sig);

	if (r < 0 && r != -ESRCH)
		ocf_log(stop->run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(stop->run)));
}

static void end_holder(struct stop *stop, const struct fs_target *target,
		       const struct fs_holder *holder)
{
	bool is_late = haops_deadline_left_ms(ocf_ctx(stop->run), stop->kill_ms) == 0;
	int sig = is_late ? SIGKILL : SIGTERM;

	/* The machine itself, or the container that this runs in. */
	if (holder->pid == 1 || (!is_late && was_told(stop, holder)))
		return;
	ocf_log(stop->run, HAOPS_LOG_INFO, "%s to process %d (%s), which uses %s (%s)",
		is_late ? "SIGKILL" : "SIGTERM", (int)holder->pid, holder->name, target->path,
		holder->how);
	send_signal(stop, holder, sig);
	/* A stopped process takes no signal but KILL before it is continued. */
	if (!is_late) {
		send_signal(stop, holder, SIGCONT);
		remember(stop, holder);
	}
}

/* One that hangs in the kernel tells more than the others. */
static const struct fs_holder *pick(const struct fs_holders *holders)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->list[i].state == 'D')
			return &holders->list[i];
	return holders->list;
}

/* "3 processes use it, such as 12 (bash, cwd)" */
static void describe(const struct fs_holders *holders, char *out, size_t size)
{
	const struct fs_holder *one = pick(holders);

	if (holders->count && one->state == 'D')
		(void)snprintf(out, size,
			       "process %d (%s, %s) hangs: device or server does not answer",
			       (int)one->pid, one->name, one->how);
	else if (holders->count == 1)
		(void)snprintf(out, size, "process %d (%s, %s) uses it", (int)one->pid, one->name,
			       one->how);
	else if (holders->count > 1)
		(void)snprintf(out, size, "%zu processes use it, such as %d (%s, %s)",
			       holders->count, (int)one->pid, one->name, one->how);
	else if (holders->unknown_count)
		(void)snprintf(out, size, "process %d, which hangs, may use it",
			       (int)holders->unknown);
	else
		(void)snprintf(out, size,
			       "no process uses it: look for exports, loop devices, swap files");
}

/* The reason to fail with, if the time is over before the next look. */
static void remember_who(struct stop *stop, const struct fs_target *target,
			 const struct fs_holders *holders)
{
	const char *hint = fs_may_kill(stop->run) ? "" : " (force_unmount is false)";
	char who[160];

	stop->seen_id = target->id;
	describe(holders, who, sizeof(who));
	if (target->is_hidden && !holders->count)
		(void)snprintf(stop->seen, sizeof(stop->seen),
			       "unmounted, but device %s is still in use: an unmount that is not "
			       "finished, a freeze, or fsck",
			       target->path);
	else
		(void)snprintf(stop->seen, sizeof(stop->seen), "%s is busy: %s%s", target->path,
			       who, hint);
}

static bool is_over(const struct stop *stop)
{
	return haops_deadline_left_ms(ocf_ctx(stop->run), stop->limit_ms) == 0;
}

static int64_t soon(struct stop *stop, int64_t wait_ms)
{
	int64_t wait = haops_deadline_after(ocf_ctx(stop->run), wait_ms);

	return wait < stop->limit_ms ? wait : stop->limit_ms;
}

/* The kernel tells nobody when a mount is no longer busy: it is tried again, less and less often.
 */
static void pause_for(struct stop *stop)
{
	int64_t limit = soon(stop, stop->retry_ms);

	while (haops_deadline_left_ms(ocf_ctx(stop->run), limit) > 0)
		host_pause(ocf_ctx(stop->run), limit);
	stop->retry_ms = stop->retry_ms * 2 < RETRY_MAX_MS ? stop->retry_ms * 2 : RETRY_MAX_MS;
}

/* Until they are gone, or for a while. */
static void wait_for(struct stop *stop, const struct fs_holders *holders)
{
	int64_t limit = soon(stop, ROUND_MS);
	bool is_gone = holders->count > 0 && fs_may_kill(stop->run);

	for (size_t i = 0; i < holders->count && is_gone; i++) {
		struct haops_process process = as_process(&holders->list[i]);

		is_gone = haops_process_wait_gone(ocf_ctx(stop->run), &process, 1, limit) == 0;
	}
	if (is_gone)
		stop->retry_ms = RETRY_MIN_MS;
	else
		pause_for(stop);
}

/* 0, or -errno. At the end of the time what was seen before will do. */
static int look(struct stop *stop, const struct fs_target *target, struct fs_holders *holders)
{
	bool has_seen = stop->seen[0] && stop->seen_id == target->id;
	int r = -ETIMEDOUT;

	*holders = (struct fs_holders){.list = NULL};
	if (!is_over(stop) || !has_seen)
		r = fs_holders_find(stop->run, target, ocf_deadline(stop->run), holders);
	if (r == 0)
		remember_who(stop, target, holders);
	return r == -ETIMEDOUT && has_seen ? 0 : r;
}

int room_make(struct stop *stop, const struct fs_target *target)
{
	struct fs_holders holders;
	int r = look(stop, target, &holders);
	int code = STOP_GO_ON;

	if (r < 0)
		return ocf_fail(stop->run, OCF_ERR_GENERIC,
				"%s is busy, and its users are not found: %s", target->path,
				r == -ETIMEDOUT ? "looking at processes takes too long"
						: strerror(-r));
	if (is_over(stop))
		code = ocf_fail(stop->run, OCF_ERR_GENERIC, "%s", stop->seen);
	for (size_t i = 0; i < holders.count && code == STOP_GO_ON && fs_may_kill(stop->run); i++)
		end_holder(stop, target, &holders.list[i]);
	if (code == STOP_GO_ON)
		wait_for(stop, &holders);
	fs_holders_done(&holders);
	return code;
}
