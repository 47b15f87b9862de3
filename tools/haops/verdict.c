/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges a status; see verdict.h. A lack of news is never good news: what is not known is told. */

#include "verdict.h"

#include "format.h"

#include <string.h>

#define LOST_TOLD_MAX 16
#define PACEMAKER_LATE_MS 30000
#define DISK_LATE_MS 30000
#define PAUSE_TOLD_MS 600000

const struct own_flag own_flags[] = {
	{HEART_OWN_PAUSED, "paused", LEVEL_CRITICAL},
	{HEART_OWN_NO_CLUSTER, "no_cluster", LEVEL_CRITICAL},
	{HEART_OWN_NO_ECHO, "no_echo", LEVEL_CRITICAL},
	{HEART_OWN_ISOLATED, "isolated", LEVEL_CRITICAL},
	{HEART_OWN_NO_QUORUM, "no_quorum", LEVEL_CRITICAL},
	{HEART_OWN_LAGGING, "lagging", LEVEL_WARNING},
	{HEART_OWN_CONVERGING, "converging", LEVEL_WARNING},
	{HEART_OWN_SETTLING, "settling", LEVEL_WARNING},
	{HEART_OWN_STARTING, "starting", LEVEL_WARNING},
	{HEART_OWN_DISK_SLOW, "disk_slow", LEVEL_WARNING},
	{0, NULL, LEVEL_OK},
};

const char *verdict_state_name(enum heart_peer_state state)
{
	return (unsigned int)state <= HEART_LEFT ? heart_state_name(state)
						 : "unknown to this haops";
}

const char *verdict_cluster_name(enum haops_cluster_state state)
{
	static const char *const names[] = {"down", "silent", "joining", "up"};

	return (unsigned int)state <= HAOPS_CLUSTER_UP ? names[state] : "unknown to this haops";
}

const char *verdict_lease_text(enum haops_lease_verdict verdict)
{
	static const char *const texts[] =
		{[HAOPS_LEASE_OK] = "proof is fresh",
		 [HAOPS_LEASE_NO_DAEMON] = "the guard of haopsd does not run",
		 [HAOPS_LEASE_TWO_NODE] = "two_node without a quorum device has no majority",
		 [HAOPS_LEASE_NO_QUORUM] = "this part of the cluster has no majority",
		 [HAOPS_LEASE_NO_ECHO] = "own messages do not come back through Corosync",
		 [HAOPS_LEASE_NO_PACEMAKER] =
			 "Pacemaker does not answer (its controller, or pacemakerd)",
		 [HAOPS_LEASE_PAUSED] = "this node stood still and has not recovered yet",
		 [HAOPS_LEASE_HELD] =
			 "a node outside of the ring may still have leases; ours are renewed"};

	return (unsigned int)verdict <= HAOPS_LEASE_HELD ? texts[verdict]
							 : "for a reason unknown to this haops";
}

int64_t verdict_age(const struct status *status, int64_t moment_ms)
{
	if (moment_ms <= 0)
		return -1;
	return status->now_ms > moment_ms ? status->now_ms - moment_ms : 0;
}

const char *verdict_peer_title(const struct status_peer *peer, char buf[PEER_TITLE_MAX])
{
	if (peer->name[0])
		snprintf(buf, PEER_TITLE_MAX, "%s (%u)", peer->name, peer->nodeid);
	else
		snprintf(buf, PEER_TITLE_MAX, "node %u", peer->nodeid);
	return buf;
}

enum writer_level verdict_peer_level(const struct status_peer *peer)
{
	if (peer->is_own || peer->state == HEART_ACTIVE)
		return LEVEL_OK;
	if (peer->state == HEART_SILENT || peer->state == HEART_GONE)
		return LEVEL_CRITICAL;
	/* One that left the cluster in order is missed by the votes only. */
	if (peer->state == HEART_LEFT && !peer->is_in_ring)
		return LEVEL_OK;
	return LEVEL_WARNING;
}

