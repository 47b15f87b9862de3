/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps of the cluster by chance: writes, replication, faults, the safe set. Elections are
 * mysql_world_elect.c's. */
#include "mysql_world_parts.h"

bool world_is_member(const struct world *w, int node)
{
	return w->safe >> node & 1;
}

unsigned int world_below(struct world *w, unsigned int below)
{
	return chance_below(&w->seed, below);
}

static int any_node(struct world *w)
{
	return (int)world_below(w, (unsigned int)w->count);
}

size_t world_common(const struct world_node *a, const struct world_node *b)
{
	size_t count = 0;

	while (count < a->held && count < b->held && a->history[count].id == b->history[count].id)
		count++;
	return count;
}

static bool follows(const struct world_node *node, const struct world_node *source)
{
	return world_common(node, source) == node->held;
}

void world_copy(struct world_node *node, const struct world_node *source, size_t count)
{
	for (size_t i = 0; i < count && node->held < source->held; i++) {
		node->history[node->held] = source->history[node->held];
		node->held++;
	}
}

/* The clients of the writer's first commits are told that they are done. */
static void acknowledge(struct world *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool *is_acked = &w->is_acked[w->nodes[w->writer].history[i].id];

		w->acked += !*is_acked;
		*is_acked = true;
	}
}

void world_stop_waiting(struct world *w)
{
	w->waits = false;
	acknowledge(w, w->nodes[w->writer].held);
}

void world_publish(struct world *w, unsigned int safe)
{
	w->safe = safe;
	w->version++;
}

static void do_write(struct world *w)
{
	struct world_node *node;
	unsigned int number = 1;

	if (w->writer < 0)
		return;
	node = &w->nodes[w->writer];
	if (node->held == WORLD_HISTORY_MAX || w->ids == WORLD_HISTORY_MAX)
		return;
	for (size_t i = 0; i < node->held; i++)
		number += node->history[i].server == (unsigned int)w->writer;
	node->history[node->held++] = (struct world_trx){.server = (unsigned int)w->writer,
							 .number = number,
							 .id = ++w->ids};
	node->logged = node->held;
	if (!w->waits)
		acknowledge(w, node->held);
}

static void do_receive(struct world *w)
{
	struct world_node *node = &w->nodes[any_node(w)];

	if (w->writer < 0 || !node->is_up || !node->has_source || world_below(w, 4) < w->slow)
		return;
	world_copy(node, &w->nodes[w->writer], 1 + world_below(w, 3));
	if (node->acks)
		acknowledge(w, node->held);
}

static void do_apply(struct world *w)
{
	struct world_node *node = &w->nodes[any_node(w)];

	if (node->is_up && node->logged < node->held && world_below(w, 4) >= w->slow)
		node->logged += 1 + world_below(w, (unsigned int)(node->held - node->logged));
}

/* A replica looks at the safe set. */
static void do_notice(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];

	if (!node->is_up || !node->has_source || w->joining == which)
		return;
	if (!world_is_member(w, which))
		node->acks = false;
	else if (w->version > node->seen || (w->flaws & WORLD_ACKS_UNASKED))
		node->acks = true;
}

void world_end_writer(struct world *w)
{
	w->writer = w->joining = w->leaving = -1;
	for (int i = 0; i < w->count; i++)
		w->nodes[i].has_source = false;
}

static void do_crash(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];

	if (world_below(w, 4) < w->calm)
		return;
	node->is_up = node->acks = node->has_source = false;
	if (w->flaws & WORLD_SYNCS_LATE)
		node->held = node->logged;
	if (which == w->writer)
		world_end_writer(w);
}

static void do_demote(struct world *w)
{
	if (w->writer >= 0 && world_below(w, 4) >= w->calm && world_below(w, 4) == 0)
		world_end_writer(w);
}

/* With --init-rpl-role=SLAVE: what was not flushed by the engine goes, acknowledged or not. */
static void cut_tail(struct world *w, struct world_node *node)
{
	size_t left = world_common(node, &w->nodes[w->writer]);
	size_t more = world_below(w, 3);

	if (left > node->logged)
		left = node->logged;
	left = left > more ? left - more : 0;
	if (left < node->log_begins)
		left = node->log_begins;
	node->held = node->logged = left;
}

static void do_start(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];

	if (node->is_up)
		return;
	node->is_up = true;
	node->seen = w->version;
	if (node->is_bad)
		return;
	if (w->writer >= 0 && (!world_is_member(w, which) || (w->flaws & WORLD_CUTS_MEMBERS)))
		cut_tail(w, node);
	else if (w->writer >= 0 && (w->flaws & WORLD_FORGETS_RELAY))
		node->held = node->logged;
	else
		node->logged = node->held;
}

/* A replica turns to the primary. A member applies first what it received. */
static void do_repoint(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];
	bool is_member = world_is_member(w, which);

	if (w->writer < 0 || which == w->writer || !node->is_up || node->is_bad || node->has_source)
		return;
	if (is_member && !(w->flaws & WORLD_TURNS_AT_ONCE))
		node->logged = node->held;
	else
		node->held = node->logged;
	if (!follows(node, &w->nodes[w->writer])) {
		node->is_bad = true;
		node->acks = false;
		return;
	}
	node->has_source = true;
	if (!is_member && !(w->flaws & WORLD_ACKS_ANYBODY))
		node->acks = false;
}

