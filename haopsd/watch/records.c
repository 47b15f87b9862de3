/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the watch records in the run directory, which may not be there yet, go, and come back. */
#include "watch/part.h"

#include <errno.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define DIR_EVENTS                                                                                 \
	(IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_DELETE_SELF |               \
	 IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW)
#define PARENT_EVENTS (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR)
#define BUF_SIZE 16384
#define PATH_LEN_MAX 256
/* Sentences about records that cannot be used, for one reading of the directory. */
#define REFUSED_MAX 5

static void queue_file(struct watcher *watcher, const char *file)
{
	struct watch_records *records = &watcher->records;
	char *copy = records->file_count < WATCH_FILES_MAX ? strdup(file) : NULL;

	if (copy)
		records->files[records->file_count++] = copy;
	else
		records->must_scan = true;
}

static void forget_files(struct watch_records *records)
{
	while (records->file_count > 0)
		free(records->files[--records->file_count]);
}

static void leave_dir(struct watch_records *records)
{
	if (records->dir_wd >= 0)
		kernel_inotify_remove(records->fd, records->dir_wd);
	records->dir_wd = -1;
	records->must_open = true;
}

static void take_event(struct watcher *watcher, const struct inotify_event *event)
{
	struct watch_records *records = &watcher->records;

	if (event->mask & IN_Q_OVERFLOW) {
		records->must_open = records->dir_wd < 0;
		records->must_scan = true;
	} else if (event->wd == records->parent_wd) {
		records->must_open = true;
		if (event->mask & IN_IGNORED)
			records->parent_wd = -1;
	} else if (event->wd == records->dir_wd) {
		if (event->mask & IN_IGNORED)
			records->dir_wd = -1;
		if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
			leave_dir(records);
		else if (event->len > 0 && haops_watch_is_file(event->name))
			queue_file(watcher, event->name);
	}
}

bool records_drain(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;
	alignas(struct inotify_event) char buf[BUF_SIZE];

	for (;;) {
		ssize_t len = kernel_read(records->fd, buf, sizeof(buf));
		size_t at = 0;

		if (len <= 0)
			break;
		while (at < (size_t)len) {
			const struct inotify_event *event = (const void *)(buf + at);

			take_event(watcher, event);
			at += sizeof(*event) + event->len;
		}
	}
	return records->file_count > 0 || records->must_open || records->must_scan;
}

static int32_t on_event(int32_t fd, int32_t events, void *data)
{
	struct watcher *watcher = data;

	(void)fd;
	(void)events;
	if (records_drain(watcher))
		watcher_arm(watcher);
	return 0;
}

int records_open(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;
	int r;

	records->files = calloc(WATCH_FILES_MAX, sizeof(*records->files));
	if (!records->files)
		return -ENOMEM;
	records->fd = kernel_inotify();
	if (records->fd < 0)
		return records->fd;
	records->must_open = true;
	r = qb_loop_poll_add(watcher->loop, QB_LOOP_HIGH, records->fd, POLLIN, watcher, on_event);
	if (r < 0)
		kernel_close(&records->fd);
	return r;
}

void records_close(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;

	if (records->fd >= 0)
		(void)qb_loop_poll_del(watcher->loop, records->fd);
	kernel_close(&records->fd);
	forget_files(records);
	free(records->files);
	records->files = NULL;
}

static void parent_of(const char *dir, char parent[PATH_LEN_MAX])
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	while (len > 1 && dir[len - 1] != '/')
		len--;
	while (len > 1 && dir[len - 1] == '/')
		len--;
	memcpy(parent, dir, len);
	parent[len] = '\0';
}

/* Listens for the directory to appear; before the last look whether it is there. */
static int await_dir(struct watch_records *records, const char *dir)
{
	char parent[PATH_LEN_MAX];

	parent_of(dir, parent);
	if (records->parent_wd < 0) {
		int wd = kernel_inotify_add(records->fd, parent, PARENT_EVENTS);

		if (wd < 0)
			return wd;
		records->parent_wd = wd;
	}
	return kernel_inotify_add(records->fd, dir, DIR_EVENTS);
}

