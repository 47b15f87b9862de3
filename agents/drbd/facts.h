/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_FACTS_H
#define DRBD_FACTS_H

/* What the state of a resource comes to, over all of its volumes and peers. Pure. */

#include "drbd/state.h"

struct facts {
	bool is_configured;
	bool is_primary;
	bool is_suspended;
	bool has_quorum;
	/* Own disks. The worst one is what counts. */
	bool is_client;	       /* all volumes have no disk on purpose */
	bool is_uptodate;      /* all are UpToDate */
	bool is_consistent;    /* all are Consistent or UpToDate, not all of them UpToDate */
	bool is_transitional;  /* one is Attaching or Negotiating */
	enum state_disk worst; /* of those that are no clients */
	/* Peers; those without a disk of their own do not count. */
	size_t peer_count;
	bool has_connected;
	bool has_disconnected; /* to one there is no connection */
	bool has_standalone;
	bool has_primary_peer;	  /* one that is connected is Primary */
	bool has_uptodate_peer;	  /* one that is connected has all volumes UpToDate */
	bool is_primary_uptodate; /* and that is the Primary */
	bool are_peers_uptodate;  /* there are peers, and each has all volumes UpToDate */
	bool has_unknown_peer;	  /* of one it is not known what it has */
	bool is_sync_target;
	bool is_sync_source;
	int permille; /* of the resync that has the longest way to go; -1: not told */
};

void facts_find(const struct state *state, struct facts *ret_facts);
/* Whether it serves with less than it should have. */
bool facts_is_degraded(const struct facts *facts);

#endif
