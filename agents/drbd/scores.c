/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The promotion score of this node: decided by score.c and, where promote would refuse, by the
 * verdict; told when it is due. */

#include "drbd/drbd.h"
#include "ocf/attribute.h"

#include "util/cleanup.h"
#include "util/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LOWER "lower"

/* Since when the score is lower than told; from now on if it was not before: then -1. */
static int64_t lower_since(struct ocf_run *run, int64_t now_ms)
{
	CLEANUP_FREE char *text = NULL;
	char now[24];
	int64_t since;

	if (ocf_note_read(run, LOWER, &text) == 0 && num_parse(text, 0, INT64_MAX, &since) == 0 &&
	    since <= now_ms)
		return since;
	(void)snprintf(now, sizeof(now), "%" PRId64, now_ms);
	ocf_note_write(run, LOWER, now);
	return -1;
}

static bool is_due(struct ocf_run *run, int score)
{
	int64_t now_ms = haops_deadline_after(ocf_ctx(run), 0);
	char value[ATTRIBUTE_VALUE_MAX];
	int64_t told;

	if (!attribute_last(run, ATTRIBUTE_SCORE, value) ||
	    num_parse(value, 0, INT32_MAX, &told) < 0 || score >= told)
		return true;
	return score_is_due((int)told, score, lower_since(run, now_ms), now_ms);
}

static void tell(struct ocf_run *run, int score)
{
	char value[ATTRIBUTE_VALUE_MAX];

	if (!is_due(run, score))
		return;
	ocf_note_remove(run, LOWER);
	(void)snprintf(value, sizeof(value), "%d", score);
	attribute_set_score(run, value);
}

/* Pacemaker knows of no Primary, and there is one: it is better not to add a second. */
static bool hides_from_primary(struct ocf_run *run, const struct facts *facts)
{
	const char *wish = ocf_str(run, DRBD_REMOVE_MASTER_SCORE);

	if (facts->is_primary || !facts->has_primary_peer)
		return false;
	if (wish[0] == 'u')
		return drbd_promoted_max(run) == 1 && drbd_promoted_elsewhere(run) == DRBD_NOBODY;
	return drbd_is_true(wish);
}

/* Where the peer is not known, who would be refused has no score: it would only fail. */
static bool is_refused(struct ocf_run *run, const struct facts *facts, bool *ret_is_proven)
{
	struct verdict_view view = {
		.facts = facts,
		/* Only matters without a memory, and DRBD asks its handler itself then. */
		.has_fencing = true,
		.takes_remote = ocf_bool(run, DRBD_PROMOTE_ON_REMOTE_DATA),
		.allows_two_primaries = true,
		.connects_later = ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE),
	};
	struct memory memory;
	enum verdict verdict;

	if (facts->is_primary)
		return false;
	if (verdict_needs_memory(facts))
		drbd_recall(run, &view, &memory);
	verdict = verdict_decide(&view);
	*ret_is_proven = verdict == VERDICT_MAY && view.memory == VERDICT_HAS_ALL;
	return verdict_is_refusal(verdict);
}

void drbd_score_update(struct ocf_run *run, const struct facts *facts)
{
	struct score_view view = {
		.facts = facts,
		.takes_remote = ocf_bool(run, DRBD_PROMOTE_ON_REMOTE_DATA),
	};
	enum score_kind kind;
	bool is_hopeless;
	int score = 0;

	if (!drbd_is_pacemaker(run) ||
	    score_read(ocf_str(run, DRBD_ADJUST_MASTER_SCORE), &view.values))
		return;
	view.hides_from_primary = hides_from_primary(run, facts);
	is_hopeless = is_refused(run, facts, &view.is_proven);
	kind = is_hopeless ? SCORE_NONE : score_decide(&view, &score);
	if (kind == SCORE_NONE)
		drbd_score_remove(run);
	else if (kind == SCORE_SET)
		tell(run, score);
}

void drbd_score_remove(struct ocf_run *run)
{
	if (!drbd_is_pacemaker(run))
		return;
	ocf_note_remove(run, LOWER);
	attribute_set_score(run, NULL);
}
