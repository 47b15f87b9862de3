/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to Pacemaker: a bounded queue, a deadline each, answers handed to the caller. The
 * helper process is the matter of helper.c; what Pacemaker thinks is found out in there.
 */
#include "pcmk.h"

#include "attributes.h"
#include "helper.h"
#include "internal.h"
#include "system.h"

#include <stdio.h>

#define NS_PER_MS UINT64_C(1000000)
#define QUEUE_MAX 256
#define ANSWER_MS 5000
#define ATTRIBUTE_RETRY_MS 5000
#define FENCE_MS 120000
/* With a large configuration and many questions at once the helper needs its time: as long as it
 * answers one after the other it does not hang, and the rest waits so long. */
#define ANSWER_MAX_MS 60000

struct request {
	struct packet packet;
	int64_t deadline_ms; /* on CLOCK_MONOTONIC */
	int64_t last_ms;     /* the deadline can be put off until then */
	bool is_sent;
	struct request *next;
};

struct pcmk {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct pcmk_handlers handlers;
	void *userdata;
	struct helper *helper;
	struct request *first; /* oldest first */
	size_t request_count;
	uint64_t last_id;
	struct attributes attributes;
	qb_loop_timer_handle retry_timer;
	bool has_retry_timer;
	qb_loop_timer_handle deadline_timer;
	bool has_deadline_timer;
	qb_loop_timer_handle ping_timer;
	bool has_ping_timer;
	int64_t ping_ms;
	uint64_t ping_id; /* of the one under way; 0: none */
	int64_t alive_ms;
	int64_t sign_ms; /* when the helper answered last; on CLOCK_MONOTONIC */
};

static void set_deadline_timer(struct pcmk *pcmk);
static void send_attributes(struct pcmk *pcmk);

static void remove_request(struct pcmk *pcmk, struct request **at)
{
	struct request *request = *at;

	*at = request->next;
	pcmk->request_count--;
	free(request);
}

static struct request **find_request(struct pcmk *pcmk, uint64_t id)
{
	struct request **at = &pcmk->first;

	while (*at && (*at)->packet.id != id)
		at = &(*at)->next;
	return at;
}

static void on_retry(void *data)
{
	struct pcmk *pcmk = data;

	pcmk->has_retry_timer = false;
	attributes_retry(&pcmk->attributes);
	send_attributes(pcmk);
}

static void attribute_done(struct pcmk *pcmk, uint64_t id, bool is_ok, const char *text)
{
	if (attributes_done(&pcmk->attributes, id, is_ok))
		pcmk->handlers.event(pcmk->userdata, HAOPS_LOG_WARNING, text);
	if (!is_ok && !pcmk->has_retry_timer)
		pcmk->has_retry_timer =
			qb_loop_timer_add(pcmk->loop, QB_LOOP_LOW, ATTRIBUTE_RETRY_MS * NS_PER_MS,
					  pcmk, on_retry, &pcmk->retry_timer) == 0;
}

/* Takes a request out, then tells its end: the handler may ask the next. */
static void finish(struct pcmk *pcmk, struct request **at, enum pcmk_result result,
		   const char *text)
{
	enum packet_type type = (*at)->packet.type;
	uint64_t id = (*at)->packet.id;

	remove_request(pcmk, at);
	switch (type) {
	case PACKET_PING:
		pcmk->ping_id = 0;
		break;
	case PACKET_ATTRIBUTE:
		attribute_done(pcmk, id, result == PCMK_REPORTED, text);
		break;
	default:
		pcmk->handlers.reported(pcmk->userdata, id, result, text);
	}
}

/* In order; what does not fit into the socket now goes after the next answer. */
static void send_waiting(struct pcmk *pcmk)
{
	for (struct request *request = pcmk->first; request; request = request->next) {
		if (request->is_sent)
			continue;
		if (helper_send(pcmk->helper, &request->packet) < 0)
			return;
		request->is_sent = true;
	}
}

