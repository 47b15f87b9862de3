/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talks to the controller. Its answers have no number, but come in the order of the questions of
 * one kind: two queues, from which each answer takes the oldest, answered or not.
 */
#include "controller.h"

#include <crm/common/ipc_controld.h>
#include <crm/crm.h>
#include <crm/msg_xml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below the 5 s after which haopsd takes us, not the controller, for hanging. */
#define ANSWER_MS 3000
/* A late answer still takes its question out of the queue; after this one is lost, and with it the
 * order of the others: only a new connection helps. */
#define LOST_MS 30000
#define WAITING_MAX 64
#define US_PER_MS G_GINT64_CONSTANT(1000)

struct waiting {
	uint64_t id; /* 0: haopsd has had its answer */
	enum pcmk_wish wish;
	int64_t asked_ms;
	gint64 deadline_us;
	char text[PACKET_TEXT_MAX];
};

struct queue {
	struct waiting items[WAITING_MAX]; /* oldest first */
	size_t count;
};

struct controller {
	struct program *program;
	pcmk_ipc_api_t *api;
	bool is_connected;
	char *node;
	struct queue pings;
	struct queue reports;
	guint timer;
};

static void set_timer(struct controller *controller);

static void remove_at(struct queue *queue, size_t at)
{
	queue->count--;
	memmove(queue->items + at, queue->items + at + 1,
		(queue->count - at) * sizeof(queue->items[0]));
}

static bool queue_take(struct queue *queue, struct waiting *ret_waiting)
{
	if (queue->count == 0)
		return false;
	*ret_waiting = queue->items[0];
	remove_at(queue, 0);
	return true;
}

static struct waiting *queue_add(struct queue *queue, uint64_t id)
{
	struct waiting *waiting;

	if (queue->count == WAITING_MAX)
		return NULL;
	waiting = &queue->items[queue->count++];
	memset(waiting, 0, sizeof(*waiting));
	waiting->id = id;
	waiting->deadline_us = g_get_monotonic_time() + ANSWER_MS * US_PER_MS;
	return waiting;
}

static void answer_unavailable(struct controller *controller, struct waiting *waiting,
			       const char *text)
{
	uint64_t id = waiting->id;

	waiting->id = 0;
	if (id != 0)
		program_answer(controller->program, id, PCMK_UNAVAILABLE, text);
}

static void lose(struct controller *controller, const char *why)
{
	controller->is_connected = false;
	program_lost(controller->program, why);
}

/* A look that is not answered says nothing of the controller: the resource is busy. */
static void forget_looks(struct queue *queue)
{
	gint64 now_us = g_get_monotonic_time();

	for (size_t i = queue->count; i-- > 0;)
		if (queue->items[i].wish == PCMK_LOOK &&
		    now_us - queue->items[i].deadline_us >= LOST_MS * US_PER_MS)
			remove_at(queue, i);
}

static void expire(struct controller *controller, struct queue *queue)
{
	gint64 now_us = g_get_monotonic_time();

	for (size_t i = 0; i < queue->count; i++) {
		gint64 late_us = now_us - queue->items[i].deadline_us;

		if (late_us >= 0)
			answer_unavailable(controller, &queue->items[i],
					   "the controller does not answer");
		if (late_us >= LOST_MS * US_PER_MS && controller->is_connected &&
		    queue->items[i].wish != PCMK_LOOK)
			lose(controller, "the controller does not answer");
	}
	forget_looks(queue);
}

static gboolean on_timer(gpointer data)
{
	struct controller *controller = data;

	controller->timer = 0;
	expire(controller, &controller->pings);
	expire(controller, &controller->reports);
	set_timer(controller);
	return G_SOURCE_REMOVE;
}

static gint64 next_deadline(const struct queue *queue, gint64 next_us)
{
	for (size_t i = 0; i < queue->count; i++) {
		gint64 at_us = queue->items[i].deadline_us;

		if (queue->items[i].id == 0)
			at_us += LOST_MS * US_PER_MS;
		if (at_us < next_us)
			next_us = at_us;
	}
	return next_us;
}

