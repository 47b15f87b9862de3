/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Describes a server that is in its place: see seen.h. */
#include "seen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OWN_MAX 128

/*
 * What it logged that bears its own server_id: a replica whose part of that moves has a row of its
 * own. Of MariaDB only, whose positions name the servers. False: too long.
 */
static bool own_part(unsigned int server_id, const char *logged, char buf[OWN_MAX])
{
	char wanted[32];
	size_t len = 0;

	buf[0] = '\0';
	(void)snprintf(wanted, sizeof(wanted), "-%u-", server_id);
	for (const char *at = logged; *at;) {
		size_t end = strcspn(at, ",");
		const char *found = strstr(at, wanted);

		if (found && found < at + end) {
			if (len + end + 2 > OWN_MAX)
				return false;
			len += (size_t)snprintf(buf + len, OWN_MAX - len, "%.*s;", (int)end, at);
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
	       status->lag_s >= 0 && status->lag_s <= SEEN_LAG_S;
}

bool seen_describe(const struct haops_mysql_status *status, const char *logged,
		   struct seen *ret_seen)
{
	char own[OWN_MAX] = "";
	int len;

	if (status->server.flavor != HAOPS_MYSQL_MARIADB)
		return false;
	if (status->is_writable ? status->is_replica : !is_replica_well(status))
		return false;
	if (!status->is_writable && !own_part(status->server_id, logged, own))
		return false;
	*ret_seen = (struct seen){.waiting = status->waiting, .acked = status->acked};
	len = snprintf(ret_seen->place, SEEN_PLACE_MAX, "%c %" PRIu64 " %u %d%d %u %s:%u %s",
		       status->is_writable ? 'P' : 'R', status->instance, status->server_id,
		       status->acks, status->waits_for_ack, status->ackers, status->source_host,
		       status->source_port, own);
	return len > 0 && len < SEEN_PLACE_MAX;
}

int seen_format(const struct seen *seen, char *buf, size_t size)
{
	return snprintf(buf, size, "%" PRId64 " %" PRId64 " %u %" PRIu64 "\n%s", seen->at_ms,
			seen->login_ms, seen->waiting, seen->acked, seen->place);
}

bool seen_parse(const char *text, struct seen *ret_seen)
{
	const char *line = strchr(text, '\n');

	if (!line || strlen(line + 1) >= SEEN_PLACE_MAX ||
	    sscanf(text, "%" SCNd64 " %" SCNd64 " %u %" SCNu64 "\n", &ret_seen->at_ms,
		   &ret_seen->login_ms, &ret_seen->waiting, &ret_seen->acked) != 4)
		return false;
	(void)snprintf(ret_seen->place, SEEN_PLACE_MAX, "%s", line + 1);
	return true;
}

static bool is_within(int64_t at_ms, int64_t now_ms, int64_t limit_ms)
{
	/* What is of the future is of another boot. */
	return at_ms <= now_ms && at_ms > now_ms - limit_ms;
}

bool seen_is_fresh(const struct seen *seen, int64_t now_ms)
{
	return is_within(seen->at_ms, now_ms, SEEN_MS) &&
	       is_within(seen->login_ms, now_ms, SEEN_LOGIN_MS);
}
