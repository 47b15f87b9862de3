/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Describes a server that is in its place. */
#include "mysql/calm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAIR_MAX 128

/*
 * What it logged that bears its own server_id: a replica whose part of that moves has a row of its
 * own. Of MariaDB only, whose positions name the servers. False: too long.
 */
static bool own_part(const struct calm_view *view, char buf[PAIR_MAX])
{
	char wanted[32];
	size_t len = 0;

	buf[0] = '\0';
	(void)snprintf(wanted, sizeof(wanted), "-%u-", view->status->server_id);
	for (const char *at = view->logged; *at;) {
		size_t end = strcspn(at, ",");
		const char *found = strstr(at, wanted);

		if (found && found < at + end) {
			if (len + end + 2 > PAIR_MAX)
				return false;
			len += (size_t)snprintf(buf + len, PAIR_MAX - len, "%.*s;", (int)end, at);
		}
		at += end + (at[end] == ',');
	}
	return true;
}

static bool is_replica_well(const struct haops_mysql_status *status)
{
	return status->is_replica && status->source_count == 1 && status->uses_gtid &&
	       status->receiver == HAOPS_MYSQL_RUNNING && status->applier == HAOPS_MYSQL_RUNNING &&
	       status->receiver_errno == 0 && status->applier_errno == 0 && status->delay_s == 0 &&
	       status->lag_s >= 0 && status->lag_s <= CALM_LAG_S;
}

bool calm_describe(const struct calm_view *view, char ret_text[CALM_MAX])
{
	const struct haops_mysql_status *status = view->status;
	char own[PAIR_MAX] = "";
	int len;

	if (status->server.flavor != HAOPS_MYSQL_MARIADB || view->cib.inode == 0)
		return false;
	if (status->is_writable ? status->is_replica : !is_replica_well(status))
		return false;
	if (!status->is_writable && !own_part(view, own))
		return false;
	len = snprintf(ret_text, CALM_MAX,
		       "%c %d/%" PRIu64 " %d/%" PRIu64 " %" PRIu64 "/%" PRIu64 " %" PRIu64
		       " %u %d%d %u %s:%u %s",
		       status->is_writable ? 'P' : 'R', view->executor.pid, view->executor.ticks,
		       view->server.pid, view->server.ticks, view->cib.inode, view->cib.at_ns,
		       status->instance, status->server_id, status->acks, status->waits_for_ack,
		       status->ackers, status->source_host, status->source_port, own);
	return len > 0 && len < CALM_MAX;
}

int calm_format(const struct calm_note *note, char *buf, size_t size)
{
	return snprintf(buf, size, "%" PRId64 " %" PRIu64 "\n%s", note->at_ms, note->acked,
			note->text);
}

bool calm_parse(const char *text, struct calm_note *ret_note)
{
	const char *line = strchr(text, '\n');

	if (!line || strlen(line + 1) >= CALM_MAX ||
	    sscanf(text, "%" SCNd64 " %" SCNu64 "\n", &ret_note->at_ms, &ret_note->acked) != 2)
		return false;
	(void)snprintf(ret_note->text, CALM_MAX, "%s", line + 1);
	return true;
}

bool calm_lasts(const struct calm_note *note, const char *text,
		const struct haops_mysql_status *status, int64_t now_ms)
{
	if (now_ms < note->at_ms || now_ms - note->at_ms >= CALM_MS)
		return false;
	if (status->waiting > 0 && status->acked == note->acked)
		return false;
	return strcmp(note->text, text) == 0;
}
