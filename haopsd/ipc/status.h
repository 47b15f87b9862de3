/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_STATUS_H
#define HAOPSD_STATUS_H

/*
 * What haopsd tells its tools: one struct, and its encoding as fields (number, length, value) for
 * the local IPC. Unknown fields are passed over, missing ones are 0: tool and daemon may differ in
 * version. Pure; every length is checked. Times are CLOCK_BOOTTIME in ms unless they say wall.
 */

#include "heart/heart.h"

#include <haops/lease.h>
#include <haops/watch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATUS_PEERS_MAX 128
#define STATUS_EVENTS_MAX 64
#define STATUS_WATCHED_MAX 1024
#define STATUS_LINKS_MAX 256
#define STATUS_PINGS_MAX CONFIG_GROUPS_MAX

struct status_peer {
	uint32_t nodeid;
	char name[HAOPS_CLUSTER_NAME_MAX];
	char version[32];
	bool is_own;
	bool is_in_ring; /* node is in the membership */
	enum heart_peer_state state;
	int64_t since_ms;
	int64_t last_ms;
	uint64_t sequence; /* number of its last heartbeat; 0 none */
	uint64_t received;
	uint64_t lost;
	uint64_t late_count;
	uint64_t dead_count;
	uint32_t returned_count;
	int64_t delay_ms;
	struct heart_histogram delays;
	double jitter_ms;
	struct heart_histogram lateness;
	uint32_t disk_age_ms;
	uint32_t lag_ms;
	uint32_t keepalive_ms;
	uint32_t config_hash;
	bool has_carrier;
	uint16_t pings_up;
	uint16_t pings_total;
};

struct status_event {
	int64_t wall_ms; /* since 1970 */
	enum heart_level level;
	char text[256];
};

struct status_watched {
	char resource[HAOPS_WATCH_NAME_MAX];
	char agent[HAOPS_WATCH_NAME_MAX];
	uint32_t objects;
	uint32_t lease_ms;
	bool is_pacemaker;
	bool is_lost;
	char reason[256];
	int64_t since_ms;
};

struct status_ping {
	char name[64];
	bool is_up;
	int64_t last_ms;
	uint32_t rtt_us;
};

struct status {
	char version[32];
	char node[HAOPS_CLUSTER_NAME_MAX];
	uint32_t nodeid;
	int64_t now_ms;
	int64_t wall_ms;
	int64_t started_ms;
	enum haops_cluster_state cluster_state;
	char trouble[256];
	struct haops_cluster_ring ring;
	bool is_quorate, is_settled, is_two_node, has_qdevice, waits_for_all;
	uint32_t expected_votes, total_votes, quorum;
	uint32_t token_ms, consensus_ms;
	int64_t measured_detection_ms; /* last loss of a node: last heartbeat to notice; 0 none */
	int64_t recommended_deadtime_ms;
	unsigned int own_flags; /* enum heart_own */
	int64_t keepalive_ms, warntime_ms, deadtime_ms, initdead_ms, convergence_ms;
	uint32_t disk_age_ms;
	uint64_t pauses;
	int64_t last_pause_ms, last_pause_at_ms;
	uint64_t reports, reports_held; /* to Pacemaker; not made (unmanaged, limited, ...) */
	int64_t pacemaker_ms;		/* last answer of Pacemaker, 0 never */
	enum haops_lease_verdict lease_verdict;
	uint32_t leased;
	uint64_t lease_dropped;
	size_t peer_count;
	struct status_peer *peers;
	size_t event_count;
	struct status_event *events; /* oldest first */
	size_t watched_count;	     /* entries here */
	uint64_t watched_total;	     /* resources watched, more than entries when cut */
	struct status_watched *watched;
	int64_t links_ms; /* when Corosync was last asked for the links; 0 never */
	size_t link_count;
	struct haops_cluster_link *links;
	size_t ping_count;
	struct status_ping pings[STATUS_PINGS_MAX];
};

/* Makes the arrays, all empty, with room for the maxima; -ENOMEM. */
int status_init(struct status *status);
void status_done(struct status *status);
/* Encodes into a fresh buffer; 0 or -ENOMEM. */
int status_encode(const struct status *status, uint8_t **ret_data, size_t *ret_len);
/* Decodes into an initialised status; 0, -EBADMSG or -ENOMEM. */
int status_decode(const uint8_t *data, size_t len, struct status *status);

#endif
