/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The struct status as fields and back: which member has which number. A number stays with its
 * meaning for ever. Makes and frees the arrays; fills in nothing. */

#include "ipc/status.h"

#include "ipc/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PEER(number, kind, member) RECORD_FIELD(number, kind, struct status_peer, member)
#define EVENT(number, kind, member) RECORD_FIELD(number, kind, struct status_event, member)
#define WATCHED(number, kind, member) RECORD_FIELD(number, kind, struct status_watched, member)
#define LINK(number, kind, member) RECORD_FIELD(number, kind, struct haops_cluster_link, member)
#define PING(number, kind, member) RECORD_FIELD(number, kind, struct status_ping, member)
#define STATUS(number, kind, member) RECORD_FIELD(number, kind, struct status, member)
#define TABLE(fields)                                                                              \
	{                                                                                          \
		fields, sizeof(fields) / sizeof((fields)[0])                                       \
	}

static const struct record_field peer_fields[] = {
	PEER(1, RECORD_UINT, nodeid),
	PEER(2, RECORD_TEXT, name),
	PEER(3, RECORD_TEXT, version),
	PEER(4, RECORD_BOOL, is_own),
	PEER(5, RECORD_BOOL, is_in_ring),
	PEER(6, RECORD_UINT, state),
	PEER(7, RECORD_INT, since_ms),
	PEER(8, RECORD_INT, last_ms),
	PEER(9, RECORD_UINT, received),
	PEER(10, RECORD_UINT, lost),
	PEER(11, RECORD_UINT, late_count),
	PEER(12, RECORD_UINT, returned_count),
	PEER(13, RECORD_INT, delay_ms),
	PEER(14, RECORD_INT, delays.max_ms),
	PEER(15, RECORD_DOUBLE, jitter_ms),
	PEER(16, RECORD_COUNTERS, lateness.counts),
	PEER(17, RECORD_INT, lateness.max_ms),
	PEER(18, RECORD_UINT, disk_age_ms),
	PEER(19, RECORD_UINT, lag_ms),
	PEER(20, RECORD_UINT, keepalive_ms),
	PEER(21, RECORD_UINT, config_hash),
	PEER(22, RECORD_BOOL, has_carrier),
	PEER(23, RECORD_UINT, pings_up),
	PEER(24, RECORD_UINT, pings_total),
	PEER(25, RECORD_UINT, sequence),
	PEER(26, RECORD_UINT, dead_count),
	PEER(27, RECORD_COUNTERS, delays.counts),
};

static const struct record_field event_fields[] = {
	EVENT(1, RECORD_INT, wall_ms),
	EVENT(2, RECORD_UINT, level),
	EVENT(3, RECORD_TEXT, text),
};

static const struct record_field watched_fields[] = {
	WATCHED(1, RECORD_TEXT, resource),     WATCHED(2, RECORD_TEXT, agent),
	WATCHED(3, RECORD_UINT, objects),      WATCHED(4, RECORD_UINT, lease_ms),
	WATCHED(5, RECORD_BOOL, is_pacemaker), WATCHED(6, RECORD_BOOL, is_lost),
	WATCHED(7, RECORD_TEXT, reason),       WATCHED(8, RECORD_INT, since_ms),
};

static const struct record_field link_fields[] = {
	LINK(1, RECORD_UINT, nodeid),	     LINK(2, RECORD_UINT, link),
	LINK(3, RECORD_BOOL, is_enabled),    LINK(4, RECORD_BOOL, is_connected),
	LINK(5, RECORD_UINT, latency_us),    LINK(6, RECORD_UINT, down_count),
	LINK(7, RECORD_TEXT, local_address),
};

static const struct record_field ping_fields[] = {
	PING(1, RECORD_TEXT, name),
	PING(2, RECORD_BOOL, is_up),
	PING(3, RECORD_INT, last_ms),
	PING(4, RECORD_UINT, rtt_us),
};

static const struct record_field status_fields[] = {
	STATUS(1, RECORD_TEXT, version),
	STATUS(2, RECORD_TEXT, node),
	STATUS(3, RECORD_UINT, nodeid),
	STATUS(4, RECORD_INT, now_ms),
	STATUS(5, RECORD_INT, wall_ms),
	STATUS(6, RECORD_INT, started_ms),
	STATUS(7, RECORD_UINT, cluster_state),
	STATUS(8, RECORD_TEXT, trouble),
	STATUS(9, RECORD_UINT, ring.nodeid),
	STATUS(10, RECORD_UINT, ring.seq),
	STATUS(11, RECORD_BOOL, is_quorate),
	STATUS(12, RECORD_BOOL, is_settled),
	STATUS(13, RECORD_BOOL, is_two_node),
	STATUS(14, RECORD_BOOL, has_qdevice),
	STATUS(15, RECORD_BOOL, waits_for_all),
	STATUS(16, RECORD_UINT, expected_votes),
	STATUS(17, RECORD_UINT, total_votes),
	STATUS(18, RECORD_UINT, quorum),
	STATUS(19, RECORD_UINT, token_ms),
	STATUS(20, RECORD_UINT, consensus_ms),
	STATUS(21, RECORD_INT, measured_detection_ms),
	STATUS(22, RECORD_INT, recommended_deadtime_ms),
	STATUS(23, RECORD_UINT, own_flags),
	STATUS(24, RECORD_INT, keepalive_ms),
	STATUS(25, RECORD_INT, warntime_ms),
	STATUS(26, RECORD_INT, deadtime_ms),
	STATUS(27, RECORD_INT, initdead_ms),
	STATUS(28, RECORD_INT, convergence_ms),
	STATUS(29, RECORD_UINT, disk_age_ms),
	STATUS(30, RECORD_UINT, pauses),
	STATUS(31, RECORD_INT, last_pause_ms),
	STATUS(32, RECORD_INT, last_pause_at_ms),
	STATUS(33, RECORD_UINT, reports),
	STATUS(34, RECORD_UINT, reports_held),
	STATUS(35, RECORD_INT, pacemaker_ms),
	STATUS(36, RECORD_UINT, lease_verdict),
	STATUS(37, RECORD_UINT, leased),
	STATUS(38, RECORD_UINT, lease_dropped),
	STATUS(39, RECORD_UINT, watched_total),
	STATUS(40, RECORD_INT, links_ms),
};

