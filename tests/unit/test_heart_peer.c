/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What heartbeats tell of a peer: numbers, delay, jitter, lateness, settings, disk; the table's
 * bounds; how much is told of a peer that flaps. */
#include "heart_world.h"

#include "unit.h"

#define SETTINGS "keepalive 1\ndeadtime 10\ndisk_path off\n"

static void beat_with_seq(struct world *w, uint64_t seq)
{
	struct world_peer *peer = world_peer(w, 2);

	peer->beat.seq = seq - 1;
	if (seq == 0) {
		/* The codec refuses it; handed in behind its back. */
		struct haops_cluster_message envelope = {.nodeid = 2,
							 .incarnation = peer->member.incarnation,
							 .received_ms = w->now_ms};
		struct message_heartbeat beat = peer->beat;

		beat.seq = 0;
		heart_beat(w->heart, &envelope, &beat, w->now_ms);
		return;
	}
	world_send_beat(w, peer);
	world_run(w, 10);
}

static void numbers_are_followed(void **state)
{
	static const struct {
		uint64_t seq;
		uint64_t received, lost;
	} rows[] = {
		{1, 1, 0}, {2, 2, 0},
		{2, 2, 0},	      /* twice */
		{1, 2, 0},	      /* old */
		{0, 2, 0},	      /* none */
		{5, 3, 2}, {4, 3, 2}, /* too late: counted as lost */
		{6, 4, 2}, {6 + (UINT64_C(1) << 62), 5, 2 + (UINT64_C(1) << 62) - 1},
	};
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	world_peer(w, 2)->is_stopped = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		beat_with_seq(w, rows[i].seq);
		assert_int_equal(world_seen(w, 2)->received, rows[i].received);
		assert_int_equal(world_seen(w, 2)->lost, rows[i].lost);
	}
	world_free(w);
}

static void the_greatest_number_is_followed_by_one(void **state)
{
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	world_peer(w, 2)->is_stopped = true;
	beat_with_seq(w, UINT64_MAX - 1);
	beat_with_seq(w, UINT64_MAX);
	beat_with_seq(w, 1);
	assert_int_equal(world_seen(w, 2)->lost, 0);
	beat_with_seq(w, UINT64_MAX); /* old now */
	beat_with_seq(w, 3);
	assert_int_equal(world_seen(w, 2)->received, 4);
	assert_int_equal(world_seen(w, 2)->lost, 1);
	world_free(w);
}

static void our_own_numbers_go_on_when_sent(void **state)
{
	struct world *w = world_new(SETTINGS, 0);
	struct message_heartbeat beat, again;

	(void)state;
	heart_fill(w->heart, w->now_ms, &beat);
	heart_fill(w->heart, w->now_ms, &again);
	assert_int_equal(beat.seq, 1);
	assert_memory_equal(&beat, &again, sizeof(beat));
	heart_sent(w->heart, w->now_ms);
	heart_fill(w->heart, w->now_ms, &again);
	assert_int_equal(again.seq, 2);
	assert_int_equal(beat.keepalive_ms, 1000);
	assert_int_equal(beat.deadtime_ms, 10000);
	assert_int_equal(beat.disk_age_ms, UINT32_MAX);
	assert_int_equal(beat.config_hash, config_hash(&w->config));
	assert_string_equal(beat.version, PACKAGE_VERSION);
	world_free(w);
}

static void delay_is_above_the_fastest(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	struct world_peer *peer = world_peer(w, 2);

	(void)state;
	world_run(w, 30000);
	assert_int_equal(world_seen(w, 2)->delay_ms, 0);
	assert_true(world_seen(w, 2)->jitter_ms < 0.001);
	peer->delay_ms = 41;
	world_run(w, 1000);
	assert_int_equal(world_seen(w, 2)->delay_ms, 40);
	/* One step of 40 ms counts a sixteenth (RFC 3550). */
	assert_true(world_seen(w, 2)->jitter_ms > 2.49 && world_seen(w, 2)->jitter_ms < 2.51);
	/* After two windows the new way is the normal one, as with a clock that drifts. */
	world_run(w, 150000);
	assert_int_equal(world_seen(w, 2)->delay_ms, 0);
	assert_int_equal(world_seen(w, 2)->delays.max_ms, 40);
	assert_true(world_seen(w, 2)->delays.counts[0] > 30);
	assert_in_range(world_seen(w, 2)->delays.counts[5], 60, 120); /* up to 50 ms */
	assert_int_equal(world_seen(w, 2)->delays.counts[6], 0);
	assert_true(world_seen(w, 2)->jitter_ms < 0.1);
	world_free(w);
}

