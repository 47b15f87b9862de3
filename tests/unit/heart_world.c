/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated cluster of heart_world.h. */
#include "heart_world.h"

#include "unit.h"

#include <stdio.h>

#define START_MS 1000000
#define DELAY_MS 1
#define OWN 1

static void on_event(void *userdata, enum heart_level level, uint32_t nodeid, const char *text)
{
	struct world *w = userdata;
	struct world_event *event = &w->events[w->event_count++ % WORLD_EVENTS_MAX];

	event->level = level;
	event->nodeid = nodeid;
	event->at_ms = w->now_ms;
	(void)snprintf(event->text, sizeof(event->text), "%s", text);
	if (w->prints)
		print_message("%8lld ms  %d %u  %s\n", (long long)(w->now_ms - START_MS),
			      (int)level, nodeid, text);
}

static struct world_peer *find_peer(struct world *w, uint32_t nodeid)
{
	for (size_t i = 0; i < w->peer_count; i++)
		if (w->peers[i].member.nodeid == nodeid)
			return &w->peers[i];
	return NULL;
}

struct world_peer *world_peer(struct world *w, uint32_t nodeid)
{
	struct world_peer *peer = find_peer(w, nodeid);

	if (!peer)
		abort();
	return peer;
}

static void tell_view(struct world *w)
{
	size_t count = 1;

	w->members[0] =
		(struct haops_cluster_member){.nodeid = OWN, .incarnation = 1, .is_in_ring = true};
	w->ring_nodes[0] = OWN;
	for (size_t i = 0; i < w->peer_count; i++) {
		if (!w->peers[i].is_member)
			continue;
		w->members[count] = w->peers[i].member;
		w->ring_nodes[count++] = w->peers[i].member.nodeid;
	}
	w->view.members = w->members;
	w->view.ring_nodes = w->ring_nodes;
	w->view.member_count = w->view.ring_count = count;
	heart_view(w->heart, &w->view, w->now_ms);
}

void world_turn(struct world *w)
{
	w->was_pause = heart_clock(w->heart, w->now_ms);
	while (w->count > 0 && w->queue[w->first].due_ms <= w->now_ms) {
		struct world_message *m = &w->queue[w->first];
		struct haops_cluster_message envelope = {.nodeid = m->nodeid,
							 .pid = m->pid,
							 .incarnation = m->incarnation,
							 .sent_ms = m->sent_ms + m->clock_offset_ms,
							 .received_ms = w->now_ms,
							 .is_own = m->is_own,
							 .is_quorate = w->view.is_quorate,
							 .data = m->data,
							 .len = m->len};
		struct message message;

		if (!m->is_own)
			world_peer(w, m->nodeid)->delivered_ms = m->sent_ms;
		w->first = (w->first + 1) % WORLD_QUEUE_MAX;
		w->count--;
		assert_int_equal(message_decode(m->data, m->len, &message), 0);
		if (message.type == MESSAGE_HEARTBEAT)
			heart_beat(w->heart, &envelope, &message.heartbeat, w->now_ms);
		else
			heart_goodbye(w->heart, envelope.nodeid, envelope.incarnation, w->now_ms);
	}
	w->tick_due_ms = heart_tick(w->heart, w->now_ms);
	assert_true(w->tick_due_ms > w->now_ms);
}

/* One order for all: a message does not overtake those that are due before. */
static struct world_message *enqueue(struct world *w, int64_t due_ms)
{
	size_t at = w->count++;

	assert_true(w->count < WORLD_QUEUE_MAX);
	for (; at > 0; at--) {
		struct world_message *before = &w->queue[(w->first + at - 1) % WORLD_QUEUE_MAX];

		if (before->due_ms <= due_ms)
			break;
		w->queue[(w->first + at) % WORLD_QUEUE_MAX] = *before;
	}
	return &w->queue[(w->first + at) % WORLD_QUEUE_MAX];
}

