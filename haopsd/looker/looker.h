/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LOOKER_H
#define HAOPSD_LOOKER_H

/*
 * Watched things that are looked at in turn, since no event tells how they are; each by a helper
 * process of its own: what hangs holds nobody but its helper. Descriptors and timers are in the
 * caller's qb_loop; no call blocks, and none waits for a helper to end.
 */

#include "looker/protocol.h"

#include <haops/haops.h>
#include <qb/qbloop.h>
#include <stdint.h>
#include <sys/types.h>

/* Each is a process. */
#define LOOKERS_MAX 32
#define LOOKER_ARGS_MAX 5
#define LOOKER_WHAT_MAX 320
/* Between looks, unless told otherwise. */
#define LOOKER_INTERVAL_MS 1000

struct looker_pool;
struct looker;

struct looker_handlers {
	/* What a look found; owner is looker_add()'s. Only from the loop. Silence of the helper
	 * itself is not told here: nothing was found then. */
	void (*found)(void *owner, enum look_verdict verdict, const char *text);
	/* One sentence for people, once per trouble: what cannot be looked at, a helper that ended
	 * or does not answer. It is started again after a growing pause of 1 to 60 s. */
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

/* NULL: memory is short. No helper runs before there is something to look at. */
struct looker_pool *looker_pool_new(struct haops_ctx *ctx, qb_loop_t *loop,
				    const struct looker_handlers *handlers, void *userdata);
/* The helpers end by themselves, or with us. */
void looker_pool_free(struct looker_pool *pool);
void looker_pool_set_interval(struct looker_pool *pool, int64_t interval_ms);

/* What is to be looked at, and by whom. */
struct looker_target {
	const char *program; /* path of the helper */
	const char *args[LOOKER_ARGS_MAX];
	const char *what; /* for people, at the beginning of a sentence */
};

/* The target is copied. 0, -ENOSPC when there are too many, or -ENOMEM. */
int looker_add(struct looker_pool *pool, const struct looker_target *target, void *owner,
	       struct looker **ret_looker);
void looker_remove(struct looker *looker);
/* Looks once more, as soon as can be: what is found next was asked for after this call. */
void looker_look_again(struct looker *looker);
pid_t looker_pid(const struct looker *looker); /* of the helper; 0: not running */

#endif
