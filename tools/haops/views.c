/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands show of a status, as a tree for a writer: the one screen of "status", and the
 * longer lists of the others. Judges nothing. */

#include "views.h"

#include "format.h"

#include <inttypes.h>
#include <string.h>

#define EVENTS_SHORT 8
#define WATCHED_SHORT 10
#define LINKS_SHORT 12
#define LINKS_OLD_MS 20000

static void show_votes(struct writer *writer, const struct status *s)
{
	bool is_up = s->cluster_state == HAOPS_CLUSTER_UP;

	out_begin(writer, "quorum", NULL);
	out_bool(writer, "quorate", NULL, s->is_quorate);
	out_number(writer, "votes", NULL, s->total_votes);
	out_number(writer, "expected", NULL, s->expected_votes);
	out_number(writer, "needed", NULL, s->quorum);
	out_bool(writer, "two_node", NULL, s->is_two_node);
	out_bool(writer, "qdevice", NULL, s->has_qdevice);
	out_bool(writer, "wait_for_all", NULL, s->waits_for_all);
	out_level(writer, is_up && s->is_quorate ? LEVEL_OK : LEVEL_CRITICAL);
	out_say(writer, "Quorum", "%s%s: %u of %u votes, %u needed%s%s%s",
		is_up ? "" : "not known, at last ", s->is_quorate ? "yes" : "NO", s->total_votes,
		s->expected_votes, s->quorum, s->is_two_node ? "; two_node" : "",
		s->has_qdevice ? "; quorum device" : "", s->waits_for_all ? "; wait_for_all" : "");
	out_end(writer);
}

static void show_cluster(struct writer *writer, const struct status *s)
{
	bool is_up = s->cluster_state == HAOPS_CLUSTER_UP;

	out_begin(writer, "cluster", NULL);
	out_text(writer, "state", NULL, verdict_cluster_name(s->cluster_state));
	out_text(writer, "trouble", NULL, s->trouble);
	out_number(writer, "ring_node", NULL, s->ring.nodeid);
	out_number(writer, "ring_seq", NULL, s->ring.seq);
	out_bool(writer, "settled", NULL, s->is_settled);
	out_level(writer, is_up ? LEVEL_OK : LEVEL_CRITICAL);
	out_say(writer, "Cluster", "%s%s%s, %sring %u.%" PRIu64 "%s",
		verdict_cluster_name(s->cluster_state), s->trouble[0] ? ": " : "", s->trouble,
		is_up ? "" : "last ", s->ring.nodeid, s->ring.seq,
		is_up && !s->is_settled ? ", changing" : "");
	show_votes(writer, s);
	out_end(writer);
}

static void show_own(struct writer *writer, const struct status *s)
{
	char text[512];

	heart_own_text(s->own_flags, text, sizeof(text));
	out_begin(writer, "own", NULL);
	for (const struct own_flag *own = own_flags; own->name; own++)
		out_bool(writer, own->name, NULL, (s->own_flags & own->flag) != 0);
	out_number(writer, "pauses", NULL, s->pauses);
	out_ms(writer, "last_pause_ms", NULL, s->pauses > 0 ? s->last_pause_ms : -1);
	out_ms(writer, "last_pause_age_ms", NULL, verdict_age(s, s->last_pause_at_ms));
	out_ms(writer, "disk_age_ms", NULL,
	       s->disk_age_ms == UINT32_MAX ? -1 : (int64_t)s->disk_age_ms);
	out_level(writer, s->own_flags ? LEVEL_WARNING : LEVEL_OK);
	out_say(writer, "This node", "%s", text[0] ? text : "nothing is wrong with it");
	out_end(writer);
}

static void show_pacemaker(struct writer *writer, const struct status *s)
{
	int64_t age_ms = verdict_age(s, s->pacemaker_ms);
	char age[32];

	out_begin(writer, "pacemaker", NULL);
	out_ms(writer, "answer_age_ms", NULL, age_ms);
	out_number(writer, "reports", NULL, s->reports);
	out_number(writer, "reports_held", NULL, s->reports_held);
	format_duration(age_ms, age, sizeof(age));
	out_say(writer, "Pacemaker", "%s%s%s; %" PRIu64 " losses reported, %" PRIu64 " held back",
		age_ms < 0 ? "not asked yet" : "answered ", age_ms < 0 ? "" : age,
		age_ms < 0 ? "" : " ago", s->reports, s->reports_held);
	out_end(writer);
}

