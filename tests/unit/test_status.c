/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status as bytes and back: every member keeps its value, versions may differ, rubbish is
 * refused. */

#include "canned.h"
#include "ipc/record.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000

/* Every member once. A new one that is not in the table of status.c fails here. */
#define PEER_NUMBERS(X)                                                                            \
	X(nodeid)                                                                                  \
	X(since_ms)                                                                                \
	X(last_ms)                                                                                 \
	X(received)                                                                                \
	X(lost)                                                                                    \
	X(late_count)                                                                              \
	X(returned_count)                                                                          \
	X(delay_ms)                                                                                \
	X(delays.max_ms)                                                                           \
	X(delays.counts[0])                                                                        \
	X(delays.counts[HEART_BUCKETS - 1])                                                        \
	X(sequence)                                                                                \
	X(dead_count)                                                                              \
	X(disk_age_ms)                                                                             \
	X(lag_ms)                                                                                  \
	X(keepalive_ms)                                                                            \
	X(config_hash)                                                                             \
	X(pings_up)                                                                                \
	X(pings_total)                                                                             \
	X(lateness.max_ms)                                                                         \
	X(lateness.counts[0])                                                                      \
	X(lateness.counts[HEART_BUCKETS - 1])
#define PEER_BOOLS(X)                                                                              \
	X(is_own)                                                                                  \
	X(is_in_ring)                                                                              \
	X(has_carrier)
#define STATUS_NUMBERS(X)                                                                          \
	X(nodeid)                                                                                  \
	X(now_ms)                                                                                  \
	X(wall_ms)                                                                                 \
	X(started_ms)                                                                              \
	X(ring.nodeid)                                                                             \
	X(ring.seq)                                                                                \
	X(expected_votes)                                                                          \
	X(total_votes)                                                                             \
	X(quorum)                                                                                  \
	X(token_ms)                                                                                \
	X(consensus_ms)                                                                            \
	X(measured_detection_ms)                                                                   \
	X(recommended_deadtime_ms)                                                                 \
	X(own_flags)                                                                               \
	X(keepalive_ms)                                                                            \
	X(warntime_ms)                                                                             \
	X(deadtime_ms)                                                                             \
	X(initdead_ms)                                                                             \
	X(convergence_ms)                                                                          \
	X(disk_age_ms)                                                                             \
	X(pauses)                                                                                  \
	X(last_pause_ms)                                                                           \
	X(last_pause_at_ms)                                                                        \
	X(reports)                                                                                 \
	X(reports_held)                                                                            \
	X(pacemaker_ms)                                                                            \
	X(leased)                                                                                  \
	X(lease_dropped)                                                                           \
	X(watched_total)                                                                           \
	X(links_ms)
#define STATUS_BOOLS(X)                                                                            \
	X(is_quorate)                                                                              \
	X(is_settled)                                                                              \
	X(is_two_node)                                                                             \
	X(has_qdevice)                                                                             \
	X(waits_for_all)

static void round_trip(const struct status *from, struct status *to)
{
	uint8_t *data = NULL;
	size_t len = 0;

	assert_int_equal(status_encode(from, &data, &len), 0);
	assert_int_equal(status_init(to), 0);
	assert_int_equal(status_decode(data, len, to), 0);
	free(data);
}

static void test_numbers_of_the_status(void **state)
{
	struct status from;
	struct status to;
	uint8_t value = 0;

	(void)state;
	assert_int_equal(status_init(&from), 0);
#define SET(member) from.member = (uint8_t)(++value);
	STATUS_NUMBERS(SET)
#undef SET
#define SET(member) from.member = true;
	STATUS_BOOLS(SET)
#undef SET
	from.cluster_state = HAOPS_CLUSTER_UP;
	from.lease_verdict = HAOPS_LEASE_PAUSED;
	round_trip(&from, &to);
#define CHECK(member) assert_int_equal(to.member, from.member);
	STATUS_NUMBERS(CHECK)
	STATUS_BOOLS(CHECK)
	CHECK(cluster_state)
	CHECK(lease_verdict)
#undef CHECK
	status_done(&from);
	status_done(&to);
}

static void test_numbers_of_a_peer(void **state)
{
	struct status from;
	struct status to;
	uint8_t value = 0;

	(void)state;
	assert_int_equal(status_init(&from), 0);
	from.peer_count = 1;
#define SET(member) from.peers[0].member = (uint8_t)(++value);
	PEER_NUMBERS(SET)
#undef SET
#define SET(member) from.peers[0].member = true;
	PEER_BOOLS(SET)
#undef SET
	from.peers[0].state = HEART_LEFT;
	from.peers[0].jitter_ms = 1.5;
	round_trip(&from, &to);
	assert_int_equal(to.peer_count, 1);
#define CHECK(member) assert_int_equal(to.peers[0].member, from.peers[0].member);
	PEER_NUMBERS(CHECK)
	PEER_BOOLS(CHECK)
	CHECK(state)
#undef CHECK
	assert_true(to.peers[0].jitter_ms == 1.5);
	status_done(&from);
	status_done(&to);
}