static const char *span(int64_t ms, char buf[32])
{
	if (ms < 0)
		snprintf(buf, 32, "an unknown time");
	else
		format_duration(ms, buf, 32);
	return buf;
}

static void judge_cluster(const struct status *s, struct verdict *verdict, enum writer_level level)
{
	bool is_up = s->cluster_state == HAOPS_CLUSTER_UP;

	if (level == LEVEL_CRITICAL && !is_up)
		verdict_add(verdict, level, "the cluster is %s here: %s",
			    verdict_cluster_name(s->cluster_state),
			    s->trouble[0] ? s->trouble : "Corosync does not say why");
	if (level == LEVEL_CRITICAL && is_up && !s->is_quorate)
		verdict_add(verdict, level, "no quorum: %u of %u votes, %u needed", s->total_votes,
			    s->expected_votes, s->quorum);
	if (level == LEVEL_WARNING && is_up && s->is_quorate && s->total_votes < s->expected_votes)
		verdict_add(verdict, level, "%u of %u votes are missing",
			    s->expected_votes - s->total_votes, s->expected_votes);
	if (level == LEVEL_WARNING && is_up && !s->is_settled)
		verdict_add(verdict, level, "the membership is changing");
}

static void judge_own(const struct status *s, struct verdict *verdict, enum writer_level level)
{
	int64_t pause_age_ms = verdict_age(s, s->last_pause_at_ms);
	char text[256];
	char ago[32];
	char length[32];

	for (const struct own_flag *own = own_flags; own->name; own++) {
		if (own->level != level || !(s->own_flags & own->flag))
			continue;
		/* Told in better words by judge_cluster(). */
		if (own->flag == HEART_OWN_NO_QUORUM && !s->is_quorate)
			continue;
		heart_own_text(own->flag, text, sizeof(text));
		verdict_add(verdict, level, "%s", text);
	}
	if (level == LEVEL_WARNING && pause_age_ms >= 0 && pause_age_ms < PAUSE_TOLD_MS)
		verdict_add(verdict, level, "this node stood still for %s, %s ago",
			    span(s->last_pause_ms, length), span(pause_age_ms, ago));
}

static void judge_peer_state(const struct status *s, const struct status_peer *peer,
			     struct verdict *verdict)
{
	enum writer_level level = verdict_peer_level(peer);
	char title[PEER_TITLE_MAX];
	char since[32];
	const char *is;

	verdict_peer_title(peer, title);
	span(verdict_age(s, peer->since_ms), since);
	switch (peer->state) {
	case HEART_SILENT:
		is = "is silent: in the membership, but does no work";
		break;
	case HEART_GONE:
		is = "is lost: not in the membership";
		break;
	case HEART_HELD:
		is = "is not heard beyond deadtime, but not declared dead: it may be this node";
		break;
	case HEART_LATE:
		is = "is late: no heartbeat for warntime";
		break;
	case HEART_LEFT:
		is = "runs without haopsd, which was stopped there";
		break;
	case HEART_UNKNOWN:
	case HEART_ACTIVE:
	default:
		is = "was never heard: does haopsd run there?";
		break;
	}
	verdict_add(verdict, level, "%s %s (%s)", title, is, since);
}

static void judge_peers(const struct status *s, struct verdict *verdict, enum writer_level level)
{
	char title[PEER_TITLE_MAX];
	char age[32];

	for (size_t i = 0; i < s->peer_count; i++) {
		const struct status_peer *peer = &s->peers[i];

		if (verdict_peer_level(peer) == level && level != LEVEL_OK)
			judge_peer_state(s, peer, verdict);
		if (level == LEVEL_WARNING && peer->state == HEART_ACTIVE && !peer->is_own &&
		    peer->disk_age_ms != UINT32_MAX && peer->disk_age_ms > DISK_LATE_MS)
			verdict_add(verdict, level, "%s: the last test write to its disk is %s old",
				    verdict_peer_title(peer, title), span(peer->disk_age_ms, age));
	}
}

