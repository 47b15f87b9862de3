/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is late, held, silent: the verdict about peers by the clock, and who may be handed to
 * fencing. What we know of ourselves comes from heart-own.c. */
#include "heart/heart-internal.h"

#include <string.h>

#define KEEPALIVE_MAX_MS 3600000
#define WISH_EACH_MS 50

static int64_t max_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void heart_set_state(struct peer *peer, enum heart_peer_state state, int64_t now_ms)
{
	if (peer->pub.state == state)
		return;
	peer->pub.state = state;
	peer->pub.since_ms = now_ms;
}

/* The sender's own keepalive, as far as it is credible. */
static int64_t keepalive_ms(const struct heart *heart, const struct peer *peer)
{
	int64_t keepalive = peer->pub.last.keepalive_ms;

	if (keepalive == 0)
		return heart->config.keepalive_ms;
	return keepalive < KEEPALIVE_MAX_MS ? keepalive : KEEPALIVE_MAX_MS;
}

int64_t heart_peer_deadtime_ms(const struct heart *heart, const struct peer *peer)
{
	return max_ms(heart->config.deadtime_ms, 2 * keepalive_ms(heart, peer));
}

static int64_t warntime_ms(const struct heart *heart, const struct peer *peer)
{
	return max_ms(heart->config.warntime_ms, keepalive_ms(heart, peer) * 3 / 2);
}

/* From when its silence counts. */
int64_t heart_peer_heard_ms(const struct heart *heart, const struct peer *peer)
{
	(void)heart;
	return max_ms(peer->pub.last_ms, peer->pub.joined_ms);
}

/* When its silence has lasted long enough. */
static int64_t dead_at_ms(const struct heart *heart, const struct peer *peer)
{
	int64_t at_ms = heart_peer_heard_ms(heart, peer) + heart_peer_deadtime_ms(heart, peer);

	if (peer->pub.last_ms == 0)
		at_ms = max_ms(at_ms, heart->started_ms + heart->config.initdead_ms);
	return at_ms;
}

/* After a trouble of our own each peer has time for two heartbeats. */
static int64_t quiet_at_ms(const struct heart *heart, const struct peer *peer)
{
	return max_ms(heart->recovered_ms, heart->settled_ms) + 2 * keepalive_ms(heart, peer);
}

bool heart_all_silent(const struct heart *heart, int64_t now_ms)
{
	size_t here = 0;

	for (size_t i = 0; i < heart->peer_count; i++) {
		const struct peer *peer = &heart->peers[i];

		if (!heart_peer_is_here(peer))
			continue;
		here++;
		if (now_ms < dead_at_ms(heart, peer))
			return false;
	}
	return here > 0;
}

/*
 * Heartbeats of peers come at different times of one interval. Without carrier or ping target the
 * first whose time is over may be the first of all: it is to blame only when another was heard
 * after it should have been.
 */
static bool may_be_our_fault(const struct heart *heart, const struct peer *silent)
{
	int64_t dead_ms = dead_at_ms(heart, silent);

	if (!heart_has_no_surroundings(heart))
		return false;
	for (size_t i = 0; i < heart->peer_count; i++)
		if (heart_peer_is_here(&heart->peers[i]) && heart->peers[i].pub.last_ms >= dead_ms)
			return false;
	return true;
}

static enum heart_peer_state state_over_deadtime(const struct heart *heart, const struct peer *peer,
						 int64_t now_ms)
{
	enum heart_peer_state state = peer->pub.state;

	/* Once proven, only a heartbeat changes it, or the insight that we are the isolated one. */
	if (state == HEART_SILENT)
		return heart->flags & HEART_OWN_ISOLATED ? HEART_HELD : HEART_SILENT;
	if (heart->flags & HEART_OWN_HOLDS || !peer->is_in_ring)
		return HEART_HELD;
	if (heart->proven_ms >= dead_at_ms(heart, peer) && now_ms >= quiet_at_ms(heart, peer) &&
	    !may_be_our_fault(heart, peer))
		return HEART_SILENT;
	return state;
}

