/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statuses of canned.h: a healthy cluster of three, a sick one, an isolated node, the largest
 * that there can be, and one with names that no format likes. */

#include "canned.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WALL_MS 1790000000000 /* 2026-09-21 14:13:20 UTC */

static struct status_peer *add_peer(struct status *s, uint32_t nodeid, const char *name)
{
	struct status_peer *peer = &s->peers[s->peer_count++];

	*peer = (struct status_peer){.nodeid = nodeid,
				     .is_own = nodeid == s->nodeid,
				     .is_in_ring = true,
				     .state = HEART_ACTIVE,
				     .since_ms = s->now_ms - 3725000,
				     .last_ms = s->now_ms - 400,
				     .sequence = 3600,
				     .received = 3600,
				     .delay_ms = 1,
				     .jitter_ms = 0.4,
				     .disk_age_ms = 1800,
				     .lag_ms = 3,
				     .keepalive_ms = 1000,
				     .config_hash = 0x1234,
				     .has_carrier = true,
				     .pings_up = 1,
				     .pings_total = 1};
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	snprintf(peer->version, sizeof(peer->version), "0.1.0");
	peer->delays = (struct heart_histogram){.counts = {3500, 98, 1, 0, 1}, .max_ms = 12};
	peer->lateness =
		(struct heart_histogram){.counts = {3000, 500, 80, 15, 4, 1}, .max_ms = 37};
	return peer;
}

static void add_event(struct status *s, int64_t ago_ms, enum heart_level level, const char *text)
{
	struct status_event *event = &s->events[s->event_count++];

	*event = (struct status_event){.wall_ms = s->wall_ms - ago_ms, .level = level};
	snprintf(event->text, sizeof(event->text), "%s", text);
}

static struct status_watched *add_watched(struct status *s, const char *resource, const char *agent)
{
	struct status_watched *watched = &s->watched[s->watched_count++];

	*watched = (struct status_watched){.objects = 1,
					   .is_pacemaker = true,
					   .since_ms = s->now_ms - 600000};
	snprintf(watched->resource, sizeof(watched->resource), "%s", resource);
	snprintf(watched->agent, sizeof(watched->agent), "%s", agent);
	s->watched_total++;
	return watched;
}

static void add_link(struct status *s, uint32_t nodeid, uint8_t number, bool is_connected)
{
	s->links[s->link_count++] = (struct haops_cluster_link){.nodeid = nodeid,
								.link = number,
								.is_enabled = true,
								.is_connected = is_connected,
								.latency_us = 180,
								.down_count = !is_connected};
	s->links_ms = s->now_ms - 700;
}

static void fill_base(struct status *s, int64_t now_ms)
{
	snprintf(s->version, sizeof(s->version), "0.1.0");
	snprintf(s->node, sizeof(s->node), "alpha");
	s->nodeid = 1;
	s->now_ms = now_ms;
	s->wall_ms = WALL_MS;
	s->started_ms = now_ms - 3725000;
	s->cluster_state = HAOPS_CLUSTER_UP;
	s->ring = (struct haops_cluster_ring){1, 44};
	s->is_quorate = s->is_settled = true;
	s->expected_votes = s->total_votes = 3;
	s->quorum = 2;
	s->token_ms = 1000;
	s->consensus_ms = 1200;
	s->recommended_deadtime_ms = 3200;
	s->keepalive_ms = 1000;
	s->warntime_ms = 5000;
	s->deadtime_ms = 10000;
	s->initdead_ms = 20000;
	s->convergence_ms = 45000;
	s->disk_age_ms = 1200;
	s->pacemaker_ms = now_ms - 800;
	s->lease_verdict = HAOPS_LEASE_OK;
}

static void fill_healthy(struct status *s)
{
	add_peer(s, 1, "alpha");
	add_peer(s, 2, "beta");
	add_peer(s, 3, "gamma");
	for (uint32_t nodeid = 2; nodeid <= 3; nodeid++) {
		add_link(s, nodeid, 0, true);
		add_link(s, nodeid, 1, true);
	}
	s->measured_detection_ms = 2140;
	s->leased = 1;
	s->pings[s->ping_count++] =
		(struct status_ping){.name = "192.0.2.254", .is_up = true, .rtt_us = 310};
	s->pings[0].last_ms = s->now_ms - 500;
	add_watched(s, "vip", "IPaddr2")->lease_ms = 1000;
	add_watched(s, "web", "nginx");
	add_event(s, 3725000, HEART_INFO, "node beta (2) is active");
}

