/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of peers: who joins and leaves, and what their heartbeats tell of delay, loss and
 * lateness. Who is silent is the matter of heart-judge.c. */
#include "heart/heart-internal.h"

#include <string.h>

#define BASE_WINDOW_MS 60000
#define SENT_MAX_MS (INT64_C(1) << 53)
#define JITTER_WEIGHT 16.0

const int64_t heart_bucket_ms[HEART_BUCKETS] = {1,     2,     5,     10,       20,   50,
						100,   200,   500,   1000,     2000, 5000,
						10000, 30000, 60000, INT64_MAX};

bool heart_peer_is_here(const struct peer *peer)
{
	return peer->pub.state != HEART_GONE && peer->pub.state != HEART_LEFT;
}

struct peer *heart_peer_find(struct heart *heart, uint32_t nodeid)
{
	for (size_t i = 0; i < heart->peer_count; i++)
		if (heart->peers[i].pub.nodeid == nodeid)
			return &heart->peers[i];
	return NULL;
}

static void remove_peer(struct heart *heart, struct peer *peer)
{
	size_t index = (size_t)(peer - heart->peers);

	heart->peer_count--;
	memmove(peer, peer + 1, (heart->peer_count - index) * sizeof(*peer));
}

/* Room for one more: of those that are gone, the one that is longest. */
static bool make_room(struct heart *heart)
{
	struct peer *oldest = NULL;

	if (heart->peer_count < HEART_PEERS_MAX)
		return true;
	for (size_t i = 0; i < heart->peer_count; i++) {
		struct peer *peer = &heart->peers[i];

		if (!heart_peer_is_here(peer) &&
		    (!oldest || peer->pub.since_ms < oldest->pub.since_ms))
			oldest = peer;
	}
	if (oldest)
		remove_peer(heart, oldest);
	return oldest != NULL;
}

static struct peer *add_peer(struct heart *heart, uint32_t nodeid)
{
	size_t index = 0;

	if (!make_room(heart))
		return NULL;
	while (index < heart->peer_count && heart->peers[index].pub.nodeid < nodeid)
		index++;
	memmove(&heart->peers[index + 1], &heart->peers[index],
		(heart->peer_count - index) * sizeof(heart->peers[0]));
	heart->peer_count++;
	memset(&heart->peers[index], 0, sizeof(heart->peers[index]));
	heart->peers[index].pub.nodeid = nodeid;
	heart->peers[index].pub.state = HEART_GONE;
	return &heart->peers[index];
}

static void copy_name(struct peer *peer, const char *name)
{
	size_t len = strnlen(name, sizeof(peer->pub.name) - 1);

	if (len == 0)
		return;
	memcpy(peer->pub.name, name, len);
	peer->pub.name[len] = '\0';
}

static bool is_same(const struct peer *peer, const struct haops_cluster_member *member)
{
	return peer->pub.incarnation == member->incarnation && peer->pub.pid == member->pid;
}

/* What a former incarnation or a former stay has left. Counters of the node go on. */
static void forget_stay(struct peer *peer)
{
	peer->pub.last_ms = 0;
	memset(&peer->pub.last, 0, sizeof(peer->pub.last));
	peer->has_goodbye = false;
	peer->base_at_ms = 0;
	peer->is_disk_told = false;
}

void heart_joined(struct heart *heart, const struct haops_cluster_member *member, int64_t now_ms)
{
	struct peer *peer = heart_peer_find(heart, member->nodeid);
	bool was_known = peer != NULL;
	bool was_here = was_known && heart_peer_is_here(peer);

	heart->now_ms = now_ms;
	if (member->nodeid == heart->view.nodeid && heart->view.nodeid != 0)
		return;
	if (!peer)
		peer = add_peer(heart, member->nodeid);
	if (!peer)
		return;
	copy_name(peer, member->name);
	peer->is_in_ring = true;
	if (was_here && is_same(peer, member))
		return;
	if (was_known && (!was_here || peer->pub.state == HEART_SILENT))
		peer->pub.returned_count++;
	peer->gone_ms = was_known && !was_here ? peer->pub.since_ms : 0;
	peer->is_anew = was_here;
	peer->pub.pid = member->pid;
	peer->pub.incarnation = member->incarnation;
	peer->pub.joined_ms = now_ms;
	peer->is_join_told = false;
	forget_stay(peer);
	heart_set_state(peer, HEART_UNKNOWN, now_ms);
}

