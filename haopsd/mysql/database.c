/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has each database looked at by its helper, and starts that again when it ended or hangs. What is
 * found is the caller's to judge. */
#include "mysql/database.h"

#include "mysql/protocol.h"
#include "prober/prober.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define NS_PER_MS 1000000
#define RESTART_MIN_MS 1000
#define RESTART_MAX_MS 60000
/* Between two questions, however long an answer took. */
#define REST_MIN_MS 20
/* A helper that did not answer by then hangs itself. */
#define ANSWER_MS (MYSQL_LOOK_MS + 5000)
/* One that is not wanted any more ends by itself, or else is ended after this. */
#define LEAVE_MS (MYSQL_LOOK_MS + 2000)

struct database {
	struct database_pool *pool;
	void *owner;
	bool is_removed; /* its helper is still to end */
	char socket[HAOPS_WATCH_SOCKET_MAX];
	enum haops_watch_role role;
	char stuck[16];
	struct prober helper;
	qb_loop_timer_handle timer;
	bool has_timer;
	bool is_asked;	/* and not answered */
	bool must_look; /* again: the answer that comes is an old one */
	int64_t asked_ms;
	int64_t restart_ms;   /* pause before the next start */
	int told_start_error; /* of starting */
	bool is_stuck_told;
	bool is_blind_told; /* that it cannot be looked at */
	TAILQ_ENTRY(database) others;
};

TAILQ_HEAD(database_list, database);

struct database_pool {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct database_handlers handlers;
	void *userdata;
	int64_t interval_ms;
	size_t count; /* without those that were removed */
	struct database_list list;
};

static void HAOPS_PRINTF(3, 4)
	tell(const struct database *database, enum haops_log_level level, const char *fmt, ...)
{
	const struct database_pool *pool = database->pool;
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pool->handlers.event(pool->userdata, level, text);
}

static void on_timer(void *userdata);

static void disarm(struct database *database)
{
	if (database->has_timer)
		(void)qb_loop_timer_del(database->pool->loop, database->timer);
	database->has_timer = false;
}

static void arm(struct database *database, int64_t in_ms)
{
	disarm(database);
	database->has_timer =
		qb_loop_timer_add(database->pool->loop, QB_LOOP_MED, (uint64_t)in_ms * NS_PER_MS,
				  database, on_timer, &database->timer) == 0;
}

static void leave_loop(const struct database *database)
{
	const struct prober *helper = &database->helper;

	if (helper->fd >= 0)
		(void)qb_loop_poll_del(database->pool->loop, helper->fd);
	if (helper->pidfd >= 0)
		(void)qb_loop_poll_del(database->pool->loop, helper->pidfd);
}

static void forget(struct database *database)
{
	TAILQ_REMOVE(&database->pool->list, database, others);
	disarm(database);
	free(database);
}

static void restart_later(struct database *database)
{
	arm(database, database->restart_ms);
	database->restart_ms *= 2;
	if (database->restart_ms > RESTART_MAX_MS)
		database->restart_ms = RESTART_MAX_MS;
}

/* The kernel says that the helper ended. */
static int32_t on_end(int32_t fd, int32_t revents, void *userdata)
{
	struct database *database = userdata;

	(void)fd;
	(void)revents;
	/* Out of the loop first: descriptors are closed by reaping. */
	leave_loop(database);
	if (!prober_reap(&database->helper))
		prober_forget(&database->helper);
	database->is_asked = false;
	database->must_look = false;
	if (database->is_removed) {
		forget(database);
		return 0;
	}
	if (database->restart_ms == RESTART_MIN_MS)
		tell(database, HAOPS_LOG_WARNING,
		     "The helper that watches database %s ended; it is started again.",
		     database->socket);
	restart_later(database);
	return 0;
}

static void ask(struct database *database, char question)
{
	database->asked_ms = prober_now_ms();
	database->is_asked = true;
	database->must_look = false;
	arm(database, ANSWER_MS);
	/* Its end comes by the other descriptor. */
	if (prober_ask(&database->helper, question) < 0)
		prober_kill(&database->helper);
}

static void ask_later(struct database *database)
{
	int64_t in_ms = database->asked_ms + database->pool->interval_ms - prober_now_ms();

	arm(database, in_ms > REST_MIN_MS ? in_ms : REST_MIN_MS);
}

static void tell_whether_known(struct database *database, const struct mysql_answer *answer)
{
	bool is_known = answer->verdict != DATABASE_UNKNOWN;

	if (is_known && database->is_blind_told)
		tell(database, HAOPS_LOG_INFO, "Database %s is watched again.", database->socket);
	if (is_known)
		database->is_blind_told = false;
	if (is_known || database->is_blind_told || !answer->text[0])
		return;
	database->is_blind_told = true;
	tell(database, HAOPS_LOG_WARNING, "A database cannot be watched now: %s", answer->text);
}

static void tell_whether_stuck(struct database *database, const struct mysql_answer *answer)
{
	bool is_stuck = answer->verdict == DATABASE_STUCK;

	if (is_stuck && !database->is_stuck_told)
		tell(database, HAOPS_LOG_WARNING, "%s", answer->text);
	if (answer->verdict == DATABASE_FINE && database->is_stuck_told)
		tell(database, HAOPS_LOG_INFO, "Database %s commits again.", database->socket);
	if (answer->verdict != DATABASE_UNKNOWN)
		database->is_stuck_told = is_stuck;
}

/* Told, and no loss. */
static enum database_verdict verdict_of(const struct mysql_answer *answer)
{
	return answer->verdict == DATABASE_STUCK ? DATABASE_FINE
						 : (enum database_verdict)answer->verdict;
}

