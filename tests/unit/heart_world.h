/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_HEART_WORLD_H
#define HAOPS_TESTS_HEART_WORLD_H

/*
 * A cluster around one heartbeat core, in simulated time: members that beat through the real codec,
 * a ring that delivers in one order and can stand still, and our own loop, which can be late or
 * pause. Node 1 is us.
 */

#include "heart/heart.h"

#define WORLD_PEERS_MAX 127
#define WORLD_QUEUE_MAX 16384
#define WORLD_EVENTS_MAX 64
#define WORLD_MESSAGE_MAX 256

struct world_message {
	int64_t due_ms;
	int64_t sent_ms; /* by our clock */
	int64_t clock_offset_ms;
	uint32_t nodeid;
	uint32_t pid;
	uint64_t incarnation;
	bool is_own;
	uint16_t len;
	uint8_t data[WORLD_MESSAGE_MAX];
};

struct world_peer {
	struct haops_cluster_member member;
	bool is_member;
	bool is_stopped; /* no heartbeats */
	int64_t keepalive_ms;
	int64_t due_ms;
	int64_t delay_ms;	 /* of its messages */
	int64_t clock_offset_ms; /* of its clock to ours */
	int64_t delivered_ms;	 /* when its last heartbeat that arrived was sent */
	int64_t last_due_ms;	 /* of its last message */
	struct message_heartbeat beat;
};

struct world_event {
	enum heart_level level;
	uint32_t nodeid;
	int64_t at_ms;
	char text[512];
};

struct world {
	struct config config;
	struct heart *heart;
	int64_t now_ms;
	int64_t beat_due_ms;
	int64_t tick_due_ms;
	int64_t own_due_ms;	/* of our last message */
	int64_t stall_until_ms; /* the ring delivers nothing before */
	/* The token visits each node once in rotation_ms, us at token_ms and every rotation after;
	 * when it stands still it goes on from where it was. 0: it is everywhere at once, and the
	 * delays are those of peers. */
	int64_t rotation_ms;
	int64_t token_ms;
	bool is_mute;	/* our own heartbeats do not come back */
	bool was_pause; /* the last turn's heart_clock() */
	struct haops_cluster_view view;
	uint32_t ring_nodes[WORLD_PEERS_MAX + 1];
	struct haops_cluster_member members[WORLD_PEERS_MAX + 1];
	size_t peer_count;
	struct world_peer peers[WORLD_PEERS_MAX];
	size_t first, count; /* of the queue, ordered by due_ms */
	struct world_message queue[WORLD_QUEUE_MAX];
	size_t event_count; /* all; the last WORLD_EVENTS_MAX are kept */
	struct world_event events[WORLD_EVENTS_MAX];
	bool prints;
};

/* config: text of haopsd.conf. peers: nodes 2, 3, ... that are members and beat. */
struct world *world_new(const char *config, size_t peers);
void world_free(struct world *world);
/* Until now + ms, all that is due happens. */
void world_run(struct world *world, int64_t ms);
/* Our own process stands still; the ring and the others go on. */
void world_pause(struct world *world, int64_t ms);
/* The ring stands still for so long from now, or is formed anew with the token at a node first. */
void world_stall(struct world *world, int64_t ms);
void world_stall_anew(struct world *world, int64_t ms, uint32_t first, int64_t rotation_ms);
/* The ring is formed anew, of us and those members. */
void world_new_ring(struct world *world);
void world_set_cluster_state(struct world *world, enum haops_cluster_state state);
struct world_peer *world_peer(struct world *world, uint32_t nodeid);
void world_join(struct world *world, uint32_t nodeid, uint64_t incarnation);
void world_leave(struct world *world, uint32_t nodeid, enum haops_cluster_reason reason);
void world_goodbye(struct world *world, uint32_t nodeid);
void world_send_beat(struct world *world, struct world_peer *peer);
enum heart_peer_state world_state(const struct world *world, uint32_t nodeid);
const struct heart_peer *world_seen(const struct world *world, uint32_t nodeid);
/* When the first of its messages that are under way was sent; INT64_MAX: none is. */
int64_t world_under_way_ms(const struct world *world, uint32_t nodeid);
/* How many of the kept events have this text in them. */
size_t world_told(const struct world *world, const char *text);
/* Runs our loop now. */
void world_turn(struct world *world);

#endif