static void show_lease(struct writer *writer, const struct status *s)
{
	bool is_fine = s->lease_verdict == HAOPS_LEASE_OK;

	out_begin(writer, "lease", NULL);
	out_bool(writer, "possible", NULL, is_fine);
	out_text(writer, "reason", NULL, verdict_lease_text(s->lease_verdict));
	out_number(writer, "leased", NULL, s->leased);
	out_number(writer, "dropped", NULL, s->lease_dropped);
	out_level(writer, s->leased > 0 && !verdict_can_renew(s->lease_verdict) ? LEVEL_CRITICAL
										: LEVEL_OK);
	if (s->leased > 0 || s->lease_dropped > 0)
		out_say(writer, "Leases",
			"%u held, %" PRIu64 " addresses dropped for want of proof; %s", s->leased,
			s->lease_dropped, verdict_lease_text(s->lease_verdict));
	else
		out_say(writer, "Leases", "none; %s: %s", is_fine ? "possible" : "not possible",
			verdict_lease_text(s->lease_verdict));
	out_end(writer);
}

static int64_t predicted_ms(const struct status *s)
{
	return s->token_ms > 0 && s->consensus_ms > 0 ? (int64_t)s->token_ms + s->consensus_ms : -1;
}

static void say_detection(struct writer *writer, const struct status *s)
{
	char text[6][32];

	format_duration(predicted_ms(s), text[0], 32);
	format_duration(s->token_ms, text[1], 32);
	format_duration(s->consensus_ms, text[2], 32);
	format_duration(s->measured_detection_ms, text[3], 32);
	format_duration(s->deadtime_ms, text[4], 32);
	format_duration(s->recommended_deadtime_ms, text[5], 32);
	if (predicted_ms(s) < 0)
		out_say(writer, "Node loss", "seen after a time not known; %s%s",
			s->measured_detection_ms > 0 ? "measured last: " : "none measured yet",
			s->measured_detection_ms > 0 ? text[3] : "");
	else
		out_say(writer, "Node loss", "seen after up to %s (token %s + consensus %s); %s%s",
			text[0], text[1], text[2],
			s->measured_detection_ms > 0 ? "measured last: " : "none measured yet",
			s->measured_detection_ms > 0 ? text[3] : "");
	out_level(writer, s->deadtime_ms < s->recommended_deadtime_ms ? LEVEL_WARNING : LEVEL_OK);
	out_say(writer, "Silence", "seen after deadtime %s; recommended by what was seen: %s",
		text[4], text[5]);
}

static void show_detection(struct writer *writer, const struct status *s)
{
	out_begin(writer, "detection", NULL);
	out_ms(writer, "predicted_ms", NULL, predicted_ms(s));
	out_ms(writer, "measured_ms", NULL,
	       s->measured_detection_ms > 0 ? s->measured_detection_ms : -1);
	out_ms(writer, "token_ms", NULL, s->token_ms > 0 ? (int64_t)s->token_ms : -1);
	out_ms(writer, "consensus_ms", NULL, s->consensus_ms > 0 ? (int64_t)s->consensus_ms : -1);
	out_ms(writer, "keepalive_ms", NULL, s->keepalive_ms);
	out_ms(writer, "warntime_ms", NULL, s->warntime_ms);
	out_ms(writer, "deadtime_ms", NULL, s->deadtime_ms);
	out_ms(writer, "initdead_ms", NULL, s->initdead_ms);
	out_ms(writer, "convergence_ms", NULL, s->convergence_ms);
	out_ms(writer, "recommended_deadtime_ms", NULL, s->recommended_deadtime_ms);
	say_detection(writer, s);
	out_end(writer);
}

