/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks several servers at once: each on a thread of its own, which is over when the call returns.
 */
#include "internal.h"

#include <haops/mysql.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

struct asker {
	struct haops_ctx *ctx; /* its own: a context belongs to one thread */
	struct haops_mysql_question *question;
	int64_t deadline_ms;
	pthread_t thread;
	bool has_thread;
};

static int ask(struct asker *asker)
{
	struct haops_mysql_question *question = asker->question;
	struct haops_mysql *mysql = NULL;
	int r = haops_mysql_connect(asker->ctx, &question->target, asker->deadline_ms, &mysql);

	if (r == 0)
		r = haops_mysql_get_status(mysql, asker->deadline_ms, &question->status);
	haops_mysql_close(mysql);
	return r;
}

static void *run(void *userdata)
{
	struct asker *asker = userdata;
	struct haops_mysql_question *question = asker->question;

	question->result = ask(asker);
	if (question->result < 0)
		(void)snprintf(question->reason, sizeof(question->reason), "%s",
			       haops_ctx_error(asker->ctx));
	return NULL;
}

/* The caller asks the last one itself, and whoever no thread could be had for. */
static void run_all(struct asker *askers, size_t count)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i + 1 < count; i++)
		askers[i].has_thread =
			pthread_create(&askers[i].thread, NULL, run, &askers[i]) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	for (size_t i = count; i-- > 0;) {
		if (askers[i].has_thread)
			(void)pthread_join(askers[i].thread, NULL);
		else
			(void)run(&askers[i]);
	}
}

static int prepare(struct haops_ctx *ctx, struct asker *askers,
		   struct haops_mysql_question *questions, size_t count, int64_t deadline_ms)
{
	for (size_t i = 0; i < count; i++) {
		questions[i].result = -ENOMEM;
		questions[i].reason[0] = '\0';
		memset(&questions[i].status, 0, sizeof(questions[i].status));
		askers[i].question = &questions[i];
		askers[i].deadline_ms = deadline_ms;
		if (haops_ctx_new(&askers[i].ctx) < 0)
			return haops_fail(ctx, ENOMEM, "memory is short");
		askers[i].ctx->sys = ctx->sys;
	}
	return 0;
}

int haops_mysql_ask(struct haops_ctx *ctx, struct haops_mysql_question *questions, size_t count,
		    int64_t deadline_ms)
{
	struct asker *askers;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!questions && count > 0)
		return haops_fail(ctx, EINVAL, "no questions");
	if (count == 0)
		return 0;
	askers = calloc(count, sizeof(*askers));
	if (!askers)
		return haops_fail(ctx, ENOMEM, "memory is short");
	r = prepare(ctx, askers, questions, count, deadline_ms);
	if (r == 0)
		run_all(askers, count);
	for (size_t i = 0; i < count; i++)
		askers[i].ctx = haops_ctx_free(askers[i].ctx);
	free(askers);
	return r;
}
