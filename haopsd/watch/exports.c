/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watched exports: exportfs(8) puts a new table in the place of the old one, and its directory is
 * listened to for that. What is mounted over the directory, as a state that moves between nodes is,
 * makes it another one: so it is listened to anew before each look.
 */
#include "watch/part.h"

#include <errno.h>
#include <haops/nfs.h>
#include <poll.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#define EVENTS (IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ONLYDIR)
#define BUF_SIZE 4096
#define DIR_MAX 256

void exports_mark_all(struct watcher *watcher)
{
	struct watch_object *object;

	TAILQ_FOREACH(object, &watcher->set.exports, neighbour)
	watcher_mark(watcher, object);
}

static bool is_about_table(const struct inotify_event *event)
{
	const char *name = strrchr(haops_nfs_export_table(), '/') + 1;

	return (event->mask & IN_Q_OVERFLOW) || (event->len > 0 && strcmp(event->name, name) == 0);
}

static bool drain(int fd)
{
	alignas(struct inotify_event) char buf[BUF_SIZE];
	bool has_changed = false;
	ssize_t len;

	while ((len = kernel_read(fd, buf, sizeof(buf))) > 0) {
		const char *at = buf;

		while (at < buf + len) {
			const struct inotify_event *event = (const void *)at;

			has_changed |= is_about_table(event);
			at += sizeof(*event) + event->len;
		}
	}
	return has_changed;
}

static int32_t on_event(int32_t fd, int32_t events, void *data)
{
	(void)events;
	if (drain(fd))
		exports_mark_all(data);
	return 0;
}

int exports_open(struct watcher *watcher)
{
	int r = kernel_inotify();

	if (r < 0)
		return r;
	watcher->exports.fd = r;
	r = qb_loop_poll_add(watcher->loop, QB_LOOP_HIGH, r, POLLIN, watcher, on_event);
	if (r < 0)
		kernel_close(&watcher->exports.fd);
	return r;
}

void exports_close(struct watcher *watcher)
{
	if (watcher->exports.fd >= 0)
		(void)qb_loop_poll_del(watcher->loop, watcher->exports.fd);
	kernel_close(&watcher->exports.fd);
}

/* Where this fails for another reason than that nothing is there, it is looked at by the clock. */
static int listen_anew(struct watch_exports *exports)
{
	const char *table = haops_nfs_export_table();
	char dir[DIR_MAX];
	int wd;

	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(table, '/') - table), table);
	wd = kernel_inotify_add(exports->fd, dir, EVENTS);
	if (exports->wd >= 0 && wd != exports->wd)
		kernel_inotify_remove(exports->fd, exports->wd);
	exports->wd = wd;
	return wd == -ENOENT ? 0 : wd;
}

static void be_blind(struct watcher *watcher, int code)
{
	if (!watcher->exports.is_blind)
		watcher_tell(watcher, HAOPS_LOG_WARNING,
			     "%s cannot be watched: %s; looked at every %d s instead",
			     haops_nfs_export_table(), strerror(-code), WATCH_PERIOD_MS / 1000);
	watcher->exports.is_blind = true;
	watcher->exports.blind_ms = kernel_boot_ms() + WATCH_PERIOD_MS;
	watcher_again(watcher, WATCH_PERIOD_MS);
}

static void look(struct watcher *watcher, struct watch_object *object)
{
	const struct haops_nfs_export what = {.client = object->spec->nfs_export.client,
					      .directory = object->spec->nfs_export.directory};
	struct haops_nfs_found found;
	int r = haops_nfs_export_query(watcher->ctx, &what, &found);

	if (r == 0)
		set_judge(&watcher->set, object, found.is_listed ? FAULT_NONE : FAULT_GONE);
	else if (r == -EINVAL) /* nothing can be exported like that, so nothing is lost */
		set_unmark(&watcher->set, object);
	else
		watcher_again(watcher, WATCH_RETRY_MS);
}

void exports_look(struct watcher *watcher)
{
	struct watch_object *object;
	struct watch_object *next;
	int r;

	if (watcher->exports.is_blind && kernel_boot_ms() >= watcher->exports.blind_ms)
		exports_mark_all(watcher);
	if (TAILQ_EMPTY(&watcher->set.marked_exports))
		return;
	r = listen_anew(&watcher->exports);
	if (r < 0)
		be_blind(watcher, r);
	else
		watcher->exports.is_blind = false;
	for (object = TAILQ_FIRST(&watcher->set.marked_exports); object; object = next) {
		next = TAILQ_NEXT(object, marked);
		look(watcher, object);
	}
}
