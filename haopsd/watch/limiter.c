/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a loss may be reported: a bucket for all resources together, and a pause for each one that
 * grows while it is lost again and again. Pure. */
#include "watch/limiter.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS (1000 / LIMITER_PER_SECOND)
/* Who was not lost for so long is forgotten, and so is the longest quiet one when there are more.
 */
#define FORGET_MS (2 * (int64_t)LIMITER_RESOURCE_MAX_MS)
#define RESOURCES_MAX 4096

struct history {
	char *resource;
	int64_t last_ms;  /* of the last report, perhaps still to come */
	int64_t pause_ms; /* after it */
	int64_t last_before_ms;
	int64_t pause_before_ms; /* 0: there was no report before the last */
};

struct limiter {
	int64_t full_ms; /* the bucket is full again */
	struct history *histories;
	size_t count;
	size_t size;
};

struct limiter *limiter_new(void)
{
	return calloc(1, sizeof(struct limiter));
}

void limiter_free(struct limiter *limiter)
{
	if (!limiter)
		return;
	for (size_t i = 0; i < limiter->count; i++)
		free(limiter->histories[i].resource);
	free(limiter->histories);
	free(limiter);
}

static struct history *find(const struct limiter *limiter, const char *resource)
{
	for (size_t i = 0; i < limiter->count; i++) {
		if (strcmp(limiter->histories[i].resource, resource) == 0)
			return &limiter->histories[i];
	}
	return NULL;
}

static void forget(struct limiter *limiter, struct history *history)
{
	free(history->resource);
	*history = limiter->histories[--limiter->count];
}

static void forget_quiet(struct limiter *limiter, int64_t now_ms)
{
	struct history *oldest = NULL;

	for (size_t i = limiter->count; i > 0; i--) {
		if (limiter->histories[i - 1].last_ms + FORGET_MS <= now_ms)
			forget(limiter, &limiter->histories[i - 1]);
	}
	if (limiter->count < RESOURCES_MAX)
		return;
	for (size_t i = 0; i < limiter->count; i++) {
		if (!oldest || limiter->histories[i].last_ms < oldest->last_ms)
			oldest = &limiter->histories[i];
	}
	forget(limiter, oldest);
}

/* A place for a resource without history; NULL when memory is short: it has none then. */
static struct history *add(struct limiter *limiter, const char *resource)
{
	char *copy;

	if (limiter->count == limiter->size) {
		size_t size = limiter->size ? limiter->size * 2 : 16;
		struct history *histories = realloc(limiter->histories, size * sizeof(*histories));

		if (!histories)
			return NULL;
		limiter->histories = histories;
		limiter->size = size;
	}
	copy = strdup(resource);
	if (!copy)
		return NULL;
	limiter->histories[limiter->count] = (struct history){.resource = copy};
	return &limiter->histories[limiter->count++];
}

/* The time of the next report by the bucket, at_ms or later; takes it. */
static int64_t take_token(struct limiter *limiter, int64_t at_ms, int64_t now_ms)
{
	int64_t free_ms = limiter->full_ms - (LIMITER_BURST - 1) * STEP_MS;

	limiter->full_ms = (limiter->full_ms > now_ms ? limiter->full_ms : now_ms) + STEP_MS;
	return free_ms > at_ms ? free_ms : at_ms;
}

static int64_t longer(int64_t pause_ms)
{
	return pause_ms * 2 < LIMITER_RESOURCE_MAX_MS ? pause_ms * 2 : LIMITER_RESOURCE_MAX_MS;
}

int64_t limiter_next_ms(struct limiter *limiter, const char *resource, int64_t now_ms)
{
	struct history *history = find(limiter, resource);
	int64_t at_ms = now_ms;

	if (history && history->last_ms + FORGET_MS > now_ms) {
		if (history->last_ms + history->pause_ms > now_ms)
			at_ms = history->last_ms + history->pause_ms;
		history->last_before_ms = history->last_ms;
		history->pause_before_ms = history->pause_ms;
		history->pause_ms = longer(history->pause_ms);
	} else {
		forget_quiet(limiter, now_ms);
		history = add(limiter, resource);
		if (history)
			history->pause_ms = LIMITER_RESOURCE_MIN_MS;
	}
	at_ms = take_token(limiter, at_ms, now_ms);
	if (history)
		history->last_ms = at_ms;
	return at_ms;
}

void limiter_give_back(struct limiter *limiter, const char *resource, int64_t now_ms)
{
	struct history *history = find(limiter, resource);

	if (!history)
		return;
	if (limiter->full_ms - STEP_MS >= now_ms)
		limiter->full_ms -= STEP_MS;
	else if (limiter->full_ms > now_ms)
		limiter->full_ms = now_ms;
	if (history->pause_before_ms == 0) {
		forget(limiter, history);
		return;
	}
	history->last_ms = history->last_before_ms;
	history->pause_ms = history->pause_before_ms;
	history->pause_before_ms = 0;
	history->last_before_ms = 0;
}
