/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watched mounts: the kernel tells that the table of mounts changed, and it is read then. */
#include "util/mountinfo.h"
#include "watch/judge.h"
#include "watch/part.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* How often a table that changes while it is read is read again at once. */
#define TRIES 4

static int32_t on_change(int32_t fd, int32_t events, void *data)
{
	struct watcher *watcher = data;
	struct watch_object *object;
	int64_t now_ms = kernel_boot_ms();

	(void)fd;
	(void)events;
	watcher->must_look_mounts = true;
	TAILQ_FOREACH(object, &watcher->set.mounts, neighbour)
	set_mark(&watcher->set, object, now_ms);
	watcher_arm(watcher);
	return 0;
}

int mounts_open(struct watcher *watcher)
{
	int r = kernel_mountinfo(&watcher->has_host_mounts);

	if (r < 0)
		return r;
	watcher->mountinfo = r;
	r = qb_loop_poll_add(watcher->loop, QB_LOOP_HIGH, watcher->mountinfo, POLLPRI | POLLERR,
			     watcher, on_change);
	if (r < 0)
		kernel_close(&watcher->mountinfo);
	return r;
}

void mounts_close(struct watcher *watcher)
{
	if (watcher->mountinfo >= 0)
		(void)qb_loop_poll_del(watcher->loop, watcher->mountinfo);
	kernel_close(&watcher->mountinfo);
}

static void take_line(struct watcher *watcher, char *line)
{
	struct watch_object *object;
	struct mountinfo info;

	if (!mountinfo_parse(line, &info))
		return;
	object = set_first_mount(&watcher->set, info.path);
	for (; object; object = set_next_mount(object))
		judge_mount_take(object, info.id, watcher->has_host_mounts);
}

static int read_table(struct watcher *watcher)
{
	char *text = NULL;
	char *rest;
	int r = -EAGAIN;

	for (int i = 0; i < TRIES && r == -EAGAIN; i++)
		r = kernel_read_mountinfo(watcher->mountinfo, &text);
	if (r < 0)
		return r;
	rest = text;
	while (rest && *rest)
		take_line(watcher, strsep(&rest, "\n"));
	free(text);
	return 0;
}

/* All of them, whichever were marked: the reading takes the kernel's notice away, if one came. */
void mounts_look(struct watcher *watcher)
{
	struct watch_object *object;

	watcher->must_look_mounts = false;
	if (TAILQ_EMPTY(&watcher->set.mounts))
		return;
	TAILQ_FOREACH(object, &watcher->set.mounts, neighbour)
	judge_mount_begin(object);
	if (read_table(watcher) < 0) {
		watcher->must_look_mounts = true;
		watcher_again(watcher, WATCH_RETRY_MS);
		return;
	}
	TAILQ_FOREACH(object, &watcher->set.mounts, neighbour)
	{
		set_mark(&watcher->set, object, kernel_boot_ms());
		set_judge(&watcher->set, object, judge_mount(object));
	}
}