static void fill_sick(struct status *s)
{
	struct status_peer *peer;

	add_peer(s, 1, "alpha");
	peer = add_peer(s, 2, "beta");
	peer->state = HEART_SILENT;
	peer->since_ms = s->now_ms - 125000;
	peer->last_ms = s->now_ms - 135000;
	peer->lost = 36;
	peer->late_count = 2;
	peer->dead_count = 1;
	peer = add_peer(s, 3, "gamma");
	peer->state = HEART_LATE;
	peer->last_ms = s->now_ms - 6200;
	peer->disk_age_ms = 45000;
	peer->config_hash = 0x9999;
	peer = add_peer(s, 4, "delta");
	peer->state = HEART_LEFT;
	peer->is_in_ring = false;
	peer->last_ms = s->now_ms - 86400000;
	add_link(s, 2, 0, false);
	add_link(s, 3, 0, true);
	s->pauses = 1;
	s->last_pause_ms = 3200;
	s->last_pause_at_ms = s->now_ms - 60000;
	s->reports = 3;
	s->reports_held = 1;
	s->lease_verdict = HAOPS_LEASE_NO_PACEMAKER;
	s->pacemaker_ms = s->now_ms - 95000;
	s->deadtime_ms = 2000;
	add_watched(s, "web", "nginx");
	s->watched[0].since_ms = s->now_ms - 600000;
	add_watched(s, "vip", "IPaddr2")->is_lost = true;
	snprintf(s->watched[1].reason, sizeof(s->watched[1].reason),
		 "address 192.0.2.1 was removed from eth0");
	add_event(s, 135000, HEART_WARNING, "node beta (2): heartbeat is late");
	add_event(s, 125000, HEART_ERROR,
		  "node beta (2) is silent: in the membership, does no work");
}

static void fill_isolated(struct status *s)
{
	struct status_peer *peer;

	add_peer(s, 1, "alpha");
	peer = add_peer(s, 2, "beta");
	peer->state = HEART_HELD;
	s->is_two_node = s->waits_for_all = true;
	s->expected_votes = s->total_votes = 2;
	s->quorum = 1;
	s->own_flags = HEART_OWN_ISOLATED | HEART_OWN_NO_ECHO;
	s->cluster_state = HAOPS_CLUSTER_SILENT;
	snprintf(s->trouble, sizeof(s->trouble), "Corosync does not answer since 6 s");
	s->lease_verdict = HAOPS_LEASE_TWO_NODE;
	s->pings[s->ping_count++] = (struct status_ping){.name = "router"};
}

static void long_text(char *to, size_t size, char letter, size_t number)
{
	memset(to, letter, size - 1);
	to[size - 1] = '\0';
	/* Told apart at the beginning. */
	snprintf(to, size, "%zu", number);
	to[strlen(to)] = letter;
}

static void fill_large(struct status *s)
{
	for (uint32_t i = 1; i <= 64; i++) {
		struct status_peer *peer = add_peer(s, i, "");

		long_text(peer->name, sizeof(peer->name), 'n', i);
		for (size_t k = 0; k < HEART_BUCKETS; k++)
			peer->lateness.counts[k] = UINT64_MAX - k;
		peer->received = peer->lost = UINT64_MAX / 2;
		if (i > 1 && s->link_count < STATUS_LINKS_MAX)
			add_link(s, i, 0, true);
	}
	for (size_t i = 0; i < 1000; i++) {
		struct status_watched *watched = add_watched(s, "", "");

		long_text(watched->resource, sizeof(watched->resource), 'r', i);
		long_text(watched->agent, sizeof(watched->agent), 'a', i);
		long_text(watched->reason, sizeof(watched->reason), 'w', i);
		watched->is_lost = i % 2;
	}
	for (size_t i = 0; i < STATUS_EVENTS_MAX; i++) {
		add_event(s, (int64_t)(STATUS_EVENTS_MAX - i) * 1000, HEART_WARNING, "");
		long_text(s->events[i].text, sizeof(s->events[i].text), 'e', i);
	}
	long_text(s->trouble, sizeof(s->trouble), 't', 0);
	s->expected_votes = s->total_votes = 64;
	s->quorum = 33;
}

/* Bytes that are not UTF-8, control characters, and what each format has for itself. */
static void fill_odd(struct status *s)
{
	add_peer(s, 1, "a\"b\\c<d>&'e]]>");
	add_peer(s, 2, "\x01\x1b[31m\x7f\n\t\r");
	add_peer(s, 3, "\xff\xfe\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf");
	add_peer(s, 4, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf");
	for (int i = 1; i < 256; i++)
		s->trouble[i - 1] = (char)i;
	s->cluster_state = HAOPS_CLUSTER_DOWN;
	s->peers[1].state = (enum heart_peer_state)99;
	s->peers[2].jitter_ms = (double)NAN;
	add_watched(s, "--help", "%s%n");
	add_event(s, INT64_MAX / 2, (enum heart_level)77,
		  "\xe2\x80\xae"
		  "evil");
	s->events[0].wall_ms = INT64_MAX;
	s->lease_verdict = (enum haops_lease_verdict)55;
}

bool canned_fill(const char *name, int64_t now_ms, struct status *status)
{
	static const struct {
		const char *name;
		void (*fill)(struct status *status);
	} table[] = {{"healthy", fill_healthy},
		     {"sick", fill_sick},
		     {"isolated", fill_isolated},
		     {"large", fill_large},
		     {"odd", fill_odd}};

	if (strcmp(name, "empty") == 0)
		return true;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		fill_base(status, now_ms);
		table[i].fill(status);
		return true;
	}
	return false;
}
