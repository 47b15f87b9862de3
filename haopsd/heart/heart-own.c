/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with ourselves: pauses, lag, echo, cluster, carrier, ping targets, disk. Blames no
 * peer; heart-judge.c does, when nothing here forbids it. */
#include "heart/heart-internal.h"

#include <string.h>

#define PAUSE_MIN_MS 1000
#define ECHO_MIN_MS 1000
#define LAG_CLEAR_MS 2000
#define GRACE_MIN_MS 10
#define GRACE_MAX_MS 100
#define TELL_DELAY_MS 1000
#define DEAF_GRACE_MS 1000

/* When one of these ends, peers get time to be heard. */
#define RECOVERED ((HEART_OWN_DEAF & ~(unsigned int)HEART_OWN_SETTLING) | HEART_OWN_ISOLATED)

static int64_t max_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t heart_token_ms(const struct heart *heart)
{
	return heart->view.token_ms ? heart->view.token_ms : HEART_TOKEN_MS;
}

int64_t heart_ring_ms(const struct heart *heart)
{
	return heart_token_ms(heart) +
	       (heart->view.consensus_ms ? heart->view.consensus_ms : HEART_CONSENSUS_MS);
}

static int64_t pause_limit_ms(const struct heart *heart)
{
	return max_ms(heart_token_ms(heart) / 2, PAUSE_MIN_MS);
}

/* Some turns of the token, and of our own loop. */
int64_t heart_echo_grace_ms(const struct heart *heart)
{
	int64_t grace = heart->config.keepalive_ms / 2;

	if (grace > GRACE_MAX_MS)
		return GRACE_MAX_MS;
	return max_ms(grace, GRACE_MIN_MS);
}

int64_t heart_echo_due_ms(const struct heart *heart)
{
	if (heart->swift_sent_ms <= heart->proven_ms)
		return INT64_MAX;
	return heart->swift_back_ms + heart_echo_grace_ms(heart);
}

int64_t heart_deaf_limit_ms(const struct heart *heart)
{
	return heart_ring_ms(heart) + 2 * heart->config.keepalive_ms + DEAF_GRACE_MS;
}

int64_t heart_deaf_ms(const struct heart *heart, int64_t since_ms)
{
	int64_t gap_ms = heart->echo_back_ms ? heart->now_ms - heart->echo_back_ms : 0;

	if (gap_ms > heart_deaf_limit_ms(heart))
		return gap_ms;
	return heart->deaf_until_ms > since_ms ? heart->deaf_for_ms : 0;
}

static void note_back(struct heart *heart, int64_t now_ms)
{
	int64_t gap_ms = heart->echo_back_ms ? now_ms - heart->echo_back_ms : 0;

	heart->before_back_ms = heart->echo_back_ms;
	heart->echo_back_ms = now_ms;
	if (gap_ms <= heart_deaf_limit_ms(heart))
		return;
	heart->deaf_until_ms = now_ms;
	heart->deaf_for_ms = gap_ms;
}

/*
 * What an own heartbeat proves that has come back. The token takes each node's messages along when
 * it visits it; between the sending and the return of ours it may have visited us only. Either it
 * stood still before: what had piled up at others comes behind ours, in that turn. So one that was
 * slow, or was sent before a slow one came back, proves nothing but together with a second one that
 * was sent after its return, for then the token has been everywhere. Or it did not: then no more
 * than what others sent in one keepalive is missing, and that comes within a turn.
 *
 * One that was sent sooner than its turn is none of such two, since its distance from the next is
 * any; and it proves something if the one before it was back when it was sent: not both came with
 * one visit of the token then.
 */
