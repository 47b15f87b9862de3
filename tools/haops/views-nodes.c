/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes and their heartbeats, as a tree for a writer. */

#include "views.h"

#include "format.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define BAR_MAX 40

bool view_is_node(const struct status_peer *peer, const char *node)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", peer->nodeid);
	return strcmp(peer->name, node) == 0 || strcmp(number, node) == 0;
}

const struct status_peer *view_find(const struct status *status, const char *node)
{
	for (size_t i = 0; i < status->peer_count; i++) {
		if (view_is_node(&status->peers[i], node))
			return &status->peers[i];
	}
	return NULL;
}

void view_own_peer(const struct status *status, struct status_peer *own)
{
	*own = (struct status_peer){.nodeid = status->nodeid,
				    .is_own = true,
				    .is_in_ring = status->cluster_state == HAOPS_CLUSTER_UP,
				    .state = HEART_ACTIVE,
				    .since_ms = status->started_ms,
				    .last_ms = status->now_ms,
				    .disk_age_ms = status->disk_age_ms,
				    .keepalive_ms = (uint32_t)status->keepalive_ms};
	memcpy(own->name, status->node, sizeof(own->name));
	memcpy(own->version, status->version, sizeof(own->version));
}

static bool lists_own(const struct status *status)
{
	for (size_t i = 0; i < status->peer_count; i++) {
		if (status->peers[i].is_own)
			return true;
	}
	return false;
}

static double lost_percent(const struct status_peer *peer)
{
	double all = (double)peer->received + (double)peer->lost;

	return all > 0 ? 100.0 * (double)peer->lost / all : (double)NAN;
}

static int64_t disk_age_ms(const struct status_peer *peer)
{
	return peer->disk_age_ms == UINT32_MAX ? -1 : (int64_t)peer->disk_age_ms;
}

static void show_peer_numbers(struct writer *writer, const struct status_peer *peer)
{
	out_number(writer, "sequence", NULL, peer->sequence);
	out_number(writer, "received", NULL, peer->received);
	out_number(writer, "lost", NULL, peer->lost);
	out_number(writer, "late_count", NULL, peer->late_count);
	out_number(writer, "dead_count", NULL, peer->dead_count);
	out_number(writer, "returned_count", NULL, peer->returned_count);
	out_ms(writer, "delay_ms", NULL, peer->delay_ms);
	out_ms(writer, "delay_max_ms", NULL, peer->delays.max_ms);
	out_real(writer, "jitter_ms", NULL, peer->jitter_ms);
	out_ms(writer, "lag_ms", NULL, peer->lag_ms);
	out_ms(writer, "keepalive_ms", NULL, peer->keepalive_ms);
	out_number(writer, "config_hash", NULL, peer->config_hash);
	out_bool(writer, "has_carrier", NULL, peer->has_carrier);
	out_number(writer, "pings_up", NULL, peer->pings_up);
	out_number(writer, "pings_total", NULL, peer->pings_total);
}

static void show_node(struct writer *writer, const struct status *status,
		      const struct status_peer *peer)
{
	const char *state = verdict_state_name(peer->state);
	char unnamed[32];

	snprintf(unnamed, sizeof(unnamed), "node %u", peer->nodeid);
	out_item(writer);
	out_text(writer, "name", NULL, peer->name);
	out_text(writer, NULL, "NAME", peer->name[0] ? peer->name : unnamed);
	out_number(writer, "id", "ID", peer->nodeid);
	out_text(writer, "state", NULL, state);
	out_level(writer, verdict_peer_level(peer));
	out_text(writer, NULL, "STATE", peer->is_own ? "this node" : state);
	out_bool(writer, "own", NULL, peer->is_own);
	out_bool(writer, "in_ring", NULL, peer->is_in_ring);
	out_ms(writer, "since_ms", "SINCE", verdict_age(status, peer->since_ms));
	out_ms(writer, "heartbeat_age_ms", "HEARTBEAT",
	       peer->is_own ? -1 : verdict_age(status, peer->last_ms));
	out_ms(writer, "lateness_max_ms", "WORST", peer->received > 0 ? peer->lateness.max_ms : -1);
	out_real(writer, "lost_percent", "LOST %", lost_percent(peer));
	out_ms(writer, "disk_age_ms", "DISK", disk_age_ms(peer));
	out_text(writer, "version", "VERSION", peer->version);
	show_peer_numbers(writer, peer);
	out_item_end(writer);
}

void view_nodes(struct writer *writer, const struct status *status, const char *node)
{
	struct status_peer own;

	out_list(writer, "nodes", "node", "Nodes");
	view_own_peer(status, &own);
	if (!lists_own(status) && (own.nodeid > 0 || own.name[0]) &&
	    (!node || view_is_node(&own, node)))
		show_node(writer, status, &own);
	for (size_t i = 0; i < status->peer_count; i++) {
		if (!node || view_is_node(&status->peers[i], node))
			show_node(writer, status, &status->peers[i]);
	}
	out_list_end(writer);
}

