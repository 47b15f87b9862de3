/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_EVENTS_H
#define HAOPS_CLUSTER_EVENTS_H

/*
 * What happened, on its way from the thread to the caller. Pure; the caller locks. Each event is
 * one block of memory that holds all it points to.
 */

#include <haops/cluster.h>

#define EVENT_LOG_MAX 256

enum event_kind {
	EVENT_VIEW,
	EVENT_JOINED,
	EVENT_LEFT,
	EVENT_MESSAGE,
	EVENT_SENT,
	EVENT_LINKS,
	EVENT_LOG
};

struct event {
	struct event *next;
	struct event *previous;
	enum event_kind kind;
	size_t size; /* bytes of the whole block */
	union {
		struct haops_cluster_view view;
		struct {
			struct haops_cluster_member member;
			enum haops_cluster_reason reason;
		};
		struct haops_cluster_message message;
		struct {
			uint64_t seq;
			int result;
		};
		struct {
			struct haops_cluster_link *links;
			size_t link_count;
		};
		struct {
			enum haops_log_level level;
			char text[EVENT_LOG_MAX];
		};
	};
};

struct events {
	struct event *head;
	struct event *tail;
	size_t count;
	size_t bytes;
};

/* Each NULL when memory is short. */
struct event *event_new_view(const struct haops_cluster_view *view);
struct event *event_new_member(enum event_kind kind, const struct haops_cluster_member *member);
struct event *event_new_message(const struct haops_cluster_message *message);
struct event *event_new_sent(uint64_t seq, int result);
struct event *event_new_links(const struct haops_cluster_link *links, size_t count);
struct event *event_new_log(enum haops_log_level level, const char *text);

/* Takes the event over. A view takes the place of a view that stands at the end. */
void events_push(struct events *events, struct event *event);
/* The next, which is the caller's to free(); NULL when there is none. */
struct event *events_pop(struct events *events);
void events_clear(struct events *events);

/* Whether two views say the same. */
bool event_views_equal(const struct haops_cluster_view *a, const struct haops_cluster_view *b);

#endif
