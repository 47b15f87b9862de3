/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watched processes: a pidfd each tells the end, /proc confirms it. Where no pidfd is to be had,
 * they are looked at every few seconds. */
#include "watch/part.h"

#include <errno.h>
#include <haops/process.h>
#include <poll.h>
#include <string.h>

/* Looks in one turn of the loop, so that a thousand ends hold up nobody. */
#define LOOKS_MAX 64

static void close_pidfd(struct watcher *watcher, struct watch_object *object)
{
	if (object->pidfd < 0)
		return;
	(void)qb_loop_poll_del(watcher->loop, object->pidfd);
	kernel_close(&object->pidfd);
}

static int32_t on_end(int32_t fd, int32_t events, void *data)
{
	struct watch_object *object = data;
	struct watcher *watcher = object->entry->net->watcher;

	(void)fd;
	(void)events;
	object->has_ended = true;
	close_pidfd(watcher, object);
	watcher_mark(watcher, object);
	return 0;
}

static void be_blind(struct watcher *watcher, struct watch_object *object, int code)
{
	if (TAILQ_EMPTY(&watcher->blind))
		watcher->blind_ms = kernel_boot_ms() + WATCH_PERIOD_MS;
	if (!object->is_blind)
		TAILQ_INSERT_TAIL(&watcher->blind, object, neighbour);
	object->is_blind = true;
	watcher_again(watcher, WATCH_PERIOD_MS);
	if (!watcher->has_no_pidfd)
		watcher_tell(watcher, HAOPS_LOG_WARNING,
			     "process %d (%s) cannot be watched: %s; looked at every %d s instead",
			     (int)object->spec->process.pid, object->entry->watch.resource,
			     strerror(-code), WATCH_PERIOD_MS / 1000);
	watcher->has_no_pidfd = true;
}

static void see(struct watcher *watcher, struct watch_object *object)
{
	if (object->is_blind)
		TAILQ_REMOVE(&watcher->blind, object, neighbour);
	object->is_blind = false;
	if (TAILQ_EMPTY(&watcher->blind))
		watcher->has_no_pidfd = false;
}

/* The pidfd is opened before the start time is compared: a number given away in between shows. */
static void open_pidfd(struct watcher *watcher, struct watch_object *object)
{
	int r = kernel_pidfd(object->spec->process.pid);

	if (r == -ESRCH) {
		object->has_ended = true;
		return;
	}
	if (r >= 0) {
		object->pidfd = r;
		r = qb_loop_poll_add(watcher->loop, QB_LOOP_HIGH, r, POLLIN, object, on_end);
		if (r < 0)
			kernel_close(&object->pidfd);
	}
	if (r < 0)
		be_blind(watcher, object, r);
	else
		see(watcher, object);
}

void processes_leave(struct watcher *watcher, struct watch_object *object)
{
	close_pidfd(watcher, object);
	see(watcher, object);
}

/*
 * A zombie has ended, unless only its first thread has: its pidfd does not tell so then. Without
 * one, that is not known.
 */
static int look(struct watcher *watcher, struct watch_object *object, enum watch_fault *ret_fault)
{
	struct haops_process now;
	bool is_new = object->pidfd < 0 && !object->has_ended;
	int r;

	if (is_new)
		open_pidfd(watcher, object);
	r = haops_process_get(watcher->ctx, object->spec->process.pid, &now);
	/* It took the last descriptor, without which nobody can look at any of them. */
	if (r < 0 && r != -ESRCH && is_new && object->pidfd >= 0) {
		close_pidfd(watcher, object);
		be_blind(watcher, object, -EMFILE);
		r = haops_process_get(watcher->ctx, object->spec->process.pid, &now);
	}
	if (r < 0 && r != -ESRCH)
		return r;
	if (r == -ESRCH || now.start_ticks != object->spec->process.start_time)
		*ret_fault = FAULT_ENDED;
	else if (now.state != 'Z' && now.state != 'X')
		*ret_fault = object->has_ended ? FAULT_ENDED : FAULT_NONE;
	else if (object->has_ended)
		*ret_fault = FAULT_ENDED;
	else if (object->pidfd >= 0)
		*ret_fault = FAULT_NONE;
	else
		return -EAGAIN;
	return 0;
}

static void look_and_judge(struct watcher *watcher, struct watch_object *object)
{
	enum watch_fault fault = FAULT_NONE;
	int r = look(watcher, object, &fault);

	if (r == 0) {
		set_judge(&watcher->set, object, fault);
		if (fault == FAULT_ENDED)
			processes_leave(watcher, object);
		return;
	}
	/* To the end of the list, for later. */
	set_unmark(&watcher->set, object);
	if (object->is_blind)
		return;
	set_mark(&watcher->set, object, object->noticed_ms);
	watcher_again(watcher, WATCH_RETRY_MS);
}

static void mark_blind(struct watcher *watcher)
{
	struct watch_object *object;
	int64_t now_ms = kernel_boot_ms();

	if (TAILQ_EMPTY(&watcher->blind))
		return;
	if (now_ms >= watcher->blind_ms) {
		watcher->blind_ms = now_ms + WATCH_PERIOD_MS;
		TAILQ_FOREACH(object, &watcher->blind, neighbour)
		set_mark(&watcher->set, object, now_ms);
	}
	watcher_again(watcher, watcher->blind_ms - now_ms);
}

void processes_look(struct watcher *watcher)
{
	struct watch_object *last;
	struct watch_object *object = NULL;

	mark_blind(watcher);
	last = TAILQ_LAST(&watcher->set.marked_processes, watch_objects);
	for (int i = 0; i < LOOKS_MAX && object != last; i++) {
		object = TAILQ_FIRST(&watcher->set.marked_processes);
		look_and_judge(watcher, object);
	}
	if (object != last)
		watcher_arm(watcher);
}
