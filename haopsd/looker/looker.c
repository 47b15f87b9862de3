/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has each thing looked at by its helper, and starts that again when it ended or hangs. What is
 * found is the caller's to judge. */
#include "looker/looker.h"

#include "prober/prober.h"

#include <ctype.h>
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
#define ANSWER_MS (LOOK_MS + 5000)
/* One that is not wanted any more ends by itself, or else is ended after this. */
#define LEAVE_MS (LOOK_MS + 2000)

/* Within a sentence. */
#define FIRST(looker) tolower((unsigned char)(looker)->what[0])

struct looker {
	struct looker_pool *pool;
	void *owner;
	bool is_removed; /* its helper is still to end */
	char what[LOOKER_WHAT_MAX];
	char *argv[LOOKER_ARGS_MAX + 2];
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
	TAILQ_ENTRY(looker) others;
};

TAILQ_HEAD(looker_list, looker);

struct looker_pool {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct looker_handlers handlers;
	void *userdata;
	int64_t interval_ms;
	size_t count; /* without those that were removed */
	struct looker_list list;
};

static void HAOPS_PRINTF(3, 4)
	tell(const struct looker *looker, enum haops_log_level level, const char *fmt, ...)
{
	const struct looker_pool *pool = looker->pool;
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pool->handlers.event(pool->userdata, level, text);
}

static void on_timer(void *userdata);

static void disarm(struct looker *looker)
{
	if (looker->has_timer)
		(void)qb_loop_timer_del(looker->pool->loop, looker->timer);
	looker->has_timer = false;
}

static void arm(struct looker *looker, int64_t in_ms)
{
	disarm(looker);
	looker->has_timer =
		qb_loop_timer_add(looker->pool->loop, QB_LOOP_MED, (uint64_t)in_ms * NS_PER_MS,
				  looker, on_timer, &looker->timer) == 0;
}

static void leave_loop(const struct looker *looker)
{
	const struct prober *helper = &looker->helper;

	if (helper->fd >= 0)
		(void)qb_loop_poll_del(looker->pool->loop, helper->fd);
	if (helper->pidfd >= 0)
		(void)qb_loop_poll_del(looker->pool->loop, helper->pidfd);
}

static void forget(struct looker *looker)
{
	TAILQ_REMOVE(&looker->pool->list, looker, others);
	disarm(looker);
	for (size_t i = 0; looker->argv[i]; i++)
		free(looker->argv[i]);
	free(looker);
}

static void restart_later(struct looker *looker)
{
	arm(looker, looker->restart_ms);
	looker->restart_ms *= 2;
	if (looker->restart_ms > RESTART_MAX_MS)
		looker->restart_ms = RESTART_MAX_MS;
}

/* The kernel says that the helper ended. */
static int32_t on_end(int32_t fd, int32_t revents, void *userdata)
{
	struct looker *looker = userdata;

	(void)fd;
	(void)revents;
	/* Out of the loop first: descriptors are closed by reaping. */
	leave_loop(looker);
	if (!prober_reap(&looker->helper))
		prober_forget(&looker->helper);
	looker->is_asked = false;
	looker->must_look = false;
	if (looker->is_removed) {
		forget(looker);
		return 0;
	}
	if (looker->restart_ms == RESTART_MIN_MS)
		tell(looker, HAOPS_LOG_WARNING,
		     "The helper that watches %c%s ended; it is started again.", FIRST(looker),
		     looker->what + 1);
	restart_later(looker);
	return 0;
}

static void ask(struct looker *looker, char question)
{
	looker->asked_ms = prober_now_ms();
	looker->is_asked = true;
	looker->must_look = false;
	arm(looker, ANSWER_MS);
	/* Its end comes by the other descriptor. */
	if (prober_ask(&looker->helper, question) < 0)
		prober_kill(&looker->helper);
}

static void ask_later(struct looker *looker)
{
	int64_t in_ms = looker->asked_ms + looker->pool->interval_ms - prober_now_ms();

	arm(looker, in_ms > REST_MIN_MS ? in_ms : REST_MIN_MS);
}

static void tell_whether_known(struct looker *looker, const struct look_answer *answer)
{
	bool is_known = answer->verdict != LOOK_UNKNOWN;

	if (is_known && looker->is_blind_told)
		tell(looker, HAOPS_LOG_INFO, "%s is watched again.", looker->what);
	if (is_known)
		looker->is_blind_told = false;
	if (is_known || looker->is_blind_told || !answer->text[0])
		return;
	looker->is_blind_told = true;
	tell(looker, HAOPS_LOG_WARNING, "%s cannot be watched now: %s", looker->what, answer->text);
}

static void tell_whether_stuck(struct looker *looker, const struct look_answer *answer)
{
	bool is_stuck = answer->verdict == LOOK_STUCK;

	if (is_stuck && !looker->is_stuck_told)
		tell(looker, HAOPS_LOG_WARNING, "%s", answer->text);
	if (answer->verdict == LOOK_FINE && looker->is_stuck_told)
		tell(looker, HAOPS_LOG_INFO, "%s commits again.", looker->what);
	if (answer->verdict != LOOK_UNKNOWN)
		looker->is_stuck_told = is_stuck;
}

/* Told, and no loss. */
static enum look_verdict verdict_of(const struct look_answer *answer)
{
	return answer->verdict == LOOK_STUCK ? LOOK_FINE : (enum look_verdict)answer->verdict;
}

static void take_answer(struct looker *looker, struct look_answer *answer)
{
	struct looker_pool *pool = looker->pool;

	looker->is_asked = false;
	looker->restart_ms = RESTART_MIN_MS;
	if (looker->must_look) {
		ask(looker, LOOK_AGAIN);
		return;
	}
	answer->text[sizeof(answer->text) - 1] = '\0';
	ask_later(looker);
	tell_whether_known(looker, answer);
	tell_whether_stuck(looker, answer);
	pool->handlers.found(looker->owner, verdict_of(answer), answer->text);
}

