/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seeded random walk: rings that stand still and are formed anew, pauses and lag of our own,
 * carrier, delays, peers that stop and go. No peer that kept beating is ever silent, and each that
 * stopped is, once nothing else is wrong. HEART_WALK_SEEDS: how many walks.
 */
#include "heart_world.h"

#include "unit.h"

#define PEERS 4
#define STEPS 400
#define SEEDS 60

struct walk {
	struct world *world;
	uint64_t random;
	uint64_t seed;
	int64_t stopped_ms[PEERS]; /* since when it does not beat; 0: it does */
	int64_t verdict_ms[PEERS]; /* the last one that was looked at */
	uint64_t verdicts;
};

static uint64_t next_random(struct walk *walk)
{
	walk->random ^= walk->random << 13;
	walk->random ^= walk->random >> 7;
	walk->random ^= walk->random << 17;
	return walk->random;
}

static int64_t between(struct walk *walk, int64_t low, int64_t high)
{
	return low + (int64_t)(next_random(walk) % (uint64_t)(high - low + 1));
}

/* A verdict is right when, behind its last heartbeat that arrived, it sent none for deadtime. */
static void check(struct walk *walk)
{
	struct world *w = walk->world;

	for (uint32_t i = 0; i < PEERS; i++) {
		const struct heart_peer *seen = world_seen(w, i + 2);
		int64_t next_ms = world_under_way_ms(w, i + 2);
		int64_t until_ms = next_ms < seen->since_ms ? next_ms : seen->since_ms;
		int64_t silence_ms = until_ms - world_peer(w, i + 2)->delivered_ms;

		if (seen->state != HEART_SILENT || seen->since_ms == walk->verdict_ms[i])
			continue;
		walk->verdict_ms[i] = seen->since_ms;
		walk->verdicts++;
		if (silence_ms < w->config.deadtime_ms)
			fail_msg("seed %llu: node%u was taken for silent at %lld, having sent "
				 "nothing for %lld ms",
				 (unsigned long long)walk->seed, i + 2, (long long)seen->since_ms,
				 (long long)silence_ms);
	}
}

static void run(struct walk *walk, int64_t ms)
{
	int64_t end_ms = walk->world->now_ms + ms;

	while (walk->world->now_ms < end_ms) {
		int64_t left = end_ms - walk->world->now_ms;

		world_run(walk->world, left < 50 ? left : 50);
		check(walk);
	}
}

static void toggle_peer(struct walk *walk)
{
	uint32_t i = (uint32_t)between(walk, 0, PEERS - 1);
	struct world_peer *peer = world_peer(walk->world, i + 2);

	peer->is_stopped = !peer->is_stopped;
	walk->stopped_ms[i] = peer->is_stopped ? walk->world->now_ms : 0;
}

/* Again and again, each time before the token has been everywhere. */
static void stutter(struct walk *walk)
{
	for (int64_t i = between(walk, 1, 20); i > 0; i--) {
		world_stall(walk->world, between(walk, 1, walk->world->config.deadtime_ms));
		run(walk, walk->world->stall_until_ms - walk->world->now_ms + between(walk, 0, 30));
	}
}

static void form_ring(struct walk *walk)
{
	struct world *w = walk->world;
	int64_t ms = between(walk, 10, 2200);

	/* Nothing is known of it while the token is missing, then the services disagree. */
	world_stall_anew(w, ms, (uint32_t)between(walk, 1, PEERS + 1), between(walk, 1, 30));
	run(walk, ms / 2);
	w->view.is_settled = false;
	w->view.quorum_ring.seq = 0;
	world_set_cluster_state(w, HAOPS_CLUSTER_UP);
	run(walk, ms - ms / 2);
	w->view.is_settled = true;
	world_new_ring(w);
}

static void step(struct walk *walk)
{
	struct world *w = walk->world;

	switch (between(walk, 0, 9)) {
	case 0:
		world_stall(w, between(walk, 1, 2 * w->config.deadtime_ms));
		break;
	case 1:
		form_ring(walk);
		break;
	case 2:
		world_pause(w, between(walk, 1, 2 * w->config.deadtime_ms));
		break;
	case 3:
		for (int64_t i = between(walk, 1, 30); i > 0; i--) {
			world_pause(w, between(walk, 1, 990));
			run(walk, between(walk, 0, 50));
		}
		break;
	case 4:
		heart_carrier(w->heart, between(walk, 0, 1), w->now_ms);
		break;
	case 5:
		stutter(walk);
		break;
	case 6:
		toggle_peer(walk);
		break;
	case 7:
		world_set_cluster_state(w, HAOPS_CLUSTER_SILENT);
		run(walk, between(walk, 1, w->config.deadtime_ms));
		world_set_cluster_state(w, HAOPS_CLUSTER_UP);
		break;
	default:
		break;
	}
	run(walk, between(walk, 1, w->config.deadtime_ms * 2));
}

/* Nothing is wrong any more: each verdict must be the right one. */
static void come_to_rest(struct walk *walk)
{
	struct world *w = walk->world;

	heart_carrier(w->heart, true, w->now_ms);
	run(walk, w->config.convergence_ms + 5 * w->config.deadtime_ms + 20000);
	for (uint32_t i = 0; i < PEERS; i++)
		if (world_state(w, i + 2) != (walk->stopped_ms[i] ? HEART_SILENT : HEART_ACTIVE))
			fail_msg("seed %llu: at rest node%u is %s", (unsigned long long)walk->seed,
				 i + 2, heart_state_name(world_state(w, i + 2)));
	assert_int_equal(heart_own_flags(w->heart), 0);
}

static uint64_t walk_seed(uint64_t seed)
{
	static const char *const settings[] =
		{"keepalive 1\ndeadtime 3\nwarntime 2\ndisk_path off\nconvergence_time 5\n",
		 "keepalive 200ms\ndeadtime 401ms\ndisk_path off\nconvergence_time 1\n",
		 "keepalive 500ms\ndeadtime 30\ndisk_path off\nconvergence_time 45\n"};
	struct walk walk = {.seed = seed, .random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1};

	walk.world = world_new(settings[seed % 3], PEERS);
	world_stall_anew(walk.world, 1, 1, 10);
	run(&walk, 20000);
	for (int i = 0; i < STEPS; i++)
		step(&walk);
	come_to_rest(&walk);
	world_free(walk.world);
	return walk.verdicts;
}

static void no_peer_that_beats_is_ever_silent(void **state)
{
	const char *text = getenv("HEART_WALK_SEEDS");
	uint64_t seeds = text ? strtoull(text, NULL, 10) : SEEDS;
	uint64_t verdicts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds; seed++)
		verdicts += walk_seed(seed);
	/* The walks do lead to verdicts. */
	assert_true(verdicts > 10 * seeds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_peer_that_beats_is_ever_silent)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
