/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long no lease may begin after the ring has changed. */
#include "guard/lease-hold.h"
#include "unit.h"

#define TOKEN 3000
#define CONSENSUS 3600
#define BUDGET (TOKEN + CONSENSUS)

static const uint32_t ALL[] = {1, 2, 3};
static const uint32_t LEFT[] = {2, 3};

static void ring(struct lease_hold *hold, uint64_t seq, const uint32_t *nodes, size_t count)
{
	const struct haops_cluster_view view = {.state = HAOPS_CLUSTER_UP,
						.ring = {nodes[0], seq},
						.ring_nodes = nodes,
						.ring_count = count,
						.expected_votes = 3,
						.total_votes = (uint32_t)count,
						.token_ms = TOKEN,
						.consensus_ms = CONSENSUS};

	lease_hold_view(hold, &view);
}

static void message(struct lease_hold *hold, int64_t sent_ms, int64_t received_ms, bool is_own)
{
	const struct haops_cluster_message own = {.is_own = is_own,
						  .sent_ms = sent_ms,
						  .received_ms = received_ms};

	lease_hold_message(hold, &own);
}

static void test_whole_cluster_waits_for_nothing(void **state)
{
	struct lease_hold hold = {0};

	(void)state;
	assert_int_equal(lease_hold_until_ms(&hold), 0);
	ring(&hold, 4, ALL, 3);
	assert_int_equal(lease_hold_until_ms(&hold), 0);
	ring(&hold, 8, ALL, 3);
	assert_int_equal(lease_hold_until_ms(&hold), 0);
}

/* The usual loss: the message was sent right after the cut, so the time is over with the ring. */
static void test_node_lost(void **state)
{
	struct lease_hold hold = {0};

	(void)state;
	ring(&hold, 4, ALL, 3);
	message(&hold, 9000, 9001, true);
	ring(&hold, 8, LEFT, 2);
	assert_int_equal(lease_hold_until_ms(&hold), INT64_MAX);
	message(&hold, 9500, 16700, false);
	assert_int_equal(lease_hold_until_ms(&hold), INT64_MAX);
	message(&hold, 10000, 16700, true);
	assert_int_equal(lease_hold_until_ms(&hold), 10000 + BUDGET);
	message(&hold, 17000, 17001, true);
	assert_int_equal(lease_hold_until_ms(&hold), 10000 + BUDGET);
}

/* One joins while another was just cut off: the one that joined has never seen the lost one. */
static void test_joined_while_another_was_cut(void **state)
{
	struct lease_hold hold = {0};
	static const uint32_t alone[] = {3};

	(void)state;
	ring(&hold, 4, alone, 1);
	message(&hold, 1000, 1001, true);
	assert_int_equal(lease_hold_until_ms(&hold), 1000 + BUDGET);
	ring(&hold, 8, LEFT, 2);
	message(&hold, 4000, 4900, true);
	assert_int_equal(lease_hold_until_ms(&hold), 4000 + BUDGET);
	ring(&hold, 12, ALL, 3);
	assert_int_equal(lease_hold_until_ms(&hold), 4000 + BUDGET);
}

/* The votes of the new ring are known later than the ring. */
static void test_votes_are_late(void **state)
{
	struct lease_hold hold = {0};
	struct haops_cluster_view view = {.state = HAOPS_CLUSTER_UP,
					  .ring = {2, 8},
					  .ring_nodes = LEFT,
					  .ring_count = 2,
					  .expected_votes = 3,
					  .total_votes = 3};

	(void)state;
	ring(&hold, 4, ALL, 3);
	lease_hold_view(&hold, &view);
	assert_int_equal(lease_hold_until_ms(&hold), INT64_MAX);
}

/* Own messages were overdue for as long as the ring was formed: the view says so until they are
 * back. */
static void test_ring_is_told_before_we_are_up(void **state)
{
	struct lease_hold hold = {0};
	struct haops_cluster_view view = {.state = HAOPS_CLUSTER_SILENT,
					  .ring = {2, 8},
					  .ring_nodes = LEFT,
					  .ring_count = 2,
					  .expected_votes = 3,
					  .total_votes = 3};

	(void)state;
	ring(&hold, 4, ALL, 3);
	lease_hold_view(&hold, &view);
	message(&hold, 10000, 16700, true);
	ring(&hold, 8, LEFT, 2);
	message(&hold, 16701, 16702, true);
	assert_int_equal(lease_hold_until_ms(&hold), 10000 + BUDGET);
}

/* Corosync away: nothing is known to have changed, and then it has. */
static void test_away(void **state)
{
	struct lease_hold hold = {0};
	struct haops_cluster_view view = {.state = HAOPS_CLUSTER_DOWN};

	(void)state;
	ring(&hold, 4, ALL, 3);
	lease_hold_view(&hold, &view);
	assert_int_equal(lease_hold_until_ms(&hold), 0);
	ring(&hold, 12, LEFT, 2);
	assert_int_equal(lease_hold_until_ms(&hold), INT64_MAX);
}

/* A clock of the sender that is ahead of ours lengthens nothing. */
static void test_sent_in_the_future(void **state)
{
	struct lease_hold hold = {0};

	(void)state;
	ring(&hold, 4, LEFT, 2);
	message(&hold, 99999, 5000, true);
	assert_int_equal(lease_hold_until_ms(&hold), 5000 + BUDGET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_cluster_waits_for_nothing),
		cmocka_unit_test(test_node_lost),
		cmocka_unit_test(test_joined_while_another_was_cut),
		cmocka_unit_test(test_votes_are_late),
		cmocka_unit_test(test_ring_is_told_before_we_are_up),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_sent_in_the_future),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
