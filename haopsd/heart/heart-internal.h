/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_HEART_INTERNAL_H
#define HAOPSD_HEART_INTERNAL_H

/* What the files of the heartbeat core share. */

#include "heart.h"

#define HEART_PEERS_MAX HAOPS_CLUSTER_MEMBERS_MAX
#define HEART_TEXT_MAX 512
#define HEART_OWN_COUNT 10
#define HEART_SPAN_MAX 32
/* Corosync's own defaults, until it told the real ones. */
#define HEART_TOKEN_MS 3000
#define HEART_CONSENSUS_MS 3600

/* How many sentences one peer, or we about ourselves, may say at once, and how fast they refill. */
#define HEART_LIMIT_BURST 8
#define HEART_LIMIT_REFILL_MS 10000

/* No flag at all holds a verdict back but these. */
#define HEART_OWN_HOLDS                                                                            \
	(HEART_OWN_PAUSED | HEART_OWN_LAGGING | HEART_OWN_NO_ECHO | HEART_OWN_NO_CLUSTER |         \
	 HEART_OWN_ISOLATED | HEART_OWN_CONVERGING | HEART_OWN_SETTLING)
/* While these hold, what we hear is no measure of others: not even a warning about them. */
#define HEART_OWN_DEAF                                                                             \
	(HEART_OWN_PAUSED | HEART_OWN_LAGGING | HEART_OWN_NO_ECHO | HEART_OWN_NO_CLUSTER |         \
	 HEART_OWN_SETTLING)

struct limiter_state {
	int64_t tokens_at_ms; /* when the bucket was last counted */
	unsigned int tokens;
	unsigned int untold;	 /* changes that were not told */
	int64_t untold_since_ms; /* the first of them */
	int64_t untold_last_ms;
};

struct peer {
	struct heart_peer pub;
	bool is_in_ring;
	bool has_goodbye;   /* of this incarnation */
	bool is_join_told;  /* joined() was told to people */
	bool is_anew;	    /* joined again without having left: restarted */
	bool is_disk_told;  /* that its disk hangs */
	uint32_t hash_told; /* differing settings that were told */
	int64_t gone_ms;    /* since when it was GONE or LEFT before this join; 0: it was not */
	int64_t sample_ms;  /* received - sent of the last heartbeat */
	int64_t base_ms;    /* smallest received - sent of this window and the one before */
	int64_t base_before_ms;
	int64_t base_at_ms; /* when this window began; 0: no sample yet */
	int64_t worst_ms;   /* worst lateness that nobody's pause explains */
	struct limiter_state limit;
};

struct view {
	enum haops_cluster_state state;
	uint32_t nodeid;
	uint64_t incarnation;
	struct haops_cluster_ring ring;
	struct haops_cluster_ring quorum_ring;
	bool is_quorate;
	bool is_settled;
	uint32_t token_ms;
	uint32_t consensus_ms;
	size_t ring_count;
	char trouble[160];
};

struct heart {
	struct config config;
	uint32_t config_hash;
	heart_event_fn event;
	void *userdata;
	int64_t started_ms;
	int64_t now_ms; /* of the call that is running */

	/* Our own loop. */
	int64_t clock_ms;  /* last heart_clock() */
	int64_t wanted_ms; /* what heart_tick() asked for */
	int64_t lag_ms;	   /* worst since the last heartbeat of ours */
	int64_t lagged_ms; /* last time that the loop was late; 0 never */
	int64_t paused_ms; /* when the last pause was noticed; 0 never */
	uint64_t pause_count;
	size_t ring_count_before; /* nodes in the ring before the pause */
	int64_t recovered_ms;	  /* when the last trouble of our own ended */

	unsigned int flags;	 /* enum heart_own */
	unsigned int flags_told; /* those that people know of */
	int64_t flag_since_ms[HEART_OWN_COUNT];
	struct limiter_state limit;

	struct view view;
	int64_t agreed_ms;  /* since when Corosync's services speak of one ring; 0: they do not */
	int64_t settled_ms; /* since when the ring is settled; 0: it is not */

