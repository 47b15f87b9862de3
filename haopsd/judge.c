/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from the heart's verdicts: the proof that the guard renews leases on, and the order
 * to fence a silent peer. Declares nobody dead itself.
 */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PING_MS                                                                                    \
	1000 /* how often Pacemaker is asked without leases: the first one needs an answer */
#define PING_MIN_MS 250 /* and at most with leases */
#define FENCE_RETRY_MS 10000
#define FENCE_LOOK_MS 1000

/* The guard ----------------------------------------------------------------------------------- */

static bool is_same(const struct guard_proof *a, const struct guard_proof *b)
{
	return a->echo_ms == b->echo_ms && a->pacemaker_ms == b->pacemaker_ms &&
	       a->is_quorate == b->is_quorate && a->is_two_node == b->is_two_node &&
	       a->is_paused == b->is_paused && a->held_until_ms == b->held_until_ms &&
	       a->broken_ms == b->broken_ms && a->token_ms == b->token_ms &&
	       a->consensus_ms == b->consensus_ms;
}

void judge_prove(struct daemon *daemon)
{
	const struct haops_cluster_view *view;
	struct guard_proof proof = {0};

	if (!daemon->guard || !daemon->cluster)
		return;
	view = haops_cluster_get_view(daemon->cluster);
	proof.echo_ms = heart_proof_ms(daemon->heart);
	proof.pacemaker_ms = pcmk_alive_ms(daemon->pcmk);
	/* While it is silent, what was known last holds, and the echo's age tells the rest. Without
	 * a provider each part of the cluster calls itself quorate: then no votes are needed. */
	proof.is_quorate =
		view->state != HAOPS_CLUSTER_DOWN && view->is_quorate && view->quorum > 0;
	/* A quorum device does not end two_node: it does when votequorum says so, not before the
	 * device has registered. */
	proof.is_two_node = view->is_two_node;
	proof.is_paused = (heart_own_flags(daemon->heart) & HEART_OWN_PAUSED) != 0;
	proof.broken_ms = daemon->broken_ms;
	proof.held_until_ms = lease_hold_until_ms(&daemon->lease_hold);
	proof.token_ms = view->token_ms;
	proof.consensus_ms = view->consensus_ms;
	if (is_same(&proof, &daemon->proof))
		return;
	daemon->proof = proof;
	guard_prove(daemon->guard, &proof);
}

static int32_t on_guard(int32_t fd, int32_t events, void *data)
{
	struct daemon *daemon = data;
	bool is_error = false;
	char text[256];

	(void)fd;
	(void)events;
	(void)daemon_enter(daemon);
	while (guard_next_event(daemon->guard, &is_error, text, sizeof(text)))
		daemon_tell(daemon, is_error ? HAOPS_LOG_ERROR : HAOPS_LOG_INFO, "%s", text);
	/* A lease may have come or gone. */
	judge_ping_pacemaker(daemon);
	daemon_leave(daemon);
	return 0;
}

static int64_t shortest_lease_ms(const struct daemon *daemon)
{
	struct watcher_entry entry;
	int64_t shortest = 0;

	for (size_t i = 0; i < watcher_count(daemon->watcher); i++) {
		watcher_entry_at(daemon->watcher, i, &entry);
		if (entry.watch->lease_ms > 0 &&
		    (shortest == 0 || entry.watch->lease_ms < shortest))
			shortest = entry.watch->lease_ms;
	}
	return shortest;
}

void judge_ping_pacemaker(struct daemon *daemon)
{
	int64_t lease_ms = shortest_lease_ms(daemon);
	int64_t interval_ms = lease_ms > 0 ? lease_ms / 4 : PING_MS;

	if (interval_ms < PING_MIN_MS)
		interval_ms = PING_MIN_MS;
	if (interval_ms == daemon->ping_pacemaker_ms)
		return;
	daemon->ping_pacemaker_ms = interval_ms;
	pcmk_set_ping(daemon->pcmk, interval_ms);
}

int judge_open(struct daemon *daemon)
{
	struct guard_config config = {
		.run_dir = daemon->options.run_dir,
		.is_realtime = daemon->config.is_realtime,
		.rtprio = daemon->config.rtprio,
	};
	int r = guard_start(daemon->ctx, &config, &daemon->guard);

	if (r < 0)
		return r;
	agenda_set(&daemon->agenda, JOB_FENCE, 0);
	return qb_loop_poll_add(daemon->loop, QB_LOOP_HIGH, guard_fd(daemon->guard), POLLIN, daemon,
				on_guard);
}

/* Fencing ------------------------------------------------------------------------------------- */

static const struct heart_peer *find_peer(const struct daemon *daemon, uint32_t nodeid)
{
	for (size_t i = 0; i < heart_peer_count(daemon->heart); i++) {
		const struct heart_peer *peer = heart_peer_at(daemon->heart, i);

		if (peer->nodeid == nodeid)
			return peer;
	}
	return NULL;
}

static void order_fence(struct daemon *daemon, const struct heart_peer *peer, int64_t now_ms)
{
	struct fence_order *order = &daemon->fence;
	int r;

	*order = (struct fence_order){.nodeid = peer->nodeid, .since_ms = peer->since_ms};
	daemon_tell(daemon, HAOPS_LOG_ERROR,
		    "node %s is silent for %" PRId64 " s: asking Pacemaker to fence it", peer->name,
		    (now_ms - peer->last_ms) / 1000);
	r = pcmk_fence(daemon->pcmk, peer->name, &order->id);
	if (r == 0) {
		order->is_done = true;
		return;
	}
	daemon_tell(daemon, HAOPS_LOG_ERROR,
		    "node %s: fencing cannot be asked for: %s; tried again", peer->name,
		    strerror(-r));
	order->nodeid = 0;
	agenda_set(&daemon->agenda, JOB_FENCE, now_ms + FENCE_RETRY_MS);
}

void judge_fence(struct daemon *daemon, int64_t now_ms)
{
	const struct fence_order *order = &daemon->fence;
	const struct heart_peer *peer;
	uint32_t nodeid;

	agenda_set(&daemon->agenda, JOB_FENCE, now_ms + FENCE_LOOK_MS);
	if (!daemon->config.fence_silent)
		return;
	nodeid = heart_fence_candidate(daemon->heart, now_ms);
	peer = nodeid ? find_peer(daemon, nodeid) : NULL;
	/* A node without a name cannot be named to Pacemaker. */
	if (!peer || !peer->name[0])
		return;
	if (order->is_done && order->nodeid == nodeid && order->since_ms == peer->since_ms)
		return;
	order_fence(daemon, peer, now_ms);
}

bool judge_fenced(struct daemon *daemon, uint64_t id, enum pcmk_result result, const char *text)
{
	struct fence_order *order = &daemon->fence;

	if (!order->is_done || order->id == 0 || order->id != id)
		return false;
	order->id = 0;
	daemon_tell(daemon, result == PCMK_REPORTED ? HAOPS_LOG_INFO : HAOPS_LOG_ERROR,
		    "fencing of node %" PRIu32 ": %s", order->nodeid, text);
	if (result == PCMK_REPORTED)
		return true;
	order->is_done = false;
	agenda_set(&daemon->agenda, JOB_FENCE, host_boottime_ms() + FENCE_RETRY_MS);
	return true;
}
