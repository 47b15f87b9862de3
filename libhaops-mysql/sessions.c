/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells sessions of clients from the server's own threads. Kills none. */
#include "sessions.h"
#include "internal.h"
#include "text.h"

static bool is_one_of(const char *text, const char *const *words)
{
	for (; text && *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

/* A worker of the event scheduler bears its event's user, and is a client's session like others. */
static bool is_servers_own(const struct answer *answer, size_t row)
{
	const char *const users[] = {"system user", "event_scheduler", NULL};
	const char *const commands[] = {"Binlog Dump", "Binlog Dump GTID", "Daemon", "Slave_IO",
					"Slave_SQL",   "Slave_worker",	   NULL};

	return is_one_of(answer_get(answer, row, "User", NULL), users) ||
	       is_one_of(answer_get(answer, row, "Command", NULL), commands);
}

static bool is_dying(const struct answer *answer, size_t row)
{
	const char *const words[] = {"Killed", NULL};

	return is_one_of(answer_get(answer, row, "Command", NULL), words);
}

int sessions_read(const struct answer *answer, uint64_t own_id, uint64_t old_max,
		  struct sessions *ret_sessions)
{
	struct sessions sessions = {0};

	sessions.ids = calloc(answer->row_count + 1, sizeof(*sessions.ids));
	if (!sessions.ids)
		return -ENOMEM;
	for (size_t i = 0; i < answer->row_count; i++) {
		uint64_t id;

		if (!text_to_number(answer_get(answer, i, "Id", NULL), &id)) {
			sessions_done(&sessions);
			return -EPROTO;
		}
		if (id > sessions.highest)
			sessions.highest = id;
		if (id == own_id || is_servers_own(answer, i))
			continue;
		if (id <= old_max && id > sessions.last_old)
			sessions.last_old = id;
		if (!is_dying(answer, i))
			sessions.ids[sessions.count++] = id;
	}
	*ret_sessions = sessions;
	return 0;
}

void sessions_done(struct sessions *sessions)
{
	free(sessions->ids);
	*sessions = (struct sessions){0};
}
