/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the heartbeat core says of ourselves: lag, disk, settings that change, and who is handed to
 * fencing. Pauses, echo and carrier: test_heart.c. */
#include "heart_world.h"

#include "unit.h"

#define SETTINGS "keepalive 200ms\ndeadtime 5\nwarntime 2\ndisk_path off\n"
#define FENCING "keepalive 200ms\ndeadtime 5\ndisk_path off\nfence_silent on\nfence_after 8\n"

static void own_lag_is_told_and_blames_nobody(void **state)
{
	struct world *w = world_new(SETTINGS, 2);
	struct message_heartbeat beat;

	(void)state;
	world_run(w, 30000);
	world_pause(w, 700); /* above the keepalive and below a pause */
	world_run(w, 0);
	assert_false(w->was_pause);
	assert_int_equal(heart_own_flags(w->heart), HEART_OWN_LAGGING);
	heart_fill(w->heart, w->now_ms, &beat);
	assert_true(world_told(w, "haopsd of this node cannot keep up: it ran") == 1);
	for (int i = 0; i < 20; i++) {
		world_pause(w, 700);
		world_run(w, 10);
	}
	assert_int_equal(world_told(w, "cannot keep up"), 1);
	assert_int_equal(world_told(w, "late"), 1);
	world_run(w, 3000);
	assert_int_equal(heart_own_flags(w->heart), 0);
	assert_int_equal(world_told(w, "haopsd of this node keeps up again"), 1);
	world_free(w);
}

static void lag_is_in_the_next_heartbeat(void **state)
{
	struct world *w = world_new(SETTINGS, 0);
	struct message_heartbeat beat;

	(void)state;
	world_run(w, 10000);
	w->beat_due_ms = INT64_MAX / 2;
	world_pause(w, 900);
	world_run(w, 0);
	heart_fill(w->heart, w->now_ms, &beat);
	assert_in_range(beat.lag_ms, 400, 900);
	heart_sent(w->heart, w->now_ms);
	heart_fill(w->heart, w->now_ms, &beat);
	assert_int_equal(beat.lag_ms, 0);
	world_free(w);
}

static void a_verdict_waits_until_we_keep_up(void **state)
{
	struct world *w = world_new(SETTINGS, 2);

	(void)state;
	world_run(w, 30000);
	world_peer(w, 2)->is_stopped = true;
	for (int i = 0; i < 40; i++) {
		world_pause(w, 400);
		world_run(w, 10);
	}
	assert_int_equal(world_state(w, 2), HEART_HELD);
	assert_int_equal(world_told(w, "not declared dead: haopsd of this node cannot keep up."),
			 1);
	world_run(w, 5000);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	assert_int_equal(world_state(w, 3), HEART_ACTIVE);
	world_free(w);
}

/* Corosync lets us be a member, and takes nothing. */
static void heartbeats_that_are_not_taken_are_told(void **state)
{
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	world_run(w, 30000);
	w->beat_due_ms = INT64_MAX / 2;
	world_run(w, 10000);
	assert_int_equal(heart_own_flags(w->heart), HEART_OWN_NO_ECHO);
	assert_int_equal(world_told(w, "No heartbeat of ours could be handed to Corosync for"), 1);
	assert_int_equal(world_told(w, "Corosync takes nothing here, and no peer is blamed"), 1);
	world_free(w);
}

static void an_overdue_test_write_is_told(void **state)
{
	struct world *w = world_new("deadtime 10\ndisk_path /var/lib/haops\ndisk_interval 5\n", 0);
	struct message_heartbeat beat;

	(void)state;
	for (int i = 0; i < 10; i++) {
		world_run(w, 5000);
		heart_disk(w->heart, w->now_ms);
	}
	world_run(w, 15000);
	assert_false(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW);
	world_run(w, 1000);
	assert_true(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW);
	assert_int_equal(world_told(w, "The test write to /var/lib/haops has not reached the disk "
				       "for 15"),
			 1);
	heart_fill(w->heart, w->now_ms, &beat);
	assert_int_equal(beat.disk_age_ms, 16000);
	heart_disk(w->heart, w->now_ms - 100);
	world_run(w, 1000);
	assert_false(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW);
	assert_int_equal(world_told(w, "Test writes reach the disk again"), 1);
	world_pause(w, 60000);
	world_turn(w);
	assert_false(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW);
	heart_fill(w->heart, w->now_ms, &beat);
	assert_in_range(beat.disk_age_ms, 0, 100);
	world_free(w);
}

