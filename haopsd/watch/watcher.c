/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher as a whole: when a look is made, what comes of it, what the daemon is told. */
#include "watch/watcher.h"

#include "watch/judge.h"
#include "watch/part.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
/* After a look, none for so many times as long as it took: it costs a fifth of a core at most. */
#define QUIET_FACTOR 4
#define QUIET_MAX_MS 200

static void on_timer(void *data);

void watcher_tell(struct watcher *watcher, enum haops_log_level level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	watcher->handlers.event(watcher->userdata, level, text);
}

static void set_timer(struct watcher *watcher, int64_t at_ns)
{
	int64_t now_ns = kernel_now_ns();
	int64_t wait_ns;

	if (at_ns <= now_ns)
		at_ns = now_ns + 1;
	wait_ns = at_ns - now_ns;
	if (watcher->timer_ns && watcher->timer_ns <= at_ns)
		return;
	if (watcher->timer_ns)
		(void)qb_loop_timer_del(watcher->loop, watcher->timer);
	watcher->timer_ns = 0;
	if (qb_loop_timer_add(watcher->loop, QB_LOOP_HIGH, (uint64_t)wait_ns, watcher, on_timer,
			      &watcher->timer) == 0)
		watcher->timer_ns = at_ns;
}

/* A timer, and no job: libqb lets jobs wait for 50 ms when nothing else is to be done. */
void watcher_arm(struct watcher *watcher)
{
	set_timer(watcher, watcher->quiet_ns);
}

void watcher_again(struct watcher *watcher, int64_t after_ms)
{
	set_timer(watcher, kernel_now_ns() + after_ms * NS_PER_MS);
}

void watcher_mark(struct watcher *watcher, struct watch_object *object)
{
	set_mark(&watcher->set, object, kernel_boot_ms());
	watcher_arm(watcher);
}

static int join(struct watcher *watcher, struct watch_entry *entry)
{
	int r;

	entry->net = net_get(watcher, entry->watch.netns);
	if (!entry->net)
		return -ENOMEM;
	entry->net->entries++;
	r = net_join(watcher, entry);
	for (size_t i = 0; i < entry->watch.object_count && r == 0; i++) {
		struct watch_object *object = &entry->objects[i];

		if (object->spec->kind == HAOPS_WATCH_MOUNT) {
			r = set_index(&watcher->set, object);
			if (r == 0)
				TAILQ_INSERT_TAIL(&watcher->set.mounts, object, neighbour);
		} else if (object->spec->kind == HAOPS_WATCH_DATABASE ||
			   object->spec->kind == HAOPS_WATCH_EXPORT) {
			r = looked_join(watcher, object);
		}
		watcher_mark(watcher, object);
	}
	return r;
}

static void leave(struct watcher *watcher, struct watch_entry *entry)
{
	for (size_t i = 0; i < entry->watch.object_count; i++) {
		struct watch_object *object = &entry->objects[i];

		if (object->spec->kind == HAOPS_WATCH_PROCESS)
			processes_leave(watcher, object);
		else if (object->spec->kind == HAOPS_WATCH_MOUNT && object->is_indexed)
			TAILQ_REMOVE(&watcher->set.mounts, object, neighbour);
		else if (object->looked)
			looked_leave(object);
	}
	if (entry->net)
		net_leave(watcher, entry);
}

int watcher_entry_add(struct watcher *watcher, const char *file, struct haops_watch *watch)
{
	struct watch_entry *entry = NULL;
	int r = set_add(&watcher->set, file, watch, &entry);

	if (r < 0)
		return r;
	entry->since_ms = kernel_boot_ms();
	r = join(watcher, entry);
	if (r < 0)
		watcher_entry_remove(watcher, entry);
	return r;
}

void watcher_entry_remove(struct watcher *watcher, struct watch_entry *entry)
{
	char resource[HAOPS_WATCH_NAME_MAX];
	bool was_lost = entry->is_lost;

	memcpy(resource, entry->watch.resource, sizeof(resource));
	leave(watcher, entry);
	set_remove(&watcher->set, entry);
	if (was_lost)
		watcher->handlers.settled(watcher->userdata, resource);
}

static void tell_lost(struct watcher *watcher, struct watch_entry *entry)
{
	int64_t noticed_ms = judge_noticed_ms(entry);

	/* Stop removes the record before anything else: what is lost then is lost no more. */
	if (!records_is_current(watcher, entry))
		return;
	judge_reason(entry, &entry->net->links, entry->reason, sizeof(entry->reason));
	entry->since_ms = noticed_ms;
	entry->is_lost = true;
	entry->must_tell = false;
	entry->was_idle = judge_is_idle(entry);
	watcher->handlers.lost(watcher->userdata, &entry->watch, entry->reason, noticed_ms);
}

