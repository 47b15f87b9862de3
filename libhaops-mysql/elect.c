/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides who may become the primary, by docs/decisions/0008, and words why not. Asks nothing,
 * changes nothing. */
#include "elect-facts.h"
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>

/* A sentence with two names has to keep its end. */
#define SHOWN_MAX 64
#define NAMES_MAX 128

/* Says the verdict, which is then final: true, so that "return say(...)" ends the questions. */
static bool HAOPS_PRINTF(3, 4) say(struct haops_mysql_decision *ret,
				   enum haops_mysql_verdict verdict, const char *fmt, ...)
{
	va_list args;

	ret->verdict = verdict;
	va_start(args, fmt);
	(void)vsnprintf(ret->reason, sizeof(ret->reason), fmt, args);
	va_end(args);
	return true;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static const char *name_of(const struct haops_mysql_election *e, size_t voter)
{
	return e->voters[voter].node;
}

/* Names as a list: "a", "a or b", "a, b or c". */
struct names {
	char text[NAMES_MAX];
	size_t count; /* also of those that the text has no room for */
};

typedef bool (*pick_fn)(const struct haops_mysql_election *e, size_t voter);

static struct names list(const struct haops_mysql_election *e, pick_fn pick, const char *joint)
{
	struct names names = {.count = 0};
	size_t nth = 0, len = 0;

	for (size_t i = 0; i < e->voter_count; i++)
		names.count += pick(e, i);
	for (size_t i = 0; i < e->voter_count && len < sizeof(names.text); i++) {
		const char *before = nth == 0 ? "" : nth + 1 == names.count ? joint : ", ";
		int r;

		if (!pick(e, i))
			continue;
		r = snprintf(names.text + len, sizeof(names.text) - len, "%s%.*s", before,
			     SHOWN_MAX, name_of(e, i));
		len += r > 0 ? (size_t)r : 0;
		nth++;
	}
	return names;
}

static bool is_silent(const struct haops_mysql_election *e, size_t voter)
{
	return !e->voters[voter].is_bad && !elect_counts(e, voter);
}

static bool is_asked_and_silent(const struct haops_mysql_election *e, size_t voter)
{
	return elect_is_asked(e, voter) && is_silent(e, voter);
}

static bool is_asked_and_bad(const struct haops_mysql_election *e, size_t voter)
{
	return elect_is_asked(e, voter) && e->voters[voter].is_bad;
}

static bool refuse_settings(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	const struct haops_mysql_status *status = e->voters[e->candidate].status;
	const char *name = name_of(e, e->candidate);

	if (status->source_count > 1)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s replicates from %u sources: remove all but one", SHOWN_MAX, name,
			   status->source_count);
	if (status->delay_s > 0)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s applies with a delay of %u s: a delayed replica is no candidate",
			   SHOWN_MAX, name, status->delay_s);
	if (status->applier_errno != 0)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s: repair its replication, the applier stopped with error %u: %s",
			   SHOWN_MAX, name, status->applier_errno, status->applier_error);
	if (!status->has_binlog)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s writes no binary log, nobody could replicate from it: set log_bin",
			   SHOWN_MAX, name);
	return false;
}

static bool refuse_candidate(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	const char *name = name_of(e, e->candidate);

	if (e->voters[e->candidate].is_bad)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s has diverged: give it a copy of a good node's data, then remove "
			   "its mark (bad-%.*s)",
			   SHOWN_MAX, name, SHOWN_MAX, name);
	if (!elect_counts(e, e->candidate))
		return say(ret, HAOPS_MYSQL_REFUSE, "%.*s: its own server does not answer",
			   SHOWN_MAX, name);
	return refuse_settings(e, ret);
}

/* What another one still acknowledges cannot be known to be here. */
static bool wait_for_writer(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	for (size_t i = 0; i < e->voter_count; i++)
		if (i != e->candidate && elect_counts(e, i) && e->voters[i].status->is_writable)
			return say(ret, HAOPS_MYSQL_WAIT,
				   "%.*s is open for writing: demote or stop it first", SHOWN_MAX,
				   name_of(e, i));
	return false;
}

static bool decide_initial(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	size_t initial = elect_find(e, e->initial);

	if (initial == e->voter_count)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "initial_primary=%.*s is none of the nodes: correct it", SHOWN_MAX,
			   e->initial);
	if (initial != e->candidate)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "initial_primary names %.*s for this new cluster, not %.*s", SHOWN_MAX,
			   e->initial, SHOWN_MAX, name_of(e, e->candidate));
	return say(ret, HAOPS_MYSQL_MAY, "new cluster: initial_primary names it");
}

static bool has_data(const struct haops_mysql_election *e, size_t voter)
{
	return elect_counts(e, voter) && !haops_mysql_gtid_is_empty(e->voters[voter].status->all);
}

static size_t find_picked(const struct haops_mysql_election *e, pick_fn pick)
{
	for (size_t i = 0; i < e->voter_count; i++)
		if (pick(e, i))
			return i;
	return e->voter_count;
}

