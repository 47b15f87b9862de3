/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Corosync delivers: news of the membership and messages, checked, put in order and told. */
#include "worker.h"

#include <errno.h>

static bool on_joined(void *userdata, const struct haops_cluster_member *member)
{
	struct worker *worker = userdata;

	worker->view_is_due = true;
	return shared_push(worker->shared, event_new_member(EVENT_JOINED, member));
}

static bool on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	struct worker *worker = userdata;
	struct event *event = event_new_member(EVENT_LEFT, member);

	if (!event)
		return false;
	event->reason = reason;
	worker->view_is_due = true;
	return shared_push(worker->shared, event);
}

void worker_tell(struct worker *worker)
{
	const struct group_listener listener = {.joined = on_joined,
						.left = on_left,
						.userdata = worker};

	(void)group_tell(&worker->group, &worker->config.names, &listener);
}

static void update_membership(struct worker *worker)
{
	struct group_address own = {.nodeid = worker->nodeid, .pid = worker->pid};
	bool is_member = worker->group.has_ring && group_has(&worker->group, own);

	if (is_member && !worker->is_member) {
		worker->control.hello_is_due = true;
		worker->last_echo_ms = shared_now_ms();
		worker_hold(worker, worker->last_echo_ms);
	}
	worker->is_member = is_member;
	worker->view_is_due = true;
	worker_tell(worker);
}

static void on_changed(void *userdata, const struct group_change *change)
{
	struct worker *worker = userdata;

	group_changed(&worker->group, change);
	for (size_t i = 0; i < change->joined_count; i++)
		if (change->joined[i].nodeid != worker->nodeid ||
		    change->joined[i].pid != worker->pid)
			worker->control.hello_is_due = true;
	update_membership(worker);
}

static void on_ring(void *userdata, struct haops_cluster_ring ring, const uint32_t *nodes,
		    size_t count)
{
	struct worker *worker = userdata;

	group_ring_changed(&worker->group, ring, nodes, count);
	update_membership(worker);
}

static void on_quorum(void *userdata, struct haops_cluster_ring ring, bool is_quorate)
{
	struct worker *worker = userdata;

	worker->quorum_ring = ring;
	worker->is_quorate = is_quorate;
	worker->has_quorum = true;
	worker->view_is_due = true;
}

static void on_config(void *userdata)
{
	struct worker *worker = userdata;

	worker->config_is_due = true;
}

/* The 1st, 10th, 100th ...: enough to be noticed, too few to fill a log. */
static bool is_power_of_ten(uint64_t number)
{
	while (number % 10 == 0 && number)
		number /= 10;
	return number == 1;
}

static void drop(struct worker *worker, struct group_address from, int why)
{
	if (why == -ENOTSUP) {
		if (worker->newer++ == 0)
			worker_log(worker, HAOPS_LOG_WARNING,
				   "group %s: node %u process %u speaks a newer version that this "
				   "one does not understand: its messages are dropped, update "
				   "haops "
				   "here",
				   worker->shared->group, from.nodeid, from.pid);
		return;
	}
	if (is_power_of_ten(++worker->rubbish))
		worker_log(worker, HAOPS_LOG_WARNING,
			   "group %s: message of node %u process %u dropped, it is none of haops "
			   "(%llu in all): find out what else joins this group",
			   worker->shared->group, from.nodeid, from.pid,
			   (unsigned long long)worker->rubbish);
}

static void deliver(struct worker *worker, struct group_address from,
		    const struct envelope *envelope, bool is_own)
{
	struct haops_cluster_message message = {
		.nodeid = from.nodeid,
		.pid = from.pid,
		.incarnation = envelope->incarnation,
		.seq = envelope->seq,
		.sent_ms = envelope->sent_ms,
		.received_ms = shared_now_ms(),
		.is_own = is_own,
		.is_quorate = worker_is_quorate(worker),
		.data = envelope->body,
		.len = envelope->body_len,
	};

	if (!seen_is_new(&worker->seen, envelope->incarnation, envelope->seq))
		return;
	/* What it was delivered in is told before it. */
	if (worker->view_is_due)
		worker_publish(worker, message.received_ms);
	if (!shared_push(worker->shared, event_new_message(&message)) &&
	    is_power_of_ten(++worker->lost_events))
		worker_log(worker, HAOPS_LOG_ERROR,
			   "group %s: memory is short, %llu messages were lost here",
			   worker->shared->group, (unsigned long long)worker->lost_events);
}

/* Our own incarnation from elsewhere, or another from our own place, is nobody's. */
static bool is_plausible(const struct worker *worker, struct group_address from, bool is_own)
{
	return is_own == (from.nodeid == worker->nodeid && from.pid == worker->pid);
}

static void take(struct worker *worker, struct group_address from, const struct envelope *envelope,
		 bool is_own)
{
	switch (envelope->kind) {
	case ENVELOPE_USER:
		deliver(worker, from, envelope, is_own);
		if (is_own)
			worker_echo_user(worker, envelope->seq);
		break;
	case ENVELOPE_GOODBYE:
		group_goodbye(&worker->group, from, envelope->incarnation);
		worker_tell(worker);
		worker->view_is_due = true;
		break;
	default: /* a later version may have more */
		break;
	}
	if (is_own && envelope->kind != ENVELOPE_USER)
		worker_echo_control(worker, envelope);
}

static void on_message(void *userdata, struct group_address from, const void *data, size_t len)
{
	struct worker *worker = userdata;
	char name[HAOPS_CLUSTER_NAME_MAX];
	struct envelope envelope;
	bool is_own, is_hello;
	int r = envelope_decode(data, len, &envelope);

	if (r < 0) {
		drop(worker, from, r);
		return;
	}
	is_own = envelope.incarnation == worker->shared->incarnation;
	if (!is_plausible(worker, from, is_own)) {
		drop(worker, from, -EPROTO);
		return;
	}
	is_hello = envelope.kind == ENVELOPE_HELLO;
	if (is_hello)
		envelope_decode_name(&envelope, name);
	/* Not listed: it left before what it sent arrived. */
	if (!group_heard(&worker->group, from, envelope.incarnation, is_hello ? name : NULL))
		return;
	worker->view_is_due |= is_hello;
	worker_tell(worker);
	take(worker, from, &envelope, is_own);
}

struct corosync_listener worker_listener(struct worker *worker)
{
	return (struct corosync_listener){
		.message = on_message,
		.changed = on_changed,
		.ring = on_ring,
		.quorum = on_quorum,
		.config = on_config,
		.userdata = worker,
	};
}