/* Puts a request at the end of the queue. Its id is in *ret_id. */
static int enqueue(struct pcmk *pcmk, const struct packet *packet, int64_t timeout_ms,
		   uint64_t *ret_id)
{
	struct request **at = &pcmk->first;
	struct request *request;

	if (pcmk->request_count >= QUEUE_MAX)
		return haops_fail(pcmk->ctx, EAGAIN, "%d questions to Pacemaker wait already",
				  QUEUE_MAX);
	request = calloc(1, sizeof(*request));
	if (!request)
		return haops_fail(pcmk->ctx, ENOMEM, "question to Pacemaker: out of memory");
	request->packet = *packet;
	request->packet.id = ++pcmk->last_id;
	request->deadline_ms = haops_deadline_after(pcmk->ctx, timeout_ms);
	request->last_ms = haops_deadline_after(pcmk->ctx, ANSWER_MAX_MS);
	while (*at)
		at = &(*at)->next;
	*at = request;
	pcmk->request_count++;
	*ret_id = request->packet.id;
	helper_want(pcmk->helper);
	send_waiting(pcmk);
	set_deadline_timer(pcmk);
	return 0;
}

static void send_attributes(struct pcmk *pcmk)
{
	struct attribute *attribute;

	while ((attribute = attributes_next(&pcmk->attributes))) {
		struct packet packet = {.type = PACKET_ATTRIBUTE, .number = attribute->dampen_ms};

		packet_set_text(&packet, 0, attribute->name);
		packet_set_text(&packet, 1, attribute->value);
		if (enqueue(pcmk, &packet, ANSWER_MS, &attribute->id) < 0)
			return;
		attribute->is_due = false;
	}
}

/* Everything that was sent is lost with the helper; whether it was done is not known. */
static void fail_sent(struct pcmk *pcmk)
{
	struct request **at = &pcmk->first;

	while (*at) {
		if ((*at)->is_sent) {
			finish(pcmk, at, PCMK_UNAVAILABLE,
			       "the helper ended before Pacemaker's answer");
			at = &pcmk->first;
		} else {
			at = &(*at)->next;
		}
	}
}

/* Puts off the deadline of a question that waits behind others. */
static bool is_put_off(const struct pcmk *pcmk, struct request *request, int64_t now_ms)
{
	int64_t until_ms = pcmk->sign_ms + ANSWER_MS;

	if (!request->is_sent || until_ms <= now_ms || request->last_ms <= now_ms)
		return false;
	request->deadline_ms = until_ms;
	return true;
}

/* A helper that answers nothing for so long hangs: it has deadlines of its own. */
static void on_deadline(void *data)
{
	struct pcmk *pcmk = data;
	int64_t now_ms = haops_now_ms(pcmk->ctx);
	struct request **at = &pcmk->first;
	bool is_hanging = false;

	pcmk->has_deadline_timer = false;
	while (*at) {
		if ((*at)->deadline_ms > now_ms || is_put_off(pcmk, *at, now_ms)) {
			at = &(*at)->next;
			continue;
		}
		is_hanging = is_hanging || ((*at)->is_sent && pcmk->sign_ms + ANSWER_MS <= now_ms);
		finish(pcmk, at, PCMK_UNAVAILABLE, "no answer in time");
		at = &pcmk->first;
	}
	if (is_hanging)
		helper_kill(pcmk->helper, "did not answer in time");
	set_deadline_timer(pcmk);
}

static void set_deadline_timer(struct pcmk *pcmk)
{
	int64_t next_ms = INT64_MAX;
	int64_t left_ms;

	for (const struct request *request = pcmk->first; request; request = request->next)
		if (request->deadline_ms < next_ms)
			next_ms = request->deadline_ms;
	if (pcmk->has_deadline_timer)
		(void)qb_loop_timer_del(pcmk->loop, pcmk->deadline_timer);
	pcmk->has_deadline_timer = false;
	if (next_ms == INT64_MAX)
		return;
	left_ms = haops_deadline_left_ms(pcmk->ctx, next_ms);
	pcmk->has_deadline_timer =
		qb_loop_timer_add(pcmk->loop, QB_LOOP_MED, (uint64_t)(left_ms + 1) * NS_PER_MS,
				  pcmk, on_deadline, &pcmk->deadline_timer) == 0;
}

static enum pcmk_result result_of(int64_t number)
{
	return number < PCMK_REPORTED || number > PCMK_UNAVAILABLE ? PCMK_UNAVAILABLE
								   : (enum pcmk_result)number;
}