void heart_peer_tell_joined(struct heart *heart, struct peer *peer)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];

	peer->is_join_told = true;
	heart_peer_name(peer, name);
	if (peer->is_anew)
		heart_tell_peer(heart, peer, HEART_WARNING,
				"haopsd on %s was started anew without having left.", name);
	else if (peer->gone_ms)
		heart_tell_peer(heart, peer, HEART_INFO, "%s is a member again, after %s.", name,
				heart_span(peer->pub.joined_ms - peer->gone_ms, span));
	else
		heart_tell_peer(heart, peer, HEART_INFO, "%s is a member now (node number %u).",
				name, peer->pub.nodeid);
}

static void tell_not_in_ring(struct heart *heart, struct peer *peer, int64_t deaf_ms)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];

	heart_peer_name(peer, name);
	if (heart->flags & HEART_OWN_PAUSED)
		heart_tell_peer(heart, peer, HEART_WARNING,
				"%s is not in our ring: it may be we who were away, for this node "
				"stood still.",
				name);
	else
		heart_tell_peer(heart, peer, HEART_WARNING,
				"%s is not in our ring: it may be we who were away, for Corosync "
				"of this node delivered nothing for %s.",
				name, heart_span(deaf_ms, span));
}

static void tell_lost(struct heart *heart, struct peer *peer, enum haops_cluster_reason reason)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];
	const char *why = "was powered off, was cut off, or stopped";
	int64_t deaf_ms = heart_deaf_ms(heart, heart_peer_heard_ms(heart, peer));

	heart_peer_name(peer, name);
	heart_span(peer->pub.last_ms ? heart->now_ms - peer->pub.last_ms : 0, span);
	if (reason == HAOPS_CLUSTER_GHOST)
		why = "is in no ring any more, though Corosync still lists it";
	if (reason == HAOPS_CLUSTER_PROCESS_GONE)
		heart_tell_peer(heart, peer, HEART_WARNING,
				"haopsd or Corosync on %s ended without a goodbye; the node itself "
				"may live (last heartbeat %s ago).",
				name, span);
	else if (heart->flags & HEART_OWN_PAUSED || deaf_ms > 0)
		tell_not_in_ring(heart, peer, deaf_ms);
	else
		heart_tell_peer(heart, peer, HEART_ERROR,
				"%s is lost: it %s (last heartbeat %s ago).", name, why, span);
}

static void tell_left(struct heart *heart, struct peer *peer)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32];

	heart_tell_peer(heart, peer, HEART_INFO,
			"%s has left in an orderly way: its haopsd was stopped.",
			heart_peer_name(peer, name));
}

static void note_detection(struct heart *heart, const struct peer *peer, int64_t now_ms)
{
	bool is_ours = heart->flags & (HEART_OWN_PAUSED | HEART_OWN_LAGGING) ||
		       now_ms - peer->pub.last_ms > heart_deaf_limit_ms(heart);

	if (peer->pub.last_ms && !is_ours)
		heart->detection_ms = now_ms - peer->pub.last_ms;
}

void heart_left(struct heart *heart, const struct haops_cluster_member *member,
		enum haops_cluster_reason reason, int64_t now_ms)
{
	struct peer *peer = heart_peer_find(heart, member->nodeid);

	heart->now_ms = now_ms;
	/* A second process of that node, or a former one, is not the peer. */
	if (!peer || !is_same(peer, member) || !heart_peer_is_here(peer))
		return;
	peer->is_in_ring = false;
	peer->is_join_told = true;
	if (reason == HAOPS_CLUSTER_LEFT) {
		heart_set_state(peer, HEART_LEFT, now_ms);
		tell_left(heart, peer);
		return;
	}
	heart_set_state(peer, HEART_GONE, now_ms);
	if (reason != HAOPS_CLUSTER_PROCESS_GONE)
		note_detection(heart, peer, now_ms);
	tell_lost(heart, peer, reason);
}

