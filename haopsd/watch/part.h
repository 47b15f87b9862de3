/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_WATCH_PART_H
#define HAOPSD_WATCH_PART_H

/*
 * What the files of the watcher share. Events only mark objects; watcher_arm() sees to it that all
 * marked ones are looked at together, once, right after the events that are there were read.
 */

#include "looker/looker.h"
#include "watch/kernel.h"
#include "watch/links.h"
#include "watch/set.h"
#include "watch/watcher.h"

#include <linux/netlink.h>

/* Something could not be found out: again after this. */
#define WATCH_RETRY_MS 50
/* What cannot be listened to is looked at so often. */
#define WATCH_PERIOD_MS 5000
#define WATCH_FILES_MAX 8192
#define WATCH_ORPHANS_MAX 16

enum net_state {
	NET_CLOSED,  /* not asked for yet, or it failed: tried again by and by */
	NET_OPENING, /* a child is on its way */
	NET_OPEN,
	NET_GONE /* nothing has this name */
};

/* A network namespace that records name; the host's has the name "". */
struct watch_net {
	struct watcher *watcher;
	char name[HAOPS_WATCH_NAME_MAX];
	enum net_state state;
	struct kernel_net sockets;
	uint64_t id[2];
	int child_fd;
	pid_t child;
	int64_t child_since_ms;
	int64_t try_ms; /* not before, when closed */
	bool is_told;	/* that it cannot be opened */
	struct watch_links links;
	int link_changes;      /* found by the list that is being read */
	bool has_listed_links; /* once */
	bool must_list_links;
	bool must_look_links;
	uint32_t seq;
	size_t entries;
	struct watch_objects objects;
	struct watch_objects marked;
	TAILQ_ENTRY(watch_net) nets;
};

TAILQ_HEAD(watch_nets, watch_net);

/* records.c: the files of the run directory. */
struct watch_records {
	int fd;		/* inotify */
	int dir_wd;	/* -1: the directory is not there */
	int parent_wd;	/* -1: not needed */
	bool must_open; /* the directory, and read all of it */
	bool must_scan;
	bool is_told; /* that it cannot be watched */
	bool is_unread_told;
	char **files; /* those that changed */
	size_t file_count;
	size_t refused; /* records since the last scan that cannot be used */
};

struct watcher {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct watcher_handlers handlers;
	void *userdata;
	struct watch_set set;
	struct watch_records records;
	struct watch_nets nets;
	struct watch_net *host;
	pid_t orphans[WATCH_ORPHANS_MAX]; /* children to be waited for */
	struct looker_pool *lookers;
	struct watch_objects blind; /* processes without a pidfd */
	int64_t blind_ms;	    /* when they are looked at next */
	int mountinfo;
	bool must_look_mounts;
	bool has_host_mounts;
	bool has_no_pidfd; /* told */
	qb_loop_timer_handle timer;
	int64_t timer_ns; /* when it fires; 0: none */
	int64_t quiet_ns; /* no look before this: looks take a part of the time only */
};

/* watcher.c */
void watcher_arm(struct watcher *watcher);
void watcher_again(struct watcher *watcher, int64_t after_ms);
void watcher_tell(struct watcher *watcher, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);
/* Marks an object, and has it looked at. */
void watcher_mark(struct watcher *watcher, struct watch_object *object);
/* An entry comes and goes with all that belongs to it. */
int watcher_entry_add(struct watcher *watcher, const char *file, struct haops_watch *watch);
void watcher_entry_remove(struct watcher *watcher, struct watch_entry *entry);

/* records.c */
int records_open(struct watcher *watcher);
void records_close(struct watcher *watcher);
/* Reads the events that are there, and then the files that changed. */
void records_look(struct watcher *watcher);
/* Reads the events only; true when something changed. */
bool records_drain(struct watcher *watcher);
/* Whether the file is still the one that was read; if not, it will be read again. */
bool records_is_current(struct watcher *watcher, const struct watch_entry *entry);

/* net.c, net-open.c, net-list.c */
int net_open_host(struct watcher *watcher);
/* Its addresses are found and marked from then on. */
int net_join(struct watcher *watcher, struct watch_entry *entry);
void net_leave(struct watcher *watcher, struct watch_entry *entry);
void net_look(struct watch_net *net);
struct watch_net *net_get(struct watcher *watcher, const char *name);
void net_check_names(struct watcher *watcher, bool has_mounts_changed);
int32_t net_on_notice(int32_t fd, int32_t events, void *data);
void net_close_all(struct watcher *watcher);
/* Everything in it is to be looked at. */
void net_mark_all(struct watch_net *net);
void net_links_changed(struct watch_net *net, int changes);
/* Reads links and addresses for those that are marked. 0 or -errno: unknown. */
int net_list_links(struct watch_net *net);
int net_list_addresses(struct watch_net *net);

/* processes.c, mounts.c */
void processes_leave(struct watcher *watcher, struct watch_object *object);
void processes_look(struct watcher *watcher);
int mounts_open(struct watcher *watcher);
void mounts_close(struct watcher *watcher);
void mounts_look(struct watcher *watcher);

/* looked.c: databases and exports. */
int looked_open(struct watcher *watcher);
void looked_close(struct watcher *watcher);
/* 0 or -ENOMEM. One too many is said, and not watched. */
int looked_join(struct watcher *watcher, struct watch_object *object);
void looked_leave(struct watch_object *object);
void looked_look(struct watcher *watcher);

#endif
