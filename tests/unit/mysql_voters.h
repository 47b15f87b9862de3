/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_VOTERS_H
#define HAOPS_TESTS_MYSQL_VOTERS_H

/* Tables of elections: nodes in short, the verdict and its sentence in full. */

#include "mysql_sets.h"

#define VOTERS_MAX 5
#define MAY HAOPS_MYSQL_MAY
#define CATCH_UP HAOPS_MYSQL_CATCH_UP
#define WAIT HAOPS_MYSQL_WAIT
#define REFUSE HAOPS_MYSQL_REFUSE

/*
 * A node. What it is, one letter each: s safe, b bad, w open for writing, e its applier stopped,
 * d delayed, m many sources, n without a binary log, u without what it applies in its log,
 * y MySQL, x its sets are not known.
 */
struct node {
	const char *name; /* NULL: no more */
	const char *is;
	const char *logged;   /* NULL: it does not answer */
	const char *received; /* beyond that, or NULL */
};

struct election {
	const char *of; /* candidate */
	const char *last, *initial;
	bool is_async, is_stale_allowed;
	struct node nodes[VOTERS_MAX];
	enum haops_mysql_verdict verdict;
	const char *ahead; /* NULL: the candidate */
	uint64_t given_up;
	const char *reason;
};

static inline bool is(const struct node *node, char letter)
{
	return strchr(node->is, letter) != NULL;
}

static inline void fill(struct haops_ctx *ctx, const struct node *node,
			struct haops_mysql_voter *voter, struct haops_mysql_status *status)
{
	enum haops_mysql_flavor flavor = is(node, 'y') ? HAOPS_MYSQL_MYSQL : HAOPS_MYSQL_MARIADB;

	*voter = (struct haops_mysql_voter){.node = node->name,
					    .is_safe = is(node, 's'),
					    .is_bad = is(node, 'b')};
	if (!node->logged)
		return;
	*status = status_of(ctx, flavor, node->logged, is(node, 'y') ? node->logged : "",
			    node->received ? node->received : "");
	status->is_writable = is(node, 'w');
	status->applier_errno = is(node, 'e') ? 1032 : 0;
	(void)snprintf(status->applier_error, sizeof(status->applier_error), "%s",
		       is(node, 'e') ? "Can't find record in 't1'" : "");
	status->delay_s = is(node, 'd') ? 3600 : 0;
	status->source_count = is(node, 'm') ? 2 : 1;
	status->has_binlog = !is(node, 'n');
	status->logs_applied = !is(node, 'u');
	if (is(node, 'x'))
		status->all = haops_mysql_gtid_free(status->all);
	voter->status = status;
}

static inline void check(struct haops_ctx *ctx, const struct election *wanted, size_t number)
{
	struct haops_mysql_voter voters[VOTERS_MAX];
	struct haops_mysql_status statuses[VOTERS_MAX] = {0};
	struct haops_mysql_election election = {.voters = voters,
						.last_primary = wanted->last,
						.initial = wanted->initial,
						.is_stale_allowed = wanted->is_stale_allowed,
						.durability = wanted->is_async ? HAOPS_MYSQL_ASYNC
									       : HAOPS_MYSQL_SAFE};
	struct haops_mysql_decision decision;
	const char *ahead = wanted->ahead ? wanted->ahead : wanted->of;

	for (size_t i = 0; i < VOTERS_MAX && wanted->nodes[i].name; i++) {
		fill(ctx, &wanted->nodes[i], &voters[i], &statuses[i]);
		election.voter_count++;
		if (strcmp(wanted->nodes[i].name, wanted->of) == 0)
			election.candidate = i;
	}
	memset(&decision, 0xff, sizeof(decision));
	haops_mysql_elect(&election, &decision);
	if (decision.verdict != wanted->verdict || decision.given_up != wanted->given_up ||
	    strcmp(decision.reason, wanted->reason) != 0 ||
	    strcmp(voters[decision.ahead].node, ahead) != 0)
		fail_msg("election %zu of %s: verdict %d, ahead %s, given up %u: %s", number,
			 wanted->of, (int)decision.verdict, voters[decision.ahead].node,
			 (unsigned int)decision.given_up, decision.reason);
	for (size_t i = 0; i < VOTERS_MAX; i++)
		haops_mysql_status_done(&statuses[i]);
}

#define CHECK_ALL(ctx, elections)                                                                  \
	do {                                                                                       \
		for (size_t nth = 0; nth < ARRAY_LEN(elections); nth++)                            \
			check(ctx, &(elections)[nth], nth);                                        \
	} while (0)

#endif
