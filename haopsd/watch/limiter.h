/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LIMITER_H
#define HAOPSD_LIMITER_H

/*
 * Decides when a loss may be reported to Pacemaker, so that a storm of losses is none of reports:
 * at once for the first ones, then at a rate; one resource at most once in a while, growing while
 * it is lost again and again. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITER_BURST 20
#define LIMITER_PER_SECOND 5
#define LIMITER_RESOURCE_MIN_MS 1000
#define LIMITER_RESOURCE_MAX_MS 60000

struct limiter;

struct limiter *limiter_new(void);
void limiter_free(struct limiter *limiter);
/* When the loss of this resource may be reported: now_ms or later. Counts it as reported then. */
int64_t limiter_next_ms(struct limiter *limiter, const char *resource, int64_t now_ms);
/* The report was not needed after all. */
void limiter_give_back(struct limiter *limiter, const char *resource, int64_t now_ms);

#endif
