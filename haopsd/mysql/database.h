/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MYSQL_DATABASE_H
#define HAOPSD_MYSQL_DATABASE_H

/*
 * Database servers that are looked at in turn, each by a helper process of its own, haopsd-mysql:
 * one that hangs holds nobody but its helper. Descriptors and timers are in the caller's qb_loop;
 * no call blocks, and none waits for a helper to end.
 */

#include "mysql/verdict.h"

#include <haops/haops.h>
#include <haops/watch.h>
#include <qb/qbloop.h>
#include <stdint.h>
#include <sys/types.h>

/* Each is a process. */
#define DATABASES_MAX 16
/* Between looks, unless told otherwise. */
#define DATABASE_INTERVAL_MS 1000

struct database_pool;
struct database;

struct database_handlers {
	const char *program; /* path of the helper; NULL for the installed one */
	/* What a look found; owner is database_add()'s. Only from the loop. Silence of the helper
	 * itself is not told here: nothing was found then. */
	void (*found)(void *owner, enum database_verdict verdict, const char *text);
	/* One sentence for people, once per trouble: what cannot be looked at, a helper that ended
	 * or does not answer. It is started again after a growing pause of 1 to 60 s. */
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

/* NULL: memory is short. No helper runs before there is a database. */
struct database_pool *database_pool_new(struct haops_ctx *ctx, qb_loop_t *loop,
					const struct database_handlers *handlers, void *userdata);
/* The helpers end by themselves, or with us. */
void database_pool_free(struct database_pool *pool);
void database_pool_set_interval(struct database_pool *pool, int64_t interval_ms);

/* The object is copied. 0, -ENOSPC when there are too many, or -ENOMEM. */
int database_add(struct database_pool *pool, const struct haops_watch_object *object, void *owner,
		 struct database **ret_database);
void database_remove(struct database *database);
/* Looks once more, as soon as can be: what is found next was asked for after this call. */
void database_look_again(struct database *database);
pid_t database_pid(const struct database *database); /* of the helper; 0: not running */

#endif
