/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_ELECT_FACTS_H
#define HAOPS_MYSQL_ELECT_FACTS_H

/* What an election can be asked: who counts, who is missing, who has most. Pure; decides nothing.
 * Voters are named by their index; "none" is voter_count. */

#include <haops/mysql.h>

/** How many have to answer, and how many do. */
struct elect_tally {
	size_t total;  /**< nodes that may hold an acknowledged write that few others hold */
	size_t needed; /**< of them, so that none of these writes is left out */
	size_t have;   /**< of them that answer and have not diverged */
};

/** Index of a node by name, or none. */
size_t elect_find(const struct haops_mysql_election *election, const char *node);

/** Whether what it has is known and counts for something. */
bool elect_counts(const struct haops_mysql_election *election, size_t voter);

/** Whether its answer is one of the needed ones. */
bool elect_is_asked(const struct haops_mysql_election *election, size_t voter);

/** Counts those whose answer is needed. */
struct elect_tally elect_tally(const struct haops_mysql_election *election);

/**
 * How many transactions one has and another lacks, see compare_count_missing(). Needed are those of
 * the last primary; if it does not answer, those of each member of the safe set.
 */
uint64_t elect_count_missing(const struct haops_mysql_election *election, size_t has, size_t lacks);

/**
 * A voter from which this one has diverged and which is known to be right; or none.
 *
 * The last primary is right: it had all acknowledged writes when it was promoted, and all later
 * ones are its own. If it does not answer, members of the safe set are right against all others.
 */
size_t elect_find_foe(const struct haops_mysql_election *election, size_t voter);

/** Whether it counts and is not known to be wrong. */
bool elect_stands(const struct haops_mysql_election *election, size_t voter);

/** Whether another can replicate from it all that it has. */
bool elect_can_serve(const struct haops_mysql_election *election, size_t voter);

/** Whom to look at, or any of these together. */
enum elect_which {
	ELECT_ALL = 0,	   /**< all who stand */
	ELECT_NEEDED = 1,  /**< of them, those with whose data acknowledged writes may be lost */
	ELECT_SERVING = 2, /**< of them, those who can hand on what they have */
};

/** Whether it is known whose data is needed, and that of others is not. */
bool elect_has_needed(const struct haops_mysql_election *election);

/** Who has all that the candidate has, and most of all such; the candidate itself if none has more.
 */
size_t elect_find_best(const struct haops_mysql_election *election, unsigned int which);

/** A voter who has what best lacks; or none. */
size_t elect_find_uncovered(const struct haops_mysql_election *election, size_t best,
			    unsigned int which);

#endif
