/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole membership with a stand-in for Corosync: what the caller sees when it is slow, busy,
 * silent, gone, or lies. */
#include "cluster_seat.h"

static void test_options_are_checked(void **state)
{
	struct seat *seat = *state;
	static const char too_long[129] = {[0 ... 127] = 'g'};
	const struct haops_cluster_options wrong[] = {
		{.group = ""},
		{.group = NULL},
		{.group = too_long},
		{.group = "g", .queue_max = 65537},
		{.group = "g", .unechoed_max = 129},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(haops_cluster_join(seat->ctx, &wrong[i], NULL, NULL,
						    &seat->cluster),
				 -EINVAL);
	assert_int_equal(haops_cluster_join(seat->ctx, NULL, NULL, NULL, &seat->cluster), -EINVAL);
	assert_int_equal(haops_cluster_join(NULL, &options, NULL, NULL, &seat->cluster), -EINVAL);
	assert_null(seat->cluster);
	assert_true(strlen(haops_ctx_error(seat->ctx)) > 0);
	assert_int_equal(haops_cluster_leave(NULL, 0), 0);
}

static void test_joins_sends_leaves(void **state)
{
	struct seat *seat = *state;
	const struct haops_cluster_view *view;
	uint64_t seq = 0;

	join_up(seat);
	view = haops_cluster_get_view(seat->cluster);
	assert_int_equal(view->nodeid, FAKE_NODEID);
	assert_int_equal(view->member_count, 1);
	assert_string_equal(view->members[0].name, "one");
	WAIT_FOR(seat, view->members[0].incarnation == view->incarnation && view->is_settled);
	assert_string_equal(seat->trouble, "");
	assert_int_equal(haops_cluster_send(seat->cluster, "hello", 5, 0, &seq), 0);
	assert_int_equal(seq, 1);
	WAIT_FOR(seat, seat->sent_ok == 1);
	assert_true(seat->was_own && seat->was_quorate);
	assert_string_equal(seat->text, "hello");
	WAIT_FOR(seat, haops_cluster_stuck_ms(seat->cluster) == 0);
	assert_int_equal(leave(seat, 5000), 0);
	assert_int_equal(seat->fake->leaves, 1);
	assert_int_equal(seat->fake->closes, 1);
}

static void test_arguments_are_checked(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	assert_int_equal(haops_cluster_send(seat->cluster, NULL, 1, 0, NULL), -EINVAL);
	assert_int_equal(haops_cluster_send(seat->cluster, "x", 1, 2, NULL), -EINVAL);
	assert_int_equal(haops_cluster_send(seat->cluster, "x", HAOPS_CLUSTER_MESSAGE_MAX + 1, 0,
					    NULL),
			 -EINVAL);
	assert_int_equal(haops_cluster_dispatch(seat->cluster, 0), -EINVAL);
	assert_int_equal(haops_cluster_send(seat->cluster, NULL, 0, 0, NULL), 0);
	WAIT_FOR(seat, seat->sent_ok == 1);
}

static void test_dispatch_handles_no_more_than_asked(void **state)
{
	struct seat *seat = *state;
	struct pollfd fd;
	int before;

	join_up(seat);
	WAIT_FOR(seat, haops_cluster_get_view(seat->cluster)->is_settled);
	assert_int_equal(send_text(seat, "m", 0), 0);
	fd = (struct pollfd){.fd = haops_cluster_fd(seat->cluster), .events = POLLIN};
	before = seat->messages + seat->sent_ok;
	while (seat->messages + seat->sent_ok < before + 2) {
		int sum = seat->messages + seat->sent_ok + seat->views;

		assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
		if (haops_cluster_dispatch(seat->cluster, 1) == 1)
			assert_int_equal(seat->messages + seat->sent_ok + seat->views, sum + 1);
	}
}

static void test_corosync_is_not_there(void **state)
{
	struct seat *seat = *state;

	seat->fake->open_result = -ENOTCONN;
	join(seat, &options);
	assert_int_equal(send_text(seat, "v", HAOPS_CLUSTER_VOLATILE), -ENOTCONN);
	assert_int_equal(haops_cluster_ask_links(seat->cluster), -ENOTCONN);
	assert_int_equal(send_text(seat, "kept", 0), 0);
	WAIT_FOR(seat, seat->fake->opens > 3);
	assert_int_equal(seat->state, HAOPS_CLUSTER_DOWN);
	assert_non_null(strstr(seat->trouble, "does not run"));
	seat->fake->open_result = 0;
	WAIT_FOR(seat, seat->sent_ok == 1);
	assert_string_equal(seat->text, "kept");
}

static void test_reasons_are_told(void **state)
{
	struct seat *seat = *state;

	seat->fake->open_result = -EACCES;
	join(seat, &options);
	WAIT_FOR(seat, strstr(seat->trouble, "refuses this user"));
	seat->fake->open_result = -EPERM;
	WAIT_FOR(seat, strstr(seat->trouble, "in the place of Corosync"));
	seat->fake->join_result = -EEXIST;
	seat->fake->open_result = 0;
	WAIT_FOR(seat, strstr(seat->trouble, "already"));
	assert_int_equal(seat->state, HAOPS_CLUSTER_JOINING);
	assert_int_equal(leave(seat, 1000), -ENOTCONN);
}

static void test_sent_again_after_a_crash(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->holds = true;
	assert_int_equal(send_text(seat, "kept", 0), 0);
	assert_int_equal(send_text(seat, "gone", HAOPS_CLUSTER_VOLATILE), 0);
	WAIT_FOR(seat, seat->fake->under_way >= 2);
	seat->fake->open_result = -ENOTCONN;
	fake_die();
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_DOWN);
	WAIT_FOR(seat, seat->sent_bad == 1);
	assert_int_equal(seat->last_result, -ECONNRESET);
	fake_release();
	seat->fake->open_result = 0;
	WAIT_FOR(seat, seat->sent_ok == 1);
	assert_string_equal(seat->text, "kept");
	assert_int_equal(seat->messages, 1);
	assert_int_equal(seat->joined, 1); /* we were the same all the time */
	assert_int_equal(seat->left, 0);
	assert_int_equal(seat->fake->opens, seat->fake->closes + 1);
}