static void take_echo(struct heart *heart, int64_t sent_ms, bool is_extra, int64_t now_ms)
{
	if (sent_ms > heart->first_back_ms && !is_extra) {
		heart->proven_ms = max_ms(heart->proven_ms, heart->first_sent_ms);
		heart->first_sent_ms = sent_ms;
		heart->first_back_ms = now_ms;
	}
	if (now_ms - sent_ms > heart_echo_grace_ms(heart)) {
		heart->slow_back_ms = now_ms;
		heart->later_sent_ms = 0;
		return;
	}
	if (sent_ms <= heart->slow_back_ms || (is_extra && sent_ms <= heart->before_back_ms))
		return;
	/* One that is about to prove something is not replaced by one that does later. */
	if (heart_echo_due_ms(heart) != INT64_MAX) {
		heart->later_sent_ms = sent_ms;
		heart->later_back_ms = now_ms;
		return;
	}
	heart->swift_sent_ms = sent_ms;
	heart->swift_back_ms = now_ms;
}

/* What swift ones prove by themselves, when it is time. */
static void take_proof(struct heart *heart, int64_t now_ms)
{
	while (now_ms >= heart_echo_due_ms(heart)) {
		heart->proven_ms = heart->swift_sent_ms;
		heart->swift_sent_ms = heart->later_sent_ms;
		heart->swift_back_ms = heart->later_back_ms;
	}
}

static bool is_up(const struct heart *heart)
{
	return heart->view.state == HAOPS_CLUSTER_UP;
}

static void notice_pause(struct heart *heart, int64_t gap_ms, int64_t now_ms)
{
	char span[HEART_SPAN_MAX];

	if (!(heart->flags & HEART_OWN_PAUSED))
		heart->ring_count_before = heart->view.ring_count;
	heart->flags |= HEART_OWN_PAUSED;
	heart->flags_told |= HEART_OWN_PAUSED;
	heart->paused_ms = now_ms;
	heart->pause_count++;
	/* Nor is the disk to blame that nothing was written meanwhile. */
	heart->disk_ms = now_ms;
	heart_tell_own(heart, HEART_WARNING,
		       "This node stood still for %s (stopped, suspended or starved of CPU): "
		       "nothing about others is believed until our own heartbeat has come back in "
		       "a "
		       "settled ring with quorum.",
		       heart_span(gap_ms, span));
}

static void notice_lag(struct heart *heart, int64_t lag_ms, int64_t now_ms)
{
	char span[HEART_SPAN_MAX];
	bool is_new = heart->lagged_ms == 0;

	heart->lagged_ms = now_ms;
	if (!is_new || (heart->flags & HEART_OWN_PAUSED))
		return;
	heart->flags_told |= HEART_OWN_LAGGING;
	heart_tell_own(heart, HEART_WARNING,
		       "haopsd of this node cannot keep up: it ran %s late (CPU or memory is "
		       "short); no peer is blamed for that.",
		       heart_span(lag_ms, span));
}

bool heart_clock(struct heart *heart, int64_t now_ms)
{
	int64_t gap_ms = heart->clock_ms ? now_ms - heart->clock_ms : 0;
	int64_t lag_ms = heart->wanted_ms ? now_ms - heart->wanted_ms : 0;

	heart->now_ms = now_ms;
	heart->clock_ms = now_ms;
	heart->wanted_ms = 0;
	heart->lag_ms = max_ms(heart->lag_ms, lag_ms);
	if (gap_ms > pause_limit_ms(heart)) {
		notice_pause(heart, gap_ms, now_ms);
		return true;
	}
	if (lag_ms > heart->config.keepalive_ms)
		notice_lag(heart, lag_ms, now_ms);
	return false;
}

/* A node that was away is alone in a ring of its own first, which two_node even calls quorate: with
 * fewer nodes than before, news of the others gets the time that it needs to come. */
static bool is_ring_trusted(const struct heart *heart, int64_t now_ms)
{
	if (!is_up(heart) || heart->settled_ms == 0 || !heart->view.is_quorate)
		return false;
	return heart->view.ring_count >= heart->ring_count_before ||
	       now_ms - heart->paused_ms >= heart_ring_ms(heart);
}

