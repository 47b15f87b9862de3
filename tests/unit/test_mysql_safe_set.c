/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The safe set: its steps one by one, and a world of three nodes in which everything happens at the
 * wrong moment, also between a look and the step that follows from it.
 */
#include "mysql/safe-set.h"
#include "mysql_answer.h"

#include <stdio.h>

#define NODES 3

static const char *const names[NODES] = {"n1", "n2", "n3"};

/* By table ------------------------------------------------------------------------------------- */

struct peer_row {
	enum safe_presence presence;
	uint64_t pos; /* 0: does not answer */
	uint64_t instance;
	bool follows, acks;
};

static const struct {
	const char *what, *memory;
	bool waits;
	unsigned int ackers;
	struct peer_row peers[2]; /* n2, n3 */
	enum safe_step step;
	const char *safe, *acks;
} rows[] = {
	{"first of all, itself", "primary\t1 n1\n", false, 0, {{0}}, SAFE_PUBLISH, "n1", ""},
	{"alone", "primary\t1 n1\nsafe\tn1\n", false, 0, {{0}}, SAFE_NONE, "n1", ""},
	{"alone, and waiting since its promotion",
	 "primary\t1 n1\nsafe\tn1\n",
	 true,
	 0,
	 {{0}},
	 SAFE_WAIT_OFF,
	 "n1",
	 ""},
	{"a replica appears",
	 "primary\t1 n1\nsafe\tn1\n",
	 false,
	 0,
	 {{SAFE_UP, 3, 22, true, false}},
	 SAFE_PUBLISH,
	 "n1",
	 "n2:22"},
	{"it may, and does not yet",
	 "safe\tn1\nacks\tn2:22\n",
	 false,
	 0,
	 {{SAFE_UP, 5, 22, true, false}},
	 SAFE_NONE,
	 "n1",
	 "n2:22"},
	{"it acknowledges",
	 "safe\tn1\nacks\tn2:22\n",
	 false,
	 1,
	 {{SAFE_UP, 5, 22, true, true}},
	 SAFE_WAIT_ON,
	 "n1",
	 "n2:22"},
	{"it lacks something",
	 "safe\tn1\nacks\tn2:22\n",
	 true,
	 1,
	 {{SAFE_UP, 4, 22, true, true}},
	 SAFE_NONE,
	 "n1",
	 "n2:22"},
	{"it has all",
	 "safe\tn1\nacks\tn2:22\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}},
	 SAFE_PUBLISH,
	 "n1 n2",
	 "n2:22"},
	{"all that were granted it at once",
	 "safe\tn1\nacks\tn2:22 n3:33\n",
	 true,
	 2,
	 {{SAFE_UP, 5, 22, true, true}, {SAFE_UNKNOWN, 0, 0, false, false}},
	 SAFE_PUBLISH,
	 "n1 n2 n3",
	 "n2:22 n3:33"},
	{"another run of it",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 true,
	 1,
	 {{SAFE_UP, 1, 23, true, false}},
	 SAFE_PUBLISH,
	 "n1 n2",
	 "n2:23"},
	{"a third one, however late it is",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}, {SAFE_UP, 1, 33, true, false}},
	 SAFE_PUBLISH,
	 "n1 n2 n3",
	 "n2:22 n3:33"},
	{"not from this primary",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}, {SAFE_UP, 5, 33, false, false}},
	 SAFE_NONE,
	 "n1 n2",
	 "n2:22"},
	{"not waiting though it should",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 false,
	 1,
	 {{SAFE_UP, 5, 22, true, true}},
	 SAFE_WAIT_ON,
	 "n1 n2",
	 "n2:22"},
	{"one is down, the other has all",
	 "safe\tn1 n2 n3\nacks\tn2:22 n3:33\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}, {SAFE_DOWN, 0, 0, false, false}},
	 SAFE_PUBLISH,
	 "n1 n2",
	 "n2:22"},
	{"one is down, the other lacks something",
	 "safe\tn1 n2 n3\nacks\tn2:22 n3:33\n",
	 true,
	 1,
	 {{SAFE_UP, 4, 22, true, true}, {SAFE_DOWN, 0, 0, false, false}},
	 SAFE_NONE,
	 "n1 n2 n3",
	 "n2:22 n3:33"},
	{"one is unclean",
	 "safe\tn1 n2 n3\nacks\tn2:22 n3:33\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}, {SAFE_UNKNOWN, 0, 0, false, false}},
	 SAFE_NONE,
	 "n1 n2 n3",
	 "n2:22 n3:33"},
	{"the last one is down",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 true,
	 0,
	 {{SAFE_DOWN, 0, 0, false, false}},
	 SAFE_PUBLISH,
	 "n1",
	 ""},
	{"the last one does not answer",
	 "safe\tn1 n2\nacks\tn2:22\n",
	 true,
	 0,
	 {{SAFE_UP, 0, 0, false, false}},
	 SAFE_NONE,
	 "n1 n2",
	 "n2:22"},
	{"both are down",
	 "safe\tn1 n2 n3\n",
	 true,
	 0,
	 {{SAFE_DOWN, 0, 0, false, false}, {SAFE_DOWN, 0, 0, false, false}},
	 SAFE_NONE,
	 "n1 n2 n3",
	 ""},
	{"a diverged one that still acknowledges",
	 "safe\tn1 n2\nacks\tn2:22\nbad-n2\tx\n",
	 true,
	 1,
	 {{SAFE_UP, 5, 22, true, true}},
	 SAFE_NONE,
	 "n1 n2",
	 "n2:22"},
	{"a diverged one",
	 "safe\tn1 n2\nacks\tn2:22\nbad-n2\tx\n",
	 true,
	 0,
	 {{SAFE_UP, 5, 22, false, false}},
	 SAFE_PUBLISH,
	 "n1",
	 ""},
};