/* The peers' own words; a cluster of different settings judges by different measures. */
static void judge_settings(const struct status *s, struct verdict *verdict)
{
	const struct status_peer *first = NULL;
	char first_title[PEER_TITLE_MAX];
	char title[PEER_TITLE_MAX];
	char deadtime[32];
	char recommended[32];

	for (size_t i = 0; i < s->peer_count; i++) {
		const struct status_peer *peer = &s->peers[i];

		if (peer->config_hash == 0)
			continue;
		if (first && peer->config_hash != first->config_hash) {
			verdict_add(verdict, LEVEL_WARNING, "%s and %s have different settings",
				    verdict_peer_title(first, first_title),
				    verdict_peer_title(peer, title));
			break;
		}
		first = first ? first : peer;
	}
	if (s->deadtime_ms > 0 && s->deadtime_ms < s->recommended_deadtime_ms)
		verdict_add(verdict, LEVEL_WARNING,
			    "deadtime is %s; by what was seen it should be %s",
			    span(s->deadtime_ms, deadtime),
			    span(s->recommended_deadtime_ms, recommended));
}

static void judge_watched(const struct status *s, struct verdict *verdict)
{
	size_t lost = 0;
	char since[32];

	for (size_t i = 0; i < s->watched_count; i++) {
		const struct status_watched *watched = &s->watched[i];

		if (!watched->is_lost)
			continue;
		if (++lost <= LOST_TOLD_MAX)
			verdict_add(verdict, LEVEL_CRITICAL, "resource %s is lost here for %s: %s",
				    watched->resource,
				    span(verdict_age(s, watched->since_ms), since),
				    watched->reason);
	}
	if (lost > LOST_TOLD_MAX)
		verdict_add(verdict, LEVEL_CRITICAL, "%zu more resources are lost here",
			    lost - LOST_TOLD_MAX);
}

static void judge_links(const struct status *s, struct verdict *verdict)
{
	for (size_t i = 0; i < s->link_count; i++) {
		const struct haops_cluster_link *link = &s->links[i];

		if (link->is_enabled && !link->is_connected)
			verdict_add(verdict, LEVEL_WARNING, "link %u to node %u is down",
				    link->link, link->nodeid);
	}
	for (size_t i = 0; i < s->ping_count; i++) {
		if (!s->pings[i].is_up)
			verdict_add(verdict, LEVEL_WARNING, "ping target %s does not answer",
				    s->pings[i].name);
	}
}

bool verdict_can_renew(enum haops_lease_verdict verdict)
{
	return verdict == HAOPS_LEASE_OK || verdict == HAOPS_LEASE_HELD;
}

static void judge_lease(const struct status *s, struct verdict *verdict, enum writer_level level)
{
	int64_t age_ms = verdict_age(s, s->pacemaker_ms);
	char age[32];

	if (level == LEVEL_CRITICAL && s->leased > 0 && !verdict_can_renew(s->lease_verdict))
		verdict_add(verdict, level, "leased addresses cannot be kept here: %s",
			    verdict_lease_text(s->lease_verdict));
	if (level == LEVEL_WARNING && age_ms > PACEMAKER_LATE_MS)
		verdict_add(verdict, level,
			    "Pacemaker (its controller, or pacemakerd) has not answered for %s",
			    span(age_ms, age));
}

void verdict_judge(const struct status *status, struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	judge_cluster(status, verdict, LEVEL_CRITICAL);
	judge_own(status, verdict, LEVEL_CRITICAL);
	judge_peers(status, verdict, LEVEL_CRITICAL);
	judge_watched(status, verdict);
	judge_lease(status, verdict, LEVEL_CRITICAL);
	judge_cluster(status, verdict, LEVEL_WARNING);
	judge_own(status, verdict, LEVEL_WARNING);
	judge_peers(status, verdict, LEVEL_WARNING);
	judge_links(status, verdict);
	judge_lease(status, verdict, LEVEL_WARNING);
	judge_settings(status, verdict);
}
