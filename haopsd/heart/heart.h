/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_HEART_H
#define HAOPSD_HEART_H

/*
 * The heartbeat: who is alive, and how well. Pure: time, membership, heartbeats and the state of
 * our own carrier, ping targets and disk go in; states of peers, and events for people, come out.
 * It sends nothing and declares nothing outside itself. Times are CLOCK_BOOTTIME in ms.
 *
 * The order within one turn is the caller's duty: heart_clock() before anything else, so that a
 * pause of our own is noticed before any news about others is believed; then what came, then
 * heart_tick().
 *
 * Silence is proven, not guessed. Heartbeats come through Corosync in one order for all, so when an
 * own heartbeat sent at time T has come back, all that a peer sent before T has come, too. A peer
 * is taken for silent when nothing came from it for deadtime up to such a T. While the token stands
 * still (a link fails over, the ring is formed anew: up to token + consensus), T stands still, and
 * nobody is blamed. The price: the verdict comes up to one own keepalive after deadtime.
 * The deadtime of a peer whose keepalive is longer than ours is at least twice that keepalive.
 */

#include "config.h"
#include "message.h"

#include <haops/cluster.h>

#define HEART_BUCKETS 16

enum heart_peer_state {
	HEART_UNKNOWN, /* a member that was never heard, initdead not over */
	HEART_ACTIVE,
	HEART_LATE,   /* warntime passed */
	HEART_HELD,   /* deadtime passed, but it may be us (see heart_own): not declared dead */
	HEART_SILENT, /* deadtime passed: in the membership, but does no work ("dead") */
	HEART_GONE,   /* not in the membership: lost */
	HEART_LEFT    /* not in the membership: said goodbye */
};

/*
 * What is wrong with ourselves. While any of these holds, no peer becomes SILENT; but as in ha.cf
 * STARTING protects only peers that were never heard, and NO_QUORUM and DISK_SLOW protect none.
 */
enum heart_own {
	HEART_OWN_PAUSED = 1u << 0,	/* we stood still; until a settled ring and own echo */
	HEART_OWN_LAGGING = 1u << 1,	/* our own loop cannot keep up */
	HEART_OWN_NO_ECHO = 1u << 2,	/* our own heartbeat does not come back */
	HEART_OWN_NO_CLUSTER = 1u << 3, /* Corosync is down or silent */
	HEART_OWN_ISOLATED = 1u << 4,	/* all peers silent, and no carrier or no ping target */
	HEART_OWN_CONVERGING = 1u << 5, /* carrier or switch was lost less than convergence ago */
	HEART_OWN_STARTING = 1u << 6,	/* initdead not over */
	HEART_OWN_NO_QUORUM = 1u << 7,	/* told only; does not hold a verdict back */
	HEART_OWN_DISK_SLOW = 1u << 8,	/* told only: own test write is overdue (deadtime) */
	HEART_OWN_SETTLING = 1u << 9	/* the ring is being formed, or was until token + consensus
					   ago: nothing is delivered meanwhile, to anybody */
};

struct heart_histogram {
	/* up to 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000 ms, and
	 * above */
	uint64_t counts[HEART_BUCKETS];
	int64_t max_ms;
};

extern const int64_t heart_bucket_ms[HEART_BUCKETS]; /* upper ends; the last is INT64_MAX */

struct heart_peer {
	uint32_t nodeid;
	uint32_t pid;
	uint64_t incarnation;
	char name[HAOPS_CLUSTER_NAME_MAX];
	enum heart_peer_state state;
	int64_t since_ms; /* of this state */
	int64_t last_ms;  /* last heartbeat received; 0 never */
	int64_t joined_ms;
	uint64_t received;
	uint64_t lost;		 /* sequence numbers that never came */
	uint64_t late_count;	 /* warntime passed */
	uint64_t dead_count;	 /* deadtime passed: taken for SILENT */
	uint32_t returned_count; /* came back after SILENT, GONE or LEFT */
	int64_t delay_ms;	 /* one way, above the fastest seen (clocks differ between nodes) */
	struct heart_histogram delays;
	double jitter_ms; /* smoothed difference of successive delays (RFC 3550, 6.4.1) */
	struct heart_histogram lateness; /* behind the keepalive */
	struct message_heartbeat last;	 /* what it said of itself */
};

enum heart_level { HEART_INFO, HEART_WARNING, HEART_ERROR };