static void take_answer(struct database *database, struct mysql_answer *answer)
{
	struct database_pool *pool = database->pool;

	database->is_asked = false;
	database->restart_ms = RESTART_MIN_MS;
	if (database->must_look) {
		ask(database, MYSQL_AGAIN);
		return;
	}
	answer->text[sizeof(answer->text) - 1] = '\0';
	ask_later(database);
	tell_whether_known(database, answer);
	tell_whether_stuck(database, answer);
	pool->handlers.found(database->owner, verdict_of(answer), answer->text);
}

/* 0, -EAGAIN when nothing waits, or another -errno: it is of no use any more. */
static int hear(struct database *database)
{
	struct mysql_answer answer;
	int r = prober_hear(&database->helper, &answer, sizeof(answer));

	if (r == 0 && !database->is_asked)
		return -EPROTO;
	if (r == 0)
		take_answer(database, &answer);
	return r;
}

static int32_t on_answer(int32_t fd, int32_t revents, void *userdata)
{
	struct database *database = userdata;
	int r;

	(void)revents;
	if (fd != database->helper.fd)
		return -1;
	r = hear(database);
	if (r == 0 || r == -EAGAIN)
		return 0;
	/* Its end comes by the other descriptor. */
	prober_kill(&database->helper);
	return -1;
}

static int start_program(struct database *database, const char *program)
{
	static const char *const roles[] = MYSQL_ROLE_WORDS;
	const char *const argv[] = {program, database->socket, roles[database->role],
				    database->stuck, NULL};

	return prober_start(&database->helper, database->pool->ctx, argv);
}

static int start(struct database *database)
{
	struct database_pool *pool = database->pool;
	const char *program =
		pool->handlers.program ? pool->handlers.program : HAOPSD_MYSQL_PROGRAM;
	struct prober *helper = &database->helper;
	int r = start_program(database, program);

	if (r == 0)
		r = qb_loop_poll_add(pool->loop, QB_LOOP_MED, helper->pidfd, POLLIN, database,
				     on_end);
	if (r == 0)
		r = qb_loop_poll_add(pool->loop, QB_LOOP_MED, helper->fd, POLLIN, database,
				     on_answer);
	if (r < 0) {
		prober_kill(helper);
		leave_loop(database);
		prober_forget(helper);
	}
	if (r < 0 && r != database->told_start_error)
		tell(database, HAOPS_LOG_ERROR,
		     "The helper that watches database %s, %s, cannot be started: %s.",
		     database->socket, program, strerror(-r));
	database->told_start_error = r;
	return r;
}

/* Unless the answer is there, and it was us who stood still. */
static void end_silent(struct database *database)
{
	if (hear(database) == 0)
		return;
	tell(database, HAOPS_LOG_WARNING,
	     "The helper that watches database %s does not answer: it is ended.", database->socket);
	prober_kill(&database->helper);
}

static void on_timer(void *userdata)
{
	struct database *database = userdata;

	database->has_timer = false;
	if (database->is_removed) {
		prober_kill(&database->helper);
	} else if (database->is_asked) {
		end_silent(database);
	} else if (database->helper.pid == 0 && start(database) < 0) {
		restart_later(database);
	} else {
		ask(database, MYSQL_ASK);
	}
}

int database_add(struct database_pool *pool, const struct haops_watch_object *object, void *owner,
		 struct database **ret_database)
{
	struct database *database;

	if (pool->count >= DATABASES_MAX)
		return -ENOSPC;
	database = calloc(1, sizeof(*database));
	if (!database)
		return -ENOMEM;
	database->pool = pool;
	database->owner = owner;
	database->role = object->database.role;
	(void)snprintf(database->socket, sizeof(database->socket), "%s", object->database.socket);
	(void)snprintf(database->stuck, sizeof(database->stuck), "%u",
		       (unsigned int)object->database.stuck_ms);
	database->helper = (struct prober){.fd = -1, .pidfd = -1};
	database->restart_ms = RESTART_MIN_MS;
	TAILQ_INSERT_TAIL(&pool->list, database, others);
	pool->count++;
	arm(database, 0);
	*ret_database = database;
	return 0;
}

void database_remove(struct database *database)
{
	struct prober *helper = &database->helper;

	database->pool->count--;
	database->is_removed = true;
	if (helper->pid == 0) {
		forget(database);
		return;
	}
	if (helper->fd >= 0)
		(void)qb_loop_poll_del(database->pool->loop, helper->fd);
	prober_hang_up(helper);
	arm(database, LEAVE_MS);
}

void database_look_again(struct database *database)
{
	if (database->helper.pid == 0)
		return; /* it is asked as soon as it runs */
	if (database->is_asked)
		database->must_look = true;
	else
		ask(database, MYSQL_AGAIN);
}

pid_t database_pid(const struct database *database)
{
	return database->helper.pid;
}

void database_pool_set_interval(struct database_pool *pool, int64_t interval_ms)
{
	struct database *database;

	pool->interval_ms = interval_ms;
	TAILQ_FOREACH(database, &pool->list, others)
	{
		if (!database->is_removed && !database->is_asked && database->helper.pid != 0)
			ask_later(database);
	}
}

struct database_pool *database_pool_new(struct haops_ctx *ctx, qb_loop_t *loop,
					const struct database_handlers *handlers, void *userdata)
{
	struct database_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->ctx = ctx;
	pool->loop = loop;
	pool->handlers = *handlers;
	pool->userdata = userdata;
	pool->interval_ms = DATABASE_INTERVAL_MS;
	TAILQ_INIT(&pool->list);
	return pool;
}

void database_pool_free(struct database_pool *pool)
{
	struct database *database;

	while (pool && (database = TAILQ_FIRST(&pool->list))) {
		leave_loop(database);
		prober_forget(&database->helper);
		forget(database);
	}
	free(pool);
}