static void on_alive(struct pcmk *pcmk, const struct packet *packet)
{
	/* Of an earlier helper, or late: no proof. */
	if (packet->id == 0 || packet->id != pcmk->ping_id)
		return;
	pcmk->alive_ms = packet->number;
	if (pcmk->handlers.alive)
		pcmk->handlers.alive(pcmk->userdata, packet->number);
}

static void on_ready(struct pcmk *pcmk, const struct packet *packet)
{
	bool is_ready = packet->number != 0;

	if (is_ready)
		attributes_renew(&pcmk->attributes);
	pcmk->handlers.event(pcmk->userdata, is_ready ? HAOPS_LOG_INFO : HAOPS_LOG_WARNING,
			     packet->text[0]);
}

static void on_answer(struct pcmk *pcmk, const struct packet *packet)
{
	struct request **at = find_request(pcmk, packet->id);

	pcmk->sign_ms = haops_now_ms(pcmk->ctx);
	if (packet->type == PACKET_ALIVE)
		on_alive(pcmk, packet);
	if (*at)
		finish(pcmk, at, result_of(packet->number), packet->text[0]);
	send_waiting(pcmk);
	set_deadline_timer(pcmk);
}

static void on_packet(void *userdata, const struct packet *packet)
{
	struct pcmk *pcmk = userdata;

	switch (packet->type) {
	case PACKET_ANSWER:
	case PACKET_ALIVE:
		on_answer(pcmk, packet);
		break;
	case PACKET_READY:
		on_ready(pcmk, packet);
		break;
	case PACKET_LOG:
		pcmk->handlers.event(pcmk->userdata,
				     packet->number < HAOPS_LOG_ERROR ||
						     packet->number > HAOPS_LOG_DEBUG
					     ? HAOPS_LOG_INFO
					     : (enum haops_log_level)packet->number,
				     packet->text[0]);
		break;
	default:
		break;
	}
	send_attributes(pcmk);
}

static void on_changed(void *userdata, bool is_up)
{
	struct pcmk *pcmk = userdata;

	if (is_up)
		send_waiting(pcmk);
	else
		fail_sent(pcmk);
	set_deadline_timer(pcmk);
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	struct pcmk *pcmk = userdata;

	pcmk->handlers.event(pcmk->userdata, level, text);
}

int pcmk_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct pcmk_handlers *handlers,
	     void *userdata, struct pcmk **ret_pcmk)
{
	static const struct helper_handlers helper_handlers = {.packet = on_packet,
							       .changed = on_changed,
							       .event = on_event};
	struct pcmk *pcmk;

	if (!handlers->reported || !handlers->event)
		return haops_fail(ctx, EINVAL, "Pacemaker's helper: a handler is missing");
	pcmk = calloc(1, sizeof(*pcmk));
	if (!pcmk || helper_new(ctx, loop, PCMK_HELPER_PATH, &pcmk->helper) < 0) {
		free(pcmk);
		return haops_fail(ctx, ENOMEM, "Pacemaker's helper: out of memory");
	}
	pcmk->ctx = ctx;
	pcmk->loop = loop;
	pcmk->handlers = *handlers;
	pcmk->userdata = userdata;
	helper_set_handlers(pcmk->helper, &helper_handlers, pcmk);
	*ret_pcmk = pcmk;
	return 0;
}

int pcmk_set_program(struct pcmk *pcmk, const char *path)
{
	return helper_set_path(pcmk->helper, path);
}

static void delete_timer(struct pcmk *pcmk, bool *has_timer, qb_loop_timer_handle timer)
{
	if (*has_timer)
		(void)qb_loop_timer_del(pcmk->loop, timer);
	*has_timer = false;
}

void pcmk_free(struct pcmk *pcmk)
{
	if (!pcmk)
		return;
	delete_timer(pcmk, &pcmk->has_deadline_timer, pcmk->deadline_timer);
	delete_timer(pcmk, &pcmk->has_ping_timer, pcmk->ping_timer);
	delete_timer(pcmk, &pcmk->has_retry_timer, pcmk->retry_timer);
	helper_free(pcmk->helper);
	while (pcmk->first)
		remove_request(pcmk, &pcmk->first);
	attributes_free(&pcmk->attributes);
	free(pcmk);
}

void pcmk_warm(struct pcmk *pcmk)
{
	helper_want(pcmk->helper);
}