	/* Own heartbeats. */
	uint64_t seq;		/* of the last one sent */
	int64_t sent_ms;	/* last heart_sent() */
	int64_t up_ms;		/* since when the cluster is UP; 0: it is not */
	int64_t echo_sent_ms;	/* newest that came back: when it was sent */
	int64_t echo_back_ms;	/* when the last one came back */
	int64_t before_back_ms; /* and the one before it */
	int64_t deaf_until_ms;	/* when one came back after longer than Corosync should need */
	int64_t deaf_for_ms;	/* after how long */
	int64_t first_sent_ms;	/* one that came back; a second one shall be sent after that */
	int64_t first_back_ms;
	int64_t slow_back_ms;  /* when the last slow one came back */
	int64_t swift_sent_ms; /* newest that came back swiftly, after any slow one */
	int64_t swift_back_ms;
	int64_t later_sent_ms; /* the same, while that one has proven nothing yet */
	int64_t later_back_ms;
	int64_t proven_ms;  /* all that others sent before this has come */
	int64_t proof_ms;   /* see heart_proof_ms() */
	bool wants_beat;    /* see heart_wants_beat() */
	bool is_extra;	    /* the next one will be sent for that */
	int64_t wished_ms;  /* when it was wanted last */
	uint64_t extra_seq; /* of the last one that was */

	/* Our own surroundings. */
	bool has_carrier;
	int64_t carrier_ms; /* last change of carrier, loss or return of all pings; 0 never */
	unsigned int pings_up;
	unsigned int pings_total;
	int64_t disk_ms; /* last test write, or since when one is expected */

	int64_t detection_ms;
	size_t peer_count;
	struct peer peers[HEART_PEERS_MAX]; /* ascending by nodeid */
};

/* heart-own.c: the flags about ourselves. */
void heart_own_judge(struct heart *heart, int64_t now_ms);
void heart_own_echo(struct heart *heart, const struct haops_cluster_message *envelope, uint64_t seq,
		    int64_t now_ms);
/* How long after its return an own heartbeat proves that all earlier ones of others are here. */
int64_t heart_echo_grace_ms(const struct heart *heart);
/* When the newest own heartbeat that came back proves something by itself; INT64_MAX: never. */
int64_t heart_echo_due_ms(const struct heart *heart);
/* While Corosync makes sure of a loss it delivers nothing. Longer than this, and it stood still
 * itself. */
int64_t heart_deaf_limit_ms(const struct heart *heart);
/* How long nothing of ours came back, if that was longer, and ended after since_ms or not yet; 0:
 * it was not. What was lost meanwhile may have lost us. */
int64_t heart_deaf_ms(const struct heart *heart, int64_t since_ms);
int64_t heart_token_ms(const struct heart *heart);
int64_t heart_ring_ms(const struct heart *heart); /* token + consensus */
/* Earliest time at which a flag changes by the clock alone. */
int64_t heart_own_next_ms(const struct heart *heart, int64_t now_ms);

/* heart-peer.c: the table, and what heartbeats tell. */
struct peer *heart_peer_find(struct heart *heart, uint32_t nodeid);
bool heart_peer_is_here(const struct peer *peer); /* in the membership */
void heart_peer_tell_joined(struct heart *heart, struct peer *peer);

/* heart-judge.c: states of peers. */
int64_t heart_peer_deadtime_ms(const struct heart *heart, const struct peer *peer);
int64_t heart_peer_heard_ms(const struct heart *heart, const struct peer *peer);
bool heart_has_no_surroundings(const struct heart *heart);
bool heart_all_silent(const struct heart *heart, int64_t now_ms);
void heart_set_state(struct peer *peer, enum heart_peer_state state, int64_t now_ms);

/* heart-text.c: sentences, and how many of them. */
const char *heart_span(int64_t ms, char buf[HEART_SPAN_MAX]); /* "2.2 s", "340 ms" */
const char *heart_peer_name(const struct peer *peer, char buf[HAOPS_CLUSTER_NAME_MAX + 32]);
void heart_tell_peer(struct heart *heart, struct peer *peer, enum heart_level level,
		     const char *fmt, ...) HAOPS_PRINTF(4, 5);
void heart_tell_own(struct heart *heart, enum heart_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);
/* Tells what was held back, once things are quiet. When to look again; INT64_MAX: nothing waits. */
int64_t heart_tell_rest(struct heart *heart, int64_t now_ms);

#endif