static void a_senders_clock_may_say_anything(void **state)
{
	static const int64_t offsets[] = {INT64_MIN / 2, -5000000, 0, INT64_C(1) << 60,
					  INT64_MAX / 2};
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		world_peer(w, 2)->clock_offset_ms = offsets[i];
		world_run(w, 5000);
		assert_int_equal(world_state(w, 2), HEART_ACTIVE);
	}
	world_free(w);
}

static void lateness_is_counted_behind_the_senders_keepalive(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	struct world_peer *peer = world_peer(w, 2);
	const struct heart_histogram *lateness = &world_seen(w, 2)->lateness;

	(void)state;
	world_run(w, 10500);
	assert_int_equal(lateness->counts[0], 10);
	peer->delay_ms += 150;
	world_run(w, 1000);
	assert_int_equal(lateness->counts[7], 1); /* up to 200 ms */
	assert_int_equal(lateness->max_ms, 150);
	world_run(w, 1000);
	assert_int_equal(lateness->counts[7], 1);
	peer->is_stopped = true;
	world_run(w, 3000);
	peer->is_stopped = false;
	world_run(w, 1000);
	assert_int_equal(lateness->counts[11], 1); /* up to 5 s */
	assert_int_equal(lateness->max_ms, 3000);
	assert_int_equal(world_seen(w, 2)->dead_count, 0);
	peer->is_stopped = true;
	world_run(w, 30000);
	assert_int_equal(world_seen(w, 2)->dead_count, 1);
	assert_int_equal(world_seen(w, 2)->last.seq, peer->beat.seq);
	assert_true(heart_bucket_ms[7] == 200 && heart_bucket_ms[11] == 5000);
	assert_true(heart_bucket_ms[HEART_BUCKETS - 1] == INT64_MAX);
	world_free(w);
}

static void a_deadtime_is_recommended(void **state)
{
	struct world *w = world_new(SETTINGS, 2);
	struct world_peer *peer = world_peer(w, 2);

	(void)state;
	world_run(w, 30000);
	/* 2.2 x token of 1 s, and a keepalive. */
	assert_int_equal(heart_recommended_deadtime_ms(w->heart), 3200);
	peer->is_stopped = true;
	world_run(w, 4000);
	peer->is_stopped = false;
	world_run(w, 1000);
	/* Twice a keepalive and the 4 s that it was late. */
	assert_int_equal(heart_recommended_deadtime_ms(w->heart), 10000);
	/* A peer that says itself that it stood still counts for nothing. */
	peer->is_stopped = true;
	world_run(w, 60000);
	peer->is_stopped = false;
	peer->beat.is_paused = true;
	world_run(w, 1000);
	peer->beat.is_paused = false;
	world_run(w, 3000);
	assert_int_equal(heart_recommended_deadtime_ms(w->heart), 10000);
	/* Nor what we missed ourselves. */
	world_pause(w, 60000);
	world_run(w, 10000);
	assert_int_equal(heart_recommended_deadtime_ms(w->heart), 10000);
	w->view.token_ms = 30000;
	w->view.consensus_ms = 36000;
	world_new_ring(w);
	assert_int_equal(heart_recommended_deadtime_ms(w->heart), 67000);
	world_free(w);
}