void heart_goodbye(struct heart *heart, uint32_t nodeid, uint64_t incarnation, int64_t now_ms)
{
	struct peer *peer = heart_peer_find(heart, nodeid);

	heart->now_ms = now_ms;
	if (!peer || peer->pub.incarnation != incarnation || !heart_peer_is_here(peer))
		return;
	peer->has_goodbye = true;
	heart_set_state(peer, HEART_LEFT, now_ms);
	tell_left(heart, peer);
}

static void count_loss(struct peer *peer, uint64_t seq)
{
	uint64_t before = peer->pub.last.seq;
	uint64_t step = seq - before;

	if (before == 0)
		return;
	/* 0 is no number: after the greatest one comes 1. */
	if (seq < before)
		step--;
	if (step > 1)
		peer->pub.lost += step - 1;
}

/* Newer than the last one; across the wrap, too. */
static bool is_newer(const struct peer *peer, uint64_t seq)
{
	return seq != 0 && (peer->pub.last.seq == 0 || (int64_t)(seq - peer->pub.last.seq) > 0);
}

static void count_in(struct heart_histogram *histogram, int64_t ms)
{
	size_t bucket = 0;

	while (ms > heart_bucket_ms[bucket])
		bucket++;
	histogram->counts[bucket]++;
	if (ms > histogram->max_ms)
		histogram->max_ms = ms;
}

/* The fastest heartbeat of the last one to two minutes is the measure: clocks of nodes differ, and
 * drift. */
static void count_delay(struct peer *peer, int64_t sent_ms, int64_t received_ms)
{
	int64_t sample = received_ms - sent_ms;
	int64_t base;

	if (peer->base_at_ms == 0) {
		peer->base_ms = peer->base_before_ms = sample;
		peer->base_at_ms = received_ms;
	} else {
		int64_t step = sample - peer->sample_ms;

		peer->pub.jitter_ms +=
			((double)(step < 0 ? -step : step) - peer->pub.jitter_ms) / JITTER_WEIGHT;
	}
	if (received_ms - peer->base_at_ms >= BASE_WINDOW_MS) {
		peer->base_before_ms = peer->base_ms;
		peer->base_ms = sample;
		peer->base_at_ms = received_ms;
	}
	if (sample < peer->base_ms)
		peer->base_ms = sample;
	peer->sample_ms = sample;
	base = peer->base_ms < peer->base_before_ms ? peer->base_ms : peer->base_before_ms;
	peer->pub.delay_ms = sample - base;
	count_in(&peer->pub.delays, peer->pub.delay_ms);
}

static void count_lateness(struct heart *heart, struct peer *peer,
			   const struct message_heartbeat *beat, int64_t received_ms)
{
	int64_t late_ms = received_ms - peer->pub.last_ms - peer->pub.last.keepalive_ms;

	if (peer->pub.last_ms == 0)
		return;
	if (late_ms < 0)
		late_ms = 0;
	count_in(&peer->pub.lateness, late_ms);
	/* Nobody's deadtime needs to bear a pause that somebody admits. */
	if (beat->is_paused || peer->pub.last.is_paused ||
	    heart->recovered_ms > peer->pub.last_ms ||
	    (heart->flags & (HEART_OWN_PAUSED | HEART_OWN_LAGGING | HEART_OWN_NO_CLUSTER)))
		return;
	if (late_ms > peer->worst_ms)
		peer->worst_ms = late_ms;
}