static void the_test_write_can_be_turned_on_and_off(void **state)
{
	struct world *w = world_new("deadtime 10\ndisk_path off\n", 0);
	struct config config = w->config;

	(void)state;
	world_run(w, 100000);
	config.disk_path[0] = '/';
	heart_configure(w->heart, &config, w->now_ms);
	world_run(w, 14000);
	assert_int_equal(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW, 0);
	world_run(w, 2000);
	assert_int_equal(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW, HEART_OWN_DISK_SLOW);
	config.disk_path[0] = '\0';
	heart_configure(w->heart, &config, w->now_ms);
	world_run(w, 1000);
	assert_int_equal(heart_own_flags(w->heart) & HEART_OWN_DISK_SLOW, 0);
	world_free(w);
}

static void a_ghost_in_the_list_does_not_hold_for_ever(void **state)
{
	struct world *w = world_new("keepalive 1\ndeadtime 10\ndisk_path off\n", 2);

	(void)state;
	world_run(w, 60000);
	world_leave(w, 3, HAOPS_CLUSTER_GHOST);
	/* Corosync still lists it: never settled by that measure. */
	w->view.is_settled = false;
	w->view.ring.seq = w->view.quorum_ring.seq = 44;
	world_set_cluster_state(w, HAOPS_CLUSTER_UP);
	world_run(w, 1000);
	assert_true(heart_own_flags(w->heart) & HEART_OWN_SETTLING);
	world_run(w, 4000);
	assert_int_equal(heart_own_flags(w->heart), 0);
	assert_true(heart_proof_ms(w->heart) > w->now_ms - 3000);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 13000);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	world_free(w);
}

static void other_settings_count_at_once(void **state)
{
	struct world *w = world_new(SETTINGS, 1);
	struct config config = w->config;
	char error[CONFIG_ERROR_MAX];

	(void)state;
	world_run(w, 30000);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 5500);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	/* More time: what was said is taken back, until that has passed, too. */
	assert_int_equal(config_assign("deadtime 20", &config, error), 0);
	heart_configure(w->heart, &config, w->now_ms);
	world_run(w, 1000);
	assert_int_equal(world_state(w, 2), HEART_LATE);
	world_run(w, 14500);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	assert_int_equal(config_assign("deadtime 2", &config, error), 0);
	heart_configure(w->heart, &config, w->now_ms);
	world_peer(w, 2)->is_stopped = false;
	world_run(w, 1000);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 2600);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	world_free(w);
}

static void own_troubles_do_not_flood(void **state)
{
	struct world *w = world_new(SETTINGS, 1);

	(void)state;
	for (int i = 0; i < 300; i++) {
		world_pause(w, 1500);
		world_run(w, 500);
	}
	assert_in_range(w->event_count, 10, 40);
	assert_true(world_told(w, "The state of this node changes again and again:") >= 8);
	world_run(w, 15000);
	assert_int_equal(heart_own_flags(w->heart), 0);
	assert_int_equal(heart_pause_count(w->heart), 300);
	assert_int_equal(world_told(w, "silent:"), 0);
	world_free(w);
}

/* Heartbeats of two nodes come at different times: when both are lost to us, and no ping target has
 * answered for long, the first whose time is over is not blamed before the other's is. */