/* A timer that is set already is early enough, or a little too early, which does no harm. */
static void set_timer(struct controller *controller)
{
	gint64 next_us =
		next_deadline(&controller->reports, next_deadline(&controller->pings, G_MAXINT64));
	gint64 left_us = next_us - g_get_monotonic_time();

	if (next_us == G_MAXINT64 || controller->timer || !controller->is_connected)
		return;
	controller->timer = g_timeout_add(left_us > 0 ? (guint)(left_us / US_PER_MS) + 1 : 1,
					  on_timer, controller);
}

static void clear_queue(struct controller *controller, struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		answer_unavailable(controller, &queue->items[i], "the controller ended");
	queue->count = 0;
}

/* The faked operation that comes back has exit code 0 when the report was taken. */
static bool is_accepted(xmlNode *op)
{
	const char *code = op ? crm_element_value(op, XML_LRM_ATTR_RC) : NULL;

	return !code || strcmp(code, "0") == 0;
}

/* A refresh waits for what the resource is doing, and its answer may come after later ones. */
static enum pcmk_wish wish_of(xmlNode *op)
{
	const char *task = op ? crm_element_value(op, XML_LRM_ATTR_TASK) : NULL;

	return task && strcmp(task, CRMD_ACTION_DELETE) == 0 ? PCMK_LOOK : PCMK_RECOVER;
}

static bool take_report(struct controller *controller, enum pcmk_wish wish,
			struct waiting *ret_waiting)
{
	struct queue *queue = &controller->reports;
	size_t at = 0;

	while (at < queue->count && queue->items[at].wish != wish)
		at++;
	if (at == queue->count)
		return false;
	*ret_waiting = queue->items[at];
	remove_at(queue, at);
	return true;
}

static void on_report_reply(struct controller *controller, const pcmk_controld_api_reply_t *reply)
{
	xmlNode *state = reply->data.resource.node_state;
	xmlNode *op = state ? get_xpath_object("//lrm_rsc_op", state, LOG_NEVER) : NULL;
	struct waiting waiting;

	if (!take_report(controller, wish_of(op), &waiting) || waiting.id == 0)
		return;
	if (is_accepted(op))
		program_answer(controller->program, waiting.id, PCMK_REPORTED, waiting.text);
	else
		program_answer(controller->program, waiting.id, PCMK_UNAVAILABLE,
			       "the controller did not take it");
}

/* The answer to a ping. It is a question for the node, and not the controller's own "ping", which
 * is a line in Pacemaker's log each time. */
static void on_ping_reply(struct controller *controller)
{
	struct waiting waiting;

	if (queue_take(&controller->pings, &waiting) && waiting.id != 0)
		program_alive(controller->program, ALIVE_CONTROLLER, waiting.asked_ms);
}

static void on_info(struct controller *controller, const pcmk_controld_api_reply_t *reply)
{
	const char *node = reply->data.node_info.uname;

	if (controller->node)
		on_ping_reply(controller);
	if (!node || controller->node)
		return;
	controller->node = strdup(node);
	program_connected(controller->program);
}

static void on_reply(struct controller *controller, const pcmk_controld_api_reply_t *reply)
{
	switch (reply->reply_type) {
	case pcmk_controld_reply_info:
		on_info(controller, reply);
		break;
	case pcmk_controld_reply_resource:
		on_report_reply(controller, reply);
		break;
	default:
		break;
	}
}

static void on_event(pcmk_ipc_api_t *api, enum pcmk_ipc_event event, crm_exit_t status,
		     void *event_data, void *user_data)
{
	struct controller *controller = user_data;

	(void)api;
	if (!controller->is_connected)
		return;
	if (event == pcmk_ipc_event_disconnect)
		lose(controller, "the controller ended");
	else if (event == pcmk_ipc_event_reply && status == CRM_EX_OK && event_data)
		on_reply(controller, event_data);
	else if (event == pcmk_ipc_event_reply)
		lose(controller, "the controller said something that is not understood");
}

