/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to peers to outdate a disk, each answered once; and those of peers, which outdating.c
 * carries out. Who is in the cluster is judged by the caller.
 */
#include "outdate.h"

#include "drbdname.h"
#include "internal.h"
#include "outdating.h"
#include "system.h"

#include <stdio.h>

#define NS_PER_MS UINT64_C(1000000)
#define DRBDADM "/usr/sbin/drbdadm"
#define QUESTIONS_MAX 64
#define JOBS_MAX QUESTIONS_MAX
#define TICK_MS 200
/* A first tick comes at once, but not from within the call that asks. */
#define FIRST_TICK_MS 1
#define TIMEOUT_MIN_MS 100
#define TIMEOUT_MAX_MS 600000
#define TEXT_MAX MESSAGE_TEXT_MAX

struct question {
	uint64_t id; /* 0: this place is free */
	uint32_t nodeid;
	int64_t deadline_ms;
	char resource[DRBDNAME_MAX];
};

struct job {
	struct outdate *outdate; /* NULL: this place is free */
	struct outdating *outdating;
	uint64_t id; /* the asker's */
	uint32_t asker;
	uint32_t own_nodeid;
	char resource[MESSAGE_TEXT_MAX];
};

struct outdate {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	char *drbdadm; /* NULL: the usual one */
	struct outdate_handlers handlers;
	void *userdata;
	struct question questions[QUESTIONS_MAX];
	struct job jobs[JOBS_MAX];
	qb_loop_timer_handle timer;
	bool has_timer;
};

static void set_timer(struct outdate *outdate, int64_t ms);

static void tell(struct outdate *outdate, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

static void tell(struct outdate *outdate, enum haops_log_level level, const char *fmt, ...)
{
	char text[2 * TEXT_MAX + 128];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (outdate->handlers.event)
		outdate->handlers.event(outdate->userdata, level, text);
}

/* Questions of ours --------------------------------------------------------------------------- */

static void answer(struct outdate *outdate, struct question *question, int exit_code,
		   const char *text)
{
	uint64_t id = question->id;

	tell(outdate, exit_code == OUTDATE_FAILED ? HAOPS_LOG_ERROR : HAOPS_LOG_INFO,
	     "DRBD resource %s: node %u was asked to outdate its disk, DRBD is told %d: %s",
	     question->resource, question->nodeid, exit_code, text);
	question->id = 0;
	outdate->handlers.answered(outdate->userdata, id, exit_code, text);
}

static void look_at(struct outdate *outdate, struct question *question)
{
	char text[TEXT_MAX];

	if (outdate->handlers.is_gone(outdate->userdata, question->nodeid)) {
		(void)snprintf(text, sizeof(text), "node %u is not in the cluster",
			       question->nodeid);
		answer(outdate, question, OUTDATE_PEER_UNREACHABLE, text);
	} else if (haops_deadline_left_ms(outdate->ctx, question->deadline_ms) == 0) {
		(void)snprintf(text, sizeof(text),
			       "no answer of node %u in time, and it is not known to be gone: its "
			       "disk may be good and in use",
			       question->nodeid);
		answer(outdate, question, OUTDATE_FAILED, text);
	}
}

static void on_tick(void *data)
{
	struct outdate *outdate = data;
	bool is_waiting = false;

	outdate->has_timer = false;
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (outdate->questions[i].id != 0)
			look_at(outdate, &outdate->questions[i]);
		is_waiting = is_waiting || outdate->questions[i].id != 0;
	}
	if (is_waiting)
		set_timer(outdate, TICK_MS);
}

static void set_timer(struct outdate *outdate, int64_t ms)
{
	if (outdate->has_timer)
		(void)qb_loop_timer_del(outdate->loop, outdate->timer);
	outdate->has_timer = qb_loop_timer_add(outdate->loop, QB_LOOP_MED, (uint64_t)ms * NS_PER_MS,
					       outdate, on_tick, &outdate->timer) == 0;
}

void outdate_node_gone(struct outdate *outdate, uint32_t nodeid)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (outdate->questions[i].id != 0 && outdate->questions[i].nodeid == nodeid)
			look_at(outdate, &outdate->questions[i]);
	/* What it has asked goes on: with "fencing resource-only" it may have written alone since
	 * then. */
}

