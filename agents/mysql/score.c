/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides the promotion score of a node. */
#include "mysql/score.h"

static bool is_unfit(const struct score_view *view)
{
	const struct haops_mysql_status *status = view->status;

	return memory_is_bad(view->memory, view->own) || status->source_count > 1 ||
	       status->delay_s > 0 || status->applier_errno != 0 || !status->has_binlog;
}

static bool is_lagging(const struct score_view *view)
{
	return view->max_lag_s > 0 && view->status->lag_s > view->max_lag_s;
}

static int rank(const struct score_view *view)
{
	size_t place = view->place < SCORE_PLACES ? view->place : SCORE_PLACES;
	int base = SCORE_SAFE;

	if (view->durability == HAOPS_MYSQL_SAFE && !memory_is_safe(view->memory, view->own))
		base = SCORE_BEHIND;
	else if (is_lagging(view))
		base = SCORE_LAGGING;
	return base - SCORE_STEP * (int)place;
}

bool score_decide(const struct score_view *view, int *ret_score)
{
	if (view->status->is_writable) {
		*ret_score = SCORE_PRIMARY;
		return true;
	}
	if (is_unfit(view)) {
		*ret_score = SCORE_NEVER;
		return true;
	}
	/* Without a primary only those get one that would be let through. */
	if (view->decision && view->decision->verdict != HAOPS_MYSQL_MAY &&
	    view->decision->verdict != HAOPS_MYSQL_CATCH_UP)
		return false;
	if (!view->decision && !view->status->is_replica)
		return false;
	*ret_score = rank(view);
	return true;
}