/* In a short list for people: only what is down, unless there are few. */
static void show_links(struct writer *writer, const struct status *s, bool is_short)
{
	int64_t age_ms = verdict_age(s, s->links_ms);
	char age[32];

	out_list(writer, "links", "link", "Links");
	for (size_t i = 0; i < s->link_count; i++) {
		const struct haops_cluster_link *link = &s->links[i];
		bool is_up = link->is_enabled && link->is_connected;
		bool is_told = !is_short || !is_up || s->link_count <= LINKS_SHORT;

		if (!is_told && writer->options->form == WRITER_TEXT)
			continue;
		out_item(writer);
		out_number(writer, "node", "NODE", link->nodeid);
		out_number(writer, "number", "LINK", link->link);
		out_bool(writer, "enabled", NULL, link->is_enabled);
		out_bool(writer, "connected", NULL, link->is_connected);
		out_level(writer, is_up ? LEVEL_OK : LEVEL_WARNING);
		out_text(writer, NULL, "STATE",
			 !link->is_enabled ? "not in use"
			 : is_up	   ? "up"
					   : "down");
		out_number(writer, "latency_us", "LATENCY us", link->latency_us);
		out_number(writer, "down_count", "TIMES DOWN", link->down_count);
		out_text(writer, "local_address", "OWN ADDRESS", link->local_address);
		out_item_end(writer);
	}
	out_list_end(writer);
	format_duration(age_ms, age, sizeof(age));
	if (age_ms < 0 && s->peer_count > 0)
		out_say(writer, "", "Corosync has not told the state of its links yet");
	else if (age_ms > LINKS_OLD_MS)
		out_say(writer, "", "as Corosync told them %s ago", age);
}

static void show_pings(struct writer *writer, const struct status *s)
{
	out_list(writer, "pings", "ping", "Ping targets");
	for (size_t i = 0; i < s->ping_count; i++) {
		const struct status_ping *ping = &s->pings[i];

		out_item(writer);
		out_text(writer, "name", "NAME", ping->name);
		out_bool(writer, "up", NULL, ping->is_up);
		out_level(writer, ping->is_up ? LEVEL_OK : LEVEL_WARNING);
		out_text(writer, NULL, "STATE", ping->is_up ? "answers" : "silent");
		out_ms(writer, "answer_age_ms", "ANSWER", verdict_age(s, ping->last_ms));
		out_number(writer, "rtt_us", "ROUND TRIP us", ping->rtt_us);
		out_item_end(writer);
	}
	out_list_end(writer);
}

static void show_resource(struct writer *writer, const struct status *s,
			  const struct status_watched *watched)
{
	out_item(writer);
	out_text(writer, "name", "RESOURCE", watched->resource);
	out_bool(writer, "lost", NULL, watched->is_lost);
	out_level(writer, watched->is_lost ? LEVEL_CRITICAL : LEVEL_OK);
	out_text(writer, NULL, "STATE", watched->is_lost ? "LOST" : "whole");
	out_ms(writer, "since_ms", "SINCE", verdict_age(s, watched->since_ms));
	out_text(writer, "agent", "AGENT", watched->agent);
	out_number(writer, "objects", "OBJECTS", watched->objects);
	out_ms(writer, "lease_ms", "LEASE",
	       watched->lease_ms > 0 ? (int64_t)watched->lease_ms : -1);
	out_bool(writer, "pacemaker", NULL, watched->is_pacemaker);
	out_keep(writer);
	out_text(writer, "reason", "REASON", watched->reason);
	out_item_end(writer);
}

static void show_watched(struct writer *writer, const struct status *s, bool is_short)
{
	bool is_cut = is_short && writer->options->form == WRITER_TEXT;
	size_t shown = 0;

	out_list(writer, "watched", "resource", "Watched resources");
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->watched_count; i++) {
			/* Lost ones first. */
			if (s->watched[i].is_lost != (pass == 0) ||
			    (is_cut && shown >= WATCHED_SHORT))
				continue;
			show_resource(writer, s, &s->watched[i]);
			shown++;
		}
	}
	out_list_end(writer);
	if (shown < s->watched_total)
		out_say(writer, "", "%" PRIu64 " more are not listed%s", s->watched_total - shown,
			is_cut ? "; haops watched lists them" : "");
}

static void show_events(struct writer *writer, const struct status *s, bool is_short)
{
	static const char *const names[] = {"info", "warning", "error"};
	bool is_cut = is_short && writer->options->form == WRITER_TEXT;
	size_t first = is_cut && s->event_count > EVENTS_SHORT ? s->event_count - EVENTS_SHORT : 0;

	out_list(writer, "events", "event", is_cut ? "Last events" : "Events");
	for (size_t i = first; i < s->event_count; i++) {
		const struct status_event *event = &s->events[i];
		bool is_known = (unsigned int)event->level <= HEART_ERROR;

		out_item(writer);
		out_time(writer, "time", "TIME", event->wall_ms);
		out_level(writer, event->level == HEART_INFO	  ? LEVEL_OK
				  : event->level == HEART_WARNING ? LEVEL_WARNING
								  : LEVEL_CRITICAL);
		out_text(writer, "level", "LEVEL", is_known ? names[event->level] : "unknown");
		out_keep(writer);
		out_text(writer, "text", "EVENT", event->text);
		out_item_end(writer);
	}
	out_list_end(writer);
}