static void tell_other_settings(struct heart *heart, struct peer *peer)
{
	const struct message_heartbeat *beat = &peer->pub.last;
	char name[HAOPS_CLUSTER_NAME_MAX + 32];

	if (beat->config_hash == 0 || beat->config_hash == heart->config_hash) {
		peer->hash_told = 0;
		return;
	}
	if (beat->config_hash == peer->hash_told)
		return;
	peer->hash_told = beat->config_hash;
	heart_tell_peer(heart, peer, HEART_WARNING,
			"%s runs with other settings than this node (keepalive %u ms and deadtime "
			"%u ms there, %lld ms and %lld ms here): make haopsd.conf the same on all "
			"nodes, then run \"haops reload\".",
			heart_peer_name(peer, name), beat->keepalive_ms, beat->deadtime_ms,
			(long long)heart->config.keepalive_ms,
			(long long)heart->config.deadtime_ms);
}

static void tell_disk(struct heart *heart, struct peer *peer)
{
	const struct message_heartbeat *beat = &peer->pub.last;
	bool is_slow = beat->disk_age_ms != UINT32_MAX &&
		       beat->disk_age_ms > beat->deadtime_ms + heart->config.disk_interval_ms;
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];

	if (is_slow == peer->is_disk_told)
		return;
	peer->is_disk_told = is_slow;
	heart_peer_name(peer, name);
	if (is_slow)
		heart_tell_peer(heart, peer, HEART_ERROR,
				"The disk of %s takes no test write since %s, though its heartbeat "
				"comes: the disk hangs, is full or is read-only.",
				name, heart_span(beat->disk_age_ms, span));
	else
		heart_tell_peer(heart, peer, HEART_INFO, "The disk of %s takes test writes again.",
				name);
}

static void tell_returned(struct heart *heart, struct peer *peer, int64_t before_ms, int64_t now_ms)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];
	enum heart_peer_state state = peer->pub.state;

	heart_peer_name(peer, name);
	heart_span(now_ms - (before_ms ? before_ms : peer->pub.joined_ms), span);
	if (state == HEART_SILENT)
		heart_tell_peer(heart, peer, HEART_WARNING,
				"%s has returned: its heartbeat comes again after %s of silence.",
				name, span);
	else if (state == HEART_LATE || state == HEART_HELD)
		heart_tell_peer(heart, peer, HEART_INFO, "The heartbeat of %s came, after %s.",
				name, span);
}

static void take_beat(struct heart *heart, struct peer *peer,
		      const struct haops_cluster_message *envelope,
		      const struct message_heartbeat *beat)
{
	int64_t received_ms = envelope->received_ms;

	count_loss(peer, beat->seq);
	count_lateness(heart, peer, beat, received_ms);
	if (envelope->sent_ms > 0 && envelope->sent_ms < SENT_MAX_MS)
		count_delay(peer, envelope->sent_ms, received_ms);
	peer->pub.received++;
	peer->pub.last_ms = received_ms;
	peer->pub.last = *beat;
	if (peer->pub.last.silent_count > MESSAGE_NODES_MAX)
		peer->pub.last.silent_count = MESSAGE_NODES_MAX;
}

/* Whether a heartbeat is the peer's. When a second process of that node has joined and was never
 * heard, or has left again, the one that is heard is the peer. */
static bool is_of_peer(struct heart *heart, struct peer *peer,
		       const struct haops_cluster_message *envelope, int64_t now_ms)
{
	struct haops_cluster_member heard = {.nodeid = envelope->nodeid,
					     .pid = envelope->pid,
					     .incarnation = envelope->incarnation};

	if (peer->pub.incarnation == envelope->incarnation)
		return heart_peer_is_here(peer);
	if (heart_peer_is_here(peer) && peer->pub.last_ms != 0)
		return false;
	memcpy(heard.name, peer->pub.name, sizeof(heard.name));
	heart_joined(heart, &heard, now_ms);
	return true;
}