static void end_pause(struct heart *heart, int64_t now_ms)
{
	char span[HEART_SPAN_MAX];

	heart->flags &= ~(unsigned int)HEART_OWN_PAUSED;
	heart->flags_told &= ~(unsigned int)HEART_OWN_PAUSED;
	heart->recovered_ms = now_ms;
	heart_tell_own(heart, HEART_INFO,
		       "This node has recovered from standing still, %s after it was noticed: our "
		       "own heartbeat came back in a settled ring with quorum (nodes in it: %zu).",
		       heart_span(now_ms - heart->paused_ms, span), heart->view.ring_count);
}

void heart_own_echo(struct heart *heart, const struct haops_cluster_message *envelope, uint64_t seq,
		    int64_t now_ms)
{
	/* Handed to Corosync when the pause was over. */
	bool is_fresh = envelope->sent_ms >= heart->paused_ms;

	note_back(heart, now_ms);
	take_proof(heart, now_ms);
	if (envelope->sent_ms > heart->echo_sent_ms && envelope->sent_ms <= now_ms) {
		heart->echo_sent_ms = envelope->sent_ms;
		take_echo(heart, envelope->sent_ms, seq == heart->extra_seq, now_ms);
	}
	if (!is_fresh || !envelope->is_quorate || !is_ring_trusted(heart, now_ms))
		return;
	if (heart->flags & HEART_OWN_PAUSED)
		end_pause(heart, now_ms);
	heart->proof_ms = max_ms(heart->proof_ms, envelope->sent_ms);
}

static bool is_lagging(struct heart *heart, int64_t now_ms)
{
	int64_t clear_ms = max_ms(2 * heart->config.keepalive_ms, LAG_CLEAR_MS);

	if (heart->lagged_ms == 0)
		return false;
	/* An own heartbeat of after it came back: what had piled up before is read. */
	if (now_ms - heart->lagged_ms >= clear_ms &&
	    (heart->echo_sent_ms > heart->lagged_ms || !is_up(heart)))
		heart->lagged_ms = 0;
	return heart->lagged_ms != 0;
}

static int64_t echo_limit_ms(const struct heart *heart)
{
	return max_ms(2 * heart->config.keepalive_ms, ECHO_MIN_MS);
}

/* Ghosts do not keep the ring from being settled for ever. */
static void settle(struct heart *heart, int64_t now_ms)
{
	if (heart->settled_ms == 0 && heart->agreed_ms &&
	    now_ms - heart->agreed_ms >= heart_ring_ms(heart))
		heart->settled_ms = now_ms;
}

static bool is_starting(struct heart *heart, int64_t now_ms)
{
	bool has_heard = false;

	if (now_ms - heart->started_ms >= heart->config.initdead_ms)
		return false;
	for (size_t i = 0; i < heart->peer_count; i++) {
		const struct peer *peer = &heart->peers[i];

		if (heart_peer_is_here(peer) && peer->pub.last_ms == 0)
			return true;
		has_heard = has_heard || peer->pub.last_ms != 0;
	}
	return !has_heard;
}

static unsigned int flags_of_cluster(struct heart *heart, int64_t now_ms)
{
	unsigned int flags = 0;

	if (!is_up(heart))
		return HEART_OWN_NO_CLUSTER;
	if (now_ms - max_ms(heart->echo_sent_ms, heart->up_ms) > echo_limit_ms(heart))
		flags |= HEART_OWN_NO_ECHO;
	if (!heart->view.is_quorate)
		flags |= HEART_OWN_NO_QUORUM;
	if (heart->settled_ms == 0 || now_ms - heart->settled_ms < heart_ring_ms(heart))
		flags |= HEART_OWN_SETTLING;
	return flags;
}

bool heart_has_no_surroundings(const struct heart *heart)
{
	return !heart->has_carrier || (heart->pings_total > 0 && heart->pings_up == 0);
}

