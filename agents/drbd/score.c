/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides the promotion score, see score.h. Whether a promotion is let through is verdict.c's. */

#include "drbd/score.h"

#include "util/num.h"

#include <string.h>

#define SCORE_MAX 1000000 /* Pacemaker's INFINITY */
#define SCORE_COUNT 4
#define WORD_MAX 16

/* The next word; false if there is none, or it is too long to be a number. */
static bool next_word(const char **text, char word[WORD_MAX])
{
	size_t len;

	*text += strspn(*text, " \t");
	len = strcspn(*text, " \t");
	if (len == 0 || len >= WORD_MAX)
		return false;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	return true;
}

const char *score_read(const char *text, struct score_values *values)
{
	int64_t numbers[SCORE_COUNT];
	char word[WORD_MAX];

	for (size_t i = 0; i < SCORE_COUNT; i++) {
		if (!next_word(&text, word) || num_parse(word, 0, SCORE_MAX, &numbers[i]) < 0)
			return "is not four numbers from 0 to 1000000 with spaces between";
		if (i > 0 && numbers[i] < numbers[i - 1])
			return "has a number that is below the one before it";
	}
	if (text[strspn(text, " \t")])
		return "has more than four numbers";
	values->consistent = (int)numbers[0];
	values->remote = (int)numbers[1];
	values->alone = (int)numbers[2];
	values->good = (int)numbers[3];
	return NULL;
}

/* One that has no disk on purpose is worth what its peers are, and comes after who has one. */
static int client_score(const struct score_view *view)
{
	const struct facts *facts = view->facts;

	if (facts->are_peers_uptodate || (facts->is_primary && facts->has_uptodate_peer))
		return view->values.good - 1;
	return facts->has_uptodate_peer ? view->values.alone - 1 : 0;
}

static int disk_score(const struct score_view *view)
{
	const struct facts *facts = view->facts;

	if (facts->is_uptodate)
		return facts->is_primary || !facts->has_unknown_peer ? view->values.good
								     : view->values.alone;
	if (facts->has_uptodate_peer)
		return view->takes_remote || facts->is_primary ? view->values.remote : 0;
	if (!facts->is_consistent)
		return 0;
	return view->is_proven ? view->values.alone : view->values.consistent;
}

enum score_kind score_decide(const struct score_view *view, int *ret_score)
{
	const struct facts *facts = view->facts;
	int score;

	if (!facts->is_configured || !facts->has_quorum)
		return SCORE_NONE;
	if (view->hides_from_primary && !facts->is_primary && facts->is_primary_uptodate)
		return SCORE_NONE;
	if (facts->is_transitional && !facts->has_uptodate_peer)
		return SCORE_KEEP;
	score = facts->is_client ? client_score(view) : disk_score(view);
	if (score <= 0)
		return SCORE_NONE;
	*ret_score = score;
	return SCORE_SET;
}

bool score_is_due(int told, int score, int64_t lower_since_ms, int64_t now_ms)
{
	if (score == told)
		return false;
	if (score > told)
		return true;
	return lower_since_ms >= 0 && now_ms - lower_since_ms >= SCORE_LASTS_MS;
}
