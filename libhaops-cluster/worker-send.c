/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes out: the library's own messages, then the caller's, a bounded number at a time; and
 * what follows when one comes back. */
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#define SEND_PAUSE_MIN_MS 1
#define SEND_PAUSE_MAX_MS 100
#define HOLD_EXTRA_MS 2000

/* 0, or -EAGAIN and later. The connection may be lost behind it. */
static int hand_over(struct worker *worker, const struct envelope *envelope)
{
	uint8_t header[ENVELOPE_LEN];
	struct iovec parts[2] = {{.iov_base = header, .iov_len = sizeof(header)},
				 {.iov_base = (void *)(uintptr_t)envelope->body,
				  .iov_len = envelope->body_len}};
	int r;

	envelope_encode(envelope, header);
	worker_begin(worker);
	r = worker->shared->ops->send(worker->session, parts, envelope->body_len ? 2 : 1);
	worker_end(worker);
	if (r == 0) {
		worker->send_pause_ms = 0;
		return 0;
	}
	if (r != -EAGAIN)
		worker->is_lost = true;
	worker->send_pause_ms =
		worker->send_pause_ms ? 2 * worker->send_pause_ms : SEND_PAUSE_MIN_MS;
	if (worker->send_pause_ms > SEND_PAUSE_MAX_MS)
		worker->send_pause_ms = SEND_PAUSE_MAX_MS;
	worker->send_at_ms = shared_now_ms() + worker->send_pause_ms;
	return -EAGAIN;
}

static size_t hello_body(const struct worker *worker, uint8_t body[ENVELOPE_HELLO_MAX])
{
	const char *name = group_find_name(&worker->config.names, worker->nodeid);
	struct utsname host = {0};

	if (!name && uname(&host) == 0)
		name = host.nodename;
	return envelope_encode_name(name ? name : "", body);
}

static int send_control(struct worker *worker, unsigned int kind, int64_t now_ms)
{
	uint8_t body[ENVELOPE_HELLO_MAX];
	struct envelope envelope = {.kind = kind,
				    .incarnation = worker->shared->incarnation,
				    .seq = worker->control_seq + 1,
				    .sent_ms = now_ms,
				    .body = body};
	int r;

	if (kind == ENVELOPE_HELLO)
		envelope.body_len = hello_body(worker, body);
	r = hand_over(worker, &envelope);
	if (r < 0)
		return r;
	worker->control.kind = kind;
	worker->control.seq = ++worker->control_seq;
	worker->control.order = ++worker->order;
	worker->control.handed_ms = now_ms;
	return 0;
}

/* The hello first: with it a member becomes known. The goodbye last: nothing may follow it. */
static int send_controls(struct worker *worker, int64_t now_ms)
{
	struct worker_control *control = &worker->control;

	if (control->kind)
		return 0;
	if (control->hello_is_due) {
		if (send_control(worker, ENVELOPE_HELLO, now_ms) < 0)
			return -EAGAIN;
		control->hello_is_due = false;
	} else if (control->goodbye_is_due) {
		if (send_control(worker, ENVELOPE_GOODBYE, now_ms) < 0)
			return -EAGAIN;
		control->goodbye_is_due = false;
	} else if (control->probe_is_due) {
		if (send_control(worker, ENVELOPE_PROBE, now_ms) < 0)
			return -EAGAIN;
		control->probe_is_due = false;
	}
	return 0;
}

static struct outbox_message *next_message(struct worker *worker, int64_t now_ms)
{
	struct shared *shared = worker->shared;
	struct outbox_message *message;

	(void)pthread_mutex_lock(&shared->lock);
	outbox_expire(&shared->outbox, now_ms, shared->silent_ms);
	message = outbox_next(&shared->outbox);
	(void)pthread_mutex_unlock(&shared->lock);
	return message;
}

static int send_message(struct worker *worker, struct outbox_message *message)
{
	int64_t now_ms = shared_now_ms();
	struct envelope envelope = {.kind = ENVELOPE_USER,
				    .incarnation = worker->shared->incarnation,
				    .seq = message->seq,
				    .sent_ms = now_ms,
				    .body = message->data,
				    .body_len = message->len};
	int r = hand_over(worker, &envelope);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&worker->shared->lock);
	outbox_handed(&worker->shared->outbox, message, ++worker->order, now_ms);
	(void)pthread_mutex_unlock(&worker->shared->lock);
	return 0;
}