static void other_settings_are_told_once(void **state)
{
	struct world *w = world_new(SETTINGS, 2);
	struct config config = w->config;

	(void)state;
	world_peer(w, 2)->beat.config_hash = 4711;
	world_peer(w, 2)->beat.deadtime_ms = 5000;
	world_run(w, 60000);
	assert_int_equal(world_told(w, "node2 runs with other settings than this node (keepalive "
				       "1000 ms and deadtime 5000 ms there, 1000 ms and 10000 ms "
				       "here)"),
			 1);
	assert_int_equal(world_told(w, "other settings"), 1);
	world_peer(w, 2)->beat.config_hash = 4712;
	world_run(w, 60000);
	assert_int_equal(world_told(w, "other settings"), 2);
	/* An old version says nothing of it. */
	world_peer(w, 2)->beat.config_hash = 0;
	config.warntime_ms = 3000;
	heart_configure(w->heart, &config, w->now_ms);
	world_run(w, 60000);
	assert_int_equal(world_told(w, "node3 runs with other settings"), 1);
	assert_int_equal(world_told(w, "other settings"), 3);
	world_free(w);
}

static void a_disk_that_hangs_is_told(void **state)
{
	struct world *w = world_new(SETTINGS, 2);
	struct world_peer *peer = world_peer(w, 2);

	(void)state;
	peer->beat.disk_age_ms = 15000;
	world_run(w, 5000);
	assert_int_equal(world_told(w, "disk"), 0);
	peer->beat.disk_age_ms = 15001;
	world_run(w, 5000);
	assert_int_equal(world_told(w, "The disk of node2 takes no test write since 15.0 s"), 1);
	assert_int_equal(world_state(w, 2), HEART_ACTIVE);
	peer->beat.disk_age_ms = 100;
	world_run(w, 5000);
	assert_int_equal(world_told(w, "The disk of node2 takes test writes again."), 1);
	assert_int_equal(world_told(w, "disk"), 2);
	world_free(w);
}

static void others_are_not_heard(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	struct haops_cluster_message envelope = {.nodeid = 2,
						 .incarnation = 999,
						 .received_ms = w->now_ms,
						 .sent_ms = 5};
	struct message_heartbeat beat = {.seq = 50};
	struct haops_cluster_member other = {.nodeid = 2, .pid = 5, .incarnation = 999};

	(void)state;
	world_run(w, 5000);
	/* Another process of that node; a node that never joined. */
	heart_beat(w->heart, &envelope, &beat, w->now_ms);
	heart_goodbye(w->heart, 2, 999, w->now_ms);
	heart_left(w->heart, &other, HAOPS_CLUSTER_PROCESS_GONE, w->now_ms);
	envelope.nodeid = 9;
	heart_beat(w->heart, &envelope, &beat, w->now_ms);
	heart_goodbye(w->heart, 9, 999, w->now_ms);
	assert_int_equal(heart_peer_count(w->heart), 1);
	assert_int_equal(world_seen(w, 2)->received, 5);
	assert_int_equal(world_state(w, 2), HEART_ACTIVE);
	world_free(w);
}

/* It joined later and is not heard, or it leaves again: the one that beats is the peer. */
static void a_second_process_of_a_node_does_not_hide_the_first(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	struct haops_cluster_member other = {.nodeid = 2,
					     .pid = 5,
					     .incarnation = 999,
					     .is_in_ring = true};

	(void)state;
	world_run(w, 5000);
	heart_joined(w->heart, &other, w->now_ms);
	world_run(w, 2000);
	assert_int_equal(world_state(w, 2), HEART_ACTIVE);
	assert_int_equal(world_seen(w, 2)->pid, 102);
	heart_joined(w->heart, &other, w->now_ms);
	heart_goodbye(w->heart, 2, 999, w->now_ms);
	heart_left(w->heart, &other, HAOPS_CLUSTER_LEFT, w->now_ms);
	assert_int_equal(world_state(w, 2), HEART_LEFT);
	world_run(w, 2000);
	assert_int_equal(world_state(w, 2), HEART_ACTIVE);
	world_free(w);
}