static void step_by_table(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct haops_mysql_status own, statuses[2];
		struct safe_peer peers[2];
		struct memory memory, next;
		struct safe_view view = {&memory, "n1", &own, HAOPS_MYSQL_SAFE, peers, 2, false};
		char safe[MEMORY_VALUE_MAX], acks[MEMORY_VALUE_MAX], reason[256];
		enum safe_step step;

		assert_int_equal(memory_read(rows[i].memory, &memory), 0);
		make_status(*state, 5, &own);
		own.waits_for_ack = rows[i].waits;
		own.ackers = rows[i].ackers;
		for (size_t p = 0; p < 2; p++) {
			const struct peer_row *row = &rows[i].peers[p];

			make_status(*state, row->pos, &statuses[p]);
			statuses[p].acks = row->acks;
			peers[p] = (struct safe_peer){names[p + 1], row->presence,
						      row->pos > 0 ? &statuses[p] : NULL,
						      row->instance, row->follows};
		}
		step = safe_set_next(&view, &next, reason, sizeof(reason));
		memory_safe_value(&next, safe, sizeof(safe));
		memory_acks_value(&next, acks, sizeof(acks));
		if (step != rows[i].step || strcmp(safe, rows[i].safe) != 0 ||
		    strcmp(acks, rows[i].acks) != 0)
			fail_msg("%s: step %d, safe \"%s\", acks \"%s\"", rows[i].what, (int)step,
				 safe, acks);
		haops_mysql_status_done(&own);
		haops_mysql_status_done(&statuses[0]);
		haops_mysql_status_done(&statuses[1]);
	}
}

static void async_waits_for_nobody(void **state)
{
	struct haops_mysql_status own;
	struct memory memory = {0}, next;
	struct safe_view view = {&memory, "n1", &own, HAOPS_MYSQL_ASYNC, NULL, 0, false};
	char reason[256];

	make_status(*state, 5, &own);
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_NONE);
	own.waits_for_ack = true;
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_WAIT_OFF);
	haops_mysql_status_done(&own);
}

static void who_may_acknowledge(void **state)
{
	struct haops_mysql_status status = {0};
	struct memory m;

	(void)state;
	assert_int_equal(memory_read("safe\tn1 n2\nacks\tn2:22 n3:33\nbad-n3\tx\n", &m), 0);
	assert_true(safe_set_may_ack(&m, "n2", 22, &status));
	assert_false(safe_set_may_ack(&m, "n2", 23, &status));
	assert_false(safe_set_may_ack(&m, "n1", 0, &status));
	assert_false(safe_set_may_ack(&m, "n3", 33, &status));
	status.delay_s = 60;
	assert_false(safe_set_may_ack(&m, "n2", 22, &status));
}

/* The world ------------------------------------------------------------------------------------ */

struct server {
	bool is_up;
	bool acks;
	uint64_t pos; /* what is on its disk, and stays there */
	uint64_t instance;
	bool has_looked; /* its agent holds an old memory */
	struct memory seen;
};

struct world {
	struct haops_ctx *ctx;
	uint64_t random;
	struct server servers[NODES];
	size_t primary; /* NODES: none */
	bool waits;
	uint64_t acked; /* what clients were told */
	uint64_t instances;
	struct memory memory;
	size_t promotions, waits_seen, sizes[NODES + 1];
};