static void the_first_of_all_is_not_blamed_without_ping_targets(void **state)
{
	struct world *w = world_new("keepalive 1\ndeadtime 5\nwarntime 2\nconvergence_time 0\n"
				    "disk_path off\n",
				    2);

	(void)state;
	world_run(w, 30000);
	heart_pings(w->heart, 2, 2, w->now_ms);
	heart_pings(w->heart, 0, 2, w->now_ms);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 1500);
	world_peer(w, 3)->is_stopped = true;
	world_run(w, 7000);
	assert_int_equal(world_told(w, "silent: no"), 0);
	assert_int_equal(world_state(w, 2), HEART_HELD);
	assert_int_equal(world_state(w, 3), HEART_HELD);
	assert_int_equal(heart_own_flags(w->heart), HEART_OWN_ISOLATED);
	/* Whoever is heard tells that it is not we. */
	world_peer(w, 3)->is_stopped = false;
	world_run(w, 3000);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	assert_int_equal(world_state(w, 3), HEART_ACTIVE);
	world_free(w);
}

static void texts_fit(void **state)
{
	char text[512], small[8];

	(void)state;
	heart_own_text(0, text, sizeof(text));
	assert_string_equal(text, "");
	heart_own_text(HEART_OWN_PAUSED | HEART_OWN_ISOLATED, text, sizeof(text));
	assert_string_equal(text, "this node stood still and has not recovered yet; this node is "
				  "the isolated one");
	for (size_t size = 1; size <= sizeof(text); size++) {
		heart_own_text(~0u, text, size);
		assert_true(strlen(text) < size);
	}
	heart_own_text(~0u, small, sizeof(small));
	assert_string_equal(small, "this no");
	assert_string_equal(heart_state_name(HEART_SILENT), "silent");
	assert_string_equal(heart_state_name((enum heart_peer_state)99), "unknown");
}

/* The targets are beyond the switch that computes its tree anew. */
static void the_return_of_ping_targets_holds_for_convergence_time(void **state)
{
	struct world *w = world_new(SETTINGS "convergence_time 45\n", 2);

	(void)state;
	heart_pings(w->heart, 2, 2, w->now_ms);
	world_run(w, 30000);
	assert_int_equal(heart_own_flags(w->heart), 0);
	heart_pings(w->heart, 0, 2, w->now_ms);
	world_run(w, 46000);
	assert_int_equal(heart_own_flags(w->heart), 0);
	assert_int_equal(world_told(w, "not steady: no ping target answers any more"), 1);
	heart_pings(w->heart, 1, 2, w->now_ms);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 1000);
	heart_pings(w->heart, 2, 2, w->now_ms); /* the second one's is no news */
	world_run(w, 43900);
	assert_int_equal(heart_own_flags(w->heart), HEART_OWN_CONVERGING);
	assert_int_equal(world_told(w, "not steady: a carrier or a ping target is back"), 1);
	assert_int_equal(world_state(w, 2), HEART_HELD);
	world_run(w, 1100);
	assert_int_equal(heart_own_flags(w->heart), 0);
	assert_int_equal(world_state(w, 2), HEART_SILENT);
	world_free(w);
}

/* Fencing ------------------------------------------------------------------------------------- */

static struct world *silent_world(const char *settings)
{
	struct world *w = world_new(settings, 3);

	heart_pings(w->heart, 1, 1, w->now_ms);
	world_run(w, 30000);
	world_peer(w, 4)->is_stopped = true;
	world_run(w, 5500);
	assert_int_equal(world_state(w, 4), HEART_SILENT);
	return w;
}

static void agree(struct world *w, uint32_t nodeid, uint32_t silent)
{
	struct world_peer *peer = world_peer(w, nodeid);

	peer->beat.silent_count = silent ? 1 : 0;
	peer->beat.silent[0] = silent;
	world_run(w, 400);
}

static void all_others_agree_before_fencing(void **state)
{
	struct world *w = silent_world(FENCING);

	(void)state;
	agree(w, 2, 4);
	world_run(w, 5000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0); /* node3 hears it */
	agree(w, 3, 4);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 4);
	agree(w, 3, 2);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	world_free(w);
}

static void fence_after_is_waited_for(void **state)
{
	struct world *w = silent_world(FENCING);
	int64_t heard_ms = world_seen(w, 4)->last_ms;

	(void)state;
	agree(w, 2, 4);
	agree(w, 3, 4);
	assert_int_equal(heart_fence_candidate(w->heart, heard_ms + 7999), 0);
	assert_int_equal(heart_fence_candidate(w->heart, heard_ms + 8000), 4);
	world_free(w);
}