/* What is sent after a goodbye, or was under way when the member left, is void. */
static void the_gone_are_not_heard(void **state)
{
	struct world *w = world_new(SETTINGS, 2);

	(void)state;
	world_run(w, 5000);
	world_goodbye(w, 2);
	world_run(w, 5000);
	assert_int_equal(world_state(w, 2), HEART_LEFT);
	world_send_beat(w, world_peer(w, 3));
	world_leave(w, 3, HAOPS_CLUSTER_NODE_GONE);
	world_run(w, 5000);
	assert_int_equal(world_state(w, 3), HEART_GONE);
	world_free(w);
}

static void a_return_begins_anew(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	const struct heart_peer *peer = world_seen(w, 2);

	(void)state;
	world_run(w, 10500);
	world_leave(w, 2, HAOPS_CLUSTER_NODE_GONE);
	world_run(w, 60000);
	world_join(w, 2, 1000); /* the same incarnation: a partition has healed */
	assert_int_equal(peer->last_ms, 0);
	world_peer(w, 2)->beat.seq = 5000; /* it went on counting */
	world_run(w, 5000);
	assert_int_equal(peer->lost, 0);
	assert_int_equal(peer->returned_count, 1);
	assert_true(peer->received >= 14);
	assert_int_equal(peer->lateness.max_ms, 0);
	world_free(w);
}

static void loss_of_a_node_is_measured(void **state)
{
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	assert_int_equal(heart_detection_ms(w->heart), 0);
	world_run(w, 10500);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 2200);
	world_leave(w, 2, HAOPS_CLUSTER_NODE_GONE);
	assert_int_equal(heart_detection_ms(w->heart), 2200 + 500 - 75);
	/* Corosync is silent for its client meanwhile; and what lasts much longer is our own
	 * trouble. */
	for (int i = 0; i < 2; i++) {
		world_join(w, 2, 5000 + (uint64_t)i);
		world_peer(w, 2)->is_stopped = false;
		world_run(w, 10500);
		world_peer(w, 2)->is_stopped = true;
		world_run(w, 2000);
		world_set_cluster_state(w, HAOPS_CLUSTER_SILENT);
		world_run(w, i == 0 ? 100 : 10000);
		world_leave(w, 2, HAOPS_CLUSTER_NODE_GONE);
		world_set_cluster_state(w, HAOPS_CLUSTER_UP);
		assert_in_range(heart_detection_ms(w->heart), 2100, 3100);
		world_run(w, 10500);
	}
	world_free(w);
}

/* Corosync alone stood still: haopsd sees no pause of its own. The ring needs 2.2 s here, and 3 s
 * are conceded. Corosync tells who is missing before or after our own heartbeats come back. */
static void what_our_corosync_missed_blames_nobody(void **state)
{
	struct world *w = world_new(SETTINGS, 4);

	(void)state;
	world_run(w, 30500);
	world_stall(w, 2200);
	world_run(w, 2201);
	world_leave(w, 2, HAOPS_CLUSTER_NODE_GONE);
	assert_int_equal(world_told(w, "node2 is lost: it was powered off"), 1);
	world_run(w, 10000);
	/* Its own silence is none of ours. */
	world_peer(w, 3)->is_stopped = true;
	world_run(w, 8000);
	world_leave(w, 3, HAOPS_CLUSTER_NODE_GONE);
	assert_int_equal(world_told(w, "node3 is lost: it was powered off"), 1);
	world_peer(w, 5)->is_stopped = true;
	world_stall(w, 6000);
	world_run(w, 5999);
	world_leave(w, 4, HAOPS_CLUSTER_NODE_GONE);
	world_run(w, 1000);
	assert_int_equal(heart_own_flags(w->heart) & HEART_OWN_PAUSED, 0);
	world_leave(w, 5, HAOPS_CLUSTER_GHOST);
	assert_int_equal(world_told(w, "may be we who were away, for Corosync of this node "
				       "delivered nothing for 6"),
			 2);
	assert_int_equal(world_told(w, " is lost: "), 2);
	world_free(w);
}