static struct question *free_question(struct outdate *outdate)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (outdate->questions[i].id == 0)
			return &outdate->questions[i];
	return NULL;
}

static int send_question(struct outdate *outdate, const struct question *question)
{
	struct message message = {.type = MESSAGE_OUTDATE_ASK,
				  .outdate = {.id = question->id, .nodeid = question->nodeid}};

	(void)snprintf(message.outdate.resource, sizeof(message.outdate.resource), "%s",
		       question->resource);
	return outdate->handlers.send(outdate->userdata, &message);
}

int outdate_ask(struct outdate *outdate, uint32_t nodeid, const char *resource, int64_t timeout_ms,
		uint64_t *ret_id)
{
	struct question *question = free_question(outdate);
	struct question asked = {.nodeid = nodeid};
	int r = 0;

	if (!drbdname_is_resource(resource))
		return haops_fail(outdate->ctx, EINVAL, "'%.64s' is no name of a DRBD resource",
				  resource);
	if (!question)
		return haops_fail(outdate->ctx, EAGAIN, "%d questions to peers wait already",
				  QUESTIONS_MAX);
	if (timeout_ms < TIMEOUT_MIN_MS)
		timeout_ms = TIMEOUT_MIN_MS;
	if (timeout_ms > TIMEOUT_MAX_MS)
		timeout_ms = TIMEOUT_MAX_MS;
	asked.deadline_ms = haops_deadline_after(outdate->ctx, timeout_ms);
	/* All nodes see all answers: a number that another node could draw, too, would take its
	 * answer for ours. */
	asked.id = pcmk_system_random();
	(void)snprintf(asked.resource, sizeof(asked.resource), "%s", resource);
	if (!outdate->handlers.is_gone(outdate->userdata, nodeid))
		r = send_question(outdate, &asked);
	if (r < 0)
		return haops_fail(outdate->ctx, -r, "node %u cannot be asked about %s: %s", nodeid,
				  resource, strerror(-r));
	*question = asked;
	*ret_id = asked.id;
	set_timer(outdate, FIRST_TICK_MS);
	return 0;
}

static bool is_answer_to(const struct question *question, const struct message_outdate *message,
			 uint32_t from)
{
	return question->id != 0 && question->id == message->id && question->nodeid == from &&
	       message->nodeid == from && strcmp(question->resource, message->resource) == 0;
}

/* A peer can say of itself what it found; that it is unreachable is not for it to say. */
static int trusted_result(int32_t result)
{
	switch (result) {
	case OUTDATE_PEER_INCONSISTENT:
	case OUTDATE_PEER_OUTDATED:
	case OUTDATE_PEER_PRIMARY:
		return result;
	default:
		return OUTDATE_FAILED;
	}
}

static void on_answer(struct outdate *outdate, const struct message_outdate *message, uint32_t from)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		if (is_answer_to(&outdate->questions[i], message, from)) {
			answer(outdate, &outdate->questions[i], trusted_result(message->result),
			       message->text);
			return;
		}
}

/* Questions to us ----------------------------------------------------------------------------- */

static void send_answer(struct outdate *outdate, const struct job *job, int result,
			const char *text)
{
	struct message message = {.type = MESSAGE_OUTDATE_ANSWER,
				  .outdate = {.id = job->id,
					      .nodeid = job->own_nodeid,
					      .result = result}};
	int r;

	(void)snprintf(message.outdate.resource, sizeof(message.outdate.resource), "%s",
		       job->resource);
	(void)snprintf(message.outdate.text, sizeof(message.outdate.text), "%s", text);
	r = outdate->handlers.send(outdate->userdata, &message);
	tell(outdate, HAOPS_LOG_WARNING,
	     "DRBD resource %s: outdated for node %u, its handler gets %d: %s%s", job->resource,
	     job->asker, result, text, r < 0 ? " (the answer could not be sent)" : "");
}

static void on_outdated(void *userdata, int result, const char *text)
{
	struct job *job = userdata;

	send_answer(job->outdate, job, result, text);
}