/* 0, -EAGAIN when nothing waits, or another -errno: it is of no use any more. */
static int hear(struct looker *looker)
{
	struct look_answer answer;
	int r = prober_hear(&looker->helper, &answer, sizeof(answer));

	if (r == 0 && !looker->is_asked)
		return -EPROTO;
	if (r == 0)
		take_answer(looker, &answer);
	return r;
}

static int32_t on_answer(int32_t fd, int32_t revents, void *userdata)
{
	struct looker *looker = userdata;
	int r;

	(void)revents;
	if (fd != looker->helper.fd)
		return -1;
	r = hear(looker);
	if (r == 0 || r == -EAGAIN)
		return 0;
	/* Its end comes by the other descriptor. */
	prober_kill(&looker->helper);
	return -1;
}

static int start(struct looker *looker)
{
	struct looker_pool *pool = looker->pool;
	struct prober *helper = &looker->helper;
	int r = prober_start(helper, pool->ctx, (const char *const *)looker->argv);

	if (r == 0)
		r = qb_loop_poll_add(pool->loop, QB_LOOP_MED, helper->pidfd, POLLIN, looker,
				     on_end);
	if (r == 0)
		r = qb_loop_poll_add(pool->loop, QB_LOOP_MED, helper->fd, POLLIN, looker,
				     on_answer);
	if (r < 0) {
		prober_kill(helper);
		leave_loop(looker);
		prober_forget(helper);
	}
	if (r < 0 && r != looker->told_start_error)
		tell(looker, HAOPS_LOG_ERROR,
		     "The helper that watches %c%s, %s, cannot be started: %s.", FIRST(looker),
		     looker->what + 1, looker->argv[0], strerror(-r));
	looker->told_start_error = r;
	return r;
}

/* Unless the answer is there, and it was us who stood still. */
static void end_silent(struct looker *looker)
{
	if (hear(looker) == 0)
		return;
	tell(looker, HAOPS_LOG_WARNING,
	     "The helper that watches %c%s does not answer: it is ended.", FIRST(looker),
	     looker->what + 1);
	prober_kill(&looker->helper);
}

static void on_timer(void *userdata)
{
	struct looker *looker = userdata;

	looker->has_timer = false;
	if (looker->is_removed) {
		prober_kill(&looker->helper);
	} else if (looker->is_asked) {
		end_silent(looker);
	} else if (looker->helper.pid == 0 && start(looker) < 0) {
		restart_later(looker);
	} else {
		ask(looker, LOOK_ASK);
	}
}

static int keep_argv(struct looker *looker, const struct looker_target *target)
{
	size_t count = 0;

	looker->argv[count] = strdup(target->program);
	for (size_t i = 0; looker->argv[count] && i < LOOKER_ARGS_MAX && target->args[i]; i++)
		looker->argv[++count] = strdup(target->args[i]);
	return looker->argv[count] ? 0 : -ENOMEM;
}

int looker_add(struct looker_pool *pool, const struct looker_target *target, void *owner,
	       struct looker **ret_looker)
{
	struct looker *looker;

	if (pool->count >= LOOKERS_MAX)
		return -ENOSPC;
	looker = calloc(1, sizeof(*looker));
	if (!looker)
		return -ENOMEM;
	looker->pool = pool;
	looker->owner = owner;
	(void)snprintf(looker->what, sizeof(looker->what), "%s", target->what);
	looker->helper = (struct prober){.fd = -1, .pidfd = -1};
	looker->restart_ms = RESTART_MIN_MS;
	TAILQ_INSERT_TAIL(&pool->list, looker, others);
	if (keep_argv(looker, target) < 0) {
		forget(looker);
		return -ENOMEM;
	}
	pool->count++;
	arm(looker, 0);
	*ret_looker = looker;
	return 0;
}

void looker_remove(struct looker *looker)
{
	struct prober *helper = &looker->helper;

	looker->pool->count--;
	looker->is_removed = true;
	if (helper->pid == 0) {
		forget(looker);
		return;
	}
	if (helper->fd >= 0)
		(void)qb_loop_poll_del(looker->pool->loop, helper->fd);
	prober_hang_up(helper);
	arm(looker, LEAVE_MS);
}

void looker_look_again(struct looker *looker)
{
	if (looker->helper.pid == 0)
		return; /* it is asked as soon as it runs */
	if (looker->is_asked)
		looker->must_look = true;
	else
		ask(looker, LOOK_AGAIN);
}

pid_t looker_pid(const struct looker *looker)
{
	return looker->helper.pid;
}

void looker_pool_set_interval(struct looker_pool *pool, int64_t interval_ms)
{
	struct looker *looker;

	pool->interval_ms = interval_ms;
	TAILQ_FOREACH(looker, &pool->list, others)
	{
		if (!looker->is_removed && !looker->is_asked && looker->helper.pid != 0)
			ask_later(looker);
	}
}

struct looker_pool *looker_pool_new(struct haops_ctx *ctx, qb_loop_t *loop,
				    const struct looker_handlers *handlers, void *userdata)
{
	struct looker_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->ctx = ctx;
	pool->loop = loop;
	pool->handlers = *handlers;
	pool->userdata = userdata;
	pool->interval_ms = LOOKER_INTERVAL_MS;
	TAILQ_INIT(&pool->list);
	return pool;
}

void looker_pool_free(struct looker_pool *pool)
{
	struct looker *looker;

	while (pool && (looker = TAILQ_FIRST(&pool->list))) {
		leave_loop(looker);
		prober_forget(&looker->helper);
		forget(looker);
	}
	free(pool);
}