static void our_own_entry_is_none(void **state)
{
	struct config config;
	struct haops_cluster_member own = {.nodeid = 1, .incarnation = 1, .is_in_ring = true};
	struct haops_cluster_view view = {.state = HAOPS_CLUSTER_UP, .nodeid = 1, .trouble = ""};
	struct heart *heart;

	(void)state;
	config_defaults(&config);
	heart = heart_new(&config, 1000, NULL, NULL);
	assert_non_null(heart);
	/* The first join comes before the first view. */
	heart_joined(heart, &own, 1000);
	heart_view(heart, &view, 1000);
	heart_joined(heart, &own, 1000);
	assert_int_equal(heart_peer_count(heart), 0);
	(void)heart_tick(heart, 1000);
	heart_free(heart);
}

static void the_table_is_bounded_and_ordered(void **state)
{
	struct world *w = world_new(SETTINGS, 0);
	struct haops_cluster_member member = {.is_in_ring = true};

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		member.nodeid = 2 + i * 7919 % 3000;
		member.incarnation = i + 1;
		heart_joined(w->heart, &member, w->now_ms + i);
		if (i % 3 != 0)
			heart_left(w->heart, &member, HAOPS_CLUSTER_LEFT, w->now_ms + i);
		assert_true(heart_peer_count(w->heart) <= 128);
	}
	assert_int_equal(heart_peer_count(w->heart), 128);
	for (size_t i = 1; i < 128; i++)
		assert_true(heart_peer_at(w->heart, i - 1)->nodeid <
			    heart_peer_at(w->heart, i)->nodeid);
	assert_null(heart_peer_at(w->heart, 128));
	world_free(w);
}

/* Down and up each second for ten minutes: a few sentences, then one per minute, then the end. */
static void a_peer_that_flaps_does_not_flood(void **state)
{
	struct world *w = world_new(SETTINGS, 2);
	size_t before;

	(void)state;
	world_run(w, 10000);
	for (uint64_t i = 0; i < 600; i++) {
		world_leave(w, 2, HAOPS_CLUSTER_PROCESS_GONE);
		world_run(w, 500);
		world_join(w, 2, 5000 + i);
		world_run(w, 500);
	}
	assert_in_range(w->event_count, 10, 25);
	assert_in_range(world_told(w, "node2 changes again and again"), 9, 11);
	assert_int_equal(world_seen(w, 2)->returned_count, 600);
	world_run(w, 20000);
	assert_int_equal(world_told(w, "it is active since"), world_told(w, "node2 changes"));
	before = w->event_count;
	/* Quiet for long: single sentences again. */
	world_run(w, 300000);
	assert_int_equal(w->event_count, before);
	world_leave(w, 2, HAOPS_CLUSTER_LEFT);
	assert_int_equal(w->event_count, before + 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_followed),
		cmocka_unit_test(the_greatest_number_is_followed_by_one),
		cmocka_unit_test(our_own_numbers_go_on_when_sent),
		cmocka_unit_test(delay_is_above_the_fastest),
		cmocka_unit_test(a_senders_clock_may_say_anything),
		cmocka_unit_test(lateness_is_counted_behind_the_senders_keepalive),
		cmocka_unit_test(a_deadtime_is_recommended),
		cmocka_unit_test(other_settings_are_told_once),
		cmocka_unit_test(a_disk_that_hangs_is_told),
		cmocka_unit_test(others_are_not_heard),
		cmocka_unit_test(a_second_process_of_a_node_does_not_hide_the_first),
		cmocka_unit_test(the_gone_are_not_heard),
		cmocka_unit_test(a_return_begins_anew),
		cmocka_unit_test(loss_of_a_node_is_measured),
		cmocka_unit_test(what_our_corosync_missed_blames_nobody),
		cmocka_unit_test(our_own_entry_is_none),
		cmocka_unit_test(the_table_is_bounded_and_ordered),
		cmocka_unit_test(a_peer_that_flaps_does_not_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