static void bar(char *buf, uint64_t count, uint64_t most)
{
	size_t len = most > 0 ? (size_t)((double)count / (double)most * BAR_MAX) : 0;

	len = count > 0 && len == 0 ? 1 : len > BAR_MAX ? BAR_MAX : len;
	memset(buf, '#', len);
	buf[len] = '\0';
}

static void show_bucket(struct writer *writer, const char *title, size_t bucket, uint64_t count,
			uint64_t most)
{
	bool is_last = bucket + 1 == HEART_BUCKETS;
	char upper[48];
	char text[32];
	char hashes[BAR_MAX + 1];

	if (is_last)
		format_duration(heart_bucket_ms[bucket - 1], text, sizeof(text));
	else
		format_duration(heart_bucket_ms[bucket], text, sizeof(text));
	snprintf(upper, sizeof(upper), "%s %s", is_last ? "above" : "up to", text);
	bar(hashes, count, most);
	out_item(writer);
	out_ms(writer, "up_to_ms", NULL, is_last ? -1 : heart_bucket_ms[bucket]);
	out_text(writer, NULL, title, upper);
	out_number(writer, "count", "COUNT", count);
	out_text(writer, NULL, "", hashes);
	out_item_end(writer);
}

static void show_histogram(struct writer *writer, const char *name, const char *title,
			   const struct heart_histogram *histogram)
{
	uint64_t most = 0;
	size_t used = 0;

	for (size_t i = 0; i < HEART_BUCKETS; i++) {
		most = histogram->counts[i] > most ? histogram->counts[i] : most;
		used = histogram->counts[i] > 0 ? i + 1 : used;
	}
	out_list(writer, name, "bucket", NULL);
	for (size_t i = 0; i < used; i++)
		show_bucket(writer, title, i, histogram->counts[i], most);
	out_list_end(writer);
}

static void say_heartbeat(struct writer *writer, const struct status *status,
			  const struct status_peer *peer)
{
	int64_t age_ms = verdict_age(status, peer->last_ms);
	char delay[32];
	char worst[32];
	char age[32];

	format_duration(age_ms, age, sizeof(age));
	out_level(writer, verdict_peer_level(peer));
	out_say(writer, "  state", "%s, last heartbeat %s%s", verdict_state_name(peer->state),
		age_ms < 0 ? "never" : age, age_ms < 0 ? "" : " ago");
	out_say(writer, "  heartbeats",
		"%" PRIu64 " received, the last one was number %" PRIu64 "; %" PRIu64
		" lost (%.2f %%); %" PRIu64 " times later than warntime, %" PRIu64
		" times later than deadtime, returned %u times",
		peer->received, peer->sequence, peer->lost,
		isfinite(lost_percent(peer)) ? lost_percent(peer) : 0.0, peer->late_count,
		peer->dead_count, peer->returned_count);
	format_duration(peer->delay_ms, delay, sizeof(delay));
	format_duration(peer->delays.max_ms, worst, sizeof(worst));
	out_say(writer, "  delay", "%s, worst %s above the fastest; jitter %.1f ms", delay, worst,
		isfinite(peer->jitter_ms) ? peer->jitter_ms : 0.0);
	format_duration(peer->lateness.max_ms, worst, sizeof(worst));
	out_say(writer, "  lateness", "worst %s behind its keepalive", worst);
}

static void show_heartbeat(struct writer *writer, const struct status *status,
			   const struct status_peer *peer)
{
	char title[PEER_TITLE_MAX];

	out_item(writer);
	out_text(writer, "name", NULL, peer->name);
	out_number(writer, "id", NULL, peer->nodeid);
	out_text(writer, "state", NULL, verdict_state_name(peer->state));
	out_ms(writer, "heartbeat_age_ms", NULL, verdict_age(status, peer->last_ms));
	out_ms(writer, "lateness_max_ms", NULL, peer->lateness.max_ms);
	out_real(writer, "lost_percent", NULL, lost_percent(peer));
	show_peer_numbers(writer, peer);
	out_say(writer, "Node", "%s", verdict_peer_title(peer, title));
	say_heartbeat(writer, status, peer);
	show_histogram(writer, "lateness", "LATENESS", &peer->lateness);
	show_histogram(writer, "delays", "DELAY", &peer->delays);
	out_item_end(writer);
}

void view_heartbeats(struct writer *writer, const struct status *status, const char *node)
{
	out_group(writer, "heartbeats", "heartbeat");
	for (size_t i = 0; i < status->peer_count; i++) {
		const struct status_peer *peer = &status->peers[i];

		if (!peer->is_own && (!node || view_is_node(peer, node)))
			show_heartbeat(writer, status, peer);
	}
	out_group_end(writer);
}