static uint64_t draw(struct world *w, uint64_t below)
{
	w->random = w->random * 6364136223846793005U + 1442695040888963407U;
	return (w->random >> 33) % below;
}

static unsigned int ackers(const struct world *w)
{
	unsigned int count = 0;

	for (size_t i = 0; i < NODES; i++)
		count += i != w->primary && w->servers[i].is_up && w->servers[i].acks;
	return count;
}

/* Clients are told what a replica has, or, if nobody is waited for, all. */
static void acknowledge(struct world *w)
{
	uint64_t pos = 0;

	if (w->primary == NODES)
		return;
	for (size_t i = 0; i < NODES; i++)
		if (i != w->primary && w->servers[i].is_up && w->servers[i].acks &&
		    w->servers[i].pos > pos)
			pos = w->servers[i].pos;
	if (!w->waits)
		pos = w->servers[w->primary].pos;
	if (pos > w->acked)
		w->acked = pos;
}

/* On two members at least, or on the only one. */
static void assert_invariant(const struct world *w)
{
	size_t holders = 0, only = NODES;

	for (size_t i = 0; i < NODES; i++)
		if (memory_is_safe(&w->memory, names[i])) {
			holders += w->servers[i].pos >= w->acked;
			only = i;
		}
	if (memory_count_safe(&w->memory) == 1)
		assert_true(w->servers[only].pos >= w->acked);
	else if (memory_count_safe(&w->memory) > 1)
		assert_true(holders >= 2);
}

static void replicate(struct world *w, struct server *server)
{
	uint64_t source = w->primary == NODES ? 0 : w->servers[w->primary].pos;

	if (server->is_up && server->pos < source)
		server->pos += 1 + draw(w, source - server->pos);
}

static void crash(struct world *w, size_t i)
{
	w->servers[i].is_up = w->servers[i].acks = w->servers[i].has_looked = false;
	if (w->primary == i)
		w->primary = NODES;
}

static void boot(struct world *w, size_t i)
{
	struct server *server = &w->servers[i];

	if (server->is_up)
		return;
	server->is_up = true;
	server->instance = ++w->instances;
	/* What a former primary had beyond is cut off. */
	if (w->primary != NODES && server->pos > w->servers[w->primary].pos)
		server->pos = w->servers[w->primary].pos;
}

/* By the rule of the election, which has its own tests: enough answer, the one with most wins. */
static void promote(struct world *w)
{
	size_t safe = memory_count_safe(&w->memory), answers = 0, best = NODES;

	for (size_t i = 0; i < NODES; i++) {
		if (!w->servers[i].is_up)
			continue;
		answers += memory_is_safe(&w->memory, names[i]);
		if (best == NODES || w->servers[i].pos > w->servers[best].pos)
			best = i;
	}
	if (w->primary != NODES || answers == 0 || answers + (safe > 1) < safe)
		return;
	assert_true(w->servers[best].pos >= w->acked);
	assert_int_equal(memory_set_primary(&w->memory, names[best], ""), 0);
	w->primary = best;
	w->waits = true;
	w->servers[best].acks = w->servers[best].has_looked = false;
	for (size_t i = 0; i < NODES; i++)
		if (w->servers[i].is_up && w->servers[i].pos > w->servers[best].pos)
			w->servers[i].pos = w->servers[best].pos;
	w->promotions++;
}

static void happen(struct world *w);

static void meanwhile(struct world *w)
{
	while (draw(w, 3) == 0)
		happen(w);
}

/* What a monitor of the primary has seen, one after the other. */
struct look {
	struct haops_mysql_status own, statuses[NODES];
	struct safe_peer peers[NODES];
	size_t count;
};

static void look_where(struct world *w, struct look *look)
{
	for (size_t i = 0; i < NODES; i++)
		if (i != w->primary)
			look->peers[look->count++] = (struct safe_peer){
				.node = names[i],
				.presence = !w->servers[i].is_up && draw(w, 4) > 0 ? SAFE_DOWN
										   : SAFE_UNKNOWN,
			};
}

static void look_at_peer(struct world *w, struct look *look, size_t at)
{
	struct safe_peer *peer = &look->peers[at];
	const struct server *server = &w->servers[peer->node[1] - '1'];

	make_status(w->ctx, server->pos, &look->statuses[at]);
	look->statuses[at].acks = server->acks;
	peer->status = server->is_up ? &look->statuses[at] : NULL;
	peer->instance = server->instance;
	peer->follows = server->is_up;
}