static int64_t max_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When the token is at a node next; where it stands still, it has just been. */
static int64_t next_visit_ms(const struct world *w, uint32_t nodeid)
{
	int64_t place = (int64_t)nodeid - OWN;
	int64_t from_ms = max_ms(w->now_ms, w->stall_until_ms + 1);
	int64_t due_ms = w->token_ms + place * w->rotation_ms / ((int64_t)w->peer_count + 1);
	int64_t turns = (from_ms - due_ms + w->rotation_ms - 1) / w->rotation_ms;

	return due_ms >= from_ms ? due_ms : due_ms + turns * w->rotation_ms;
}

static int64_t due_ms_of(const struct world *w, uint32_t nodeid, int64_t delay_ms)
{
	if (w->rotation_ms > 0)
		return next_visit_ms(w, nodeid);
	return max_ms(w->now_ms, w->stall_until_ms) + delay_ms;
}

/* A sender's messages keep their order: none is due before not_before_ms. */
static struct world_message *send_message(struct world *w, const struct message *message,
					  int64_t due_ms)
{
	uint8_t buf[MESSAGE_BYTES_MAX];
	struct world_message *m;
	int len = message_encode(message, buf, sizeof(buf));

	assert_true(len > 0 && len <= WORLD_MESSAGE_MAX);
	m = enqueue(w, due_ms);
	m->due_ms = due_ms;
	m->sent_ms = w->now_ms;
	m->clock_offset_ms = 0;
	m->is_own = false;
	m->len = (uint16_t)len;
	memcpy(m->data, buf, (size_t)len);
	return m;
}

static void send_from(struct world *w, struct world_peer *peer, const struct message *message)
{
	int64_t due_ms = due_ms_of(w, peer->member.nodeid, peer->delay_ms);
	struct world_message *m = send_message(w, message, max_ms(due_ms, peer->last_due_ms));

	m->nodeid = peer->member.nodeid;
	m->pid = peer->member.pid;
	m->incarnation = peer->member.incarnation;
	m->clock_offset_ms = peer->clock_offset_ms;
	peer->last_due_ms = m->due_ms;
}

void world_send_beat(struct world *w, struct world_peer *peer)
{
	struct message message = {.type = MESSAGE_HEARTBEAT};

	if (++peer->beat.seq == 0)
		peer->beat.seq = 1;
	peer->beat.keepalive_ms = (uint32_t)peer->keepalive_ms;
	message.heartbeat = peer->beat;
	send_from(w, peer, &message);
}

static void send_own(struct world *w)
{
	struct message message = {.type = MESSAGE_HEARTBEAT};
	struct world_message *m;

	if (w->view.state != HAOPS_CLUSTER_UP)
		return;
	heart_fill(w->heart, w->now_ms, &message.heartbeat);
	heart_sent(w->heart, w->now_ms);
	if (w->is_mute)
		return;
	m = send_message(w, &message, max_ms(due_ms_of(w, OWN, DELAY_MS), w->own_due_ms));
	m->nodeid = OWN;
	m->is_own = true;
	w->own_due_ms = m->due_ms;
}

/* The others' heartbeats up to now. */
static void beat_peers(struct world *w)
{
	for (size_t i = 0; i < w->peer_count; i++) {
		struct world_peer *peer = &w->peers[i];

		if (!peer->is_member || peer->due_ms > w->now_ms)
			continue;
		peer->due_ms += peer->keepalive_ms;
		if (!peer->is_stopped)
			world_send_beat(w, peer);
	}
}

static int64_t next_of_peers(const struct world *w)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < w->peer_count; i++)
		if (w->peers[i].is_member && w->peers[i].due_ms < next)
			next = w->peers[i].due_ms;
	return next;
}

