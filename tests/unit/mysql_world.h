/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_WORLD_H
#define HAOPS_TESTS_MYSQL_WORLD_H

/* A cluster that writes, loses nodes and elects by chance, by the rules of docs/decisions/0008; the
 * elections are the library's. It knows of each write whether a client was told that it is done. */

#include "mysql_sets.h"

#define WORLD_NODES_MAX 5
#define WORLD_HISTORY_MAX 640

/* Rules that can be left out, to see that they are needed. */
enum world_flaw {
	WORLD_SOUND = 0,
	/* A member acknowledges as soon as it finds itself in the safe set, also in what was
	 * published before it started. */
	WORLD_ACKS_UNASKED = 1,
	/* A member of the safe set cuts its tail off when it comes back. */
	WORLD_CUTS_MEMBERS = 2,
	/* A member of the safe set forgets at a start what it received and did not apply. */
	WORLD_FORGETS_RELAY = 4,
	/* The first replica is in the safe set before it has what the primary has. */
	WORLD_JOINS_EARLY = 8,
	/* A node leaves the safe set though no other member has what the primary has. */
	WORLD_LEAVES_EARLY = 16,
	/* A replica goes on to acknowledge with a new primary though it is no member. */
	WORLD_ACKS_ANYBODY = 32,
	/* Whoever is promoted is no member of the safe set by that. */
	WORLD_STAYS_OUTSIDE = 64,
	/* One answer fewer is needed. */
	WORLD_NEEDS_FEWER = 128,
	/* What a replica acknowledges may be gone after a power failure: sync_relay_log is not 1.
	 */
	WORLD_SYNCS_LATE = 256,
	/* A member of the safe set turns to a new primary without applying what it received. */
	WORLD_TURNS_AT_ONCE = 512,
};

/* A transaction: who wrote it with which number of its own, and which write it is. */
struct world_trx {
	unsigned int server, number, id;
};

struct world_node {
	bool is_up, is_bad, acks;
	bool has_source;   /* it replicates from the writer */
	unsigned int seen; /* version of the safe set when it was started */
	size_t log_begins; /* its log holds what comes after that many: it is a copy */
	size_t logged;	   /* so many are applied and logged */
	size_t held;	   /* so many are there, applied or only received */
	struct world_trx history[WORLD_HISTORY_MAX];
};

struct world {
	struct haops_ctx *ctx;
	enum haops_mysql_flavor flavor;
	uint64_t seed;
	unsigned int flaws;
	unsigned int calm; /* of 4 faults, so many do not happen */
	unsigned int slow; /* of 4 chances to receive or to apply, so many pass */
	int count;	   /* of nodes */
	struct world_node nodes[WORLD_NODES_MAX];

	/* What the cluster remembers. */
	int primary;	   /* -1: none ever was */
	unsigned int safe; /* a bit for each member */
	unsigned int version;

	/* The primary at work. */
	int writer; /* -1: none */
	bool waits;
	int joining, leaving; /* -1: nobody */
	size_t joining_at;

	unsigned int ids;
	bool is_acked[WORLD_HISTORY_MAX + 1];

	unsigned int elections, promotions, caught_up, acked;
	unsigned int lost;	      /* elections that would have lost an acknowledged write */
	unsigned int broken;	      /* steps after which the invariant did not hold */
	unsigned int refused_primary; /* elections with all nodes, where the last primary may not */
};

/* Empty nodes, all up. */
void world_init(struct world *w, struct haops_ctx *ctx, enum haops_mysql_flavor flavor, int count);

/* Something happens. */
void world_step(struct world *w);

#endif
