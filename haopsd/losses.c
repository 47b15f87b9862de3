/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The books of losses: an array in no order, small in any honest cluster. Pure. */
#include "losses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct losses {
	struct loss **list;
	size_t count;
	size_t room;
};

struct losses *losses_new(void)
{
	return calloc(1, sizeof(struct losses));
}

void losses_free(struct losses *losses)
{
	for (size_t i = 0; losses && i < losses->count; i++)
		free(losses->list[i]);
	if (losses)
		free(losses->list);
	free(losses);
}

size_t losses_count(const struct losses *losses)
{
	return losses->count;
}

struct loss *losses_find(struct losses *losses, const char *resource)
{
	for (size_t i = 0; i < losses->count; i++) {
		if (strcmp(losses->list[i]->resource, resource) == 0)
			return losses->list[i];
	}
	return NULL;
}

struct loss *losses_by_id(struct losses *losses, uint64_t id)
{
	for (size_t i = 0; i < losses->count; i++) {
		if (losses->list[i]->state == LOSS_ASKED && losses->list[i]->id == id)
			return losses->list[i];
	}
	return NULL;
}

static int make_room(struct losses *losses)
{
	size_t room = losses->room > 0 ? losses->room * 2 : 16;
	struct loss **list;

	if (losses->count < losses->room)
		return 0;
	if (losses->count >= LOSSES_MAX)
		return -ENOSPC;
	list = realloc(losses->list, room * sizeof(struct loss *));
	if (!list)
		return -ENOMEM;
	losses->list = list;
	losses->room = room;
	return 0;
}

static int add_new(struct losses *losses, const char *resource, struct loss **ret_loss)
{
	struct loss *loss;
	int r = make_room(losses);

	if (r < 0)
		return r;
	loss = calloc(1, sizeof(*loss));
	if (!loss)
		return -ENOMEM;
	(void)snprintf(loss->resource, sizeof(loss->resource), "%s", resource);
	loss->told = PCMK_REPORTED;
	losses->list[losses->count++] = loss;
	*ret_loss = loss;
	return 0;
}

int losses_add(struct losses *losses, const char *resource, const char *reason, int64_t noticed_ms,
	       struct loss **ret_loss)
{
	struct loss *loss = losses_find(losses, resource);
	int r = loss ? 0 : add_new(losses, resource, &loss);

	if (r < 0)
		return r;
	(void)snprintf(loss->reason, sizeof(loss->reason), "%s", reason);
	loss->noticed_ms = noticed_ms;
	loss->state = LOSS_RECHECKING;
	loss->due_ms = LOSSES_NEVER;
	*ret_loss = loss;
	return 0;
}

void losses_remove(struct losses *losses, struct loss *loss)
{
	for (size_t i = 0; i < losses->count; i++) {
		if (losses->list[i] != loss)
			continue;
		losses->list[i] = losses->list[--losses->count];
		free(loss);
		return;
	}
}

void losses_wait(struct loss *loss, int64_t due_ms)
{
	loss->state = LOSS_WAITING;
	loss->due_ms = due_ms;
}

void losses_recheck(struct loss *loss, int64_t now_ms)
{
	loss->state = LOSS_RECHECKING;
	loss->due_ms = now_ms + LOSSES_RECHECK_MS;
}

void losses_asked(struct loss *loss, uint64_t id, int64_t now_ms)
{
	loss->state = LOSS_ASKED;
	loss->id = id;
	loss->due_ms = now_ms + LOSSES_ANSWER_MS;
}

static int64_t backoff_ms(unsigned int tries)
{
	int64_t wait = LOSSES_BACKOFF_MIN_MS;

	for (unsigned int i = 1; i < tries && wait < LOSSES_BACKOFF_MAX_MS; i++)
		wait *= 2;
	return wait < LOSSES_BACKOFF_MAX_MS ? wait : LOSSES_BACKOFF_MAX_MS;
}

bool losses_answered(struct loss *loss, enum pcmk_result result, int64_t now_ms)
{
	bool is_news = result == PCMK_REPORTED || result != loss->told;

	loss->told = result;
	if (result == PCMK_REPORTED) {
		loss->state = LOSS_REPORTED;
		loss->due_ms = LOSSES_NEVER;
		loss->tries = 0;
		return is_news;
	}
	if (loss->tries < 1000)
		loss->tries++;
	loss->state = LOSS_HELD;
	loss->due_ms =
		now_ms + (result == PCMK_UNMANAGED ? LOSSES_UNMANAGED_MS : backoff_ms(loss->tries));
	return is_news;
}

void losses_doubt(struct losses *losses, int64_t now_ms)
{
	for (size_t i = 0; i < losses->count; i++) {
		if (losses->list[i]->state != LOSS_WAITING)
			continue;
		losses->list[i]->state = LOSS_RECHECKING;
		losses->list[i]->due_ms = now_ms;
	}
}

struct loss *losses_due(struct losses *losses, int64_t now_ms)
{
	struct loss *due = NULL;

	for (size_t i = 0; i < losses->count; i++) {
		struct loss *loss = losses->list[i];

		if (loss->due_ms <= now_ms && (!due || loss->due_ms < due->due_ms))
			due = loss;
	}
	return due;
}

int64_t losses_next_ms(const struct losses *losses)
{
	int64_t next = LOSSES_NEVER;

	for (size_t i = 0; i < losses->count; i++) {
		if (losses->list[i]->due_ms < next)
			next = losses->list[i]->due_ms;
	}
	return next;
}