static void open_dir(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;
	const char *dir = haops_watch_dir(watcher->ctx);
	int wd = kernel_inotify_add(records->fd, dir, DIR_EVENTS);
	bool is_missing = false;

	if (wd == -ENOENT) {
		wd = await_dir(records, dir);
		is_missing = wd == -ENOENT && records->parent_wd >= 0;
	}
	records->must_open = wd < 0 && !is_missing;
	records->must_scan = true;
	if (wd >= 0) {
		records->dir_wd = wd;
		if (records->parent_wd >= 0)
			kernel_inotify_remove(records->fd, records->parent_wd);
		records->parent_wd = -1;
	}
	if (wd >= 0 || is_missing) {
		records->is_told = false;
		return;
	}
	if (!records->is_told)
		watcher_tell(watcher, HAOPS_LOG_WARNING,
			     "watch records in %s are not noticed at once: %s; read every %d s "
			     "instead",
			     dir, strerror(-wd), WATCH_PERIOD_MS / 1000);
	records->is_told = true;
}

static void on_listed(void *userdata, const char *file)
{
	struct watcher *watcher = userdata;

	/* Those that are known are in the queue already. */
	if (haops_watch_is_file(file) && !set_find(&watcher->set, file))
		queue_file(watcher, file);
}

static void scan(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;
	const char *dir = haops_watch_dir(watcher->ctx);
	int r;

	forget_files(records);
	records->must_scan = false;
	records->refused = 0;
	for (size_t i = 0; i < watcher->set.count; i++)
		queue_file(watcher, watcher->set.entries[i]->file);
	r = kernel_list(dir, on_listed, watcher);
	/* More than can be queued: the rest is not watched, and said so by watcher_entry_add(). */
	records->must_scan = false;
	if (r < 0 && r != -ENOENT)
		records->must_scan = true;
}

static void refuse(struct watcher *watcher, const char *why)
{
	size_t refused = ++watcher->records.refused;

	if (refused < REFUSED_MAX)
		watcher_tell(watcher, HAOPS_LOG_WARNING, "not watched: %s", why);
	else if (refused == REFUSED_MAX)
		watcher_tell(watcher, HAOPS_LOG_WARNING, "not watched: %s; others follow", why);
}

static bool is_passing(int code)
{
	return code == -EIO || code == -ENOMEM;
}

/* 0 or -errno: to be tried again. */
static int load(struct watcher *watcher, const char *file)
{
	struct watch_entry *entry = set_find(&watcher->set, file);
	uint64_t stamp[3] = {0};
	struct haops_watch watch;
	int r;

	/* Before it is read: one that is replaced meanwhile shows as another one later. */
	r = kernel_stamp(haops_watch_dir(watcher->ctx), file, stamp);
	if (r == 0 && entry && memcmp(stamp, entry->stamp, sizeof(stamp)) == 0)
		return 0;
	r = haops_watch_get_file(watcher->ctx, file, &watch);
	if (is_passing(r))
		return r;
	if (entry)
		watcher_entry_remove(watcher, entry);
	if (r < 0) {
		if (r != -ENOENT)
			refuse(watcher, haops_ctx_error(watcher->ctx));
		return 0;
	}
	r = watcher_entry_add(watcher, file, &watch);
	haops_watch_done(&watch);
	entry = r == 0 ? set_find(&watcher->set, file) : NULL;
	if (entry)
		memcpy(entry->stamp, stamp, sizeof(stamp));
	else if (r == -ENOSPC)
		refuse(watcher, "more records or objects than haopsd can bear");
	return r == -ENOSPC ? 0 : r;
}

void records_look(struct watcher *watcher)
{
	struct watch_records *records = &watcher->records;
	size_t kept = 0;

	(void)records_drain(watcher);
	if (records->must_open)
		open_dir(watcher);
	if (records->must_scan)
		scan(watcher);
	for (size_t i = 0; i < records->file_count; i++) {
		if (load(watcher, records->files[i]) < 0)
			records->files[kept++] = records->files[i];
		else
			free(records->files[i]);
	}
	records->file_count = kept;
	if (kept > 0) {
		watcher_again(watcher, WATCH_RETRY_MS);
		if (!records->is_unread_told)
			watcher_tell(watcher, HAOPS_LOG_WARNING,
				     "%zu watch records cannot be read now, and are tried again: "
				     "%s",
				     kept, haops_ctx_error(watcher->ctx));
	}
	records->is_unread_told = kept > 0;
	if (kept > 0)
		return;
	if (records->must_open || records->must_scan)
		watcher_again(watcher, WATCH_PERIOD_MS);
}

bool records_is_current(struct watcher *watcher, const struct watch_entry *entry)
{
	uint64_t stamp[3] = {0};
	int r = kernel_stamp(haops_watch_dir(watcher->ctx), entry->file, stamp);

	if (r == 0 ? memcmp(stamp, entry->stamp, sizeof(stamp)) == 0
		   : r != -ENOENT && r != -ENOTDIR)
		return true;
	queue_file(watcher, entry->file);
	watcher_arm(watcher);
	return false;
}