/* After a restart Corosync is alone and without quorum at first. */
static void test_waits_for_quorum_after_a_restart(void **state)
{
	struct seat *seat = *state;
	int sends;

	join_up(seat);
	seat->fake->is_inquorate = true;
	fake_die();
	assert_int_equal(send_text(seat, "kept", 0), 0);
	WAIT_FOR(seat, seat->fake->joins == 2 && seat->state == HAOPS_CLUSTER_UP);
	WAIT_FOR(seat, !haops_cluster_get_view(seat->cluster)->is_quorate);
	sends = seat->fake->sends;
	fake_peer((struct group_address){.nodeid = 2, .pid = 5}, true, GROUP_LEAVE);
	WAIT_FOR(seat, seat->fake->sends > sends); /* a hello, and nothing else */
	assert_int_equal(seat->messages, 0);
	fake_ring(8, 2, true);
	WAIT_FOR(seat, seat->sent_ok == 1);
	assert_true(seat->was_quorate);
}

static void test_goes_on_without_quorum_in_the_end(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->is_inquorate = true;
	fake_die();
	assert_int_equal(send_text(seat, "kept", 0), 0);
	WAIT_FOR(seat, seat->sent_ok == 1); /* token + consensus + 2 s */
	assert_false(seat->was_quorate);
}

static void test_unechoed_are_bounded(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->holds = true;
	for (int i = 0; i < 8; i++)
		assert_int_equal(send_text(seat, "m", 0), 0);
	assert_int_equal(send_text(seat, "m", 0), -EAGAIN);
	assert_non_null(strstr(haops_ctx_error(seat->ctx), "8 messages wait"));
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_SILENT);
	assert_true(seat->fake->under_way <= 5); /* and a probe */
	fake_release();
	WAIT_FOR(seat, seat->sent_ok == 8);
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_UP);
	assert_true(seat->fake->under_way_max <= 5);
	assert_int_equal(seat->messages, 8);
}

static void test_volatile_is_not_kept_over_a_silence(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->holds = true;
	for (int i = 0; i < 6; i++)
		assert_int_equal(send_text(seat, "m", HAOPS_CLUSTER_VOLATILE), 0);
	WAIT_FOR(seat, seat->sent_bad == 2);
	assert_int_equal(seat->last_result, -ETIMEDOUT);
	fake_release();
	WAIT_FOR(seat, seat->sent_ok == 4);
}

static void test_busy_is_tried_again(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->send_again = 5;
	assert_int_equal(send_text(seat, "m", 0), 0);
	WAIT_FOR(seat, seat->sent_ok == 1);
	assert_int_equal(seat->fake->send_again, 0);
	assert_int_equal(seat->fake->closes, 0);
}

