/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries a plan out, step by step, until its deadline. Decides nothing about servers. */
#include "runner.h"
#include "internal.h"
#include "text.h"

/* The look after the last pause has to be answered, or the connection would be of no use. */
#define LOOK_MS 30

struct run {
	struct haops_mysql *mysql;
	const struct operation *operation;
	void *memory;
	int64_t deadline_ms;
	struct facts facts;
	struct answer answer;
	bool has_facts;
	bool has_answer;
};

static void forget_answer(struct run *run)
{
	answer_done(&run->answer);
	run->has_answer = false;
}

/* What the server itself does not allow. */
static int own_code(const struct run *run, int code)
{
	return code == -EACCES && run->operation->is_denied_elsewhere ? -EIO : code;
}

static int look(struct run *run)
{
	int r;

	facts_done(&run->facts);
	run->has_facts = false;
	forget_answer(run);
	r = session_look(run->mysql, run->deadline_ms, &run->facts);
	run->has_facts = r == 0;
	return own_code(run, r);
}

static int run_statement(struct run *run, const struct step *step)
{
	const struct statement statement = {.text = step->statement,
					    .shown = step->shown,
					    .changes = step->changes};
	int r;

	forget_answer(run);
	r = session_run(run->mysql, &statement, run->deadline_ms, &run->answer);
	if (r < 0)
		return r;
	run->has_answer = true;
	if (run->answer.code)
		return step->may_fail ? 0
				      : own_code(run, session_refuse(run->mysql, &statement,
								     &run->answer));
	return step->looks ? look(run) : 0;
}

static int pause_for(struct run *run, const struct step *step)
{
	struct haops_ctx *ctx = run->mysql->ctx;
	int64_t left_ms = haops_deadline_left_ms(ctx, run->deadline_ms);

	if (left_ms < step->pause_ms + LOOK_MS)
		return haops_fail(ctx, step->err ? step->err : ETIMEDOUT, "%s: %s",
				  run->mysql->where, step->sentence);
	(void)ctx->sys->poll(NULL, 0, haops_deadline_after(ctx, step->pause_ms));
	return look(run);
}

/* 1: it goes on. */
static int take_step(struct run *run, const struct step *step)
{
	int r;

	switch (step->kind) {
	case STEP_DONE:
		return 0;
	case STEP_RUN:
		r = run_statement(run, step);
		break;
	case STEP_PAUSE:
		r = pause_for(run, step);
		break;
	default:
		return haops_fail(run->mysql->ctx, step->err, "%s: %s", run->mysql->where,
				  step->sentence);
	}
	return r < 0 ? r : 1;
}

static int next_step(struct run *run)
{
	struct haops_ctx *ctx = run->mysql->ctx;
	const struct view view = {.dialect = run->mysql->dialect,
				  .facts = &run->facts,
				  .answer = run->has_answer ? &run->answer : NULL,
				  .now_ms = haops_deadline_after(ctx, 0),
				  .deadline_ms = run->deadline_ms};
	struct step step = {0};
	int r = run->operation->next(run->memory, &view, &step);

	if (r < 0)
		r = haops_fail(ctx, -r, "%s: memory is short", run->mysql->where);
	else
		r = take_step(run, &step);
	text_free_secret(step.statement);
	return r;
}

static int known_code(const struct operation *operation, int code)
{
	static const int always[] = {ETIMEDOUT, EIO, ENOMEM, EINVAL};

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (code == -always[i])
			return code;
	for (size_t i = 0; i < OPERATION_CODES_MAX && operation->codes[i]; i++)
		if (code == -operation->codes[i])
			return code;
	return -EIO;
}

int runner_run(struct haops_mysql *mysql, const struct operation *operation, void *memory,
	       int64_t deadline_ms)
{
	struct run run = {.mysql = mysql,
			  .operation = operation,
			  .memory = memory,
			  .deadline_ms = deadline_ms};
	int r = look(&run);

	if (r == 0)
		r = 1;
	while (r > 0)
		r = next_step(&run);
	facts_done(&run.facts);
	answer_done(&run.answer);
	if (r == 0)
		haops_logf(mysql->ctx, HAOPS_LOG_DEBUG, "%s: %s: done", mysql->where,
			   operation->name);
	return r < 0 ? known_code(operation, r) : 0;
}