static void show_head(struct writer *writer, const struct status *s, const struct verdict *verdict)
{
	static const char *const words[] = {"all is well", "WARNING", "CRITICAL", "unknown"};
	int64_t uptime_ms = verdict_age(s, s->started_ms);
	char uptime[32];

	format_duration(uptime_ms, uptime, sizeof(uptime));
	out_text(writer, "health", NULL, verdict_level_name(verdict->level));
	out_text(writer, "node", NULL, s->node);
	out_number(writer, "id", NULL, s->nodeid);
	out_text(writer, "version", NULL, s->version);
	out_time(writer, "time", NULL, s->wall_ms);
	out_ms(writer, "uptime_ms", NULL, uptime_ms);
	out_number(writer, "watched_total", NULL, s->watched_total);
	out_number(writer, "problems_more", NULL, verdict->more);
	out_ms(writer, "links_age_ms", NULL, verdict_age(s, s->links_ms));
	out_say(writer, "Node", "%s (%u), haopsd %s up %s", s->node[0] ? s->node : "not known",
		s->nodeid, s->version, uptime_ms < 0 ? "-" : uptime);
	out_time(writer, NULL, "Time", s->wall_ms);
	out_level(writer, verdict->level);
	out_say(writer, "Health", "%s", words[verdict->level]);
}

static void show_status(struct writer *writer, const struct status *s,
			const struct drbd_report *drbd)
{
	struct verdict verdict;

	view_judge(s, drbd, &verdict);
	show_head(writer, s, &verdict);
	show_cluster(writer, s);
	show_own(writer, s);
	show_pacemaker(writer, s);
	show_lease(writer, s);
	show_detection(writer, s);
	view_problems(writer, &verdict);
	view_nodes(writer, s, NULL);
	show_links(writer, s, true);
	show_pings(writer, s);
	show_watched(writer, s, true);
	view_drbd(writer, drbd);
	show_events(writer, s, true);
}

static void show_heartbeat(struct writer *writer, const struct status *s, const char *node)
{
	char lateness[32];
	char ring[32];
	int64_t worst_ms = 0;

	for (size_t i = 0; i < s->peer_count; i++) {
		if (!s->peers[i].is_own && s->peers[i].lateness.max_ms > worst_ms)
			worst_ms = s->peers[i].lateness.max_ms;
	}
	show_detection(writer, s);
	format_duration(2 * (s->keepalive_ms + worst_ms), lateness, sizeof(lateness));
	format_duration(predicted_ms(s) < 0 ? 0 : predicted_ms(s) + s->keepalive_ms, ring,
			sizeof(ring));
	out_say(writer, "",
		"the recommendation is the larger of: 2 x (keepalive + worst lateness) "
		"of a peer, %s;",
		lateness);
	out_say(writer, "",
		"and how long Corosync delivers nothing when a node is lost, plus "
		"keepalive, %s or more",
		ring);
	view_heartbeats(writer, s, node);
}

void view_judge(const struct status *status, const struct drbd_report *drbd,
		struct verdict *verdict)
{
	verdict_judge(status, verdict);
	drbd_verdict_judge(drbd, verdict);
}

void view_show(struct writer *writer, enum view view, const struct status *status,
	       const struct drbd_report *drbd, const char *node)
{
	switch (view) {
	case VIEW_STATUS:
		show_status(writer, status, drbd);
		break;
	case VIEW_MEMBERS:
		view_nodes(writer, status, node);
		break;
	case VIEW_HEARTBEAT:
		show_heartbeat(writer, status, node);
		break;
	case VIEW_WATCHED:
		show_watched(writer, status, false);
		break;
	case VIEW_LINKS:
		show_links(writer, status, false);
		break;
	case VIEW_EVENTS:
		show_events(writer, status, false);
		break;
	}
}