/*
 * Called for each thing that people should know, once, with one whole sentence. When the state of
 * one peer changes again and again, its changes are told together, in one sentence with their
 * number. nodeid: whom it is about, our own included.
 */
typedef void (*heart_event_fn)(void *userdata, enum heart_level level, uint32_t nodeid,
			       const char *text);

struct heart;

struct heart *heart_new(const struct config *config, int64_t now_ms, heart_event_fn event,
			void *userdata); /* NULL: memory is short */
void heart_free(struct heart *heart);

/* Other settings from now on; nothing is forgotten. */
void heart_configure(struct heart *heart, const struct config *config, int64_t now_ms);

/* First call of every turn. True when we stood still since the last one (limit: half the token,
 * at least 1 s): from then on PAUSED, until heart_view() has shown a settled quorate ring and
 * an own message sent after the pause came back. */
bool heart_clock(struct heart *heart, int64_t now_ms);

void heart_view(struct heart *heart, const struct haops_cluster_view *view, int64_t now_ms);
void heart_joined(struct heart *heart, const struct haops_cluster_member *member, int64_t now_ms);
void heart_left(struct heart *heart, const struct haops_cluster_member *member,
		enum haops_cluster_reason reason, int64_t now_ms);
/* A heartbeat, our own included (is_own). */
void heart_beat(struct heart *heart, const struct haops_cluster_message *envelope,
		const struct message_heartbeat *beat, int64_t now_ms);
void heart_goodbye(struct heart *heart, uint32_t nodeid, uint64_t incarnation, int64_t now_ms);
void heart_carrier(struct heart *heart, bool has_carrier, int64_t now_ms);
void heart_pings(struct heart *heart, unsigned int up, unsigned int total, int64_t now_ms);
void heart_disk(struct heart *heart, int64_t written_ms); /* a test write is on disk */
/* The heartbeat of heart_fill() was accepted for sending: the next one has the next number. */
void heart_sent(struct heart *heart, int64_t now_ms);

/* Decides by the clock. Returns when it wants to be called again, at the latest. */
int64_t heart_tick(struct heart *heart, int64_t now_ms);

/* After heart_tick(): whether a heartbeat of ours is wanted now, sooner than its turn, since its
 * return decides about a peer that is over its deadtime. */
bool heart_wants_beat(const struct heart *heart);

/* What our next heartbeat says. Changes nothing: see heart_sent(). */
void heart_fill(const struct heart *heart, int64_t now_ms, struct message_heartbeat *ret_beat);

unsigned int heart_own_flags(const struct heart *heart);
/* Send time of the newest own heartbeat that came back in a quorate, settled ring; 0: none since
 * haopsd began. A pause leaves it as it is: what was granted on it ends by its age. */
int64_t heart_proof_ms(const struct heart *heart);
/* The other nodes, ascending; those that are gone are remembered while there is room. */
size_t heart_peer_count(const struct heart *heart);
const struct heart_peer *heart_peer_at(const struct heart *heart, size_t index);
/*
 * A deadtime that the lateness seen so far, and the token, would bear; ms. The greater of
 *   2.2 x token + keepalive (or token + consensus + keepalive): how long Corosync itself delivers
 *     nothing when a node is lost, and the heartbeat that was due then;
 *   2 x (keepalive + worst lateness of any peer seen): Heartbeat's advice, a deadtime well above
 *     the worst that happens; the margin is a factor of 2;
 * and above 2 x keepalive; rounded up to 100 ms. Lateness for which we, or the peer by its own
 * word, were to blame by a pause does not count.
 */
int64_t heart_recommended_deadtime_ms(const struct heart *heart);
/* Silent peer that we are the one to hand to fencing (lowest healthy node number in a quorate ring,
 * and every other healthy member takes it for silent, too); 0: none. */
uint32_t heart_fence_candidate(const struct heart *heart, int64_t now_ms);

/* Last loss of a node: from its last heartbeat to the moment Corosync told us; 0: none yet. */
int64_t heart_detection_ms(const struct heart *heart);
/* Pauses of our own noticed so far. */
uint64_t heart_pause_count(const struct heart *heart);

const char *heart_state_name(enum heart_peer_state state);
/* Why nothing is declared dead now, for people; "" when nothing is wrong. */
void heart_own_text(unsigned int flags, char *buf, size_t size);

#endif
