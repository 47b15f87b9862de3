/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of "drbdsetup events2 --now", see events.h. What a state means is facts.c's matter. */

#include "drbd/events.h"

#include "util/num.h"

#include <errno.h>
#include <string.h>

#define LINE_MAX_BYTES 2048
#define WORDS_MAX 64

struct line {
	char text[LINE_MAX_BYTES];
	const char *words[WORDS_MAX];
	size_t count;
};

static int split(const char *begin, size_t len, struct line *line)
{
	char *at = line->text;

	if (len >= sizeof(line->text))
		return -EBADMSG;
	memcpy(line->text, begin, len);
	line->text[len] = '\0';
	line->count = 0;
	while (*at) {
		at += strspn(at, " \r");
		if (!*at)
			break;
		if (line->count == WORDS_MAX)
			return -EBADMSG;
		line->words[line->count++] = at;
		at += strcspn(at, " \r");
		if (*at)
			*at++ = '\0';
	}
	return 0;
}

/* The value of KEY:VALUE, NULL if there is none. A value may have colons itself (addresses). */
static const char *get(const struct line *line, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 2; i < line->count; i++)
		if (strncmp(line->words[i], key, len) == 0 && line->words[i][len] == ':')
			return line->words[i] + len + 1;
	return NULL;
}

static bool is_word(const struct line *line, const char *key, const char *word)
{
	const char *value = get(line, key);

	return value && strcmp(value, word) == 0;
}

static int read_resource(const struct line *line, struct state *state)
{
	const char *role = get(line, "role");
	const char *suspended = get(line, "suspended");
	const char *may = get(line, "may_promote");

	state->is_configured = true;
	if (role)
		state->role = state_role_of(role);
	if (suspended)
		state->is_suspended = strcmp(suspended, "no") != 0;
	if (may)
		state->may_promote = strcmp(may, "yes") == 0 ? STATE_YES : STATE_NO;
	return 0;
}

static int read_volume(const struct line *line, uint32_t *ret_volume)
{
	const char *text = get(line, "volume");
	int64_t number;

	if (!text || num_parse(text, 0, UINT32_MAX, &number) < 0)
		return -EBADMSG;
	*ret_volume = (uint32_t)number;
	return 0;
}

static int read_device(const struct line *line, struct state *state)
{
	struct state_volume *volume;
	const char *minor = get(line, "minor");
	const char *disk = get(line, "disk");
	uint32_t number;
	int64_t value;

	if (read_volume(line, &number) < 0)
		return -EBADMSG;
	volume = state_volume_get(state, number);
	if (!volume)
		return -E2BIG;
	if (minor && num_parse(minor, 0, INT32_MAX, &value) == 0)
		volume->minor = value;
	if (disk)
		volume->disk = state_disk_of(disk);
	if (get(line, "client"))
		volume->is_client = is_word(line, "client", "yes");
	if (get(line, "quorum"))
		volume->lacks_quorum = is_word(line, "quorum", "no");
	return 0;
}

/* DRBD 9 counts its peers; 8.4 has one, and tells it by name or addresses. */
static struct state_peer *peer_of(const struct line *line, struct state *state)
{
	static const char *const keys[] = {"peer-node-id", "peer", "conn-name"};
	struct state_peer *peer;
	const char *key = NULL;
	const char *name = get(line, "conn-name");

	for (size_t i = 0; !key && i < sizeof(keys) / sizeof(keys[0]); i++)
		key = get(line, keys[i]);
	peer = state_peer_get(state, key ? key : "");
	if (peer && name && strlen(name) < sizeof(peer->name))
		memcpy(peer->name, name, strlen(name) + 1);
	return peer;
}

static int read_connection(const struct line *line, struct state *state)
{
	struct state_peer *peer = peer_of(line, state);
	const char *connection = get(line, "connection");
	const char *role = get(line, "role");

	if (!peer)
		return -E2BIG;
	if (connection)
		peer->connection = state_connection_of(connection);
	if (role)
		peer->role = state_role_of(role);
	return 0;
}