static enum heart_peer_state judge(const struct heart *heart, const struct peer *peer,
				   int64_t now_ms)
{
	int64_t heard_ms = heart_peer_heard_ms(heart, peer);

	if (now_ms >= dead_at_ms(heart, peer))
		return state_over_deadtime(heart, peer, now_ms);
	/* More time by new settings. */
	if (peer->pub.state == HEART_SILENT || peer->pub.state == HEART_HELD)
		return peer->pub.last_ms ? HEART_LATE : HEART_UNKNOWN;
	if (peer->pub.state != HEART_ACTIVE || heart->flags & HEART_OWN_DEAF)
		return peer->pub.state;
	return heart->proven_ms - heard_ms >= warntime_ms(heart, peer) ? HEART_LATE : HEART_ACTIVE;
}

static void tell_late(struct heart *heart, struct peer *peer)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], a[HEART_SPAN_MAX], b[HEART_SPAN_MAX],
		c[HEART_SPAN_MAX];

	peer->pub.late_count++;
	heart_tell_peer(heart, peer, HEART_WARNING,
			"The heartbeat of %s is late: none came for %s (warntime %s); at %s "
			"(deadtime) it is taken for silent.",
			heart_peer_name(peer, name),
			heart_span(heart->now_ms - heart_peer_heard_ms(heart, peer), a),
			heart_span(warntime_ms(heart, peer), b),
			heart_span(heart_peer_deadtime_ms(heart, peer), c));
}

static void tell_held(struct heart *heart, struct peer *peer)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX];
	char why[HEART_TEXT_MAX / 2];

	heart_own_text(heart->flags & HEART_OWN_HOLDS, why, sizeof(why));
	heart_tell_peer(heart, peer, HEART_WARNING,
			"No heartbeat of %s for %s, but it is not declared dead: %s.",
			heart_peer_name(peer, name),
			heart_span(heart->now_ms - heart_peer_heard_ms(heart, peer), span),
			why[0] ? why : "its node is not in the ring");
}

static void tell_silent(struct heart *heart, struct peer *peer)
{
	char name[HAOPS_CLUSTER_NAME_MAX + 32], a[HEART_SPAN_MAX], b[HEART_SPAN_MAX];

	peer->pub.dead_count++;
	heart_tell_peer(heart, peer, HEART_ERROR,
			"%s is silent: %s heartbeat for %s (deadtime %s), though Corosync holds it "
			"as a member; its haopsd is stopped, starved, or its host hangs.",
			heart_peer_name(peer, name), peer->pub.last_ms ? "no" : "never a",
			heart_span(heart->now_ms - heart_peer_heard_ms(heart, peer), a),
			heart_span(heart_peer_deadtime_ms(heart, peer), b));
}

static void judge_peer(struct heart *heart, struct peer *peer, int64_t now_ms)
{
	enum heart_peer_state state;

	if (!heart_peer_is_here(peer))
		return;
	if (!peer->is_join_told && heart->view.nodeid != 0)
		heart_peer_tell_joined(heart, peer);
	state = judge(heart, peer, now_ms);
	if (state == peer->pub.state)
		return;
	heart_set_state(peer, state, now_ms);
	if (state == HEART_LATE)
		tell_late(heart, peer);
	else if (state == HEART_HELD)
		tell_held(heart, peer);
	else if (state == HEART_SILENT)
		tell_silent(heart, peer);
}

/* When the clock alone may change what is said of a peer. */
static int64_t next_of_peer(const struct heart *heart, const struct peer *peer, int64_t now_ms)
{
	int64_t at_ms = dead_at_ms(heart, peer);
	int64_t quiet_ms = quiet_at_ms(heart, peer);

	if (!heart_peer_is_here(peer) || peer->pub.state == HEART_SILENT)
		return INT64_MAX;
	if (at_ms > now_ms)
		return at_ms;
	return quiet_ms > now_ms ? quiet_ms : INT64_MAX;
}

/* Nothing of ours was sent since that could prove that it is the peer and not our ears. */
static bool is_decided_by_beat(const struct heart *heart, const struct peer *peer, int64_t now_ms)
{
	int64_t dead_ms = dead_at_ms(heart, peer);

	return heart_peer_is_here(peer) && peer->pub.state != HEART_SILENT && now_ms >= dead_ms &&
	       heart->sent_ms < dead_ms && heart->sent_ms <= heart->echo_sent_ms;
}

static void wish_beat(struct heart *heart, int64_t now_ms)
{
	heart->wants_beat = false;
	/* One that could not be sent is not wanted again at once. */
	if (heart->flags & HEART_OWN_HOLDS || now_ms - heart->wished_ms < WISH_EACH_MS)
		return;
	for (size_t i = 0; i < heart->peer_count && !heart->wants_beat; i++)
		heart->wants_beat = is_decided_by_beat(heart, &heart->peers[i], now_ms);
	if (!heart->wants_beat)
		return;
	heart->is_extra = true;
	heart->wished_ms = now_ms;
}