static int64_t min_ms(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void world_run(struct world *w, int64_t ms)
{
	int64_t end_ms = w->now_ms + ms;

	for (;;) {
		int64_t next = min_ms(next_of_peers(w), min_ms(w->beat_due_ms, w->tick_due_ms));

		if (w->count > 0)
			next = min_ms(next, w->queue[w->first].due_ms);
		if (next > end_ms)
			break;
		w->now_ms = next > w->now_ms ? next : w->now_ms;
		beat_peers(w);
		if ((w->count > 0 && w->queue[w->first].due_ms <= w->now_ms) ||
		    w->tick_due_ms <= w->now_ms || w->beat_due_ms <= w->now_ms)
			world_turn(w);
		if (w->beat_due_ms <= w->now_ms) {
			w->beat_due_ms += w->config.keepalive_ms;
			send_own(w);
		} else if (heart_wants_beat(w->heart)) {
			send_own(w);
		}
	}
	w->now_ms = end_ms;
}

void world_pause(struct world *w, int64_t ms)
{
	int64_t end_ms = w->now_ms + ms;

	for (int64_t next = next_of_peers(w); next <= end_ms; next = next_of_peers(w)) {
		w->now_ms = next > w->now_ms ? next : w->now_ms;
		beat_peers(w);
	}
	w->now_ms = end_ms;
	if (w->beat_due_ms < w->now_ms)
		w->beat_due_ms = w->now_ms;
	if (w->tick_due_ms < w->now_ms)
		w->tick_due_ms = w->now_ms;
}

static void sort_queue(struct world *w)
{
	for (size_t i = 1; i < w->count; i++) {
		struct world_message moved = w->queue[(w->first + i) % WORLD_QUEUE_MAX];
		size_t at = i;

		for (; at > 0; at--) {
			struct world_message *m = &w->queue[(w->first + at - 1) % WORLD_QUEUE_MAX];

			if (m->due_ms <= moved.due_ms)
				break;
			w->queue[(w->first + at) % WORLD_QUEUE_MAX] = *m;
		}
		w->queue[(w->first + at) % WORLD_QUEUE_MAX] = moved;
	}
}

static void hold_back(struct world *w, int64_t until_ms)
{
	int64_t more_ms = until_ms - max_ms(w->now_ms, w->stall_until_ms);

	w->stall_until_ms = until_ms;
	w->token_ms += more_ms;
	for (size_t i = 0; i < w->count; i++) {
		struct world_message *m = &w->queue[(w->first + i) % WORLD_QUEUE_MAX];

		if (m->due_ms > w->now_ms)
			m->due_ms += more_ms;
	}
	for (size_t i = 0; i < w->peer_count; i++)
		if (w->peers[i].last_due_ms > w->now_ms)
			w->peers[i].last_due_ms += more_ms;
	if (w->own_due_ms > w->now_ms)
		w->own_due_ms += more_ms;
}

void world_stall(struct world *w, int64_t ms)
{
	if (w->now_ms + ms > w->stall_until_ms)
		hold_back(w, w->now_ms + ms);
}

void world_stall_anew(struct world *w, int64_t ms, uint32_t first, int64_t rotation_ms)
{
	world_stall(w, ms);
	w->rotation_ms = rotation_ms;
	w->token_ms = w->stall_until_ms -
		      ((int64_t)first - OWN) * rotation_ms / ((int64_t)w->peer_count + 1);
	for (size_t i = 0; i < w->count; i++) {
		struct world_message *m = &w->queue[(w->first + i) % WORLD_QUEUE_MAX];

		if (m->due_ms > w->now_ms)
			m->due_ms = next_visit_ms(w, m->nodeid);
	}
	sort_queue(w);
	for (size_t i = 0; i < w->peer_count; i++)
		w->peers[i].last_due_ms = next_visit_ms(w, w->peers[i].member.nodeid);
	w->own_due_ms = next_visit_ms(w, OWN);
}

void world_new_ring(struct world *w)
{
	w->view.ring.seq += 4;
	w->view.quorum_ring = w->view.ring;
	(void)heart_clock(w->heart, w->now_ms);
	tell_view(w);
	w->tick_due_ms = heart_tick(w->heart, w->now_ms);
}

void world_set_cluster_state(struct world *w, enum haops_cluster_state state)
{
	w->view.state = state;
	w->view.trouble = state == HAOPS_CLUSTER_UP ? "" : "Corosync does not run on this node";
	(void)heart_clock(w->heart, w->now_ms);
	tell_view(w);
	w->tick_due_ms = heart_tick(w->heart, w->now_ms);
}

void world_join(struct world *w, uint32_t nodeid, uint64_t incarnation)
{
	struct world_peer *peer = find_peer(w, nodeid);

	if (!peer) {
		assert_true(w->peer_count < WORLD_PEERS_MAX);
		peer = &w->peers[w->peer_count++];
		*peer = (struct world_peer){.keepalive_ms = w->config.keepalive_ms,
					    .delay_ms = DELAY_MS,
					    .clock_offset_ms = 7777 * (int64_t)nodeid};
		peer->beat.config_hash = config_hash(&w->config);
		peer->beat.deadtime_ms = (uint32_t)w->config.deadtime_ms;
		peer->beat.disk_age_ms = UINT32_MAX;
		peer->beat.has_carrier = true;
	}
	peer->member = (struct haops_cluster_member){.nodeid = nodeid,
						     .pid = 100 + nodeid,
						     .incarnation = incarnation,
						     .is_in_ring = true};
	(void)snprintf(peer->member.name, sizeof(peer->member.name), "node%u", nodeid);
	peer->is_member = true;
	peer->beat.seq = 0;
	peer->due_ms = w->now_ms + nodeid * 37 % peer->keepalive_ms;
	(void)heart_clock(w->heart, w->now_ms);
	heart_joined(w->heart, &peer->member, w->now_ms);
	tell_view(w);
	w->tick_due_ms = heart_tick(w->heart, w->now_ms);
}

void world_leave(struct world *w, uint32_t nodeid, enum haops_cluster_reason reason)
{
	struct world_peer *peer = world_peer(w, nodeid);

	peer->is_member = false;
	(void)heart_clock(w->heart, w->now_ms);
	heart_left(w->heart, &peer->member, reason, w->now_ms);
	tell_view(w);
	w->tick_due_ms = heart_tick(w->heart, w->now_ms);
}

void world_goodbye(struct world *w, uint32_t nodeid)
{
	struct message message = {.type = MESSAGE_GOODBYE};

	send_from(w, world_peer(w, nodeid), &message);
}

struct world *world_new(const char *text, size_t peers)
{
	struct world *w = calloc(1, sizeof(*w));
	char error[CONFIG_ERROR_MAX];

	assert_non_null(w);
	if (config_parse(text, strlen(text), &w->config, error) < 0)
		fail_msg("%s", error);
	w->now_ms = w->beat_due_ms = w->tick_due_ms = START_MS;
	w->heart = heart_new(&w->config, w->now_ms, on_event, w);
	assert_non_null(w->heart);
	w->view = (struct haops_cluster_view){.state = HAOPS_CLUSTER_UP,
					      .nodeid = OWN,
					      .incarnation = 1,
					      .ring = {OWN, 8},
					      .quorum_ring = {OWN, 8},
					      .is_quorate = true,
					      .is_settled = true,
					      .token_ms = 1000,
					      .consensus_ms = 1200,
					      .trouble = ""};
	(void)heart_clock(w->heart, w->now_ms);
	tell_view(w);
	for (uint32_t i = 0; i < peers; i++)
		world_join(w, i + 2, 1000 + i);
	return w;
}

void world_free(struct world *w)
{
	heart_free(w->heart);
	free(w);
}

const struct heart_peer *world_seen(const struct world *w, uint32_t nodeid)
{
	for (size_t i = 0; i < heart_peer_count(w->heart); i++)
		if (heart_peer_at(w->heart, i)->nodeid == nodeid)
			return heart_peer_at(w->heart, i);
	return NULL;
}

enum heart_peer_state world_state(const struct world *w, uint32_t nodeid)
{
	const struct heart_peer *peer = world_seen(w, nodeid);

	if (!peer)
		abort();
	return peer->state;
}

size_t world_told(const struct world *w, const char *text)
{
	size_t kept = w->event_count < WORLD_EVENTS_MAX ? w->event_count : WORLD_EVENTS_MAX;
	size_t found = 0;

	for (size_t i = 0; i < kept; i++)
		found += strstr(w->events[i].text, text) != NULL;
	return found;
}

int64_t world_under_way_ms(const struct world *w, uint32_t nodeid)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct world_message *m = &w->queue[(w->first + i) % WORLD_QUEUE_MAX];

		if (!m->is_own && m->nodeid == nodeid)
			return m->sent_ms;
	}
	return INT64_MAX;
}
