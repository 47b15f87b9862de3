/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_CLUSTER_SEAT_H
#define HAOPS_TESTS_CLUSTER_SEAT_H

/* A membership on a stand-in for Corosync, with what its handlers were told. For test_cluster.c. */

#include "unit.h"

#include "cluster.h"
#include "envelope.h"
#include "fake_corosync.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

#define WAIT_MS 10000
/* Much more than a busy machine keeps a thread waiting. */
#define SILENT_MS 500

struct seat {
	struct haops_ctx *ctx;
	struct haops_cluster *cluster;
	struct fake *fake;
	int views, joined, left, messages, sent_ok, sent_bad, links;
	int last_result;
	enum haops_cluster_reason reason;
	enum haops_cluster_state state;
	uint64_t ring, message_ring; /* as told; when the last message came */
	bool was_own, was_quorate;
	uint64_t last_seq;
	char text[64];
	char trouble[256];
	char log[512];
};

static void on_view(void *userdata, const struct haops_cluster_view *view)
{
	struct seat *seat = userdata;

	seat->views++;
	seat->state = view->state;
	seat->ring = view->ring.seq;
	(void)snprintf(seat->trouble, sizeof(seat->trouble), "%s", view->trouble);
}

static void on_joined(void *userdata, const struct haops_cluster_member *member)
{
	struct seat *seat = userdata;

	(void)member;
	seat->joined++;
}

static void on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	struct seat *seat = userdata;

	(void)member;
	seat->left++;
	seat->reason = reason;
}

static void on_message(void *userdata, const struct haops_cluster_message *message)
{
	struct seat *seat = userdata;

	seat->messages++;
	seat->message_ring = seat->ring;
	seat->was_own = message->is_own;
	seat->was_quorate = message->is_quorate;
	seat->last_seq = message->seq;
	(void)snprintf(seat->text, sizeof(seat->text), "%.*s", (int)message->len,
		       (const char *)message->data);
}

static void on_sent(void *userdata, uint64_t seq, int result)
{
	struct seat *seat = userdata;

	(void)seq;
	seat->sent_ok += result == 0;
	seat->sent_bad += result != 0;
	seat->last_result = result;
}

static void on_links(void *userdata, const struct haops_cluster_link *links, size_t count)
{
	struct seat *seat = userdata;

	(void)links;
	seat->links += (int)count;
}

static void on_log(void *userdata, enum haops_log_level level, const char *message)
{
	struct seat *seat = userdata;
	size_t len = strlen(seat->log);

	if (level <= HAOPS_LOG_WARNING)
		(void)snprintf(seat->log + len, sizeof(seat->log) - len, "%s\n", message);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Dispatches until the condition holds. */
#define WAIT_FOR(seat, condition)                                                                  \
	do {                                                                                       \
		int64_t until_ms_ = now_ms() + WAIT_MS;                                            \
		while (!(condition)) {                                                             \
			assert_true(now_ms() < until_ms_);                                         \
			turn(seat);                                                                \
		}                                                                                  \
	} while (0)

static void turn(struct seat *seat)
{
	struct pollfd fd = {.fd = haops_cluster_fd(seat->cluster), .events = POLLIN};

	if (poll(&fd, 1, 10) > 0)
		assert_true(haops_cluster_dispatch(seat->cluster, 8) >= 0);
}

static void join(struct seat *seat, const struct haops_cluster_options *options)
{
	const struct haops_cluster_handlers handlers = {.view = on_view,
							.joined = on_joined,
							.left = on_left,
							.message = on_message,
							.sent = on_sent,
							.links = on_links};
	const struct cluster_join how = {.ops = &fake_ops,
					 .options = options,
					 .handlers = &handlers,
					 .userdata = seat};

	assert_int_equal(cluster_join(seat->ctx, &how, &seat->cluster), 0);
}

static const struct haops_cluster_options options = {.group = "test",
						     .queue_max = 8,
						     .unechoed_max = 4,
						     .silent_ms = SILENT_MS};

static int setup(void **state)
{
	struct seat *seat = calloc(1, sizeof(*seat));

	if (!seat || haops_ctx_new(&seat->ctx) < 0)
		return -1;
	haops_ctx_set_log(seat->ctx, HAOPS_LOG_WARNING, on_log, seat);
	seat->fake = fake_begin();
	*state = seat;
	return 0;
}

static int teardown(void **state)
{
	struct seat *seat = *state;

	fake_unblock();
	(void)haops_cluster_leave(seat->cluster, haops_deadline_after(seat->ctx, 1000));
	fake_end();
	(void)haops_ctx_free(seat->ctx);
	free(seat);
	return 0;
}

static void join_up(struct seat *seat)
{
	join(seat, &options);
	WAIT_FOR(seat, seat->state == HAOPS_CLUSTER_UP && seat->joined == 1);
}

static int send_text(struct seat *seat, const char *text, unsigned int flags)
{
	return haops_cluster_send(seat->cluster, text, strlen(text), flags, NULL);
}

static int leave(struct seat *seat, int64_t ms)
{
	int r = haops_cluster_leave(seat->cluster, haops_deadline_after(seat->ctx, ms));

	seat->cluster = NULL;
	return r;
}

#define SEAT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