/* "37.50" as 375; -1 for anything else. */
static int permille_of(const char *text)
{
	char digits[8];
	size_t whole = strspn(text, "0123456789");
	int64_t number;

	if (whole == 0 || whole > 3)
		return -1;
	memcpy(digits, text, whole);
	digits[whole] = '0';
	if (text[whole] == '.' && text[whole + 1] >= '0' && text[whole + 1] <= '9')
		digits[whole] = text[whole + 1];
	digits[whole + 1] = '\0';
	return num_parse(digits, 0, 1000, &number) == 0 ? (int)number : -1;
}

/* Of "--statistics"; "nan" while nothing moves. */
static int64_t left_of(const char *text)
{
	int64_t seconds;

	return num_parse(text, 0, EVENTS_LEFT_MAX_S, &seconds) == 0 ? seconds : -1;
}

static void read_replication(const struct line *line, struct state_link *link)
{
	const char *replication = get(line, "replication");
	const char *done = get(line, "done");
	const char *left = get(line, "eta");

	if (replication) {
		link->sync = state_sync_of(replication);
		link->replication = state_replication_word(replication);
	}
	if (done)
		link->permille = permille_of(done);
	if (left)
		link->left_s = left_of(left);
}

static int read_peer_device(const struct line *line, struct state *state)
{
	struct state_peer *peer = peer_of(line, state);
	const char *disk = get(line, "peer-disk");
	struct state_link *link;
	uint32_t number;

	if (read_volume(line, &number) < 0)
		return -EBADMSG;
	link = peer ? state_link_get(state, peer, number) : NULL;
	if (!link)
		return -E2BIG;
	if (disk)
		link->disk = state_disk_of(disk);
	if (get(line, "peer-client"))
		link->is_client = is_word(line, "peer-client", "yes");
	read_replication(line, link);
	return 0;
}

static const struct {
	const char *object;
	int (*read)(const struct line *line, struct state *state);
} objects[] = {
	{"resource", read_resource},
	{"device", read_device},
	{"connection", read_connection},
	{"peer-device", read_peer_device},
};

static int read_line(const struct line *line, const char *resource, struct state *state)
{
	const char *name = get(line, "name");

	if (!name || strcmp(name, resource) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (strcmp(line->words[1], objects[i].object) == 0)
			return objects[i].read(line, state);
	/* Paths, helpers, and what later versions have. */
	return 0;
}

/* What happened while the dump was made comes in between, by other verbs. */
static bool tells_state(const char *verb)
{
	return strcmp(verb, "exists") == 0 || strcmp(verb, "create") == 0 ||
	       strcmp(verb, "change") == 0;
}

/* 1: the dump is complete. */
static int take(const char *begin, size_t len, const char *resource, struct state *state)
{
	struct line line;
	int r = split(begin, len, &line);

	if (r < 0)
		return r;
	if (line.count < 2 || !tells_state(line.words[0]))
		return 0;
	if (strcmp(line.words[0], "exists") == 0 && strcmp(line.words[1], "-") == 0)
		return 1;
	return read_line(&line, resource, state);
}

int events_read(const char *text, const char *resource, struct state *state)
{
	memset(state, 0, sizeof(*state));
	while (*text) {
		size_t len = strcspn(text, "\n");
		int r = take(text, len, resource, state);

		if (r != 0)
			return r < 0 ? r : 0;
		text += len + (text[len] == '\n');
	}
	return -EAGAIN;
}

static bool names_resource(const char *begin, size_t len, char name[STATE_NAME_MAX])
{
	const char *found;
	struct line line;

	if (split(begin, len, &line) < 0 || line.count < 2 || !tells_state(line.words[0]) ||
	    strcmp(line.words[1], "resource") != 0)
		return false;
	found = get(&line, "name");
	if (!found || strlen(found) >= STATE_NAME_MAX)
		return false;
	memcpy(name, found, strlen(found) + 1);
	return true;
}

bool events_next(const char **at, char name[STATE_NAME_MAX])
{
	bool is_found = false;

	while (!is_found && **at) {
		size_t len = strcspn(*at, "\n");

		is_found = names_resource(*at, len, name);
		*at += len + ((*at)[len] == '\n');
	}
	return is_found;
}
