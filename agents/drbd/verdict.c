/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides about a promotion, see verdict.h. Its rules are told in docs/decisions/0009. */

#include "drbd/verdict.h"

#include <stdio.h>

/* The data of a peer is good, and may be worked on. */
static bool has_remote(const struct verdict_view *view)
{
	return view->facts->has_uptodate_peer && view->takes_remote;
}

/* Only Consistent: it came from the disk, and DRBD does not know what its peer has done since. */
static enum verdict judge_consistent(const struct verdict_view *view)
{
	if (view->is_stale_allowed || view->has_quorum_option)
		return VERDICT_MAY;
	switch (view->memory) {
	case VERDICT_UNREADABLE:
		return VERDICT_UNKNOWN_MEMORY;
	case VERDICT_LACKS:
		return VERDICT_STALE;
	case VERDICT_HAS_ALL:
		/* The same generation proves little: the last Primary has gone on alone for some
		 * seconds before that was written down. */
		return view->was_primary ? VERDICT_MAY : VERDICT_PEER_WAS_PRIMARY;
	default:
		/* DRBD asks its handler, and refuses unless that says that the peer is behind. */
		return view->has_fencing ? VERDICT_MAY : VERDICT_CONSISTENT;
	}
}

static enum verdict judge_worse(const struct verdict_view *view)
{
	if (has_remote(view))
		return VERDICT_MAY;
	switch (view->facts->worst) {
	case STATE_INCONSISTENT:
		return view->facts->is_sync_target ? VERDICT_SYNCING : VERDICT_INCONSISTENT;
	case STATE_OUTDATED:
		return VERDICT_OUTDATED;
	default:
		return VERDICT_NO_DISK;
	}
}

static enum verdict judge_uptodate(const struct verdict_view *view)
{
	if (!view->facts->has_unknown_peer || view->has_quorum_option || view->is_stale_allowed)
		return VERDICT_MAY;
	if (view->memory == VERDICT_UNREADABLE)
		return VERDICT_UNKNOWN_MEMORY;
	return view->memory == VERDICT_LACKS ? VERDICT_STALE : VERDICT_MAY;
}

static enum verdict judge_data(const struct verdict_view *view)
{
	const struct facts *facts = view->facts;

	if (facts->is_client)
		return facts->has_uptodate_peer ? VERDICT_MAY : VERDICT_NO_REMOTE;
	if (facts->is_transitional)
		return VERDICT_TRANSITION;
	if (facts->is_uptodate)
		return judge_uptodate(view);
	return facts->is_consistent ? judge_consistent(view) : judge_worse(view);
}

/* Split brain, or disconnected by hand: DRBD does not tell which. Who has another peer with good
 * data is not concerned. */
static bool is_alone_for_good(const struct verdict_view *view)
{
	return view->facts->has_standalone && !view->facts->has_uptodate_peer &&
	       !view->connects_later;
}

enum verdict verdict_decide(const struct verdict_view *view)
{
	const struct facts *facts = view->facts;
	enum verdict verdict;

	if (!facts->is_configured)
		return VERDICT_NOT_CONFIGURED;
	if (facts->is_primary)
		return VERDICT_IS_PRIMARY;
	if (!facts->has_quorum)
		return VERDICT_NO_QUORUM;
	if (is_alone_for_good(view))
		return VERDICT_STANDALONE;
	verdict = judge_data(view);
	if (verdict != VERDICT_MAY)
		return verdict;
	if (view->requires_fencing && !view->has_fencing)
		return VERDICT_NO_FENCING;
	return facts->has_primary_peer && !view->allows_two_primaries ? VERDICT_PEER_PRIMARY
								      : VERDICT_MAY;
}

bool verdict_is_refusal(enum verdict verdict)
{
	return verdict >= VERDICT_NOT_CONFIGURED;
}

bool verdict_needs_memory(const struct facts *facts)
{
	return facts->is_configured && !facts->is_primary && facts->has_quorum &&
	       facts->has_unknown_peer && (facts->is_uptodate || facts->is_consistent);
}

/* Behind the name of the resource. */
static const char *const reasons[] = {
	[VERDICT_MAY] = "may be promoted",
	[VERDICT_IS_PRIMARY] = "is Primary",
	[VERDICT_TRANSITION] = "has a disk that did not get ready in time: see the kernel's log",
	[VERDICT_UNKNOWN_MEMORY] = "may be stale, and the CIB cannot be asked: start the peer, or "
				   "repair the cluster",
	[VERDICT_PEER_PRIMARY] = "is Primary on a peer: demote it there, or set "
				 "allow-two-primaries",
	[VERDICT_NOT_CONFIGURED] = "is not started: start it before it is promoted",
	[VERDICT_NO_QUORUM] = "has no DRBD quorum here: connect more of its nodes",
	[VERDICT_STANDALONE] = "is StandAlone (split brain?): drbdadm connect, on the loser with "
			       "--discard-my-data",
	[VERDICT_NO_REMOTE] = "has no disk here, and no UpToDate peer: connect one",
	[VERDICT_NO_DISK] = "has no working disk here: repair it, then drbdadm attach",
	[VERDICT_INCONSISTENT] = "is Inconsistent here: connect a peer that is UpToDate",
	[VERDICT_SYNCING] = "is being synchronised here: wait until it is UpToDate",
	[VERDICT_OUTDATED] = "is Outdated here, a peer has newer data: start and connect it",
	[VERDICT_CONSISTENT] = "is only Consistent here, a peer may be newer: connect it, or "
			       "configure fencing",
	[VERDICT_NO_FENCING] = "has no fencing in drbd.conf: set fencing and a handler fence-peer, "
			       "or require_fencing=warn",
};

void verdict_reason(enum verdict verdict, const char *resource, const char *primary, char *buf,
		    size_t size)
{
	if (verdict == VERDICT_PEER_WAS_PRIMARY)
		(void)snprintf(buf, size,
			       "%s: %s was Primary last and may be newer: start it; if it is lost "
			       "for good, set allow-stale",
			       resource, primary);
	else if (verdict == VERDICT_STALE)
		(void)snprintf(buf, size,
			       "%s: data is older than that of %s: start it; if it is lost for "
			       "good, set allow-stale",
			       resource, primary);
	else
		(void)snprintf(buf, size, "%s %s", resource, reasons[verdict]);
}