static const struct record_table status_table = TABLE(status_fields);

/* An array of struct status: a field that holds fields for each entry. */
struct list {
	uint16_t number;
	struct record_table table;
	size_t entry_size;
	size_t max;
	size_t count_offset;
	size_t array_offset;
	bool is_inside; /* the array is part of the struct, not pointed to */
};

#define LIST(nr, fields, type, count, array, entries, inside)                                      \
	{                                                                                          \
		.number = (nr), .table = TABLE(fields), .entry_size = sizeof(type),                \
		.max = (entries), .count_offset = offsetof(struct status, count),                  \
		.array_offset = offsetof(struct status, array), .is_inside = (inside)              \
	}

static const struct list lists[] = {
	LIST(64, peer_fields, struct status_peer, peer_count, peers, STATUS_PEERS_MAX, false),
	LIST(65, event_fields, struct status_event, event_count, events, STATUS_EVENTS_MAX, false),
	LIST(66, watched_fields, struct status_watched, watched_count, watched, STATUS_WATCHED_MAX,
	     false),
	LIST(67, link_fields, struct haops_cluster_link, link_count, links, STATUS_LINKS_MAX,
	     false),
	LIST(68, ping_fields, struct status_ping, ping_count, pings, STATUS_PINGS_MAX, true),
};
#define LIST_COUNT (sizeof(lists) / sizeof(lists[0]))

static size_t list_count(const struct list *list, const struct status *status)
{
	size_t count;

	memcpy(&count, (const char *)status + list->count_offset, sizeof(count));
	return count < list->max ? count : list->max;
}

static char *list_entries(const struct list *list, const struct status *status)
{
	const char *member = (const char *)status + list->array_offset;
	char *entries;

	if (list->is_inside)
		return (char *)(uintptr_t)member;
	memcpy(&entries, member, sizeof(entries));
	return entries;
}

int status_init(struct status *status)
{
	memset(status, 0, sizeof(*status));
	for (size_t i = 0; i < LIST_COUNT; i++) {
		const struct list *list = &lists[i];
		void *entries;

		if (list->is_inside)
			continue;
		entries = calloc(list->max, list->entry_size);
		if (!entries) {
			status_done(status);
			return -ENOMEM;
		}
		memcpy((char *)status + list->array_offset, &entries, sizeof(entries));
	}
	return 0;
}

void status_done(struct status *status)
{
	for (size_t i = 0; i < LIST_COUNT; i++) {
		if (!lists[i].is_inside)
			free(list_entries(&lists[i], status));
	}
	memset(status, 0, sizeof(*status));
}

int status_encode(const struct status *status, uint8_t **ret_data, size_t *ret_len)
{
	struct record_buffer buffer = {0};

	record_encode(&buffer, &status_table, status);
	for (size_t i = 0; i < LIST_COUNT; i++) {
		const struct list *list = &lists[i];
		const char *entries = list_entries(list, status);

		for (size_t k = 0; k < list_count(list, status); k++) {
			size_t begin = record_begin(&buffer, list->number);

			record_encode(&buffer, &list->table, entries + k * list->entry_size);
			record_end(&buffer, begin);
		}
	}
	if (buffer.is_short) {
		free(buffer.data);
		return -ENOMEM;
	}
	*ret_data = buffer.data;
	*ret_len = buffer.len;
	return 0;
}

/* More entries than there is room for are passed over. */
static int decode_entry(const struct list *list, const struct record_view *view,
			struct status *status)
{
	size_t count = list_count(list, status);
	char *entry = list_entries(list, status) + count * list->entry_size;

	if (count >= list->max)
		return 0;
	memset(entry, 0, list->entry_size);
	count++;
	memcpy((char *)status + list->count_offset, &count, sizeof(count));
	return record_decode(&list->table, view, entry);
}

static int decode_field(const struct record_view *view, struct status *status)
{
	for (size_t i = 0; i < LIST_COUNT; i++) {
		if (lists[i].number == view->number)
			return decode_entry(&lists[i], view, status);
	}
	return record_set(&status_table, view, status);
}

int status_decode(const uint8_t *data, size_t len, struct status *status)
{
	struct record_view view;
	int r;

	while ((r = record_next(&data, &len, &view)) > 0) {
		r = decode_field(&view, status);
		if (r < 0)
			return r;
	}
	return r;
}