static void test_lost_without_a_word(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->send_losses = 1;
	assert_int_equal(send_text(seat, "lost", 0), 0);
	WAIT_FOR(seat, seat->fake->send_losses == 0);
	assert_int_equal(send_text(seat, "next", 0), 0);
	WAIT_FOR(seat, seat->sent_ok == 2);
	assert_int_equal(seat->messages, 2);
	assert_string_equal(seat->text, "lost");
	assert_non_null(strstr(seat->log, "lost 1 of our messages"));
}

static void test_silence_is_noticed_without_traffic(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->holds = true;
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_SILENT);
	assert_non_null(strstr(seat->trouble, "not come back"));
	fake_release();
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_UP);
}

static void test_a_call_that_hangs(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->blocks = true;
	assert_int_equal(send_text(seat, "m", 0), 0);
	WAIT_FOR(seat, haops_cluster_stuck_ms(seat->cluster) > 0);
	/* That these return is the proof: the call does not, before it is told to. */
	assert_true(haops_cluster_dispatch(seat->cluster, 8) >= 0);
	assert_int_equal(haops_cluster_ask_links(seat->cluster), 0);
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_SILENT);
	assert_true(haops_cluster_stuck_ms(seat->cluster) >= SILENT_MS);
	assert_non_null(strstr(seat->trouble, "does not return"));
	fake_unblock();
	WAIT_FOR(seat, seat->sent_ok == 1 && seat->links == 1);
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_UP);
}

static void test_leave_keeps_its_deadline(void **state)
{
	struct seat *seat = *state;
	int64_t began_ms;

	join_up(seat);
	seat->fake->blocks = true;
	assert_int_equal(send_text(seat, "m", 0), 0);
	WAIT_FOR(seat, haops_cluster_stuck_ms(seat->cluster) > 0);
	began_ms = now_ms();
	assert_int_equal(leave(seat, 200), -ETIMEDOUT);
	assert_true(now_ms() - began_ms < WAIT_MS);
	assert_int_equal(seat->last_result, -ECANCELED);
	/* The thread that was left behind ends by itself. */
	fake_unblock();
	began_ms = now_ms();
	while (seat->fake->closes == 0) {
		assert_true(now_ms() - began_ms < WAIT_MS);
		(void)poll(NULL, 0, 1);
	}
}

static void test_leave_sends_what_waits(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	for (int i = 0; i < 8; i++)
		assert_int_equal(send_text(seat, "m", 0), 0);
	assert_int_equal(leave(seat, 5000), 0);
	assert_int_equal(seat->sent_ok, 8);
}

static void test_leave_without_echo(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->holds = true;
	assert_int_equal(send_text(seat, "m", 0), 0);
	assert_int_equal(leave(seat, 100), -ETIMEDOUT);
	assert_int_equal(seat->sent_bad, 1);
	assert_int_equal(seat->last_result, -ECANCELED);
}

static const struct group_address peer = {.nodeid = 2, .pid = 77};

static void peer_says(unsigned int kind, uint64_t incarnation, uint64_t seq, const char *body)
{
	const struct envelope envelope = {.kind = kind,
					  .incarnation = incarnation,
					  .seq = seq,
					  .body_len = strlen(body)};
	uint8_t data[256];

	envelope_encode(&envelope, data);
	memcpy(data + ENVELOPE_LEN, body, strlen(body));
	fake_message(peer, data, ENVELOPE_LEN + strlen(body));
}

static void test_a_peer_comes_speaks_and_goes(void **state)
{
	struct seat *seat = *state;
	int sends;

	join_up(seat);
	sends = seat->fake->sends;
	fake_peer(peer, true, GROUP_LEAVE);
	fake_ring(8, 2, true);
	WAIT_FOR(seat, seat->fake->sends > sends); /* we say hello */
	assert_int_equal(seat->joined, 1);
	peer_says(ENVELOPE_USER, 5, 1, "first");
	WAIT_FOR(seat, seat->messages == 1);
	assert_int_equal(seat->joined, 2);
	assert_false(seat->was_own);
	peer_says(ENVELOPE_USER, 5, 1, "first");
	peer_says(99, 5, 3, "of later days");
	peer_says(ENVELOPE_USER, 5, 2, "second");
	WAIT_FOR(seat, seat->messages == 2);
	assert_string_equal(seat->text, "second");
	peer_says(ENVELOPE_GOODBYE, 5, 4, "");
	WAIT_FOR(seat, seat->left == 1);
	assert_int_equal(seat->reason, HAOPS_CLUSTER_LEFT);
	fake_peer(peer, false, GROUP_PROCESS_DOWN);
	WAIT_FOR(seat, haops_cluster_get_view(seat->cluster)->member_count == 1);
	assert_int_equal(seat->left, 1);
}

