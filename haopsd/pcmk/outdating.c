/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drbdadm outdate, and drbdadm dstate to see whether it did it, until it has; see outdating.h. What
 * drbdadm says is judged in drbdadm.c.
 */
#include "outdating.h"

#include "child.h"
#include "drbdadm.h"
#include "internal.h"
#include "outdate.h"

#include <stdio.h>

#define NS_PER_MS UINT64_C(1000000)
/* drbdadm itself gives the kernel 5 s. */
#define DRBDADM_MS 8000
/* A Secondary sees that its Primary is gone after ping-int and ping-timeout, 10.5 s by default; the
 * handler that asks waits 15 s. */
#define LIMIT_MS 14000
#define AGAIN_MS 500
#define TEXT_MAX 256

struct outdating {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct outdating_spec spec;
	char *drbdadm;
	char *resource;
	struct child *child;
	int64_t deadline_ms;
	qb_loop_timer_handle timer;
	bool has_timer;
	bool is_answered;
	int result; /* when the disk is seen to be outdated or worse */
};

static int run(struct outdating *outdating, const char *verb,
	       void (*ended)(void *userdata, const struct child_end *end));

static void answer(struct outdating *outdating, int result, const char *text)
{
	if (!outdating->is_answered)
		outdating->spec.answered(outdating->spec.userdata, result, text);
	outdating->is_answered = true;
}

static void outdating_free(struct outdating *outdating)
{
	free(outdating->drbdadm);
	free(outdating->resource);
	free(outdating);
}

static void finish(struct outdating *outdating, int result, const char *text)
{
	const struct outdating_spec spec = outdating->spec;

	answer(outdating, result, text);
	outdating_free(outdating);
	spec.gone(spec.userdata);
}

static void fail(struct outdating *outdating, int r)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%.128s cannot be started: %s", outdating->drbdadm,
		       strerror(-r));
	finish(outdating, OUTDATE_FAILED, text);
}

/* Answered now; its place is taken until it is gone: stuck ones cannot become many. */
static void on_late(void *userdata)
{
	char text[TEXT_MAX];
	int result = drbdadm_judge(&(const struct child_end){.is_timed_out = true, .output = ""},
				   text, sizeof(text));

	answer(userdata, result, text);
}

static void on_outdate_ended(void *userdata, const struct child_end *end);

static void on_again(void *data)
{
	struct outdating *outdating = data;
	int r;

	outdating->has_timer = false;
	r = run(outdating, "outdate", on_outdate_ended);
	if (r < 0)
		fail(outdating, r);
}

/* DRBD says yes and does nothing while it does not know yet that the connection is lost. */
static void try_again(struct outdating *outdating)
{
	bool is_late = haops_deadline_left_ms(outdating->ctx, outdating->deadline_ms) <= AGAIN_MS;

	outdating->has_timer =
		!is_late && qb_loop_timer_add(outdating->loop, QB_LOOP_MED, AGAIN_MS * NS_PER_MS,
					      outdating, on_again, &outdating->timer) == 0;
	if (!outdating->has_timer)
		finish(outdating, OUTDATE_FAILED,
		       is_late ? "drbdadm outdate changes nothing: DRBD there takes the disk for "
				 "connected"
			       : "no timer could be had");
}

static void on_state_ended(void *userdata, const struct child_end *end)
{
	struct outdating *outdating = userdata;

	outdating->child = NULL;
	switch (drbdadm_judge_disk(end)) {
	case DRBDADM_DISK_OUTDATED:
		finish(outdating, outdating->result,
		       outdating->result == OUTDATE_PEER_OUTDATED
			       ? "the disk is outdated now"
			       : "the disk is Inconsistent, or worse, already");
		return;
	case DRBDADM_DISK_GOOD:
		try_again(outdating);
		return;
	case DRBDADM_DISK_UNKNOWN:
	default:
		finish(outdating, OUTDATE_FAILED,
		       "drbdadm dstate does not tell whether the disk is outdated now");
	}
}

static void on_outdate_ended(void *userdata, const struct child_end *end)
{
	struct outdating *outdating = userdata;
	char text[TEXT_MAX];
	int result = drbdadm_judge(end, text, sizeof(text));
	int r;

	outdating->child = NULL;
	if (!drbdadm_is_to_be_seen(end) || outdating->is_answered) {
		finish(outdating, result, text);
		return;
	}
	outdating->result = result == OUTDATE_FAILED ? OUTDATE_PEER_OUTDATED : result;
	r = run(outdating, "dstate", on_state_ended);
	if (r < 0)
		fail(outdating, r);
}

static int run(struct outdating *outdating, const char *verb,
	       void (*ended)(void *userdata, const struct child_end *end))
{
	const char *argv[] = {outdating->drbdadm, verb, outdating->resource, NULL};
	int64_t left = haops_deadline_left_ms(outdating->ctx, outdating->deadline_ms);
	const struct child_spec spec = {.argv = argv,
					.fd_in = -1,
					.timeout_ms = left < DRBDADM_MS ? left + 1 : DRBDADM_MS,
					.late = on_late,
					.ended = ended,
					.userdata = outdating};

	return child_start(outdating->ctx, outdating->loop, &spec, &outdating->child);
}

int outdating_start(struct haops_ctx *ctx, qb_loop_t *loop, const struct outdating_spec *spec,
		    struct outdating **ret_outdating)
{
	struct outdating *outdating = calloc(1, sizeof(*outdating));
	int r = -ENOMEM;

	if (!outdating)
		return r;
	outdating->ctx = ctx;
	outdating->loop = loop;
	outdating->spec = *spec;
	outdating->drbdadm = strdup(spec->drbdadm);
	outdating->resource = strdup(spec->resource);
	outdating->deadline_ms = haops_deadline_after(ctx, LIMIT_MS);
	if (outdating->drbdadm && outdating->resource)
		r = run(outdating, "outdate", on_outdate_ended);
	if (r < 0) {
		outdating_free(outdating);
		return r;
	}
	*ret_outdating = outdating;
	return 0;
}

void outdating_forget(struct outdating *outdating)
{
	if (outdating->has_timer)
		(void)qb_loop_timer_del(outdating->loop, outdating->timer);
	if (outdating->child)
		child_forget(outdating->child);
	outdating_free(outdating);
}