static unsigned int flags_of_host(struct heart *heart, int64_t now_ms)
{
	const struct config *config = &heart->config;
	unsigned int flags = 0;

	if (is_lagging(heart, now_ms))
		flags |= HEART_OWN_LAGGING;
	if (heart_has_no_surroundings(heart) && heart_all_silent(heart, now_ms))
		flags |= HEART_OWN_ISOLATED;
	if (heart->carrier_ms && now_ms - heart->carrier_ms < config->convergence_ms)
		flags |= HEART_OWN_CONVERGING;
	if (is_starting(heart, now_ms))
		flags |= HEART_OWN_STARTING;
	if (config->disk_path[0] &&
	    now_ms - heart->disk_ms > config->deadtime_ms + config->disk_interval_ms)
		flags |= HEART_OWN_DISK_SLOW;
	return flags;
}

static int64_t tell_delay_ms(const struct heart *heart, unsigned int flag)
{
	switch (flag) {
	case HEART_OWN_NO_ECHO: /* as long as the ring may take, it is no news */
		return heart_ring_ms(heart);
	case HEART_OWN_NO_CLUSTER:
	case HEART_OWN_NO_QUORUM:
		return TELL_DELAY_MS;
	case HEART_OWN_ISOLATED:
	case HEART_OWN_CONVERGING:
	case HEART_OWN_DISK_SLOW:
		return 0;
	default: /* told where it is noticed, or not worth a sentence */
		return INT64_MAX;
	}
}

static void tell_network(struct heart *heart, unsigned int flag)
{
	const char *what = heart->has_carrier ? "no ping target answers any more"
					      : "all our cluster links have lost their carrier";
	char span[HEART_SPAN_MAX];

	if (flag == HEART_OWN_ISOLATED)
		heart_tell_own(heart, HEART_ERROR,
			       "This node is the isolated one: all peers are silent, and %s; no "
			       "peer is declared dead.",
			       what);
	else
		heart_tell_own(heart, HEART_WARNING,
			       "The network of this node is not steady: %s; for %s "
			       "(convergence_time) no peer that Corosync holds is declared dead.",
			       heart->has_carrier &&
					       (heart->pings_total == 0 || heart->pings_up > 0)
				       ? "a carrier or a ping target is back"
				       : what,
			       heart_span(heart->config.convergence_ms, span));
}

static void tell_no_echo(struct heart *heart)
{
	int64_t silent_ms = heart->now_ms - max_ms(heart->echo_sent_ms, heart->up_ms);
	bool is_sent = heart->now_ms - heart->sent_ms <= echo_limit_ms(heart);
	char span[HEART_SPAN_MAX];

	heart_tell_own(heart, HEART_ERROR, "%s for %s: %s, and no peer is blamed for that.",
		       is_sent ? "Our own heartbeat has not come back"
			       : "No heartbeat of ours could be handed to Corosync",
		       heart_span(silent_ms, span),
		       is_sent ? "Corosync delivers nothing here" : "Corosync takes nothing here");
}

static void tell_raised(struct heart *heart, unsigned int flag)
{
	char span[HEART_SPAN_MAX];

	switch (flag) {
	case HEART_OWN_ISOLATED:
	case HEART_OWN_CONVERGING:
		tell_network(heart, flag);
		break;
	case HEART_OWN_NO_ECHO:
		tell_no_echo(heart);
		break;
	case HEART_OWN_NO_CLUSTER:
		heart_tell_own(heart, HEART_ERROR,
			       "This node is not in the cluster: %s; what is known of others is "
			       "old.",
			       heart->view.trouble[0] ? heart->view.trouble
						      : "Corosync has not let haopsd in yet");
		break;
	case HEART_OWN_NO_QUORUM:
		heart_tell_own(heart, HEART_WARNING,
			       "This node has no quorum (nodes in its ring: %zu).",
			       heart->view.ring_count);
		break;
	default:
		heart_tell_own(heart, HEART_ERROR,
			       "The test write to %s has not reached the disk for %s: the disk "
			       "hangs, is full or is read-only.",
			       heart->config.disk_path,
			       heart_span(heart->now_ms - heart->disk_ms, span));
		break;
	}
}