static void test_rubbish_is_dropped(void **state)
{
	struct seat *seat = *state;
	uint8_t newer[ENVELOPE_LEN + 1] = {0};
	const struct haops_cluster_view *view;

	join_up(seat);
	view = haops_cluster_get_view(seat->cluster);
	fake_peer(peer, true, GROUP_LEAVE);
	fake_ring(8, 2, true);
	for (int i = 0; i < 12; i++)
		fake_message(peer, "rubbish", 7);
	peer_says(ENVELOPE_USER, view->incarnation, 1, "not ours");
	memcpy(newer, "HaoC\2\2", 6);
	fake_message(peer, newer, sizeof(newer));
	fake_message(peer, newer, sizeof(newer));
	peer_says(ENVELOPE_USER, 5, 1, "good");
	WAIT_FOR(seat, seat->messages == 1);
	assert_string_equal(seat->text, "good");
	assert_non_null(strstr(seat->log, "(1 in all)"));
	assert_non_null(strstr(seat->log, "(10 in all)"));
	assert_null(strstr(seat->log, "(2 in all)"));
	assert_non_null(strstr(seat->log, "newer version"));
	assert_null(strstr(strstr(seat->log, "newer version") + 1, "newer version"));
}

static void test_quorum_of_another_ring_is_none(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	fake_ring(8, 1, false);
	assert_int_equal(send_text(seat, "m", 0), 0);
	WAIT_FOR(seat, !haops_cluster_get_view(seat->cluster)->is_quorate);
	assert_int_equal(send_text(seat, "n", 0), 0);
	WAIT_FOR(seat, seat->sent_ok == 2);
	assert_false(seat->was_quorate);
}

/* Both come at once, when the thread was busy: the view of the ring is told first. */
static void test_ring_comes_before_its_messages(void **state)
{
	struct seat *seat = *state;

	join_up(seat);
	seat->fake->blocks = true;
	assert_int_equal(send_text(seat, "m", 0), 0);
	WAIT_FOR(seat, haops_cluster_stuck_ms(seat->cluster) > 0);
	fake_ring(8, 1, true);
	fake_unblock();
	WAIT_FOR(seat, seat->messages == 1);
	assert_int_equal(seat->message_ring, 8);
	assert_true(seat->was_quorate);
}

/* One who does not dispatch: everything is there when he comes. */
static void test_caller_is_late(void **state)
{
	struct seat *seat = *state;
	const int count = 10000;

	join_up(seat);
	fake_peer(peer, true, GROUP_LEAVE);
	fake_ring(8, 2, true);
	for (int i = 1; i <= count; i++)
		peer_says(ENVELOPE_USER, 5, (uint64_t)i, "m");
	WAIT_FOR(seat, seat->messages == count);
	assert_int_equal(seat->last_seq, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAT(test_options_are_checked),
		SEAT(test_joins_sends_leaves),
		SEAT(test_arguments_are_checked),
		SEAT(test_dispatch_handles_no_more_than_asked),
		SEAT(test_corosync_is_not_there),
		SEAT(test_reasons_are_told),
		SEAT(test_sent_again_after_a_crash),
		SEAT(test_waits_for_quorum_after_a_restart),
		SEAT(test_goes_on_without_quorum_in_the_end),
		SEAT(test_unechoed_are_bounded),
		SEAT(test_volatile_is_not_kept_over_a_silence),
		SEAT(test_busy_is_tried_again),
		SEAT(test_lost_without_a_word),
		SEAT(test_silence_is_noticed_without_traffic),
		SEAT(test_a_call_that_hangs),
		SEAT(test_leave_keeps_its_deadline),
		SEAT(test_leave_sends_what_waits),
		SEAT(test_leave_without_echo),
		SEAT(test_a_peer_comes_speaks_and_goes),
		SEAT(test_rubbish_is_dropped),
		SEAT(test_quorum_of_another_ring_is_none),
		SEAT(test_ring_comes_before_its_messages),
		SEAT(test_caller_is_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
