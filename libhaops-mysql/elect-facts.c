/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of an election: who counts, who is missing, who has most. Decides nothing, words nothing.
 */
#include "elect-facts.h"

#include "compare.h"
#include "internal.h"

size_t elect_find(const struct haops_mysql_election *election, const char *node)
{
	for (size_t i = 0; node && i < election->voter_count; i++)
		if (strcmp(election->voters[i].node, node) == 0)
			return i;
	return election->voter_count;
}

bool elect_counts(const struct haops_mysql_election *election, size_t voter)
{
	const struct haops_mysql_voter *v = &election->voters[voter];

	return !v->is_bad && compare_is_known(v->status);
}

/* Asynchronous commits wait for nobody, so no set of nodes is known to have them. */
static bool has_safe_set(const struct haops_mysql_election *election)
{
	if (election->durability != HAOPS_MYSQL_SAFE)
		return false;
	for (size_t i = 0; i < election->voter_count; i++)
		if (election->voters[i].is_safe)
			return true;
	return false;
}

bool elect_is_asked(const struct haops_mysql_election *election, size_t voter)
{
	/* A member that has diverged cannot answer for what it acknowledged: it stays asked. */
	return has_safe_set(election) ? election->voters[voter].is_safe
				      : !election->voters[voter].is_bad;
}

struct elect_tally elect_tally(const struct haops_mysql_election *election)
{
	struct elect_tally tally = {0};

	for (size_t i = 0; i < election->voter_count; i++) {
		if (!elect_is_asked(election, i))
			continue;
		tally.total++;
		tally.have += elect_counts(election, i);
	}
	tally.needed = tally.total > 1 ? tally.total - 1 : 1;
	/* Commits that wait, and no record of who has them: it may be any one. */
	if (election->durability == HAOPS_MYSQL_SAFE && !has_safe_set(election))
		tally.needed = tally.total;
	return tally;
}

/* Whether acknowledged writes may be lost with what it has. */
static bool is_needed(const struct haops_mysql_election *election, size_t voter)
{
	size_t primary = elect_find(election, election->last_primary);

	if (primary < election->voter_count && elect_counts(election, primary))
		return voter == primary;
	return election->durability == HAOPS_MYSQL_SAFE && election->voters[voter].is_safe;
}

uint64_t elect_count_missing(const struct haops_mysql_election *election, size_t has, size_t lacks)
{
	return compare_count_missing(election->voters[has].status, election->voters[lacks].status,
				     is_needed(election, has));
}

static bool have_diverged(const struct haops_mysql_election *election, size_t a, size_t b)
{
	return elect_count_missing(election, a, b) > 0 && elect_count_missing(election, b, a) > 0;
}

size_t elect_find_foe(const struct haops_mysql_election *election, size_t voter)
{
	size_t none = election->voter_count;

	if (is_needed(election, voter))
		return none;
	for (size_t i = 0; i < none; i++)
		if (is_needed(election, i) && elect_counts(election, i) &&
		    have_diverged(election, voter, i))
			return i;
	return none;
}

bool elect_stands(const struct haops_mysql_election *election, size_t voter)
{
	return elect_counts(election, voter) &&
	       elect_find_foe(election, voter) == election->voter_count;
}

bool elect_can_serve(const struct haops_mysql_election *election, size_t voter)
{
	const struct haops_mysql_status *status = election->voters[voter].status;

	if (!status->has_binlog)
		return false;
	if (haops_mysql_gtid_covers(status->logged, status->all))
		return true;
	return status->logs_applied && status->applier_errno == 0 && status->delay_s == 0;
}

/* Whether to go from one with most to another. Of equals, rather one that can hand on what it has.
 */
static bool is_better(const struct haops_mysql_election *election, size_t voter, size_t best)
{
	if (elect_count_missing(election, best, voter) > 0)
		return false;
	if (elect_count_missing(election, voter, best) > 0)
		return true;
	return best != election->candidate && !elect_can_serve(election, best) &&
	       elect_can_serve(election, voter);
}

bool elect_has_needed(const struct haops_mysql_election *election)
{
	for (size_t i = 0; i < election->voter_count; i++)
		if (is_needed(election, i) && elect_counts(election, i))
			return true;
	return false;
}

static bool is_one_of(const struct haops_mysql_election *election, size_t voter, unsigned int which)
{
	if (!elect_stands(election, voter))
		return false;
	return (!(which & ELECT_NEEDED) || is_needed(election, voter)) &&
	       (!(which & ELECT_SERVING) || elect_can_serve(election, voter));
}

size_t elect_find_best(const struct haops_mysql_election *election, unsigned int which)
{
	size_t best = election->candidate;

	for (size_t i = 0; i < election->voter_count; i++)
		if (i != best && is_one_of(election, i, which) && is_better(election, i, best))
			best = i;
	return best;
}

size_t elect_find_uncovered(const struct haops_mysql_election *election, size_t best,
			    unsigned int which)
{
	for (size_t i = 0; i < election->voter_count; i++)
		if (i != best && is_one_of(election, i, which) &&
		    elect_count_missing(election, i, best) > 0)
			return i;
	return election->voter_count;
}
