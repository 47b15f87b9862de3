/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums the state of a resource up, see facts.h. Decides nothing. */

#include "drbd/facts.h"

#include <string.h>

/* From the worst to the best. One that is attaching is worth what it turns out to be. */
static int rank(enum state_disk disk)
{
	static const int ranks[] = {
		[STATE_DISK_UNKNOWN] = 0, [STATE_FAILED] = 1,	    [STATE_DETACHING] = 2,
		[STATE_DISKLESS] = 3,	  [STATE_INCONSISTENT] = 4, [STATE_OUTDATED] = 5,
		[STATE_ATTACHING] = 6,	  [STATE_NEGOTIATING] = 7,  [STATE_CONSISTENT] = 8,
		[STATE_UPTODATE] = 9,
	};

	return ranks[disk];
}

static bool is_on_its_way(enum state_disk disk)
{
	return disk == STATE_ATTACHING || disk == STATE_NEGOTIATING;
}

static void add_volumes(const struct state *state, struct facts *facts)
{
	size_t clients = 0;

	facts->worst = STATE_UPTODATE;
	for (size_t i = 0; i < state->volume_count; i++) {
		const struct state_volume *volume = &state->volumes[i];

		facts->has_quorum &= !volume->lacks_quorum;
		if (volume->is_client && volume->disk == STATE_DISKLESS) {
			clients++;
			continue;
		}
		facts->is_transitional |= is_on_its_way(volume->disk);
		if (rank(volume->disk) < rank(facts->worst))
			facts->worst = volume->disk;
	}
	facts->is_client = clients > 0 && clients == state->volume_count;
	/* A resource without volumes has no data, and so none that is good. */
	if (state->volume_count == 0)
		facts->worst = STATE_DISK_UNKNOWN;
	facts->is_uptodate = clients == 0 && facts->worst == STATE_UPTODATE;
	facts->is_consistent = clients == 0 && facts->worst == STATE_CONSISTENT;
}

struct sums {
	size_t clients, uptodate, known;
};

static void add_link(const struct state_link *link, struct sums *sums, struct facts *facts)
{
	sums->clients += link->is_client;
	sums->uptodate += link->disk == STATE_UPTODATE;
	sums->known += link->disk != STATE_DISK_UNKNOWN;
	facts->is_sync_target |= link->sync == STATE_SYNC_TARGET;
	facts->is_sync_source |= link->sync == STATE_SYNC_SOURCE;
	if (link->sync != STATE_SYNC_NONE && link->permille >= 0 &&
	    (facts->permille < 0 || link->permille < facts->permille))
		facts->permille = link->permille;
}

static void add_peer(const struct state *state, const struct state_peer *peer, struct facts *facts)
{
	bool is_connected = peer->connection == STATE_CONNECTED;
	struct sums sums = {0};
	bool is_uptodate;

	for (size_t i = 0; i < state->volume_count; i++)
		if (peer->links[i].is_there)
			add_link(&peer->links[i], &sums, facts);
	facts->has_standalone |= peer->connection == STATE_STANDALONE;
	facts->has_primary_peer |= is_connected && peer->role == STATE_PRIMARY;
	if (state->volume_count > 0 && sums.clients == state->volume_count)
		return;
	is_uptodate =
		is_connected && state->volume_count > 0 && sums.uptodate == state->volume_count;
	facts->peer_count++;
	facts->has_connected |= is_connected;
	facts->has_disconnected |= !is_connected;
	facts->has_uptodate_peer |= is_uptodate;
	facts->is_primary_uptodate |= is_uptodate && peer->role == STATE_PRIMARY;
	facts->are_peers_uptodate &= is_uptodate;
	facts->has_unknown_peer |= sums.known != state->volume_count;
}

void facts_find(const struct state *state, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->is_configured = state->is_configured;
	facts->is_primary = state->role == STATE_PRIMARY;
	facts->is_suspended = state->is_suspended;
	facts->has_quorum = true;
	facts->are_peers_uptodate = true;
	facts->permille = -1;
	add_volumes(state, facts);
	for (size_t i = 0; i < state->peer_count; i++)
		add_peer(state, &state->peers[i], facts);
	facts->are_peers_uptodate &= facts->peer_count > 0;
	/* Not connected yet, or never to be: nothing is known of anybody. */
	facts->has_unknown_peer |= facts->peer_count == 0;
}

bool facts_is_degraded(const struct facts *facts)
{
	return (!facts->is_uptodate && !facts->is_client) || !facts->has_quorum ||
	       (facts->peer_count > 0 && !facts->are_peers_uptodate);
}