void heart_beat(struct heart *heart, const struct haops_cluster_message *envelope,
		const struct message_heartbeat *beat, int64_t now_ms)
{
	struct peer *peer = heart_peer_find(heart, envelope->nodeid);
	struct haops_cluster_message seen = *envelope;
	int64_t before_ms;

	heart->now_ms = now_ms;
	if (envelope->is_own) {
		heart_own_echo(heart, envelope, beat->seq, now_ms);
		return;
	}
	if (!peer || !is_of_peer(heart, peer, envelope, now_ms) || !is_newer(peer, beat->seq))
		return;
	before_ms = peer->pub.last_ms;
	if (seen.received_ms <= 0 || seen.received_ms > now_ms)
		seen.received_ms = now_ms;
	if (seen.received_ms < before_ms)
		seen.received_ms = before_ms;
	take_beat(heart, peer, &seen, beat);
	tell_returned(heart, peer, before_ms, now_ms);
	if (peer->pub.state == HEART_SILENT)
		peer->pub.returned_count++;
	if (peer->pub.state != HEART_ACTIVE)
		heart_set_state(peer, HEART_ACTIVE, now_ms);
	tell_other_settings(heart, peer);
	tell_disk(heart, peer);
}

static bool is_in_view(const struct haops_cluster_view *view, const struct peer *peer,
		       const struct haops_cluster_member **ret_member)
{
	for (size_t i = 0; i < view->member_count; i++) {
		if (view->members[i].nodeid != peer->pub.nodeid ||
		    view->members[i].incarnation != peer->pub.incarnation)
			continue;
		*ret_member = &view->members[i];
		return true;
	}
	return false;
}

/* Names and ghosts; who joins and leaves comes by calls of its own. */
static void view_members(struct heart *heart, const struct haops_cluster_view *view)
{
	struct peer *own = heart_peer_find(heart, view->nodeid);

	if (own && view->nodeid != 0)
		remove_peer(heart, own);
	for (size_t i = 0; i < heart->peer_count; i++) {
		const struct haops_cluster_member *member;

		if (!is_in_view(view, &heart->peers[i], &member))
			continue;
		heart->peers[i].is_in_ring = member->is_in_ring;
		copy_name(&heart->peers[i], member->name);
	}
}

static void view_copy(struct view *to, const struct haops_cluster_view *from)
{
	size_t len = from->trouble ? strnlen(from->trouble, sizeof(to->trouble) - 1) : 0;

	to->state = from->state;
	to->nodeid = from->nodeid;
	to->incarnation = from->incarnation;
	to->ring = from->ring;
	to->quorum_ring = from->quorum_ring;
	to->is_quorate = from->is_quorate;
	to->is_settled = from->is_settled;
	to->token_ms = from->token_ms;
	to->consensus_ms = from->consensus_ms;
	to->ring_count = from->ring_count;
	if (len > 0)
		memcpy(to->trouble, from->trouble, len);
	to->trouble[len] = '\0';
}

static bool is_ring_same(struct haops_cluster_ring a, struct haops_cluster_ring b)
{
	return a.seq == b.seq && a.nodeid == b.nodeid;
}

/* Since when the ring is one and known. A member outside of it is a change under way at first; when
 * it stays, it is a ghost (Corosync may list one for ever), see settle(). */
static void view_ring(struct heart *heart, const struct haops_cluster_view *view, int64_t now_ms)
{
	bool is_same = is_ring_same(view->ring, heart->view.ring);
	bool is_agreed = view->state == HAOPS_CLUSTER_UP &&
			 (view->is_settled || is_ring_same(view->ring, view->quorum_ring));
	bool was_settled = heart->view.is_settled;

	if (!is_agreed)
		heart->agreed_ms = 0;
	else if (heart->agreed_ms == 0 || !is_same || (was_settled && !view->is_settled))
		heart->agreed_ms = now_ms;
	if (!is_agreed || !is_same || (was_settled && !view->is_settled))
		heart->settled_ms = 0;
	if (is_agreed && view->is_settled && heart->settled_ms == 0)
		heart->settled_ms = now_ms;
}

void heart_view(struct heart *heart, const struct haops_cluster_view *view, int64_t now_ms)
{
	bool is_up = view->state == HAOPS_CLUSTER_UP;

	heart->now_ms = now_ms;
	view_ring(heart, view, now_ms);
	if (!is_up)
		heart->up_ms = 0;
	else if (heart->up_ms == 0)
		heart->up_ms = now_ms;
	view_copy(&heart->view, view);
	view_members(heart, view);
}
