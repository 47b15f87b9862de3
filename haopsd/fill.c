/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the status that tools ask for out of what the parts know. Changes nothing but how often
 * Corosync is asked for its links. */
#include "daemon.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINKS_WANTED_MS 15000

#define COPY_TEXT(to, from) (void)snprintf((to), sizeof(to), "%s", (from))

static bool is_in_ring(const struct haops_cluster_view *view, uint32_t nodeid)
{
	for (size_t i = 0; i < view->ring_count; i++) {
		if (view->ring_nodes[i] == nodeid)
			return view->state == HAOPS_CLUSTER_UP;
	}
	return false;
}

static void fill_view(struct status *status, const struct haops_cluster_view *view)
{
	status->nodeid = view->nodeid;
	status->cluster_state = view->state;
	COPY_TEXT(status->trouble, view->trouble ? view->trouble : "");
	status->ring = view->ring;
	status->is_quorate = view->is_quorate;
	status->is_settled = view->is_settled;
	status->is_two_node = view->is_two_node;
	status->has_qdevice = view->has_qdevice;
	status->waits_for_all = view->waits_for_all;
	status->expected_votes = view->expected_votes;
	status->total_votes = view->total_votes;
	status->quorum = view->quorum;
	status->token_ms = view->token_ms;
	status->consensus_ms = view->consensus_ms;
}

static void fill_peer(struct status_peer *out, const struct heart_peer *peer)
{
	out->nodeid = peer->nodeid;
	COPY_TEXT(out->name, peer->name);
	COPY_TEXT(out->version, peer->last.version);
	out->state = peer->state;
	out->since_ms = peer->since_ms;
	out->last_ms = peer->last_ms;
	out->sequence = peer->last.seq;
	out->received = peer->received;
	out->lost = peer->lost;
	out->late_count = peer->late_count;
	out->dead_count = peer->dead_count;
	out->returned_count = peer->returned_count;
	out->delay_ms = peer->delay_ms;
	out->delays = peer->delays;
	out->jitter_ms = peer->jitter_ms;
	out->lateness = peer->lateness;
	out->disk_age_ms = peer->last.disk_age_ms;
	out->lag_ms = peer->last.lag_ms;
	out->keepalive_ms = peer->last.keepalive_ms;
	out->config_hash = peer->last.config_hash;
	out->has_carrier = peer->last.has_carrier;
	out->pings_up = peer->last.pings_up;
	out->pings_total = peer->last.pings_total;
}

/* The heart keeps the others only. */
static void fill_own(struct status *status, const struct daemon *daemon,
		     const struct haops_cluster_view *view, const struct message_heartbeat *beat)
{
	struct status_peer *out = &status->peers[status->peer_count++];

	*out = (struct status_peer){.nodeid = view->nodeid, .is_own = true};
	COPY_TEXT(out->name, status->node);
	COPY_TEXT(out->version, haops_version());
	out->is_in_ring = is_in_ring(view, view->nodeid);
	out->state = view->state == HAOPS_CLUSTER_UP ? HEART_ACTIVE : HEART_UNKNOWN;
	out->since_ms = daemon->started_ms;
	out->last_ms = heart_proof_ms(daemon->heart);
	out->sequence = beat->seq > 0 ? beat->seq - 1 : 0;
	out->received = out->sequence;
	out->disk_age_ms = beat->disk_age_ms;
	out->lag_ms = beat->lag_ms;
	out->keepalive_ms = beat->keepalive_ms;
	out->config_hash = beat->config_hash;
	out->has_carrier = beat->has_carrier;
	out->pings_up = beat->pings_up;
	out->pings_total = beat->pings_total;
}

static void fill_peers(struct status *status, const struct daemon *daemon,
		       const struct haops_cluster_view *view)
{
	size_t count = heart_peer_count(daemon->heart);

	for (size_t i = 0; i < count && status->peer_count < STATUS_PEERS_MAX; i++) {
		struct status_peer *out = &status->peers[status->peer_count++];
		const struct heart_peer *peer = heart_peer_at(daemon->heart, i);

		fill_peer(out, peer);
		out->is_in_ring = is_in_ring(view, peer->nodeid);
	}
}

static void fill_name(struct status *status, const struct haops_cluster_view *view)
{
	for (size_t i = 0; i < view->member_count; i++) {
		if (view->members[i].nodeid == view->nodeid)
			COPY_TEXT(status->node, view->members[i].name);
	}
}

