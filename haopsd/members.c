/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Corosync's news into the parts: views and members to the heart, messages to whom they are for;
 * and our own messages out. Judges nobody.
 */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <util/num.h>

#define GROUP "haops"
#define DISPATCH_MAX 64
#define RUBBISH_TELL_MS 60000

int members_send(struct daemon *daemon, const struct message *message, unsigned int flags)
{
	uint8_t buf[MESSAGE_BYTES_MAX];
	int len = message_encode(message, buf, sizeof(buf));

	return len < 0 ? len : haops_cluster_send(daemon->cluster, buf, (size_t)len, flags, NULL);
}

void members_beat(struct daemon *daemon, int64_t now_ms)
{
	struct message message = {.type = MESSAGE_HEARTBEAT};
	bool was_refused = daemon->is_send_refused;
	int r;

	daemon->beat_due_ms =
		agenda_grid_ms(daemon->beat_due_ms, daemon->config.keepalive_ms, now_ms);
	agenda_set(&daemon->agenda, JOB_BEAT, daemon->beat_due_ms);
	heart_fill(daemon->heart, now_ms, &message.heartbeat);
	r = members_send(daemon, &message, HAOPS_CLUSTER_VOLATILE);
	if (r == 0)
		heart_sent(daemon->heart, now_ms);
	/* Not connected is told by the view. */
	daemon->is_send_refused = r < 0 && r != -ENOTCONN;
	if (daemon->is_send_refused && !was_refused)
		daemon_tell(daemon, HAOPS_LOG_WARNING, "heartbeats cannot be sent: %s",
			    haops_ctx_error(daemon->ctx));
	if (r == 0 && was_refused)
		daemon_tell(daemon, HAOPS_LOG_INFO, "heartbeats are sent again");
}

/* News ---------------------------------------------------------------------------------------- */

static void on_view(void *userdata, const struct haops_cluster_view *view)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);

	heart_view(daemon->heart, view, now_ms);
	lease_hold_view(&daemon->lease_hold, view);
	/* However short it was: the others have seen this node leave. */
	if (view->state == HAOPS_CLUSTER_DOWN || view->state == HAOPS_CLUSTER_JOINING)
		daemon->broken_ms = now_ms;
	if (view->state == HAOPS_CLUSTER_UP && daemon->cluster_state != HAOPS_CLUSTER_UP) {
		agenda_hurry(&daemon->agenda, JOB_BEAT, now_ms);
		agenda_hurry(&daemon->agenda, JOB_LINKS, now_ms);
		/* The library may have made its thread anew. */
		settings_apply_realtime(daemon);
	}
	daemon->cluster_state = view->state;
	daemon_leave(daemon);
}

static void on_joined(void *userdata, const struct haops_cluster_member *member)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);

	heart_joined(daemon->heart, member, now_ms);
	/* So that a new one knows us at once. */
	agenda_hurry(&daemon->agenda, JOB_BEAT, now_ms);
	daemon_leave(daemon);
}

static void on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);

	heart_left(daemon->heart, member, reason, now_ms);
	outdate_node_gone(daemon->outdate, member->nodeid);
	daemon_leave(daemon);
}

/* Whoever may use Corosync may send into our group; that must not fill the log. */
static void tell_rubbish(struct daemon *daemon, const struct haops_cluster_message *envelope,
			 int64_t now_ms)
{
	struct rubbish *rubbish = &daemon->rubbish;

	rubbish->count++;
	if (rubbish->told_ms > 0 && now_ms - rubbish->told_ms < RUBBISH_TELL_MS)
		return;
	rubbish->told_ms = now_ms;
	daemon_tell(daemon, HAOPS_LOG_WARNING,
		    "message of %zu bytes from node %" PRIu32 " process %" PRIu32
		    " is none of haopsd's, passed over; %" PRIu64 " so far",
		    envelope->len, envelope->nodeid, envelope->pid, rubbish->count);
}

static void route(struct daemon *daemon, const struct haops_cluster_message *envelope,
		  const struct message *message, int64_t now_ms)
{
	const struct haops_cluster_view *view = haops_cluster_get_view(daemon->cluster);

	switch (message->type) {
	case MESSAGE_HEARTBEAT:
		heart_beat(daemon->heart, envelope, &message->heartbeat, now_ms);
		break;
	case MESSAGE_GOODBYE:
		heart_goodbye(daemon->heart, envelope->nodeid, envelope->incarnation, now_ms);
		break;
	case MESSAGE_OUTDATE_ASK:
	case MESSAGE_OUTDATE_ANSWER:
		outdate_message(daemon->outdate, message, envelope->nodeid, view->nodeid);
		break;
	}
}

static void on_message(void *userdata, const struct haops_cluster_message *envelope)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);
	struct message message;
	int r = message_decode(envelope->data, envelope->len, &message);

	lease_hold_message(&daemon->lease_hold, envelope);
	if (r == 0)
		route(daemon, envelope, &message, now_ms);
	else if (r != -EPROTONOSUPPORT)
		tell_rubbish(daemon, envelope, now_ms);
	daemon_leave(daemon);
}

static int32_t on_readable(int32_t fd, int32_t events, void *data)
{
	struct daemon *daemon = data;

	(void)fd;
	(void)events;
	(void)daemon_enter(daemon);
	(void)haops_cluster_dispatch(daemon->cluster, DISPATCH_MAX);
	daemon_leave(daemon);
	return 0;
}

/* Life ---------------------------------------------------------------------------------------- */

int members_open(struct daemon *daemon)
{
	static const struct haops_cluster_options options = {.group = GROUP};
	static const struct haops_cluster_handlers handlers = {
		.view = on_view,
		.joined = on_joined,
		.left = on_left,
		.message = on_message,
		.links = own_links,
	};
	int r = haops_cluster_join(daemon->ctx, &options, &handlers, daemon, &daemon->cluster);

	if (r < 0)
		return r;
	daemon->beat_due_ms = host_boottime_ms();
	return qb_loop_poll_add(daemon->loop, QB_LOOP_HIGH, haops_cluster_fd(daemon->cluster),
				POLLIN, daemon, on_readable);
}

int members_close(struct daemon *daemon, int64_t timeout_ms)
{
	static const struct message goodbye = {.type = MESSAGE_GOODBYE};
	int64_t deadline_ms;

	if (!daemon->cluster)
		return -ENOTCONN;
	deadline_ms = haops_deadline_after(daemon->ctx, timeout_ms);
	(void)qb_loop_poll_del(daemon->loop, haops_cluster_fd(daemon->cluster));
	(void)members_send(daemon, &goodbye, HAOPS_CLUSTER_VOLATILE);
	return haops_cluster_leave(daemon->cluster, deadline_ms);
}

uint32_t members_find(const struct daemon *daemon, const char *node)
{
	const struct haops_cluster_view *view = haops_cluster_get_view(daemon->cluster);
	int64_t number = 0;

	for (size_t i = 0; i < view->member_count; i++) {
		if (strcasecmp(view->members[i].name, node) == 0)
			return view->members[i].nodeid;
	}
	for (size_t i = 0; i < heart_peer_count(daemon->heart); i++) {
		const struct heart_peer *peer = heart_peer_at(daemon->heart, i);

		if (strcasecmp(peer->name, node) == 0)
			return peer->nodeid;
	}
	return num_parse(node, 1, UINT32_MAX, &number) == 0 ? (uint32_t)number : 0;
}