/* Nobody ever was the primary, or it is forgotten who: nothing is known but what they say now. */
static bool decide_first(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	size_t silent = find_picked(e, is_silent);
	struct names full = list(e, has_data, " and ");
	size_t chosen = find_picked(e, full.count > 0 ? has_data : elect_counts);
	const char *name = name_of(e, e->candidate);

	if (e->initial && e->initial[0])
		return decide_initial(e, ret);
	if (silent < e->voter_count && !e->is_stale_allowed)
		return say(ret, HAOPS_MYSQL_WAIT,
			   "new cluster, and %.*s may have data: bring it up, or name an "
			   "initial_primary",
			   SHOWN_MAX, name_of(e, silent));
	if (full.count > 1)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "new cluster, and %s have data: name the one whose data counts as "
			   "initial_primary",
			   full.text);
	if (chosen == e->candidate)
		return say(ret, HAOPS_MYSQL_MAY, "new cluster: %s",
			   full.count > 0 ? "it alone has data" : "all are empty, it is the first");
	if (full.count > 0)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s is empty and %.*s is not: promote that, or name an "
			   "initial_primary",
			   SHOWN_MAX, name, SHOWN_MAX, name_of(e, chosen));
	return say(ret, HAOPS_MYSQL_REFUSE,
		   "new cluster, all are empty: %.*s is the first, not %.*s", SHOWN_MAX,
		   name_of(e, chosen), SHOWN_MAX, name);
}

/* What the operator can do so that enough of them answer. */
static void advise(const struct haops_mysql_election *e, size_t more, char *text, size_t size)
{
	struct names silent = list(e, is_asked_and_silent, more == 1 ? " or " : " and ");
	struct names bad = list(e, is_asked_and_bad, " and ");

	if (silent.count < more)
		(void)snprintf(text, size, "repair %s", bad.text);
	else if (more > 1 && silent.count > more)
		(void)snprintf(text, size, "bring up %zu of %s", more, silent.text);
	else
		(void)snprintf(text, size, "bring up %s", silent.text);
}

static bool wait_for_answers(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	struct elect_tally tally = elect_tally(e);
	char advice[NAMES_MAX + 64];

	if (tally.have >= tally.needed || e->is_stale_allowed)
		return false;
	advise(e, tally.needed - tally.have, advice, sizeof(advice));
	if (tally.total == 1)
		return say(ret, HAOPS_MYSQL_WAIT,
			   "one node alone has all acknowledged writes: %s, or accept their loss "
			   "(allow-stale)",
			   advice);
	return say(ret, HAOPS_MYSQL_WAIT,
		   "%zu of %zu nodes that may have acknowledged writes answer, %zu must: %s, or "
		   "accept a loss (allow-stale)",
		   tally.have, tally.total, tally.needed, advice);
}

static bool refuse_diverged(const struct haops_mysql_election *e, struct haops_mysql_decision *ret,
			    size_t one, size_t other)
{
	return say(ret, HAOPS_MYSQL_REFUSE,
		   "%.*s and %.*s each have what the other lacks: mark the wrong one bad "
		   "(bad-NODE) and repair it",
		   SHOWN_MAX, name_of(e, one), SHOWN_MAX, name_of(e, other));
}

static bool wait_for_holder(const struct haops_mysql_election *e, struct haops_mysql_decision *ret,
			    size_t holder)
{
	const struct haops_mysql_status *status = e->voters[holder].status;
	uint64_t count = elect_count_missing(e, holder, e->candidate);
	const char *name = name_of(e, holder);

	if (!status->has_binlog || !status->logs_applied)
		return say(ret, HAOPS_MYSQL_WAIT,
			   "%.*s has %" PRIu64 " transaction%s more but no log to replicate from: "
			   "promote it, or accept their loss (allow-stale)",
			   SHOWN_MAX, name, count, plural(count));
	if (status->applier_errno == 0)
		return say(ret, HAOPS_MYSQL_WAIT,
			   "%.*s has %" PRIu64 " transaction%s more but applies %u s late: set its "
			   "delay to 0, or accept their loss (allow-stale)",
			   SHOWN_MAX, name, count, plural(count), status->delay_s);
	return say(ret, HAOPS_MYSQL_WAIT,
		   "%.*s has %" PRIu64 " transaction%s more: repair its replication (error %u), or "
		   "accept their loss (allow-stale)",
		   SHOWN_MAX, name, count, plural(count), status->applier_errno);
}

/* The one who has most that will be lost, and how much; none if nothing is known to be. */
static size_t find_given_up(const struct haops_mysql_election *e, size_t best, uint64_t *ret_count)
{
	size_t most = e->voter_count;

	*ret_count = 0;
	for (size_t i = 0; i < e->voter_count; i++) {
		uint64_t count = elect_stands(e, i) ? elect_count_missing(e, i, best) : 0;

		if (count > *ret_count) {
			*ret_count = count;
			most = i;
		}
	}
	return most;
}