/* Largest values, negative ones, and texts of full length. */
static void test_extremes(void **state)
{
	struct status from;
	struct status to;

	(void)state;
	assert_int_equal(status_init(&from), 0);
	from.now_ms = INT64_MIN;
	from.wall_ms = INT64_MAX;
	from.pauses = UINT64_MAX;
	from.peer_count = from.link_count = 1;
	from.peers[0].pings_up = UINT16_MAX;
	from.peers[0].disk_age_ms = UINT32_MAX;
	from.peers[0].since_ms = -1;
	from.links[0].link = UINT8_MAX;
	memset(from.trouble, 0xff, sizeof(from.trouble) - 1);
	round_trip(&from, &to);
	assert_true(to.now_ms == INT64_MIN && to.wall_ms == INT64_MAX && to.pauses == UINT64_MAX);
	assert_int_equal(to.peers[0].pings_up, UINT16_MAX);
	assert_int_equal(to.peers[0].disk_age_ms, UINT32_MAX);
	assert_int_equal(to.peers[0].since_ms, -1);
	assert_int_equal(to.links[0].link, UINT8_MAX);
	assert_string_equal(to.trouble, from.trouble);
	status_done(&from);
	status_done(&to);
}

static void test_canned(void **state)
{
	static const char *const names[] = {"healthy", "sick", "isolated", "large", "odd", "empty"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint8_t *first = NULL;
		uint8_t *second = NULL;
		struct status from;
		struct status to;
		size_t first_len;
		size_t second_len;

		assert_int_equal(status_init(&from), 0);
		assert_true(canned_fill(names[i], 100000000, &from));
		round_trip(&from, &to);
		assert_int_equal(to.watched_count, from.watched_count);
		assert_int_equal(to.event_count, from.event_count);
		assert_int_equal(status_encode(&from, &first, &first_len), 0);
		assert_int_equal(status_encode(&to, &second, &second_len), 0);
		assert_int_equal(first_len, second_len);
		if (first_len > 0)
			assert_memory_equal(first, second, first_len);
		free(first);
		free(second);
		status_done(&from);
		status_done(&to);
	}
}

static uint32_t draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Fields of any number and length: what was understood comes back the same. */
static void put_fields(struct record_buffer *buffer, uint32_t *seed, int depth)
{
	for (uint32_t i = draw(seed) % 12; i > 0; i--) {
		uint16_t number = (uint16_t)(draw(seed) % (depth > 0 ? 72 : 28));
		uint8_t bytes[300];
		size_t begin;

		if (depth > 0 && number >= 64) {
			begin = record_begin(buffer, number);
			put_fields(buffer, seed, depth - 1);
			record_end(buffer, begin);
			continue;
		}
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)draw(seed);
		record_put(buffer, number, bytes,
			   draw(seed) % 4 ? 8 * (draw(seed) % 2) : draw(seed) % 300);
	}
}

static void test_property(void **state)
{
	uint32_t seed = 20260922;
	int understood = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct record_buffer buffer = {0};
		struct status first;
		struct status second;
		uint8_t *bytes[2] = {NULL, NULL};
		size_t lens[2];

		put_fields(&buffer, &seed, 1);
		assert_int_equal(status_init(&first), 0);
		if (status_decode(buffer.data, buffer.len, &first) == 0) {
			understood++;
			round_trip(&first, &second);
			assert_int_equal(status_encode(&first, &bytes[0], &lens[0]), 0);
			assert_int_equal(status_encode(&second, &bytes[1], &lens[1]), 0);
			assert_int_equal(lens[0], lens[1]);
			if (lens[0] > 0)
				assert_memory_equal(bytes[0], bytes[1], lens[0]);
			free(bytes[0]);
			free(bytes[1]);
			status_done(&second);
		}
		status_done(&first);
		free(buffer.data);
	}
	assert_true(understood > ROUNDS / 10);
}

/* A later version has more fields, longer texts, wider numbers and more entries. */
static void test_later_version(void **state)
{
	struct record_buffer buffer = {0};
	const uint8_t wide[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	char text[1000];
	struct status status;

	(void)state;
	memset(text, 'x', sizeof(text));
	record_put(&buffer, 60000, text, sizeof(text));
	record_put(&buffer, 1, text, sizeof(text));
	record_put(&buffer, 19, wide, sizeof(wide));
	for (size_t i = 0; i < STATUS_PEERS_MAX + 5; i++)
		record_put(&buffer, 64, NULL, 0);
	assert_int_equal(status_init(&status), 0);
	assert_int_equal(status_decode(buffer.data, buffer.len, &status), 0);
	assert_int_equal(strlen(status.version), sizeof(status.version) - 1);
	assert_int_equal(status.token_ms, UINT32_MAX);
	assert_int_equal(status.peer_count, STATUS_PEERS_MAX);
	status_done(&status);
	free(buffer.data);
}

static void test_rubbish(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rubbish[] = {{"x", 1},
		       {"\1\0\1\0\0", 5},
		       {"\1\0\1\0\0\0", 6},
		       {"\1\0\xff\xff\xff\xffzz", 8},
		       {"\3\0\x9\0\0\0"
			"123456789",
			15},
		       {"\x40\0\x7\0\0\0"
			"\1\0\2\0\0\0a",
			13},
		       {"\x40\0\xd\0\0\0"
			"\x10\0\7\0\0\0"
			"1234567",
			19}};

	(void)state;
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		struct status status;

		assert_int_equal(status_init(&status), 0);
		assert_int_equal(status_decode((const uint8_t *)rubbish[i].bytes, rubbish[i].len,
					       &status),
				 -EBADMSG);
		status_done(&status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_of_the_status),
		cmocka_unit_test(test_numbers_of_a_peer),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_canned),
		cmocka_unit_test(test_property),
		cmocka_unit_test(test_later_version),
		cmocka_unit_test(test_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