static void fill_heart(struct status *status, const struct daemon *daemon,
		       const struct message_heartbeat *beat)
{
	status->measured_detection_ms = heart_detection_ms(daemon->heart);
	status->recommended_deadtime_ms = heart_recommended_deadtime_ms(daemon->heart);
	status->own_flags = heart_own_flags(daemon->heart);
	status->keepalive_ms = daemon->config.keepalive_ms;
	status->warntime_ms = daemon->config.warntime_ms;
	status->deadtime_ms = daemon->config.deadtime_ms;
	status->initdead_ms = daemon->config.initdead_ms;
	status->convergence_ms = daemon->config.convergence_ms;
	status->disk_age_ms = beat->disk_age_ms;
}

static void fill_guard(struct status *status, const struct daemon *daemon)
{
	struct guard_report report = {0};

	guard_get_report(daemon->guard, &report);
	status->pauses = report.pauses;
	status->last_pause_ms = report.last_pause_ms;
	status->last_pause_at_ms = report.last_pause_at_ms;
	status->lease_verdict = report.verdict;
	status->leased = (uint32_t)report.leased;
	status->lease_dropped = report.dropped;
	status->reports = daemon->reports;
	status->reports_held = daemon->reports_held;
	status->pacemaker_ms = daemon->pacemaker_ms;
}

static void fill_watched(struct status *status, const struct daemon *daemon)
{
	size_t count = watcher_count(daemon->watcher);
	struct watcher_entry entry;

	status->watched_total = count;
	for (size_t i = 0; i < count && i < STATUS_WATCHED_MAX; i++) {
		struct status_watched *out = &status->watched[status->watched_count++];

		watcher_entry_at(daemon->watcher, i, &entry);
		COPY_TEXT(out->resource, entry.watch->resource);
		COPY_TEXT(out->agent, entry.watch->agent);
		out->objects = (uint32_t)entry.watch->object_count;
		out->lease_ms = entry.watch->lease_ms;
		out->is_pacemaker = entry.watch->is_pacemaker;
		out->is_lost = entry.is_lost;
		COPY_TEXT(out->reason, entry.is_lost ? entry.reason : "");
		out->since_ms = entry.since_ms;
	}
}

static void fill_pings(struct status *status, const struct daemon *daemon)
{
	size_t count = pinger_count(daemon->pinger);
	struct pinger_group group;

	for (size_t i = 0; i < count && i < STATUS_PINGS_MAX; i++) {
		struct status_ping *out = &status->pings[status->ping_count++];

		pinger_group_at(daemon->pinger, i, &group);
		COPY_TEXT(out->name, group.name);
		out->is_up = group.is_up;
		out->last_ms = group.last_ms;
		out->rtt_us = group.rtt_us;
	}
}

static void fill_links(struct status *status, struct daemon *daemon, int64_t now_ms)
{
	status->link_count = daemon->link_count;
	status->links_ms = daemon->links_ms;
	memcpy(status->links, daemon->links, daemon->link_count * sizeof(*daemon->links));
	if (now_ms >= daemon->links_wanted_ms)
		agenda_hurry(&daemon->agenda, JOB_LINKS, now_ms);
	daemon->links_wanted_ms = now_ms + LINKS_WANTED_MS;
}

void fill_status(void *userdata, struct status *status)
{
	struct daemon *daemon = userdata;
	const struct haops_cluster_view *view = haops_cluster_get_view(daemon->cluster);
	int64_t now_ms = daemon_enter(daemon);
	struct message_heartbeat beat = {0};

	heart_fill(daemon->heart, now_ms, &beat);
	COPY_TEXT(status->version, haops_version());
	status->now_ms = now_ms;
	status->wall_ms = host_walltime_ms();
	status->started_ms = daemon->started_ms;
	fill_view(status, view);
	fill_name(status, view);
	fill_own(status, daemon, view, &beat);
	fill_peers(status, daemon, view);
	fill_heart(status, daemon, &beat);
	fill_guard(status, daemon);
	fill_watched(status, daemon);
	fill_pings(status, daemon);
	fill_links(status, daemon, now_ms);
	status->event_count = events_copy(&daemon->events, status->events);
	daemon_leave(daemon);
}

void fill_line(const struct daemon *daemon, char *buf, size_t size)
{
	const struct haops_cluster_view *view = haops_cluster_get_view(daemon->cluster);
	char own[160];

	if (view->state != HAOPS_CLUSTER_UP) {
		(void)snprintf(buf, size, "%s", view->trouble ? view->trouble : "");
		return;
	}
	heart_own_text(heart_own_flags(daemon->heart), own, sizeof(own));
	(void)snprintf(buf, size, "%zu of %zu nodes answer, %s, %zu resources watched%s%s",
		       view->member_count, view->ring_count,
		       view->is_quorate ? "quorate" : "no quorum", watcher_count(daemon->watcher),
		       own[0] ? "; " : "", own);
}
