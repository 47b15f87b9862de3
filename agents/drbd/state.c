/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words in which DRBD tells its state, and the tables they are kept in. Reads no output. */

#include "drbd/state.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct word {
	const char *text;
	int value;
};

static const struct word disks[] = {
	{"Diskless", STATE_DISKLESS},	    {"Attaching", STATE_ATTACHING},
	{"Detaching", STATE_DETACHING},	    {"Failed", STATE_FAILED},
	{"Negotiating", STATE_NEGOTIATING}, {"Inconsistent", STATE_INCONSISTENT},
	{"Outdated", STATE_OUTDATED},	    {"Consistent", STATE_CONSISTENT},
	{"UpToDate", STATE_UPTODATE},
};

static const struct word roles[] = {{"Primary", STATE_PRIMARY}, {"Secondary", STATE_SECONDARY}};

/* drbd-utils translate the words of 8.4, but for what has no counterpart in 9. The first one of a
 * state is what it is called here. */
static const struct word connections[] = {
	{"StandAlone", STATE_STANDALONE},    {"Connected", STATE_CONNECTED},
	{"Connecting", STATE_CONNECTING},    {"Disconnecting", STATE_CONNECTING},
	{"Unconnected", STATE_CONNECTING},   {"Timeout", STATE_CONNECTING},
	{"BrokenPipe", STATE_CONNECTING},    {"NetworkFailure", STATE_CONNECTING},
	{"ProtocolError", STATE_CONNECTING}, {"TearDown", STATE_CONNECTING},
	{"WFConnection", STATE_CONNECTING},  {"WFReportParams", STATE_CONNECTING},
};

static const struct word syncs[] = {
	{"Off", STATE_SYNC_NONE},
	{"Established", STATE_SYNC_NONE},
	{"VerifyS", STATE_SYNC_NONE},
	{"VerifyT", STATE_SYNC_NONE},
	{"SyncSource", STATE_SYNC_SOURCE},
	{"SyncTarget", STATE_SYNC_TARGET},
	{"PausedSyncS", STATE_SYNC_SOURCE},
	{"PausedSyncT", STATE_SYNC_TARGET},
	{"StartingSyncS", STATE_SYNC_SOURCE},
	{"StartingSyncT", STATE_SYNC_TARGET},
	{"WFBitMapS", STATE_SYNC_SOURCE},
	{"WFBitMapT", STATE_SYNC_TARGET},
	{"WFSyncUUID", STATE_SYNC_TARGET},
	{"Ahead", STATE_SYNC_SOURCE},
	{"Behind", STATE_SYNC_TARGET},
};

static int value_of(const struct word *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].text, text) == 0)
			return words[i].value;
	return 0;
}

enum state_disk state_disk_of(const char *word)
{
	return (enum state_disk)value_of(disks, COUNT(disks), word);
}

enum state_role state_role_of(const char *word)
{
	return (enum state_role)value_of(roles, COUNT(roles), word);
}

enum state_connection state_connection_of(const char *word)
{
	return (enum state_connection)value_of(connections, COUNT(connections), word);
}

enum state_sync state_sync_of(const char *word)
{
	return (enum state_sync)value_of(syncs, COUNT(syncs), word);
}

static const char *word_of(const struct word *words, size_t count, int value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].value == value)
			return words[i].text;
	return "unknown";
}

const char *state_disk_word(enum state_disk disk)
{
	return word_of(disks, COUNT(disks), (int)disk);
}

const char *state_role_word(enum state_role role)
{
	return word_of(roles, COUNT(roles), (int)role);
}

const char *state_connection_word(enum state_connection connection)
{
	return word_of(connections, COUNT(connections), (int)connection);
}

const char *state_replication_word(const char *word)
{
	for (size_t i = 0; i < COUNT(syncs); i++)
		if (strcmp(syncs[i].text, word) == 0)
			return syncs[i].text;
	return NULL;
}

struct state_volume *state_volume_get(struct state *state, uint32_t number)
{
	struct state_volume *made;

	for (size_t i = 0; i < state->volume_count; i++)
		if (state->volumes[i].number == number)
			return &state->volumes[i];
	if (state->volume_count == STATE_VOLUMES_MAX)
		return NULL;
	made = &state->volumes[state->volume_count++];
	made->number = number;
	made->minor = -1;
	return made;
}

struct state_peer *state_peer_get(struct state *state, const char *key)
{
	struct state_peer *made;

	for (size_t i = 0; i < state->peer_count; i++)
		if (strcmp(state->peers[i].key, key) == 0)
			return &state->peers[i];
	if (state->peer_count == STATE_PEERS_MAX || strlen(key) >= STATE_NAME_MAX)
		return NULL;
	made = &state->peers[state->peer_count++];
	(void)snprintf(made->key, sizeof(made->key), "%s", key);
	return made;
}

struct state_link *state_link_get(struct state *state, struct state_peer *peer, uint32_t volume)
{
	const struct state_volume *found = state_volume_get(state, volume);
	struct state_link *link;

	if (!found)
		return NULL;
	link = &peer->links[found - state->volumes];
	if (!link->is_there) {
		link->permille = -1;
		link->left_s = -1;
	}
	link->is_there = true;
	return link;
}