bool heart_wants_beat(const struct heart *heart)
{
	return heart->wants_beat;
}

int64_t heart_tick(struct heart *heart, int64_t now_ms)
{
	int64_t next_ms;
	int64_t rest_ms;

	heart->now_ms = now_ms;
	heart_own_judge(heart, now_ms);
	for (size_t i = 0; i < heart->peer_count; i++)
		judge_peer(heart, &heart->peers[i], now_ms);
	wish_beat(heart, now_ms);
	rest_ms = heart_tell_rest(heart, now_ms);
	next_ms = heart_own_next_ms(heart, now_ms);
	for (size_t i = 0; i < heart->peer_count; i++) {
		int64_t at_ms = next_of_peer(heart, &heart->peers[i], now_ms);

		next_ms = at_ms < next_ms ? at_ms : next_ms;
	}
	if (rest_ms > now_ms && rest_ms < next_ms)
		next_ms = rest_ms;
	heart->wanted_ms = next_ms;
	return next_ms;
}

/* By its own word: nothing stands against its judgement. */
static bool is_healthy(const struct heart *heart, const struct peer *peer)
{
	const struct message_heartbeat *beat = &peer->pub.last;

	return peer->pub.state == HEART_ACTIVE && peer->is_in_ring && beat->has_carrier &&
	       !beat->is_paused && beat->lag_ms <= beat->keepalive_ms &&
	       (beat->disk_age_ms == UINT32_MAX ||
		beat->disk_age_ms <= beat->deadtime_ms + heart->config.disk_interval_ms);
}

static bool says_silent(const struct peer *peer, uint32_t nodeid)
{
	for (size_t i = 0; i < peer->pub.last.silent_count; i++)
		if (peer->pub.last.silent[i] == nodeid)
			return true;
	return false;
}

/* All members are either silent themselves, or take it for silent; and those are not fewer. */
static bool is_agreed(const struct heart *heart, const struct peer *candidate)
{
	size_t silent = 0;
	size_t healthy = 1;

	for (size_t i = 0; i < heart->peer_count; i++) {
		const struct peer *peer = &heart->peers[i];

		if (!heart_peer_is_here(peer))
			continue;
		if (peer->pub.state == HEART_SILENT)
			silent++;
		else if (peer->pub.state == HEART_ACTIVE &&
			 says_silent(peer, candidate->pub.nodeid))
			healthy++;
		else
			return false;
	}
	return healthy >= silent;
}

/* The lowest healthy node does it. */
static bool is_ours_to_do(const struct heart *heart)
{
	for (size_t i = 0; i < heart->peer_count; i++)
		if (heart->peers[i].pub.nodeid < heart->view.nodeid &&
		    heart_peer_is_here(&heart->peers[i]) && is_healthy(heart, &heart->peers[i]))
			return false;
	return true;
}

uint32_t heart_fence_candidate(const struct heart *heart, int64_t now_ms)
{
	if (!heart->config.fence_silent || heart->flags != 0 || !heart->has_carrier ||
	    (heart->pings_total > 0 && heart->pings_up == 0) || !is_ours_to_do(heart))
		return 0;
	for (size_t i = 0; i < heart->peer_count; i++) {
		const struct peer *peer = &heart->peers[i];

		if (peer->pub.state == HEART_SILENT && peer->is_in_ring &&
		    now_ms - heart_peer_heard_ms(heart, peer) >= heart->config.fence_after_ms &&
		    is_agreed(heart, peer))
			return peer->pub.nodeid;
	}
	return 0;
}

int64_t heart_recommended_deadtime_ms(const struct heart *heart)
{
	int64_t keepalive = heart->config.keepalive_ms;
	int64_t ring_ms = max_ms(heart_token_ms(heart) * 22 / 10, heart_ring_ms(heart));
	int64_t worst_ms = 0;
	int64_t best_ms;

	for (size_t i = 0; i < heart->peer_count; i++)
		worst_ms = max_ms(worst_ms, heart->peers[i].worst_ms);
	best_ms = max_ms(ring_ms + keepalive, 2 * (keepalive + worst_ms));
	best_ms = max_ms(best_ms, 2 * keepalive + 1);
	return (best_ms + 99) / 100 * 100;
}