static void fencing_is_off_by_default(void **state)
{
	struct world *w = silent_world(SETTINGS);

	(void)state;
	agree(w, 2, 4);
	agree(w, 3, 4);
	world_run(w, 60000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	world_free(w);
}

static void own_trouble_fences_nobody(void **state)
{
	struct world *w = silent_world(FENCING);

	(void)state;
	agree(w, 2, 4);
	agree(w, 3, 4);
	world_run(w, 5000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 4);
	w->view.is_quorate = false;
	world_set_cluster_state(w, HAOPS_CLUSTER_UP);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	w->view.is_quorate = true;
	world_set_cluster_state(w, HAOPS_CLUSTER_UP);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 4);
	heart_pings(w->heart, 0, 1, w->now_ms);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	heart_pings(w->heart, 1, 1, w->now_ms);
	heart_carrier(w->heart, false, w->now_ms);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	heart_carrier(w->heart, true, w->now_ms);
	world_run(w, 1000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0); /* converging */
	world_run(w, 60000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 4);
	world_pause(w, 3000);
	world_run(w, 0);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	world_free(w);
}

static void a_peer_that_is_only_late_blocks_fencing(void **state)
{
	struct world *w = silent_world(FENCING);

	(void)state;
	agree(w, 2, 4);
	agree(w, 3, 4);
	world_run(w, 5000);
	world_peer(w, 3)->is_stopped = true;
	world_run(w, 3500);
	assert_int_equal(world_state(w, 3), HEART_LATE);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	world_run(w, 3000);
	/* Two silent of four, and node2 takes one of them for silent: that one. */
	assert_int_equal(world_state(w, 3), HEART_SILENT);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 4);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 6000);
	/* We against three. */
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	world_free(w);
}

static void the_lowest_healthy_node_fences(void **state)
{
	struct world *w = world_new(FENCING, 2);
	struct haops_cluster_member low = {.nodeid = 7,
					   .pid = 7,
					   .incarnation = 7,
					   .is_in_ring = true};

	(void)state;
	/* We are node 9 here: node 7 is below us. */
	w->view.nodeid = 9;
	heart_view(w->heart, &w->view, w->now_ms);
	heart_joined(w->heart, &low, w->now_ms);
	world_join(w, 7, 7);
	world_run(w, 30000);
	world_peer(w, 2)->is_stopped = true;
	world_run(w, 10000);
	agree(w, 3, 2);
	agree(w, 7, 2);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 0);
	/* Those below are not well by their own word: ours to do. */
	world_peer(w, 3)->beat.has_carrier = false;
	world_peer(w, 7)->beat.is_paused = true;
	world_run(w, 1000);
	assert_int_equal(heart_fence_candidate(w->heart, w->now_ms), 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_lag_is_told_and_blames_nobody),
		cmocka_unit_test(lag_is_in_the_next_heartbeat),
		cmocka_unit_test(a_verdict_waits_until_we_keep_up),
		cmocka_unit_test(heartbeats_that_are_not_taken_are_told),
		cmocka_unit_test(an_overdue_test_write_is_told),
		cmocka_unit_test(the_test_write_can_be_turned_on_and_off),
		cmocka_unit_test(a_ghost_in_the_list_does_not_hold_for_ever),
		cmocka_unit_test(other_settings_count_at_once),
		cmocka_unit_test(own_troubles_do_not_flood),
		cmocka_unit_test(the_return_of_ping_targets_holds_for_convergence_time),
		cmocka_unit_test(the_first_of_all_is_not_blamed_without_ping_targets),
		cmocka_unit_test(texts_fit),
		cmocka_unit_test(all_others_agree_before_fencing),
		cmocka_unit_test(fence_after_is_waited_for),
		cmocka_unit_test(fencing_is_off_by_default),
		cmocka_unit_test(own_trouble_fences_nobody),
		cmocka_unit_test(a_peer_that_is_only_late_blocks_fencing),
		cmocka_unit_test(the_lowest_healthy_node_fences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