int pcmk_report(struct pcmk *pcmk, const struct haops_watch *watch, enum pcmk_wish wish,
		const char *reason, uint64_t *ret_id)
{
	struct packet packet = {.type = PACKET_REPORT, .number = wish};
	char agent[2 * HAOPS_WATCH_NAME_MAX];

	(void)snprintf(agent, sizeof(agent), "%s:%s", watch->provider, watch->agent);
	if (watch->resource[0] == '\0' || strlen(agent) >= PACKET_TEXT_MAX)
		return haops_fail(pcmk->ctx, EINVAL,
				  "report of %s: no name of a resource, or an agent's name too "
				  "long",
				  watch->resource);
	packet_set_text(&packet, 0, watch->resource);
	packet_set_text(&packet, 1, agent);
	packet_set_text(&packet, 2, reason);
	return enqueue(pcmk, &packet, ANSWER_MS, ret_id);
}

void pcmk_withdraw(struct pcmk *pcmk, uint64_t id)
{
	const struct packet packet = {.type = PACKET_WITHDRAW, .id = id};
	struct request **at = find_request(pcmk, id);

	if (!*at || (*at)->packet.type != PACKET_REPORT)
		return;
	if ((*at)->is_sent)
		(void)helper_send(pcmk->helper, &packet);
	else
		remove_request(pcmk, at);
}

static void start_ping_timer(struct pcmk *pcmk);

/* One at a time: a Pacemaker that does not answer is not asked more and more. */
static void on_ping(void *data)
{
	struct pcmk *pcmk = data;
	struct packet packet = {.type = PACKET_PING, .number = pcmk_system_boottime_ms()};

	pcmk->has_ping_timer = false;
	if (pcmk->ping_id == 0)
		(void)enqueue(pcmk, &packet, ANSWER_MS, &pcmk->ping_id);
	start_ping_timer(pcmk);
}

static void start_ping_timer(struct pcmk *pcmk)
{
	if (pcmk->ping_ms > 0)
		pcmk->has_ping_timer = qb_loop_timer_add(pcmk->loop, QB_LOOP_MED,
							 (uint64_t)pcmk->ping_ms * NS_PER_MS, pcmk,
							 on_ping, &pcmk->ping_timer) == 0;
}

void pcmk_set_ping(struct pcmk *pcmk, int64_t interval_ms)
{
	if (interval_ms == pcmk->ping_ms)
		return;
	delete_timer(pcmk, &pcmk->has_ping_timer, pcmk->ping_timer);
	pcmk->ping_ms = interval_ms > 0 ? interval_ms : 0;
	if (pcmk->ping_ms > 0)
		on_ping(pcmk);
}

int pcmk_set_attribute(struct pcmk *pcmk, const char *name, const char *value, int64_t dampen_ms)
{
	int r = attributes_set(&pcmk->attributes, name, value, dampen_ms);

	if (r == -EINVAL)
		return haops_fail(pcmk->ctx, EINVAL,
				  "node attribute: its name is empty, or a text is over %d bytes",
				  PACKET_TEXT_MAX - 1);
	if (r == -ENOSPC)
		return haops_fail(pcmk->ctx, EAGAIN, "node attribute %s: there are %d already",
				  name, ATTRIBUTES_MAX);
	if (r < 0)
		return haops_fail(pcmk->ctx, ENOMEM, "node attribute %s: out of memory", name);
	send_attributes(pcmk);
	return 0;
}

int pcmk_fence(struct pcmk *pcmk, const char *node, uint64_t *ret_id)
{
	struct packet packet = {.type = PACKET_FENCE, .number = FENCE_MS};

	if (node[0] == '\0' || node[0] == '-' || strlen(node) >= PACKET_TEXT_MAX)
		return haops_fail(pcmk->ctx, EINVAL, "fencing: '%s' is no name of a node", node);
	packet_set_text(&packet, 0, node);
	return enqueue(pcmk, &packet, FENCE_MS + ANSWER_MS, ret_id);
}

pid_t pcmk_pid(const struct pcmk *pcmk)
{
	return helper_pid(pcmk->helper);
}

int64_t pcmk_alive_ms(const struct pcmk *pcmk)
{
	return pcmk->alive_ms;
}