static bool is_empty(struct worker *worker)
{
	bool is_empty;

	(void)pthread_mutex_lock(&worker->shared->lock);
	is_empty = worker->shared->outbox.count == 0;
	(void)pthread_mutex_unlock(&worker->shared->lock);
	return is_empty;
}

/* Without messages under way, silence would go unnoticed. */
static void consider_probe(struct worker *worker, int64_t now_ms)
{
	int64_t quiet_ms = now_ms - worker->last_echo_ms;

	if (quiet_ms >= worker->shared->silent_ms && !worker_waits_since_ms(worker))
		worker->control.probe_is_due = true;
}

/* A Corosync that starts is alone in a ring at first: what waited for it would come back from
 * there, and nobody else would ever have it. */
void worker_hold(struct worker *worker, int64_t now_ms)
{
	if (worker->was_member)
		worker->hold_until_ms = now_ms + worker->config.token_ms +
					worker->config.consensus_ms + HOLD_EXTRA_MS;
	worker->was_member = true;
}

static bool is_holding(struct worker *worker, int64_t now_ms)
{
	if (worker_is_quorate(worker) || worker->is_leaving || now_ms >= worker->hold_until_ms)
		worker->hold_until_ms = 0;
	return worker->hold_until_ms != 0;
}

void worker_send(struct worker *worker, int64_t now_ms)
{
	struct outbox_message *message;

	message = next_message(worker, now_ms);
	if (!worker->is_member || worker->is_lost || now_ms < worker->send_at_ms)
		return;
	consider_probe(worker, now_ms);
	if (send_controls(worker, now_ms) < 0 || is_holding(worker, now_ms))
		return;
	while (message && send_message(worker, message) == 0)
		message = next_message(worker, now_ms);
	if (worker->is_leaving && !worker->said_goodbye && is_empty(worker)) {
		worker->said_goodbye = true;
		worker->control.goodbye_is_due = true;
		(void)send_controls(worker, now_ms);
	}
}

int64_t worker_waits_since_ms(const struct worker *worker)
{
	int64_t control_ms = worker->control.kind ? worker->control.handed_ms : 0;
	int64_t message_ms;

	(void)pthread_mutex_lock(&worker->shared->lock);
	message_ms = outbox_oldest_ms(&worker->shared->outbox);
	(void)pthread_mutex_unlock(&worker->shared->lock);
	if (!control_ms || !message_ms)
		return control_ms ? control_ms : message_ms;
	return control_ms < message_ms ? control_ms : message_ms;
}

/* Corosync keeps the order: what was handed over before and did not come back is lost. */
static void give_up_before(struct worker *worker, uint64_t order)
{
	struct worker_control *control = &worker->control;
	unsigned int lost;

	(void)pthread_mutex_lock(&worker->shared->lock);
	lost = outbox_lost(&worker->shared->outbox, order);
	(void)pthread_mutex_unlock(&worker->shared->lock);
	if (control->kind && control->order < order) {
		lost++;
		control->hello_is_due |= control->kind == ENVELOPE_HELLO;
		control->goodbye_is_due |= control->kind == ENVELOPE_GOODBYE;
		control->kind = 0;
	}
	if (lost)
		worker_log(worker, HAOPS_LOG_WARNING,
			   "Corosync lost %u of our messages in group %s without saying so; its "
			   "log "
			   "may tell why",
			   lost, worker->shared->group);
}

void worker_echo_control(struct worker *worker, const struct envelope *envelope)
{
	uint64_t order = worker->control.order;

	worker->last_echo_ms = shared_now_ms();
	if (!worker->control.kind || envelope->seq != worker->control.seq)
		return;
	worker->control.kind = 0;
	give_up_before(worker, order);
	if (envelope->kind == ENVELOPE_GOODBYE)
		worker->is_done = true;
}

void worker_echo_user(struct worker *worker, uint64_t seq)
{
	uint64_t order;

	worker->last_echo_ms = shared_now_ms();
	(void)pthread_mutex_lock(&worker->shared->lock);
	order = outbox_echo(&worker->shared->outbox, seq);
	(void)pthread_mutex_unlock(&worker->shared->lock);
	if (order)
		give_up_before(worker, order);
}
