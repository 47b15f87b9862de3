/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heartbeat core of haopsd with many members, on a clock that runs as fast as it can: what a
 * day of messages costs and holds. No Corosync: what receiving costs is bench/haopsd's matter. */
#include "heart/heart.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMED_MAX 64
#define KEEPALIVE_MS 200
#define START_MS 1000000
#define DAY_S 86400
#define SAMPLES 5
/* Each member is late by some ms, another number each time; it never has to be random. */
#define JITTER_MS 37

struct sim {
	struct heart *heart;
	struct haops_cluster_member members[NAMED_MAX];
	uint32_t nodes[NAMED_MAX];
	size_t count;
	uint64_t seqs[NAMED_MAX];
	uint64_t messages;
	uint64_t events;
	uint64_t bad; /* verdicts that a calm cluster must not see */
};

static void on_event(void *userdata, enum heart_level level, uint32_t nodeid, const char *text)
{
	struct sim *sim = userdata;

	(void)nodeid;
	(void)text;
	sim->events++;
	if (level != HEART_INFO)
		sim->bad++;
}

static void join_all(struct sim *sim)
{
	struct haops_cluster_view view = {
		.state = HAOPS_CLUSTER_UP,
		.nodeid = 1,
		.incarnation = 1001,
		.ring = {.nodeid = 1, .seq = 8},
		.quorum_ring = {.nodeid = 1, .seq = 8},
		.is_quorate = true,
		.is_settled = true,
		.token_ms = 3000,
		.consensus_ms = 3600,
		.ring_nodes = sim->nodes,
		.ring_count = sim->count,
		.members = sim->members,
		.member_count = sim->count,
		.trouble = "",
	};

	for (size_t i = 0; i < sim->count; i++) {
		sim->nodes[i] = (uint32_t)i + 1;
		sim->members[i] = (struct haops_cluster_member){.nodeid = (uint32_t)i + 1,
								.pid = 100,
								.incarnation = 1001 + i,
								.is_in_ring = true};
		(void)snprintf(sim->members[i].name, sizeof(sim->members[i].name), "node%zu",
			       i + 1);
		heart_joined(sim->heart, &sim->members[i], START_MS);
	}
	heart_view(sim->heart, &view, START_MS);
}

/* What one member sends, through the same bytes as on the wire. */
static void beat(struct sim *sim, size_t member, int64_t sent_ms, int64_t now_ms)
{
	struct message out = {.type = MESSAGE_HEARTBEAT};
	struct haops_cluster_message envelope = {.nodeid = (uint32_t)member + 1,
						 .pid = 100,
						 .incarnation = 1001 + member,
						 .sent_ms = sent_ms,
						 .received_ms = now_ms,
						 .is_own = member == 0,
						 .is_quorate = true};
	uint8_t wire[MESSAGE_BYTES_MAX];
	struct message in;
	int len;

	heart_fill(sim->heart, sent_ms, &out.heartbeat);
	out.heartbeat.seq = ++sim->seqs[member];
	if (member == 0)
		heart_sent(sim->heart, sent_ms);
	len = message_encode(&out, wire, sizeof(wire));
	if (len < 0 || message_decode(wire, (size_t)len, &in) < 0) {
		sim->bad++;
		return;
	}
	envelope.seq = sim->seqs[member];
	envelope.data = wire;
	envelope.len = (size_t)len;
	(void)heart_clock(sim->heart, now_ms);
	heart_beat(sim->heart, &envelope, &in.heartbeat, now_ms);
	(void)heart_tick(sim->heart, now_ms);
	sim->messages++;
}

/* All members once. */
static void round_of(struct sim *sim, int64_t round)
{
	int64_t due_ms = START_MS + round * KEEPALIVE_MS;
	int64_t now_ms = due_ms;

	heart_disk(sim->heart, due_ms);
	for (size_t i = 0; i < sim->count; i++) {
		int64_t late_ms = (round * 7 + (int64_t)i * 13) % JITTER_MS;

		/* The clock of the receiver never goes back. */
		now_ms = due_ms + late_ms > now_ms ? due_ms + late_ms : now_ms;
		beat(sim, i, due_ms, now_ms);
	}
}

static double cpu_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long resident_kb(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long kb = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	}
	if (file)
		(void)fclose(file);
	return kb;
}

static void run(struct sim *sim, int64_t seconds)
{
	int64_t rounds = seconds * 1000 / KEEPALIVE_MS;
	double began = cpu_s();

	(void)printf("{\"members\": %zu, \"simulated_s\": %" PRId64 ", \"resident_kb\": [",
		     sim->count, seconds);
	for (int64_t round = 0; round < rounds; round++) {
		if (round % (rounds / SAMPLES) == 0)
			(void)printf("%ld, ", resident_kb());
		round_of(sim, round);
	}
	(void)printf("%ld], \"messages\": %" PRIu64 ", \"cpu_s\": %.3f, \"events\": %" PRIu64
		     ", \"bad\": %" PRIu64 "}\n",
		     resident_kb(), sim->messages, cpu_s() - began, sim->events, sim->bad);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : NAMED_MAX;
	long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : DAY_S;
	struct config config;
	struct sim sim = {0};

	if (count < 1 || count > NAMED_MAX || seconds < SAMPLES) {
		(void)fprintf(stderr, "usage: heart-sim [MEMBERS [SECONDS]]\n");
		return 2;
	}
	config_defaults(&config);
	config.keepalive_ms = KEEPALIVE_MS;
	sim.count = (size_t)count;
	sim.heart = heart_new(&config, START_MS, on_event, &sim);
	if (!sim.heart)
		return 1;
	heart_carrier(sim.heart, true, START_MS);
	join_all(&sim);
	run(&sim, seconds);
	heart_free(sim.heart);
	return sim.bad > 0;
}