int controller_connect(struct controller *controller)
{
	int code;

	if (controller->is_connected)
		return 0;
	controller_disconnect(controller);
	if (pcmk_new_ipc_api(&controller->api, pcmk_ipc_controld) != pcmk_rc_ok)
		return -ENOMEM;
	pcmk_register_ipc_callback(controller->api, on_event, controller);
	code = pcmk_connect_ipc(controller->api, pcmk_ipc_dispatch_main);
	controller->is_connected = code == pcmk_rc_ok;
	if (code == pcmk_rc_ok)
		code = pcmk_controld_api_node_info(controller->api, 0);
	if (code == pcmk_rc_ok)
		return 0;
	controller_disconnect(controller);
	return -ENOTCONN;
}

void controller_disconnect(struct controller *controller)
{
	controller->is_connected = false;
	if (controller->timer)
		g_source_remove(controller->timer);
	controller->timer = 0;
	free(controller->node);
	controller->node = NULL;
	clear_queue(controller, &controller->pings);
	clear_queue(controller, &controller->reports);
	if (!controller->api)
		return;
	pcmk_register_ipc_callback(controller->api, NULL, NULL);
	pcmk_free_ipc_api(controller->api);
	controller->api = NULL;
}

const char *controller_node(const struct controller *controller)
{
	return controller->is_connected ? controller->node : NULL;
}

void controller_ping(struct controller *controller, uint64_t id, int64_t asked_ms)
{
	struct waiting *waiting = queue_add(&controller->pings, id);

	if (!waiting) {
		program_answer(controller->program, id, PCMK_UNAVAILABLE,
			       "the controller does not answer");
		return;
	}
	waiting->asked_ms = asked_ms;
	if (pcmk_controld_api_node_info(controller->api, 0) != pcmk_rc_ok) {
		controller->pings.count--;
		program_answer(controller->program, id, PCMK_UNAVAILABLE,
			       "the controller cannot be asked");
	}
	set_timer(controller);
}

/* A refresh of one instance: Pacemaker probes it, and begins its monitors anew, at once. */
static int tell(struct controller *controller, const struct judge_verdict *verdict)
{
	if (verdict->wish == PCMK_LOOK)
		return pcmk_controld_api_refresh(controller->api, controller->node,
						 controller->node, verdict->id, verdict->long_id,
						 verdict->standard, verdict->provider,
						 verdict->type, false);
	return pcmk_controld_api_fail(controller->api, controller->node, controller->node,
				      verdict->id, verdict->long_id, verdict->standard,
				      verdict->provider, verdict->type);
}

void controller_report(struct controller *controller, uint64_t id,
		       const struct judge_verdict *verdict)
{
	struct waiting *waiting = queue_add(&controller->reports, id);

	if (!waiting) {
		program_answer(controller->program, id, PCMK_UNAVAILABLE,
			       "the controller does not answer");
		return;
	}
	waiting->wish = verdict->wish;
	(void)snprintf(waiting->text, sizeof(waiting->text), "%s", verdict->text);
	if (tell(controller, verdict) != pcmk_rc_ok) {
		controller->reports.count--;
		program_answer(controller->program, id, PCMK_UNAVAILABLE,
			       "the controller cannot be told");
	}
	set_timer(controller);
}

int controller_open(struct program *program, struct controller **ret_controller)
{
	struct controller *controller = calloc(1, sizeof(*controller));

	if (!controller)
		return -ENOMEM;
	controller->program = program;
	*ret_controller = controller;
	return 0;
}

void controller_close(struct controller *controller)
{
	if (!controller)
		return;
	controller_disconnect(controller);
	free(controller);
}
