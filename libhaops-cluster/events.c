/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: made with all that belongs to them, queued, compared. Decides nothing. */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* extra: bytes behind the event for what it points to. */
static struct event *new_event(enum event_kind kind, size_t extra)
{
	struct event *event = calloc(1, sizeof(*event) + extra);

	if (event) {
		event->kind = kind;
		event->size = sizeof(*event) + extra;
	}
	return event;
}

/* Copies bytes to where the last copy ended. */
static const void *append(uint8_t **end, const void *from, size_t len)
{
	uint8_t *to = *end;

	if (len)
		memcpy(to, from, len);
	*end += len;
	return to;
}

struct event *event_new_view(const struct haops_cluster_view *view)
{
	size_t members = view->member_count * sizeof(view->members[0]);
	size_t nodes = view->ring_count * sizeof(view->ring_nodes[0]);
	size_t trouble = strlen(view->trouble) + 1;
	struct event *event = new_event(EVENT_VIEW, members + nodes + trouble);
	uint8_t *end;

	if (!event)
		return NULL;
	end = (uint8_t *)(event + 1);
	event->view = *view;
	event->view.members = append(&end, view->members, members);
	event->view.ring_nodes = append(&end, view->ring_nodes, nodes);
	event->view.trouble = append(&end, view->trouble, trouble);
	return event;
}

struct event *event_new_member(enum event_kind kind, const struct haops_cluster_member *member)
{
	struct event *event = new_event(kind, 0);

	if (event)
		event->member = *member;
	return event;
}

struct event *event_new_message(const struct haops_cluster_message *message)
{
	struct event *event = new_event(EVENT_MESSAGE, message->len);
	uint8_t *end;

	if (!event)
		return NULL;
	end = (uint8_t *)(event + 1);
	event->message = *message;
	event->message.data = append(&end, message->data, message->len);
	return event;
}

struct event *event_new_sent(uint64_t seq, int result)
{
	struct event *event = new_event(EVENT_SENT, 0);

	if (event) {
		event->seq = seq;
		event->result = result;
	}
	return event;
}

struct event *event_new_links(const struct haops_cluster_link *links, size_t count)
{
	struct event *event = new_event(EVENT_LINKS, count * sizeof(links[0]));

	if (!event)
		return NULL;
	event->links = (struct haops_cluster_link *)(event + 1);
	event->link_count = count;
	if (count)
		memcpy(event->links, links, count * sizeof(links[0]));
	return event;
}

struct event *event_new_log(enum haops_log_level level, const char *text)
{
	struct event *event = new_event(EVENT_LOG, 0);

	if (event) {
		event->level = level;
		(void)snprintf(event->text, sizeof(event->text), "%s", text);
	}
	return event;
}

static void drop_tail(struct events *events)
{
	struct event *tail = events->tail;

	events->tail = tail->previous;
	if (events->tail)
		events->tail->next = NULL;
	else
		events->head = NULL;
	events->count--;
	events->bytes -= tail->size;
	free(tail);
}

void events_push(struct events *events, struct event *event)
{
	if (event->kind == EVENT_VIEW && events->tail && events->tail->kind == EVENT_VIEW)
		drop_tail(events);
	event->next = NULL;
	event->previous = events->tail;
	if (events->tail)
		events->tail->next = event;
	else
		events->head = event;
	events->tail = event;
	events->count++;
	events->bytes += event->size;
}

struct event *events_pop(struct events *events)
{
	struct event *event = events->head;

	if (!event)
		return NULL;
	events->head = event->next;
	if (events->head)
		events->head->previous = NULL;
	else
		events->tail = NULL;
	events->count--;
	events->bytes -= event->size;
	event->next = NULL;
	return event;
}

void events_clear(struct events *events)
{
	struct event *event;

	while ((event = events_pop(events)))
		free(event);
}

static bool rings_equal(struct haops_cluster_ring a, struct haops_cluster_ring b)
{
	return a.nodeid == b.nodeid && a.seq == b.seq;
}

static bool members_equal(const struct haops_cluster_member *a,
			  const struct haops_cluster_member *b)
{
	return a->nodeid == b->nodeid && a->pid == b->pid && a->incarnation == b->incarnation &&
	       a->is_in_ring == b->is_in_ring && !strcmp(a->name, b->name);
}

static bool lists_equal(const struct haops_cluster_view *a, const struct haops_cluster_view *b)
{
	if (a->ring_count != b->ring_count || a->member_count != b->member_count)
		return false;
	for (size_t i = 0; i < a->ring_count; i++)
		if (a->ring_nodes[i] != b->ring_nodes[i])
			return false;
	for (size_t i = 0; i < a->member_count; i++)
		if (!members_equal(&a->members[i], &b->members[i]))
			return false;
	return true;
}

static bool votes_equal(const struct haops_cluster_view *a, const struct haops_cluster_view *b)
{
	return a->is_two_node == b->is_two_node && a->has_qdevice == b->has_qdevice &&
	       a->waits_for_all == b->waits_for_all && a->expected_votes == b->expected_votes &&
	       a->total_votes == b->total_votes && a->quorum == b->quorum;
}

bool event_views_equal(const struct haops_cluster_view *a, const struct haops_cluster_view *b)
{
	return a->state == b->state && a->nodeid == b->nodeid && a->incarnation == b->incarnation &&
	       rings_equal(a->ring, b->ring) && rings_equal(a->quorum_ring, b->quorum_ring) &&
	       a->is_quorate == b->is_quorate && a->is_settled == b->is_settled &&
	       votes_equal(a, b) && a->token_ms == b->token_ms &&
	       a->consensus_ms == b->consensus_ms && lists_equal(a, b) &&
	       !strcmp(a->trouble, b->trouble);
}