/* A node that has diverged gets a copy of the primary's data, once it is no member any more. */
static void do_repair(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];

	if (w->writer < 0 || !node->is_up || !node->is_bad || world_is_member(w, which))
		return;
	node->held = 0;
	world_copy(node, &w->nodes[w->writer], WORLD_HISTORY_MAX);
	node->logged = node->log_begins = node->held;
	node->is_bad = false;
}

/* The primary takes a replica into the safe set, or begins to. */
static void do_join(struct world *w)
{
	int which = any_node(w);
	struct world_node *node = &w->nodes[which];

	if (w->writer < 0 || w->joining >= 0 || w->leaving >= 0 || !node->is_up ||
	    !node->has_source || world_is_member(w, which))
		return;
	if (w->safe != 1U << w->writer) {
		world_publish(w, w->safe | 1U << which);
		return;
	}
	node->acks = w->waits = true;
	w->joining = which;
	w->joining_at = w->flaws & WORLD_JOINS_EARLY ? 0 : w->nodes[w->writer].held;
}

static void do_join_end(struct world *w)
{
	const struct world_node *node;

	if (w->joining < 0)
		return;
	node = &w->nodes[w->joining];
	if (!node->acks) {
		/* It is down: nobody but the primary has to have anything. */
		w->joining = -1;
		world_stop_waiting(w);
	} else if (node->held >= w->joining_at) {
		world_publish(w, w->safe | 1U << w->joining);
		w->joining = -1;
	}
}

/* Whether it cannot begin to acknowledge until the primary publishes the safe set again. */
static bool is_silent(const struct world *w, const struct world_node *node)
{
	if (w->flaws & WORLD_ACKS_UNASKED)
		return !node->acks;
	return !node->is_up || node->is_bad || node->seen == w->version;
}

static bool another_has_all(const struct world *w, int leaving)
{
	const struct world_node *writer = &w->nodes[w->writer];

	for (int i = 0; i < w->count; i++)
		if (i != leaving && i != w->writer && world_is_member(w, i) &&
		    w->nodes[i].has_source && w->nodes[i].held == writer->held)
			return true;
	return false;
}

/* The primary sees that a member is gone; to publish it takes a while. */
static void do_leave(struct world *w)
{
	int which = any_node(w);
	bool is_last = w->writer >= 0 && w->safe == (1U << w->writer | 1U << which);

	if (w->writer < 0 || which == w->writer || w->joining >= 0 || w->leaving >= 0 ||
	    !world_is_member(w, which) || !is_silent(w, &w->nodes[which]))
		return;
	if (is_last || (w->flaws & WORLD_LEAVES_EARLY) || another_has_all(w, which))
		w->leaving = which;
}

static void do_leave_end(struct world *w)
{
	if (w->leaving < 0)
		return;
	world_publish(w, w->safe & ~(1U << w->leaving));
	w->leaving = -1;
}

static void do_relax(struct world *w)
{
	if (w->writer >= 0 && w->waits && w->joining < 0 && w->safe == 1U << w->writer)
		world_stop_waiting(w);
}

/* The primary sees a member that is back, and lets it acknowledge again. */
static void do_grant(struct world *w)
{
	if (w->writer >= 0 && w->leaving < 0 && world_below(w, 2) == 0)
		world_publish(w, w->safe);
}

/* Every acknowledged write is on two members of the safe set, or on the primary if it is alone. */
static bool is_invariant_kept(const struct world *w)
{
	unsigned char holders[WORLD_HISTORY_MAX + 1] = {0};
	bool is_alone = (w->safe & (w->safe - 1)) == 0;

	for (int i = 0; i < w->count; i++)
		for (size_t k = 0; world_is_member(w, i) && k < w->nodes[i].held; k++)
			holders[w->nodes[i].history[k].id]++;
	for (unsigned int id = 1; id <= w->ids; id++)
		if (w->is_acked[id] && holders[id] < (is_alone ? 1 : 2))
			return false;
	return true;
}

void world_init(struct world *w, struct haops_ctx *ctx, enum haops_mysql_flavor flavor, int count)
{
	*w = (struct world){.ctx = ctx,
			    .flavor = flavor,
			    .count = count,
			    .primary = -1,
			    .writer = -1,
			    .joining = -1,
			    .leaving = -1};
	for (int i = 0; i < count; i++)
		w->nodes[i].is_up = true;
}

void world_step(struct world *w)
{
	static void (*const steps[])(struct world * w) = {
		do_write,    do_write,	  do_write,   do_receive,   do_receive, do_receive,
		do_receive,  do_apply,	  do_notice,  do_notice,    do_crash,	do_demote,
		do_start,    do_start,	  do_repoint, do_repoint,   do_repair,	do_join,
		do_join_end, do_leave,	  do_leave,   do_leave_end, do_relax,	do_grant,
		world_elect, world_elect,
	};

	steps[world_below(w, ARRAY_LEN(steps))](w);
	w->broken += !is_invariant_kept(w);
}