static void tell_cleared(struct heart *heart, unsigned int flag, int64_t since_ms, int64_t now_ms)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} TEXTS[] = {
		{HEART_OWN_LAGGING, "haopsd of this node keeps up again"},
		{HEART_OWN_NO_ECHO, "Our own heartbeat comes back again"},
		{HEART_OWN_NO_CLUSTER, "This node is in the cluster again"},
		{HEART_OWN_ISOLATED, "This node is not isolated any more"},
		{HEART_OWN_CONVERGING, "The time for the network to converge is over"},
		{HEART_OWN_NO_QUORUM, "This node has quorum again"},
		{HEART_OWN_DISK_SLOW, "Test writes reach the disk again"},
	};
	char span[HEART_SPAN_MAX];

	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		if (TEXTS[i].flag == flag)
			heart_tell_own(heart, HEART_INFO, "%s, after %s.", TEXTS[i].text,
				       heart_span(now_ms - since_ms, span));
}

static void judge_flag(struct heart *heart, size_t bit, bool is_set, int64_t now_ms)
{
	unsigned int flag = 1u << bit;
	bool was_set = heart->flags & flag;

	if (is_set && !was_set)
		heart->flag_since_ms[bit] = now_ms;
	if (!is_set && was_set && (flag & RECOVERED))
		heart->recovered_ms = now_ms;
	heart->flags = is_set ? heart->flags | flag : heart->flags & ~flag;
	if (is_set && !(heart->flags_told & flag) &&
	    now_ms - heart->flag_since_ms[bit] >= tell_delay_ms(heart, flag)) {
		heart->flags_told |= flag;
		tell_raised(heart, flag);
	}
	if (!is_set && (heart->flags_told & flag)) {
		heart->flags_told &= ~flag;
		tell_cleared(heart, flag, heart->flag_since_ms[bit], now_ms);
	}
}

void heart_own_judge(struct heart *heart, int64_t now_ms)
{
	unsigned int flags = heart->flags & HEART_OWN_PAUSED;

	take_proof(heart, now_ms);
	settle(heart, now_ms);
	flags |= flags_of_cluster(heart, now_ms) | flags_of_host(heart, now_ms);
	for (size_t bit = 0; bit < HEART_OWN_COUNT; bit++)
		if (1u << bit != HEART_OWN_PAUSED)
			judge_flag(heart, bit, flags >> bit & 1, now_ms);
}

static void add_time(int64_t *next_ms, int64_t at_ms, int64_t now_ms)
{
	if (at_ms > now_ms && at_ms < *next_ms)
		*next_ms = at_ms;
}

int64_t heart_own_next_ms(const struct heart *heart, int64_t now_ms)
{
	/* Often enough to tell a pause from a rest. */
	int64_t next_ms = now_ms + pause_limit_ms(heart) / 4;

	add_time(&next_ms, heart_echo_due_ms(heart), now_ms);
	add_time(&next_ms, heart->started_ms + heart->config.initdead_ms, now_ms);
	if (heart->settled_ms)
		add_time(&next_ms, heart->settled_ms + heart_ring_ms(heart), now_ms);
	if (heart->carrier_ms)
		add_time(&next_ms, heart->carrier_ms + heart->config.convergence_ms, now_ms);
	return next_ms;
}

void heart_carrier(struct heart *heart, bool has_carrier, int64_t now_ms)
{
	/* Its return counts, too: a switch port may begin to listen and learn only then. */
	if (has_carrier != heart->has_carrier)
		heart->carrier_ms = now_ms;
	heart->has_carrier = has_carrier;
}

void heart_pings(struct heart *heart, unsigned int up, unsigned int total, int64_t now_ms)
{
	bool are_lost = total > 0 && up == 0 && heart->pings_up > 0;
	/* The first one's return counts as that of a carrier does; after the start, too. */
	bool are_back = up > 0 && heart->pings_up == 0 && heart->pings_total > 0;

	if (are_lost || are_back)
		heart->carrier_ms = now_ms;
	heart->pings_up = up;
	heart->pings_total = total;
}

void heart_disk(struct heart *heart, int64_t written_ms)
{
	heart->disk_ms = max_ms(heart->disk_ms, written_ms);
}