static void look_done(struct look *look)
{
	haops_mysql_status_done(&look->own);
	for (size_t i = 0; i < look->count; i++)
		haops_mysql_status_done(&look->statuses[i]);
}

static void act(struct world *w, enum safe_step step, const struct memory *next)
{
	if (step == SAFE_PUBLISH)
		w->memory = *next;
	if (step == SAFE_WAIT_ON || step == SAFE_WAIT_OFF)
		w->waits = step == SAFE_WAIT_ON;
	w->waits_seen += step == SAFE_WAIT_ON;
}

/* One monitor at a time, and none goes on after its primary is gone. */
static void monitor_primary(struct world *w)
{
	struct look look = {.count = 0};
	size_t primary = w->primary;
	uint64_t epoch = w->memory.epoch;
	struct memory memory = w->memory, next;
	struct safe_view view = {&memory, names[primary], &look.own, HAOPS_MYSQL_SAFE, look.peers,
				 0,	  false};
	char reason[256];
	enum safe_step step;

	look_where(w, &look);
	meanwhile(w);
	make_status(w->ctx, w->servers[primary].pos, &look.own);
	look.own.waits_for_ack = w->waits;
	look.own.ackers = ackers(w);
	for (size_t at = 0; at < look.count; at++) {
		meanwhile(w);
		look_at_peer(w, &look, at);
	}
	view.peer_count = look.count;
	/* At any time, whether it is so or not: it is about who waits, not about who has what. */
	view.is_stuck = w->waits && draw(w, 4) == 0;
	step = safe_set_next(&view, &next, reason, sizeof(reason));
	meanwhile(w);
	if (w->primary == primary && w->memory.epoch == epoch)
		act(w, step, &next);
	look_done(&look);
}

/* Its agent looks at the CIB at one time, and acts by it at another. */
static void monitor_replica(struct world *w, size_t i)
{
	struct haops_mysql_status status = {0};
	struct server *server = &w->servers[i];

	if (!server->is_up || i == w->primary)
		return;
	if (server->has_looked)
		server->acks = safe_set_may_ack(&server->seen, names[i], server->instance, &status);
	else
		server->seen = w->memory;
	server->has_looked = !server->has_looked;
}

/* Everything but a monitor of the primary. */
static void happen(struct world *w)
{
	size_t i = draw(w, NODES);

	switch (draw(w, 12)) {
	case 0:
		if (draw(w, 3) == 0)
			crash(w, i);
		break;
	case 1:
	case 2:
		boot(w, i);
		break;
	case 3:
	case 4:
	case 5:
		if (w->primary != NODES)
			w->servers[w->primary].pos++;
		break;
	case 6:
	case 7:
	case 8:
		replicate(w, &w->servers[i]);
		break;
	case 9:
		promote(w);
		break;
	default:
		monitor_replica(w, i);
	}
	acknowledge(w);
	assert_invariant(w);
}

static void live(struct world *w, uint64_t seed)
{
	struct haops_ctx *ctx = w->ctx;

	*w = (struct world){.ctx = ctx, .random = seed, .primary = NODES};
	for (size_t i = 0; i < NODES; i++)
		boot(w, i);
	w->primary = 0;
	assert_int_equal(memory_set_primary(&w->memory, names[0], ""), 0);
	for (int step = 0; step < 400; step++) {
		if (w->primary != NODES && draw(w, 4) == 0)
			monitor_primary(w);
		else
			happen(w);
		acknowledge(w);
		assert_invariant(w);
		w->sizes[memory_count_safe(&w->memory)]++;
	}
}

/* Nothing acknowledged is ever lost; and the world has been everywhere. */
static void no_acknowledged_write_is_lost(void **state)
{
	struct world w = {.ctx = *state};
	size_t promotions = 0, waits = 0, sizes[NODES + 1] = {0};

	for (uint64_t seed = 1; seed <= 500; seed++) {
		live(&w, seed * 7919);
		promotions += w.promotions;
		waits += w.waits_seen;
		for (size_t i = 0; i <= NODES; i++)
			sizes[i] += w.sizes[i];
	}
	print_message("%zu promotions, %zu beginnings, safe sets of 1, 2, 3: %zu, %zu, %zu\n",
		      promotions, waits, sizes[1], sizes[2], sizes[3]);
	assert_true(promotions > 500 && waits > 200);
	assert_true(sizes[1] > 1000 && sizes[2] > 1000 && sizes[3] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(step_by_table),
		TEST_CTX(async_waits_for_nobody),
		TEST_CTX(who_may_acknowledge),
		TEST_CTX(no_acknowledged_write_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