static void on_gone(void *userdata)
{
	memset(userdata, 0, sizeof(struct job));
}

static void begin(struct outdate *outdate, struct job *job)
{
	const char *drbdadm = outdate->drbdadm ? outdate->drbdadm : DRBDADM;
	const struct outdating_spec spec = {.drbdadm = drbdadm,
					    .resource = job->resource,
					    .answered = on_outdated,
					    .gone = on_gone,
					    .userdata = job};
	char text[TEXT_MAX];
	int r = outdating_start(outdate->ctx, outdate->loop, &spec, &job->outdating);

	if (r == 0)
		return;
	(void)snprintf(text, sizeof(text), "%s cannot be started: %s", drbdadm, strerror(-r));
	send_answer(outdate, job, OUTDATE_FAILED, text);
	memset(job, 0, sizeof(*job));
}

/* NULL when the same question is being answered already, or no place is free. */
static struct job *place_for(struct outdate *outdate, const struct job *wanted, bool *ret_is_same)
{
	struct job *place = NULL;

	*ret_is_same = false;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &outdate->jobs[i];

		if (!job->outdate)
			place = job;
		else if (job->id == wanted->id && job->asker == wanted->asker)
			*ret_is_same = true;
	}
	return *ret_is_same ? NULL : place;
}

static void on_question(struct outdate *outdate, const struct message_outdate *message,
			uint32_t from)
{
	struct job job = {.outdate = outdate,
			  .id = message->id,
			  .asker = from,
			  .own_nodeid = message->nodeid};
	bool is_same;
	struct job *place = place_for(outdate, &job, &is_same);

	if (is_same)
		return;
	if (!drbdname_is_resource(message->resource)) {
		tell(outdate, HAOPS_LOG_WARNING,
		     "node %u asked to outdate what is no name of a DRBD resource: not done", from);
		return;
	}
	(void)snprintf(job.resource, sizeof(job.resource), "%s", message->resource);
	if (from == message->nodeid) {
		send_answer(outdate, &job, OUTDATE_FAILED, "a node was asked by itself");
		return;
	}
	if (!place) {
		send_answer(outdate, &job, OUTDATE_FAILED, "too many questions at once");
		return;
	}
	*place = job;
	begin(outdate, place);
}

void outdate_message(struct outdate *outdate, const struct message *message, uint32_t from,
		     uint32_t own_nodeid)
{
	if (message->type == MESSAGE_OUTDATE_ANSWER)
		on_answer(outdate, &message->outdate, from);
	if (message->type == MESSAGE_OUTDATE_ASK && message->outdate.nodeid == own_nodeid)
		on_question(outdate, &message->outdate, from);
}

/* Life ---------------------------------------------------------------------------------------- */

int outdate_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct outdate_handlers *handlers,
		void *userdata, struct outdate **ret_outdate)
{
	struct outdate *outdate;

	if (!handlers->send || !handlers->answered || !handlers->is_gone)
		return haops_fail(ctx, EINVAL, "peer outdate: a handler is missing");
	outdate = calloc(1, sizeof(*outdate));
	if (!outdate)
		return haops_fail(ctx, ENOMEM, "peer outdate: out of memory");
	outdate->ctx = ctx;
	outdate->loop = loop;
	outdate->handlers = *handlers;
	outdate->userdata = userdata;
	*ret_outdate = outdate;
	return 0;
}

int outdate_set_drbdadm(struct outdate *outdate, const char *path)
{
	char *copy = path ? strdup(path) : NULL;

	if (path && !copy)
		return haops_fail(outdate->ctx, ENOMEM, "peer outdate: out of memory");
	free(outdate->drbdadm);
	outdate->drbdadm = copy;
	return 0;
}

void outdate_free(struct outdate *outdate)
{
	if (!outdate)
		return;
	if (outdate->has_timer)
		(void)qb_loop_timer_del(outdate->loop, outdate->timer);
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (outdate->jobs[i].outdate)
			outdating_forget(outdate->jobs[i].outdating);
	free(outdate->drbdadm);
	free(outdate);
}
