/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 64 members that beat five times per second, through the codec and the core, as fast as it goes:
 * nobody is silent, and memory stays flat. "test_heart_sim HOURS" simulates that long (0.05
 * without) and prints what it took.
 */
#include "heart_world.h"

#include "unit.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define MEMBERS 64
#define WARM_UP_MS 60000
#define GROWTH_MAX_KB 256

static double hours = 0.05;

static int64_t resident_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*d %lld", &pages), 1);
	(void)fclose(file);
	return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static double cpu_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint64_t heartbeats(const struct world *w)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < heart_peer_count(w->heart); i++)
		sum += heart_peer_at(w->heart, i)->received;
	return sum;
}

static void members_of_a_day(void **state)
{
	struct world *w = world_new("keepalive 200ms\ndeadtime 5\ndisk_path off\n", MEMBERS - 1);
	int64_t span_ms = (int64_t)(hours * 3600000.0), before_kb, grown_kb;
	double begin_s, spent_s;
	uint64_t count;

	(void)state;
	world_run(w, WARM_UP_MS);
	before_kb = resident_kb();
	count = heartbeats(w);
	begin_s = cpu_s();
	world_run(w, span_ms);
	spent_s = cpu_s() - begin_s;
	count = heartbeats(w) - count;
	grown_kb = resident_kb() - before_kb;
	print_message("%d members, %.2f h: %llu heartbeats in %.1f s of CPU, %.0f ns each; %.3f%% "
		      "of a core; memory %lld kB, grown by %lld kB\n",
		      MEMBERS, hours, (unsigned long long)count, spent_s,
		      spent_s * 1e9 / (double)count, spent_s * 1e5 / (double)span_ms,
		      (long long)before_kb, (long long)grown_kb);
	assert_in_range(count, (uint64_t)(span_ms / 200 - 1) * (MEMBERS - 1),
			(uint64_t)(span_ms / 200 + 1) * (MEMBERS - 1));
	assert_int_equal(heart_own_flags(w->heart), 0);
	for (uint32_t i = 2; i <= MEMBERS; i++) {
		assert_int_equal(world_state(w, i), HEART_ACTIVE);
		assert_int_equal(world_seen(w, i)->lost, 0);
		assert_int_equal(world_seen(w, i)->late_count, 0);
	}
	assert_int_equal(w->event_count, MEMBERS - 1); /* that they joined */
	assert_true(grown_kb <= GROWTH_MAX_KB);
	world_free(w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(members_of_a_day)};

	if (argc > 1)
		hours = strtod(argv[1], NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
