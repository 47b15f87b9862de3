/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_WATCHER_H
#define HAOPSD_WATCHER_H

/*
 * The watcher: reads the watch records, listens to the kernel for what they name, and tells a loss
 * once it has seen it twice: by the event, and by one look at the kernel after it. The kernel tells
 * nothing of databases: they are looked at in turn, and a loss is seen by two looks. Its
 * descriptors are in the caller's qb_loop.
 */

#include <haops/haops.h>
#include <haops/watch.h>
#include <qb/qbloop.h>
#include <stddef.h>
#include <stdint.h>

struct watcher;

struct watcher_handlers {
	/* Helpers that look at databases, and at exports; NULL for the installed ones. */
	const char *database_program;
	const char *exports_program;
	/* Something of a record is lost. reason: one sentence part, such as "address 192.0.2.1 was
	 * removed from eth0". noticed_ms: CLOCK_BOOTTIME when the kernel's event was read.
	 * Told again only after the record was written anew, or watcher_retry(). */
	void (*lost)(void *userdata, const struct haops_watch *watch, const char *reason,
		     int64_t noticed_ms);
	/* A lost one is whole again, or its record is gone: a report that waits is void. */
	void (*settled)(void *userdata, const char *resource);
	/* Carrier of any interface changed, or an interface appeared or went. */
	void (*links)(void *userdata);
	/* One sentence for the log (a record that cannot be read, ...). */
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

struct watcher_entry {
	const struct haops_watch *watch;
	bool is_lost;
	bool is_idle;	  /* lost, and no more than a monitor of its agent mends */
	char reason[256]; /* when lost */
	int64_t since_ms; /* watched since, or lost since */
};

int watcher_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct watcher_handlers *handlers,
		void *userdata, struct watcher **ret_watcher);
void watcher_free(struct watcher *watcher);
/* Looks at a resource again; lost is called again if it is still so. */
void watcher_retry(struct watcher *watcher, const char *resource);
/* How often databases are looked at. */
void watcher_set_database_interval(struct watcher *watcher, int64_t interval_ms);
size_t watcher_count(const struct watcher *watcher);
void watcher_entry_at(const struct watcher *watcher, size_t index, struct watcher_entry *ret_entry);

#endif