static bool explain_stale(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	struct names silent = list(e, is_asked_and_silent, " and ");
	size_t most = find_given_up(e, ret->ahead, &ret->given_up);
	char what[SHOWN_MAX + 64] = "nothing is known to be lost";

	if (most < e->voter_count)
		(void)snprintf(what, sizeof(what), "gives up %" PRIu64 " transaction%s of %.*s",
			       ret->given_up, plural(ret->given_up), SHOWN_MAX, name_of(e, most));
	return say(ret, ret->verdict, "a loss is accepted (allow-stale): %s%s%s", what,
		   silent.count > 0 ? ", goes on without " : "", silent.text);
}

/* One who has what best lacks, though nobody waits for that; or none. */
static size_t find_ignored(const struct haops_mysql_election *e, size_t best)
{
	for (size_t i = 0; i < e->voter_count; i++)
		if (i != best && elect_counts(e, i) && elect_count_missing(e, i, best) > 0)
			return i;
	return e->voter_count;
}

static bool explain(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	size_t primary = elect_find(e, e->last_primary);
	size_t ignored = find_ignored(e, ret->ahead);
	uint64_t count = elect_count_missing(e, ret->ahead, e->candidate);

	if (ret->verdict == HAOPS_MYSQL_CATCH_UP)
		return say(ret, ret->verdict, "%.*s has %" PRIu64 " transaction%s more", SHOWN_MAX,
			   name_of(e, ret->ahead), count, plural(count));
	if (e->durability == HAOPS_MYSQL_ASYNC && primary < e->voter_count &&
	    !elect_counts(e, primary))
		return say(ret, ret->verdict,
			   "nobody who answers has more; what %.*s did not send is lost "
			   "(durability=async)",
			   SHOWN_MAX, name_of(e, primary));
	if (ignored < e->voter_count)
		return say(ret, ret->verdict,
			   "has all acknowledged writes; what %.*s has beyond was never "
			   "acknowledged",
			   SHOWN_MAX, name_of(e, ignored));
	return say(ret, ret->verdict, "nobody who answers has more");
}

struct choice {
	size_t best;
	size_t uncovered;
};

static struct choice choose(const struct haops_mysql_election *e, unsigned int which)
{
	struct choice choice = {.best = elect_find_best(e, which)};

	choice.uncovered = elect_find_uncovered(e, choice.best, which);
	return choice;
}

static bool can_follow(const struct haops_mysql_election *e, size_t best)
{
	return best == e->candidate || elect_can_serve(e, best);
}

/* Rather all that anybody has; if that cannot be had, what acknowledged writes may be lost with. */
static struct choice choose_any(const struct haops_mysql_election *e)
{
	struct choice choice = choose(e, ELECT_ALL);
	bool is_good = choice.uncovered == e->voter_count && can_follow(e, choice.best);

	if (!is_good && elect_has_needed(e))
		choice = choose(e, ELECT_NEEDED);
	if (e->is_stale_allowed && !can_follow(e, choice.best))
		choice = choose(e, ELECT_SERVING);
	return choice;
}

static bool decide_by_data(const struct haops_mysql_election *e, struct haops_mysql_decision *ret)
{
	size_t foe = elect_find_foe(e, e->candidate);
	struct choice choice = choose_any(e);

	if (foe < e->voter_count)
		return say(ret, HAOPS_MYSQL_REFUSE,
			   "%.*s has diverged from %.*s: mark it bad (bad-NODE) and repair it",
			   SHOWN_MAX, name_of(e, e->candidate), SHOWN_MAX, name_of(e, foe));
	if (choice.uncovered < e->voter_count && !e->is_stale_allowed)
		return refuse_diverged(e, ret, choice.best, choice.uncovered);
	if (!can_follow(e, choice.best))
		return wait_for_holder(e, ret, choice.best);
	ret->verdict = choice.best == e->candidate ? HAOPS_MYSQL_MAY : HAOPS_MYSQL_CATCH_UP;
	ret->ahead = choice.best;
	return e->is_stale_allowed ? explain_stale(e, ret) : explain(e, ret);
}

static bool is_whole(const struct haops_mysql_election *e)
{
	if (!e || !e->voters || e->candidate >= e->voter_count)
		return false;
	for (size_t i = 0; i < e->voter_count; i++)
		if (!e->voters[i].node)
			return false;
	return true;
}

void haops_mysql_elect(const struct haops_mysql_election *election,
		       struct haops_mysql_decision *ret_decision)
{
	*ret_decision = (struct haops_mysql_decision){.verdict = HAOPS_MYSQL_REFUSE};
	if (!is_whole(election)) {
		(void)say(ret_decision, HAOPS_MYSQL_REFUSE,
			  "an election needs voters with names and a candidate among them");
		return;
	}
	ret_decision->ahead = election->candidate;
	if (refuse_candidate(election, ret_decision) || wait_for_writer(election, ret_decision))
		return;
	if (!election->last_primary)
		(void)decide_first(election, ret_decision);
	else if (!wait_for_answers(election, ret_decision))
		(void)decide_by_data(election, ret_decision);
}
