/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue of outgoing messages and what becomes of each. Sends nothing itself. */
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct outbox_message *outbox_message_new(const void *data, size_t len, unsigned int flags,
					  int64_t now_ms)
{
	struct outbox_message *message = malloc(sizeof(*message) + len);

	if (!message)
		return NULL;
	*message = (struct outbox_message){.accepted_ms = now_ms,
					   .is_volatile = (flags & HAOPS_CLUSTER_VOLATILE) != 0,
					   .len = len};
	if (len)
		memcpy(message->data, data, len);
	return message;
}

int outbox_add(struct outbox *box, struct outbox_message *message)
{
	if (box->count >= box->count_max)
		return -EAGAIN;
	message->seq = ++box->last_seq;
	if (box->tail)
		box->tail->next = message;
	else
		box->head = message;
	box->tail = message;
	box->count++;
	box->volatile_count += message->is_volatile;
	return 0;
}

struct outbox_message *outbox_next(const struct outbox *box)
{
	struct outbox_message *message = box->head;

	if (box->unechoed >= box->unechoed_max)
		return NULL;
	while (message && message->order)
		message = message->next;
	return message;
}

void outbox_handed(struct outbox *box, struct outbox_message *message, uint64_t order,
		   int64_t now_ms)
{
	message->order = order;
	message->handed_ms = now_ms;
	box->unechoed++;
}

/* Takes out what *link points to; previous is the message before, NULL for the first. */
static void take_out(struct outbox *box, struct outbox_message **link,
		     struct outbox_message *previous, int result)
{
	struct outbox_message *message = *link;

	*link = message->next;
	if (box->tail == message)
		box->tail = previous;
	box->count--;
	box->volatile_count -= message->is_volatile;
	if (message->order)
		box->unechoed--;
	box->done(box->userdata, message->seq, result);
	free(message);
}

uint64_t outbox_echo(struct outbox *box, uint64_t seq)
{
	struct outbox_message **link = &box->head;
	struct outbox_message *previous = NULL;
	uint64_t order;

	while (*link && (*link)->seq < seq) {
		previous = *link;
		link = &previous->next;
	}
	/* One that waits: a copy from before a reconnection came back. It was seen by all. */
	if (!*link || (*link)->seq != seq)
		return 0;
	order = (*link)->order;
	take_out(box, link, previous, 0);
	return order;
}

static bool is_lost(const struct outbox_message *message, const void *order)
{
	return message->order && message->order < *(const uint64_t *)order;
}

static bool is_late(const struct outbox_message *message, const void *accepted_ms)
{
	return message->is_volatile && !message->order &&
	       message->accepted_ms < *(const int64_t *)accepted_ms;
}

static bool is_any(const struct outbox_message *message, const void *arg)
{
	(void)message;
	(void)arg;
	return true;
}

typedef bool (*match_fn)(const struct outbox_message *message, const void *arg);

/* Gives up, or makes wait again, what matches; how many had been under way. */
static unsigned int sweep(struct outbox *box, match_fn matches, const void *arg, int result)
{
	struct outbox_message **link = &box->head;
	struct outbox_message *previous = NULL;
	unsigned int count = 0;

	while (*link) {
		struct outbox_message *message = *link;

		if (matches(message, arg)) {
			count += message->order != 0;
			if (message->is_volatile || result == -ECANCELED) {
				take_out(box, link, previous, result);
				continue;
			}
			box->unechoed -= message->order != 0;
			message->order = 0;
		}
		previous = message;
		link = &message->next;
	}
	return count;
}

unsigned int outbox_lost(struct outbox *box, uint64_t order)
{
	return sweep(box, is_lost, &order, -ECONNRESET);
}

void outbox_expire(struct outbox *box, int64_t now_ms, int64_t age_ms)
{
	int64_t limit_ms = now_ms - age_ms;

	if (box->volatile_count)
		(void)sweep(box, is_late, &limit_ms, -ETIMEDOUT);
}

void outbox_reset(struct outbox *box)
{
	(void)sweep(box, is_any, NULL, -ECONNRESET);
}

void outbox_clear(struct outbox *box)
{
	(void)sweep(box, is_any, NULL, -ECANCELED);
}

int64_t outbox_oldest_ms(const struct outbox *box)
{
	const struct outbox_message *oldest = NULL;
	uint32_t left = box->unechoed;

	for (const struct outbox_message *message = box->head; message && left;
	     message = message->next) {
		if (!message->order)
			continue;
		left--;
		if (!oldest || message->order < oldest->order)
			oldest = message;
	}
	return oldest ? oldest->handed_ms : 0;
}