static void tell(struct watcher *watcher, struct watch_entry *entry)
{
	bool is_worse = entry->is_lost && entry->was_idle && !judge_is_idle(entry);

	if (entry->lost_count > 0 && (!entry->is_lost || entry->must_tell || is_worse)) {
		tell_lost(watcher, entry);
	} else if (entry->lost_count == 0 && entry->is_lost) {
		entry->is_lost = false;
		entry->must_tell = false;
		entry->reason[0] = '\0';
		entry->since_ms = kernel_boot_ms();
		watcher->handlers.settled(watcher->userdata, entry->watch.resource);
	} else if (entry->lost_count == 0) {
		entry->must_tell = false;
	}
}

static void tell_all(struct watcher *watcher)
{
	struct watch_entry *entry;

	while ((entry = TAILQ_FIRST(&watcher->set.touched))) {
		TAILQ_REMOVE(&watcher->set.touched, entry, touched);
		entry->is_touched = false;
		tell(watcher, entry);
	}
}

/* The records come first: an object whose record was removed before it was is not lost. */
static void look(struct watcher *watcher)
{
	bool has_mounts_changed = watcher->must_look_mounts;
	struct watch_net *net;

	records_look(watcher);
	net_check_names(watcher, has_mounts_changed);
	TAILQ_FOREACH(net, &watcher->nets, nets)
	net_look(net);
	if (watcher->must_look_mounts || !TAILQ_EMPTY(&watcher->set.marked_mounts))
		mounts_look(watcher);
	processes_look(watcher);
	looked_look(watcher);
	if (records_drain(watcher))
		records_look(watcher);
	tell_all(watcher);
}

static void on_timer(void *data)
{
	struct watcher *watcher = data;
	int64_t begin_ns = kernel_now_ns();
	int64_t quiet_ns;

	watcher->timer_ns = 0;
	look(watcher);
	quiet_ns = (kernel_now_ns() - begin_ns) * QUIET_FACTOR;
	if (quiet_ns > QUIET_MAX_MS * NS_PER_MS)
		quiet_ns = QUIET_MAX_MS * NS_PER_MS;
	watcher->quiet_ns = kernel_now_ns() + quiet_ns;
}

static int open_all(struct watcher *watcher)
{
	int r = records_open(watcher);

	if (r == 0)
		r = net_open_host(watcher);
	if (r == 0)
		r = mounts_open(watcher);
	if (r == 0)
		r = looked_open(watcher);
	if (r == 0)
		watcher_arm(watcher);
	return r;
}

int watcher_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct watcher_handlers *handlers,
		void *userdata, struct watcher **ret_watcher)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	int r;

	if (!watcher)
		return -ENOMEM;
	watcher->ctx = ctx;
	watcher->loop = loop;
	watcher->handlers = *handlers;
	watcher->userdata = userdata;
	watcher->records.fd = -1;
	watcher->records.dir_wd = -1;
	watcher->records.parent_wd = -1;
	watcher->mountinfo = -1;
	set_init(&watcher->set);
	TAILQ_INIT(&watcher->nets);
	TAILQ_INIT(&watcher->blind);
	r = open_all(watcher);
	if (r < 0) {
		watcher_free(watcher);
		return r;
	}
	*ret_watcher = watcher;
	return 0;
}

void watcher_free(struct watcher *watcher)
{
	if (!watcher)
		return;
	while (watcher->set.count > 0) {
		struct watch_entry *entry = watcher->set.entries[watcher->set.count - 1];

		leave(watcher, entry);
		set_remove(&watcher->set, entry);
	}
	set_done(&watcher->set);
	looked_close(watcher);
	mounts_close(watcher);
	net_close_all(watcher);
	records_close(watcher);
	if (watcher->timer_ns)
		(void)qb_loop_timer_del(watcher->loop, watcher->timer);
	free(watcher);
}

void watcher_retry(struct watcher *watcher, const char *resource)
{
	struct watch_entry *entry = set_find_resource(&watcher->set, resource);

	if (!entry)
		return;
	entry->must_tell = true;
	for (size_t i = 0; i < entry->watch.object_count; i++)
		watcher_mark(watcher, &entry->objects[i]);
}

size_t watcher_count(const struct watcher *watcher)
{
	return watcher->set.count;
}

void watcher_entry_at(const struct watcher *watcher, size_t index, struct watcher_entry *ret_entry)
{
	const struct watch_entry *entry = watcher->set.entries[index];

	*ret_entry = (struct watcher_entry){.watch = &entry->watch,
					    .is_lost = entry->is_lost,
					    .is_idle = judge_is_idle(entry),
					    .since_ms = entry->since_ms};
	memcpy(ret_entry->reason, entry->reason, sizeof(ret_entry->reason));
}
